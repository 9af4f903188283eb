//! The keys that each template has, and their reading. What a key means is written in `docs/packs.md`.

use model::RoleId;

use super::read::{guard_of, role, roles, same, selects, some};
use super::row::{Ctx, Row, Val};
use crate::What;
use crate::rule::{
    Absence, At, BoundIf, Change, Distinct, From, Guard, Need, RankIf, Response, Sign, State,
    Template,
};

/// Names of templates with their keys.
const TEMPLATES: [(&str, &[&str]); 15] = [
    ("response", RESPONSE),
    ("max_duration", RESPONSE),
    ("precedence", &["needs"]),
    ("absence", &["after", "until", "gap", "same"]),
    ("count", &["max", "window"]),
    ("min_persons", &["roles", "min"]),
    (
        "distinct_persons",
        &["roles", "against", "against_roles", "before"],
    ),
    ("authority", &["rank"]),
    ("record", &["require"]),
    ("covered", &["by"]),
    ("exclusive", &["states"]),
    ("overlap", &["until"]),
    ("back_dated", &["within"]),
    ("score", &["min", "signs"]),
    ("manual", &["reason"]),
];

const RESPONSE: &[&str] = &[
    "expect",
    "bound",
    "by",
    "until",
    "change",
    "pause",
    "lead",
    "roll",
    "statutory",
    "rearm",
    "same",
];

/// Keys of all templates: those of a rule whose template is unknown, so that only the template is a fault.
pub(super) fn all_keys() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().flat_map(|(_, keys)| keys.iter().copied())
}

/// The template of a row, as a position in [`TEMPLATES`].
pub(super) fn kind(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Option<usize> {
    let v = ctx.must(row, "template", "the name of a template")?;
    let name = ctx.text(&v)?;
    let at = TEMPLATES.iter().position(|(n, _)| *n == name);
    if at.is_none() {
        let mut names = TEMPLATES.iter().map(|(n, _)| *n);
        ctx.known(&v, "template", name, false, &mut names);
    }
    at
}

pub(super) fn keys(kind: usize) -> &'static [&'static str] {
    TEMPLATES[kind].1
}

pub(super) fn read(ctx: &mut Ctx<'_>, row: &Row<'_>, kind: usize) -> Option<Template> {
    Some(match TEMPLATES[kind].0 {
        "response" | "max_duration" => Template::Response(response(ctx, row)),
        "precedence" => {
            let list = items(ctx, row, "needs", "needs, each { any = […] }");
            Template::Precedence(list.iter().filter_map(|v| need(ctx, v)).collect())
        }
        "absence" => Template::Absence(absence(ctx, row)),
        "count" => {
            let max = ctx.must(row, "max", "the most that is allowed");
            Template::Count {
                max: max.and_then(|v| ctx.number(&v, 1..1_000_000))?,
                window: row.get("window").and_then(|v| ctx.limit(&v)),
            }
        }
        "min_persons" => {
            let min = ctx.must(row, "min", "the fewest persons");
            Template::MinPersons {
                roles: roles(ctx, row, "roles"),
                min: min.and_then(|v| ctx.number(&v, 1..1_000_000))?,
            }
        }
        "distinct_persons" => Template::Distinct(distinct(ctx, row)),
        "authority" => Template::Authority(ranks(ctx, row)),
        "record" => {
            if row.get("require").is_none() {
                ctx.missing(row, "require", "what the event must carry");
            }
            Template::Record {
                require: guard_of(ctx, row, "require"),
            }
        }
        "covered" => Template::Covered {
            by: some(ctx, row, "by"),
        },
        "exclusive" => {
            let list = items(ctx, row, "states", "states, each { from, to }");
            Template::Exclusive {
                states: list.iter().filter_map(|v| state(ctx, v)).collect(),
            }
        }
        "overlap" => Template::Overlap {
            to: selects(ctx, row, "until"),
        },
        "back_dated" => {
            let within = ctx.must(row, "within", "the longest that is not asked about");
            Template::BackDated {
                within: within.and_then(|v| ctx.limit(&v))?,
            }
        }
        "score" => {
            let min = ctx.must(row, "min", "how many signs make a finding");
            let min = min.and_then(|v| ctx.number(&v, 1..1_000_000));
            let list = items(ctx, row, "signs", "signs, each { zh, en, any, … }");
            Template::Score {
                signs: list.iter().filter_map(|v| sign(ctx, v)).collect(),
                min: min?,
            }
        }
        _ => {
            let reason = ctx.must(row, "reason", "{ zh, en }: why events do not show it");
            Template::Manual {
                reason: reason.and_then(|v| ctx.both(&v))?,
            }
        }
    })
}

/// A list that must be there and must hold something.
fn items<'a>(ctx: &mut Ctx<'_>, row: &Row<'a>, key: &str, of: &'static str) -> Vec<Val<'a>> {
    let Some(v) = ctx.must(row, key, of) else {
        return Vec::new();
    };
    let list = ctx.list(&v, of);
    if list.is_empty() && v.value.is_array() {
        ctx.expected(&v, of);
    }
    list
}

fn response(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Response {
    let response = Response {
        expect: some(ctx, row, "expect"),
        until: selects(ctx, row, "until"),
        by: selects(ctx, row, "by"),
        bounds: row.get("bound").map_or(Vec::new(), |v| bounds(ctx, &v)),
        changes: list(ctx, row, "change")
            .iter()
            .filter_map(|v| change(ctx, v))
            .collect(),
        pause: list(ctx, row, "pause")
            .iter()
            .filter_map(|v| state(ctx, v))
            .collect(),
        lead: row.get("lead").and_then(|v| ctx.limit(&v)),
        roll: ctx.flag(row, "roll"),
        statutory: ctx.flag(row, "statutory"),
        rearm: ctx.flag(row, "rearm"),
        same: same(ctx, row),
    };
    if row.get("bound").is_none() && row.get("by").is_none() {
        ctx.missing(row, "bound", "a limit, or `by`: what it must come before");
    }
    response
}

/// A list that may be there.
fn list<'a>(ctx: &mut Ctx<'_>, row: &Row<'a>, key: &str) -> Vec<Val<'a>> {
    row.get(key).map_or(Vec::new(), |v| ctx.list(&v, "tables"))
}

/// A limit, or limits under conditions.
pub(super) fn bounds(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Vec<BoundIf> {
    if !v.value.is_array() {
        let bound = ctx.limit(v);
        let when = Guard::default();
        return bound
            .map(|bound| BoundIf { when, bound })
            .into_iter()
            .collect();
    }
    let list = ctx.list(v, "{ if, is }");
    if list.is_empty() {
        ctx.expected(v, "a limit, or a list of { if, is }");
    }
    (list.iter())
        .filter_map(|v| {
            let row = ctx.row(v, &["if", "is"])?;
            let when = guard_of(ctx, &row, "if");
            let v = ctx.must(&row, "is", "a limit")?;
            let bound = ctx.limit(&v)?;
            Some(BoundIf { when, bound })
        })
        .collect()
}

fn change(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Change> {
    let row = ctx.row(v, &["on", "when", "from", "is", "max"])?;
    let mut on = some(ctx, &row, "on");
    let when = guard_of(ctx, &row, "when");
    if on.len() > 1 {
        let v = row.get("on")?;
        ctx.expected(
            &v,
            "activities under one condition; another condition is another change",
        );
    }
    let from = ctx.must(&row, "from", "activation, event or due")?;
    let from = match from.value.as_str() {
        Some("activation") => Some(From::Activation),
        Some("event") => Some(From::Event),
        Some("due") => Some(From::Due),
        _ => {
            ctx.expected(&from, "activation, event or due");
            None
        }
    };
    let bound = ctx.must(&row, "is", "a limit").and_then(|v| ctx.limit(&v));
    let max = row.get("max").map(|v| ctx.number(&v, 1..1_000_000));
    on.truncate(1);
    let mut on = on.pop()?;
    on.when.0.extend(when.0);
    Some(Change {
        on,
        from: from?,
        bound: bound?,
        max: max.unwrap_or(Some(u32::MAX))?,
    })
}

fn state(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<State> {
    let row = ctx.row(v, &["from", "to"])?;
    Some(State {
        from: some(ctx, &row, "from"),
        to: selects(ctx, &row, "to"),
    })
}

fn need(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Need> {
    let keys = [
        "any",
        "when",
        "if",
        "or",
        "lead",
        "within",
        "revoked_by",
        "since",
        "same",
    ];
    let row = ctx.row(v, &keys)?;
    let mut any = some(ctx, &row, "any");
    let when = guard_of(ctx, &row, "when");
    if !when.0.is_empty() {
        for select in &mut any {
            select.when.0.extend(when.0.iter().cloned());
        }
    }
    any.extend(selects(ctx, &row, "or"));
    Some(Need {
        if_: guard_of(ctx, &row, "if"),
        any,
        lead: row.get("lead").and_then(|v| ctx.limit(&v)),
        within: row.get("within").and_then(|v| ctx.limit(&v)),
        revoked_by: selects(ctx, &row, "revoked_by"),
        since: selects(ctx, &row, "since"),
        same: same(ctx, &row),
    })
}

fn absence(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Absence {
    if row.get("after").is_none() {
        for key in ["until", "gap", "same"] {
            if let Some(v) = row.get(key) {
                let (field, needs) = ("this", "after");
                ctx.fault(&v.span, &v.path, What::Without { field, needs });
            }
        }
    }
    let after = match row.get("after") {
        Some(_) => some(ctx, row, "after"),
        None => Vec::new(),
    };
    Absence {
        from: after,
        to: selects(ctx, row, "until"),
        gap: row.get("gap").and_then(|v| ctx.limit(&v)),
        same: same(ctx, row),
    }
}

fn distinct(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Distinct {
    Distinct {
        roles: roles(ctx, row, "roles"),
        against: selects(ctx, row, "against"),
        against_roles: roles(ctx, row, "against_roles"),
        before: ctx.flag(row, "before"),
    }
}

fn ranks(ctx: &mut Ctx<'_>, row: &Row<'_>) -> Vec<RankIf> {
    let Some(v) = ctx.must(row, "rank", "a role with a rank, or a list of { if, is }") else {
        return Vec::new();
    };
    if !v.value.is_array() {
        let when = Guard::default();
        let rank = rank(ctx, &v);
        return rank.map(|rank| RankIf { when, rank }).into_iter().collect();
    }
    let list = ctx.list(&v, "{ if, is }");
    if list.is_empty() {
        ctx.expected(&v, "a role with a rank, or a list of { if, is }");
    }
    (list.iter())
        .filter_map(|v| {
            let row = ctx.row(v, &["if", "is"])?;
            let when = guard_of(ctx, &row, "if");
            let v = ctx.must(&row, "is", "a role with a rank")?;
            let rank = rank(ctx, &v)?;
            Some(RankIf { when, rank })
        })
        .collect()
}

/// A role that stands in the order of approvers: one without rank can never be reached.
fn rank(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<RoleId> {
    let all = ctx.names;
    let role = role(ctx, v)?;
    let mut ids = all.ranked.iter().map(String::as_str);
    let known = all.ranked.contains(role.as_str());
    ctx.known(v, "role with a rank", role.as_str(), known, &mut ids)
        .then_some(role)
}

fn sign(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Option<Sign> {
    let row = ctx.row(v, &["zh", "en", "if", "any", "when", "missing", "at"])?;
    let name = ctx.both_of(&row);
    let if_ = guard_of(ctx, &row, "if");
    let mut any = selects(ctx, &row, "any");
    let when = guard_of(ctx, &row, "when");
    if !when.0.is_empty() {
        if any.is_empty() {
            let key = row.path("when");
            let (field, needs) = ("when", "any");
            ctx.fault(&row.span, &key, What::Without { field, needs });
        }
        for select in &mut any {
            select.when.0.extend(when.0.iter().cloned());
        }
    }
    if any.is_empty() && if_.0.is_empty() {
        ctx.missing(&row, "any", "`any` or `if`: what makes the sign");
    }
    let at = match row.get("at") {
        None => Some(At::Any),
        Some(v) => match v.value.as_str() {
            Some("before") => Some(At::Before),
            Some("after") => Some(At::After),
            Some("any") => Some(At::Any),
            _ => {
                ctx.expected(&v, "before, after or any");
                None
            }
        },
    };
    Some(Sign {
        name: name?,
        if_,
        any,
        missing: ctx.flag(&row, "missing"),
        at: at?,
    })
}
