//! Holidays and make-up workdays by year, with the notice they come from; read from TOML, kept as one byte a day.
//!
//! A year's weekends are off unless named as make-up workdays. A year may be incomplete: then it holds only what the law
//! itself fixes, and results that rest on it are provisional. Is *not* a computation of festivals: every day is listed in
//! the notice of the General Office of the State Council (measure on national holidays, 全国年节及纪念日放假办法).

use std::ops::Range;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::days;

const OFF: u8 = 1;
const KNOWN: u8 = 2;
const COMPLETE: u8 = 4;
/// The festival stands above these bits, 0 for a weekend.
const FESTIVAL: u8 = 3;

/// Years that a file may hold; bounds the table to some 100 kB whatever the file says.
const YEARS: Range<i16> = 1949..2200;

/// What a day off belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Festival {
    /// 元旦
    NewYear,
    /// 春节
    SpringFestival,
    /// 清明节
    Qingming,
    /// 劳动节
    LabourDay,
    /// 端午节
    DragonBoat,
    /// 中秋节
    MidAutumn,
    /// 国庆节
    NationalDay,
    /// A day given once, by a notice of its own.
    Special,
}

impl Festival {
    const ALL: [Self; 8] = [
        Self::NewYear,
        Self::SpringFestival,
        Self::Qingming,
        Self::LabourDay,
        Self::DragonBoat,
        Self::MidAutumn,
        Self::NationalDay,
        Self::Special,
    ];
}

/// Why a day is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayOff {
    /// Saturday or Sunday.
    Weekend,
    /// In the stretch given for a festival, days in lieu included.
    Festival(Festival),
}

/// How a year's list is known.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// Where the days of a year come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The calendar year.
    pub year: i16,
    /// Whether the yearly notice is in; else only what the law itself fixes.
    pub complete: bool,
    /// Number of the notice, or name of the law.
    pub notice: String,
    /// Its date.
    pub issued: Date,
    /// Confidence mark: T, S, G or D.
    pub confidence: Mark,
    /// What it was compared with.
    pub checked: Checked,
}

/// Confidence of a fact, as in all packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Mark {
    /// Primary text read.
    T,
    /// Secondary.
    S,
    /// General knowledge.
    G,
    /// Our design.
    D,
}

/// Days off and make-up workdays of some years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holidays {
    id: String,
    version: u32,
    years: Vec<Year>,
    /// Day number of `flags[0]`.
    first: i32,
    flags: Box<[u8]>,
}

/// What is wrong with a holiday file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, `{key}`: {what}")]
pub struct HolidayError {
    /// Line of the file, from 1.
    pub line: usize,
    /// The key, such as `year[2026].holiday[qingming].off`; empty where TOML itself could not be read.
    pub key: String,
    /// What is wrong there.
    pub what: What,
}

/// Kinds of faults in a holiday file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum What {
    /// Not TOML, an unknown or missing key, a value of the wrong type; in the parser's words.
    #[error("{0}")]
    Syntax(String),
    /// A time, or a date with a time, where a date is wanted.
    #[error("`{0}` is not a plain date such as 2026-10-01")]
    NotADate(String),
    /// A day outside the year under which it stands.
    #[error("{0} does not lie in {1}")]
    OtherYear(Date, i16),
    /// One day twice.
    #[error("{0} is listed twice")]
    Twice(Date),
    /// A make-up workday on a day that is a workday anyhow.
    #[error("{0} is no Saturday or Sunday, so it cannot be a make-up workday")]
    NoMakeUp(Date),
    /// One year twice.
    #[error("the year {0} is listed twice")]
    YearTwice(i16),
    /// A year that is certainly a slip.
    #[error("the year {0} is outside 1949 to 2199")]
    YearRange(i16),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    id: String,
    version: u32,
    #[serde(default)]
    year: Vec<YearText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearText {
    year: Spanned<i16>,
    complete: bool,
    notice: String,
    issued: Spanned<toml::value::Datetime>,
    confidence: Mark,
    checked: Checked,
    #[serde(default)]
    holiday: Vec<HolidayText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayText {
    name: Festival,
    off: Vec<Spanned<toml::value::Datetime>>,
    #[serde(default)]
    work: Vec<Spanned<toml::value::Datetime>>,
}

impl Holidays {
    /// No year at all: every period that looks at holidays is provisional.
    pub fn none() -> Self {
        Self {
            id: String::new(),
            version: 0,
            years: Vec::new(),
            first: 0,
            flags: Box::default(),
        }
    }

    /// The shipped list of the People's Republic of China, `packs/calendar/cn.toml`.
    pub fn shipped() -> Self {
        Self::parse(include_str!("../../../packs/calendar/cn.toml"))
            .expect("the shipped file is parsed by a test")
    }

    /// Reads a file in the form of `packs/calendar/cn.toml`. Taken whole or not at all.
    pub fn parse(text: &str) -> Result<Self, HolidayError> {
        let line = |span: Range<usize>| {
            let before = &text.as_bytes()[..span.start.min(text.len())];
            1 + before.iter().filter(|b| **b == b'\n').count()
        };
        let fault = |span: Range<usize>, key: String, what: What| HolidayError {
            line: line(span),
            key,
            what,
        };
        let file: FileText = toml::from_str(text).map_err(|e| {
            let span = e.span().unwrap_or(0..0);
            let key = key_at(text, &span);
            fault(span, key, What::Syntax(e.message().to_owned()))
        })?;
        let plain = |at: &Spanned<toml::value::Datetime>, key: &str| {
            let d = at.get_ref();
            let date = match (d.date, d.time, d.offset) {
                (Some(date), None, None) => {
                    Date::new(date.year as i16, date.month as i8, date.day as i8).ok()
                }
                _ => None,
            };
            date.ok_or_else(|| fault(at.span(), key.to_owned(), What::NotADate(d.to_string())))
        };

        let mut listed: Vec<i16> = Vec::new();
        for y in &file.year {
            let year = *y.year.get_ref();
            let key = || format!("year[{year}].year");
            if !YEARS.contains(&year) {
                return Err(fault(y.year.span(), key(), What::YearRange(year)));
            }
            if listed.contains(&year) {
                return Err(fault(y.year.span(), key(), What::YearTwice(year)));
            }
            listed.push(year);
        }
        let (Some(&low), Some(&high)) = (listed.iter().min(), listed.iter().max()) else {
            return Ok(Self {
                id: file.id,
                version: file.version,
                ..Self::none()
            });
        };
        let first = days::number(i32::from(low), 1, 1);
        let end = days::number(i32::from(high) + 1, 1, 1);
        let mut flags = vec![0_u8; (end - first) as usize].into_boxed_slice();
        let mut years = Vec::with_capacity(file.year.len());
        for y in file.year {
            let year = *y.year.get_ref();
            let from = days::number(i32::from(year), 1, 1);
            let until = days::number(i32::from(year) + 1, 1, 1);
            let known = KNOWN | if y.complete { COMPLETE } else { 0 };
            for day in from..until {
                flags[(day - first) as usize] = known | u8::from(days::weekend(day));
            }
            let mut seen: Vec<Date> = Vec::new();
            for h in &y.holiday {
                let name = toml::Value::try_from(h.name).ok();
                let name = name.as_ref().and_then(|n| n.as_str()).unwrap_or_default();
                let code = 1 + Festival::ALL.iter().position(|f| *f == h.name).unwrap_or(0) as u8;
                for (list, word) in [(&h.off, "off"), (&h.work, "work")] {
                    let key = format!("year[{year}].holiday[{name}].{word}");
                    for at in list {
                        let date = plain(at, &key)?;
                        let day = days::from_date(date);
                        let what = if date.year() != year {
                            Some(What::OtherYear(date, year))
                        } else if seen.contains(&date) {
                            Some(What::Twice(date))
                        } else if word == "work" && !days::weekend(day) {
                            Some(What::NoMakeUp(date))
                        } else {
                            None
                        };
                        if let Some(what) = what {
                            return Err(fault(at.span(), key, what));
                        }
                        seen.push(date);
                        flags[(day - first) as usize] = match word {
                            "off" => known | OFF | (code << FESTIVAL),
                            _ => known,
                        };
                    }
                }
            }
            years.push(Year {
                year,
                complete: y.complete,
                notice: y.notice,
                issued: plain(&y.issued, &format!("year[{year}].issued"))?,
                confidence: y.confidence,
                checked: y.checked,
            });
        }
        years.sort_by_key(|y| y.year);
        Ok(Self {
            id: file.id,
            version: file.version,
            years,
            first,
            flags,
        })
    }

    /// Whose holidays, for example `cn`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Raised with every change of the file: a deadline names the version that it was reckoned with.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The years listed, in order, with their sources.
    pub fn years(&self) -> &[Year] {
        &self.years
    }

    /// Whether a day is worked; `None` if nothing is known of its year. In an incomplete year weekends and the days that the
    /// law fixes are off, and the rest is taken as worked.
    pub fn is_workday(&self, date: Date) -> Option<bool> {
        let f = self.flags(days::from_date(date));
        f.known().then(|| !f.off())
    }

    /// Why a day is off; `None` for workdays and where nothing is known.
    pub fn day_off(&self, date: Date) -> Option<DayOff> {
        self.flags(days::from_date(date)).day_off()
    }

    #[inline]
    pub(crate) fn flags(&self, day: i32) -> Flags {
        // A day before `first` becomes a huge index.
        let at = day.wrapping_sub(self.first) as u32 as usize;
        Flags(self.flags.get(at).copied().unwrap_or(0))
    }

    /// Days of the table; outside nothing is known.
    pub(crate) fn range(&self) -> Range<i32> {
        self.first..self.first + self.flags.len() as i32
    }
}

/// What is known of one day.
#[derive(Clone, Copy)]
pub(crate) struct Flags(u8);

impl Flags {
    /// Weekend or holiday, and not worked. Never where the year is unknown: the stricter.
    pub(crate) const fn off(self) -> bool {
        self.0 & OFF != 0
    }
    pub(crate) const fn known(self) -> bool {
        self.0 & KNOWN != 0
    }
    pub(crate) const fn complete(self) -> bool {
        self.0 & COMPLETE != 0
    }
    pub(crate) fn day_off(self) -> Option<DayOff> {
        if !self.off() {
            return None;
        }
        let festival = (self.0 >> FESTIVAL)
            .checked_sub(1)
            .and_then(|i| Festival::ALL.get(usize::from(i)));
        Some(festival.map_or(DayOff::Weekend, |f| DayOff::Festival(*f)))
    }
}

/// The key on the line where the parser stopped.
fn key_at(text: &str, span: &Range<usize>) -> String {
    let start = span.start.min(text.len());
    let line = text
        .get(..start)
        .and_then(|before| text.get(before.rfind('\n').map_or(0, |n| n + 1)..))
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default();
    let key = line.split('=').next().unwrap_or_default();
    key.trim().chars().take(64).collect()
}
