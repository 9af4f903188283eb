//! Proposing a step (呈请): the paper is made, the gates are asked as if it had been reviewed and approved, and who must
//! review and who may approve follows from the answer.

use std::collections::BTreeMap;

use law::rule::AttributeKind;
use law::{Catalogue, StepAct};
use model::{
    Activity, Actor, Attr, EventId, FileRef, ObjectRef, OrganCode, Pseudonym, RoleId, TimeText,
    Value,
};

use super::{PROPOSE, Planned, law_roles};
use crate::append::{self, Draft, object_type_of};
use crate::{Action, Barrier, CaseKey, Error, FieldError, Office, Permit, Viewer, may};

/// A step as somebody proposes it.
#[derive(Clone, Debug, PartialEq)]
pub struct NewProposal {
    /// The case.
    pub case: CaseKey,
    /// The act, one of the key steps.
    pub activity: String,
    /// What it concerns: objects of the case.
    pub objects: Vec<Pseudonym>,
    /// Something that the case does not know yet, by its number; of the type that the act is about.
    pub new_object: Option<String>,
    /// Numbers of those who handle it with the proposer.
    pub with: Vec<String>,
    /// What the rules look at, as typed.
    pub attrs: BTreeMap<String, String>,
    /// Reasons, in words.
    pub words: Option<String>,
    /// Attachments that were sent before.
    pub files: Vec<FileRef>,
    /// The same key again is the same proposal.
    pub submission_key: String,
}

/// What would come of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// What stands against it even if everybody agreed.
    pub barriers: Vec<Barrier>,
    /// The review that it needs.
    pub review: Option<Activity>,
    /// Who may approve, from the lowest rank that is enough.
    pub approvers: Vec<RoleId>,
}

/// A step was proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// Its id.
    pub event: EventId,
    /// Position in the log.
    pub index: u64,
}

/// Objects of one step.
const MOST_OBJECTS: usize = 60;
/// Characters of the reasons.
const MOST_WORDS: usize = 20_000;
/// Elements of the case among which objects are looked for.
const ELEMENTS: u32 = 5_000;

impl Office {
    /// What the law says to a step that is not proposed yet.
    ///
    /// # Errors
    /// [`Error::Invalid`] by field; [`Error::NotFound`] for cases of other organs; [`Error::Busy`] while the rules are
    /// behind the log.
    pub async fn try_step(
        &self,
        permit: &Permit<may::ProposeStep>,
        new: &NewProposal,
    ) -> Result<Tried, Error> {
        let planned = self.step_planned(permit.viewer(), new).await?;
        self.step_tried(&planned).await
    }

    /// Proposes a step. It is not done by that: it waits for its review and approval.
    ///
    /// # Errors
    /// As for [`Office::try_step`]; [`Error::Gated`] if it could not be done even if everybody agreed; those of the log.
    pub async fn propose(
        &self,
        permit: &Permit<may::ProposeStep>,
        new: &NewProposal,
    ) -> Result<Proposed, Error> {
        let viewer = permit.viewer();
        let planned = self.step_planned(viewer, new).await?;
        let tried = self.step_tried(&planned).await?;
        if !tried.barriers.is_empty() {
            return Err(Error::Gated(tried.barriers));
        }
        let mut body = append::body();
        let approvers: Vec<&str> = tried.approvers.iter().map(|r| r.as_str()).collect();
        body.attrs = append::texts([
            ("activity", Some(planned.activity.to_string())),
            ("paper", Some(planned.paper())),
            ("review", tried.review.as_ref().map(ToString::to_string)),
            ("approvers", Some(approvers.join(" "))),
            ("planned", Some(planned.text())),
        ]);
        body.files.clone_from(&planned.files);
        let mut draft = Draft::new(PROPOSE, self.now(), planned.organ.clone())
            .about("case", new.case.0)
            .body(body);
        draft.actor.clone_from(&planned.actors);
        let key = &self.inner.key;
        draft.key =
            Some(key.submission(&["step", &viewer.person.to_string(), &new.submission_key]));
        let (event, durable) = self.inner.append(draft).await?;
        let index = durable.index();
        self.inner.caught_up(index).await?;
        self.watched(index + 1).await;
        let event = match durable.duplicate() {
            true => self.inner.open_body(index).await?.0.id,
            false => event,
        };
        Ok(Proposed { event, index })
    }

    /// What the gates say if the review passed and somebody of sufficient rank approved.
    pub(super) async fn step_tried(&self, planned: &Planned) -> Result<Tried, Error> {
        let catalogue = self.inner.catalogue();
        let catalogue = &*catalogue;
        let (_, act) = key_step(catalogue, &planned.activity)?;
        let now = self.now();
        let somebody = |role: &RoleId| Actor {
            p: self
                .inner
                .key
                .pseudonym(&object_type_of("staff"), "", &format!("?{role}")),
            role: role.clone(),
        };
        let mut approvers = Vec::new();
        let (mut barriers, mut demanded) = (Vec::new(), false);
        let ranks = act.approvers.iter().map(Some);
        for role in ranks.chain(act.approvers.is_empty().then_some(None)) {
            let draft = planned.draft(now, role.map(somebody));
            let reviewed = act.review.as_ref().map(|activity| {
                let reviewer = catalogue.activity(activity.as_str());
                let reviewer = reviewer.and_then(|a| a.actor_roles.first());
                let by = somebody(reviewer.unwrap_or(&planned.actors[0].role));
                planned.review(activity, now, by, true, "…")
            });
            let assumed: Vec<&Draft> = reviewed.iter().collect();
            // In the end it is the highest rank that stands here: what rank alone does not mend.
            barriers = self.inner.barriers(&assumed, &draft).await?;
            if act.review.is_some() && !act.always {
                let bare = self.inner.barriers(&[], &draft).await?;
                demanded |= bare.iter().any(|b| !barriers.contains(b));
            }
            if barriers.is_empty() {
                approvers.extend(role.cloned());
            }
        }
        if !approvers.is_empty() {
            barriers.clear();
        }
        Ok(Tried {
            barriers,
            review: act.review.clone().filter(|_| act.always || demanded),
            approvers,
        })
    }

    /// The paper, from what was typed.
    async fn step_planned(&self, viewer: &Viewer, new: &NewProposal) -> Result<Planned, Error> {
        let case = self.visible(viewer, Action::ReadCase, new.case).await?;
        let catalogue = self.inner.catalogue();
        let catalogue = &*catalogue;
        let activity = Activity::new(new.activity.as_str())
            .map_err(|_| Error::field("activity", "unknown", "an act of a key step"))?;
        key_step(catalogue, &activity)?;
        let def = catalogue.activity(activity.as_str());
        let def = def.ok_or_else(|| Error::internal("packs", "a step without its activity"))?;
        let mut wrong = Vec::new();
        let mut names = BTreeMap::new();
        let case_type = object_type_of("case");
        let mut objects = vec![(case_type.clone(), case.key.0, None)];
        names.extend(case.number.clone().map(|n| (case.key.0, n)));
        if new.objects.len() > MOST_OBJECTS {
            wrong.push(FieldError::new(
                "objects",
                "too_long",
                format!("at most {MOST_OBJECTS}"),
            ));
        }
        let elements = match new.objects.is_empty() {
            true => Vec::new(),
            false => self.inner.register.elements(case.key.0, ELEMENTS).await?,
        };
        for id in new.objects.iter().take(MOST_OBJECTS) {
            match elements.iter().find(|e| e.id == *id) {
                Some(e) => {
                    objects.push((e.object_type.clone(), e.id, e.qualifier.clone()));
                    names.extend(e.name.clone().map(|n| (e.id, n)));
                }
                None => wrong.push(FieldError::new("objects", "unknown", "objects of the case")),
            }
        }
        if let (Some(number), Some(object_type)) = (&new.new_object, &def.object_type) {
            let plain = !number.chars().any(char::is_control) && number.chars().count() <= 200;
            if !plain || *object_type == case_type {
                wrong.push(FieldError::new(
                    "new_object",
                    "malformed",
                    "a number of at most 200 characters",
                ));
            } else {
                let id = self.inner.key.pseudonym(object_type, "", number);
                objects.push((object_type.clone(), id, None));
                names.insert(id, number.clone());
            }
        }
        if let Some(wanted) = &def.object_type
            && !objects.iter().any(|(t, ..)| t == wanted)
        {
            wrong.push(FieldError::new(
                "objects",
                "required",
                format!("what the act is about: {wanted}"),
            ));
        }
        let actors = self
            .step_handlers(viewer, &case.organ, &new.with, &mut wrong)
            .await?;
        let attrs = attributes(catalogue, &new.attrs, &mut wrong);
        let words = new
            .words
            .as_deref()
            .map(str::trim)
            .filter(|w| !w.is_empty());
        if words.is_none() {
            wrong.push(FieldError::new("words", "required", "the reasons"));
        }
        if words.is_some_and(|w| w.chars().count() > MOST_WORDS) {
            wrong.push(FieldError::new(
                "words",
                "too_long",
                format!("at most {MOST_WORDS} characters"),
            ));
        }
        for file in &new.files {
            if !self.is_kept(file).await {
                wrong.push(FieldError::new(
                    "files",
                    "unknown",
                    "a file that was sent before",
                ));
            }
        }
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Planned {
            activity,
            organ: case.organ,
            actors,
            objects,
            names,
            attrs,
            words: words.map(ToOwned::to_owned),
            files: new.files.clone(),
        })
    }

    /// The proposer and those with him, as officers of the case.
    async fn step_handlers(
        &self,
        viewer: &Viewer,
        organ: &OrganCode,
        with: &[String],
        wrong: &mut Vec<FieldError>,
    ) -> Result<Vec<Actor>, Error> {
        let officer = RoleId::new("R_OFFICER").expect("an id of a pack");
        if !law_roles(&self.inner, viewer, organ).contains(&officer) {
            wrong.push(FieldError::new(
                "case",
                "not_yours",
                "a case of an organ in which you are an officer",
            ));
        }
        let mut actors = vec![Actor {
            p: viewer.person,
            role: officer.clone(),
        }];
        for number in with {
            let person = self.inner.staff(number);
            let known = self.inner.register.person(person).await?;
            if known.is_none_or(|p| p.ended.is_some()) {
                wrong.push(FieldError::new(
                    "with",
                    "unknown",
                    "numbers of people on the roster",
                ));
            } else if actors.iter().all(|a| a.p != person) {
                actors.push(Actor {
                    p: person,
                    role: officer.clone(),
                });
            }
        }
        Ok(actors)
    }
}

/// The key step of an act.
pub(super) fn key_step<'c>(
    catalogue: &'c Catalogue,
    activity: &Activity,
) -> Result<(&'c law::KeyStepDef, &'c StepAct), Error> {
    catalogue
        .key_step(activity.as_str())
        .ok_or_else(|| Error::field("activity", "unknown", "an act of a key step"))
}

/// What was typed, as values of the kinds that the packs say.
fn attributes(
    catalogue: &Catalogue,
    typed: &BTreeMap<String, String>,
    wrong: &mut Vec<FieldError>,
) -> Vec<Attr> {
    let mut attrs = Vec::new();
    for (key, text) in typed {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let Some(def) = catalogue.attribute(key) else {
            wrong.push(FieldError::new(
                "attrs",
                "unknown",
                format!("an attribute of the packs, not {key}"),
            ));
            continue;
        };
        let value = match &def.kind {
            AttributeKind::Bool => match text {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            AttributeKind::Number => (text.parse().map(Value::Int))
                .or_else(|_| text.parse().map(Value::Float))
                .ok()
                .filter(|v| !matches!(v, Value::Float(f) if !f.is_finite())),
            AttributeKind::Time => text.parse::<TimeText>().map(Value::Time).ok(),
            AttributeKind::OneOf(all) => {
                let known = all.iter().any(|one| one == text);
                known.then(|| Value::String(text.to_owned()))
            }
            AttributeKind::Text => {
                let plain = text.chars().count() <= 2_000 && !text.contains('\0');
                plain.then(|| Value::String(text.to_owned()))
            }
        };
        match value {
            Some(value) => attrs.push(Attr::new(key.clone(), value)),
            None => wrong.push(FieldError::new(
                "attrs",
                "malformed",
                format!("{key}: {:?}", def.kind),
            )),
        }
    }
    attrs
}

impl Planned {
    /// The proposal of an entry, if its body is kept.
    pub(super) fn of(body: &model::Body) -> Option<Self> {
        serde_json::from_str(body.text("planned")?).ok()
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = ObjectRef> {
        self.objects
            .iter()
            .map(|(object_type, id, qualifier)| ObjectRef {
                object_type: object_type.clone(),
                id: *id,
                qualifier: qualifier.clone(),
            })
    }
}
