//! What the register knows of a case and of a person, as `watch::access` asks for it.
//!
//! Of a case that somebody handles only his own steps are read; of any other, all steps of that case. Nothing here grows with
//! the register. Records of inquiries are no steps: they are in tables of their own and never get here.

use std::sync::Arc;

use ::watch::access::{Case, Organs, Person, Post, Step, Tie};
use law::{Explanations, Relation};
use ledger::Ledger;
use model::{Entry, OrganCode, Pseudonym};
use register::{RelationRow, StepRow, activity};

use crate::{
    Error,
    entry::{blocking, damaged},
    node::Inner,
    review::{DECIDE, PROPOSE, Stage},
};

/// Events of the node itself that are steps of the handling of a case.
const OWN: [&str; 3] = [PROPOSE, DECIDE, activity::BREAK_GLASS];
/// What a link between cases is called.
pub(super) const LINKED: &str = "linked-case";
/// Linked cases that are looked into, the newest links first.
const LINKS: usize = 20;

/// The tree of organs.
pub(super) struct Tree(pub(super) Arc<register::Tree>);

impl Organs for Tree {
    fn above(&self, organ: &str) -> Option<Box<str>> {
        let code = OrganCode::new(organ).ok()?;
        let above = self.0.get(&code)?.parent.as_ref()?;
        Some(above.as_str().into())
    }
}

/// Somebody with his roles, former ones too.
pub(super) async fn person(inner: &Inner, id: Pseudonym) -> Result<Person<Pseudonym>, Error> {
    let grants = inner.register.grants_of(id).await?;
    let post = |g: register::GrantRow| Post {
        role: g.role.as_str().into(),
        organ: g.organ.as_str().into(),
        since: g.since.get(),
        until: match (g.until, g.ended) {
            (Some(a), Some(b)) => Some(a.min(b).get()),
            (a, b) => a.or(b).map(model::Micros::get),
        },
        position: Some(g.index),
    };
    Ok(Person {
        id,
        posts: grants.into_iter().map(post).collect(),
    })
}

/// What one person did in a case, with what is registered of it: enough for every explanation of one leg.
pub(super) async fn own(
    inner: &Inner,
    case: Pseudonym,
    who: Pseudonym,
) -> Result<Case<Pseudonym>, Error> {
    let steps = steps_by(inner, case, who).await?;
    let relations = inner.register.relations(case).await?;
    Ok(assembled(steps, &relations))
}

/// All of a case, for one person.
pub(super) async fn whole(
    inner: &Inner,
    case: Pseudonym,
    who: Pseudonym,
) -> Result<Case<Pseudonym>, Error> {
    let rows = inner.register.steps(case, &OWN).await?;
    let mut steps: Vec<Step<Pseudonym>> = rows
        .into_iter()
        .filter(|row| !own_reason(row, who))
        .map(step)
        .collect();
    sent(inner, &mut steps).await?;
    steps.extend(waiting(inner, case));
    let relations = inner.register.relations(case).await?;
    let mut facts = assembled(steps, &relations);
    let links = relations.iter().rev().filter(|r| r.kind == LINKED);
    for link in links.take(LINKS) {
        let other = match link.other {
            Some(other) if link.case == case => other,
            _ => link.case,
        };
        let decision = facts.steps.iter().position(|s| s.position == link.index);
        if let Some(decision) = decision {
            let steps = steps_by(inner, other, who).await?;
            facts.linked.push((decision, steps));
        }
    }
    Ok(facts)
}

/// A reason that he gave himself calls for nobody but others.
fn own_reason(row: &StepRow, who: Pseudonym) -> bool {
    row.activity == activity::BREAK_GLASS && row.actors.iter().any(|(p, _)| *p == who)
}

async fn steps_by(
    inner: &Inner,
    case: Pseudonym,
    who: Pseudonym,
) -> Result<Vec<Step<Pseudonym>>, Error> {
    let closing: Vec<&str> = (Explanations::shipped().closing.iter())
        .map(String::as_str)
        .collect();
    let rows = inner.register.steps_by(case, &OWN, who, &closing).await?;
    let kept = rows
        .into_iter()
        .filter(|row| row.activity != activity::BREAK_GLASS);
    Ok(kept.map(step).collect())
}

fn step(row: StepRow) -> Step<Pseudonym> {
    Step {
        position: row.index,
        activity: row.activity.into(),
        claimed: row.occurred.get(),
        recorded: row.recorded.get(),
        organ: row.organ.into(),
        to: Vec::new(),
        actors: (row.actors.into_iter())
            .map(|(p, role)| (p, role.into()))
            .collect(),
        awaits: Vec::new(),
        tie: None,
    }
}

/// Steps and relations, by position.
fn assembled(mut steps: Vec<Step<Pseudonym>>, relations: &[RelationRow]) -> Case<Pseudonym> {
    steps.extend(relations.iter().map(|r| Step {
        position: r.index,
        activity: activity::ASSIGN.into(),
        claimed: r.since.get(),
        recorded: r.recorded.get(),
        organ: r.organ.as_str().into(),
        to: Vec::new(),
        actors: Vec::new(),
        awaits: Vec::new(),
        tie: Some(Tie {
            kind: r.kind.as_str().into(),
            person: r.person,
            until: r.over().map(model::Micros::get),
        }),
    }));
    steps.sort_by_key(|s| s.position);
    Case {
        steps,
        linked: Vec::new(),
    }
}

/// Adds to which organs a case was sent: that stands in the header only, and few steps have it.
async fn sent(inner: &Inner, steps: &mut [Step<Pseudonym>]) -> Result<(), Error> {
    let legs = (Explanations::shipped().templates.iter()).flat_map(|t| &t.legs);
    let received = legs.filter(|l| l.relation == Relation::Received);
    let activities: Vec<&String> = received.flat_map(|l| &l.activities).collect();
    for step in steps.iter_mut() {
        if activities.iter().any(|a| ***a == *step.activity) {
            step.to = organs_of(inner.ledger.clone(), step.position).await?;
        }
    }
    Ok(())
}

async fn organs_of(ledger: Ledger, index: u64) -> Result<Vec<Box<str>>, Error> {
    let entry = blocking(move || ledger.entry(index))
        .await?
        .map_err(damaged)?;
    let header = Entry::parse(&entry).map_err(damaged)?.header;
    Ok(header.to.iter().map(|o| o.as_str().into()).collect())
}

/// Steps that were proposed and wait for somebody's decision.
fn waiting(inner: &Inner, case: Pseudonym) -> Vec<Step<Pseudonym>> {
    let catalogue = inner.catalogue();
    let state = inner.watcher.lock();
    let waits = |item: &crate::review::Item| {
        let awaits: Vec<Box<str>> = match (item.stage, &item.review) {
            (Stage::Review, Some(review)) => catalogue
                .activity(review.as_str())
                .map(|def| def.actor_roles.iter().map(|r| r.as_str().into()).collect())
                .unwrap_or_default(),
            (Stage::Approval, _) => item.approvers.iter().map(|r| r.as_str().into()).collect(),
            _ => Vec::new(),
        };
        (!awaits.is_empty()).then(|| Step {
            position: item.index,
            activity: item.activity.as_str().into(),
            claimed: item.proposed.get(),
            recorded: item.proposed.get(),
            organ: item.organ.as_str().into(),
            to: Vec::new(),
            actors: Vec::new(),
            awaits,
            tie: None,
        })
    };
    state.desk.of_case(case).filter_map(waits).collect()
}
