//! Whether a rule by itself makes sense: can begin, can be broken, is not stronger than its source, has its examples.
//!
//! Rules beside one another are `conflict`; running the examples is the crate `watch`.

use super::read::Place;
use super::solve::impossible;
use crate::rule::{
    ACTOR, Atom, Clause, Grade, Guard, Key, Op, Operand, Outcome, Rule, Select, Template,
};
use crate::{Catalogue, Confidence, Fault, What};

/// Checks every rule. The places are those of `catalogue.rules`.
pub(super) fn rules(catalogue: &Catalogue, places: &[Place], faults: &mut Vec<Fault>) {
    for (at, (rule, place)) in catalogue.rules.iter().zip(places).enumerate() {
        let mut fault = |key: &str, what: What| faults.push(place.fault(key, what));
        advisory(rule, &mut fault);
        days(rule, &mut fault);
        // What can never begin can never be broken either: said once.
        match impossible(&[&rule.activation.when]) {
            Some(why) => fault("when", What::NeverStarts(why)),
            None => breaks(rule, &mut fault),
        }
        events(rule, &mut fault);
        roles(rule, &mut fault);
        traces(rule, &mut fault);
        for other in catalogue.rules[..at].iter().filter(|o| o.id == rule.id) {
            versions(rule, other, &mut fault);
        }
    }
}

type Report<'f> = dyn FnMut(&str, What) + 'f;

/// [G] and [D] alone accuse nobody.
fn advisory(rule: &Rule, fault: &mut Report<'_>) {
    if weak(rule) && rule.grade != Grade::Blue {
        let mut marks: Vec<_> = rule.source.iter().map(|c| c.confidence).collect();
        marks.sort();
        marks.dedup();
        let marks = marks.iter().map(ToString::to_string).collect();
        let grade = rule.grade.name();
        fault("grade", What::Advisory { marks, grade });
    }
}

/// Whether nothing of its source was read or reported.
pub(super) fn weak(rule: &Rule) -> bool {
    let weak = |c: Confidence| matches!(c, Confidence::G | Confidence::D);
    rule.source.iter().all(|c| weak(c.confidence))
}

fn days(rule: &Rule, fault: &mut Report<'_>) {
    if rule.to.is_some_and(|to| to < rule.from) {
        let why = "it ends before the day on which it begins".to_owned();
        fault("to", What::NeverStarts(why));
    }
}

/// Two versions must not judge one day, and one version is one rule.
fn versions(rule: &Rule, other: &Rule, fault: &mut Report<'_>) {
    let other_version = other.version;
    let day = rule.from.max(other.from);
    let ends = [rule.to, other.to].into_iter().flatten().min();
    if rule.version == other.version {
        let kind = "version";
        let first = format!("pack {}", other.pack);
        fault("version", What::Duplicate { kind, first });
    } else if ends.is_none_or(|to| day <= to) {
        let other = other_version;
        fault("from", What::Versions { other, day });
    }
}

/// Selections that no event can be of.
fn events(rule: &Rule, fault: &mut Report<'_>) {
    for (key, select) in selects(rule) {
        if let Some(why) = impossible(&[&select.when]) {
            fault(key, What::NeverStarts(why));
        }
    }
}

/// A case acts in no role: only the trace of a person has them.
fn roles(rule: &Rule, fault: &mut Report<'_>) {
    if rule.object.as_str() != ACTOR && rule.looks_at(|key| *key == Key::Role) {
        let expected = format!("\"{ACTOR}\", whose `role` its guards look at");
        let found = format!("\"{}\"", rule.object);
        fault("object", What::Expected { expected, found });
    }
}

impl Rule {
    /// Whether any guard of the rule looks at such a thing of an event or of the trace.
    pub fn looks_at(&self, is: impl Fn(&Key) -> bool) -> bool {
        let mut guards: Vec<&Guard> = vec![&self.activation.when];
        guards.extend(selects(self).into_iter().map(|(_, s)| &s.when));
        match &self.template {
            Template::Response(r) => guards.extend(r.bounds.iter().map(|b| &b.when)),
            Template::Precedence(needs) => guards.extend(needs.iter().map(|n| &n.if_)),
            Template::Authority(ranks) => guards.extend(ranks.iter().map(|r| &r.when)),
            Template::Record { require } => guards.push(require),
            Template::Score { signs, .. } => guards.extend(signs.iter().map(|s| &s.if_)),
            Template::Absence(_)
            | Template::Count { .. }
            | Template::MinPersons { .. }
            | Template::Distinct(_)
            | Template::Covered { .. }
            | Template::Exclusive { .. }
            | Template::Overlap { .. }
            | Template::BackDated { .. }
            | Template::Manual { .. } => {}
        }
        let mut atoms = guards
            .iter()
            .flat_map(|g| &g.0)
            .flat_map(|clause| &clause.0);
        atoms.any(|atom| is(&atom.key) || matches!(&atom.with, Operand::Key(other) if is(other)))
    }
}

/// Every selection of a rule beside its activation, and the key under which it stands.
pub(super) fn selects(rule: &Rule) -> Vec<(&'static str, &Select)> {
    let mut all: Vec<(&'static str, &Select)> = Vec::new();
    let mut add = |key, list| {
        let list: &[Select] = list;
        all.extend(list.iter().map(|s| (key, s)));
    };
    add("excuse", &rule.excuse);
    match &rule.template {
        Template::Response(r) => {
            add("expect", &r.expect);
            add("until", &r.until);
            add("by", &r.by);
            for change in &r.changes {
                add("change", std::slice::from_ref(&change.on));
            }
            for state in &r.pause {
                add("pause", &state.from);
                add("pause", &state.to);
            }
        }
        Template::Precedence(needs) => {
            for need in needs {
                add("needs", &need.any);
                add("needs", &need.revoked_by);
                add("needs", &need.since);
            }
        }
        Template::Absence(a) => {
            add("after", &a.from);
            add("until", &a.to);
        }
        Template::Distinct(d) => add("against", &d.against),
        Template::Covered { by } => add("by", by),
        Template::Exclusive { states } => {
            for state in states {
                add("states", &state.from);
                add("states", &state.to);
            }
        }
        Template::Overlap { to } => add("until", to),
        Template::Score { signs, .. } => {
            for sign in signs {
                add("signs", &sign.any);
            }
        }
        Template::Count { .. }
        | Template::MinPersons { .. }
        | Template::Authority(_)
        | Template::Record { .. }
        | Template::BackDated { .. }
        | Template::Manual { .. } => {}
    }
    all
}

fn breaks(rule: &Rule, fault: &mut Report<'_>) {
    let when = &rule.activation.when;
    let mut never = |key: &str, why: String| fault(key, What::NeverBroken(why));
    for excuse in &rule.excuse {
        let all = rule.activation.any.iter().all(|a| excuse.any.contains(a));
        if all && excuse.when.0.is_empty() {
            let why = "what makes the rule matter excuses it at once";
            never("excuse", why.to_owned());
        }
    }
    match &rule.template {
        Template::Response(r) => {
            let limits: Vec<_> = r
                .bounds
                .iter()
                .map(|b| impossible(&[when, &b.when]))
                .collect();
            if r.by.is_empty() && limits.iter().all(Option::is_some) {
                let why = limits.into_iter().flatten().next().unwrap_or_default();
                never("bound", format!("no limit ever applies: {why}"));
            }
        }
        Template::Precedence(needs) => {
            let needed: Vec<_> = needs.iter().map(|n| impossible(&[when, &n.if_])).collect();
            if let Some(why) = all_of(needed) {
                never("needs", format!("nothing is ever needed: {why}"));
            }
        }
        Template::Authority(ranks) => {
            let asked: Vec<_> = ranks.iter().map(|r| impossible(&[when, &r.when])).collect();
            if let Some(why) = all_of(asked) {
                never("rank", format!("no rank is ever asked for: {why}"));
            }
        }
        Template::Record { require } => {
            if require.0.is_empty() {
                never("require", "nothing is required".to_owned());
            }
        }
        Template::Exclusive { states } => {
            if states.len() < 2 {
                never("states", "there is one state only".to_owned());
            }
        }
        Template::Score { signs, min } => {
            let signs = signs.len();
            if (*min as usize) > signs {
                never(
                    "min",
                    format!("it has {signs} signs, and {min} make a finding"),
                );
            }
        }
        Template::Distinct(d) => {
            if d.against.is_empty() && (d.roles.is_empty() || d.roles == d.against_roles) {
                let why = "everybody is the same person as himself; name `against`, or other roles";
                fault("roles", What::NeverKept(why.to_owned()));
            }
        }
        Template::Absence(_)
        | Template::Count { .. }
        | Template::MinPersons { .. }
        | Template::Covered { .. }
        | Template::Overlap { .. }
        | Template::BackDated { .. }
        | Template::Manual { .. } => {}
    }
}

fn all_of(whys: Vec<Option<String>>) -> Option<String> {
    let all: Option<Vec<String>> = whys.into_iter().collect();
    all?.into_iter().next()
}

/// One example that is kept, one that is broken, and one that cannot be told where data may be missing.
fn traces(rule: &Rule, fault: &mut Report<'_>) {
    if matches!(rule.template, Template::Manual { .. }) {
        return;
    }
    let any = |of: &[Outcome]| rule.traces.iter().any(|t| of.contains(&t.expect));
    if !any(&[
        Outcome::Satisfied,
        Outcome::SatisfiedRecordedLate,
        Outcome::Pending,
    ]) {
        fault("trace", What::NoTrace("`satisfied`"));
    }
    if !any(&[Outcome::Breached]) {
        fault("trace", What::NoTrace("`breached`"));
    }
    let require = match &rule.template {
        Template::Record { require } => Some(require),
        _ => None,
    };
    let unsure = [Some(&rule.activation.when), require];
    if unsure.into_iter().flatten().any(may_be_unknown) && !any(&[Outcome::NotCheckable]) {
        fault(
            "trace",
            What::NoTrace("`not_checkable`, though an attribute may be missing"),
        );
    }
    for (n, trace) in rule.traces.iter().enumerate() {
        let mut activities = trace.events.iter().map(|e| &e.activity);
        if !activities.any(|a| rule.activation.any.contains(a)) {
            let key = format!("trace[{n}]");
            let why = "no event of it is one of `on`".to_owned();
            fault(&key, What::NeverStarts(why));
        }
    }
}

/// Whether a missing attribute can leave it open whether the guard holds.
fn may_be_unknown(guard: &Guard) -> bool {
    let attribute = |a: &Atom| matches!(a.key, Key::Attr(_) | Key::Trace(_));
    // Where the key is missing this clause surely fails, and the guard with it.
    let fails = |c: &Clause, key: &Key| {
        (c.0.iter()).all(|a| a.key == *key && (a.optional || a.op == Op::Has))
    };
    // Where the key is missing this clause surely holds.
    let holds = |c: &Clause, key: &Key| c.0.iter().any(|a| a.key == *key && a.op == Op::Lacks);
    guard.0.iter().any(|clause| {
        clause.0.iter().any(|atom| {
            attribute(atom)
                && !atom.optional
                && !matches!(atom.op, Op::Has | Op::Lacks)
                && !holds(clause, &atom.key)
                && !guard.0.iter().any(|c| fails(c, &atom.key))
        })
    })
}
