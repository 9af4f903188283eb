//! Packs (规则包): which are in force, what another version would change on this node's own log, and its adoption.
//!
//! Nothing is put into force that was not shown with its difference first: the form that adopts names the hash of exactly
//! that. What is uploaded is text and is checked as a whole; it is never run before that.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use law::{ChangeKind, FieldChange};
use office::{PackError, PackFiles, may};

use super::show;
use crate::{
    app::App,
    edge::see_other,
    fail::Fail,
    format,
    forms::{self, Form, Query, Upload},
    frame::Frame,
    session::May,
};

/// Files of one pack.
const FILES: usize = 64;
/// Bytes of one file.
const FILE: usize = 4 * 1024 * 1024;
/// Lines of a list that is shown whole.
const LINES: usize = 200;

#[derive(Template)]
#[template(path = "packs.html")]
struct PacksPage {
    f: Frame,
    rows: Vec<PackRow>,
    done: Option<String>,
    wrong: Vec<String>,
    wrong_more: usize,
}

struct PackRow {
    id: String,
    name: String,
    version: String,
    hash: String,
    rules: usize,
    adopted: Option<Adopted>,
}

struct Adopted {
    index: u64,
    at: String,
    by: Option<String>,
}

fn page(app: &App, f: Frame, adoptions: &[office::Adoption], wrong: Vec<String>) -> PacksPage {
    let catalogue = app.office.catalogue();
    let rows = catalogue.packs().iter().map(|pack| {
        // The newest adoption of exactly these bytes.
        let hash = pack.hash_text();
        let mut of = adoptions
            .iter()
            .filter(|a| a.pack == pack.id && a.hash == hash);
        PackRow {
            name: either(&f, &pack.zh, &pack.en),
            version: pack.version.clone(),
            rules: catalogue
                .rules()
                .iter()
                .filter(|r| r.pack == pack.id)
                .count(),
            adopted: of.next().map(|a| Adopted {
                index: a.index,
                at: format::minute(a.at),
                by: a.by.first().and_then(|b| b.name.clone()),
            }),
            id: pack.id.clone(),
            hash: short(&hash),
        }
    });
    let wrong_more = wrong.len().saturating_sub(LINES);
    PacksPage {
        rows: rows.collect(),
        done: None,
        wrong: wrong.into_iter().take(LINES).collect(),
        wrong_more,
        f,
    }
}

fn either(f: &Frame, zh: &str, en: &str) -> String {
    if f.lang.is_chinese() { zh } else { en }.to_owned()
}

/// The first digits of a hash, in groups of four.
fn short(hash: &str) -> String {
    let digits = hash.strip_prefix("sha256:").unwrap_or(hash);
    let groups: Vec<&str> = (0..4)
        .filter_map(|n| digits.get(4 * n..4 * n + 4))
        .collect();
    groups.join(" ")
}

/// `GET /rules/packs`
pub(crate) async fn list(
    May(_): May<may::AdoptPacks>,
    May(see): May<may::SeeRules>,
    State(app): State<App>,
    Query(query): Query,
    f: Frame,
) -> Result<Response, Fail> {
    let adoptions = app.office.adoptions(&see).await?;
    let done = query.get("done").parse::<u64>().ok();
    let done = done.map(|index| f.t1("packs-done", "index", index));
    let mut page = page(&app, f, &adoptions, Vec::new());
    page.done = done;
    show(&page)
}

#[derive(Template)]
#[template(path = "pack_difference.html")]
struct DifferencePage {
    f: Frame,
    pack: String,
    old: Option<String>,
    version: String,
    hash: String,
    short: String,
    rules: Vec<RuleView>,
    rules_more: usize,
    appearing: Vec<FoundView>,
    appearing_count: usize,
    disappearing: Vec<FoundView>,
    disappearing_count: usize,
    staying: usize,
    unchanged: bool,
}

struct RuleView {
    id: String,
    version: u32,
    kind: String,
    fields: Vec<FieldChange>,
}

struct FoundView {
    rule: String,
    grade: String,
    mark: &'static str,
    class: &'static str,
    sentence: String,
    source: String,
    case: Option<String>,
}

/// `POST /rules/packs/difference`
pub(crate) async fn difference(
    May(permit): May<may::AdoptPacks>,
    May(see): May<may::SeeRules>,
    State(app): State<App>,
    f: Frame,
    mut upload: Upload,
) -> Result<Response, Fail> {
    let files = files(&mut upload).await?;
    match app.office.propose_pack(&permit, PackFiles(files)).await {
        Ok(difference) => show(&difference_page(f, difference)),
        Err(e) => refused(&app, f, &see, e).await,
    }
}

/// `POST /rules/packs/adopt`
pub(crate) async fn adopt(
    May(permit): May<may::AdoptPacks>,
    May(see): May<may::SeeRules>,
    State(app): State<App>,
    f: Frame,
    Form(fields): Form,
) -> Result<Response, Fail> {
    match app.office.adopt_pack(&permit, fields.get("hash")).await {
        Ok(index) => Ok(see_other(&format!("/rules/packs?done={index}"))),
        Err(e) => refused(&app, f, &see, e).await,
    }
}

/// The list again, with what was wrong line by line.
async fn refused(
    app: &App,
    f: Frame,
    see: &office::Permit<may::SeeRules>,
    e: PackError,
) -> Result<Response, Fail> {
    let wrong = match e {
        PackError::Office(e) => return Err(e.into()),
        PackError::Faults(faults) => {
            let words = f.lang.of_packs();
            faults.0.iter().map(|fault| fault.said(words)).collect()
        }
        PackError::Examples(mismatches) => (mismatches.iter())
            .map(|m| office::mismatch_said(m, f.lang.of_packs()))
            .collect(),
        PackError::TooLarge { max } => vec![f.t1("packs-too-large", "max", max / 1024 / 1024)],
        PackError::NoId => vec![f.t("packs-no-id")],
        PackError::Changed => vec![f.t("packs-changed")],
    };
    let adoptions = app.office.adoptions(see).await?;
    let page = page(app, f, &adoptions, wrong);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// Files of the form by name: several of the field `file`.
async fn files(upload: &mut Upload) -> Result<BTreeMap<String, String>, Fail> {
    let mut files = BTreeMap::new();
    while let Some(mut field) =
        (upload.0.next_field().await).map_err(|e| forms::multipart_fail(&e))?
    {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default();
        // A browser that sends a folder gives its path too.
        let name = name
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default()
            .to_owned();
        let text = forms::text(&mut field, FILE).await?;
        if name.ends_with(".toml") {
            files.insert(name, text);
        }
        if files.len() > FILES {
            return Err(Fail::TooLarge);
        }
    }
    Ok(files)
}

fn difference_page(f: Frame, d: office::PackDifference) -> DifferencePage {
    let rules_more = d.rules.len().saturating_sub(LINES);
    let rule = |change: law::RuleChange| {
        let (kind, fields) = match change.kind {
            ChangeKind::Added(fields) => ("packs-added", fields),
            ChangeKind::Removed(fields) => ("packs-removed", fields),
            ChangeKind::Changed(fields) => ("packs-changed-rule", fields),
            ChangeKind::Switched(fields) => ("packs-switched", fields),
        };
        RuleView {
            id: change.id.to_string(),
            version: change.version,
            kind: f.t(kind),
            fields,
        }
    };
    let found = |finding: office::Finding| {
        let (mark, class, grade) = match finding.grade {
            "red" => ("■", "red", "packs-red"),
            "amber" => ("▲", "amber", "packs-amber"),
            _ => ("◆", "blue-note", "packs-blue"),
        };
        FoundView {
            grade: f.t(grade),
            mark,
            class,
            sentence: either(&f, &finding.sentence.zh, &finding.sentence.en),
            source: super::findings::sources(&f, &finding.source),
            case: (finding.object.0 == "case").then(|| finding.object.1.clone()),
            rule: finding.rule,
        }
    };
    DifferencePage {
        unchanged: d.rules.is_empty() && d.appearing_count == 0 && d.disappearing_count == 0,
        rules: d.rules.into_iter().take(LINES).map(rule).collect(),
        rules_more,
        appearing: d.appearing.into_iter().map(found).collect(),
        appearing_count: d.appearing_count,
        disappearing: d.disappearing.into_iter().map(found).collect(),
        disappearing_count: d.disappearing_count,
        staying: d.staying,
        pack: d.pack,
        old: d.old.map(|(version, _)| version),
        version: d.version,
        short: short(&d.hash),
        hash: d.hash,
        f,
    }
}
