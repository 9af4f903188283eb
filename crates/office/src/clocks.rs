//! Clocks as a list (what is to be done by when), what stands about one case with its clocks, and who adopted which pack.
//!
//! For pages. Answered from what `watcher` holds and from the log; nothing here judges, and a clock is as visible as the act
//! that began it. Not the findings themselves: those are `finding.rs`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ::watch::{Change, Engine};
use law::rule::{Grade, Outcome, Rule};
use model::{Micros, OrganCode, Value};
use register::{CaseQuery, CaseSort, Scope};

use crate::{
    Action, ActorView, CaseKey, Error, Office, Permit, Viewer, append::object_type_of,
    entry::Opened, finding::in_scope, may, permissions,
};

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;
/// Due later than that is a place-holder (a limit that never ends), not something to do.
const FAR: i64 = 731 * DAY;
/// Activations that one rule could not check, of which a case tells each.
const UNCHECKED: u64 = 20;
/// Cases that a search for a number takes in.
const CASES: u32 = 500;

/// When a clock runs out, seen from now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DueGroup {
    /// Over, and not done.
    Overdue,
    /// Before the end of this local day.
    Today,
    /// Before the end of the sixth day after it: seven days, today included.
    Week,
    /// Later.
    Later,
}

impl DueGroup {
    /// All of them, soonest first.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Today, Self::Week, Self::Later];
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockSort {
    /// What expires first.
    #[default]
    Due,
    /// What began first.
    Since,
    /// By rule.
    Rule,
    /// By code of the organ.
    Organ,
}

/// Which clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockQuery {
    /// Of one organ and those below.
    pub organ: Option<OrganCode>,
    /// Only those of cases in which the viewer took part.
    pub mine: bool,
    /// Only those that run out then.
    pub group: Option<DueGroup>,
    /// Only those that are past their warning, or over.
    pub at_risk: bool,
    /// Part of a case number, of a rule's id, of its article or of what is wanted; empty for all.
    pub q: String,
    /// In which order.
    pub sort: ClockSort,
    /// The other way round.
    pub descending: bool,
    /// At most so many.
    pub limit: usize,
    /// After so many.
    pub offset: usize,
}

/// An obligation with a clock: open, or over and still not done.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockRow {
    /// Id of the finding.
    pub id: String,
    /// The rule, with its article and what is wanted.
    pub rule: Rule,
    /// The case; `None` where there is none, or none that the viewer may see.
    pub case: Option<CaseKey>,
    /// Its number, if known.
    pub number: Option<String>,
    /// What the obligation is about: type and pseudonym.
    pub object: (String, String),
    /// Organ of the act that began it.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// What it is now: pending, at risk or breached.
    pub outcome: Outcome,
    /// When it runs out, seen from now.
    pub group: DueGroup,
    /// When it began.
    pub since: Micros,
    /// First instant of the warning.
    pub warns: Option<Micros>,
    /// Last instant that is in time.
    pub due: Micros,
    /// Position of the act that began it.
    pub activation: u64,
}

/// A piece of the list of clocks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClockList {
    /// The rows.
    pub rows: Vec<ClockRow>,
    /// How many rows the whole list has.
    pub total: u64,
    /// How many there are in each group of [`DueGroup::ALL`], whichever group was asked for.
    pub counts: [u64; 4],
    /// How many are left out because they run out more than two years from now.
    pub far: u64,
}

/// What stands about a case, with what a page needs beside the finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The finding with its evidence.
    pub finding: ::watch::Finding,
    /// The rule, shared by all that it says of the case.
    pub rule: Arc<Rule>,
    /// When the obligation began.
    pub since: Micros,
    /// First instant of the warning, where a clock runs.
    pub warns: Option<Micros>,
    /// Position of what was expected, where it came after the due time.
    pub late: Option<u64>,
    /// Whether what was expected is still to be done.
    pub wanted: bool,
}

/// Everything that stands about a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseStanding {
    /// Each with its evidence. Of what could not be checked by one rule, the first few.
    pub found: Vec<Standing>,
    /// How often more a rule could not be checked.
    pub unchecked: Vec<(Arc<Rule>, u64)>,
}

/// What the node wrote down about a finding: that it was raised, or that it does not stand any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertView {
    /// Position in the log.
    pub index: u64,
    /// The rule.
    pub rule: String,
    /// Id of the finding.
    pub finding: String,
    /// What it became: a name of [`Outcome`].
    pub outcome: String,
    /// Position of the act that began it.
    pub activation: Option<u64>,
    /// The sentence at that time, Chinese.
    pub words: Option<String>,
}

/// That a pack was put into force.
#[derive(Clone, Debug, PartialEq)]
pub struct Adoption {
    /// Id of the pack.
    pub pack: String,
    /// Its version.
    pub version: String,
    /// Hash of its files.
    pub hash: String,
    /// When.
    pub at: Micros,
    /// Who; nobody where it came with the node.
    pub by: Vec<ActorView>,
    /// The entry that says so.
    pub index: u64,
}

impl Office {
    /// Obligations with a clock that are open, or over and still not done, within what the viewer may see.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn clock_list(
        &self,
        permit: &Permit<may::ReadCase>,
        query: &ClockQuery,
    ) -> Result<ClockList, Error> {
        self.clock_rows(permit.viewer(), query, None).await
    }

    /// The same list to be given out as a file. Leaves an entry first, with what was asked (as the page says it) and how many
    /// rows.
    ///
    /// # Errors
    /// Those of the register and of the log.
    pub async fn clocks_given_out(
        &self,
        permit: &Permit<may::ReadCase>,
        query: &ClockQuery,
        asked: &str,
    ) -> Result<ClockList, Error> {
        let viewer = permit.viewer();
        let list = self.clock_rows(viewer, query, None).await?;
        self.leave_list(viewer, Action::ReadCase, "clocks", asked, list.rows.len())
            .await?;
        Ok(list)
    }

    /// The same; of each group of [`DueGroup::ALL`] at most so many.
    pub(crate) async fn clock_rows(
        &self,
        viewer: &Viewer,
        query: &ClockQuery,
        each: Option<[usize; 4]>,
    ) -> Result<ClockList, Error> {
        let scope = self.chosen(viewer, query.organ.as_ref());
        let cases = self.cases_like(&scope, query.q.trim()).await?;
        let now = self.now().get();
        let mut list = {
            let state = self.inner.watcher.lock();
            let engine = &state.engine;
            let mut chosen = Vec::new();
            let mut list = ClockList::default();
            let mut mine = Mine::new(viewer);
            let ends = ends_of(engine, now);
            for change in engine.standing() {
                let Some(due) = change.due() else { continue };
                if !is_to_do(engine, &change)
                    || !in_scope(&scope, engine.organ(&change))
                    || (query.mine && !mine.has(engine, &change))
                    || !is_like(engine, &change, query.q.trim(), &cases)
                    || (query.at_risk && change.outcome() == Outcome::Pending)
                    || !engine.is_wanted(&change)
                {
                    continue;
                }
                if due > now + FAR {
                    list.far += 1;
                    continue;
                }
                let group = group_of(due, now, ends);
                list.counts[group as usize] += 1;
                if query.group.is_none_or(|g| g == group) {
                    chosen.push((change, due, group));
                }
            }
            list.total = chosen.len() as u64;
            let rule = |c: &Change| engine.program().rule(c.rule).id.as_str();
            match query.sort {
                ClockSort::Due => chosen.sort_by_key(|(c, due, _)| (*due, engine.activation(c))),
                ClockSort::Since => chosen.sort_by_key(|(c, due, _)| (engine.since(c), *due)),
                ClockSort::Rule => {
                    chosen.sort_by(|(a, x, _), (b, y, _)| (rule(a), x).cmp(&(rule(b), y)));
                }
                ClockSort::Organ => chosen.sort_by(|(a, x, _), (b, y, _)| {
                    (engine.organ(a), x).cmp(&(engine.organ(b), y))
                }),
            }
            if query.descending {
                chosen.reverse();
            }
            if let Some(mut each) = each {
                chosen.retain(|(.., group)| {
                    let left = &mut each[*group as usize];
                    let fits = *left > 0;
                    *left = left.saturating_sub(1);
                    fits
                });
            }
            let piece = chosen.iter().skip(query.offset).take(query.limit);
            list.rows = piece
                .filter_map(|(change, due, group)| row(engine, change, *due, *group))
                .collect();
            list
        };
        let tree = self.inner.register.tree();
        let mut known: HashMap<CaseKey, Option<(Option<String>, bool)>> = HashMap::new();
        for row in &mut list.rows {
            row.organ_name = tree.name(&row.organ);
            let Some(case) = row.case else { continue };
            let about = match known.get(&case) {
                Some(about) => about.clone(),
                None => {
                    let found = self.inner.register.object(case.0).await?;
                    let about = found.map(|o| (o.name, scope.holds(&o.organ)));
                    known.insert(case, about.clone());
                    about
                }
            };
            match about {
                Some((number, true)) => row.number = number,
                _ => row.case = None,
            }
        }
        Ok(list)
    }

    /// How many obligations of the viewer's are over or run out today.
    pub(crate) fn clocks_due(&self, viewer: &Viewer, mine: bool) -> usize {
        let scope = self.inner.scope(viewer, Action::ReadCase);
        let now = self.now().get();
        let state = self.inner.watcher.lock();
        let engine = &state.engine;
        let ends = ends_of(engine, now);
        let mut own = Mine::new(viewer);
        let due = engine.standing().filter(|c| {
            c.due()
                .is_some_and(|due| group_of(due, now, ends) <= DueGroup::Today)
                && is_to_do(engine, c)
                && in_scope(&scope, engine.organ(c))
                && (!mine || own.has(engine, c))
                && engine.is_wanted(c)
        });
        due.count()
    }

    /// Everything that stands about a case: broken, open with a clock, excused, not checkable. Broken limits of law first.
    /// With `clocks_only`, what is still to be done and nothing else, which is quick.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn case_standing(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
        clocks_only: bool,
    ) -> Result<CaseStanding, Error> {
        self.visible(permit.viewer(), Action::ReadCase, key).await?;
        self.watched(self.inner.applied()).await;
        let state = self.inner.watcher.lock();
        let engine = &state.engine;
        let mut rules: HashMap<::watch::RuleNo, (Arc<Rule>, u64)> = HashMap::new();
        let mut found = Vec::new();
        for c in &engine.about("case", &key.to_string()) {
            let outcome = c.outcome();
            let open = matches!(outcome, Outcome::Pending | Outcome::AtRisk);
            if open && c.due().is_none() && !c.is_unrecorded() {
                continue;
            }
            let wanted = c.due().is_some() && engine.is_wanted(c);
            if clocks_only && !wanted {
                continue;
            }
            let rule = rules
                .entry(c.rule)
                .or_insert_with(|| (Arc::new(engine.program().rule(c.rule).clone()), 0));
            if outcome == Outcome::NotCheckable {
                rule.1 += 1;
                if rule.1 > UNCHECKED {
                    continue;
                }
            }
            found.push(Standing {
                finding: engine.finding(c),
                rule: Arc::clone(&rule.0),
                since: Micros::new(engine.since(c)).unwrap_or_default(),
                warns: (wanted.then(|| engine.warns(c)).flatten())
                    .and_then(|t| Micros::new(t).ok()),
                late: (!wanted).then(|| engine.late(c)).flatten(),
                wanted,
            });
        }
        found.sort_by_key(|s| {
            let finding = &s.finding;
            (
                crate::finding::rank(finding),
                finding.due.unwrap_or(i64::MAX),
                finding.activation.position,
            )
        });
        let mut unchecked: Vec<_> = (rules.into_values())
            .filter(|(_, n)| *n > UNCHECKED)
            .map(|(rule, n)| (rule, n - UNCHECKED))
            .collect();
        unchecked.sort_by(|(a, _), (b, _)| a.id.as_str().cmp(b.id.as_str()));
        Ok(CaseStanding { found, unchecked })
    }

    /// What the node wrote down about findings of a case, of these entries. Its own words: reading them leaves no trace.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn alerts(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
        indexes: Vec<u64>,
    ) -> Result<Vec<AlertView>, Error> {
        self.visible(permit.viewer(), Action::ReadCase, key).await?;
        let opened = self.inner.open_bodies(indexes).await?;
        let alert = |o: Opened| {
            let own = o.header.activity.as_str() == crate::watcher::ALERT
                && o.header.objects.iter().any(|object| object.id == key.0);
            let body = o.body.filter(|_| own)?;
            let text = |key: &str| body.text(key).map(str::to_owned);
            let activation = body.attrs.iter().find(|a| a.key == "activation");
            Some(AlertView {
                index: o.index,
                rule: text("rule")?,
                finding: text("finding")?,
                outcome: text("outcome")?,
                activation: activation.and_then(|a| match a.value {
                    Value::Int(n) => u64::try_from(n).ok(),
                    _ => None,
                }),
                words: body.words.clone(),
            })
        };
        Ok(opened.into_iter().filter_map(alert).collect())
    }

    /// Who put which pack into force, and when; newest first.
    ///
    /// # Errors
    /// Those of the register and of the log.
    pub async fn adoptions(&self, _: &Permit<may::SeeRules>) -> Result<Vec<Adoption>, Error> {
        let mut indexes = Vec::new();
        for pack in self.catalogue().packs() {
            let id = (self.inner.key).pseudonym(&object_type_of("pack"), "", &pack.id);
            indexes.extend(self.inner.register.entries_of(id).await?);
        }
        indexes.sort_unstable();
        indexes.dedup();
        let mut names = HashMap::new();
        let mut adoptions = Vec::new();
        for opened in self.inner.open_bodies(indexes).await?.into_iter().rev() {
            let Some(body) = opened
                .body
                .filter(|_| opened.header.activity.as_str() == "lh.pack")
            else {
                continue;
            };
            let mut by = Vec::new();
            for actor in opened.header.actor {
                by.push(self.actor(actor.p, actor.role, &mut names).await?);
            }
            let text = |key: &str| body.text(key).unwrap_or_default().to_owned();
            adoptions.push(Adoption {
                pack: text("pack"),
                version: text("version"),
                hash: text("hash"),
                at: opened.header.recorded,
                by,
                index: opened.index,
            });
        }
        Ok(adoptions)
    }

    /// Cases whose number is like that; `None` where nothing is looked for.
    async fn cases_like(&self, scope: &Scope, q: &str) -> Result<Option<HashSet<String>>, Error> {
        if q.is_empty() {
            return Ok(None);
        }
        let query = CaseQuery {
            q: q.to_owned(),
            object_type: object_type_of("case"),
            scope: scope.clone(),
            from: None,
            to: None,
            sort: CaseSort::Last,
            ascending: false,
            limit: CASES,
            offset: 0,
        };
        let (rows, _) = self.inner.register.objects(&query).await?;
        Ok(Some(rows.iter().map(|r| r.id.to_string()).collect()))
    }

    pub(crate) fn chosen(&self, viewer: &Viewer, organ: Option<&OrganCode>) -> Scope {
        let scope = self.inner.scope(viewer, Action::ReadCase);
        let Some(organ) = organ else {
            return scope;
        };
        let mut chosen = self.inner.register.tree().subtree([organ]);
        chosen.retain(|o| scope.holds(o));
        Scope::Only(chosen)
    }
}

/// Whether somebody sees what a whole unit owes, and not only his own.
pub(crate) fn sees_unit(viewer: &Viewer) -> bool {
    permissions::may_do(viewer, Action::SeeUnits) && permissions::may_do(viewer, Action::ReadCase)
}

/// In which cases a person took part, each asked once.
struct Mine {
    person: String,
    cases: HashMap<String, bool>,
}

impl Mine {
    fn new(viewer: &Viewer) -> Self {
        Self {
            person: viewer.person.to_string(),
            cases: HashMap::new(),
        }
    }

    fn has(&mut self, engine: &Engine, change: &Change) -> bool {
        if engine.acted(change, &self.person) {
            return true;
        }
        let Some(case) = engine.named(change, "case") else {
            return false;
        };
        if let Some(known) = self.cases.get(case) {
            return *known;
        }
        let took_part = engine.took_part("case", case, &self.person);
        self.cases.insert(case.to_owned(), took_part);
        took_part
    }
}

/// Ends of this local day and of the sixth after it.
fn ends_of(engine: &Engine, now: i64) -> (i64, i64) {
    let calendar = engine.program().calendar();
    (
        calendar.day_end(calendar.date(now)),
        calendar.day_end(calendar.date(now + 6 * DAY)),
    )
}

fn group_of(due: i64, now: i64, (day, week): (i64, i64)) -> DueGroup {
    if due < now {
        DueGroup::Overdue
    } else if due <= day {
        DueGroup::Today
    } else if due <= week {
        DueGroup::Week
    } else {
        DueGroup::Later
    }
}

/// Open with a clock, or a limit of law or of work that is broken: what is only advice does not ask for anything.
fn is_to_do(engine: &Engine, change: &Change) -> bool {
    match change.outcome() {
        Outcome::Pending | Outcome::AtRisk | Outcome::Breached => {
            engine.program().rule(change.rule).grade != Grade::Blue
        }
        _ => false,
    }
}

fn is_like(engine: &Engine, change: &Change, q: &str, cases: &Option<HashSet<String>>) -> bool {
    let Some(cases) = cases else { return true };
    let rule = engine.program().rule(change.rule);
    let text = |t: &law::Text| t.zh.contains(q) || t.en.contains(q);
    engine
        .named(change, "case")
        .is_some_and(|c| cases.contains(c))
        || rule.id.as_str().contains(q)
        || rule.want.as_ref().is_some_and(text)
        || text(&rule.broken)
        || (rule.source.iter()).any(|s| format!("{} {}", s.code, s.article).contains(q))
}

fn row(engine: &Engine, change: &Change, due: i64, group: DueGroup) -> Option<ClockRow> {
    let (object_type, id) = engine.object(change);
    Some(ClockRow {
        id: engine.finding_id(change),
        rule: engine.program().rule(change.rule).clone(),
        case: engine.named(change, "case").and_then(|c| c.parse().ok()),
        number: None,
        object: (object_type.to_owned(), id.to_owned()),
        organ: OrganCode::new(engine.organ(change)).ok()?,
        organ_name: String::new(),
        outcome: change.outcome(),
        group,
        since: Micros::new(engine.since(change)).ok()?,
        warns: engine.warns(change).and_then(|t| Micros::new(t).ok()),
        due: Micros::new(due).ok()?,
        activation: engine.activation(change),
    })
}
