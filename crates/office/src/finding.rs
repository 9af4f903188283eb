//! Findings and clocks: what stands about a case, what comes due, how a unit stands, which rules are in force.
//!
//! Answered from what `watcher` holds in memory; nothing here judges. A finding is as visible as the case that it is about.

use std::collections::BTreeMap;
use std::sync::Arc;

use law::rule::{Grade, Outcome, Rule, Template};
use model::{Micros, OrganCode};
use register::Scope;
use tokio::sync::broadcast;

use crate::{Action, CaseKey, Error, Office, Permit, may};

/// A finding, with where it belongs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Told {
    /// Pseudonym of the case, if it is about one.
    pub case: Option<String>,
    /// Organ of the act that began it.
    pub organ: String,
    /// The finding with its evidence.
    pub finding: ::watch::Finding,
    /// What it was before.
    pub previous: Option<&'static str>,
    /// Whether its rule has a limit that runs out.
    #[serde(skip)]
    pub(crate) clock: bool,
    /// Whether it becomes an entry of the log.
    #[serde(skip)]
    pub(crate) record: bool,
    /// The alert that said that it is broken, where it is taken back.
    #[serde(skip)]
    pub(crate) said_by: Option<u64>,
}

/// An obligation that is open or broken, for a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Id of the finding.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// What is wanted, both languages.
    pub want: law::Text,
    /// The case.
    pub case: Option<CaseKey>,
    /// Its number, if known.
    pub number: Option<String>,
    /// Organ.
    pub organ: OrganCode,
    /// What it is now.
    pub outcome: Outcome,
    /// What a breach is.
    pub grade: Grade,
    /// When the obligation began.
    pub since: Micros,
    /// Last instant that is in time.
    pub due: Option<Micros>,
    /// Position of the act that began it.
    pub activation: u64,
}

/// How a unit stands. Figures with denominators; nothing here is a rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitFigures {
    /// Organ.
    pub organ: OrganCode,
    /// Its name.
    pub name: String,
    /// Acts that some rule looked at.
    pub judged: u64,
    /// By outcome, in the order of [`Outcome::ALL`].
    pub outcomes: [u64; Outcome::ALL.len()],
    /// Breaches by grade: red, amber, blue.
    pub breaches: [u64; 3],
}

/// A rule in force.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleRow {
    /// The rule.
    pub rule: Rule,
    /// In words: Chinese, English; from the form that is run.
    pub words: law::Text,
    /// Why it is switched off here, if it is.
    pub off: Option<law::Text>,
    /// Activations by outcome, in the order of [`Outcome::ALL`]; `None` for one that nobody can check from events.
    pub outcomes: Option<[u64; Outcome::ALL.len()]>,
}

/// Which clocks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockFilter {
    /// Of one organ and those below.
    pub organ: Option<OrganCode>,
    /// Only those of cases in which the viewer took part.
    pub mine: bool,
    /// At most so many.
    pub limit: usize,
}

impl Office {
    /// What is found from now on, about cases that the viewer may see. For server-sent events and webhooks.
    pub fn listen(&self, permit: &Permit<may::ReadEvents>) -> Listener {
        Listener {
            scope: self.inner.scope(permit.viewer(), Action::ReadEvents),
            receiver: self.inner.watcher.listen(),
        }
    }

    /// What events that the viewer posted caused, each with the index of its event: findings that are new, changed or
    /// taken back by it. What time alone brings comes through [`Office::listen`].
    pub async fn caused(
        &self,
        permit: &Permit<may::PostEvents>,
        indexes: &[u64],
    ) -> Vec<(u64, Arc<Told>)> {
        let Some(last) = indexes.iter().max() else {
            return Vec::new();
        };
        self.watched(last + 1).await;
        let scope = self.inner.scope(permit.viewer(), Action::PostEvents);
        let state = self.inner.watcher.lock();
        let of = |index: &u64| {
            let caused = state.caused(*index).filter(|t| in_scope(&scope, &t.organ));
            caused.map(|t| (*index, Arc::clone(t))).collect::<Vec<_>>()
        };
        indexes.iter().flat_map(of).collect()
    }

    /// What stands about a case: broken, open, excused, not checkable, each with its evidence. What comes due first on top.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn case_findings(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<Vec<::watch::Finding>, Error> {
        self.visible(permit.viewer(), Action::ReadCase, key).await?;
        self.watched(self.inner.applied()).await;
        let state = self.inner.watcher.lock();
        let mut found: Vec<_> = (state.engine.about("case", &key.to_string()).iter())
            .filter(|c| !(c.outcome() == Outcome::Pending && c.due().is_none()))
            .map(|c| state.engine.finding(c))
            .collect();
        found.sort_by_key(|f| (rank(f), f.due.unwrap_or(i64::MAX), f.activation.position));
        Ok(found)
    }

    /// Obligations that are open with a clock, or broken, soonest first, within what the viewer may see.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn clocks(
        &self,
        permit: &Permit<may::ReadCase>,
        filter: &ClockFilter,
    ) -> Result<Vec<Clock>, Error> {
        let scope = self.chosen(permit.viewer(), filter.organ.as_ref());
        let mut clocks = {
            let state = self.inner.watcher.lock();
            let person = permit.viewer().person.to_string();
            let mut standing: Vec<_> = (state.engine.standing())
                .filter(|c| match c.outcome() {
                    Outcome::Pending | Outcome::AtRisk => c.due().is_some(),
                    Outcome::Breached => state.engine.program().rule(c.rule).grade != Grade::Blue,
                    _ => false,
                })
                .filter(|c| in_scope(&scope, state.engine.organ(c)))
                .filter(|c| {
                    !filter.mine
                        || state.engine.acted(c, &person)
                        || (state.engine.named(c, "case"))
                            .is_some_and(|case| state.engine.took_part("case", case, &person))
                })
                .collect();
            // What is still open comes first: there something can be done.
            standing.sort_by_key(|c| (c.outcome() == Outcome::Breached, c.due()));
            standing.truncate(filter.limit);
            standing
                .iter()
                .filter_map(|c| clock(&state.engine, c))
                .collect::<Vec<_>>()
        };
        for clock in &mut clocks {
            if let Some(case) = clock.case {
                let row = self.inner.register.object(case.0).await?;
                clock.number = row.and_then(|r| r.name);
            }
        }
        Ok(clocks)
    }

    /// How each unit within what the viewer may see stands, by code.
    ///
    /// # Errors
    /// None but those of the register.
    pub async fn unit_figures(
        &self,
        permit: &Permit<may::SeeUnits>,
    ) -> Result<Vec<UnitFigures>, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::SeeUnits);
        let inner = Arc::clone(&self.inner);
        let counted = tokio::task::spawn_blocking(move || {
            let mut units: BTreeMap<String, ([u64; Outcome::ALL.len()], [u64; 3])> =
                BTreeMap::new();
            let state = inner.watcher.lock();
            state.engine.survey(|rule, organ, outcome| {
                let unit = units.entry(organ.to_owned()).or_default();
                unit.0[outcome as usize] += 1;
                if outcome == Outcome::Breached {
                    let at = match state.engine.program().rule(rule).grade {
                        Grade::Red => 0,
                        Grade::Amber => 1,
                        Grade::Blue => 2,
                    };
                    unit.1[at] += 1;
                }
            });
            units
        })
        .await
        .map_err(|e| Error::internal("survey", e))?;
        let tree = self.inner.register.tree();
        let figures = counted
            .into_iter()
            .filter_map(|(code, (outcomes, breaches))| {
                let organ = OrganCode::new(code).ok()?;
                scope.holds(&organ).then(|| UnitFigures {
                    name: tree.name(&organ),
                    judged: outcomes.iter().sum(),
                    outcomes,
                    breaches,
                    organ,
                })
            });
        Ok(figures.collect())
    }

    /// All rules of the packs in force, with what they found within what the viewer may see.
    ///
    /// # Errors
    /// None but those of the register.
    pub async fn rules(&self, permit: &Permit<may::SeeRules>) -> Result<Vec<RuleRow>, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::SeeRules);
        let inner = Arc::clone(&self.inner);
        tokio::task::spawn_blocking(move || {
            let state = inner.watcher.lock();
            let mut counts = vec![[0_u64; Outcome::ALL.len()]; state.engine.program().rule_count()];
            state.engine.survey(|rule, organ, outcome| {
                if in_scope(&scope, organ) {
                    counts[rule as usize][outcome as usize] += 1;
                }
            });
            let program = state.engine.program();
            let row = |rule: &Rule| {
                let no = (0..program.rule_count() as ::watch::RuleNo).find(|no| {
                    let run = program.rule(*no);
                    run.id == rule.id && run.version == rule.version
                });
                RuleRow {
                    words: law::Text {
                        zh: rule.in_words(law::Lang::Zh, &state.catalogue),
                        en: rule.in_words(law::Lang::En, &state.catalogue),
                    },
                    off: state.catalogue.off(rule.id.as_str()).cloned(),
                    outcomes: match rule.template {
                        Template::Manual { .. } => None,
                        _ => no.map(|no| counts[no as usize]),
                    },
                    rule: rule.clone(),
                }
            };
            state.catalogue.rules().iter().map(row).collect()
        })
        .await
        .map_err(|e| Error::internal("rules", e))
    }

    /// The catalogue of the packs in force.
    pub fn catalogue(&self) -> Arc<law::Catalogue> {
        Arc::clone(&self.inner.watcher.lock().catalogue)
    }

    /// Waits until the rules have seen entries below `size`.
    pub async fn watched(&self, size: u64) {
        self.inner.watcher.reach(size).await;
    }

    /// How many obligations are open with a clock that runs.
    pub fn open_clocks(&self) -> usize {
        self.inner.watcher.lock().engine.open_clocks()
    }

    /// How many entries the rules need not read at the next start, because the snapshot holds them.
    pub fn in_snapshot(&self) -> u64 {
        self.inner.watcher.lock().saved
    }

    /// Gives the rules everything that is durable, and the time, now instead of at the next heartbeat: for tests and for
    /// whoever moved the clock.
    ///
    /// # Errors
    /// [`Error::Internal`] if the register has stopped.
    pub async fn heartbeat(&self) -> Result<(), Error> {
        self.watched(self.inner.ledger.size()).await;
        crate::watcher::tick(&self.inner).await;
        self.caught_up_all().await?;
        self.watched(self.inner.ledger.size()).await;
        Ok(())
    }
}

/// Findings as they come, of what one viewer may see.
pub struct Listener {
    scope: Scope,
    receiver: broadcast::Receiver<Arc<Told>>,
}

impl Listener {
    /// The next one; `None` when the node ends. What a slow listener missed is skipped: the list of a case has it.
    pub async fn next(&mut self) -> Option<Arc<Told>> {
        loop {
            match self.receiver.recv().await {
                Ok(told) if in_scope(&self.scope, &told.organ) => return Some(told),
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => return None,
            }
        }
    }
}

pub(crate) fn in_scope(scope: &Scope, organ: &str) -> bool {
    match scope {
        Scope::All => true,
        Scope::Only(codes) => codes.iter().any(|c| c.as_str() == organ),
    }
}

fn clock(engine: &::watch::Engine, change: &::watch::Change) -> Option<Clock> {
    let rule = engine.program().rule(change.rule);
    let case = engine.named(change, "case").and_then(|id| id.parse().ok());
    Some(Clock {
        id: engine.finding_id(change),
        rule: rule.id.to_string(),
        want: rule.want.clone().unwrap_or_else(|| rule.broken.clone()),
        case,
        number: None,
        organ: OrganCode::new(engine.organ(change)).ok()?,
        outcome: change.outcome(),
        grade: rule.grade,
        since: Micros::new(engine.since(change)).ok()?,
        due: change.due().and_then(|t| Micros::new(t).ok()),
        activation: engine.activation(change),
    })
}

/// Broken red first, then what is about to be, then the rest.
pub(crate) fn rank(finding: &::watch::Finding) -> u8 {
    match (finding.outcome, finding.grade) {
        ("breached", "red") => 0,
        ("at_risk", _) => 1,
        ("breached", "amber") => 2,
        ("pending" | "suspended", _) => 3,
        ("breached", _) => 4,
        ("not_checkable", _) => 6,
        _ => 5,
    }
}
