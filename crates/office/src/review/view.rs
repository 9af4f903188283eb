//! What reviewers see: the queue, and one step with its rules, evidence and gates. Everything on the page of a step is in
//! [`StepView`], so a hash over it says what was shown.

use std::sync::Arc;

use law::rule::Outcome;
use model::{Activity, Attr, EventId, FileRef, Micros, OrganCode, RoleId};
use sha2::{Digest, Sha256};

use super::desk::{Item, Stage};
use super::propose::key_step;
use super::{Planned, acting, law_roles};
use crate::case::{ActorView, NamedObject, ObjectView, TimelineEvent};
use crate::gate::Both;
use crate::{
    Action, Attachment, Barrier, CaseKey, Error, LookKind, Office, PageRequest, Permit, Viewer, may,
};

/// A proposed step in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Its id.
    pub event: EventId,
    /// Position of the proposal in the log.
    pub index: u64,
    /// The act.
    pub activity: Activity,
    /// The key step: `G5`.
    pub step: String,
    /// The case.
    pub case: CaseKey,
    /// Its number, if known.
    pub number: Option<String>,
    /// Organ of the case.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Who proposed it.
    pub proposer: ActorView,
    /// When.
    pub proposed: Micros,
    /// How far it is.
    pub stage: Stage,
    /// The nearest open clock of the case.
    pub due: Option<Micros>,
    /// The role of the law in which the viewer may decide now; `None` where it is not his turn.
    pub role: Option<RoleId>,
    /// What keeps him from it although it is his turn: his own step, his own case.
    pub own: Vec<Barrier>,
}

/// What waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// For the viewer's decision, what expires first on top.
    pub waiting: Vec<StepRow>,
    /// For a decision of his role, but not his.
    pub blocked: Vec<StepRow>,
    /// Proposed by him, the newest first, at most fifty.
    pub mine: Vec<StepRow>,
}

/// A proposed step with everything that is shown to whoever decides on it.
#[derive(Clone, Debug, PartialEq)]
pub struct StepView {
    /// Where it stands.
    pub row: StepRow,
    /// Version of the paper: SHA-256, hexadecimal.
    pub paper: String,
    /// Who handles it.
    pub handlers: Vec<ActorView>,
    /// What it concerns.
    pub objects: Vec<NamedObject>,
    /// What the rules look at.
    pub attrs: Vec<Attr>,
    /// Reasons.
    pub words: Option<String>,
    /// Attachments.
    pub files: Vec<FileRef>,
    /// The review that it needs.
    pub review: Option<Activity>,
    /// Who may approve.
    pub approvers: Vec<RoleId>,
    /// What was decided so far.
    pub opinions: Vec<Opinion>,
    /// The newest acts of the case.
    pub timeline: Vec<TimelineEvent>,
    /// Acts before those.
    pub earlier: u64,
    /// What stands about the case: broken or coming due.
    pub findings: Vec<::watch::Finding>,
    /// Rules on the act: those of the key step first.
    pub rules: Vec<StepRule>,
    /// What would be refused now even if everybody agreed.
    pub barriers: Vec<Barrier>,
    /// SHA-256 over all this, hexadecimal: goes back with the decision.
    pub shown: String,
}

/// A decision that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Who, in which role of the law.
    pub who: ActorView,
    /// When.
    pub at: Micros,
    /// At which stage.
    pub stage: Stage,
    /// Whether it passed.
    pub passed: bool,
    /// In his words.
    pub words: Option<String>,
    /// The entry that says so, and what was shown to him.
    pub index: u64,
}

/// A rule beside a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRule {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// Where it stands.
    pub source: Vec<String>,
    /// What it says.
    pub words: Both,
    /// Whether it is a gate.
    pub gate: bool,
}

/// Acts of the case that are shown.
const EXCERPT: u32 = 20;
/// Findings that are shown.
const FINDINGS: usize = 30;
/// Rows of a list.
const ROWS: usize = 200;
/// Rows of one's own.
const MINE: usize = 50;

impl Office {
    /// What waits for the viewer's decision, what expires first on top; and what he must leave to others.
    ///
    /// # Errors
    /// Those of the register; [`Error::Busy`] while the rules are behind the log.
    pub async fn review_queue(&self, permit: &Permit<may::ReviewSteps>) -> Result<Queue, Error> {
        let viewer = permit.viewer();
        let scope = self.inner.scope(viewer, Action::ReviewSteps);
        let items = self.step_items(|item| {
            matches!(item.stage, Stage::Review | Stage::Approval) && scope.holds(&item.organ)
        });
        let mut queue = Queue::default();
        let mut rows = Vec::new();
        for item in items {
            if self.step_turn(viewer, &item).is_some() {
                let row = self.step_row(viewer, &item).await?;
                rows.push((row, item));
            }
        }
        rows.sort_by_key(|(row, _)| (row.due.is_none(), row.due, row.proposed, row.index));
        rows.truncate(ROWS);
        for (mut row, item) in rows {
            row.own = self.step_against(viewer, &item, row.role.as_ref()).await?;
            match row.own.is_empty() {
                true => queue.waiting.push(row),
                false => queue.blocked.push(row),
            }
        }
        Ok(queue)
    }

    /// Steps on which it is the viewer's turn, the oldest first: a quick look, for lists that every page has. Of what keeps him
    /// from one only his own part in it is looked at; the queue asks the rules.
    pub(crate) async fn steps_waiting(
        &self,
        viewer: &Viewer,
        limit: usize,
    ) -> Result<Vec<StepRow>, Error> {
        let scope = self.inner.scope(viewer, Action::ReviewSteps);
        let mut items = self.step_items(|item| {
            let took_part = item.handlers.contains(&viewer.person)
                || item.decisions.iter().any(|d| d.person == viewer.person);
            matches!(item.stage, Stage::Review | Stage::Approval)
                && !took_part
                && scope.holds(&item.organ)
        });
        items.retain(|item| self.step_turn(viewer, item).is_some());
        items.sort_by_key(|item| item.index);
        items.truncate(limit);
        self.step_rows(viewer, items).await
    }

    /// Steps that the viewer proposed, the newest first.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn my_proposals(
        &self,
        permit: &Permit<may::ProposeStep>,
    ) -> Result<Vec<StepRow>, Error> {
        let viewer = permit.viewer();
        let mut items = self.step_items(|item| item.handlers.first() == Some(&viewer.person));
        items.sort_by_key(|item| std::cmp::Reverse(item.index));
        items.truncate(MINE);
        self.step_rows(viewer, items).await
    }

    /// Steps that were proposed in a case, the newest first.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn case_proposals(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<Vec<StepRow>, Error> {
        let viewer = permit.viewer();
        self.visible(viewer, Action::ReadCase, key).await?;
        let mut items: Vec<Item> = {
            let state = self.inner.watcher.lock();
            state.desk.of_case(key.0).cloned().collect()
        };
        items.reverse();
        items.truncate(ROWS);
        self.step_rows(viewer, items).await
    }

    /// One proposed step. Leaves an entry that it was opened, unless by who handles it.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for steps of other organs, and for one whose body was erased; [`Error::ReasonWanted`].
    pub async fn step(
        &self,
        permit: &Permit<may::ReadNames>,
        event: EventId,
    ) -> Result<StepView, Error> {
        let viewer = permit.viewer();
        let item = self.step_item(viewer, event)?;
        self.step_look(viewer, &item).await?;
        self.step_shown(viewer, &item).await
    }

    /// An attachment of a proposed step that the viewer may see.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn step_file(
        &self,
        permit: &Permit<may::ReadNames>,
        event: EventId,
        sha256: &str,
    ) -> Result<Attachment, Error> {
        let viewer = permit.viewer();
        let item = self.step_item(viewer, event)?;
        self.step_look(viewer, &item).await?;
        let planned = self.step_paper(&item).await?;
        let file = planned.files.into_iter().find(|f| f.sha256 == sha256);
        let file = file.ok_or(Error::NotFound)?;
        let path = self.inner.dir.join("files").join(&file.sha256);
        let content = tokio::fs::File::open(path).await;
        let content = content.map_err(|e| Error::internal("files", e))?;
        Ok(Attachment { file, content })
    }

    /// Leaves the entry that a proposed step was opened: it shows words of the case. Whoever proposed it wrote them.
    async fn step_look(&self, viewer: &Viewer, item: &Item) -> Result<(), Error> {
        if item.handlers.contains(&viewer.person) {
            return Ok(());
        }
        let case = self.inner.register.object(item.case).await?;
        let case = case.ok_or(Error::NotFound)?;
        self.look(viewer, &case, LookKind::Step, Some(item.event))
            .await
    }

    /// A step of an organ whose cases the viewer may read.
    pub(super) fn step_item(&self, viewer: &Viewer, event: EventId) -> Result<Item, Error> {
        let scope = self.inner.scope(viewer, Action::ReadNames);
        let state = self.inner.watcher.lock();
        let item = state.desk.get(event).filter(|i| scope.holds(&i.organ));
        item.cloned().ok_or(Error::NotFound)
    }

    /// The paper of a step, which must be the one that was proposed.
    pub(super) async fn step_paper(&self, item: &Item) -> Result<Planned, Error> {
        let (_, body) = self.inner.open_body(item.index).await?;
        let planned = body.as_ref().and_then(Planned::of).ok_or(Error::NotFound)?;
        if planned.paper() != item.paper {
            return Err(Error::internal(
                "step",
                "the paper is not the one of its hash",
            ));
        }
        Ok(planned)
    }

    fn step_items(&self, keep: impl Fn(&Item) -> bool) -> Vec<Item> {
        let state = self.inner.watcher.lock();
        state.desk.items().filter(|i| keep(i)).cloned().collect()
    }

    async fn step_rows(&self, viewer: &Viewer, items: Vec<Item>) -> Result<Vec<StepRow>, Error> {
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            rows.push(self.step_row(viewer, &item).await?);
        }
        Ok(rows)
    }

    async fn step_row(&self, viewer: &Viewer, item: &Item) -> Result<StepRow, Error> {
        let due = {
            let state = self.inner.watcher.lock();
            let about = state.engine.about("case", &item.case.to_string());
            let open = about
                .iter()
                .filter(|c| matches!(c.outcome(), Outcome::Pending | Outcome::AtRisk));
            open.filter_map(::watch::Change::due).min()
        };
        let known = self.inner.register.object(item.case).await?;
        let proposer = item.handlers.first().copied().ok_or(Error::NotFound)?;
        let officer = RoleId::new("R_OFFICER").expect("an id of a pack");
        let catalogue = self.inner.catalogue();
        let step = key_step(&catalogue, &item.activity);
        Ok(StepRow {
            event: item.event,
            index: item.index,
            activity: item.activity.clone(),
            step: step.map(|(step, _)| step.id.clone()).unwrap_or_default(),
            case: CaseKey(item.case),
            number: known.and_then(|r| r.name),
            organ_name: self.inner.register.tree().name(&item.organ),
            organ: item.organ.clone(),
            proposer: self.named_actor(proposer, officer).await?,
            proposed: item.proposed,
            stage: item.stage,
            due: due.and_then(|t| Micros::new(t).ok()),
            role: self.step_turn(viewer, item),
            own: Vec::new(),
        })
    }

    pub(super) async fn named_actor(
        &self,
        person: model::Pseudonym,
        role: RoleId,
    ) -> Result<ActorView, Error> {
        let name = self.inner.register.person(person).await?.map(|p| p.name);
        Ok(ActorView { person, role, name })
    }

    /// The role of the law in which the viewer could decide now, if it is the turn of one of his.
    pub(super) fn step_turn(&self, viewer: &Viewer, item: &Item) -> Option<RoleId> {
        let catalogue = self.inner.catalogue();
        let catalogue = &*catalogue;
        let mine = law_roles(&self.inner, viewer, &item.organ);
        match item.stage {
            Stage::Review => {
                let review = catalogue.activity(item.review.as_ref()?.as_str())?;
                mine.into_iter().find(|r| review.actor_roles.contains(r))
            }
            Stage::Approval => {
                if let Some(named) = item.approvers.iter().find(|r| mine.contains(r)) {
                    return Some(named.clone());
                }
                let least = catalogue.rank(item.approvers.first()?.as_str())?;
                let above = mine.into_iter().filter(|r| r.as_str() != "R_UPPER_ORG");
                above
                    .filter(|r| catalogue.rank(r.as_str()).is_some_and(|rank| rank >= least))
                    .max_by_key(|r| catalogue.rank(r.as_str()))
            }
            Stage::Returned | Stage::Done => None,
        }
    }

    /// What keeps the viewer from deciding on it himself: his own step, his own case.
    pub(super) async fn step_against(
        &self,
        viewer: &Viewer,
        item: &Item,
        role: Option<&RoleId>,
    ) -> Result<Vec<Barrier>, Error> {
        let catalogue = self.inner.catalogue();
        let catalogue = &*catalogue;
        let mut barriers = Vec::new();
        let rule = catalogue.separation().map(|s| match item.stage {
            Stage::Review => s.review.as_str(),
            _ => s.approve.as_str(),
        });
        let rule = rule.and_then(|id| catalogue.rule(id));
        if item.handlers.contains(&viewer.person)
            && let Some(rule) = rule
        {
            barriers.push(Barrier::by_rule(catalogue, rule));
        }
        let reviewed = item
            .decisions
            .iter()
            .any(|d| d.person == viewer.person && d.passed);
        if item.stage == Stage::Approval && reviewed {
            barriers.push(Barrier {
                rule: "LH".to_owned(),
                version: 1,
                source: vec!["LH [D]".to_owned()],
                grade: "amber",
                sentence: Both::new(
                    "审核人不得再审批同一呈请",
                    "Whoever reviewed a step does not approve it too",
                ),
                way_out: vec![Both::new(
                    "由另一名有批准权的负责人审批",
                    "Another leader with the power to approve decides",
                )],
            });
        }
        let Some(role) = role else {
            return Ok(barriers);
        };
        let planned = self.step_paper(item).await?;
        let now = self.now();
        let by = acting(viewer, role);
        let found = match (&item.stage, &item.review) {
            (Stage::Review, Some(review)) => {
                let draft = planned.review(review, now, by, true, "…");
                self.inner.barriers(&[], &draft).await?
            }
            _ => {
                let alone = planned.draft(now, None);
                let alone = self.inner.barriers(&[], &alone).await?;
                let with = planned.draft(now, Some(by));
                let with = self.inner.barriers(&[], &with).await?;
                // Only what comes in with this person.
                with.into_iter().filter(|b| !alone.contains(b)).collect()
            }
        };
        for barrier in found {
            if barriers.iter().all(|b| b.rule != barrier.rule) {
                barriers.push(barrier);
            }
        }
        Ok(barriers)
    }

    /// Everything that the page of a step shows.
    pub(super) async fn step_shown(&self, viewer: &Viewer, item: &Item) -> Result<StepView, Error> {
        let catalogue = self.inner.catalogue();
        let catalogue = &*catalogue;
        let planned = self.step_paper(item).await?;
        let reader = Permit::<may::ReadCase>::check(&Arc::new(viewer.clone()))?;
        let mut row = self.step_row(viewer, item).await?;
        row.own = match row.role.clone() {
            Some(role) => self.step_against(viewer, item, Some(&role)).await?,
            None => self.step_against(viewer, item, None).await?,
        };
        let case = CaseKey(item.case);
        let (timeline, earlier) = self.step_excerpt(&reader, case).await?;
        let mut findings = self.case_findings(&reader, case).await?;
        findings.retain(|f| matches!(f.outcome, "breached" | "at_risk" | "pending"));
        findings.truncate(FINDINGS);
        let mut handlers = Vec::new();
        for actor in &planned.actors {
            handlers.push(self.named_actor(actor.p, actor.role.clone()).await?);
        }
        let objects = planned.objects().map(|o| NamedObject {
            name: planned.names.get(&o.id).cloned(),
            object: ObjectView {
                id: o.id,
                object_type: o.object_type,
                qualifier: o.qualifier,
            },
        });
        let objects = objects.collect();
        let mut opinions = Vec::new();
        for made in &item.decisions {
            let (_, body) = self.inner.open_body(made.index).await?;
            opinions.push(Opinion {
                who: self.named_actor(made.person, made.role.clone()).await?,
                at: made.at,
                stage: made.stage,
                passed: made.passed,
                words: body.and_then(|b| b.words),
                index: made.index,
            });
        }
        let barriers = match item.stage {
            Stage::Review | Stage::Approval => self.step_tried(&planned).await?.barriers,
            Stage::Returned | Stage::Done => Vec::new(),
        };
        let mut view = StepView {
            paper: item.paper.clone(),
            handlers,
            objects,
            rules: rules(catalogue, &item.activity),
            attrs: planned.attrs,
            words: planned.words,
            files: planned.files,
            review: item.review.clone(),
            approvers: item.approvers.clone(),
            opinions,
            timeline,
            earlier,
            findings,
            barriers,
            shown: String::new(),
            row,
        };
        view.shown = view.fingerprint();
        Ok(view)
    }

    /// The newest acts of a case, and how many there are before them.
    async fn step_excerpt(
        &self,
        permit: &Permit<may::ReadCase>,
        case: CaseKey,
    ) -> Result<(Vec<TimelineEvent>, u64), Error> {
        let known = self.inner.register.object(case.0).await?;
        let total = known.map_or(0, |r| r.events);
        let page = |number| PageRequest {
            number,
            size: EXCERPT,
        };
        let last = u32::try_from(total.div_ceil(u64::from(EXCERPT)).max(1)).unwrap_or(u32::MAX);
        let mut acts = self.timeline(permit, case, page(last)).await?.rows;
        if acts.len() < EXCERPT as usize && last > 1 {
            let mut before = self.timeline(permit, case, page(last - 1)).await?.rows;
            before.append(&mut acts);
            acts = before.split_off(before.len().saturating_sub(EXCERPT as usize));
        }
        let earlier = total.saturating_sub(acts.len() as u64);
        Ok((acts, earlier))
    }
}

impl StepView {
    /// Positions of the entries that are shown, in the order of the page.
    pub fn entries(&self) -> Vec<u64> {
        let opinions = self.opinions.iter().map(|o| o.index);
        let acts = self.timeline.iter().map(|e| e.index);
        std::iter::once(self.row.index)
            .chain(opinions)
            .chain(acts)
            .collect()
    }

    /// SHA-256 over what is on the page, hexadecimal. What the clock alone changes (how long is left) is not in it.
    fn fingerprint(&self) -> String {
        let findings = self.findings.iter();
        let findings: Vec<_> = findings.map(|f| (&f.id, f.outcome, f.due)).collect();
        let rules: Vec<_> = self.rules.iter().map(|r| (&r.id, r.version)).collect();
        let barriers: Vec<_> = self.barriers.iter().map(|b| (&b.rule, b.version)).collect();
        let said = serde_json::json!({
            "proposal": self.row.event.to_string(),
            "paper": self.paper,
            "entries": self.entries(),
            "earlier": self.earlier,
            "findings": findings,
            "rules": rules,
            "barriers": barriers,
        });
        model::hex(&Sha256::digest(said.to_string()))
    }
}

/// Rules on an act, those that are the gate of its key step first.
fn rules(catalogue: &law::Catalogue, activity: &Activity) -> Vec<StepRule> {
    let first = catalogue.key_step(activity.as_str());
    let first = first.map_or(&[][..], |(step, _)| &step.rules);
    let mut on: Vec<_> = catalogue.rules_on(activity.as_str()).collect();
    on.sort_by_key(|r| (!first.contains(&r.id), !r.gate, std::cmp::Reverse(r.grade)));
    on.into_iter()
        .map(|rule| {
            let named = Barrier::by_rule(catalogue, rule);
            StepRule {
                id: named.rule,
                version: named.version,
                source: named.source,
                words: Both::new(
                    rule.in_words(law::Lang::Zh, catalogue),
                    rule.in_words(law::Lang::En, catalogue),
                ),
                gate: rule.gate,
            }
        })
        .collect()
}
