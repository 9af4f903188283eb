//! Looks (查阅): the reason before a case opens, who looked at a case and why, who has to do with it, and looks that are asked
//! about.
//!
//! Unexplained is a question: these pages show what a look lacks, never a figure about a person.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use law::Explanations;
use model::Micros;
use office::{
    Answer, Asked, Both, CaseKey, Error, LookClass, LookDetail, LookKind, LookLeg, LookQueue,
    LookView, NewAnswer, NewReason, NewRelation, Office, RelationView, Signal, UnitBudget, Verdict,
    may,
};

use super::{
    Choice, TabLink,
    cases::{actor, tab_links},
    settings::{Wrong, done, problem, wrongs},
    show,
};
use crate::{
    app::App,
    edge::see_other,
    fail::Fail,
    format,
    forms::{Fields, Form, Query},
    frame::Frame,
    session::{self, May, SignedIn},
};

#[derive(Template)]
#[template(path = "reason.html")]
struct ReasonPage {
    f: Frame,
    key: String,
    number: String,
    missing: String,
    minutes: u32,
    reasons: Vec<Choice>,
    words: String,
    paper: String,
    next: String,
    wrong: Vec<Wrong>,
}

impl ReasonPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

/// Where to go on: a page of this case or of a proposed step; else the case.
fn onward(key: CaseKey, next: &str) -> String {
    let case = format!("/cases/{key}");
    let local = session::local_path(next).filter(|path| {
        let of_case = path.strip_prefix(case.as_str());
        let of_case = of_case.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        of_case || path.starts_with("/reviews/") || path.starts_with("/looks/")
    });
    local.map_or(case, str::to_owned)
}

async fn reason_page(
    app: &App,
    permit: &office::Permit<may::ReadCase>,
    f: Frame,
    key: CaseKey,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<Response, Fail> {
    let next = onward(key, form.get("next"));
    let asked = app.office.reason_form(permit, key).await?;
    let Some(wanted) = asked.wanted else {
        return Ok(see_other(&next));
    };
    let chosen = form.get("reason");
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = ReasonPage {
        number: asked.number.unwrap_or_else(|| key.to_string()),
        key: key.to_string(),
        missing: both(&f, &wanted.missing),
        minutes: asked.minutes,
        reasons: (asked.reasons.iter())
            .map(|r| Choice {
                text: f.lang.of(&r.text.zh, &r.text.en).to_owned(),
                chosen: r.id == chosen,
                id: r.id.clone(),
            })
            .collect(),
        words: form.get("words").to_owned(),
        paper: form.get("paper").to_owned(),
        next,
        wrong,
        f,
    };
    Ok((status, show(&page)?).into_response())
}

/// What has to be said before the case opens.
pub(crate) async fn reason(
    May(permit): May<may::ReadCase>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    reason_page(&app, &permit, f, key, &query, Vec::new()).await
}

/// Takes the reason and goes on to the case.
pub(crate) async fn give_reason(
    May(permit): May<may::ReadCase>,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let new = NewReason {
        reason: form.get("reason").to_owned(),
        words: form.get("words").to_owned(),
        paper: form.some("paper"),
    };
    match app.office.give_reason(&permit, key, &new).await {
        Ok(_) => Ok(see_other(&onward(key, form.get("next")))),
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            reason_page(&app, &permit, f, key, &form, wrong).await
        }
        Err(e) => Err(e.into()),
    }
}

/// A look in a list.
struct Line {
    index: u64,
    when: String,
    who: String,
    post: String,
    kind: String,
    class: String,
    tone: &'static str,
    /// What explains it; or what is missing.
    words: String,
    missing: bool,
    path: Vec<(String, u64)>,
    reason: Option<String>,
    because: Option<u64>,
}

struct Related {
    event: String,
    index: u64,
    kind: String,
    whom: String,
    href: Option<String>,
    from: String,
    to: String,
    document: String,
    by: String,
    in_force: bool,
}

#[derive(Template)]
#[template(path = "case_looks.html")]
struct CasePage {
    f: Frame,
    key: String,
    number: String,
    tabs: Vec<TabLink>,
    done: Option<String>,
    looks: Vec<Line>,
    relations: Vec<Related>,
    may_assign: bool,
    kinds: Vec<Choice>,
    person: String,
    from: String,
    to: String,
    document: String,
    why: String,
    wrong: Vec<Wrong>,
}

impl CasePage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

async fn case_page(
    app: &App,
    viewer: &std::sync::Arc<office::Viewer>,
    f: Frame,
    key: CaseKey,
    query: &Fields,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<Response, Fail> {
    let permit = app.office.permit::<may::ReadCase>(viewer)?;
    // Opening it leaves the entry of this very look, so it comes first.
    let case = app.office.case(&permit, key).await?;
    let looks = app.office.case_looks(&permit, key).await?;
    let relations = app.office.case_relations(&permit, key).await?;
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = CasePage {
        number: case.head.number.unwrap_or_else(|| key.to_string()),
        tabs: tab_links(&key.to_string(), "looks"),
        done: done(&f, query),
        looks: looks.iter().map(|l| line(&f, l)).collect(),
        relations: relations.into_iter().map(|r| related(&f, r)).collect(),
        may_assign: app.office.permit::<may::AssignCases>(viewer).is_ok(),
        kinds: Office::relation_kinds()
            .into_iter()
            .map(|kind| Choice {
                id: kind.to_owned(),
                text: kind_words(&f, kind),
                chosen: kind == form.get("kind"),
            })
            .collect(),
        person: form.get("number").to_owned(),
        from: form.get("from").to_owned(),
        to: form.get("to").to_owned(),
        document: form.get("document").to_owned(),
        why: form.get("why").to_owned(),
        key: key.to_string(),
        wrong,
        f,
    };
    Ok((status, show(&page)?).into_response())
}

/// Who looked at a case, and who has to do with it.
pub(crate) async fn of_case(
    _: May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let none = Fields::default();
    case_page(&app, &viewer, f, key, &query, &none, Vec::new()).await
}

/// Registers a relation.
pub(crate) async fn relate(
    May(permit): May<may::AssignCases>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let mut wrong = Vec::new();
    let mut time = |field: &'static str| {
        let at = form.some(field).map(|text| format::parse_local(&text));
        if at == Some(None) {
            let text = problem(&f, "malformed");
            wrong.push(Wrong { field, text });
        }
        at.flatten()
    };
    let (from, to) = (time("from"), time("to"));
    let new = NewRelation {
        kind: form.get("kind").to_owned(),
        number: form.get("number").to_owned(),
        from,
        // A day means the whole of it.
        to: to.and_then(|at| Micros::new(at.get() + 86_400_000_000).ok()),
        document: form.some("document"),
        reason: form.some("why"),
    };
    if wrong.is_empty() {
        match app.office.relate(&permit, key, &new).await {
            Ok(index) => return Ok(see_other(&format!("/cases/{key}/looks?done={index}"))),
            Err(Error::Invalid(faults)) => wrong = wrongs(&f, faults),
            Err(e) => return Err(e.into()),
        }
    }
    case_page(&app, &viewer, f, key, &Fields::default(), &form, wrong).await
}

/// Ends a relation.
pub(crate) async fn end_relation(
    May(permit): May<may::AssignCases>,
    State(app): State<App>,
    Path(key): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let relation = form.get("relation").parse().map_err(|_| Fail::NotFound)?;
    let index = app.office.end_relation(&permit, key, relation).await?;
    Ok(see_other(&format!("/cases/{key}/looks?done={index}")))
}

/// A question in the queue.
struct Question {
    line: Line,
    href: String,
    case: String,
    case_href: Option<String>,
    signals: Vec<String>,
    verdict: Option<(String, &'static str)>,
}

/// A part of the queue.
struct Part {
    title: String,
    help: String,
    rows: Vec<Question>,
}

#[derive(Template)]
#[template(path = "looks.html")]
struct QueuePage {
    f: Frame,
    done: Option<String>,
    open: usize,
    parts: Vec<Part>,
    units: Vec<UnitBudget>,
    more: bool,
}

/// Looks that are asked about.
pub(crate) async fn list(
    May(permit): May<may::SeeLooks>,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
) -> Result<Response, Fail> {
    let LookQueue {
        open,
        late,
        answered,
        units,
        more,
    } = app.office.look_queue(&permit).await?;
    let n = open.len();
    let (week, later): (Vec<_>, Vec<_>) = open.into_iter().partition(|a| a.this_week);
    let parts = [
        ("looks-week", "looks-week-help", week),
        ("looks-later", "looks-later-help", later),
        ("looks-late", "looks-late-help", late),
        ("looks-answered", "looks-answered-help", answered),
    ];
    let parts = parts
        .into_iter()
        .filter(|(.., rows)| !rows.is_empty())
        .map(|(title, help, rows)| Part {
            title: f.t(title),
            help: f.t(help),
            rows: rows.iter().map(|a| question(&f, a)).collect(),
        })
        .collect();
    show(&QueuePage {
        done: done(&f, &query),
        open: n,
        parts,
        units,
        more,
        f,
    })
}

struct Read {
    when: String,
    kind: String,
    index: u64,
}

struct Said {
    when: String,
    who: String,
    verdict: String,
    tone: &'static str,
    note: String,
    index: u64,
}

#[derive(Template)]
#[template(path = "look.html")]
struct LookPage {
    f: Frame,
    q: Question,
    words: Option<String>,
    paper: Option<String>,
    read: Vec<Read>,
    answers: Vec<Said>,
    own: bool,
    may_answer: bool,
    verdicts: Vec<Choice>,
    note: String,
    wrong: Vec<Wrong>,
}

impl LookPage {
    fn wrong_at(&self, field: &str) -> Option<&str> {
        Wrong::at(&self.wrong, field)
    }
}

async fn look_page(
    app: &App,
    permit: &office::Permit<may::SeeLooks>,
    f: Frame,
    index: u64,
    form: &Fields,
    wrong: Vec<Wrong>,
) -> Result<Response, Fail> {
    let LookDetail {
        asked,
        words,
        paper,
        read,
        answers,
    } = app.office.look_detail(permit, index).await?;
    let viewer = std::sync::Arc::new(permit.viewer().clone());
    let status = match wrong.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let said = |a: &Answer| Said {
        when: format::minute(a.at),
        who: actor(&f, &a.who),
        verdict: verdict(&f, a.verdict).0,
        tone: verdict(&f, a.verdict).1,
        note: a.note.clone().unwrap_or_default(),
        index: a.index,
    };
    let page = LookPage {
        own: asked.own,
        may_answer: app.office.permit::<may::AnswerLooks>(&viewer).is_ok(),
        answers: answers.iter().map(said).collect(),
        read: read
            .into_iter()
            .map(|(at, kind, index)| Read {
                when: format::minute(at),
                kind: kind_of(&f, kind),
                index,
            })
            .collect(),
        verdicts: Verdict::ALL
            .into_iter()
            .map(|v| Choice {
                id: v.name().to_owned(),
                text: verdict(&f, v).0,
                chosen: v.name() == form.get("verdict"),
            })
            .collect(),
        note: form.get("note").to_owned(),
        q: question(&f, &asked),
        words,
        paper,
        wrong,
        f,
    };
    Ok((status, show(&page)?).into_response())
}

/// One look, with the words of its reason.
pub(crate) async fn one(
    May(permit): May<may::SeeLooks>,
    State(app): State<App>,
    f: Frame,
    Path(index): Path<String>,
) -> Result<Response, Fail> {
    let index = index.parse().map_err(|_| Fail::NotFound)?;
    look_page(&app, &permit, f, index, &Fields::default(), Vec::new()).await
}

/// Answers.
pub(crate) async fn answer(
    May(permit): May<may::AnswerLooks>,
    May(see): May<may::SeeLooks>,
    State(app): State<App>,
    f: Frame,
    Path(index): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let index: u64 = index.parse().map_err(|_| Fail::NotFound)?;
    let new = NewAnswer {
        verdict: form.get("verdict").to_owned(),
        note: form.get("note").to_owned(),
    };
    match app.office.answer_look(&permit, index, &new).await {
        Ok(entry) => Ok(see_other(&format!("/looks?done={entry}"))),
        Err(Error::Invalid(faults)) => {
            let wrong = wrongs(&f, faults);
            look_page(&app, &see, f, index, &form, wrong).await
        }
        Err(e) => Err(e.into()),
    }
}

fn question(f: &Frame, asked: &Asked) -> Question {
    Question {
        line: line(f, &asked.look),
        href: format!("/looks/{}", asked.look.index),
        case: match (&asked.number, asked.case) {
            (Some(number), _) => number.clone(),
            (None, Some(key)) => key.to_string(),
            (None, None) => f.t("look-many-cases"),
        },
        case_href: asked.case.map(|key| format!("/cases/{key}")),
        signals: asked.signals.iter().map(|s| signal(f, *s)).collect(),
        verdict: asked.verdict.map(|v| verdict(f, v)),
    }
}

fn line(f: &Frame, look: &LookView) -> Line {
    let (class, tone) = class(f, look.class);
    let missing = matches!(
        look.class,
        Some(LookClass::BreakGlass | LookClass::Unexplained)
    );
    let leg = |leg: &LookLeg| {
        let index = leg.index?;
        let what = leg.what.as_ref().map(|a| f.activity(a));
        Some((what.unwrap_or_default(), index))
    };
    let mut post = look.organ_name.clone();
    if let Some(p) = &look.post {
        post = format!("{post} {p}");
    }
    Line {
        index: look.index,
        when: format::minute(look.at),
        who: actor(f, &look.who),
        post,
        kind: kind_of(f, look.kind),
        class,
        tone,
        words: look.words.as_ref().map(|w| both(f, w)).unwrap_or_default(),
        missing,
        path: look.path.iter().filter_map(leg).collect(),
        reason: look.reason.as_ref().map(|r| both(f, r)),
        because: look.because,
    }
}

fn related(f: &Frame, r: RelationView) -> Related {
    let (whom, href) = match (r.person, r.other) {
        (Some(person), _) => (person, None),
        (None, Some((key, number))) => (
            number.unwrap_or_else(|| key.to_string()),
            Some(format!("/cases/{key}")),
        ),
        (None, None) => (String::new(), None),
    };
    Related {
        event: r.event.to_string(),
        index: r.index,
        kind: kind_words(f, &r.kind),
        whom,
        href,
        from: format::minute(r.from),
        to: r.to.map(format::minute).unwrap_or_default(),
        document: r.document.or(r.reason).unwrap_or_default(),
        by: r.by.unwrap_or_default(),
        in_force: r.in_force,
    }
}

fn both(f: &Frame, words: &Both) -> String {
    f.lang.of(&words.zh, &words.en).to_owned()
}

fn kind_words(f: &Frame, kind: &str) -> String {
    both(f, &RelationView::kind_words(kind))
}

fn class(f: &Frame, class: Option<LookClass>) -> (String, &'static str) {
    let (key, tone) = match class {
        Some(LookClass::Explained) => ("look-explained", "ok"),
        Some(LookClass::ExplainedLate) => ("look-explained-late", "note"),
        Some(LookClass::RegisteredInquiry) => ("look-registered", "note"),
        Some(LookClass::BreakGlass) => ("look-break-glass", "amber"),
        Some(LookClass::Unexplained) => ("look-unexplained", "red"),
        None => ("look-not-judged", "open"),
    };
    (f.t(key), tone)
}

fn kind_of(f: &Frame, kind: LookKind) -> String {
    f.t(match kind {
        LookKind::Case => "look-kind-case",
        LookKind::Names => "look-kind-names",
        LookKind::Body => "look-kind-body",
        LookKind::Step => "look-kind-step",
        LookKind::Events => "look-kind-events",
        LookKind::Export => "look-kind-export",
        LookKind::Review => "look-kind-review",
    })
}

fn signal(f: &Frame, signal: Signal) -> String {
    let days = Explanations::shipped().signals.soon_days;
    match signal {
        Signal::Export => f.t("look-signal-export"),
        Signal::Sensitive => f.t("look-signal-sensitive"),
        Signal::Soon => f.t1("look-signal-soon", "n", days),
        Signal::Acted => f.t1("look-signal-acted", "n", days),
        Signal::Names => f.t("look-signal-names"),
        Signal::Night => f.t("look-signal-night"),
    }
}

fn verdict(f: &Frame, verdict: Verdict) -> (String, &'static str) {
    match verdict {
        Verdict::Justified => (f.t("look-justified"), "ok"),
        Verdict::NotJustified => (f.t("look-not-justified"), "red"),
        Verdict::FollowUp => (f.t("look-follow-up"), "amber"),
    }
}
