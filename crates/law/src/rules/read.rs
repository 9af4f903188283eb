//! Rows of attributes, tables, violations and rules into their typed form, by `docs/packs.md`.
//!
//! Every key is one that its template has, every name one that exists, every value of its kind. Whether the rule makes sense
//! as a whole is `check`, whether it can stand beside the others `conflict`.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};
use model::{Activity, ObjectType, OrganCode, Qualifier, RoleId, RuleId};

use super::limit::grace;
use super::row::{Ctx, Row, Val};
use super::{Kind, Names, Parsed, TableDef, guard, template, typed};
use crate::check::is_code;
use crate::rule::{
    ACTOR, AttributeDef, AttributeKind, Citation, Grade, Guard, Outcome, Recording, Rule, Select,
    Severity, Template, Trace, TraceEvent, ViolationDef,
};
use crate::{Catalogue, Confidence, Fault, What};

/// Where a rule stands, for faults that are found later.
pub(super) struct Place {
    file: String,
    line: usize,
    item: String,
    keys: BTreeMap<String, usize>,
    /// Keys that an overlay gave: file and line.
    overlay: BTreeMap<String, (String, usize)>,
}

impl Place {
    /// From here on, faults of this key are faults of an overlay.
    pub(super) fn overlaid(&mut self, key: &str, file: &str, line: usize) {
        let at = (file.to_owned(), line);
        self.overlay.insert(key.to_owned(), at);
    }

    pub(super) fn fault(&self, key: &str, what: What) -> Fault {
        let line = self.keys.get(key).copied().unwrap_or(self.line);
        let own = || (self.file.clone(), line);
        let (file, line) = self.overlay.get(key).cloned().unwrap_or_else(own);
        Fault {
            file,
            line,
            item: self.item.clone(),
            key: key.to_owned(),
            what,
        }
    }
}

/// Most versions, rules of one kind, persons, and so on: far above what can be meant.
const MANY: u32 = 1_000_000;

/// Every file of a kind. The keys of its first level are checked where `known` names them: once for each file.
pub(super) fn each<'a>(
    files: &'a [Parsed<'a>],
    kind: Kind,
    known: &[&str],
    names: &Names,
    faults: &mut Vec<Fault>,
    mut read: impl FnMut(&mut Ctx<'_>, &'a Parsed<'a>),
) {
    for file in files.iter().filter(|f| f.kind == kind) {
        let mut ctx = Ctx {
            file: file.file,
            lines: &file.lines,
            names,
            faults,
            item: String::new(),
        };
        for (key, _) in file.table.iter() {
            let name = key.get_ref().as_ref();
            if !known.is_empty() && !known.contains(&name) {
                let near = super::nearest(name, known.iter().copied());
                ctx.fault(&key.span(), name, What::UnknownKey { near });
            }
        }
        read(&mut ctx, file);
    }
}

/// The id of a row: from here on faults name it.
pub(super) fn id<'a>(ctx: &mut Ctx<'_>, row: &Row<'a>, key: &str) -> Option<Val<'a>> {
    ctx.item.clear();
    let v = ctx.must(row, key, "an id")?;
    let text = ctx.text(&v)?;
    text.clone_into(&mut ctx.item);
    Some(v)
}

pub(super) fn attributes(
    files: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &mut Names,
    faults: &mut Vec<Fault>,
) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    each(
        files,
        Kind::Attributes,
        &["attribute"],
        names,
        faults,
        |ctx, file| {
            for row in ctx.rows(&file.table, "attribute") {
                let Some(v) = id(ctx, &row, "id") else {
                    continue;
                };
                ctx.keys(&row, &["id", "zh", "en", "kind"]);
                let id = ctx.item.clone();
                let reserved = typed::RESERVED.contains(&id.as_str())
                    || [
                        "has", "lacks", "in", "not", "by", "objects", "ended", "recorded",
                    ]
                    .contains(&id.as_str())
                    || ["trace.", "persons:", "objects:"]
                        .iter()
                        .any(|p| id.starts_with(p));
                if reserved {
                    ctx.expected(
                        &v,
                        "a name that guards and traces do not use for something else",
                    );
                }
                if let Some(first) = known.insert(id.clone(), file.file.to_owned()) {
                    let kind = "attribute";
                    ctx.fault(&v.span, "", What::Duplicate { kind, first });
                }
                let name = ctx.both_of(&row);
                let kind = attribute_kind(ctx, &row);
                if let (Some(name), Some(kind)) = (name, kind) {
                    let pack = file.pack.to_owned();
                    catalogue.attributes.push(AttributeDef {
                        id,
                        pack,
                        name,
                        kind,
                    });
                }
            }
        },
    );
    let kinds = catalogue.attributes.iter();
    names.attributes = kinds.map(|a| (a.id.clone(), a.kind.clone())).collect();
    // One that could not be read exists all the same.
    for id in known.into_keys() {
        names.attributes.entry(id).or_insert(AttributeKind::Text);
    }
}

fn attribute_kind(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Option<AttributeKind> {
    const EXPECTED: &str = "bool, number, text, time or a list of texts";
    let v = ctx.must(row, "kind", EXPECTED)?;
    if v.value.is_array() {
        let mut values: Vec<String> = Vec::new();
        for (text, v) in ctx.texts(&v, "texts") {
            if values.iter().any(|t| t == text) {
                ctx.expected(&v, "each value once");
            }
            values.push(text.to_owned());
        }
        if values.is_empty() {
            ctx.expected(&v, EXPECTED);
        }
        return Some(AttributeKind::OneOf(values));
    }
    let kind = match v.value.as_str() {
        Some("bool") => AttributeKind::Bool,
        Some("number") => AttributeKind::Number,
        Some("text") => AttributeKind::Text,
        Some("time") => AttributeKind::Time,
        _ => {
            ctx.expected(&v, EXPECTED);
            return None;
        }
    };
    Some(kind)
}

pub(super) fn tables(
    files: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &mut Names,
    faults: &mut Vec<Fault>,
) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    each(
        files,
        Kind::Tables,
        &["table"],
        names,
        faults,
        |ctx, file| {
            for row in ctx.rows(&file.table, "table") {
                let Some(v) = id(ctx, &row, "id") else {
                    continue;
                };
                ctx.keys(&row, &["id", "zh", "en", "values"]);
                let id = ctx.item.clone();
                if !id.chars().all(guard::plain) {
                    ctx.expected(&v, "an id without blanks and signs");
                }
                if let Some(first) = known.insert(id.clone(), file.file.to_owned()) {
                    let kind = "table";
                    ctx.fault(&v.span, "", What::Duplicate { kind, first });
                }
                let name = ctx.both_of(&row);
                let values = values(ctx, &row);
                if let Some(name) = name {
                    let pack = file.pack.to_owned();
                    catalogue.tables.push(TableDef {
                        id,
                        pack,
                        name,
                        values,
                    });
                }
            }
        },
    );
    names.tables = known.into_keys().map(|id| (id, Vec::new())).collect();
    for table in &catalogue.tables {
        names.tables.insert(table.id.clone(), table.values.clone());
    }
}

/// The values of a table: may be empty, must be said.
pub(super) fn values(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Vec<String> {
    let Some(v) = ctx.must(
        row,
        "values",
        "a list of texts, empty where a place fills it in",
    ) else {
        return Vec::new();
    };
    let texts = ctx.texts(&v, "texts").into_iter();
    texts.map(|(text, _)| text.to_owned()).collect()
}

pub(super) fn violations(
    files: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &mut Names,
    faults: &mut Vec<Fault>,
) {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    each(files, Kind::Rules, &[], names, faults, |ctx, file| {
        for row in ctx.rows(&file.table, "violation") {
            let Some(v) = id(ctx, &row, "id") else {
                continue;
            };
            ctx.keys(&row, &["id", "zh", "en"]);
            let id = ctx.item.clone();
            if let Some(first) = known.insert(id.clone(), file.file.to_owned()) {
                let kind = "violation";
                ctx.fault(&v.span, "", What::Duplicate { kind, first });
            }
            if let Some(name) = ctx.both_of(&row) {
                let pack = file.pack.to_owned();
                catalogue.violations.push(ViolationDef { id, pack, name });
            }
        }
    });
    names.violations = known.into_keys().collect();
}

/// Reads all rules. The places are those of `catalogue.rules`, in the same order.
pub(super) fn rules(
    files: &[Parsed<'_>],
    catalogue: &mut Catalogue,
    names: &Names,
    faults: &mut Vec<Fault>,
) -> Vec<Place> {
    let mut places = Vec::new();
    each(
        files,
        Kind::Rules,
        &["rule", "violation"],
        names,
        faults,
        |ctx, file| {
            for row in ctx.rows(&file.table, "rule") {
                let Some(at) = id(ctx, &row, "id") else {
                    continue;
                };
                let lines = row.others(&[]).into_iter();
                let place = Place {
                    file: file.file.to_owned(),
                    line: ctx.lines.at(at.span.start),
                    item: ctx.item.clone(),
                    keys: lines
                        .map(|v| (v.path, ctx.lines.at(v.span.start)))
                        .collect(),
                    overlay: BTreeMap::new(),
                };
                if let Some(rule) = rule(ctx, &row, &at, file.pack) {
                    catalogue.rules.push(rule);
                    places.push(place);
                }
            }
        },
    );
    places
}

/// Keys that every rule may have.
const COMMON: [&str; 21] = [
    "id",
    "version",
    "template",
    "object",
    "per",
    "on",
    "when",
    "broken",
    "want",
    "warn",
    "recording_grace",
    "excuse",
    "grade",
    "severity",
    "source",
    "owner",
    "violations",
    "from",
    "to",
    "gate",
    "trace",
];

fn rule(ctx: &mut Ctx<'_>, row: &Row<'_>, at: &Val<'_>, pack: &str) -> Option<Rule> {
    let before = ctx.faults.len();
    let id = RuleId::new(ctx.item.clone())
        .map_err(|e| ctx.fault(&at.span, "id", e.into()))
        .ok();
    let version = ctx
        .must(row, "version", "a number from 1")
        .and_then(|v| ctx.number(&v, 1..MANY));
    let kind = template::kind(ctx, row);
    let mut known = COMMON.to_vec();
    match kind {
        Some(kind) => known.extend(template::keys(kind)),
        None => known.extend(template::all_keys()),
    }
    ctx.keys(row, &known);
    let object = object(ctx, row, "object", true);
    let per = object_of_pack(ctx, row, "per");
    let on = ctx
        .must(row, "on", "a list of activities")
        .map(|v| activities(ctx, &v));
    let when = guard_of(ctx, row, "when");
    let broken = ctx
        .must(row, "broken", "{ zh, en }: what is wrong when it is broken")
        .and_then(|v| ctx.both(&v));
    let want = row.get("want").and_then(|v| ctx.both(&v));
    let warn = row.get("warn").map_or(Vec::new(), |v| ctx.warns(&v));
    let excuse = selects(ctx, row, "excuse");
    let grade = ctx
        .must(row, "grade", "red, amber or blue")
        .and_then(|v| grade(ctx, &v));
    let severity = ctx
        .must(row, "severity", "A, B or C")
        .and_then(|v| severity(ctx, &v));
    let source = ctx
        .must(
            row,
            "source",
            "codes with articles and marks, such as \"PSC 126 [T]\"",
        )
        .map(|v| citations(ctx, &v));
    let owner = ctx.must(row, "owner", "a role").and_then(|v| role(ctx, &v));
    let violations = row.get("violations").map_or(Vec::new(), |v| {
        let all = ctx.names;
        let mut ids = Vec::new();
        for (id, v) in ctx.texts(&v, "ids of violations") {
            let mut known = all.violations.iter().map(String::as_str);
            if ctx.known(&v, "violation", id, all.violations.contains(id), &mut known) {
                ids.push(id.to_owned());
            }
        }
        ids
    });
    let from = ctx
        .must(row, "from", "the first day on which it applies")
        .and_then(|v| ctx.date(&v));
    let to = row.get("to").and_then(|v| ctx.date(&v));
    let gate = ctx.flag(row, "gate");
    let template = kind.and_then(|kind| template::read(ctx, row, kind));
    let traces = traces(ctx, row);
    let recording = match (row.get("recording_grace"), &template) {
        (Some(v), Some(template)) => recording(ctx, &v, template),
        (None, Some(template)) => {
            let pack = ctx.names.recording.get(pack).copied();
            pack.unwrap_or_default().of(template)
        }
        (_, None) => Recording::default(),
    };
    if ctx.faults.len() > before {
        return None;
    }
    Some(Rule {
        id: id?,
        version: version?,
        pack: pack.to_owned(),
        broken: broken?,
        want,
        object: object?,
        per,
        activation: Select { any: on?, when },
        template: template?,
        warn,
        recording,
        excuse,
        grade: grade?,
        severity: severity?,
        source: source?,
        owner: owner?,
        violations,
        from: from?,
        to,
        gate,
        traces,
    })
}

/// The grace of one rule; `false` where red is not to wait.
pub(super) fn recording(ctx: &mut Ctx<'_>, v: &Val<'_>, template: &Template) -> Recording {
    if v.value.as_bool() == Some(false) {
        return Recording::default();
    }
    let Some(limit) = v.value.as_str().and_then(grace) else {
        ctx.expected(v, "minutes or hours such as \"30min\" or \"24h\", or false");
        return Recording::default();
    };
    let all = Recording {
        act: Some(limit),
        clock: Some(limit),
    };
    let own = all.of(template);
    if own == Recording::default() {
        ctx.expected(
            v,
            "no such key: a breach of this template is not cleared by what is recorded later",
        );
    }
    own
}

pub(super) fn grade(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Grade> {
    let all = [Grade::Red, Grade::Amber, Grade::Blue];
    let grade = all.into_iter().find(|g| v.value.as_str() == Some(g.name()));
    if grade.is_none() {
        ctx.expected(v, "red, amber or blue");
    }
    grade
}

fn severity(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Severity> {
    let severity = match v.value.as_str() {
        Some("A") => Some(Severity::A),
        Some("B") => Some(Severity::B),
        Some("C") => Some(Severity::C),
        _ => None,
    };
    if severity.is_none() {
        ctx.expected(v, "A, B or C");
    }
    severity
}

fn object(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str, actor: bool) -> Option<ObjectType> {
    let v = ctx.must(row, key, "an object type, or \"actor\"")?;
    let id = ctx.text(&v)?;
    object_id(ctx, &v, id, actor)
}

fn object_of_pack(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str) -> Option<ObjectType> {
    let v = row.get(key)?;
    let id = ctx.text(&v)?;
    object_id(ctx, &v, id, false)
}

fn object_id(ctx: &mut Ctx<'_>, v: &Val<'_>, id: &str, actor: bool) -> Option<ObjectType> {
    let all = ctx.names;
    let known = all.objects.contains(id) || (actor && id == ACTOR);
    let mut ids = all
        .objects
        .iter()
        .map(String::as_str)
        .chain(actor.then_some(ACTOR));
    ctx.known(v, "object type", id, known, &mut ids)
        .then(|| ObjectType::new(id).ok())?
}

pub(super) fn role(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<RoleId> {
    let all = ctx.names;
    let id = ctx.text(v)?;
    let mut ids = all.roles.iter().map(String::as_str);
    ctx.known(v, "role", id, all.roles.contains(id), &mut ids)
        .then(|| RoleId::new(id).ok())?
}

pub(super) fn roles(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str) -> Vec<RoleId> {
    let Some(v) = row.get(key) else {
        return Vec::new();
    };
    let list = ctx.list(&v, "roles");
    list.iter().filter_map(|v| role(ctx, v)).collect()
}

fn activity(ctx: &mut Ctx<'_>, v: &Val<'_>, id: &str) -> Option<Activity> {
    let all = ctx.names;
    let mut ids = all.activities.iter().map(String::as_str);
    ctx.known(v, "activity", id, all.activities.contains(id), &mut ids)
        .then(|| Activity::new(id).ok())?
}

/// A list of activities without guards; at least one.
fn activities(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Vec<Activity> {
    let list = ctx.texts(v, "activities, each a text");
    if v.value.as_array().is_some_and(|a| a.is_empty()) {
        ctx.expected(v, "at least one activity");
    }
    list.iter()
        .filter_map(|(id, v)| activity(ctx, v, id))
        .collect()
}

/// A selection that must be there and must not be empty.
pub(super) fn some(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str) -> Vec<Select> {
    let list = selects(ctx, row, key);
    let empty = |v: &Val<'_>| v.value.as_array().is_some_and(|a| a.is_empty());
    match row.get(key) {
        None => ctx.missing(row, key, "a list of activities"),
        Some(v) if empty(&v) => ctx.expected(&v, "at least one activity"),
        Some(_) => {}
    }
    list
}

/// A selection: texts are activities, which stand together; a table has a guard of its own.
pub(super) fn selects(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str) -> Vec<Select> {
    let Some(v) = row.get(key) else {
        return Vec::new();
    };
    let mut plain = Vec::new();
    let mut guarded = Vec::new();
    for item in ctx.list(&v, "activities") {
        if let Some(id) = item.value.as_str() {
            plain.extend(activity(ctx, &item, id));
        } else if let Some(row) = ctx.row(&item, &["any", "when"]) {
            let any = ctx.must(&row, "any", "a list of activities");
            let any = any.map_or(Vec::new(), |v| activities(ctx, &v));
            let when = guard_of(ctx, &row, "when");
            guarded.push(Select { any, when });
        }
    }
    if !plain.is_empty() {
        let when = Guard::default();
        guarded.insert(0, Select { any: plain, when });
    }
    guarded
}

pub(super) fn guard_of(ctx: &mut Ctx<'_>, row: &Row<'_>, key: &str) -> Guard {
    let guard = row.get(key).map(|v| typed::guard(ctx, &v));
    guard.unwrap_or_default()
}

/// Attributes in which two events must be equal.
pub(super) fn same(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Vec<String> {
    let Some(v) = row.get("same") else {
        return Vec::new();
    };
    let all = ctx.names;
    let mut same = Vec::new();
    for (id, v) in ctx.texts(&v, "attributes") {
        let mut ids = all.attributes.keys().map(String::as_str);
        if ctx.known(
            &v,
            "attribute",
            id,
            all.attributes.contains_key(id),
            &mut ids,
        ) {
            same.push(id.to_owned());
        }
    }
    same
}

/// `PSC 126; CPL 85 [T]; form [G]; [D]`: a mark holds for the parts before it that have none of their own; a mark alone is a
/// part of its own. A part that begins with a small letter is a practice without an instrument: its code is empty.
pub(super) fn citations(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Vec<Citation> {
    let Some(text) = ctx.text(v) else {
        return Vec::new();
    };
    let all = ctx.names;
    let mut done: Vec<Citation> = Vec::new();
    let mut open: Vec<(String, String)> = Vec::new();
    for part in text.split(';').map(str::trim) {
        let (body, mark) = match part.strip_suffix(']').and_then(|p| p.rsplit_once('[')) {
            Some((body, mark)) => (body.trim(), Some(mark)),
            None => (part, None),
        };
        let (first, rest) = body.split_once([' ', ',']).unwrap_or((body, ""));
        if is_code(first) {
            let mut codes = all.sources.iter().map(String::as_str);
            ctx.known(v, "source", first, all.sources.contains(first), &mut codes);
            open.push((first.to_owned(), rest.trim().to_owned()));
        } else if body.is_empty() && mark.is_some() {
            for (code, article) in open.drain(..) {
                let what = What::Unmarked(format!("{code} {article}"));
                ctx.fault(&v.span, &v.path, what);
            }
            open.push(Default::default());
        } else if first.starts_with(char::is_lowercase) {
            open.push((String::new(), body.to_owned()));
        } else {
            ctx.fault(&v.span, &v.path, What::Source(part.to_owned()));
        }
        let Some(mark) = mark else {
            continue;
        };
        match Confidence::from_letter(mark) {
            None => ctx.fault(&v.span, &v.path, What::Mark(mark.to_owned())),
            Some(confidence) => done.extend(open.drain(..).map(|(code, article)| Citation {
                code,
                article,
                confidence,
            })),
        }
    }
    for (code, article) in open {
        let what = What::Unmarked(format!("{code} {article}"));
        ctx.fault(&v.span, &v.path, what);
    }
    done
}

// ──────── traces ────────

fn traces(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Vec<Trace> {
    let Some(v) = row.get("trace") else {
        return Vec::new();
    };
    let list = ctx.list(&v, "traces, each { expect, events }");
    list.iter().filter_map(|v| trace(ctx, v)).collect()
}

fn trace(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Trace> {
    let row = ctx.row(v, &["expect", "now", "events"])?;
    let expect = ctx.must(&row, "expect", "an outcome").and_then(|v| {
        let outcome = v.value.as_str().and_then(Outcome::named);
        if outcome.is_none() {
            ctx.expected(
                &v,
                format!("one of {}", Outcome::ALL.map(Outcome::name).join(", ")),
            );
        }
        outcome
    });
    let now = row.get("now").and_then(|v| time(ctx, &v));
    let events = ctx.must(&row, "events", "a list of events");
    let list = events.map_or(Vec::new(), |v| {
        if v.value.as_array().is_some_and(|a| a.is_empty()) {
            ctx.expected(&v, "at least one event");
        }
        ctx.list(&v, "events, each [time, activity]")
    });
    let events = list.iter().filter_map(|v| event(ctx, v)).collect();
    Some(Trace {
        expect: expect?,
        now,
        events,
    })
}

fn event(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<TraceEvent> {
    let parts = ctx.list(v, "time, activity and perhaps a table");
    let (at, activity_at, more) = match &parts[..] {
        [at, activity] => (at, activity, None),
        [at, activity, more] => (at, activity, Some(more)),
        _ => {
            ctx.expected(v, "[time, activity] or [time, activity, { … }]");
            return None;
        }
    };
    let at = time(ctx, at);
    let id = ctx.text(activity_at);
    let done = id.and_then(|id| activity(ctx, activity_at, id));
    let mut event = TraceEvent {
        at: at?,
        recorded: None,
        ended: None,
        activity: done?,
        by: Vec::new(),
        objects: Vec::new(),
        part: None,
        organ: None,
        attrs: Vec::new(),
    };
    let Some(more) = more else {
        return Some(event);
    };
    let Some(table) = more.value.as_table() else {
        ctx.expected(more, "a table of attributes");
        return None;
    };
    for (key, value) in table.iter() {
        let id = key.get_ref().as_ref();
        let v = Val {
            value: value.get_ref(),
            span: value.span(),
            path: format!("{}.{id}", more.path),
        };
        match id {
            "recorded" => event.recorded = time(ctx, &v),
            "ended" => event.ended = time(ctx, &v),
            "by" => event.by = actors(ctx, &v),
            "objects" => event.objects = objects(ctx, &v),
            "part" => {
                let part = ctx.text(&v).map(Qualifier::new).transpose();
                event.part = part.unwrap_or_else(|e| {
                    ctx.fault(&v.span, &v.path, e.into());
                    None
                });
            }
            "organ" => {
                let organ = ctx.text(&v).map(OrganCode::new).transpose();
                event.organ = organ.unwrap_or_else(|e| {
                    ctx.fault(&v.span, &v.path, e.into());
                    None
                });
            }
            _ => {
                if let Some(value) = typed::value(ctx, id, &v) {
                    event.attrs.push((id.to_owned(), value));
                }
            }
        }
    }
    Some(event)
}

/// `["a:R_OFFICER", "b:R_DEPT_HEAD"]`
fn actors(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Vec<(String, RoleId)> {
    let all = ctx.names;
    let mut actors = Vec::new();
    for (text, v) in ctx.texts(v, "actors such as \"a:R_OFFICER\"") {
        match text.split_once(':').filter(|(name, _)| !name.is_empty()) {
            None => ctx.expected(&v, "a name and a role, such as \"a:R_OFFICER\""),
            Some((name, role)) => {
                let mut ids = all.roles.iter().map(String::as_str);
                if ctx.known(&v, "role", role, all.roles.contains(role), &mut ids) {
                    actors.extend(RoleId::new(role).ok().map(|r| (name.to_owned(), r)));
                }
            }
        }
    }
    actors
}

/// `["item:i1", "person:p2:suspect"]`
fn objects(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Vec<(ObjectType, String, Option<Qualifier>)> {
    let mut objects = Vec::new();
    for (text, v) in ctx.texts(v, "objects such as \"item:i1\"") {
        let mut parts = text.splitn(3, ':');
        let kind = parts.next().unwrap_or_default();
        let Some(id) = parts.next().filter(|id| !id.is_empty()) else {
            ctx.expected(
                &v,
                "a type, an id and perhaps a part, such as \"person:p2:suspect\"",
            );
            continue;
        };
        let part = parts.next().map(Qualifier::new).transpose();
        let part = part.unwrap_or_else(|e| {
            ctx.fault(&v.span, &v.path, e.into());
            None
        });
        if let Some(kind) = object_id(ctx, &v, kind, false) {
            objects.push((kind, id.to_owned(), part));
        }
    }
    objects
}

fn time(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<String> {
    let text = ctx.text(v)?;
    if is_time(text) {
        return Some(text.to_owned());
    }
    ctx.expected(
        v,
        "a local time such as 2026-04-30T15:00, or a day such as 2026-04-30",
    );
    None
}

/// Local, to the minute or second, or a day alone.
pub(super) fn is_time(text: &str) -> bool {
    let shape = |with: &str| {
        text.len() == with.len()
            && text.bytes().zip(with.bytes()).all(|(c, w)| match w {
                b'0' => c.is_ascii_digit(),
                _ => c == w,
            })
    };
    if shape("0000-00-00") {
        return text.parse::<Date>().is_ok();
    }
    (shape("0000-00-00T00:00") || shape("0000-00-00T00:00:00")) && text.parse::<DateTime>().is_ok()
}
