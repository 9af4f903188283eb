//! Settings: organs (机关) and roles (角色). People have a file of their own.
//!
//! Each change is an entry of the ledger; the pages say its index. What ends asks first, with its consequence in words.

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use office::{Error, FieldError, NewGrant, NewOrgan, OrganRow, TableSummary, may};

use super::{Choice, Pager, piece, show};
use crate::{
    app::App,
    edge::see_other,
    fail::Fail,
    format,
    forms::{self, Fields, Form, Query, Upload},
    frame::Frame,
    session::{May, SignedIn},
};

/// What was wrong with one field of a form.
pub(crate) struct Wrong {
    pub(crate) field: &'static str,
    pub(crate) text: String,
}

impl Wrong {
    /// What is wrong with a field, in words.
    pub(crate) fn at<'w>(all: &'w [Self], field: &str) -> Option<&'w str> {
        let wrong = all.iter().find(|w| w.field == field);
        wrong.map(|w| w.text.as_str())
    }
}

/// The words for a problem of a field.
pub(crate) fn problem(f: &Frame, problem: &str) -> String {
    let key = match problem {
        "required" => "problem-required",
        "too_long" => "problem-too_long",
        "unknown" => "problem-unknown",
        "future" => "problem-future",
        "taken" => "problem-taken",
        "malformed" => "problem-malformed",
        "cycle" => "problem-cycle",
        "ended" => "problem-ended",
        "not_allowed" => "problem-not_allowed",
        "not_yours" => "problem-not_yours",
        _ => "problem-other",
    };
    f.t(key)
}

pub(crate) fn wrongs(f: &Frame, faults: Vec<FieldError>) -> Vec<Wrong> {
    faults
        .into_iter()
        .map(|fault| {
            let mut text = problem(f, fault.problem);
            // What was expected is in English; to Chinese readers the problem and the help under the field say it.
            if !f.lang.is_chinese() {
                text = format!("{text} {}", fault.expected);
            }
            Wrong {
                field: fault.field,
                text,
            }
        })
        .collect()
}

/// The message over a list after something was done.
pub(crate) fn done(f: &Frame, query: &Fields) -> Option<String> {
    query
        .get("done")
        .parse::<u64>()
        .ok()
        .map(|index| f.t1("settings-done", "index", index))
}

/// An organ's name, moved in by its depth.
fn indented(row: &OrganRow) -> String {
    format!(
        "{}{} {}",
        "\u{3000}".repeat(row.depth.min(12) as usize),
        row.name,
        row.code
    )
}

pub(crate) fn organ_choices(rows: &[OrganRow], chosen: &str) -> Vec<Choice> {
    rows.iter()
        .filter(|row| row.ended.is_none())
        .map(|row| Choice {
            id: row.code.to_string(),
            text: indented(row),
            chosen: row.code.as_str() == chosen,
        })
        .collect()
}

#[derive(Template)]
#[template(path = "organs.html")]
struct OrgansPage {
    f: Frame,
    done: Option<String>,
    rows: Vec<Organ>,
    active: usize,
    may_edit: bool,
    /// The form below: adding, or changing that one.
    changing: bool,
    code: String,
    name: String,
    parents: Vec<Choice>,
    wrong: Vec<Wrong>,
}

impl OrgansPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

struct Organ {
    code: String,
    name: String,
    indent: String,
    people: u64,
    ended: Option<String>,
    index: u64,
    is_top: bool,
}

async fn organs_page(
    app: &App,
    viewer: &std::sync::Arc<office::Viewer>,
    f: Frame,
    query: &Fields,
    form: Option<&Fields>,
    wrong: Vec<Wrong>,
) -> Result<OrgansPage, Fail> {
    let rows = app.office.organs(&app.office.permit(viewer)?).await?;
    let edited = query.get("change");
    let changed = rows.iter().find(|row| row.code.as_str() == edited);
    let (code, name, parent) = match (form, changed) {
        (Some(form), _) => (
            form.get("code").to_owned(),
            form.get("name").to_owned(),
            form.get("parent").to_owned(),
        ),
        (None, Some(row)) => {
            let parent = row.parent.as_ref().map(ToString::to_string);
            (
                row.code.to_string(),
                row.name.clone(),
                parent.unwrap_or_default(),
            )
        }
        (None, None) => Default::default(),
    };
    Ok(OrgansPage {
        done: done(&f, query),
        active: rows.iter().filter(|row| row.ended.is_none()).count(),
        may_edit: app.office.permit::<may::EditOrgans>(viewer).is_ok(),
        changing: changed.is_some() || form.is_some_and(|form| form.get("mode") == "change"),
        parents: organ_choices(&rows, &parent),
        rows: rows
            .iter()
            .map(|row| Organ {
                code: row.code.to_string(),
                name: row.name.clone(),
                indent: "\u{3000}".repeat(row.depth.min(12) as usize),
                people: row.people,
                ended: row.ended.map(format::day),
                index: row.index,
                is_top: row.parent.is_none(),
            })
            .collect(),
        code,
        name,
        wrong,
        f,
    })
}

/// The tree of organs.
pub(crate) async fn organs(
    _: May<may::SeeRoster>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    show(&organs_page(&app, &viewer, f, &query, None, Vec::new()).await?)
}

/// Adds or changes an organ.
pub(crate) async fn save_organ(
    May(permit): May<may::EditOrgans>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let organ = NewOrgan {
        code: form.get("code").to_owned(),
        name: form.get("name").to_owned(),
        parent: form.some("parent"),
    };
    let saved = match form.get("mode") {
        "change" => app.office.change_organ(&permit, organ).await,
        _ => app.office.add_organ(&permit, organ).await,
    };
    match saved {
        Ok(index) => after(&app, "/settings/organs", index).await,
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            let page =
                organs_page(&app, &viewer, f, &Fields::default(), Some(&form), wrong).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

/// Waits until the list shows it, then back to the list.
pub(crate) async fn after(app: &App, list: &str, index: u64) -> Result<Response, Fail> {
    app.office.caught_up(index).await?;
    Ok(see_other(&format!("{list}?done={index}")))
}

/// The question before something ends.
#[derive(Template)]
#[template(path = "confirm.html")]
pub(crate) struct ConfirmPage {
    pub(crate) f: Frame,
    pub(crate) section: &'static str,
    pub(crate) list: &'static str,
    pub(crate) title: String,
    pub(crate) means: &'static str,
    pub(crate) action: String,
    pub(crate) fields: Vec<(&'static str, String)>,
    pub(crate) wrong: Vec<Wrong>,
}

/// Ends an organ, after asking.
pub(crate) async fn end_organ(
    May(permit): May<may::EditOrgans>,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let code = form.get("code").to_owned();
    let mut wrong = Vec::new();
    if form.get("sure") == "yes" {
        match app.office.end_organ(&permit, &code).await {
            Ok(index) => return after(&app, "/settings/organs", index).await,
            Err(Error::Invalid(faults)) => wrong = wrongs(&f, faults),
            Err(e) => return Err(e.into()),
        }
    }
    let name = form.some("name").unwrap_or_else(|| code.clone());
    show(&ConfirmPage {
        section: "settings-organs",
        list: "/settings/organs",
        title: f.t1("settings-end-organ-title", "name", &name),
        means: "settings-end-organ-means",
        action: "/settings/organs/end".to_owned(),
        fields: vec![("code", code), ("name", name)],
        wrong,
        f,
    })
}

/// What became of a table that was sent in.
#[derive(Template)]
#[template(path = "imported.html")]
pub(crate) struct ImportedPage {
    pub(crate) f: Frame,
    pub(crate) section: &'static str,
    pub(crate) list: &'static str,
    pub(crate) summary: TableSummary,
}

/// The file of an import form, whole: tables are small and limited.
pub(crate) async fn table(upload: &mut Upload) -> Result<Vec<u8>, Fail> {
    while let Some(mut field) = upload
        .0
        .next_field()
        .await
        .map_err(|e| forms::multipart_fail(&e))?
    {
        if field.name() == Some("file") {
            return forms::bytes(&mut field, usize::MAX).await;
        }
    }
    Err(Fail::Bad("the form has no file".to_owned()))
}

/// The page after an import, once the lists show what it took.
pub(crate) async fn imported(
    app: &App,
    f: Frame,
    section: &'static str,
    list: &'static str,
    summary: TableSummary,
) -> Result<Response, Fail> {
    if let Some(last) = summary.last {
        app.office.caught_up(last).await?;
    }
    show(&ImportedPage {
        f,
        section,
        list,
        summary,
    })
}

/// Imports organs.
pub(crate) async fn import_organs(
    May(permit): May<may::EditOrgans>,
    State(app): State<App>,
    f: Frame,
    mut upload: Upload,
) -> Result<Response, Fail> {
    let csv = table(&mut upload).await?;
    let summary = app.office.import_organs(&permit, &csv).await?;
    imported(&app, f, "settings-organs", "/settings/organs", summary).await
}

#[derive(Template)]
#[template(path = "roles.html")]
struct RolesPage {
    f: Frame,
    done: Option<String>,
    q: String,
    total: u64,
    rows: Vec<Grant>,
    pager: Pager,
    may_edit: bool,
    number: String,
    roles: Vec<Choice>,
    organs: Vec<Choice>,
    from: String,
    to: String,
    wrong: Vec<Wrong>,
    means: Vec<(String, String)>,
}

impl RolesPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

struct Grant {
    id: String,
    name: String,
    number: String,
    person: String,
    role: String,
    organ: String,
    from: String,
    to: String,
    /// `settings-active`, `-ended`, `-later`.
    state: &'static str,
    tone: &'static str,
}

async fn roles_page(
    app: &App,
    viewer: &std::sync::Arc<office::Viewer>,
    f: Frame,
    query: &Fields,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<RolesPage, Fail> {
    let see = app.office.permit::<may::SeeRoster>(viewer)?;
    let q = query.get("q").to_owned();
    let page = app.office.grants(&see, &q, piece(query)).await?;
    let base = match q.as_str() {
        "" => "/settings/roles?".to_owned(),
        q => format!("/settings/roles?q={}&", crate::edge::percent(q)),
    };
    let organs = app.office.organs(&see).await?;
    let catalogue = std::sync::Arc::clone(&f.catalogue);
    let known = || office::permissions::roles().filter_map(|id| catalogue.role(id));
    Ok(RolesPage {
        done: done(&f, query),
        total: page.total,
        pager: Pager::new(&f, &page, &base),
        rows: page
            .rows
            .into_iter()
            .map(|g| {
                let (state, tone) = match (g.in_force, g.from > f.now) {
                    (true, _) => ("settings-active", "ok"),
                    (false, true) => ("settings-later", "note"),
                    (false, false) => ("settings-ended", "open"),
                };
                Grant {
                    id: g.grant.to_string(),
                    name: g.name,
                    number: g.number,
                    person: g.person.to_string(),
                    role: f.role(&g.role),
                    organ: g.organ_name,
                    from: format::day(g.from),
                    to: match g.ended.or(g.to) {
                        Some(to) => format::day(to),
                        None => f.t("settings-to-none"),
                    },
                    state,
                    tone,
                }
            })
            .collect(),
        may_edit: app.office.permit::<may::EditRoles>(viewer).is_ok(),
        number: form
            .some("number")
            .unwrap_or_else(|| query.get("number").to_owned()),
        roles: known()
            .map(|r| Choice {
                id: r.id.to_string(),
                text: f.lang.of(&r.zh, &r.en).to_owned(),
                chosen: r.id.as_str() == form.get("role"),
            })
            .collect(),
        organs: organ_choices(&organs, form.get("organ")),
        from: form.get("from").to_owned(),
        to: form.get("to").to_owned(),
        wrong,
        means: known()
            .map(|r| {
                let may = r.may.as_ref().map(|m| f.lang.of(&m.zh, &m.en).to_owned());
                (f.lang.of(&r.zh, &r.en).to_owned(), may.unwrap_or_default())
            })
            .collect(),
        q,
        f,
    })
}

/// Who holds which role.
pub(crate) async fn roles(
    _: May<may::SeeRoster>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    show(&roles_page(&app, &viewer, f, &query, &Fields::default(), Vec::new()).await?)
}

/// Gives a role.
pub(crate) async fn add_role(
    May(permit): May<may::EditRoles>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let mut wrong = Vec::new();
    let mut time = |field: &'static str| match form.some(field) {
        None => None,
        Some(text) => {
            let at = format::parse_local(&text);
            if at.is_none() {
                wrong.push(Wrong {
                    field,
                    text: problem(&f, "malformed"),
                });
            }
            at
        }
    };
    let grant = NewGrant {
        number: form.get("number").to_owned(),
        role: form.get("role").to_owned(),
        organ: form.some("organ"),
        from: time("from"),
        to: time("to"),
    };
    if wrong.is_empty() {
        match app.office.add_grant(&permit, grant).await {
            Ok(index) => return after(&app, "/settings/roles", index).await,
            Err(Error::Invalid(faults)) => wrong = wrongs(&f, faults),
            Err(e) => return Err(e.into()),
        }
    }
    let page = roles_page(&app, &viewer, f, &Fields::default(), &form, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// Ends a role, after asking.
pub(crate) async fn end_role(
    May(permit): May<may::EditRoles>,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let grant = form.get("grant").to_owned();
    let mut wrong = Vec::new();
    if form.get("sure") == "yes" {
        let id = grant.parse().map_err(|_| Fail::NotFound)?;
        match app.office.end_grant(&permit, id).await {
            Ok(index) => return after(&app, "/settings/roles", index).await,
            Err(Error::Invalid(faults)) => wrong = wrongs(&f, faults),
            Err(e) => return Err(e.into()),
        }
    }
    let name = form.get("name").to_owned();
    show(&ConfirmPage {
        section: "settings-roles",
        list: "/settings/roles",
        title: f.t1("settings-end-role-title", "name", &name),
        means: "settings-end-role-means",
        action: "/settings/roles/end".to_owned(),
        fields: vec![("grant", grant), ("name", name)],
        wrong,
        f,
    })
}

/// Imports roles.
pub(crate) async fn import_roles(
    May(permit): May<may::EditRoles>,
    State(app): State<App>,
    f: Frame,
    mut upload: Upload,
) -> Result<Response, Fail> {
    let csv = table(&mut upload).await?;
    let summary = app.office.import_roles(&permit, &csv).await?;
    imported(&app, f, "settings-roles", "/settings/roles", summary).await
}
