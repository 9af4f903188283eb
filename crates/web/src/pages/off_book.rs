//! What is kept outside the books (账外, V-18): things and stays without a case, numbers that are missing, each with what was looked
//! at. For those who supervise; asks one use case, and names nobody.

use askama::Template;
use axum::{extract::State, response::Response};
use law::rule::Grade;
use model::Pseudonym;
use office::{CaseKey, NumberGap, OffBookAct, OffBookMark, may};

use super::{findings::short, show};
use crate::{app::App, fail::Fail, format, frame::Frame, session::May};

struct ActView {
    time: String,
    act: String,
    organ: String,
    index: u64,
}

struct MarkView {
    tone: &'static str,
    text: String,
    rule: String,
}

struct ItemRow {
    item: String,
    first: ActView,
    acts: u64,
    tied: bool,
    case: Option<String>,
    marks: Vec<MarkView>,
}

struct StayRow {
    person: String,
    entered: ActView,
    left: Option<ActView>,
    marks: Vec<MarkView>,
}

struct GapRow {
    numbers: String,
    before: u64,
    after: u64,
}

struct RegisterRow {
    kind: String,
    name: String,
    year: i64,
    organ: String,
    range: String,
    seen: u64,
    missing: u64,
    gaps: Vec<GapRow>,
    more: bool,
}

struct FindingRow {
    mark: MarkView,
    act: ActView,
    case: Option<String>,
}

/// What was found, of how many; and how many rows are not listed.
struct Count {
    text: String,
    more: u64,
}

#[derive(Template)]
#[template(path = "off_book.html")]
struct OffBookPage {
    f: Frame,
    items: Vec<ItemRow>,
    items_of: Count,
    stays: Vec<StayRow>,
    stays_of: Count,
    registers: Vec<RegisterRow>,
    registers_of: Count,
    not_looked: Option<String>,
    findings: Vec<FindingRow>,
    findings_of: Count,
}

/// What is kept outside the books of the units that the reader supervises.
pub(crate) async fn list(
    May(permit): May<may::SeeUnits>,
    State(app): State<App>,
    f: Frame,
) -> Result<Response, Fail> {
    let book = app.office.off_book(&permit).await?;
    let count = |key: &str, total: u64, of: u64, shown: usize| Count {
        text: f.t2(key, "n", total, "of", of),
        more: total.saturating_sub(shown as u64),
    };
    let act = |a: &OffBookAct| ActView {
        time: format::minute(a.occurred),
        act: f.activity(&a.activity),
        organ: a.organ_name.clone(),
        index: a.index,
    };
    let mark = |m: &OffBookMark| MarkView {
        tone: match m.grade {
            Grade::Red => "red",
            Grade::Amber => "amber",
            Grade::Blue => "note",
        },
        text: f.lang.of(&m.broken.zh, &m.broken.en).to_owned(),
        rule: m.rule.clone(),
    };
    let case = |c: &Option<CaseKey>| c.map(|c| c.to_string());
    let what = |p: &Pseudonym| short(&p.to_string());
    let items = &book.items;
    let items_of = count("off-book-items-of", items.total, items.of, items.rows.len());
    let stays = &book.stays;
    let stays_of = count("off-book-stays-of", stays.total, stays.of, stays.rows.len());
    let registers = &book.registers;
    let registers_of = Count {
        text: f.t3(
            "off-book-registers-of",
            [
                ("n", &registers.total.to_string()),
                ("of", &registers.of.to_string()),
                ("numbers", &book.numbers.to_string()),
            ],
        ),
        more: registers.total.saturating_sub(registers.rows.len() as u64),
    };
    let others = &book.findings;
    let findings_of = count(
        "off-book-findings-of",
        others.total,
        others.of,
        others.rows.len(),
    );
    let gap = |g: &NumberGap| GapRow {
        numbers: match g.from == g.to {
            true => g.from.to_string(),
            false => format!("{}–{}", g.from, g.to),
        },
        before: g.before,
        after: g.after,
    };
    let page = OffBookPage {
        items: (items.rows.iter())
            .map(|i| ItemRow {
                item: what(&i.item),
                first: act(&i.first),
                acts: i.acts,
                tied: i.tied,
                case: case(&i.case),
                marks: i.marks.iter().map(mark).collect(),
            })
            .collect(),
        items_of,
        stays: (stays.rows.iter())
            .map(|s| StayRow {
                person: s
                    .person
                    .as_ref()
                    .map_or_else(|| f.t("off-book-nobody"), what),
                entered: act(&s.entered),
                left: s.left.as_ref().map(act),
                marks: s.marks.iter().map(mark).collect(),
            })
            .collect(),
        stays_of,
        registers: (registers.rows.iter())
            .map(|r| RegisterRow {
                kind: f.t(match r.papers {
                    true => "off-book-papers",
                    false => "off-book-alerts",
                }),
                name: r.name.clone(),
                year: r.year,
                organ: r.organ_name.clone(),
                range: format!("{}–{}", r.low, r.high),
                seen: r.seen,
                missing: r.missing,
                gaps: r.gaps.iter().map(gap).collect(),
                more: r
                    .gaps
                    .iter()
                    .map(|g| u64::from(g.to - g.from) + 1)
                    .sum::<u64>()
                    < r.missing,
            })
            .collect(),
        registers_of,
        not_looked: (book.shared + book.not_running > 0).then(|| {
            f.t2(
                "off-book-not-looked",
                "shared",
                book.shared,
                "odd",
                book.not_running,
            )
        }),
        findings: (others.rows.iter())
            .map(|x| FindingRow {
                mark: mark(&x.mark),
                act: act(&x.act),
                case: case(&x.case),
            })
            .collect(),
        findings_of,
        f,
    };
    show(&page)
}
