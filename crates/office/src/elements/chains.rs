//! Chains within a case: a person's measures, a thing's custody, a visit's stay, a file's versions and loans.
//!
//! Small machines over acts in the order of their time; acts that a correction says anew count for nothing. A machine marks
//! what a chain lacks (a step out of a state in which it cannot be) and names the findings that stand on the same acts.
//! **Is not** a rule: a gap without a finding is a question about the record, and is shown as that. Articles: PSA 187–197,
//! PSC 227–236 (custody: taken, handed to the custodian within 24 hours, entered, lent and given back, decided), AREA 4 (entry and
//! exit), CPL 119 and PSAPL25 97 (nobody stays longer than 24 hours), PSA 260–263 (files).

use std::collections::BTreeSet;

use model::{Activity, Micros, Qualifier};

use super::Said;
use crate::{ActorView, ObjectView};

/// An hour in microseconds.
const HOUR: i64 = 3_600_000_000;
/// Longest stay that any law allows; an entry without exit is a gap after it.
const LONGEST_STAY: i64 = 24 * HOUR;
/// Arrival is put down within that time of the entry, leaving within that of the exit.
const NEAR: i64 = 2 * HOUR;
/// Missing versions that are named.
const MISSING: usize = 20;

/// Something that a chain lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapKind {
    /// In somebody's hands without an act that took it.
    NoOrigin,
    /// Entered in the store's book without a hand-over.
    NotHandedOver,
    /// Lent without having been entered.
    NotEntered,
    /// Lent again before it came back.
    LentTwice,
    /// Handed on, decided or archived while lent.
    NotBack,
    /// Came back without having been lent.
    NotLent,
    /// In somebody's hands after it was decided.
    AfterDisposal,
    /// Somebody entered and never left.
    NoExit,
    /// Somebody left and never entered.
    NoEntry,
    /// A version without an act.
    Version(i64),
}

impl GapKind {
    /// Rules of the pack `casework` that say the same of a thing. A finding of another rule stands beside the thing, not here.
    const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::NoOrigin => &["PRE-prop.register"],
            Self::NotHandedOver => &["PR-001", "PRE-prop.register"],
            Self::NotEntered => &["PRE-prop.check_out", "PR-004.5"],
            Self::LentTwice => &["PR-006", "PR-014.2"],
            Self::NotBack => &["PR-006"],
            Self::NotLent => &["PRE-prop.check_in"],
            Self::AfterDisposal => &["PR-014.3"],
            Self::NoExit | Self::NoEntry | Self::Version(_) => &[],
        }
    }
}

/// A hole in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What is missing.
    pub kind: GapKind,
    /// The act that shows it: a position in [`super::Elements::acts`]. For a version the act with the next one.
    pub act: usize,
    /// What the rules say about it: positions in what stands.
    pub findings: Vec<usize>,
}

/// Where a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Custody {
    /// Only mentioned: nobody took it.
    Named,
    /// Taken, with the unit that took it.
    Taken,
    /// Sealed or frozen where it is.
    InPlace,
    /// Handed to the custodian.
    HandedOver,
    /// In the store.
    Stored,
    /// Lent.
    Lent,
    /// The measure is lifted.
    Lifted,
    /// Given back.
    Returned,
    /// Sold.
    Sold,
    /// Destroyed.
    Destroyed,
    /// Paid to the treasury.
    Treasury,
    /// Gone with the case.
    Sent,
}

impl Custody {
    /// Whether it has left for good.
    pub fn is_disposed(self) -> bool {
        matches!(
            self,
            Self::Returned | Self::Sold | Self::Destroyed | Self::Treasury | Self::Sent
        )
    }
}

/// A step of a custody chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The act.
    pub act: usize,
    /// Where the thing is after it.
    pub custody: Custody,
    /// What was missing before it.
    pub gap: Option<Gap>,
}

/// A thing.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemElement {
    /// The thing.
    pub object: ObjectView,
    /// All its acts.
    pub acts: Vec<usize>,
    /// Those that move it.
    pub chain: Vec<Link>,
    /// Where it is.
    pub custody: Custody,
    /// What the rules say about it.
    pub findings: Vec<usize>,
    /// The clock that runs out first.
    pub due: Option<usize>,
}

/// A measure against a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The act that began it; its activity is the kind.
    pub begun: usize,
    /// Extensions, deliveries, checks.
    pub changes: Vec<usize>,
    /// What ended it: its end, or the measure that followed.
    pub ended: Option<usize>,
    /// The clock that runs out first.
    pub due: Option<usize>,
    /// What the rules say about it.
    pub findings: Vec<usize>,
}

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonElement {
    /// The person.
    pub object: ObjectView,
    /// His parts in the case.
    pub parts: Vec<Qualifier>,
    /// All his acts.
    pub acts: Vec<usize>,
    /// Measures, by their beginning.
    pub measures: Vec<Measure>,
}

/// A visit to a handling area.
#[derive(Clone, Debug, PartialEq)]
pub struct Stay {
    /// Who.
    pub person: ObjectView,
    /// Where, if it is on record.
    pub place: Option<ObjectView>,
    /// Entry, leaving for a while, exit and what happened in between.
    pub acts: Vec<usize>,
    /// When he entered.
    pub entered: Option<usize>,
    /// When he left.
    pub left: Option<usize>,
    /// How long, in microseconds: until now where he is still in; `None` where one end is missing.
    pub length: Option<i64>,
    /// Whether he may still be in.
    pub open: bool,
    /// When he was taken out for a while.
    pub out: Vec<usize>,
    /// Who acted meanwhile.
    pub with: Vec<ActorView>,
    /// A limit of law on the stay is broken.
    pub overlong: bool,
    /// A missing end.
    pub gap: Option<Gap>,
    /// What the rules say about it.
    pub findings: Vec<usize>,
}

/// A version of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The act that made it.
    pub act: usize,
    /// Its number, where the act says one.
    pub number: Option<i64>,
}

/// A loan of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Loan {
    /// The act that lent it.
    pub act: usize,
    /// Who has it.
    pub borrowers: Vec<ActorView>,
    /// When it is to be back.
    pub until: Option<Micros>,
    /// When it came back.
    pub back: Option<usize>,
    /// Not back, and the time is over.
    pub overdue: bool,
}

/// A file.
#[derive(Clone, Debug, PartialEq)]
pub struct FileElement {
    /// The file.
    pub object: ObjectView,
    /// All its acts.
    pub acts: Vec<usize>,
    /// Its versions.
    pub versions: Vec<Version>,
    /// Its loans.
    pub loans: Vec<Loan>,
    /// When it was archived.
    pub archived: Option<usize>,
    /// What its chain lacks.
    pub gaps: Vec<Gap>,
    /// What the rules say about it.
    pub findings: Vec<usize>,
}

/// A kind of measure: what begins, changes and ends it.
struct Kind {
    begin: &'static [&'static str],
    change: &'static [&'static str],
    end: &'static [&'static str],
}

const MEASURES: &[Kind] = &[
    // 传唤、拘传: CPL 119; PSC 78–80, 198–200; PSAPL25 96–97.
    Kind {
        begin: &[
            "cr.summon",
            "cr.summon_oral",
            "cr.compel",
            "ad.summon",
            "ad.summon_oral",
            "ad.summon_force",
        ],
        change: &["cr.arrive", "ad.arrive", "cr.stay_extend"],
        end: &["cr.leave", "ad.leave"],
    },
    // 继续盘问.
    Kind {
        begin: &["ad.cq_start"],
        change: &["ad.cq_extend"],
        end: &["ad.cq_end"],
    },
    // 拘留: CPL 82–91.
    Kind {
        begin: &["cr.detain"],
        change: &[
            "cr.deliver_custody",
            "cr.family_notify",
            "cr.detain_extend",
            "cr.arrest_request",
            "cr.arrest_approved",
            "cr.arrest_refused",
        ],
        end: &["cr.release", "cr.arrest", "cr.bail", "cr.rs"],
    },
    // 逮捕: CPL 80–100, 156–160.
    Kind {
        begin: &["cr.arrest"],
        change: &[
            "cr.deliver_custody",
            "cr.family_notify",
            "cr.custody_extend_request",
            "cr.custody_extended",
            "cr.custody_recount",
        ],
        end: &["cr.release", "cr.bail", "cr.rs"],
    },
    // 取保候审: CPL 67–73.
    Kind {
        begin: &["cr.bail"],
        change: &[
            "cr.bail_exec_notify",
            "cr.bail_check",
            "cr.bail_expiry_warn",
            "cr.bail_forfeit",
        ],
        end: &["cr.bail_release", "cr.detain", "cr.arrest", "cr.rs"],
    },
    // 监视居住: CPL 74–79.
    Kind {
        begin: &["cr.rs"],
        change: &["cr.family_notify"],
        end: &["cr.rs_release", "cr.detain", "cr.arrest", "cr.bail"],
    },
    // 技术侦查: CPL 150–154.
    Kind {
        begin: &["cr.tech"],
        change: &[],
        end: &["cr.tech_end"],
    },
    // 通缉、边控: CPL 155.
    Kind {
        begin: &["cr.wanted"],
        change: &[],
        end: &[],
    },
    Kind {
        begin: &["cr.border"],
        change: &[],
        end: &[],
    },
    // 责令禁止接触.
    Kind {
        begin: &["ad.no_contact"],
        change: &[],
        end: &[],
    },
    // 行政拘留的执行.
    Kind {
        begin: &["ad.detention_exec"],
        change: &["ad.suspend_decide", "ad.lockup_leave", "ad.lockup_return"],
        end: &["ad.release_detention"],
    },
];

/// A person with his measures.
pub(super) fn person(
    said: &Said<'_>,
    object: ObjectView,
    parts: Vec<Qualifier>,
    acts: Vec<usize>,
) -> PersonElement {
    let mut measures: Vec<Measure> = Vec::new();
    // The open measure of each kind.
    let mut open: Vec<Option<usize>> = vec![None; MEASURES.len()];
    for &at in acts.iter().filter(|at| !said.acts[**at].superseded) {
        let activity = said.kind(at);
        for (kind, open) in MEASURES.iter().zip(&mut open) {
            if let Some(m) = *open {
                if kind.end.contains(&activity) {
                    measures[m].ended = Some(at);
                    *open = None;
                } else if kind.change.contains(&activity) {
                    measures[m].changes.push(at);
                }
            }
            if kind.begin.contains(&activity) {
                *open = Some(measures.len());
                measures.push(Measure {
                    begun: at,
                    changes: Vec::new(),
                    ended: None,
                    due: None,
                    findings: Vec::new(),
                });
            }
        }
    }
    for m in &mut measures {
        let mut own = vec![m.begun];
        own.extend(&m.changes);
        m.due = said.due(&object, &own).filter(|_| m.ended.is_none());
        own.extend(m.ended);
        m.findings = said.about(&object, &own);
    }
    PersonElement {
        object,
        parts,
        acts,
        measures,
    }
}

/// Where a thing is after an act, and what was missing before; `None` where the act does not move it.
fn moved(activity: &Activity, now: Custody, renewal: bool) -> Option<(Custody, Option<GapKind>)> {
    use Custody as C;
    use GapKind as G;
    let held = |now: C| match now {
        C::Named => Some(G::NoOrigin),
        C::Lent => Some(G::NotBack),
        now if now.is_disposed() => Some(G::AfterDisposal),
        _ => None,
    };
    let disposed = |to: C| {
        let gap = match now {
            C::Named => Some(G::NoOrigin),
            C::Lent => Some(G::NotBack),
            _ => None,
        };
        Some((to, gap))
    };
    match activity.as_str() {
        "cr.seize" | "ad.seize" | "ad.pre_register" | "int.evidence_receive" => {
            Some((C::Taken, None))
        }
        "cr.seal" | "cr.freeze" | "cr.freeze_renew" => Some((C::InPlace, None)),
        "prop.handover" => Some((C::HandedOver, held(now))),
        "prop.register" => Some(match now {
            // Only the papers go to the custodian (PSA 190).
            C::InPlace => (C::InPlace, None),
            C::Taken => (C::Stored, Some(G::NotHandedOver)),
            _ => (C::Stored, held(now)),
        }),
        "prop.check_out" => {
            let gap = match now {
                C::Stored | C::Lifted => None,
                C::Lent if renewal => None,
                C::Lent => Some(G::LentTwice),
                now if now.is_disposed() => Some(G::AfterDisposal),
                _ => Some(G::NotEntered),
            };
            Some((C::Lent, gap))
        }
        "prop.check_in" => Some((C::Stored, (now != C::Lent).then_some(G::NotLent))),
        "prop.return_owner" | "prop.return_victim" => disposed(C::Returned),
        "prop.sell" => disposed(C::Sold),
        "prop.destroy" => disposed(C::Destroyed),
        "prop.to_treasury" => disposed(C::Treasury),
        "prop.send_with_case" => disposed(C::Sent),
        "cr.lift" | "ad.lift" if !now.is_disposed() => Some((C::Lifted, None)),
        _ => None,
    }
}

/// A thing with its custody chain.
pub(super) fn item(said: &Said<'_>, object: ObjectView, acts: Vec<usize>) -> ItemElement {
    let mut custody = Custody::Named;
    let mut chain: Vec<Link> = Vec::new();
    for &at in acts.iter().filter(|at| !said.acts[**at].superseded) {
        let act = &said.acts[at];
        let Some((to, lacks)) = moved(&act.activity, custody, act.renewal) else {
            continue;
        };
        let gap = lacks.map(|kind| {
            let mut around = vec![at];
            around.extend(chain.last().map(|l| l.act));
            let mut findings = said.about(&object, &around);
            findings.retain(|f| {
                let rule = &said.standing.found[*f].rule.id;
                kind.rules().contains(&rule.as_str())
            });
            Gap {
                kind,
                act: at,
                findings,
            }
        });
        custody = to;
        chain.push(Link {
            act: at,
            custody,
            gap,
        });
    }
    ItemElement {
        findings: said.about(&object, &acts),
        due: said.due(&object, &acts),
        object,
        acts,
        chain,
        custody,
    }
}

/// The visits of a person to handling areas.
pub(super) fn stays(
    said: &Said<'_>,
    person: &ObjectView,
    acts: &[usize],
    now: Micros,
) -> Vec<Stay> {
    let place = |at: usize| {
        let objects = &said.acts[at].objects;
        (objects.iter())
            .find(|o| o.object_type.as_str() == "place")
            .cloned()
    };
    let begin = |at: usize, entered: bool| Stay {
        person: person.clone(),
        place: place(at),
        acts: vec![at],
        entered: entered.then_some(at),
        left: (!entered).then_some(at),
        length: None,
        open: false,
        out: Vec::new(),
        with: Vec::new(),
        overlong: false,
        gap: None,
        findings: Vec::new(),
    };
    let mut stays: Vec<Stay> = Vec::new();
    let mut inside = false;
    for &at in acts.iter().filter(|at| !said.acts[**at].superseded) {
        match said.kind(at) {
            "plc.enter" => {
                stays.push(begin(at, true));
                inside = true;
            }
            "plc.exit" => {
                match stays.last_mut().filter(|_| inside) {
                    Some(stay) => {
                        stay.acts.push(at);
                        stay.left = Some(at);
                        stay.place = stay.place.take().or_else(|| place(at));
                    }
                    None => stays.push(begin(at, false)),
                }
                inside = false;
            }
            kind => {
                if let Some(stay) = stays.last_mut().filter(|_| inside) {
                    stay.acts.push(at);
                    if kind == "plc.leave_temp" {
                        stay.out.push(at);
                    }
                }
            }
        }
    }
    let last = stays.len().saturating_sub(1);
    for (n, stay) in stays.iter_mut().enumerate() {
        let time = |at: usize| said.acts[at].occurred.get();
        let lacks = match (stay.entered, stay.left) {
            (Some(from), Some(to)) => {
                stay.length = Some(time(to) - time(from));
                None
            }
            (Some(from), None) => {
                let length = now.get() - time(from);
                // What came after the longest stay was not within it.
                stay.acts
                    .retain(|at| time(*at) - time(from) <= LONGEST_STAY);
                stay.open = n == last && length <= LONGEST_STAY;
                stay.length = stay.open.then_some(length);
                (!stay.open).then_some((GapKind::NoExit, from))
            }
            (None, to) => to.map(|to| (GapKind::NoEntry, to)),
        };
        for at in &stay.acts {
            for actor in &said.acts[*at].actors {
                if !stay.with.contains(actor) {
                    stay.with.push(actor.clone());
                }
            }
        }
        // Arrival and leaving are put down beside entry and exit; limits hang on them.
        let near = |at: &usize| {
            let from = stay.entered.or(stay.left).map_or(0, time) - NEAR;
            let to = stay.left.map_or(now.get(), time) + NEAR;
            let beside = matches!(
                said.kind(*at),
                "cr.arrive" | "ad.arrive" | "cr.leave" | "ad.leave" | "ad.cq_start" | "ad.cq_end"
            );
            beside && (from..=to).contains(&time(*at))
        };
        let mut around: Vec<usize> = acts.iter().copied().filter(near).collect();
        around.extend(&stay.acts);
        let doors: Vec<usize> = (around.iter().copied())
            .filter(|at| said.kind(*at).starts_with("plc."))
            .collect();
        let mut findings = said.about(person, &doors);
        for f in said.about(person, &around) {
            if !findings.contains(&f) && said.is_overlong(f) {
                findings.push(f);
            }
        }
        stay.overlong = findings.iter().any(|f| said.is_overlong(*f));
        stay.gap = lacks.map(|(kind, act)| Gap {
            kind,
            act,
            findings: said.about(person, &[act]),
        });
        stay.findings = findings;
    }
    stays
}

/// A file with its versions and loans.
pub(super) fn file(
    said: &Said<'_>,
    object: ObjectView,
    acts: Vec<usize>,
    now: Micros,
) -> FileElement {
    let mut versions: Vec<Version> = Vec::new();
    let mut loans: Vec<Loan> = Vec::new();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut archived = None;
    let mut gap = |kind, act: usize| {
        let findings = said.about(&object, &[act]);
        gaps.push(Gap {
            kind,
            act,
            findings,
        });
    };
    for &at in acts.iter().filter(|at| !said.acts[**at].superseded) {
        let act = &said.acts[at];
        // The first act made the file, whichever it was.
        let makes = versions.is_empty() || matches!(said.kind(at), "rec.doc_issue" | "rec.correct");
        if makes || act.version.is_some() {
            versions.push(Version {
                act: at,
                number: act.version,
            });
        }
        let lent = |loans: &[Loan]| loans.last().is_some_and(|l| l.back.is_none());
        match said.kind(at) {
            "file.borrow" => {
                if lent(&loans) {
                    if act.renewal {
                        continue;
                    }
                    gap(GapKind::LentTwice, at);
                }
                let until = (act.days)
                    .and_then(|days| days.checked_mul(24 * HOUR)?.checked_add(act.occurred.get()))
                    .and_then(|t| Micros::new(t).ok());
                let keeps = |a: &&ActorView| a.role.as_str() != "R_CASE_MGR";
                loans.push(Loan {
                    act: at,
                    borrowers: act.actors.iter().filter(keeps).cloned().collect(),
                    until,
                    back: None,
                    overdue: false,
                });
            }
            "file.return" => match loans.last_mut().filter(|l| l.back.is_none()) {
                Some(loan) => loan.back = Some(at),
                None => gap(GapKind::NotLent, at),
            },
            "file.archive" => {
                if lent(&loans) {
                    gap(GapKind::NotBack, at);
                }
                archived = Some(at);
            }
            _ => {}
        }
    }
    for loan in &mut loans {
        loan.overdue = loan.back.is_none() && loan.until.is_some_and(|until| until < now);
    }
    let stated: BTreeSet<i64> = versions.iter().filter_map(|v| v.number).collect();
    let mut before = 0;
    let mut missing = Vec::new();
    for &number in &stated {
        // Whoever writes a million by mistake does not make a million gaps.
        missing.extend((before + 1..number).take(MISSING));
        before = number.max(before);
    }
    // A version without a number may be one of those that are missing.
    let unnumbered = versions.iter().filter(|v| v.number.is_none()).count();
    for number in missing.into_iter().skip(unnumbered).take(MISSING) {
        let next = versions
            .iter()
            .filter(|v| v.number.is_some_and(|n| n > number));
        if let Some(next) = next.min_by_key(|v| v.number) {
            gap(GapKind::Version(number), next.act);
        }
    }
    FileElement {
        findings: said.about(&object, &acts),
        object,
        acts,
        versions,
        loans,
        archived,
        gaps,
    }
}
