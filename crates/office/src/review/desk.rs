//! The desk: every proposed step and how far it is, made from the log like the register, kept in memory beside the rules.

use std::collections::HashMap;

use model::{Activity, Body, EventId, Header, Micros, OrganCode, Pseudonym, RoleId, Value};

use super::{DECIDE, PROPOSE};

/// Whether an entry is about a proposed step.
pub(crate) fn concerns(header: &Header) -> bool {
    matches!(header.activity.as_str(), PROPOSE | DECIDE)
}

/// How far a proposed step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Waits for the review.
    Review,
    /// Waits for the approval.
    Approval,
    /// Sent back with a reason; it can be proposed again.
    Returned,
    /// Reviewed and approved: the act is in the log.
    Done,
}

/// A proposed step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) event: EventId,
    pub(crate) index: u64,
    pub(crate) case: Pseudonym,
    pub(crate) organ: OrganCode,
    pub(crate) activity: Activity,
    pub(crate) paper: String,
    /// Who proposed it first, then those who handle it with him.
    pub(crate) handlers: Vec<Pseudonym>,
    pub(crate) proposed: Micros,
    pub(crate) review: Option<Activity>,
    /// From the lowest rank that is enough.
    pub(crate) approvers: Vec<RoleId>,
    pub(crate) stage: Stage,
    pub(crate) decisions: Vec<Made>,
}

/// A decision on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) index: u64,
    pub(crate) at: Micros,
    pub(crate) person: Pseudonym,
    pub(crate) role: RoleId,
    pub(crate) stage: Stage,
    pub(crate) passed: bool,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Desk {
    items: HashMap<EventId, Item>,
    of_case: HashMap<Pseudonym, Vec<EventId>>,
}

impl Desk {
    pub(crate) fn get(&self, event: EventId) -> Option<&Item> {
        self.items.get(&event)
    }

    /// In no order.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values()
    }

    /// The oldest first.
    pub(crate) fn of_case(&self, case: Pseudonym) -> impl Iterator<Item = &Item> {
        let events = self.of_case.get(&case).into_iter().flatten();
        events.filter_map(|e| self.items.get(e))
    }

    /// Takes an entry in. What is not as this module writes it changes nothing.
    pub(crate) fn take(&mut self, index: u64, header: &Header, body: &Body) {
        match header.activity.as_str() {
            PROPOSE => self.proposed(index, header, body).unwrap_or_default(),
            DECIDE => self.decided(index, header, body).unwrap_or_default(),
            _ => {}
        }
    }

    fn proposed(&mut self, index: u64, header: &Header, body: &Body) -> Option<()> {
        let review = body.text("review").and_then(|a| Activity::new(a).ok());
        let approvers = body.text("approvers").unwrap_or_default();
        let approvers = approvers.split(' ').filter(|r| !r.is_empty());
        let case = header.objects_of("case").next()?.id;
        let item = Item {
            event: header.id,
            index,
            case,
            organ: header.organ.clone(),
            activity: Activity::new(body.text("activity")?).ok()?,
            paper: body.text("paper")?.to_owned(),
            handlers: header.actor.iter().map(|a| a.p).collect(),
            proposed: header.occurred,
            stage: if review.is_some() {
                Stage::Review
            } else {
                Stage::Approval
            },
            review,
            approvers: approvers.flat_map(RoleId::new).collect(),
            decisions: Vec::new(),
        };
        self.items.insert(header.id, item);
        self.of_case.entry(case).or_default().push(header.id);
        Some(())
    }

    fn decided(&mut self, index: u64, header: &Header, body: &Body) -> Option<()> {
        let event: EventId = body.text("proposal")?.parse().ok()?;
        let item = self.items.get_mut(&event)?;
        let passed = body.attrs.iter().find(|a| a.key == "passed");
        let passed = passed.is_some_and(|a| a.value == Value::Bool(true));
        let actor = header.actor.first()?;
        item.decisions.push(Made {
            index,
            at: header.occurred,
            person: actor.p,
            role: actor.role.clone(),
            stage: item.stage,
            passed,
        });
        item.stage = match (item.stage, passed) {
            (_, false) => Stage::Returned,
            (Stage::Review, true) if !item.approvers.is_empty() => Stage::Approval,
            (_, true) => Stage::Done,
        };
        Some(())
    }
}
