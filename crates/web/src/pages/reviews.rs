//! Reviews (审核): the queue, one proposed step, and proposing one. What is shown goes back with the decision as a hash, so
//! that a decision is about this page and no other.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use law::{Lang, rule::AttributeKind};
use office::{
    ActorView, Attr, Barrier, Both, CaseKey, Decision, NamedObject, NewProposal, Stage, StepRow,
    StepView, Tried, Value, may,
};
use uuid::Uuid;

use super::{
    Choice, TabLink,
    cases::tab_links,
    findings,
    settings::{Wrong, problem},
    show,
};
use crate::{
    app::{App, MAX_FILES},
    edge::see_other,
    fail::Fail,
    format,
    forms::{self, Fields, Form, Query, Upload},
    frame::Frame,
    session::{May, SignedIn},
};

/// Bytes of one text field.
const MAX_TEXT: usize = 64 * 1024;

/// A step in a list.
struct Row {
    href: String,
    step: String,
    act: String,
    case: String,
    case_href: String,
    organ: String,
    proposer: String,
    since: String,
    due: Option<(String, &'static str)>,
    stage: String,
    tone: &'static str,
    own: Vec<Gate>,
}

/// A rule that stands against it.
struct Gate {
    rule: String,
    source: String,
    sentence: String,
    ways: Vec<String>,
}

fn said(f: &Frame, both: &Both) -> String {
    f.lang.of(&both.zh, &both.en).to_owned()
}

fn gates(f: &Frame, barriers: &[Barrier]) -> Vec<Gate> {
    let gate = |b: &Barrier| Gate {
        rule: b.rule.clone(),
        source: findings::sources(f, &b.source),
        sentence: said(f, &b.sentence),
        ways: b.way_out.iter().map(|w| said(f, w)).collect(),
    };
    barriers.iter().map(gate).collect()
}

fn who(f: &Frame, actor: &ActorView) -> String {
    let name = actor
        .name
        .clone()
        .unwrap_or_else(|| actor.person.to_string());
    format!("{name}（{}）", f.role(&actor.role))
}

fn stage(f: &Frame, stage: Stage) -> (String, &'static str) {
    let (key, tone) = match stage {
        Stage::Review => ("review-stage-review", "open"),
        Stage::Approval => ("review-stage-approval", "open"),
        Stage::Returned => ("review-stage-returned", "note"),
        Stage::Done => ("review-stage-done", "ok"),
    };
    (f.t(key), tone)
}

fn row(f: &Frame, row: &StepRow) -> Row {
    let (stage, tone) = stage(f, row.stage);
    let left = row.due.map(|due| due.get() - f.now.get());
    Row {
        href: format!("/reviews/{}", row.event),
        step: row.step.clone(),
        act: f.activity(&row.activity),
        case: row.number.clone().unwrap_or_else(|| row.case.to_string()),
        case_href: format!("/cases/{}", row.case),
        organ: row.organ_name.clone(),
        proposer: who(f, &row.proposer),
        since: format::minute(row.proposed),
        due: left.map(|left| {
            let (key, tone) = match left {
                ..0 => ("today-over", "red"),
                0..86_400_000_000 => ("today-left", "amber"),
                _ => ("today-left", "ok"),
            };
            (f.t1(key, "span", format::span(f.lang, left.abs())), tone)
        }),
        stage,
        tone,
        own: gates(f, &row.own),
    }
}

#[derive(Template)]
#[template(path = "reviews.html")]
struct ListPage {
    f: Frame,
    reviews: bool,
    proposes: bool,
    waiting: Vec<Row>,
    blocked: Vec<Row>,
    mine: Vec<Row>,
}

/// The queue: what waits for the reader, what he must leave to others, what he proposed.
pub(crate) async fn list(
    May(_permit): May<may::SeeReviews>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
) -> Result<Response, Fail> {
    let queue = match app.office.permit::<may::ReviewSteps>(&viewer) {
        Ok(permit) => Some(app.office.review_queue(&permit).await?),
        Err(_) => None,
    };
    let mine = match app.office.permit::<may::ProposeStep>(&viewer) {
        Ok(permit) => Some(app.office.my_proposals(&permit).await?),
        Err(_) => None,
    };
    let rows = |rows: &[StepRow]| rows.iter().map(|r| row(&f, r)).collect();
    show(&ListPage {
        reviews: queue.is_some(),
        proposes: mine.is_some(),
        waiting: queue.as_ref().map_or_else(Vec::new, |q| rows(&q.waiting)),
        blocked: queue.as_ref().map_or_else(Vec::new, |q| rows(&q.blocked)),
        mine: mine.map_or_else(Vec::new, |m| rows(&m)),
        f,
    })
}

#[derive(Template)]
#[template(path = "review_case.html")]
struct CasePage {
    f: Frame,
    key: String,
    number: String,
    tabs: Vec<TabLink>,
    may_propose: bool,
    rows: Vec<Row>,
}

/// The steps that were proposed in a case.
pub(crate) async fn of_case(
    May(permit): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let rows = app.office.case_proposals(&permit, key).await?;
    let case = app.office.case(&permit, key).await?;
    show(&CasePage {
        number: case.head.number.unwrap_or_else(|| key.to_string()),
        tabs: tab_links(&key.to_string(), "reviews"),
        may_propose: app.office.permit::<may::ProposeStep>(&viewer).is_ok(),
        rows: rows.iter().map(|r| row(&f, r)).collect(),
        key: key.to_string(),
        f,
    })
}

struct Rule {
    id: String,
    source: String,
    lines: Vec<String>,
    gate: bool,
    first: bool,
}

struct Done {
    when: String,
    who: String,
    stage: String,
    passed: bool,
    words: String,
    index: u64,
}

struct Act {
    index: u64,
    time: String,
    act: String,
    who: String,
}

struct Found {
    tone: &'static str,
    sentence: String,
    source: String,
}

#[derive(Template)]
#[template(path = "step.html")]
struct StepPage {
    f: Frame,
    event: String,
    row: Row,
    role: Option<String>,
    open: bool,
    again: Option<String>,
    facts: Vec<(String, String)>,
    files: Vec<(String, String)>,
    approvers: String,
    review: Option<String>,
    barriers: Vec<Gate>,
    rules: Vec<Rule>,
    findings: Vec<Found>,
    acts: Vec<Act>,
    earlier: u64,
    opinions: Vec<Done>,
    shown: String,
    paper: String,
    wrong: Vec<Wrong>,
    refused: Vec<Gate>,
    words: String,
    decided: bool,
}

/// One proposed step with everything that speaks for and against it.
pub(crate) async fn one(
    May(permit): May<may::ReadNames>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(event): Path<String>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let view = app.office.step(&permit, event).await?;
    let mine = app.office.permit::<may::ProposeStep>(&viewer).is_ok()
        && view.row.proposer.person == viewer.person;
    let mut page = page(f, view, mine);
    page.decided = !query.get("done").is_empty();
    show(&page)
}

/// Decides.
pub(crate) async fn decide(
    May(permit): May<may::ReviewSteps>,
    May(reader): May<may::ReadNames>,
    State(app): State<App>,
    f: Frame,
    Path(event): Path<String>,
    Form(form): Form,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let decision = Decision {
        passed: match form.get("decision") {
            "pass" => true,
            "return" => false,
            _ => return Err(Fail::Bad("decision: expected pass or return".to_owned())),
        },
        words: form.get("words").to_owned(),
        shown: form.get("shown").to_owned(),
    };
    let (wrong, refused) = match app.office.decide(&permit, event, &decision).await {
        Ok(_) => return Ok(see_other(&format!("/reviews/{event}?done=1"))),
        Err(office::Error::Invalid(faults)) => (faults, Vec::new()),
        Err(office::Error::Gated(barriers)) => (Vec::new(), barriers),
        Err(e) => return Err(e.into()),
    };
    let view = app.office.step(&reader, event).await?;
    let mut page = page(f, view, false);
    page.wrong = wrong
        .into_iter()
        .map(|fault| Wrong {
            field: "words",
            text: match fault.field {
                "shown" => page.f.t("review-changed"),
                "proposal" => page.f.t("review-ended"),
                _ => page.f.t("review-words-required"),
            },
        })
        .collect();
    page.refused = gates(&page.f, &refused);
    page.words = decision.words;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, show(&page)?).into_response())
}

/// An attachment of a proposed step.
pub(crate) async fn file(
    May(permit): May<may::ReadNames>,
    State(app): State<App>,
    Path((event, sha256)): Path<(String, String)>,
) -> Result<Response, Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let attachment = app.office.step_file(&permit, event, &sha256).await?;
    Ok(super::my_records::download(attachment))
}

fn page(f: Frame, view: StepView, mine: bool) -> StepPage {
    let event = view.row.event.to_string();
    let mut facts = vec![(
        f.t("review-handlers"),
        view.handlers
            .iter()
            .map(|a| who(&f, a))
            .collect::<Vec<_>>()
            .join("、"),
    )];
    facts.extend(view.objects.iter().map(|o| object(&f, o)));
    facts.extend(view.attrs.iter().map(|a| attribute(&f, a)));
    facts.extend(view.words.clone().map(|w| (f.t("review-reasons"), w)));
    let names = |roles: &[office::RoleId]| {
        let names: Vec<String> = roles.iter().map(|r| f.role(r)).collect();
        names.join(f.lang.of("或者", " or "))
    };
    let lang = if f.lang.is_chinese() {
        Lang::Zh
    } else {
        Lang::En
    };
    let first = f.catalogue.key_step(view.row.activity.as_str());
    let first = first.map_or(&[][..], |(step, _)| &step.rules);
    let rules = view.rules.iter().map(|r| Rule {
        id: r.id.clone(),
        source: findings::sources(&f, &r.source),
        lines: said(&f, &r.words).lines().map(str::to_owned).collect(),
        gate: r.gate,
        first: first.iter().any(|id| id.as_str() == r.id),
    });
    let findings = view.findings.iter().map(|x| Found {
        tone: match x.grade {
            "red" => "red",
            "amber" => "amber",
            _ => "note",
        },
        sentence: match lang {
            Lang::Zh => x.sentence.zh.clone(),
            Lang::En => x.sentence.en.clone(),
        },
        source: format!("{} · {}", x.rule, findings::sources(&f, &x.source)),
    });
    let acts = view.timeline.iter().map(|e| Act {
        index: e.index,
        time: format::minute(e.occurred),
        act: f.activity(&e.activity),
        who: e
            .actors
            .iter()
            .map(|a| who(&f, a))
            .collect::<Vec<_>>()
            .join("、"),
    });
    let opinions = view.opinions.iter().map(|o| Done {
        when: format::minute(o.at),
        who: who(&f, &o.who),
        stage: stage(&f, o.stage).0,
        passed: o.passed,
        words: o.words.clone().unwrap_or_default(),
        index: o.index,
    });
    StepPage {
        role: view.row.role.as_ref().map(|r| f.role(r)),
        open: matches!(view.row.stage, Stage::Review | Stage::Approval),
        again: (mine && view.row.stage == Stage::Returned)
            .then(|| format!("/cases/{}/propose?again={}", view.row.case, event)),
        files: (view.files.iter())
            .map(|x| {
                let href = format!("/reviews/{event}/files/{}", x.sha256);
                (href, format!("{} · {}", x.name, format::size(x.size)))
            })
            .collect(),
        approvers: names(&view.approvers),
        review: view.review.as_ref().map(|a| f.activity(a)),
        barriers: gates(&f, &view.barriers),
        rules: rules.collect(),
        findings: findings.collect(),
        acts: acts.collect(),
        earlier: view.earlier,
        opinions: opinions.collect(),
        row: row(&f, &view.row),
        shown: view.shown,
        paper: view.paper,
        wrong: Vec::new(),
        refused: Vec::new(),
        words: String::new(),
        decided: false,
        facts,
        event,
        f,
    }
}

fn object(f: &Frame, named: &NamedObject) -> (String, String) {
    let part = named.object.qualifier.as_ref().map(|q| f.part(q.as_str()));
    let kind = part.unwrap_or_else(|| f.object_type(named.object.object_type.as_str()));
    let name = named
        .name
        .clone()
        .unwrap_or_else(|| named.object.id.to_string());
    (kind, name)
}

fn attribute(f: &Frame, attr: &Attr) -> (String, String) {
    let def = f.catalogue.attribute(&attr.key);
    let name = def.map_or(attr.key.as_str(), |d| f.lang.of(&d.name.zh, &d.name.en));
    let value = match &attr.value {
        Value::Bool(true) => f.t("review-yes"),
        Value::Bool(false) => f.t("review-no"),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Time(t) => t.text().to_owned(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    (name.to_owned(), value)
}

struct Acts {
    title: String,
    acts: Vec<Choice>,
}

struct Pick {
    id: String,
    text: String,
    chosen: bool,
}

struct Input {
    id: String,
    text: String,
    kind: &'static str,
    value: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "step_form.html")]
struct FormPage {
    f: Frame,
    key: String,
    number: String,
    submission: String,
    groups: Vec<Acts>,
    act: String,
    gate: String,
    objects: Vec<Pick>,
    names_shown: bool,
    new_object: String,
    with: String,
    inputs: Vec<Input>,
    words: String,
    wrong: Vec<Wrong>,
    tried: Option<Outcome>,
}

/// What would come of it.
struct Outcome {
    barriers: Vec<Gate>,
    review: Option<String>,
    approvers: String,
    done: String,
}

/// The form; `?act=` chooses the step, `?again=` fills in what was sent back.
pub(crate) async fn form(
    May(_permit): May<may::ProposeStep>,
    May(reader): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let (fields, named) = match query.some("again") {
        Some(event) => again(&app, &viewer, key, &event).await?,
        None => (query, Vec::new()),
    };
    show(&form_page(&app, &reader, f, key, &fields, &named, None).await?)
}

/// What was proposed before and sent back, as the fields of the form: for whoever proposed it. Attachments are sent anew.
async fn again(
    app: &App,
    viewer: &std::sync::Arc<office::Viewer>,
    key: CaseKey,
    event: &str,
) -> Result<(Fields, Vec<NamedObject>), Fail> {
    let event = event.parse().map_err(|_| Fail::NotFound)?;
    let names = app.office.permit::<may::ReadNames>(viewer)?;
    let view = app.office.step(&names, event).await?;
    if view.row.case != key || view.row.proposer.person != viewer.person {
        return Err(Fail::NotFound);
    }
    let roster = app.office.permit::<may::SeeRoster>(viewer)?;
    let reader = app.office.permit::<may::ReadCase>(viewer)?;
    let case = app.office.case(&reader, key).await?;
    let known = |id| (case.elements.iter()).any(|g| g.objects.iter().any(|o| o.id == id));
    let mut fields = Fields::default();
    fields.push("act".to_owned(), view.row.activity.to_string());
    fields.push("words".to_owned(), view.words.unwrap_or_default());
    let mut with = Vec::new();
    for other in view.handlers.iter().skip(1) {
        let (person, _) = app.office.person(&roster, other.person).await?;
        with.push(person.number);
    }
    fields.push("with".to_owned(), with.join(" "));
    let things = view.objects.iter();
    for thing in things.filter(|o| o.object.object_type.as_str() != "case") {
        match known(thing.object.id) {
            true => fields.push(format!("object-{}", thing.object.id), "on".to_owned()),
            false => fields.push(
                "new_object".to_owned(),
                thing.name.clone().unwrap_or_default(),
            ),
        }
    }
    for attr in &view.attrs {
        let value = match &attr.value {
            Value::Time(t) => format::local(t.instant()),
            Value::Bool(b) => b.to_string(),
            Value::Int(n) => n.to_string(),
            Value::Float(n) => n.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        fields.push(format!("attr-{}", attr.key), value);
    }
    Ok((fields, view.objects))
}

/// Shows names, asks the gates, or proposes.
pub(crate) async fn propose(
    May(permit): May<may::ProposeStep>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
    Upload(mut upload): Upload,
) -> Result<Response, Fail> {
    let reader = app.office.permit::<may::ReadCase>(&viewer)?;
    let recorder = app.office.permit::<may::Record>(&viewer)?;
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let (mut fields, mut files) = (Fields::default(), Vec::new());
    while let Some(mut field) =
        (upload.next_field().await).map_err(|e| forms::multipart_fail(&e))?
    {
        let name = field.name().unwrap_or_default().to_owned();
        match field.file_name().map(str::to_owned) {
            None => {
                let value = forms::text(&mut field, MAX_TEXT).await?;
                fields.push(name, value);
            }
            Some(file) if file.is_empty() || files.len() == MAX_FILES => {}
            Some(file) => {
                let kept = app
                    .office
                    .attach(&recorder, &file, forms::reader(field))
                    .await?;
                files.push(kept);
            }
        }
    }
    let named = match fields.get("do") {
        "names" => {
            let names = app.office.permit::<may::ReadNames>(&viewer)?;
            app.office.names(&names, key).await?
        }
        _ => Vec::new(),
    };
    if fields.get("do") == "names" {
        return show(&form_page(&app, &reader, f, key, &fields, &named, None).await?);
    }
    let case = app.office.case(&reader, key).await?;
    let objects = case.elements.iter().flat_map(|g| &g.objects);
    let new = NewProposal {
        case: key,
        activity: fields.get("act").to_owned(),
        objects: objects
            .filter(|o| !fields.get(&format!("object-{}", o.id)).is_empty())
            .map(|o| o.id)
            .collect(),
        new_object: fields.some("new_object"),
        with: fields
            .get("with")
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        attrs: attrs(&f.catalogue, &fields),
        words: fields.some("words"),
        files,
        submission_key: fields
            .some("key")
            .unwrap_or_else(|| Uuid::new_v4().to_string()),
    };
    let asked = match fields.get("do") {
        "check" => app.office.try_step(&permit, &new).await,
        _ => match app.office.propose(&permit, &new).await {
            Ok(proposed) => return Ok(see_other(&format!("/reviews/{}", proposed.event))),
            Err(office::Error::Gated(barriers)) => Ok(Tried {
                barriers,
                review: None,
                approvers: Vec::new(),
            }),
            Err(e) => Err(e),
        },
    };
    let (tried, faults) = match asked {
        Ok(tried) => (Some(tried), Vec::new()),
        Err(office::Error::Invalid(faults)) => (None, faults),
        Err(e) => return Err(e.into()),
    };
    let bad = !faults.is_empty() || tried.as_ref().is_some_and(|t| !t.barriers.is_empty());
    let mut page = form_page(&app, &reader, f, key, &fields, &[], tried).await?;
    page.wrong = (faults.into_iter())
        .map(|fault| {
            let key = match fault.field {
                "objects" => "step-objects",
                "new_object" => "step-new-object",
                "with" => "step-with",
                "attrs" => "step-attrs",
                "files" => "step-files",
                "words" => "review-reasons",
                _ => "step-act",
            };
            Wrong {
                field: fault.field,
                text: format!("{}: {}", page.f.t(key), problem(&page.f, fault.problem)),
            }
        })
        .collect();
    let status = if bad {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, show(&page)?).into_response())
}

/// The attributes that were filled in; a local time gets its zone.
fn attrs(catalogue: &law::Catalogue, fields: &Fields) -> BTreeMap<String, String> {
    let looked_at = catalogue.looked_at(fields.get("act"));
    looked_at
        .into_iter()
        .filter_map(|def| {
            let text = fields.some(&format!("attr-{}", def.id))?;
            let text = match def.kind {
                AttributeKind::Time => match format::parse_local(&text) {
                    Some(at) => at.to_string(),
                    None => text,
                },
                _ => text,
            };
            Some((def.id.clone(), text))
        })
        .collect()
}

async fn form_page(
    app: &App,
    reader: &office::Permit<may::ReadCase>,
    f: Frame,
    key: CaseKey,
    fields: &Fields,
    named: &[NamedObject],
    tried: Option<Tried>,
) -> Result<FormPage, Fail> {
    let catalogue = std::sync::Arc::clone(&f.catalogue);
    let case = app.office.case(reader, key).await?;
    let act = fields.get("act").to_owned();
    let step = catalogue.key_step(&act).map(|(step, _)| step);
    let label = |id: &model::Activity| f.activity(id);
    let groups = catalogue.key_steps().iter().map(|step| Acts {
        title: format!("{} {}", step.id, f.lang.of(&step.name.zh, &step.name.en)),
        acts: (step.acts.iter())
            .map(|a| Choice {
                id: a.activity.to_string(),
                text: label(&a.activity),
                chosen: a.activity.as_str() == act,
            })
            .collect(),
    });
    let groups = groups.collect();
    let objects = case.elements.iter().flat_map(|g| &g.objects).map(|o| {
        let name = named.iter().find(|n| n.object.id == o.id);
        let name = name.and_then(|n| n.name.clone());
        let part = o.qualifier.as_ref().map(|q| f.part(q.as_str()));
        let kind = part.unwrap_or_else(|| f.object_type(o.object_type.as_str()));
        let short: String = o.id.to_string().chars().take(10).collect();
        Pick {
            id: o.id.to_string(),
            text: format!("{kind} {}", name.unwrap_or(short)),
            chosen: !fields.get(&format!("object-{}", o.id)).is_empty(),
        }
    });
    let objects = objects.collect();
    let inputs = catalogue.looked_at(&act).into_iter().map(|def| {
        let value = fields.get(&format!("attr-{}", def.id)).to_owned();
        let choice = |id: &str, text: String| Choice {
            chosen: value == id,
            id: id.to_owned(),
            text,
        };
        let choices = match &def.kind {
            AttributeKind::Bool => vec![
                choice("true", f.t("review-yes")),
                choice("false", f.t("review-no")),
            ],
            AttributeKind::OneOf(all) => all.iter().map(|one| choice(one, one.clone())).collect(),
            _ => Vec::new(),
        };
        Input {
            id: def.id.clone(),
            text: f.lang.of(&def.name.zh, &def.name.en).to_owned(),
            kind: match def.kind {
                AttributeKind::Number => "number",
                AttributeKind::Time => "datetime-local",
                _ => "text",
            },
            choices,
            value,
        }
    });
    let inputs = inputs.collect();
    let tried = tried.map(|t| Outcome {
        barriers: gates(&f, &t.barriers),
        review: t.review.as_ref().map(|a| f.activity(a)),
        approvers: (t.approvers.iter())
            .map(|r| f.role(r))
            .collect::<Vec<_>>()
            .join(f.lang.of("或者", " or ")),
        done: f.t2(
            "step-done",
            "n",
            case.head.events,
            "last",
            f.activity(&case.head.last_activity),
        ),
    });
    Ok(FormPage {
        number: case.head.number.unwrap_or_else(|| key.to_string()),
        key: key.to_string(),
        submission: fields
            .some("key")
            .unwrap_or_else(|| Uuid::new_v4().to_string()),
        gate: step.map_or_else(String::new, |s| {
            f.lang.of(&s.gate.zh, &s.gate.en).to_owned()
        }),
        groups,
        objects,
        names_shown: !named.is_empty(),
        new_object: fields.get("new_object").to_owned(),
        with: fields.get("with").to_owned(),
        inputs,
        words: fields.get("words").to_owned(),
        wrong: Vec::new(),
        tried,
        act,
        f,
    })
}
