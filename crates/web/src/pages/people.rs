//! Settings: people (人员) and their accounts.
//!
//! A first or new password is shown once, on the page that answers the `POST`; it is in no list and no address.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use model::Pseudonym;
use office::{Error, NewPerson, PersonFilter, Viewer, may};

use super::{
    Choice, Pager, piece,
    settings::{ConfirmPage, Wrong, after, done, imported, organ_choices, table, wrongs},
    show,
};
use crate::{
    app::App,
    fail::Fail,
    format,
    forms::{Fields, Form, Query, Upload},
    frame::Frame,
    session::{May, SignedIn},
};

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    f: Frame,
    done: Option<String>,
    q: String,
    ended: bool,
    total: u64,
    rows: Vec<Row>,
    pager: Pager,
    may_edit: bool,
    number: String,
    name: String,
    post: String,
    initials: String,
    organs: Vec<Choice>,
    filter_organs: Vec<Choice>,
    wrong: Vec<Wrong>,
}

impl PeoplePage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

struct Row {
    person: String,
    number: String,
    name: String,
    organ: String,
    post: String,
    roles: String,
    account: Option<String>,
    ended: Option<String>,
}

async fn people_page(
    app: &App,
    viewer: &Arc<Viewer>,
    f: Frame,
    query: &Fields,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<PeoplePage, Fail> {
    let see = app.office.permit::<may::SeeRoster>(viewer)?;
    let filter = PersonFilter {
        q: query.get("q").to_owned(),
        organ: query.some("organ").and_then(|o| o.parse().ok()),
        ended: query.get("ended") == "1",
    };
    let page = app.office.people(&see, &filter, piece(query)).await?;
    let organs = app.office.organs(&see).await?;
    let mut base = "/settings/people?".to_owned();
    for name in ["q", "organ", "ended"] {
        if let Some(value) = query.some(name) {
            base.push_str(&format!("{name}={}&", crate::edge::percent(&value)));
        }
    }
    Ok(PeoplePage {
        done: done(&f, query),
        total: page.total,
        pager: Pager::new(&f, &page, &base),
        rows: page
            .rows
            .into_iter()
            .map(|row| Row {
                person: row.person.to_string(),
                number: row.number,
                name: row.name,
                organ: row.organ_name,
                post: row.post,
                roles: row
                    .roles
                    .iter()
                    .map(|g| f.role(&g.role))
                    .collect::<Vec<_>>()
                    .join(f.lang.of("、", ", ")),
                account: row.account,
                ended: row.ended.map(format::day),
            })
            .collect(),
        may_edit: app.office.permit::<may::EditPeople>(viewer).is_ok(),
        number: form.get("number").to_owned(),
        name: form.get("name").to_owned(),
        post: form.get("post").to_owned(),
        initials: form.get("initials").to_owned(),
        organs: organ_choices(&organs, form.get("organ")),
        filter_organs: organ_choices(&organs, query.get("organ")),
        wrong,
        q: filter.q,
        ended: filter.ended,
        f,
    })
}

/// The roster.
pub(crate) async fn list(
    _: May<may::SeeRoster>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    show(&people_page(&app, &viewer, f, &query, &Fields::default(), Vec::new()).await?)
}

/// Adds somebody, or changes the one with that number.
pub(crate) async fn save(
    May(permit): May<may::EditPeople>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let person = NewPerson {
        number: form.get("number").to_owned(),
        name: form.get("name").to_owned(),
        organ: form.get("organ").to_owned(),
        post: form.get("post").to_owned(),
        initials: form.some("initials"),
    };
    let changing = form.get("mode") == "change";
    let key = app.office.person_key(&person.number);
    let saved = match changing {
        true => app.office.change_person(&permit, person).await,
        false => app.office.add_person(&permit, person).await,
    };
    match saved {
        Ok(index) if changing => after(&app, &format!("/settings/people/{key}"), index).await,
        Ok(index) => after(&app, "/settings/people", index).await,
        Err(Error::Invalid(faults)) if changing => {
            let wrong = wrongs(&f, faults);
            let page = one_page(
                &app,
                &viewer,
                f,
                key,
                &Fields::default(),
                Some(&form),
                wrong,
                None,
            )
            .await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            let page = people_page(&app, &viewer, f, &Fields::default(), &form, wrong).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    f: Frame,
    done: Option<String>,
    person: String,
    number: String,
    name: String,
    post: String,
    initials: String,
    organ: String,
    organs: Vec<Choice>,
    ended: Option<String>,
    grants: Vec<Grant>,
    may_edit: bool,
    may_accounts: bool,
    account: Option<String>,
    locked: Option<String>,
    secret: Option<Secret>,
    wrong: Vec<Wrong>,
}

impl PersonPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

struct Grant {
    id: String,
    role: String,
    organ: String,
    from: String,
    to: String,
    in_force: bool,
}

/// A password, shown once; or only the word that something is done.
pub(crate) struct Secret {
    said: String,
    password: Option<String>,
}

/// The page of a person with something that is said once.
async fn show_secret(
    app: &App,
    viewer: &Arc<Viewer>,
    f: Frame,
    person: Pseudonym,
    secret: Secret,
) -> Result<Response, Fail> {
    let page = one_page(
        app,
        viewer,
        f,
        person,
        &Fields::default(),
        None,
        Vec::new(),
        Some(secret),
    )
    .await?;
    show(&page)
}

#[expect(clippy::too_many_arguments, reason = "one page, three forms on it")]
async fn one_page(
    app: &App,
    viewer: &Arc<Viewer>,
    f: Frame,
    person: Pseudonym,
    query: &Fields,
    form: Option<&Fields>,
    wrong: Vec<Wrong>,
    secret: Option<Secret>,
) -> Result<PersonPage, Fail> {
    let see = app.office.permit::<may::SeeRoster>(viewer)?;
    let (row, grants) = app.office.person(&see, person).await?;
    let organs = app.office.organs(&see).await?;
    let manage = app.office.permit::<may::ManageAccounts>(viewer);
    let locked = match &manage {
        Ok(permit) => app
            .office
            .accounts(permit)
            .await?
            .into_iter()
            .find(|a| a.person == person)
            .and_then(|a| a.locked)
            .filter(|until| *until > f.now)
            .map(format::minute),
        Err(_) => None,
    };
    let field = |name: &str, now: &str| form.map_or(now, |form| form.get(name)).to_owned();
    Ok(PersonPage {
        done: done(&f, query),
        person: person.to_string(),
        name: field("name", &row.name),
        post: field("post", &row.post),
        initials: field("initials", &row.initials),
        organs: organ_choices(&organs, &field("organ", row.organ.as_str())),
        organ: row.organ_name,
        number: row.number,
        ended: row.ended.map(format::day),
        grants: grants
            .into_iter()
            .map(|g| Grant {
                id: g.grant.to_string(),
                role: f.role(&g.role),
                organ: g.organ_name,
                from: format::day(g.from),
                to: match g.ended.or(g.to) {
                    Some(to) => format::day(to),
                    None => f.t("settings-to-none"),
                },
                in_force: g.in_force,
            })
            .collect(),
        may_edit: app.office.permit::<may::EditPeople>(viewer).is_ok(),
        may_accounts: manage.is_ok(),
        account: row.account,
        locked,
        secret,
        wrong,
        f,
    })
}

fn key_of(person: &str) -> Result<Pseudonym, Fail> {
    person.parse().map_err(|_| Fail::NotFound)
}

/// One person.
pub(crate) async fn one(
    _: May<may::SeeRoster>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(person): Path<String>,
) -> Result<Response, Fail> {
    show(
        &one_page(
            &app,
            &viewer,
            f,
            key_of(&person)?,
            &query,
            None,
            Vec::new(),
            None,
        )
        .await?,
    )
}

/// Somebody has left; asks first.
pub(crate) async fn end(
    May(permit): May<may::EditPeople>,
    State(app): State<App>,
    f: Frame,
    Path(person): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let key = key_of(&person)?;
    let mut wrong = Vec::new();
    if form.get("sure") == "yes" {
        match app.office.end_person(&permit, key).await {
            Ok(index) => return after(&app, "/settings/people", index).await,
            Err(Error::Invalid(faults)) => wrong = wrongs(&f, faults),
            Err(e) => return Err(e.into()),
        }
    }
    let name = form.get("name").to_owned();
    show(&ConfirmPage {
        section: "settings-people",
        list: "/settings/people",
        title: f.t1("settings-end-person-title", "name", &name),
        means: "settings-end-person-means",
        action: format!("/settings/people/{key}/end"),
        fields: vec![("name", name)],
        wrong,
        f,
    })
}

/// Makes an account with a first password.
pub(crate) async fn make_account(
    May(permit): May<may::ManageAccounts>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(person): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let key = key_of(&person)?;
    match app
        .office
        .add_account(&permit, key, form.get("account"), None)
        .await
    {
        Ok(made) => {
            let said = f.t1("settings-account-made", "account", &made.account);
            let secret = Secret {
                said,
                password: Some(made.password),
            };
            show_secret(&app, &viewer, f, key, secret).await
        }
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            let page =
                one_page(&app, &viewer, f, key, &Fields::default(), None, wrong, None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

/// The account of a person who has one.
async fn account_of(app: &App, viewer: &Arc<Viewer>, person: Pseudonym) -> Result<String, Fail> {
    let see = app.office.permit::<may::SeeRoster>(viewer)?;
    app.office
        .person(&see, person)
        .await?
        .0
        .account
        .ok_or(Fail::NotFound)
}

/// A new password; the account's sessions end.
pub(crate) async fn reset_account(
    May(permit): May<may::ManageAccounts>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(person): Path<String>,
) -> Result<Response, Fail> {
    let key = key_of(&person)?;
    let account = account_of(&app, &viewer, key).await?;
    let made = app.office.reset_account(&permit, &account).await?;
    let said = f.t1("settings-account-reset-done", "account", &made.account);
    let secret = Secret {
        said,
        password: Some(made.password),
    };
    show_secret(&app, &viewer, f, key, secret).await
}

/// Lifts a lock.
pub(crate) async fn unlock_account(
    May(permit): May<may::ManageAccounts>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(person): Path<String>,
) -> Result<Response, Fail> {
    let key = key_of(&person)?;
    let account = account_of(&app, &viewer, key).await?;
    app.office.unlock_account(&permit, &account).await?;
    let secret = Secret {
        said: f.t("settings-account-unlocked"),
        password: None,
    };
    show_secret(&app, &viewer, f, key, secret).await
}

/// Imports people.
pub(crate) async fn import(
    May(permit): May<may::EditPeople>,
    State(app): State<App>,
    f: Frame,
    mut upload: Upload,
) -> Result<Response, Fail> {
    let csv = table(&mut upload).await?;
    let summary = app.office.import_people(&permit, &csv).await?;
    imported(&app, f, "settings-people", "/settings/people", summary).await
}
