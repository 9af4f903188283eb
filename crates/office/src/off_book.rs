//! What is kept outside the books (体外循环, V-18): things and stays that belong to no case, numbers that are missing, and what the
//! rules find of the same kind; within what the viewer supervises, each list with what was looked at.
//!
//! Rows are acts, things and registers of numbers. **Is not** about persons who act: nobody is named, counted or ranked, and
//! a missing number is a question to its register, not a finding (V-18.7 is a rule that events cannot check).

use std::collections::{HashMap, HashSet};

use ::watch::Text2;
use law::rule::{Grade, Outcome};
use model::{Activity, Micros, OrganCode, Pseudonym};
use register::{NumberGap, Scope, Seen, Series};

use crate::{Action, CaseKey, Error, Office, Permit, finding::in_scope, may};

/// The violation that this page is about.
const OFF_BOOK: &str = "V-18";
/// Registers with gaps that are listed.
const REGISTERS: usize = 100;
/// Gaps of one register that are listed.
const GAPS: usize = 20;
/// Findings that are listed.
const FINDINGS: usize = 200;
/// Of the numbers between the lowest and the highest, one in so many must have been seen: else the digits at the end are no
/// running number (a date, a code), and nothing is missing.
const DENSE: u64 = 5;

/// An act of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookAct {
    /// Position in the log.
    pub index: u64,
    /// What was done.
    pub activity: Activity,
    /// When it is said to have happened.
    pub occurred: Micros,
    /// In whose name.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
}

/// What a rule says of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookMark {
    /// Id of the finding.
    pub finding: String,
    /// The rule.
    pub rule: String,
    /// What a breach is.
    pub grade: Grade,
    /// What is so.
    pub broken: Text2,
}

/// A thing that belongs to no case, or that entered the store without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookItem {
    /// The thing.
    pub item: Pseudonym,
    /// The first act that names no case.
    pub first: OffBookAct,
    /// How many such acts there are.
    pub acts: u64,
    /// Whether other acts tie it to a case.
    pub tied: bool,
    /// That case, if the viewer may see it.
    pub case: Option<CaseKey>,
    /// What the rules say.
    pub marks: Vec<OffBookMark>,
}

/// A stay that belongs to no case and no alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookStay {
    /// Who; `None` where the entry names nobody.
    pub person: Option<Pseudonym>,
    /// The entry.
    pub entered: OffBookAct,
    /// The next exit.
    pub left: Option<OffBookAct>,
    /// What the rules say.
    pub marks: Vec<OffBookMark>,
}

/// A register of running numbers in which some are missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookRegister {
    /// Of papers; else of alerts.
    pub papers: bool,
    /// The text of its numbers, with `#` for the number.
    pub name: String,
    /// Year.
    pub year: i64,
    /// The unit that all who used it belong to.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Lowest number seen.
    pub low: u32,
    /// Highest number seen.
    pub high: u32,
    /// Different numbers seen.
    pub seen: u64,
    /// Numbers between the two that nobody used.
    pub missing: u64,
    /// Which; the first twenty stretches.
    pub gaps: Vec<NumberGap>,
}

/// A finding of the same kind that no row above shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffBookFinding {
    /// What it says.
    pub mark: OffBookMark,
    /// The case, if it names one that the viewer may see.
    pub case: Option<CaseKey>,
    /// The act that began it.
    pub act: OffBookAct,
}

/// Rows, how many there are, and how many things were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked<T> {
    /// The rows; of a long list the first.
    pub rows: Vec<T>,
    /// How many rows the whole list has.
    pub total: u64,
    /// How many were looked at.
    pub of: u64,
}

impl<T> Default for Looked<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            total: 0,
            of: 0,
        }
    }
}

/// What is kept outside the books.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffBook {
    /// Things, of all things.
    pub items: Looked<OffBookItem>,
    /// Stays, of all entries into a handling area.
    pub stays: Looked<OffBookStay>,
    /// Registers with gaps, of all registers that run.
    pub registers: Looked<OffBookRegister>,
    /// Numbers that were looked at in these registers.
    pub numbers: u64,
    /// Registers that do not run, so that nothing can be missing.
    pub not_running: u64,
    /// Registers that units outside the viewer's share use: a gap would show only to who sees them all.
    pub shared: u64,
    /// Other findings, of all acts that their rules looked at.
    pub findings: Looked<OffBookFinding>,
}

/// A finding that stands, as the engine has it.
struct Standing {
    mark: OffBookMark,
    object: (String, String),
    case: Option<CaseKey>,
    activation: u64,
}

impl Office {
    /// What is kept outside the books, of the organs that the viewer supervises.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn off_book(&self, permit: &Permit<may::SeeUnits>) -> Result<OffBook, Error> {
        let scope = self.inner.scope(permit.viewer(), Action::SeeUnits);
        self.watched(self.inner.applied()).await;
        let (standing, judged) = self.off_book_findings(scope.clone()).await?;
        let mut told: HashSet<String> = HashSet::new();
        let mut out = OffBook::default();
        let (items, total, of) = self.inner.register.loose_items(&scope).await?;
        (out.items.total, out.items.of) = (total, of);
        for row in items {
            let id = row.item.to_string();
            let about = |s: &&Standing| {
                s.object == ("item".to_owned(), id.clone()) || s.activation == row.first.index
            };
            let marks = marks(&standing, about, &mut told);
            out.items.rows.push(OffBookItem {
                item: row.item,
                acts: row.acts,
                tied: row.case.is_some(),
                case: self.within(row.case, &scope).await?,
                first: self.off_book_act(row.first),
                marks,
            });
        }
        let (stays, total, of) = self.inner.register.loose_stays(&scope).await?;
        (out.stays.total, out.stays.of) = (total, of);
        for row in stays {
            let about = |s: &&Standing| s.activation == row.entered.index;
            let marks = marks(&standing, about, &mut told);
            out.stays.rows.push(OffBookStay {
                person: row.person,
                entered: self.off_book_act(row.entered),
                left: row.left.map(|l| self.off_book_act(l)),
                marks,
            });
        }
        self.registers(&scope, &mut out).await?;
        out.findings.of = judged;
        for s in standing.iter().filter(|s| !told.contains(&s.mark.finding)) {
            out.findings.total += 1;
            if out.findings.rows.len() < FINDINGS {
                let act = self.inner.register.seen(s.activation).await?;
                out.findings.rows.push(OffBookFinding {
                    mark: s.mark.clone(),
                    case: self.within(s.case.map(|c| c.0), &scope).await?,
                    act: self.off_book_act(act),
                });
            }
        }
        Ok(out)
    }

    /// Findings of V-18 that stand within a scope, oldest act first, and how often their rules looked at something there.
    async fn off_book_findings(&self, scope: Scope) -> Result<(Vec<Standing>, u64), Error> {
        let inner = std::sync::Arc::clone(&self.inner);
        let found = tokio::task::spawn_blocking(move || {
            let state = inner.watcher.lock();
            let (engine, program) = (&state.engine, state.engine.program());
            let ours: Vec<bool> = (0..program.rule_count())
                .map(|no| {
                    let rule = program.rule(no as ::watch::RuleNo);
                    rule.violations.iter().any(|v| v.as_str() == OFF_BOOK)
                })
                .collect();
            let mut judged = 0;
            engine.survey(|rule, organ, _| {
                judged += u64::from(ours[rule as usize] && in_scope(&scope, organ));
            });
            let mut found: Vec<Standing> = (engine.standing())
                .filter(|c| ours[c.rule as usize] && c.outcome() == Outcome::Breached)
                .filter(|c| in_scope(&scope, engine.organ(c)))
                .map(|c| {
                    let rule = program.rule(c.rule);
                    let (object_type, id) = engine.object(&c);
                    Standing {
                        mark: OffBookMark {
                            finding: engine.finding_id(&c),
                            rule: rule.id.to_string(),
                            grade: rule.grade,
                            broken: Text2::from(&rule.broken),
                        },
                        object: (object_type.to_owned(), id.to_owned()),
                        case: engine.named(&c, "case").and_then(|c| c.parse().ok()),
                        activation: engine.activation(&c),
                    }
                })
                .collect();
            found.sort_by(|a, b| {
                (a.activation, &a.mark.finding).cmp(&(b.activation, &b.mark.finding))
            });
            (found, judged)
        });
        found.await.map_err(|e| Error::internal("off-book", e))
    }

    async fn registers(&self, scope: &Scope, out: &mut OffBook) -> Result<(), Error> {
        let tree = self.inner.register.tree();
        for series in self.inner.register.series().await? {
            let Some(organ) = common(&tree, &series.organs) else {
                // Of organs under different tops: nobody supervises them together.
                out.shared += u64::from(series.organs.iter().any(|o| scope.holds(o)));
                continue;
            };
            if !scope.holds(&organ) {
                out.shared += u64::from(series.organs.iter().any(|o| scope.holds(o)));
                continue;
            }
            let span = u64::from(series.high) - u64::from(series.low) + 1;
            if series.seen.saturating_mul(DENSE) < span {
                out.not_running += 1;
                continue;
            }
            out.registers.of += 1;
            out.numbers += series.seen;
            if span == series.seen {
                continue;
            }
            out.registers.total += 1;
            if out.registers.rows.len() >= REGISTERS {
                continue;
            }
            let mut gaps = self.inner.register.number_gaps(&series).await?;
            gaps.truncate(GAPS);
            let Series {
                papers,
                name,
                year,
                low,
                high,
                seen,
                ..
            } = series;
            out.registers.rows.push(OffBookRegister {
                papers,
                name,
                year,
                organ_name: tree.name(&organ),
                organ,
                low,
                high,
                seen,
                missing: span - seen,
                gaps,
            });
        }
        Ok(())
    }

    /// A case, if the scope holds its organ.
    async fn within(
        &self,
        case: Option<Pseudonym>,
        scope: &Scope,
    ) -> Result<Option<CaseKey>, Error> {
        let Some(case) = case else { return Ok(None) };
        let row = self.inner.register.object(case).await?;
        Ok(row.filter(|o| scope.holds(&o.organ)).map(|o| CaseKey(o.id)))
    }

    fn off_book_act(&self, seen: Seen) -> OffBookAct {
        OffBookAct {
            index: seen.index,
            activity: seen.activity,
            occurred: seen.occurred,
            organ_name: self.inner.register.tree().name(&seen.organ),
            organ: seen.organ,
        }
    }
}

fn marks(
    standing: &[Standing],
    about: impl Fn(&&Standing) -> bool,
    told: &mut HashSet<String>,
) -> Vec<OffBookMark> {
    let marks: Vec<OffBookMark> = standing
        .iter()
        .filter(about)
        .map(|s| s.mark.clone())
        .collect();
    told.extend(marks.iter().map(|m| m.finding.clone()));
    marks
}

/// The lowest organ that all of these are or belong to.
fn common(tree: &register::Tree, organs: &[OrganCode]) -> Option<OrganCode> {
    let (first, rest) = organs.split_first()?;
    let mut depth: HashMap<OrganCode, usize> = HashMap::new();
    for organ in rest {
        for above in tree.line_up(organ) {
            *depth.entry(above).or_default() += 1;
        }
    }
    (tree.line_up(first).into_iter())
        .find(|o| rest.is_empty() || depth.get(o).copied() == Some(rest.len()))
}
