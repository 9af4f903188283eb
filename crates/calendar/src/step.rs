//! The steps of a reckoning, as facts, and the sentence that each is in Chinese and in English.
//!
//! Made for the reasons of a deadline (`watch`, evidence) and for lawyers who check it by hand. Dates and clock readings are
//! local. Is *not* the reckoning itself: that is `clock`.

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use crate::{DayOff, Festival, Unit};

/// One step. Texts: [`Step::zh`], [`Step::en`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// K1: the day in which the period begins.
    StartNotCounted {
        /// That day.
        date: Date,
    },
    /// Days, months or years counted from the start, before exclusions and roll.
    Counted {
        /// How many.
        amount: u32,
        /// Day, month or year.
        unit: Unit,
        /// Last day so far.
        last: Date,
    },
    /// K4: working days counted from the start, exclusions considered.
    WorkdaysCounted {
        /// How many.
        amount: u32,
        /// Weekends and holidays passed over.
        off: u32,
        /// Last day.
        last: Date,
    },
    /// K7: the month has no such day number.
    MonthEnd {
        /// The day number wanted.
        wanted: i8,
        /// The last day of that month.
        date: Date,
    },
    /// Hours or minutes counted from the exact start.
    CountedTime {
        /// How many.
        amount: u32,
        /// Minute or hour.
        unit: Unit,
        /// End so far.
        until: DateTime,
    },
    /// K3, K8: a stretch left out of a day period.
    Excluded {
        /// Its first day, not before the start.
        from: Date,
        /// Its last day.
        to: Date,
        /// By how many days the end moves.
        days: i32,
    },
    /// K3, K8: a stretch left out of an hour period or of days served.
    ExcludedTime {
        /// Its beginning, not before the start.
        from: DateTime,
        /// Its end.
        to: DateTime,
        /// By how much the end moves, µs.
        micros: i64,
    },
    /// K1: the hour or minute in which the period begins, for the statutory end.
    StartUnitNotCounted {
        /// Minute or hour.
        unit: Unit,
        /// The first full one.
        counted_from: DateTime,
        /// The statutory end.
        until: DateTime,
    },
    /// K2: the last day is off.
    RolledOverHoliday {
        /// The due day.
        from: Date,
        /// The first workday after.
        to: Date,
        /// Why the due day is off.
        name: DayOff,
    },
    /// K2 for custody: the last day is off, and the period ends nevertheless.
    NotRolled {
        /// The due day.
        date: Date,
        /// Why it is off.
        name: DayOff,
    },
    /// Nothing is known of a year: nothing rolled there, every day of it taken as worked.
    NoHolidayData {
        /// The year.
        year: i16,
    },
    /// The yearly notice is missing: weekends and the days that the law fixes only.
    IncompleteHolidayData {
        /// The year.
        year: i16,
    },
}

impl Unit {
    const fn zh(self) -> &'static str {
        match self {
            Self::Minute => "分钟",
            Self::Hour => "小时",
            Self::Day => "日",
            Self::WorkingDay => "个工作日",
            Self::Month => "个月",
            Self::Year => "年",
        }
    }

    const fn en(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::WorkingDay => "working day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

impl DayOff {
    /// As officers call it: 春节假期, 周末.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Weekend => "周末",
            Self::Festival(f) => match f {
                Festival::NewYear => "元旦假期",
                Festival::SpringFestival => "春节假期",
                Festival::Qingming => "清明节假期",
                Festival::LabourDay => "劳动节假期",
                Festival::DragonBoat => "端午节假期",
                Festival::MidAutumn => "中秋节假期",
                Festival::NationalDay => "国庆节假期",
                Festival::Special => "专门规定的放假日",
            },
        }
    }

    /// To stand after "is": "at a weekend", "in the Spring Festival holiday".
    pub const fn en(self) -> &'static str {
        match self {
            Self::Weekend => "at a weekend",
            Self::Festival(f) => match f {
                Festival::NewYear => "in the New Year holiday",
                Festival::SpringFestival => "in the Spring Festival holiday",
                Festival::Qingming => "in the Qingming holiday",
                Festival::LabourDay => "in the Labour Day holiday",
                Festival::DragonBoat => "in the Dragon Boat holiday",
                Festival::MidAutumn => "in the Mid-Autumn holiday",
                Festival::NationalDay => "in the National Day holiday",
                Festival::Special => "on a specially given day off",
            },
        }
    }
}

impl Step {
    /// The sentence in Chinese.
    pub fn zh(&self) -> String {
        match *self {
            Self::StartNotCounted { date } => format!("{}为起始日，不计入期间。", day_zh(date)),
            Self::Counted { amount, unit, last } => {
                let unit = unit.zh();
                format!("期间{amount}{unit}，至{}止。", day_zh(last))
            }
            Self::WorkdaysCounted { amount, off, last } => format!(
                "期间{amount}个工作日，其间周末和节假日{off}日不计，至{}止。",
                day_zh(last)
            ),
            Self::MonthEnd { wanted, date } => format!(
                "{}年{}月没有{wanted}日，以当月最后一日{}日为期满日。",
                date.year(),
                date.month(),
                date.day()
            ),
            Self::CountedTime {
                amount,
                unit,
                until,
            } => format!(
                "自起始时刻起{amount}{}，至{}止。",
                unit.zh(),
                time_zh(until)
            ),
            Self::Excluded { from, to, days } => format!(
                "{}至{}不计入期间，期满日顺延{days}日。",
                day_zh(from),
                day_zh(to)
            ),
            Self::ExcludedTime { from, to, micros } => format!(
                "{}至{}不计入期间，顺延{}。",
                time_zh(from),
                time_zh(to),
                length(micros, "天", "小时", "分", "秒", "")
            ),
            Self::StartUnitNotCounted {
                unit,
                counted_from,
                until,
            } => format!(
                "起始的{}不计，自{}起算，法定期间至{}止。",
                match unit {
                    Unit::Minute => "分钟",
                    _ => "小时",
                },
                time_zh(counted_from),
                time_zh(until)
            ),
            Self::RolledOverHoliday { from, to, name } => format!(
                "期满日{}适逢{}，以其后第一个工作日{}为期满日。",
                day_zh(from),
                name.zh(),
                day_zh(to)
            ),
            Self::NotRolled { date, name } => {
                format!(
                    "期满日{}适逢{}，本期限不因节假日顺延。",
                    day_zh(date),
                    name.zh()
                )
            }
            Self::NoHolidayData { year } => {
                format!("缺少{year}年节假日数据，暂按不放假、不顺延计算，数据补齐后重新计算。")
            }
            Self::IncompleteHolidayData { year } => {
                format!("缺少{year}年放假安排通知，暂按周末和法定节日计算，通知录入后重新计算。")
            }
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        match *self {
            Self::StartNotCounted { date } => {
                format!("The period begins on {date}; that day is not counted.")
            }
            Self::Counted { amount, unit, last } => {
                format!(
                    "{} from there: until the end of {last}.",
                    many(amount, unit)
                )
            }
            Self::WorkdaysCounted { amount, off, last } => format!(
                "{} from there, passing over {off} at weekends and on holidays: until the end of {last}.",
                many(amount, Unit::WorkingDay)
            ),
            Self::MonthEnd { wanted, date } => {
                format!("The month has no day {wanted}: its last day, {date}, counts.")
            }
            Self::CountedTime {
                amount,
                unit,
                until,
            } => format!(
                "{} from the exact start: until {}.",
                many(amount, unit),
                time_en(until)
            ),
            Self::Excluded { from, to, days } => format!(
                "{from} to {to} does not count: the end moves by {}.",
                many(days.unsigned_abs(), Unit::Day)
            ),
            Self::ExcludedTime { from, to, micros } => format!(
                "{} to {} does not count: the end moves by {}.",
                time_en(from),
                time_en(to),
                length(micros, " d", " h", " min", " s", " ")
            ),
            Self::StartUnitNotCounted {
                unit,
                counted_from,
                until,
            } => format!(
                "Without the {} of the start, counted from {}: the statutory end is {}.",
                unit.en(),
                time_en(counted_from),
                time_en(until)
            ),
            Self::RolledOverHoliday { from, to, name } => {
                format!(
                    "The last day, {from}, is {}: the first workday after it is {to}.",
                    name.en()
                )
            }
            Self::NotRolled { date, name } => format!(
                "The last day, {date}, is {}; this period does not roll over holidays.",
                name.en()
            ),
            Self::NoHolidayData { year } => format!(
                "The holidays of {year} are not known: taken as without days off and without roll until they are."
            ),
            Self::IncompleteHolidayData { year } => format!(
                "The holiday notice for {year} is missing: reckoned with weekends and the holidays that the law fixes until it is in."
            ),
        }
    }
}

fn many(n: u32, unit: Unit) -> String {
    format!("{n} {}{}", unit.en(), if n == 1 { "" } else { "s" })
}

fn day_zh(d: Date) -> String {
    format!("{}年{}月{}日", d.year(), d.month(), d.day())
}

fn clock(t: DateTime) -> String {
    let mut s = format!("{:02}:{:02}", t.hour(), t.minute());
    if t.second() != 0 {
        s.push_str(&format!(":{:02}", t.second()));
    }
    s
}

fn time_zh(t: DateTime) -> String {
    format!("{}{}", day_zh(t.date()), clock(t))
}

fn time_en(t: DateTime) -> String {
    format!("{} {}", t.date(), clock(t))
}

/// A length in its natural parts, down to seconds.
fn length(micros: i64, d: &str, h: &str, m: &str, s: &str, between: &str) -> String {
    let seconds = micros / 1_000_000;
    let parts = [
        (seconds / 86_400, d),
        (seconds / 3_600 % 24, h),
        (seconds / 60 % 60, m),
        (seconds % 60, s),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(n, _)| *n != 0)
        .map(|(n, unit)| format!("{n}{unit}"))
        .collect();
    match parts.is_empty() {
        true => format!("0{s}"),
        false => parts.join(between),
    }
}
