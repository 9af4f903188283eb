//! The elements of one case (人案物场卷): persons with their measures, things with their custody chain, stays in handling
//! areas, files with versions and loans; each with the acts that say so and what the rules find about it.
//!
//! Made anew from the log at each call: headers say who, what, when and where; of bodies only three attributes that name
//! nobody are read (`days`, `version`, `renewal`) and the end of an act (`ended`). Names need [`Office::names`], which leaves
//! a trace. What a chain lacks is marked as a gap; whether that breaks a rule is said by the rule's own finding beside it,
//! never by this module. Articles: PSA 187–197 and PSC 227–236 (things), AREA 4 (stays), PSA 260–263 (files), K9 (whose
//! trace it is: a person's, a thing's, a visit's).

mod chains;

use std::collections::{HashMap, HashSet};

use law::rule::{Outcome, Template};
use model::{Activity, EventId, Micros, ObjectType, OrganCode, Pseudonym, Qualifier, Value};

use crate::{
    Action, ActorView, CaseKey, CaseRow, CaseStanding, Error, ObjectView, Office, Permit, Standing,
    entry::Opened, may,
};

pub use chains::{Custody, FileElement, Gap, GapKind, ItemElement, Link, Loan, Measure, Stay};
pub use chains::{PersonElement, Version};

/// Acts of a case that are looked at; what comes later is counted, not shown.
const ACTS: u32 = 10_000;
/// Acts read from the register at once.
const PIECE: u32 = 500;

/// An act, as the chains need it.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementAct {
    /// Position in the log.
    pub index: u64,
    /// Id.
    pub event: EventId,
    /// What was done.
    pub activity: Activity,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// When it is said to have ended, where it lasts.
    pub ended: Option<Micros>,
    /// When it was recorded.
    pub recorded: Micros,
    /// In whose name.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Who acted.
    pub actors: Vec<ActorView>,
    /// Who approved, by the roles that the packs name for this activity.
    pub approvers: Vec<ActorView>,
    /// What it concerns, beside the case.
    pub objects: Vec<ObjectView>,
    /// Its place in the timeline of the case, from 0; `None` where it does not name the case and was found by its thing.
    pub place: Option<u64>,
    /// A later act says it anew: it counts for nothing.
    pub superseded: bool,
    /// Days for which something is lent.
    pub days: Option<i64>,
    /// Number of the version that it makes.
    pub version: Option<i64>,
    /// A loan is renewed.
    pub renewal: bool,
}

/// An object that is neither person, thing, place nor file: an alert, a case that this one meets, what another log knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherElement {
    /// The object.
    pub object: ObjectView,
    /// Its acts: positions in [`Elements::acts`].
    pub acts: Vec<usize>,
}

/// A place with the stays in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceElement {
    /// The place; `None` for stays of which no place is on record.
    pub object: Option<ObjectView>,
    /// Acts that name it.
    pub acts: Vec<usize>,
    /// Stays, by the time of entry.
    pub stays: Vec<Stay>,
}

/// The elements of a case. Every object of its acts is in exactly one of the five lists.
#[derive(Clone, Debug, PartialEq)]
pub struct Elements {
    /// Its head.
    pub head: CaseRow,
    /// Its acts by the time at which they are said to have happened, and those of its things and files that name no case.
    pub acts: Vec<ElementAct>,
    /// Acts that are not looked at because there are too many.
    pub left_out: u64,
    /// 人.
    pub persons: Vec<PersonElement>,
    /// 物.
    pub items: Vec<ItemElement>,
    /// 场.
    pub places: Vec<PlaceElement>,
    /// 卷.
    pub files: Vec<FileElement>,
    /// Alerts, other cases, and what else there is.
    pub others: Vec<OtherElement>,
    /// What stands about the case.
    pub standing: CaseStanding,
}

impl Elements {
    /// What stands: a finding by its position, as [`Gap::findings`] and others name it.
    pub fn standing(&self, at: usize) -> Option<&Standing> {
        self.standing.found.get(at)
    }
}

impl Office {
    /// The elements of a case, without names.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; those of the log.
    pub async fn elements(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<Elements, Error> {
        let viewer = permit.viewer();
        let head = self.visible(viewer, Action::ReadCase, key).await?;
        let standing = self.case_standing(permit, key, false).await?;
        let (mut places, mut left_out) = (Vec::new(), 0);
        while places.len() < ACTS as usize {
            let (rows, total) = (self.inner.register)
                .timeline(key.0, PIECE, places.len() as u64)
                .await?;
            let read = rows.len() as u64;
            places.extend(rows.iter().map(|r| r.index));
            left_out = total.saturating_sub(places.len() as u64);
            if read == 0 || left_out == 0 {
                break;
            }
        }
        // Acts about its things and files that name no case belong to their chains all the same.
        let scope = self.inner.scope(viewer, Action::ReadCase);
        let loose = self.inner.register.loose_acts_of(key.0, PIECE).await?;
        let mut indexes = places.clone();
        indexes.extend(loose.iter().filter(|l| scope.holds(&l.1)).map(|l| l.0));
        let opened = self.inner.open_bodies(indexes).await?;
        let place: HashMap<u64, u64> = (0..).zip(places).map(|(at, index)| (index, at)).collect();
        let acts = self.element_acts(opened, key, &place).await?;
        let mut elements = Elements {
            head,
            acts,
            left_out,
            persons: Vec::new(),
            items: Vec::new(),
            places: Vec::new(),
            files: Vec::new(),
            others: Vec::new(),
            standing,
        };
        elements.sort_out(self.now());
        Ok(elements)
    }

    async fn element_acts(
        &self,
        opened: Vec<Opened>,
        key: CaseKey,
        place: &HashMap<u64, u64>,
    ) -> Result<Vec<ElementAct>, Error> {
        let catalogue = self.catalogue();
        let tree = self.inner.register.tree();
        let superseded: HashSet<EventId> = opened
            .iter()
            .filter_map(|o| o.header.correction_of)
            .collect();
        let mut names = HashMap::new();
        let mut acts = Vec::with_capacity(opened.len());
        for Opened {
            index,
            header,
            body,
            ..
        } in opened
        {
            let approves = catalogue.activity(header.activity.as_str());
            let (mut actors, mut approvers) = (Vec::new(), Vec::new());
            for a in header.actor {
                let approves = approves.is_some_and(|d| d.approver_roles.contains(&a.role));
                let view = self.actor(a.p, a.role, &mut names).await?;
                if approves {
                    approvers.push(view);
                } else {
                    actors.push(view);
                }
            }
            let attr = |key: &str| body.as_ref().and_then(|b| b.attr(key)).map(|a| &a.value);
            let number = |key: &str| match attr(key) {
                Some(Value::Int(n)) => Some(*n),
                Some(Value::Float(n)) if n.fract() == 0.0 => Some(*n as i64),
                _ => None,
            };
            let ended = match attr("ended") {
                Some(Value::String(text)) => text.parse::<Micros>().ok(),
                Some(Value::Time(at)) => Some(at.instant()),
                _ => None,
            };
            acts.push(ElementAct {
                index,
                superseded: superseded.contains(&header.id),
                event: header.id,
                days: number("days"),
                version: number("version"),
                renewal: attr("renewal") == Some(&Value::Bool(true)),
                activity: header.activity,
                occurred: header.occurred,
                ended: ended.filter(|end| *end >= header.occurred),
                recorded: header.recorded,
                organ_name: tree.name(&header.organ),
                organ: header.organ,
                actors,
                approvers,
                objects: (header.objects.into_iter())
                    .filter(|o| o.id != key.0)
                    .map(|o| ObjectView {
                        id: o.id,
                        object_type: o.object_type,
                        qualifier: o.qualifier,
                    })
                    .collect(),
                place: place.get(&index).copied(),
            });
        }
        acts.sort_by_key(|a| (a.occurred, a.index));
        Ok(acts)
    }
}

/// An object with its acts, as they come.
struct Gathered {
    object: ObjectView,
    parts: Vec<Qualifier>,
    acts: Vec<usize>,
}

impl Elements {
    /// Puts every object of the acts into its list.
    fn sort_out(&mut self, now: Micros) {
        let mut at: HashMap<(ObjectType, Pseudonym), usize> = HashMap::new();
        let mut all: Vec<Gathered> = Vec::new();
        // What the node says about an object is no act of it; only an object that nothing else names is known by that.
        let own = |act: &&(usize, &ElementAct)| act.1.activity.as_str() == crate::watcher::ALERT;
        let numbered = || self.acts.iter().enumerate();
        let acts = numbered().filter(|a| !own(&a));
        let known: HashSet<Pseudonym> = (numbered().filter(|a| !own(&a)))
            .flat_map(|(_, a)| a.objects.iter().map(|o| o.id))
            .collect();
        for (n, act) in acts.chain(numbered().filter(|a| own(&a))) {
            let told = act.activity.as_str() == crate::watcher::ALERT;
            for object in &act.objects {
                if told && known.contains(&object.id) {
                    continue;
                }
                let key = (object.object_type.clone(), object.id);
                let i = *at.entry(key).or_insert_with(|| {
                    all.push(Gathered {
                        object: object.clone(),
                        parts: Vec::new(),
                        acts: Vec::new(),
                    });
                    all.len() - 1
                });
                let gathered = &mut all[i];
                if gathered.acts.last() != Some(&n) {
                    gathered.acts.push(n);
                }
                if let Some(part) = &object.qualifier
                    && !gathered.parts.contains(part)
                {
                    gathered.parts.push(part.clone());
                }
            }
        }
        let said = Said {
            acts: &self.acts,
            standing: &self.standing,
        };
        let mut stays: Vec<Stay> = Vec::new();
        for Gathered {
            object,
            parts,
            acts,
        } in all
        {
            match object.object_type.as_str() {
                "person" => {
                    stays.extend(chains::stays(&said, &object, &acts, now));
                    self.persons
                        .push(chains::person(&said, object, parts, acts));
                }
                "item" => self.items.push(chains::item(&said, object, acts)),
                "file" => self.files.push(chains::file(&said, object, acts, now)),
                "place" => self.places.push(PlaceElement {
                    object: Some(object),
                    acts,
                    stays: Vec::new(),
                }),
                _ => self.others.push(OtherElement { object, acts }),
            }
        }
        stays.sort_by_key(|s| s.acts.first().copied());
        for stay in stays {
            let id = stay.place.as_ref().map(|p| p.id);
            let here = (self.places.iter()).position(|p| p.object.as_ref().map(|o| o.id) == id);
            let here = here.unwrap_or_else(|| {
                self.places.push(PlaceElement {
                    object: None,
                    acts: Vec::new(),
                    stays: Vec::new(),
                });
                self.places.len() - 1
            });
            self.places[here].stays.push(stay);
        }
    }
}

/// The acts, with what the rules say of them.
struct Said<'a> {
    acts: &'a [ElementAct],
    standing: &'a CaseStanding,
}

impl Said<'_> {
    fn kind(&self, at: usize) -> &str {
        self.acts[at].activity.as_str()
    }

    /// What is broken, about to be, or advised, about this object in these acts; positions in [`CaseStanding::found`].
    fn about(&self, object: &ObjectView, acts: &[usize]) -> Vec<usize> {
        let shown = |s: &Standing| {
            matches!(
                Outcome::named(s.finding.outcome),
                Some(Outcome::Breached | Outcome::AtRisk)
            )
        };
        self.matching(object, acts, shown)
    }

    /// The clock about this object that began with one of these acts and runs out first, of what is still to be done.
    fn due(&self, object: &ObjectView, acts: &[usize]) -> Option<usize> {
        let open = |s: &Standing| {
            s.wanted && s.finding.due.is_some() && s.rule.grade != law::rule::Grade::Blue
        };
        (self.matching(object, acts, open).into_iter())
            .min_by_key(|at| self.standing.found[*at].finding.due)
    }

    fn matching(
        &self,
        object: &ObjectView,
        acts: &[usize],
        wanted: impl Fn(&Standing) -> bool,
    ) -> Vec<usize> {
        let id = object.id.to_string();
        let own = object.object_type.as_str();
        let is = |of: &(String, String)| of.0 == own && of.1 == id;
        let here = |index: u64| acts.iter().any(|at| self.acts[*at].index == index);
        (self.standing.found.iter().enumerate())
            .filter(|(_, s)| wanted(s))
            .filter(|(_, s)| {
                let f = &s.finding;
                let acted = here(f.activation.position)
                    || f.witness.as_ref().is_some_and(|w| here(w.position));
                // A rule about another person of the same act says nothing of this one.
                let about = is(&f.object)
                    || f.per.as_ref().is_some_and(is)
                    || (f.per.is_none() && matches!(f.object.0.as_str(), "case" | "actor"));
                acted && about
            })
            .map(|(at, _)| at)
            .collect()
    }

    /// Whether a finding says that somebody was kept too long: a limit from arrival to leaving that was broken.
    fn is_overlong(&self, at: usize) -> bool {
        let Some(standing) = self.standing.found.get(at) else {
            return false;
        };
        let begins = matches!(
            standing.finding.activation.activity.as_str(),
            "cr.arrive" | "ad.arrive" | "ad.cq_start" | "plc.enter"
        );
        let leaves = |a: &Activity| {
            matches!(
                a.as_str(),
                "cr.leave" | "ad.leave" | "ad.cq_end" | "plc.exit"
            )
        };
        let until_he_leaves = match &standing.rule.template {
            Template::Response(r) => r.expect.iter().any(|s| s.any.iter().any(leaves)),
            _ => false,
        };
        let finding = &standing.finding;
        let broken = finding.outcome == Outcome::Breached.name() || finding.recordable.is_some();
        begins && until_he_leaves && broken
    }
}
