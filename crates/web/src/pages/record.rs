//! Record an inquiry (记录过问): one screen, three answers, everything else optional. Sent → receipt.
//!
//! The title, the address and the history say nothing about it. What was typed survives every mistake, except files, which
//! a browser does not send twice by itself.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{State, multipart::Field},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use office::{CaseKey, FileRef, Inquiry, MAX_FILE, Permit, PersonHit, Which, Who, may};
use uuid::Uuid;

use super::{Choice, show};
use crate::{
    app::{App, MAX_FILES},
    edge::see_other,
    fail::Fail,
    format,
    forms::{self, Fields, Form, Query, Upload},
    frame::Frame,
    session::May,
};

/// Bytes of one text field.
const MAX_TEXT: usize = 32 * 1024;
/// Characters of the words, as the page says.
const MAX_WORDS: usize = 5_000;

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    f: Frame,
    key: String,
    wrong: Vec<Wrong>,
    who: String,
    who_id: String,
    unit: String,
    post: String,
    matches: Vec<Hit>,
    nobody: Option<String>,
    tiles: Vec<Tile>,
    cases: Vec<RecentCase>,
    case_kind: String,
    case_number: String,
    manners: Vec<Choice>,
    more_open: bool,
    when: String,
    on_behalf: String,
    place: String,
    words: String,
    answer: String,
    max_words: usize,
    receivers: Vec<(String, u64)>,
}

impl RecordPage {
    fn is_wrong(&self, field: &str) -> bool {
        self.wrong.iter().any(|w| w.field == field)
    }
}

struct Wrong {
    field: &'static str,
    text: String,
}

struct Hit {
    id: String,
    name: String,
    detail: String,
}

struct Tile {
    id: String,
    digit: u8,
    text: String,
    chosen: bool,
}

struct RecentCase {
    key: String,
    number: String,
    detail: String,
    chosen: bool,
}

impl Hit {
    fn new(hit: PersonHit) -> Self {
        Self {
            id: hit.person.to_string(),
            name: hit.name,
            detail: format!("{} · {} · {}", hit.number, hit.organ_name, hit.post),
        }
    }
}

/// The empty form; `?case=` fills in the case from which it was opened.
pub(crate) async fn form(
    May(permit): May<may::Record>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let mut fields = Fields::default();
    fields.push("case".to_owned(), query.get("case").to_owned());
    let page = page(&app, &permit, f, &fields, Vec::new(), None).await?;
    show(&page)
}

/// Who of the roster: items for the list under the field. Posted, so that a name that is looked for stays out of
/// addresses, histories and logs of proxies.
pub(crate) async fn roster(
    May(permit): May<may::Record>,
    State(app): State<App>,
    Form(form): Form,
) -> Result<Response, Fail> {
    #[derive(Template)]
    #[template(path = "suggestions.html")]
    struct Suggestions {
        matches: Vec<Hit>,
    }
    let q = form.get("q");
    let hits = if q.is_empty() {
        Vec::new()
    } else {
        app.office.roster_search(&permit, q).await?
    };
    let matches = hits.into_iter().map(Hit::new).collect();
    Ok(Html(Suggestions { matches }.render()?).into_response())
}

/// Reads the form; records, or shows it again with what is missing.
pub(crate) async fn submit(
    May(permit): May<may::Record>,
    State(app): State<App>,
    f: Frame,
    Upload(mut upload): Upload,
) -> Result<Response, Fail> {
    let mut fields = Fields::default();
    let mut files = Vec::new();
    let mut wrong = Vec::new();
    while let Some(mut field) = upload
        .next_field()
        .await
        .map_err(|e| forms::multipart_fail(&e))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            None => {
                let value = forms::text(&mut field, MAX_TEXT).await?;
                fields.push(name, value);
            }
            // A file field that was left empty arrives with an empty name.
            Some(file) if file.is_empty() => {}
            // Read past, not broken off: a browser that is still sending would show its own error instead of the page.
            Some(_) if files.len() == MAX_FILES => {
                let text = f.t("record-error-files");
                if wrong.iter().all(|w: &Wrong| w.text != text) {
                    wrong.push(Wrong {
                        field: "files",
                        text,
                    });
                }
            }
            Some(file) => match attach(&app, &permit, &file, field).await? {
                Some(kept) => files.push(kept),
                None => wrong.push(Wrong {
                    field: "files",
                    text: f.t1("record-error-file", "name", &file),
                }),
            },
        }
    }
    let had_files = !files.is_empty();
    if fields.get("step") == "find" {
        let q = fields.get("who").to_owned();
        let page = page(&app, &permit, f, &fields, Vec::new(), Some(&q)).await?;
        return show(&page);
    }
    match inquiry(&app, &permit, &f, &fields, files, &mut wrong).await? {
        Some(inquiry) if wrong.is_empty() => {
            let recorded = match app.office.record(&permit, inquiry).await {
                Ok(recorded) => recorded,
                Err(office::Error::Invalid(faults)) => {
                    for fault in faults {
                        let field = match fault.field {
                            "who" | "name" | "unit" | "post" => "who",
                            "tile" => "tile",
                            "case" => "case",
                            "occurred" => "when",
                            "manner" => "manner",
                            "on_behalf" => "on_behalf",
                            "place" => "place",
                            "answer" => "answer",
                            "files" => "files",
                            _ => "words",
                        };
                        let label = format!("record-{}", field.replace('_', "-"));
                        let text = format!(
                            "{}: {}",
                            f.t(&label),
                            super::settings::problem(&f, fault.problem)
                        );
                        wrong.push(Wrong { field, text });
                    }
                    return again(&app, &permit, f, &fields, wrong, had_files).await;
                }
                Err(e) => return Err(e.into()),
            };
            app.office.caught_up(recorded.index).await?;
            Ok(see_other(&format!("/my-records/{}?new=1", recorded.event)))
        }
        _ => again(&app, &permit, f, &fields, wrong, had_files).await,
    }
}

/// Streams a file to the office; `None` if it is too large.
async fn attach(
    app: &App,
    permit: &Permit<may::Record>,
    name: &str,
    field: Field<'_>,
) -> Result<Option<FileRef>, Fail> {
    match app.office.attach(permit, name, forms::reader(field)).await {
        Ok(kept) => Ok(Some(kept)),
        Err(office::Error::TooLarge { max: MAX_FILE, .. }) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// What the form says, with what is wrong added to `wrong`.
async fn inquiry(
    app: &App,
    permit: &Permit<may::Record>,
    f: &Frame,
    fields: &Fields,
    files: Vec<FileRef>,
    wrong: &mut Vec<Wrong>,
) -> Result<Option<Inquiry>, Fail> {
    let mut say = |field, key: &str| {
        wrong.push(Wrong {
            field,
            text: f.t(key),
        })
    };
    let name = fields.get("who").to_owned();
    let chosen = match fields.get("pick") {
        "" => fields.get("who_id"),
        pick => pick,
    };
    let who = match (chosen, name.as_str()) {
        (id, _) if id.parse::<model::Pseudonym>().is_ok() => id.parse().ok().map(Who::Roster),
        (_, "") => {
            say("who", "record-error-who");
            None
        }
        ("free", _) => free(fields),
        // Typed, not chosen: if the roster has such people, say which; a unit of one's own words settles it.
        _ if fields.get("unit").is_empty()
            && fields.get("post").is_empty()
            && !app.office.roster_search(permit, &name).await?.is_empty() =>
        {
            say("who", "record-error-choose");
            None
        }
        _ => free(fields),
    };
    if app.office.catalogue().tile(fields.get("tile")).is_none() {
        say("tile", "record-error-tile");
    }
    let case = match (fields.get("case"), fields.get("case_number")) {
        ("unknown", _) => Some(None),
        ("other" | "", number) if !number.is_empty() => {
            Some(Some(Which::Number(number.to_owned())))
        }
        (key, _) => key.parse::<CaseKey>().ok().map(|key| Some(Which::Key(key))),
    };
    if case.is_none() {
        say("case", "record-error-case");
    }
    let occurred = match fields.some("when").map(|text| format::parse_local(&text)) {
        None => None,
        Some(Some(at)) if at <= f.now => Some(at),
        Some(_) => {
            say("when", "record-error-when");
            None
        }
    };
    if fields.get("words").chars().count() > MAX_WORDS {
        wrong.push(Wrong {
            field: "words",
            text: f.t1("record-error-words", "max", MAX_WORDS),
        });
    }
    let (Some(who), Some(case)) = (who, case) else {
        return Ok(None);
    };
    Ok(Some(Inquiry {
        who,
        tile: fields.get("tile").to_owned(),
        case,
        occurred,
        manner: fields.some("manner"),
        on_behalf: fields.some("on_behalf"),
        place: fields.some("place"),
        words: fields.some("words"),
        answer: fields.some("answer"),
        files,
        submission_key: fields.some("key").unwrap_or_else(new_key),
    }))
}

fn free(fields: &Fields) -> Option<Who> {
    Some(Who::Free {
        name: fields.get("who").to_owned(),
        unit: fields.some("unit"),
        post: fields.some("post"),
    })
}

fn new_key() -> String {
    Uuid::new_v4().to_string()
}

async fn again(
    app: &App,
    permit: &Permit<may::Record>,
    f: Frame,
    fields: &Fields,
    mut wrong: Vec<Wrong>,
    had_files: bool,
) -> Result<Response, Fail> {
    if had_files {
        wrong.push(Wrong {
            field: "files",
            text: f.t("record-error-files-again"),
        });
    }
    let choose = f.t("record-error-choose");
    let q = fields.get("who").to_owned();
    let find = wrong.iter().any(|w| w.text == choose).then_some(q.as_str());
    let page = page(app, permit, f, fields, wrong, find).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// The form as it was filled in; with `find`, the people of the roster whom that finds.
async fn page(
    app: &App,
    permit: &Permit<may::Record>,
    f: Frame,
    fields: &Fields,
    wrong: Vec<Wrong>,
    find: Option<&str>,
) -> Result<RecordPage, Fail> {
    let catalogue = app.office.catalogue();
    let matches: Vec<Hit> = match find {
        Some(q) if !q.is_empty() => app
            .office
            .roster_search(permit, q)
            .await?
            .into_iter()
            .map(Hit::new)
            .collect(),
        _ => Vec::new(),
    };
    let mut who = fields.get("who").to_owned();
    // With a new search the person chosen before is no longer meant.
    let mut who_id = if find.is_some() {
        String::new()
    } else {
        fields.get("who_id").to_owned()
    };
    match who_id.parse() {
        Ok(person) => who = app.office.roster_person(permit, person).await?.name,
        Err(_) => who_id.clear(),
    }
    let case = fields.get("case");
    let mut cases: Vec<RecentCase> = app
        .office
        .recent_cases(permit)
        .await?
        .into_iter()
        .map(|row| RecentCase {
            chosen: row.key.to_string() == case,
            key: row.key.to_string(),
            number: row.number.unwrap_or_else(|| row.key.to_string()),
            detail: f.activity(&row.last_activity),
        })
        .collect();
    let mut case_kind = case.to_owned();
    if let Ok(key) = case.parse::<CaseKey>() {
        // Opened from a case that is not among the last five.
        if cases.iter().all(|c| !c.chosen) {
            let viewer = Arc::new(permit.viewer().clone());
            let head = app
                .office
                .case_head(&app.office.permit::<may::SearchCases>(&viewer)?, key)
                .await?;
            cases.insert(
                0,
                RecentCase {
                    key: key.to_string(),
                    number: head.number.unwrap_or_else(|| key.to_string()),
                    detail: f.activity(&head.last_activity),
                    chosen: true,
                },
            );
        }
        case_kind.clear();
    }
    let optional = ["when", "manner", "place", "on_behalf", "words", "answer"];
    Ok(RecordPage {
        key: fields.some("key").unwrap_or_else(new_key),
        nobody: find
            .filter(|q| !q.is_empty() && matches.is_empty())
            .map(str::to_owned),
        more_open: optional.iter().any(|name| !fields.get(name).is_empty())
            || wrong
                .iter()
                .any(|w| w.field == "files" || optional.contains(&w.field)),
        tiles: catalogue
            .tiles()
            .iter()
            .map(|t| Tile {
                id: t.id.clone(),
                digit: t.digit,
                text: f.lang.of(&t.zh, &t.en).to_owned(),
                chosen: t.id == fields.get("tile"),
            })
            .collect(),
        manners: catalogue
            .manners()
            .iter()
            .map(|m| Choice {
                id: m.id.clone(),
                text: f.lang.of(&m.zh, &m.en).to_owned(),
                chosen: m.id == fields.get("manner"),
            })
            .collect(),
        receivers: app
            .office
            .receivers(permit)
            .await?
            .into_iter()
            .filter(|r| r.people > 0)
            .map(|r| (r.organ_name, r.people))
            .collect(),
        wrong,
        who,
        who_id,
        unit: fields.get("unit").to_owned(),
        post: fields.get("post").to_owned(),
        matches,
        cases,
        case_kind,
        case_number: fields.get("case_number").to_owned(),
        when: fields.get("when").to_owned(),
        on_behalf: fields.get("on_behalf").to_owned(),
        place: fields.get("place").to_owned(),
        words: fields.get("words").to_owned(),
        answer: fields.get("answer").to_owned(),
        max_words: MAX_WORDS,
        f,
    })
}
