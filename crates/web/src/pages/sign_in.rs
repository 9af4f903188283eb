//! Sign in, sign out, change one's password.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use office::{PasswordError, SignInError};

use super::show;
use crate::{
    app::App,
    edge::see_other,
    fail::Fail,
    format,
    forms::{Form, Query},
    frame::Frame,
    session::{self, SignedIn},
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    f: Frame,
    organ_name: String,
    said: Option<String>,
    tone: &'static str,
    next: String,
    account: String,
}

/// The form.
pub(crate) async fn form(
    State(app): State<App>,
    mut f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    // Whoever is signed in already may still want to be somebody else; the page then has no menu.
    f.me = None;
    let next = session::local_path(query.get("next"))
        .unwrap_or("/")
        .to_owned();
    let said = match (query.get("out"), next.as_str()) {
        ("1", _) => Some(f.t("sign-in-out")),
        (_, "/") => None,
        _ => Some(f.t("sign-in-ended")),
    };
    show(&SignInPage {
        organ_name: app.office.info().organ_name.clone(),
        f,
        said,
        tone: "",
        next,
        account: String::new(),
    })
}

/// Signs in. Wrong account and wrong password look the same and take the same time.
pub(crate) async fn submit(
    State(app): State<App>,
    mut f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    f.me = None;
    let account = form.get("account").to_owned();
    let next = session::local_path(form.get("next"))
        .unwrap_or("/")
        .to_owned();
    let (status, said) = match app.office.sign_in(&account, form.raw("password")).await {
        Ok(begun) => {
            let mut response = see_other(if begun.must_change {
                "/password"
            } else {
                &next
            });
            let cookie = session::session_cookie(app.options.behind_tls, &begun.token)?;
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            return Ok(response);
        }
        Err(SignInError::Wrong) => (StatusCode::UNAUTHORIZED, f.t("sign-in-wrong")),
        Err(SignInError::Locked { until }) => (
            StatusCode::TOO_MANY_REQUESTS,
            f.t1("sign-in-locked", "until", format::minute(until)),
        ),
        Err(SignInError::Busy) => return Err(Fail::Busy),
        Err(SignInError::Internal(text)) => return Err(Fail::Internal(text)),
    };
    let page = show(&SignInPage {
        organ_name: app.office.info().organ_name.clone(),
        f,
        said: Some(said),
        tone: "red",
        next,
        account,
    })?;
    Ok((status, page).into_response())
}

/// Signs out.
pub(crate) async fn out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fail> {
    let name = session::cookie_name(app.options.behind_tls);
    if let Some(token) = session::cookie(&headers, name).filter(|t| !t.is_empty()) {
        app.office.sign_out(token).await?;
    }
    let mut response = see_other("/sign-in?out=1");
    response.headers_mut().insert(
        header::SET_COOKIE,
        session::session_cookie(app.options.behind_tls, "")?,
    );
    Ok(response)
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    f: Frame,
    done: bool,
    wrong_old: Option<String>,
    wrong_new: Option<String>,
}

/// The form for a new password.
pub(crate) async fn password(_: SignedIn, f: Frame) -> Result<Response, Fail> {
    show(&PasswordPage {
        f,
        done: false,
        wrong_old: None,
        wrong_new: None,
    })
}

/// Changes one's password.
pub(crate) async fn change_password(
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    headers: HeaderMap,
    Form(form): Form,
) -> Result<Response, Fail> {
    let token = session::cookie(&headers, session::cookie_name(app.options.behind_tls))
        .ok_or(Fail::SignIn)?;
    let (mut done, mut wrong_old, mut wrong_new) = (false, None, None);
    if form.raw("new") != form.raw("again") {
        wrong_new = Some(f.t("password-differ"));
    } else {
        match app
            .office
            .change_password(&viewer, token, form.raw("old"), form.raw("new"))
            .await
        {
            Ok(()) => done = true,
            Err(PasswordError::Wrong) => wrong_old = Some(f.t("password-wrong")),
            Err(PasswordError::Locked { until }) => {
                wrong_old = Some(f.t1("sign-in-locked", "until", format::minute(until)));
            }
            Err(PasswordError::Weak) => wrong_new = Some(f.t("password-weak")),
            Err(PasswordError::Internal(text)) => return Err(Fail::Internal(text)),
        }
    }
    let status = if done {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let page = show(&PasswordPage {
        f,
        done,
        wrong_old,
        wrong_new,
    })?;
    Ok((status, page).into_response())
}
