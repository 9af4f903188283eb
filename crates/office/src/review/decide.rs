//! Deciding on a proposed step: reviewed or approved with words, or sent back with a reason. What was shown goes on record
//! with the decision.

use model::{Attr, EventId, Value};

use super::desk::{Item, Stage};
use super::view::StepView;
use super::{DECIDE, acting};
use crate::append::{self, Draft};
use crate::{Barrier, Error, Office, Permit, Viewer, may};

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Passed, or sent back.
    pub passed: bool,
    /// The opinion in its own words; for what is sent back the reason.
    pub words: String,
    /// [`StepView::shown`] of the page on which it was made.
    pub shown: String,
}

/// A decision was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The entry of the decision, with what was shown.
    pub index: u64,
    /// How far the step is now.
    pub stage: Stage,
    /// The act itself, once everything is given.
    pub act: Option<u64>,
}

/// Characters of an opinion.
const MOST_WORDS: usize = 5_000;

impl Office {
    /// Decides on a proposed step. When nothing more is wanted, the act itself is written with its handlers and whoever
    /// approved.
    ///
    /// # Errors
    /// [`Error::Gated`] for one's own step, too low a rank, or a step that the rules refuse by now; [`Error::Invalid`] on
    /// `words`, on `shown` (`changed`: the page is not what it was), on `proposal` (`ended`: decided already);
    /// [`Error::NotFound`]; those of the log.
    pub async fn decide(
        &self,
        permit: &Permit<may::ReviewSteps>,
        event: EventId,
        decision: &Decision,
    ) -> Result<Decided, Error> {
        let viewer = permit.viewer();
        let words = decision.words.trim();
        if words.is_empty() {
            return Err(Error::field(
                "words",
                "required",
                "an opinion, or the reason",
            ));
        }
        if words.chars().count() > MOST_WORDS {
            return Err(Error::field(
                "words",
                "too_long",
                format!("at most {MOST_WORDS} characters"),
            ));
        }
        // One after the other: a step is decided on once.
        let _turn = self.inner.watcher.deciding.lock().await;
        self.caught_up_all().await?;
        self.watched(self.inner.ledger.size()).await;
        let item = self.step_item(viewer, event)?;
        if matches!(item.stage, Stage::Returned | Stage::Done) {
            return Err(Error::field(
                "proposal",
                "ended",
                "a step that waits for a decision",
            ));
        }
        let view = self.step_shown(viewer, &item).await?;
        self.may_decide(viewer, &item, &view).await?;
        if view.shown != decision.shown {
            return Err(Error::field(
                "shown",
                "changed",
                "a decision on what the page shows now",
            ));
        }
        self.write_decision(viewer, &item, &view, decision.passed, words)
            .await
    }

    /// Refuses what somebody may not decide, with article and way out.
    async fn may_decide(&self, viewer: &Viewer, item: &Item, view: &StepView) -> Result<(), Error> {
        if !view.row.own.is_empty() {
            return Err(Error::Gated(view.row.own.clone()));
        }
        if view.row.role.is_some() {
            return Ok(());
        }
        // Not of the rank: the rule itself says which it takes.
        let planned = self.step_paper(item).await?;
        let now = self.now();
        let roles = super::law_roles(&self.inner, viewer, &item.organ);
        let mut barriers: Vec<Barrier> = Vec::new();
        if item.stage == Stage::Approval {
            let by = roles.last().map(|role| acting(viewer, role));
            barriers = self.inner.barriers(&[], &planned.draft(now, by)).await?;
        }
        if barriers.is_empty() {
            barriers = vec![not_yours(&self.inner.catalogue(), item)];
        }
        Err(Error::Gated(barriers))
    }

    async fn write_decision(
        &self,
        viewer: &Viewer,
        item: &Item,
        view: &StepView,
        passed: bool,
        words: &str,
    ) -> Result<Decided, Error> {
        let planned = self.step_paper(item).await?;
        let now = self.now();
        let role = view.row.role.clone().ok_or(Error::NotFound)?;
        let by = acting(viewer, &role);
        let key = &self.inner.key;
        let stage = if item.stage == Stage::Review {
            "review"
        } else {
            "approval"
        };
        let keyed =
            |what: &str| Some(key.submission(&["decide", &item.event.to_string(), stage, what]));
        let mut drafts = Vec::new();
        if let (Stage::Review, Some(review)) = (item.stage, &item.review) {
            let mut draft = planned.review(review, now, by.clone(), passed, words);
            draft.key = keyed("review");
            let barriers = self.inner.barriers(&[], &draft).await?;
            if !barriers.is_empty() {
                return Err(Error::Gated(barriers));
            }
            drafts.push(draft);
        }
        let last = passed && (item.stage == Stage::Approval || item.approvers.is_empty());
        if last {
            let approver = (item.stage == Stage::Approval).then(|| by.clone());
            let mut draft = planned.draft(now, approver);
            draft.key = keyed("act");
            let before: Vec<&Draft> = drafts.iter().collect();
            let barriers = self.inner.barriers(&before, &draft).await?;
            if !barriers.is_empty() {
                return Err(Error::Gated(barriers));
            }
            if let Some(body) = &mut draft.body {
                body.attrs
                    .push(Attr::text("proposal", item.event.to_string()));
                body.attrs.push(Attr::text("paper", item.paper.clone()));
            }
            drafts.push(draft);
        }
        let mut body = append::body();
        body.attrs = append::texts([
            ("proposal", Some(item.event.to_string())),
            ("paper", Some(item.paper.clone())),
            ("shown", Some(view.shown.clone())),
            ("shown_entries", Some(list(view.entries()))),
            (
                "shown_findings",
                Some(list(view.findings.iter().map(|f| &f.id))),
            ),
            ("shown_rules", Some(list(view.rules.iter().map(|r| &r.id)))),
        ]);
        body.attrs.push(Attr::new("passed", Value::Bool(passed)));
        body.words = Some(words.to_owned());
        let mut draft = Draft::new(DECIDE, now, item.organ.clone())
            .about("case", item.case)
            .body(body);
        draft.actor = vec![by];
        draft.key = keyed("decide");
        drafts.push(draft);
        let done = self.inner.append_all(drafts).await?;
        let (Some((_, decided)), Some((_, before))) =
            (done.last(), done.iter().rev().nth(1).or(done.last()))
        else {
            return Err(Error::Internal("the log acknowledged nothing".into()));
        };
        let index = decided.index();
        self.inner.caught_up(index).await?;
        self.watched(index + 1).await;
        let stage = match (passed, last) {
            (false, _) => Stage::Returned,
            (true, true) => Stage::Done,
            (true, false) => Stage::Approval,
        };
        Ok(Decided {
            index,
            stage,
            act: last.then(|| before.index()),
        })
    }
}

fn list(items: impl IntoIterator<Item = impl ToString>) -> String {
    let items: Vec<String> = items.into_iter().map(|i| i.to_string()).collect();
    items.join(" ")
}

/// Somebody who reviews, but not this.
fn not_yours(catalogue: &law::Catalogue, item: &Item) -> Barrier {
    use crate::gate::Both;

    let names = |roles: &[model::RoleId]| {
        let named = |zh: bool| {
            let defs = roles.iter().filter_map(|r| catalogue.role(r.as_str()));
            let all: Vec<&str> = defs.map(|d| if zh { &*d.zh } else { &*d.en }).collect();
            all.join(if zh { "或者" } else { " or " })
        };
        (named(true), named(false))
    };
    let review = item.review.as_ref().filter(|_| item.stage == Stage::Review);
    let review = review.and_then(|a| catalogue.activity(a.as_str()));
    let (zh, en) = match review {
        Some(review) => names(&review.actor_roles),
        None => names(&item.approvers),
    };
    let source = catalogue.activity(item.activity.as_str());
    Barrier {
        rule: item.activity.to_string(),
        version: 1,
        source: source.map(|a| a.source.clone()).into_iter().collect(),
        grade: "red",
        sentence: Both::new(
            format!("这一步须由{zh}决定"),
            format!("This step is decided by: {en}"),
        ),
        way_out: vec![Both::new(
            format!("由{zh}在“审核”里处理"),
            format!("Leave it to: {en}"),
        )],
    }
}
