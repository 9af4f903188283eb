//! A generator of casework: a made-up city bureau and thousands of its cases, for demo, tests and benchmarks.
//!
//! Cases follow the activities of the pack `casework`; who acts and who approves is read from the catalogue. An ordinary case
//! is lawful and complete: it keeps every rule of the pack and says what the rules look at. A few cases hold a violation put
//! there on purpose ([`Planted`], from the table [`PLANTS`]), so that whoever checks can be checked. Everything hangs on the
//! seed and the given end: no clock, no other randomness.
//!
//! It is *not* a picture of any real bureau and no source of figures: names, shares and durations are invented. All times are
//! Beijing time in their making and instants in what is given.

mod act;
mod administrative;
mod criminal;
mod diary;
mod draft;
#[cfg(feature = "judge")]
pub mod explained;
mod inquiries;
mod intake;
#[cfg(feature = "judge")]
pub mod judge;
mod looks;
mod moment;
mod names;
mod plants;
mod property;
mod rng;
mod roster;
mod script;
mod standard;
mod suspect;
#[cfg(test)]
mod tests;
#[cfg(feature = "judge")]
pub mod warnings;

use std::collections::BTreeMap;

use model::Micros;

pub use act::{Act, Actor, Asker, Case, Inquiry, Planted, Procedure, Thing};
pub use looks::{CaseLook, Registered};
pub use plants::{PLANTS, Plant};
pub use roster::{Organ, Outsider, Person, Roster};

use diary::Diary;
use moment::{DAY, Moment, Workdays};
use rng::Rng;
use roster::{District, Unit, UnitKind};
use script::{Script, Start};

/// How far back the cases go: two years.
const SPAN: i64 = 730 * DAY;
/// In so many of a hundred cases something is planted.
const PLANTED_PERCENT: i64 = 8;

/// Makes a roster, cases and inquiries from a seed.
///
/// ```text
/// let generator = Generator::new(7, "2026-11-23T00:00:00Z".parse()?);
/// for case in generator.cases(5_000) { … }        // case by case, or
/// for act in generator.acts(5_000) { … }          // all acts in the order of their recording
/// ```
#[derive(Clone, Debug)]
pub struct Generator {
    seed: u64,
    until: Moment,
    roster: Roster,
    workdays: Workdays,
    planted_percent: i64,
}

impl Generator {
    /// A generator whose two years end at `until` (cut to the second): nothing is recorded later.
    pub fn new(seed: u64, until: Micros) -> Self {
        let until = Moment::from_micros(until);
        let from = until.plus(-SPAN);
        Self {
            seed,
            until,
            roster: Roster::build(seed, from),
            workdays: Workdays::between(from, until.plus(60 * DAY)),
            planted_percent: PLANTED_PERCENT,
        }
    }

    /// With something planted in so many of a hundred cases, instead of eight.
    #[must_use]
    pub fn planting(mut self, percent: i64) -> Self {
        self.planted_percent = percent;
        self
    }

    /// Organs and people. The same for every number of cases.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// `n` cases, spread evenly over the two years, by the day on which they begin. Made one by one as they are asked
    /// for. Cases of the last months are still open; a case that began only just now may have no act yet.
    pub fn cases(&self, n: usize) -> impl Iterator<Item = Case> + '_ {
        let mut diary = Diary::default();
        self.starts(n)
            .enumerate()
            .map(move |(i, (start, no))| self.case(i, start, no, &mut diary))
    }

    /// The acts of `n` cases, all together in the order of their recording, as a ledger takes them in. Holds the acts of
    /// cases that are not finished, so memory does not grow with `n` beyond the cases open at one time.
    pub fn acts(&self, n: usize) -> impl Iterator<Item = Act> + '_ {
        let mut starts = self.starts(n).enumerate().peekable();
        let mut waiting: BTreeMap<(Micros, u64), Act> = BTreeMap::new();
        let mut diary = Diary::default();
        let mut serial = 0;
        std::iter::from_fn(move || {
            loop {
                // Whatever was recorded before the day of the next case is final: no later case can come before it.
                let first = waiting
                    .first_key_value()
                    .map(|((recorded, _), _)| *recorded);
                let next = starts
                    .peek()
                    .map(|(_, (start, _))| start.day_start().micros());
                match (first, next) {
                    (Some(first), Some(next)) if first >= next => {}
                    (Some(_), _) => return waiting.pop_first().map(|(_, act)| act),
                    (None, Some(_)) => {}
                    (None, None) => return None,
                }
                let (i, (start, no)) = starts.next()?;
                for act in self.case(i, start, no, &mut diary).acts {
                    serial += 1;
                    waiting.insert((act.recorded, serial), act);
                }
            }
        })
    }

    /// Who asked about these cases, in the order of recording. Depends on the cases that are given.
    pub fn inquiries(&self, cases: &[Case]) -> Vec<Inquiry> {
        inquiries::of(self.seed, self.until, &self.workdays, &self.roster, cases)
    }

    /// Who looked at these cases, with some who had no business to, and the relations that were registered for others.
    pub fn looks(&self, cases: &[Case]) -> (Vec<CaseLook>, Vec<Registered>) {
        looks::of(self, cases)
    }

    /// When each case begins and what its number is.
    fn starts(&self, n: usize) -> impl Iterator<Item = (Moment, String)> + '_ {
        let (mut year, mut serial) = (0, 0);
        (0..n).map(move |i| {
            let mut rng = Rng::new(self.seed, 2 * i as u64);
            let slot = |i: usize| (i as i128 * i128::from(SPAN) / n as i128) as i64;
            let from = self.until.plus(-SPAN);
            let day = from.plus(rng.range(slot(i), slot(i + 1) - 1)).day_start();
            // By night less is reported: of two times of the day take the one nearer to three in the afternoon.
            let time = [rng.range(0, DAY - 1), rng.range(0, DAY - 1)];
            let [a, b] = time.map(|t| (t - 15 * moment::HOUR).abs());
            let start = day
                .plus(if a < b { time[0] } else { time[1] })
                .clamp(from, self.until);
            if start.date().0 != year {
                (year, serial) = (start.date().0, 0);
            }
            serial += 1;
            (start, format!("A3301-{year}-{serial:06}"))
        })
    }

    fn case(&self, i: usize, start: Moment, no: String, diary: &mut Diary) -> Case {
        let mut rng = Rng::new(self.seed, 2 * i as u64 + 1);
        diary.forget_before(start.day_start());
        let criminal = rng.percent(40);
        let district = rng.pick(&self.roster.districts);
        let unit = unit(&mut rng, district, criminal);
        let planted = rng.percent(self.planted_percent);
        let kind = rng.below(criminal::NATURES.len());
        let (procedure, nature, facts) = if criminal {
            let nature = &criminal::NATURES[kind];
            (Procedure::Criminal, nature.name, nature.facts())
        } else {
            let (name, public_security) = *rng.pick(&administrative::NATURES);
            let facts = administrative::facts(public_security);
            (Procedure::Administrative, name, facts)
        };
        let mut script = Script::new(Start {
            rng,
            roster: &self.roster,
            workdays: &self.workdays,
            diary,
            district,
            unit,
            start,
            until: self.until,
            no,
            procedure,
            nature,
            facts,
            rolls: !planted,
        });
        if criminal {
            criminal::run(&mut script, &criminal::NATURES[kind]);
        } else {
            administrative::run(&mut script);
        }
        let mut case = script.finish();
        if planted {
            let mut rng = Rng::new(self.seed, u64::MAX / 2 - i as u64);
            let head = &self.roster.people[unit.head].no;
            plants::spoil(&mut case, &mut rng, self.until, head);
        }
        case
    }
}

/// Which unit takes the case: stations most of the public-security cases and half of the criminal ones.
fn unit<'r>(rng: &mut Rng, district: &'r District, criminal: bool) -> &'r Unit {
    let (kind, stations) = if criminal {
        (UnitKind::Criminal, 50)
    } else {
        (UnitKind::PublicSecurity, 75)
    };
    let kind = if rng.percent(stations) {
        UnitKind::Station
    } else {
        kind
    };
    let units: Vec<&Unit> = district.units.iter().filter(|u| u.kind == kind).collect();
    units[rng.below(units.len())]
}
