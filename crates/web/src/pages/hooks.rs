//! Webhooks (推送): which other systems are told of findings, and what could not be delivered.
//!
//! A secret is shown once, on the page that answers the `POST`; it is in no list and no address.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use office::{Error, HookWants, NewHook, may};

use super::{
    Choice,
    settings::{ConfirmPage, Wrong, after, done, wrongs},
    show,
};
use crate::{
    app::App,
    edge::see_other,
    fail::Fail,
    format,
    forms::{Fields, Form, Query},
    frame::Frame,
    session::May,
};

#[derive(Template)]
#[template(path = "hooks.html")]
struct HooksPage {
    f: Frame,
    done: Option<String>,
    /// Shown once.
    secret: Option<String>,
    hosts: Vec<String>,
    http: bool,
    rows: Vec<Row>,
    letters: Vec<Letter>,
    label: String,
    url: String,
    accounts: Vec<Choice>,
    rules: String,
    severities: Vec<Choice>,
    clocks: bool,
    wrong: Vec<Wrong>,
}

impl HooksPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

struct Row {
    id: i64,
    label: String,
    account: String,
    url: String,
    wants: String,
    waiting: u64,
    delivered: u64,
    dead: u64,
    /// `hooks-active`, `hooks-silent`, `settings-ended`.
    state: &'static str,
    tone: &'static str,
    ended: bool,
}

struct Letter {
    id: String,
    label: String,
    what: String,
    created: String,
    tries: u32,
    answer: String,
    can_go: bool,
}

async fn page(
    app: &App,
    permit: &office::Permit<may::ManageAccounts>,
    f: Frame,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<HooksPage, Fail> {
    let wants = |w: &HookWants| {
        let mut all = Vec::new();
        all.extend((!w.rules.is_empty()).then(|| {
            let rules: Vec<&str> = w.rules.iter().map(String::as_str).collect();
            rules.join(" ")
        }));
        all.extend((!w.severities.is_empty()).then(|| {
            let severities: Vec<&str> = w.severities.iter().map(String::as_str).collect();
            f.t1("hooks-of-severity", "which", severities.join(" "))
        }));
        if all.is_empty() {
            all.push(f.t("hooks-all-findings"));
        }
        all.extend(w.clocks.then(|| f.t("hooks-and-clocks")));
        all.join(f.lang.of("；", "; "))
    };
    let rows = app.office.hooks(permit).await?.into_iter().map(|h| {
        let (state, tone) = match (h.ended.is_some(), h.silent) {
            (true, _) => ("settings-ended", "open"),
            (false, true) => ("hooks-silent", "amber"),
            (false, false) => ("settings-active", "ok"),
        };
        Row {
            id: h.id,
            wants: wants(&h.wants),
            label: h.label,
            account: h.account,
            url: h.url,
            waiting: h.waiting,
            delivered: h.delivered,
            dead: h.dead,
            state,
            tone,
            ended: h.ended.is_some(),
        }
    });
    let rows = rows.collect();
    let letters = app.office.dead_letters(permit).await?;
    let letters = letters.into_iter().map(|m| {
        let payload: serde_json::Value = serde_json::from_str(&m.payload).unwrap_or_default();
        let data = &payload["data"];
        let sentence = data["sentence"][f.lang.of("zh", "en")].as_str();
        let sentence = sentence.unwrap_or_default();
        Letter {
            what: format!("{} {sentence}", data["rule"].as_str().unwrap_or_default()),
            id: m.id,
            label: m.label,
            created: format::minute(m.created),
            tries: m.tries,
            answer: match m.answer.as_str() {
                "timeout" => f.t("hooks-answer-timeout"),
                "connection" => f.t("hooks-answer-connection"),
                "tls" => f.t("hooks-answer-tls"),
                "ended" => f.t("hooks-answer-ended"),
                status => f.t1("hooks-answer-status", "status", status),
            },
            can_go: m.can_go,
        }
    });
    let letters = letters.collect();
    let accounts = app.office.accounts(permit).await?;
    let chosen = form.get("account").to_owned();
    let accounts = accounts.into_iter().map(|a| Choice {
        text: match a.name {
            Some(name) => format!("{} {name}", a.account),
            None => a.account.clone(),
        },
        chosen: a.account == chosen,
        id: a.account,
    });
    let severity = |s: &'static str| Choice {
        id: s.to_owned(),
        text: f.t(match s {
            "A" => "hooks-severity-a",
            "B" => "hooks-severity-b",
            _ => "hooks-severity-c",
        }),
        chosen: !form.get(field_of(s)).is_empty(),
    };
    let rules = &app.office.info().hooks;
    Ok(HooksPage {
        done: None,
        secret: None,
        hosts: rules.hosts.clone(),
        http: rules.http,
        rows,
        letters,
        label: form.get("label").to_owned(),
        url: form.get("url").to_owned(),
        accounts: accounts.collect(),
        rules: form.get("rules").to_owned(),
        severities: ["A", "B", "C"].map(severity).into(),
        clocks: !form.get("clocks").is_empty(),
        wrong,
        f,
    })
}

/// Name of the box of a severity.
fn field_of(severity: &str) -> &'static str {
    match severity {
        "A" => "severity_A",
        "B" => "severity_B",
        _ => "severity_C",
    }
}

/// `GET /settings/hooks`
pub(crate) async fn list(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let done = match query.get("done") {
        "again" => Some(f.t("hooks-again-done")),
        _ => done(&f, &query),
    };
    let mut page = page(&app, &permit, f, &Fields::default(), Vec::new()).await?;
    page.done = done;
    show(&page)
}

/// `POST /settings/hooks`: makes one and shows its secret.
pub(crate) async fn make(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let rules = form.get("rules").replace(['，', ',', '、'], " ");
    let severities = ["A", "B", "C"].into_iter();
    let severities = severities.filter(|s| !form.get(field_of(s)).is_empty());
    let new = NewHook {
        account: form.get("account").to_owned(),
        label: form.get("label").to_owned(),
        url: form.get("url").to_owned(),
        wants: HookWants {
            rules: rules.split_whitespace().map(str::to_owned).collect(),
            severities: severities.map(str::to_owned).collect::<BTreeSet<_>>(),
            clocks: !form.get("clocks").is_empty(),
        },
    };
    match app.office.new_hook(&permit, new).await {
        Ok(made) => {
            let done = f.t1("settings-done", "index", made.index);
            let mut page = page(&app, &permit, f, &Fields::default(), Vec::new()).await?;
            page.done = Some(done);
            page.secret = Some(made.secret);
            show(&page)
        }
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            let page = page(&app, &permit, f, &form, wrong).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
        }
        Err(e) => Err(e.into()),
    }
}

/// `POST /settings/hooks/end`: after asking.
pub(crate) async fn end(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    f: Frame,
    Form(form): Form,
) -> Result<Response, Fail> {
    let hook = form.get("hook").to_owned();
    let id: i64 = hook.parse().map_err(|_| Fail::NotFound)?;
    if form.get("sure") == "yes" {
        let index = app.office.end_hook(&permit, id).await?;
        return after(&app, "/settings/hooks", index).await;
    }
    let name = form.get("name").to_owned();
    show(&ConfirmPage {
        section: "settings-hooks",
        list: "/settings/hooks",
        title: f.t1("hooks-end-title", "name", &name),
        means: "hooks-end-means",
        action: "/settings/hooks/end".to_owned(),
        fields: vec![("hook", hook), ("name", name)],
        wrong: Vec::new(),
        f,
    })
}

/// `POST /settings/hooks/again`: a dead letter goes once more.
pub(crate) async fn again(
    May(permit): May<may::ManageAccounts>,
    State(app): State<App>,
    Form(form): Form,
) -> Result<Response, Fail> {
    app.office.send_again(&permit, form.get("message")).await?;
    Ok(see_other("/settings/hooks?done=again"))
}
