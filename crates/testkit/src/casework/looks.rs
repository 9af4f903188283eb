//! Who looks at generated cases: those who have to do with them, and a few who have not, put there on purpose.
//!
//! For testing how looks are explained. *Not* a picture of how anybody misuses a system: no real access log of this kind is
//! public, so what is counted on these looks shows cost and exactness, and not how much misuse would be found.

use model::Micros;

use super::rng::Rng;
use super::{Case, Generator};

/// A look at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLook {
    /// Position of the case in what was given.
    pub case: usize,
    /// Number of the person.
    pub who: String,
    /// When.
    pub at: Micros,
    /// Why, in a word.
    pub kind: &'static str,
    /// Put there without anything that explains it.
    pub planted: bool,
}

/// A relation that somebody registered: an assignment, a joint task, an inquiry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// Position of the case.
    pub case: usize,
    /// Number of the person.
    pub who: String,
    /// Kind, as the templates of the pack name it.
    pub kind: &'static str,
    /// From when it is said to hold.
    pub from: Micros,
    /// When it was recorded.
    pub recorded: Micros,
    /// Until when.
    pub until: Micros,
}

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Looks at cases, and what was registered for some of them.
pub(super) fn of(g: &Generator, cases: &[Case]) -> (Vec<CaseLook>, Vec<Registered>) {
    let mut book = Book {
        until: g.until.micros().get(),
        looks: Vec::new(),
        ties: Vec::new(),
    };
    for (n, case) in cases.iter().enumerate() {
        let mut rng = Rng::new(g.seed, u64::MAX / 4 - n as u64);
        if case.acts.is_empty() {
            continue;
        }
        legitimate(g, &mut book, &mut rng, n, case);
        if rng.percent(30) {
            planted(g, &mut book, &mut rng, n, case);
        }
    }
    (book.looks, book.ties)
}

struct Book {
    until: i64,
    looks: Vec<CaseLook>,
    ties: Vec<Registered>,
}

impl Book {
    fn look(&mut self, case: usize, who: &str, at: i64, kind: &'static str, planted: bool) {
        if at < self.until
            && let Ok(at) = Micros::new(at)
        {
            let who = who.to_owned();
            self.looks.push(CaseLook {
                case,
                who,
                at,
                kind,
                planted,
            });
        }
    }

    fn tie(&mut self, case: usize, who: &str, kind: &'static str, times: [i64; 3]) {
        let time = |t: i64| Micros::new(t).unwrap_or_default();
        self.ties.push(Registered {
            case,
            who: who.to_owned(),
            kind,
            from: time(times[0]),
            recorded: time(times[1]),
            until: time(times[2]),
        });
    }
}

/// Somebody of the roster with a role of the software who has no act in the case.
fn outside<'g>(
    g: &'g Generator,
    rng: &mut Rng,
    case: &Case,
    role: &str,
    fits: impl Fn(&str) -> bool,
) -> Option<&'g str> {
    let acted = |no: &str| (case.acts.iter()).any(|a| a.actors.iter().any(|x| x.no == no));
    let of_role = |p: &&super::Person| p.roles.iter().any(|r| r.as_str() == role);
    let people = g.roster.people.iter().filter(of_role);
    let some: Vec<&str> = people
        .filter(|p| fits(p.organ.as_str()) && !acted(&p.no))
        .map(|p| p.no.as_str())
        .collect();
    (!some.is_empty()).then(|| *rng.pick(&some))
}

fn legitimate(g: &Generator, book: &mut Book, rng: &mut Rng, n: usize, case: &Case) {
    let begun = case.acts[0].occurred.get();
    let last = case.acts[case.acts.len() - 1].occurred.get();
    for act in &case.acts {
        for actor in &act.actors {
            let police = g.roster.person(&actor.no).is_some();
            if !police || act.activity.as_str() == "rec.av_access" || !rng.percent(8) {
                continue;
            }
            let occurred = act.occurred.get();
            // Some open the case before what they did is entered.
            if rng.percent(10) && act.recorded > act.occurred {
                let at = rng.range(occurred, act.recorded.get() - 1);
                book.look(n, &actor.no, at, "before-entry", false);
                continue;
            }
            let (kind, days) = match actor.role.as_str() {
                "R_OFFICER" | "R_LEAD" => ("handles", 150),
                "R_PROPERTY" | "R_DEPOSIT" | "R_AV_ADMIN" | "R_AREA_MGR" | "R_DETENTION" => {
                    ("keeps", 80)
                }
                "R_APPRAISER" => ("appraises", 50),
                "R_INSPECT" | "R_DISCIPLINE" => ("inspects", 80),
                "R_OPERATOR" | "R_AUX" => ("first-response", 6),
                "R_WITNESS" | "R_LAWYER" | "R_PROC" | "R_GUARDIAN" => continue,
                _ => ("approves", 28),
            };
            let at = act.recorded.get() + rng.range(MINUTE, days * DAY);
            book.look(n, &actor.no, at, kind, false);
        }
    }
    let head = |p: &&super::Person| {
        p.organ == case.organ && p.roles.iter().any(|r| r.as_str() == "unit-head")
    };
    let after = case.acts[0].recorded.get() + HOUR;
    if let Some(head) = g.roster.people.iter().find(head) {
        book.look(n, &head.no, after + rng.range(0, 40 * DAY), "heads", false);
    }
    for (kind, role, percent) in [
        ("assigned", "officer", 15),
        ("joint-task", "officer", 10),
        ("inquiry", "unit-head", 4),
    ] {
        if rng.percent(percent)
            && let Some(who) = outside(g, rng, case, role, |_| true)
        {
            let from = after + rng.range(0, (last - begun).max(HOUR));
            let at = from + rng.range(HOUR, 20 * DAY);
            book.tie(n, who, kind, [from, from + MINUTE, from + 30 * DAY]);
            book.look(n, who, at, kind, false);
        }
    }
    // By word of mouth, and entered days later: sometimes too late to count.
    if rng.percent(4)
        && let Some(who) = outside(g, rng, case, "officer", |_| true)
    {
        let at = after + rng.range(HOUR, 10 * DAY);
        let entered = at + rng.range(HOUR, 8 * DAY);
        book.tie(n, who, "assigned", [at - HOUR, entered, at + 30 * DAY]);
        book.look(n, who, at, "word-of-mouth", false);
    }
    let inspector =
        (g.roster.people.iter()).find(|p| p.roles.iter().any(|r| r.as_str() == "inspector"));
    if let Some(p) = inspector
        && rng.percent(5)
        && after + 9 * DAY < p.since.get() + 366 * DAY
    {
        book.look(n, &p.no, after + rng.range(0, 8 * DAY), "mandate", false);
    }
}

fn planted(g: &Generator, book: &mut Book, rng: &mut Rng, n: usize, case: &Case) {
    let begun = case.acts[0].recorded.get();
    let last = case.acts[case.acts.len() - 1].recorded.get();
    let at = begun + rng.range(HOUR, (last - begun).max(2 * DAY));
    let own = case.organ.as_str();
    let district = own.split('-').next().unwrap_or(own);
    let elsewhere = |organ: &str| !organ.starts_with(district);
    match rng.below(25) {
        0..=5 => {
            if let Some(who) = outside(g, rng, case, "unit-head", elsewhere) {
                book.look(n, who, at, "leader-elsewhere", true);
            }
        }
        6..=10 => {
            if let Some(who) = outside(g, rng, case, "officer", elsewhere) {
                book.look(n, who, at, "officer-elsewhere", true);
                // That he looked before explains nothing.
                book.look(n, who, at + 2 * DAY, "again", true);
            }
        }
        11..=15 => {
            let beside = |organ: &str| organ == own;
            let head = |no: &str| {
                let person = g.roster.person(no);
                person.is_some_and(|p| p.roles.iter().any(|r| r.as_str() == "unit-head"))
            };
            if let Some(who) = outside(g, rng, case, "officer", beside).filter(|no| !head(no)) {
                book.look(n, who, at, "colleague", true);
            }
        }
        16..=18 => {
            if case.closed {
                book.look(n, &case.lead, last + 181 * DAY + HOUR, "long-after", true);
            }
        }
        19..=20 => {
            if let Some(who) = outside(g, rng, case, "officer", elsewhere) {
                book.tie(n, who, "joint-task", [begun, begun + MINUTE, begun + DAY]);
                book.look(n, who, begun + rng.range(2, 90) * DAY, "task-over", true);
            }
        }
        21..=23 => {
            if let Some(who) = outside(g, rng, case, "supervisor", |_| true)
                && !(case.acts.iter()).any(|a| a.activity.as_str().starts_with("sup."))
            {
                book.look(n, who, at, "supervisor-uncalled", true);
            }
        }
        // A handler with a private purpose: a relation explains it, so this is not found that way.
        _ => {
            if rng.percent(50) {
                book.look(n, &case.lead, at.max(begun + DAY), "private-purpose", true);
            }
        }
    }
}
