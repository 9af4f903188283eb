//! A rule as its fields in the notation of packs: what is compared when two rules are, and shown when they differ.
//!
//! Not sentences for people who handle cases: those are `words`. Not TOML that could be read again either: only the values.

use crate::Text;
use crate::rule::{
    At, BoundIf, From, Guard, Need, RankIf, Recording, Response, Rule, Select, Sign, State,
    Template, Trace,
};

/// Every field of a rule that holds something, with its key. Two rules differ exactly where these do.
pub(super) fn fields(rule: &Rule) -> Vec<(&'static str, String)> {
    let mut out = Fields { list: Vec::new() };
    out.put("version", rule.version.to_string());
    out.put("template", rule.template.name().to_owned());
    out.put("object", rule.object.to_string());
    out.put(
        "per",
        rule.per.as_ref().map_or(String::new(), ToString::to_string),
    );
    out.put("on", join(&rule.activation.any));
    let when = out.guard(&rule.activation.when);
    out.put("when", when);
    out.template(&rule.template);
    out.put("warn", join(&rule.warn));
    out.put("recording_grace", recording(rule.recording));
    out.selects("excuse", &rule.excuse);
    out.put("grade", rule.grade.name().to_owned());
    out.put("severity", format!("{:?}", rule.severity));
    let cited = rule.source.iter().map(|c| {
        let words = [c.code.as_str(), &c.article, &c.confidence.to_string()];
        let words: Vec<_> = words.into_iter().filter(|w| !w.is_empty()).collect();
        words.join(" ")
    });
    out.put("source", cited.collect::<Vec<_>>().join("; "));
    out.put("owner", rule.owner.to_string());
    out.put("violations", rule.violations.join(", "));
    out.put("from", rule.from.to_string());
    out.put("to", rule.to.map_or(String::new(), |d| d.to_string()));
    out.flag("gate", rule.gate);
    out.put("broken", text(&rule.broken));
    out.put("want", rule.want.as_ref().map_or(String::new(), text));
    let traces: Vec<_> = rule.traces.iter().map(trace).collect();
    out.put("trace", traces.join("; "));
    out.list
}

fn text(t: &Text) -> String {
    format!("{} / {}", t.zh, t.en)
}

/// As a rule writes it; both, where they differ.
fn recording(grace: Recording) -> String {
    match (grace.act, grace.clock) {
        (Some(act), Some(clock)) if act != clock => format!("{act}, clock {clock}"),
        (Some(one), _) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    }
}

fn join<T: std::fmt::Display>(list: &[T]) -> String {
    let all: Vec<_> = list.iter().map(ToString::to_string).collect();
    all.join(", ")
}

fn trace(t: &Trace) -> String {
    let events: Vec<_> = (t.events.iter())
        .map(|e| {
            let mut words = format!("{} {}", e.at, e.activity);
            for (key, time) in [("recorded", &e.recorded), ("ended", &e.ended)] {
                words += &time
                    .as_ref()
                    .map_or(String::new(), |t| format!(" {key} {t}"));
            }
            for (name, role) in &e.by {
                words += &format!(" by {name}:{role}");
            }
            for (kind, id, part) in &e.objects {
                let part = part.as_ref().map_or(String::new(), |p| format!(":{p}"));
                words += &format!(" {kind}:{id}{part}");
            }
            words += &e
                .part
                .as_ref()
                .map_or(String::new(), |p| format!(" part {p}"));
            words += &e
                .organ
                .as_ref()
                .map_or(String::new(), |o| format!(" organ {o}"));
            for (id, value) in &e.attrs {
                words += &format!(" {id} {value}");
            }
            words
        })
        .collect();
    let now = t.now.as_ref().map_or(String::new(), |n| format!(" at {n}"));
    format!("{}{now}: {}", t.expect.name(), events.join(", "))
}

struct Fields {
    list: Vec<(&'static str, String)>,
}

impl Fields {
    fn put(&mut self, key: &'static str, value: String) {
        if !value.is_empty() {
            self.list.push((key, value));
        }
    }

    fn flag(&mut self, key: &'static str, value: bool) {
        if value {
            self.put(key, "true".to_owned());
        }
    }

    fn guard(&self, guard: &Guard) -> String {
        guard.to_string()
    }

    fn select(&self, select: &Select) -> String {
        let when = self.guard(&select.when);
        match when.is_empty() {
            true => join(&select.any),
            false => format!("{} [{when}]", join(&select.any)),
        }
    }

    fn select_list(&self, list: &[Select]) -> String {
        let all: Vec<_> = list.iter().map(|s| self.select(s)).collect();
        all.join(", ")
    }

    fn selects(&mut self, key: &'static str, list: &[Select]) {
        let value = self.select_list(list);
        self.put(key, value);
    }

    fn state(&self, state: &State) -> String {
        let (from, to) = (self.select_list(&state.from), self.select_list(&state.to));
        format!("{from} … {to}").trim_end().to_owned()
    }

    fn template(&mut self, template: &Template) {
        match template {
            Template::Response(r) => self.response(r),
            Template::Precedence(needs) => {
                let needs: Vec<_> = needs.iter().map(|n| self.need(n)).collect();
                self.put("needs", needs.join("; "));
            }
            Template::Absence(a) => {
                self.selects("after", &a.from);
                self.selects("until", &a.to);
                self.put("gap", a.gap.map_or(String::new(), |g| g.to_string()));
                self.put("same", a.same.join(", "));
            }
            Template::Count { max, window } => {
                self.put("max", max.to_string());
                self.put("window", window.map_or(String::new(), |w| w.to_string()));
            }
            Template::MinPersons { roles, min } => {
                self.put("roles", join(roles));
                self.put("min", min.to_string());
            }
            Template::Distinct(d) => {
                self.put("roles", join(&d.roles));
                self.selects("against", &d.against);
                self.put("against_roles", join(&d.against_roles));
                self.flag("before", d.before);
            }
            Template::Authority(ranks) => {
                let ranks: Vec<_> = ranks.iter().map(|r| self.rank(r)).collect();
                self.put("rank", ranks.join("; "));
            }
            Template::Record { require } => {
                let require = self.guard(require);
                self.put("require", require);
            }
            Template::Covered { by } => self.selects("by", by),
            Template::Exclusive { states } => {
                let states: Vec<_> = states.iter().map(|s| self.state(s)).collect();
                self.put("states", states.join("; "));
            }
            Template::Overlap { to } => self.selects("until", to),
            Template::BackDated { within } => self.put("within", within.to_string()),
            Template::Score { signs, min } => {
                self.put("min", min.to_string());
                let signs: Vec<_> = signs.iter().map(|s| self.sign(s)).collect();
                self.put("signs", signs.join("; "));
            }
            Template::Manual { reason } => self.put("reason", text(reason)),
        }
    }

    fn response(&mut self, r: &Response) {
        self.selects("expect", &r.expect);
        let bounds: Vec<_> = r.bounds.iter().map(|b| self.bound(b)).collect();
        self.put("bound", bounds.join("; "));
        self.selects("by", &r.by);
        self.selects("until", &r.until);
        let changes = r.changes.iter().map(|c| {
            let from = match c.from {
                From::Activation => "activation",
                From::Event => "event",
                From::Due => "due",
            };
            let max = match c.max {
                u32::MAX => String::new(),
                max => format!(", at most {max}"),
            };
            format!("{}: {} from {from}{max}", self.select(&c.on), c.bound)
        });
        let changes: Vec<_> = changes.collect();
        self.put("change", changes.join("; "));
        let pause: Vec<_> = r.pause.iter().map(|s| self.state(s)).collect();
        self.put("pause", pause.join("; "));
        self.put("lead", r.lead.map_or(String::new(), |l| l.to_string()));
        self.flag("roll", r.roll);
        self.flag("statutory", r.statutory);
        self.flag("rearm", r.rearm);
        self.put("same", r.same.join(", "));
    }

    fn bound(&self, b: &BoundIf) -> String {
        match self.guard(&b.when) {
            when if when.is_empty() => b.bound.to_string(),
            when => format!("{} if {when}", b.bound),
        }
    }

    fn rank(&self, r: &RankIf) -> String {
        match self.guard(&r.when) {
            when if when.is_empty() => r.rank.to_string(),
            when => format!("{} if {when}", r.rank),
        }
    }

    fn need(&self, n: &Need) -> String {
        let mut words = self.select_list(&n.any);
        let mut add = |key: &str, value: String| {
            if !value.is_empty() {
                words += &format!(", {key} {value}");
            }
        };
        add("if", self.guard(&n.if_));
        add("lead", n.lead.map_or(String::new(), |l| l.to_string()));
        add("within", n.within.map_or(String::new(), |l| l.to_string()));
        add("revoked_by", self.select_list(&n.revoked_by));
        add("since", self.select_list(&n.since));
        add("same", n.same.join(", "));
        words
    }

    fn sign(&self, s: &Sign) -> String {
        let missing = if s.missing { " missing" } else { "" };
        let at = match s.at {
            At::Before => " before",
            At::After => " after",
            At::Any => "",
        };
        let (if_, any) = (self.guard(&s.if_), self.select_list(&s.any));
        let words = format!("{}: {if_} {any}{missing}{at}", text(&s.name));
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}
