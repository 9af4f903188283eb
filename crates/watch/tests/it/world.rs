//! A small world to try rules in: a pack of five activities, plain events, and what the three evaluations say of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use calendar::Calendar;
use law::rule::{Literal, Op, Outcome, Rule};
use law::{Catalogue, PackText};
use watch::batch::{Counts, Keep, check};
use watch::{Change, Columns, Engine, Event, Finding, Program, Value, findings};

/// One minute in microseconds.
pub(crate) const MINUTE: i64 = 60_000_000;
/// One hour in microseconds.
pub(crate) const HOUR: i64 = 60 * MINUTE;

const PACK: &str = r#"id = "tiny"
version = "1.0.0"
zh = "小包"
en = "Tiny"
who = { zh = "某人", en = "Somebody" }

[[object]]
id = "case"
zh = "案件"
en = "case"
source = "[D]"
confidence = ["D"]

[[object]]
id = "item"
zh = "物品"
en = "item"
source = "[D]"
confidence = ["D"]

[[group]]
id = "one"
zh = "一组"
en = "one"

[[source]]
code = "LAW"
zh = "某法"
en = "Some law"
extent = "all"
effective_from = "2020-01-01"
confidence = ["T"]

[exemption]
activity = "lift"
attribute = "rule"
"#;

/// Activities of the small world.
pub(crate) const ACTIVITIES: [&str; 6] = ["a", "b", "c", "d", "e", "lift"];
/// Roles and their ranks; the last has none.
pub(crate) const ROLES: [(&str, u8); 3] = [("R1", 1), ("R2", 2), ("R3", 0)];

/// The pack of the small world.
pub(crate) fn catalogue() -> &'static Catalogue {
    static TINY: LazyLock<Catalogue> = LazyLock::new(|| parse("", &[]).expect("the tiny pack"));
    &TINY
}

/// The pack of the small world with these rules and overlays, in TOML.
pub(crate) fn parse(rules: &str, overlays: &[(&str, &str)]) -> Result<Catalogue, law::Faults> {
    let mut activities = String::new();
    for id in ACTIVITIES {
        activities += &format!(
            "[[activity]]\nid = \"{id}\"\ngroup = \"one\"\nobject = \"case\"\nzh = \"{id}\"\nen = \"{id}\"\n\
             actor_roles = [\"R1\"]\nsource = \"LAW 1 [T]\"\nconfidence = [\"T\"]\n\n"
        );
    }
    let mut roles = String::new();
    for (id, rank) in ROLES {
        let rank = if rank > 0 {
            format!("rank = {rank}\n")
        } else {
            String::new()
        };
        roles += &format!(
            "[[role]]\nid = \"{id}\"\nzh = \"{id}\"\nen = \"{id}\"\n{rank}may = {{ zh = \"做\", en = \"do\" }}\n\
             source = \"LAW 2 [T]\"\nconfidence = [\"T\"]\n\n"
        );
    }
    let mut attributes = String::new();
    for (id, kind) in [
        ("flag", "\"bool\""),
        ("n", "\"number\""),
        ("kind", "[\"k1\", \"k2\"]"),
        ("rule", "\"text\""),
    ] {
        attributes += &format!(
            "[[attribute]]\nid = \"{id}\"\nzh = \"{id}\"\nen = \"{id}\"\nkind = {kind}\n\n"
        );
    }
    let mut files = vec![
        ("pack.toml", PACK),
        ("activities.toml", &activities),
        ("roles.toml", &roles),
        ("attributes.toml", &attributes),
    ];
    if !rules.is_empty() {
        files.push(("rules.toml", rules));
    }
    Catalogue::parse_with(
        &[PackText {
            folder: "tiny",
            files: &files,
        }],
        overlays,
    )
}

/// The calendar of the small world.
pub(crate) fn calendar() -> &'static Calendar {
    static CHINA: LazyLock<Calendar> = LazyLock::new(Calendar::china);
    &CHINA
}

/// These rules, ready to run.
pub(crate) fn program(rules: &[Rule]) -> Arc<Program> {
    let rules: Vec<&Rule> = rules.iter().collect();
    Arc::new(Program::of(catalogue(), &rules, Calendar::china()))
}

/// Value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Val {
    Bool(bool),
    Number(f64),
    Text(String),
}

/// An event that owns its texts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ev {
    pub(crate) pos: u64,
    pub(crate) lo: i64,
    pub(crate) hi: i64,
    pub(crate) recorded: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) activity: String,
    pub(crate) organ: String,
    pub(crate) actors: Vec<(String, String)>,
    pub(crate) objects: Vec<(String, String, Option<String>)>,
    pub(crate) attrs: Vec<(String, Val)>,
    pub(crate) corrects: Option<u64>,
    pub(crate) erased: bool,
}

impl Ev {
    /// An exact event of one case, recorded at once.
    pub(crate) fn at(pos: u64, t: i64, activity: &str) -> Self {
        Self {
            pos,
            lo: t,
            hi: t,
            recorded: t,
            ended: None,
            activity: activity.to_owned(),
            organ: "O1".to_owned(),
            actors: vec![("p1".to_owned(), "R1".to_owned())],
            objects: vec![("case".to_owned(), "c1".to_owned(), None)],
            attrs: Vec::new(),
            corrects: None,
            erased: false,
        }
    }

    /// An event of which only the local day is known.
    pub(crate) fn on(
        pos: u64,
        calendar: &Calendar,
        day: jiff::civil::Date,
        activity: &str,
    ) -> Self {
        let (lo, hi) = (calendar.day_start(day), calendar.day_end(day));
        Self {
            hi,
            ..Self::at(pos, lo, activity)
        }
    }

    pub(crate) fn by(mut self, actors: &[(&str, &str)]) -> Self {
        self.actors = actors
            .iter()
            .map(|(p, r)| (p.to_string(), r.to_string()))
            .collect();
        self
    }

    pub(crate) fn of(mut self, objects: &[(&str, &str)]) -> Self {
        self.objects = objects
            .iter()
            .map(|(t, id)| (t.to_string(), id.to_string(), None))
            .collect();
        self
    }

    pub(crate) fn with(mut self, key: &str, value: Val) -> Self {
        self.attrs.push((key.to_owned(), value));
        self
    }

    pub(crate) fn recorded(mut self, at: i64) -> Self {
        self.recorded = at;
        self
    }

    pub(crate) fn correcting(mut self, pos: u64) -> Self {
        self.corrects = Some(pos);
        self
    }

    /// Gives the event, all texts borrowed, to `take`.
    pub(crate) fn borrowed<R>(&self, take: impl FnOnce(&Event<'_>) -> R) -> R {
        let actors: Vec<(&str, &str)> = self
            .actors
            .iter()
            .map(|(p, r)| (p.as_str(), r.as_str()))
            .collect();
        let objects: Vec<(&str, &str, Option<&str>)> = (self.objects.iter())
            .map(|(t, id, part)| (t.as_str(), id.as_str(), part.as_deref()))
            .collect();
        let attrs: Vec<(&str, Value<'_>)> = (self.attrs.iter())
            .map(|(k, v)| {
                let value = match v {
                    Val::Bool(b) => Value::Bool(*b),
                    Val::Number(n) => Value::Number(*n),
                    Val::Text(t) => Value::Text(t),
                };
                (k.as_str(), value)
            })
            .collect();
        take(&Event {
            position: self.pos,
            claimed: (self.lo, self.hi),
            recorded: self.recorded,
            ended: self.ended,
            activity: &self.activity,
            organ: &self.organ,
            actors: &actors,
            objects: &objects,
            attrs: &attrs,
            corrects: self.corrects,
            erased: self.erased,
        })
    }
}

/// Which obligation: rule, object, thing within it, position of the first event of the chain of corrections.
pub(crate) type Key = (String, (String, String), Option<(String, String)>, u64);
/// What is said of it, and by when it is due.
pub(crate) type Said = (Outcome, Option<i64>);

/// What an evaluation says, obligation by obligation; what is kept without more ado is left out.
pub(crate) type Told = BTreeMap<Key, Said>;

/// The first of the chain of corrections of each position.
pub(crate) fn roots(events: &[Ev]) -> HashMap<u64, u64> {
    let corrects: HashMap<u64, u64> = events
        .iter()
        .filter_map(|e| Some((e.pos, e.corrects?)))
        .collect();
    let first = |mut pos: u64| {
        while let Some(before) = corrects.get(&pos) {
            pos = *before;
        }
        pos
    };
    events.iter().map(|e| (e.pos, first(e.pos))).collect()
}

/// All events as columns, in the order given.
pub(crate) fn columns(program: &Program, events: &[Ev]) -> Columns {
    let mut columns = Columns::new(program);
    for event in events {
        event.borrowed(|e| columns.push(program, e));
    }
    columns
}

fn tell(findings: impl IntoIterator<Item = Finding>, roots: &HashMap<u64, u64>) -> Told {
    let one = |f: Finding| {
        let root = roots[&f.activation.position];
        let outcome = Outcome::named(f.outcome).expect("a known outcome");
        ((f.rule, f.object, f.per, root), (outcome, f.due))
    };
    findings.into_iter().map(one).collect()
}

/// What batch says, and how many came to which outcome, by rule.
pub(crate) fn batch(
    program: &Program,
    events: &[Ev],
    now: i64,
    threads: usize,
) -> (Told, Vec<Counts>) {
    let columns = columns(program, events);
    let report = check(program, &columns, now, Keep::Open, threads);
    let all = findings(program, &columns, &report.found);
    let n = all.len();
    let told = tell(all, &roots(events));
    assert_eq!(told.len(), n, "an obligation is told once");
    (told, report.counts)
}

/// What stands in an engine.
pub(crate) fn standing(engine: &Engine, events: &[Ev]) -> Told {
    tell(
        engine.standing().map(|c| engine.finding(&c)),
        &roots(events),
    )
}

/// The stream of changes put together: what it leaves standing, by id of the finding.
pub(crate) fn fold(
    engine: &Engine,
    folded: &mut BTreeMap<String, Said>,
    changes: &mut Vec<Change>,
) {
    for change in changes.drain(..) {
        let id = engine.finding_id(&change);
        assert_eq!(
            folded.get(&id).map(|s| s.0),
            change.previous,
            "a change names what it changes"
        );
        if matches!(change.outcome(), Outcome::Satisfied | Outcome::Withdrawn) {
            folded.remove(&id);
        } else {
            folded.insert(id, (change.outcome(), change.due()));
        }
    }
}

/// What an event says of an attribute.
pub(crate) fn attr(e: &Ev, key: &str) -> Option<Val> {
    e.attrs
        .iter()
        .find(|(k, _)| k == key)
        .map(|(_, v)| v.clone())
}

/// A literal of a rule as a value.
pub(crate) fn literal(l: &Literal) -> Val {
    match l {
        Literal::Bool(b) => Val::Bool(*b),
        Literal::Number(n) => Val::Number(*n),
        Literal::Text(t) => Val::Text(t.clone()),
    }
}

/// Whether a comparison holds of two values.
pub(crate) fn compare(left: &Val, op: Op, right: &Val) -> bool {
    let order = match (left, right) {
        (Val::Number(a), Val::Number(b)) => a.partial_cmp(b),
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match op {
        Op::Eq => left == right,
        Op::Ne => left != right,
        Op::Lt => order.is_some_and(|o| o.is_lt()),
        Op::Le => order.is_some_and(|o| o.is_le()),
        Op::Gt => order.is_some_and(|o| o.is_gt()),
        Op::Ge => order.is_some_and(|o| o.is_ge()),
        _ => false,
    }
}
