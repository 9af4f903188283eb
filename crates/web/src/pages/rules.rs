//! Rules in force (规则): what is checked, by which law, how well that is known, who put it into force, and what it found.
//!
//! Shows the packs as they run. What cannot be checked from events is shown as that, with the reason, and counted.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use law::rule::{Grade, Outcome, Severity, Template as Shape};
use office::{Adoption, Page, RuleRow, may};

use super::{
    Choice, Pager,
    findings::{CiteView, cites, short_cites, short_cites_in},
    piece, show,
    units::share,
};
use crate::{
    app::App,
    edge::percent,
    fail::Fail,
    format,
    forms::Query,
    frame::Frame,
    session::{May, SignedIn},
};

#[derive(Template)]
#[template(path = "rules.html")]
struct RulesPage {
    f: Frame,
    total: u64,
    filtered: bool,
    /// All rules, those nobody can check from events, and their share.
    all: usize,
    manual: usize,
    manual_share: String,
    unsure: usize,
    packs: Vec<PackView>,
    /// Whether the viewer may compare and adopt packs.
    may_adopt: bool,
    q: String,
    filters: Vec<Filter>,
    unchecked: bool,
    confirm: bool,
    rows: Vec<RuleView>,
    pager: Pager,
}

struct Filter {
    name: &'static str,
    text: &'static str,
    choices: Vec<Choice>,
}

struct PackView {
    name: String,
    id: String,
    version: String,
    hash: String,
    who: String,
    rules: usize,
    adopted: Option<(String, String, u64)>,
}

struct RuleView {
    id: String,
    version: u32,
    sentence: String,
    want: Option<String>,
    words: Vec<String>,
    cites: Vec<CiteView>,
    short: String,
    unsure: bool,
    tone: &'static str,
    grade: String,
    severity: &'static str,
    shape: String,
    owner: String,
    from: String,
    to: Option<String>,
    gate: bool,
    violations: Vec<String>,
    /// Why nobody can tell from events, or why it is switched off here.
    manual: Option<String>,
    off: Option<String>,
    judged: u64,
    broken: u64,
    broken_share: String,
    figures: Vec<(String, u64, String)>,
}

/// Every rule, with a filter.
pub(crate) async fn list(
    May(permit): May<may::SeeRules>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let catalogue = app.office.catalogue();
    let all = app.office.rules(&permit).await?;
    let adoptions = app.office.adoptions(&permit).await?;
    let (pack, grade, shape) = (query.get("pack"), query.get("grade"), query.get("template"));
    let (unchecked, confirm) = (query.get("unchecked") == "1", query.get("confirm") == "1");
    let q = query.get("q").to_lowercase();
    let wanted = |row: &&RuleRow| {
        let rule = &row.rule;
        (pack.is_empty() || rule.pack == pack)
            && (grade.is_empty() || rule.grade.name() == grade)
            && (shape.is_empty() || rule.template.name() == shape)
            && (!unchecked || row.outcomes.is_none())
            && (!confirm || is_unsure(row))
            && (q.is_empty() || text_of(&catalogue, row).contains(&q))
    };
    let chosen: Vec<&RuleRow> = all.iter().filter(wanted).collect();
    let manual = all.iter().filter(|r| r.outcomes.is_none()).count();
    let mut base = "/rules?".to_owned();
    for name in ["q", "pack", "grade", "template", "unchecked", "confirm"] {
        if let Some(value) = query.some(name) {
            base.push_str(&format!("{name}={}&", percent(&value)));
        }
    }
    let request = piece(&query);
    let skip = (request.number as usize - 1).saturating_mul(request.size as usize);
    let shown: Vec<&RuleRow> = (chosen.iter())
        .skip(skip)
        .take(request.size as usize)
        .copied()
        .collect();
    let page = Page {
        total: chosen.len() as u64,
        number: request.number,
        size: request.size,
        rows: shown,
    };
    let mut shapes: Vec<&str> = all.iter().map(|r| r.rule.template.name()).collect();
    shapes.sort_unstable();
    shapes.dedup();
    let choice = |id: &str, text: String, chosen: &str| Choice {
        id: id.to_owned(),
        text,
        chosen: id == chosen,
    };
    let with_rules = |id: &str| all.iter().filter(|r| r.rule.pack == id).count();
    let packs = catalogue.packs();
    let filters = vec![
        Filter {
            name: "pack",
            text: "rules-pack",
            choices: (packs.iter())
                .filter(|p| with_rules(&p.id) > 0)
                .map(|p| choice(&p.id, f.lang.of(&p.zh, &p.en).to_owned(), pack))
                .collect(),
        },
        Filter {
            name: "grade",
            text: "rules-grade",
            choices: [Grade::Red, Grade::Amber, Grade::Blue]
                .map(|g| choice(g.name(), f.t(grade_word(g)), grade))
                .into(),
        },
        Filter {
            name: "template",
            text: "rules-template",
            choices: (shapes.iter())
                .map(|s| choice(s, f.t(shape_word(s)), shape))
                .collect(),
        },
    ];
    show(&RulesPage {
        total: page.total,
        filtered: base.len() > "/rules?".len(),
        all: all.len(),
        manual,
        manual_share: share(manual as u64, all.len() as u64),
        unsure: all.iter().filter(is_unsure).count(),
        packs: (packs.iter())
            .map(|p| pack_view(&f, p, with_rules(&p.id), &adoptions))
            .collect(),
        may_adopt: app.office.permit::<may::AdoptPacks>(&viewer).is_ok(),
        q: query.get("q").to_owned(),
        filters,
        unchecked,
        confirm,
        pager: Pager::new(&f, &page, &base),
        rows: (page.rows.iter())
            .map(|r| view(&f, &catalogue, r))
            .collect(),
        f,
    })
}

#[derive(Template)]
#[template(path = "rule.html")]
struct RulePage {
    f: Frame,
    id: String,
    sentence: String,
    pack: PackView,
    versions: Vec<RuleView>,
}

/// One rule, in all its versions.
pub(crate) async fn one(
    May(permit): May<may::SeeRules>,
    State(app): State<App>,
    f: Frame,
    Path(id): Path<String>,
) -> Result<Response, Fail> {
    let catalogue = app.office.catalogue();
    let Some(newest) = catalogue.rule(&id) else {
        return Err(Fail::NotFound);
    };
    let adoptions = app.office.adoptions(&permit).await?;
    let all = app.office.rules(&permit).await?;
    let rules = all.iter().filter(|r| r.rule.pack == newest.pack).count();
    let mut versions: Vec<&RuleRow> = all.iter().filter(|r| r.rule.id == newest.id).collect();
    versions.sort_by_key(|r| std::cmp::Reverse(r.rule.version));
    let pack = (catalogue.packs().iter())
        .find(|p| p.id == newest.pack)
        .ok_or(Fail::NotFound)?;
    show(&RulePage {
        id: newest.id.to_string(),
        sentence: f.lang.of(&newest.broken.zh, &newest.broken.en).to_owned(),
        pack: pack_view(&f, pack, rules, &adoptions),
        versions: versions.iter().map(|r| view(&f, &catalogue, r)).collect(),
        f,
    })
}

fn pack_view(f: &Frame, pack: &law::Pack, rules: usize, adoptions: &[Adoption]) -> PackView {
    let adopted = adoptions.iter().find(|a| a.pack == pack.id);
    PackView {
        name: f.lang.of(&pack.zh, &pack.en).to_owned(),
        id: pack.id.clone(),
        version: pack.version.clone(),
        hash: pack.hash_text().chars().take(23).collect(),
        who: f.lang.of(&pack.who.zh, &pack.who.en).to_owned(),
        rules,
        adopted: adopted.map(|a| {
            let by: Vec<String> = (a.by.iter())
                .map(|actor| {
                    let name = actor.name.clone();
                    let name =
                        name.unwrap_or_else(|| super::findings::short(&actor.person.to_string()));
                    format!("{name}（{}）", f.role(&actor.role))
                })
                .collect();
            let by = match by.is_empty() {
                true => f.t("rules-adopted-with-node"),
                false => by.join(f.lang.of("、", ", ")),
            };
            (format::minute(a.at), by, a.index)
        }),
    }
}

/// Whether a legal officer has to confirm something of it.
fn is_unsure(row: &&RuleRow) -> bool {
    use law::Confidence::{D, G};
    (row.rule.source.iter()).any(|c| matches!(c.confidence, G | D))
}

/// What a search for words looks at, in small letters.
fn text_of(catalogue: &law::Catalogue, row: &RuleRow) -> String {
    let rule = &row.rule;
    let want = rule.want.as_ref().map_or("", |w| w.zh.as_str());
    [
        rule.id.as_str(),
        &rule.broken.zh,
        &rule.broken.en,
        want,
        &short_cites_in(catalogue, law::Lang::Zh, rule),
        &short_cites_in(catalogue, law::Lang::En, rule),
        &row.words.zh,
        &row.words.en,
        &rule.violations.join(" "),
    ]
    .join("\n")
    .to_lowercase()
}

fn grade_word(grade: Grade) -> &'static str {
    match grade {
        Grade::Red => "grade-red",
        Grade::Amber => "grade-amber",
        Grade::Blue => "grade-blue",
    }
}

fn shape_word(name: &str) -> &'static str {
    match name {
        "response" => "shape-response",
        "precedence" => "shape-precedence",
        "absence" => "shape-absence",
        "count" => "shape-count",
        "min_persons" => "shape-min-persons",
        "distinct_persons" => "shape-distinct-persons",
        "authority" => "shape-authority",
        "record" => "shape-record",
        "covered" => "shape-covered",
        "exclusive" => "shape-exclusive",
        "overlap" => "shape-overlap",
        "back_dated" => "shape-back-dated",
        "score" => "shape-score",
        _ => "shape-manual",
    }
}

fn view(f: &Frame, catalogue: &law::Catalogue, row: &RuleRow) -> RuleView {
    let rule = &row.rule;
    let text = |t: &law::Text| f.lang.of(&t.zh, &t.en).to_owned();
    let outcomes = row.outcomes.unwrap_or_default();
    let judged: u64 = outcomes.iter().sum();
    let broken = outcomes[Outcome::Breached as usize];
    let figures = Outcome::ALL
        .iter()
        .filter(|o| outcomes[**o as usize] > 0)
        .map(|o| {
            let n = outcomes[*o as usize];
            (f.t(super::timeline::outcome_word(*o)), n, share(n, judged))
        })
        .collect();
    RuleView {
        id: rule.id.to_string(),
        version: rule.version,
        sentence: text(&rule.broken),
        want: rule.want.as_ref().map(text),
        words: (f.lang.of(&row.words.zh, &row.words.en).lines())
            .map(str::to_owned)
            .collect(),
        cites: cites(f, catalogue, rule),
        short: short_cites(f, rule),
        unsure: is_unsure(&row),
        tone: match rule.grade {
            Grade::Red => "red",
            Grade::Amber => "amber",
            Grade::Blue => "note",
        },
        grade: f.t(grade_word(rule.grade)),
        severity: match rule.severity {
            Severity::A => "A",
            Severity::B => "B",
            Severity::C => "C",
        },
        shape: f.t(shape_word(rule.template.name())),
        owner: f.role(&rule.owner),
        from: rule.from.to_string(),
        to: rule.to.map(|d| d.to_string()),
        gate: rule.gate,
        violations: (rule.violations.iter())
            .map(|id| match catalogue.violation(id) {
                Some(v) => format!("{id} {}", text(&v.name)),
                None => id.clone(),
            })
            .collect(),
        manual: match &rule.template {
            Shape::Manual { reason } => Some(text(reason)),
            _ => None,
        },
        off: row.off.as_ref().map(text),
        judged,
        broken,
        broken_share: share(broken, judged),
        figures,
    }
}
