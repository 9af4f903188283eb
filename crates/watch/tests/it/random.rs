//! Random small rules and logs, made from a string of bytes, so that a failing case shrinks to few rules and few events.

use law::Confidence;
use law::rule::*;
use model::{Activity, ObjectType, Qualifier, RoleId, RuleId};

use crate::world::{Ev, HOUR, Val, calendar};

/// Bytes to decide by; zeros when they run out, so that the first alternative of everything is the simplest.
pub(crate) struct Dice<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Dice<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % n
    }

    /// Once in `n` times.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub(crate) fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// All templates that are run.
pub(crate) const TEMPLATES: [&str; 13] = [
    "response",
    "precedence",
    "absence",
    "count",
    "min_persons",
    "distinct_persons",
    "authority",
    "record",
    "covered",
    "exclusive",
    "overlap",
    "back_dated",
    "score",
];

/// What the logs of a case may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Whether attributes and actors may be missing.
    pub(crate) gaps: bool,
    /// How many different coarse times there may be.
    pub(crate) coarse: usize,
}

fn limit(amount: u32, unit: LimitUnit) -> Limit {
    Limit { amount, unit }
}

fn a_limit(dice: &mut Dice<'_>) -> Limit {
    use LimitUnit::{Day, Hour, Minute, Month, WorkingDay};
    dice.pick(&[
        limit(12, Hour),
        limit(1, Day),
        limit(24, Hour),
        limit(6, Hour),
        limit(2, Day),
        limit(1, WorkingDay),
        limit(90, Minute),
        limit(2, WorkingDay),
        limit(0, Day),
        limit(1, Month),
    ])
}

/// An activity: the first ones more often.
fn activity(dice: &mut Dice<'_>, from: usize) -> Activity {
    let names = ["a", "b", "c", "d", "e"];
    Activity::new(names[(from + dice.pick(&[0, 0, 1, 0, 2, 1])) % names.len()]).expect("an id")
}

fn atom(dice: &mut Dice<'_>, gaps: bool) -> Atom {
    let attr = |key: &str| Key::Attr(key.to_owned());
    let text = |t: &str| Operand::One(Literal::Text(t.to_owned()));
    let number = |n: f64| Operand::One(Literal::Number(n));
    let item = || ObjectType::new("item").expect("an id");
    let yes = Operand::One(Literal::Bool(true));
    let epoch_day = 20_573.0; // 2026-04-30
    let all = [
        (attr("flag"), Op::Eq, yes),
        (attr("n"), Op::Ge, number(2.0)),
        (attr("kind"), Op::Eq, text("k1")),
        (attr("kind"), Op::Ne, text("k1")),
        (attr("n"), Op::Has, Operand::None),
        (attr("n"), Op::Lacks, Operand::None),
        (attr("n"), Op::Lt, Operand::Key(Key::Attr("n".to_owned()))),
        (Key::Persons(None), Op::Ge, number(2.0)),
        (
            Key::Persons(Some(RoleId::new("R2").expect("an id"))),
            Op::Ge,
            number(1.0),
        ),
        (Key::Objects(item(), None), Op::Ge, number(1.0)),
        (
            Key::Objects(item(), Some(Qualifier::new("q1").expect("an id"))),
            Op::Ge,
            number(1.0),
        ),
        (Key::Organ, Op::Eq, text("O1")),
        (Key::Hour, Op::Ge, number(12.0)),
        (Key::Date, Op::Ge, number(epoch_day)),
        (Key::Trace("n".to_owned()), Op::Ge, number(2.0)),
        (attr("n"), Op::Gt, Operand::Key(Key::Trace("n".to_owned()))),
        (Key::Part, Op::Eq, text("q1")),
        (
            attr("kind"),
            Op::In,
            Operand::Many(vec![
                Literal::Text("k2".to_owned()),
                Literal::Text("k3".to_owned()),
            ]),
        ),
        (
            attr("kind"),
            Op::NotIn,
            Operand::Many(vec![Literal::Text("k2".to_owned())]),
        ),
        (attr("kind"), Op::In, Operand::Many(Vec::new())),
    ];
    // Parts and filled tables are what may be missing however complete the log is.
    let n = if gaps { all.len() } else { all.len() - 4 };
    let (key, op, with) = all[dice.below(n)].clone();
    Atom {
        key,
        optional: dice.once_in(4),
        op,
        with,
    }
}

fn guard(dice: &mut Dice<'_>, gaps: bool) -> Guard {
    match dice.below(6) {
        0..=3 => Guard::default(),
        4 => Guard(vec![Clause(vec![atom(dice, gaps)])]),
        _ => {
            let clause = |dice: &mut Dice<'_>| {
                let n = 1 + dice.below(2);
                Clause((0..n).map(|_| atom(dice, gaps)).collect())
            };
            let n = 1 + dice.below(2);
            Guard((0..n).map(|_| clause(dice)).collect())
        }
    }
}

fn select(dice: &mut Dice<'_>, from: usize, gaps: bool) -> Select {
    let mut any = vec![activity(dice, from)];
    if dice.once_in(4) {
        let more = activity(dice, from);
        if !any.contains(&more) {
            any.push(more);
        }
    }
    Select {
        any,
        when: guard(dice, gaps),
    }
}

fn selects(dice: &mut Dice<'_>, from: usize, gaps: bool) -> Vec<Select> {
    let n = 1 + usize::from(dice.once_in(4));
    (0..n).map(|_| select(dice, from, gaps)).collect()
}

fn maybe<T>(dice: &mut Dice<'_>, n: usize, make: impl FnOnce(&mut Dice<'_>) -> T) -> Option<T> {
    dice.once_in(n).then(|| make(dice))
}

fn same(dice: &mut Dice<'_>) -> Vec<String> {
    maybe(dice, 5, |d| d.pick(&["kind", "n"]).to_owned())
        .into_iter()
        .collect()
}

fn roles(dice: &mut Dice<'_>) -> Vec<RoleId> {
    let one = |r: &str| RoleId::new(r).expect("an id");
    dice.pick(&[vec![], vec![one("R1")], vec![one("R2"), one("R1")]])
}

fn response(dice: &mut Dice<'_>, gaps: bool) -> Response {
    let bound = |dice: &mut Dice<'_>, gaps| BoundIf {
        when: guard(dice, gaps),
        bound: a_limit(dice),
    };
    let bounds = match dice.below(5) {
        0..=2 => vec![BoundIf {
            when: Guard::default(),
            bound: a_limit(dice),
        }],
        3 => vec![bound(dice, gaps), bound(dice, gaps)],
        _ => vec![],
    };
    let by = if bounds.is_empty() || dice.once_in(4) {
        selects(dice, 3, gaps)
    } else {
        vec![]
    };
    let changes = (0..dice.pick(&[0, 0, 1, 2]))
        .map(|_| Change {
            on: select(dice, 2, gaps),
            from: dice.pick(&[From::Activation, From::Event, From::Due]),
            bound: a_limit(dice),
            max: 1 + dice.below(2) as u32,
        })
        .collect();
    let pause = (0..dice.pick(&[0, 0, 1, 1, 2]))
        .map(|_| State {
            from: selects(dice, 3, gaps),
            to: selects(dice, 4, gaps),
        })
        .collect();
    Response {
        expect: selects(dice, 1, gaps),
        until: maybe(dice, 4, |d| selects(d, 2, gaps)).unwrap_or_default(),
        by,
        bounds,
        changes,
        pause,
        lead: maybe(dice, 8, a_limit),
        roll: dice.once_in(3),
        statutory: dice.once_in(4),
        rearm: false,
        same: same(dice),
    }
}

fn template(dice: &mut Dice<'_>, name: &str, gaps: bool) -> Template {
    match name {
        "response" => Template::Response(response(dice, gaps)),
        "precedence" => {
            let n = 1 + usize::from(dice.once_in(4));
            let need = |dice: &mut Dice<'_>| Need {
                if_: guard(dice, gaps),
                any: selects(dice, 1, gaps),
                lead: maybe(dice, 5, a_limit),
                within: maybe(dice, 5, a_limit),
                revoked_by: maybe(dice, 3, |d| selects(d, 2, gaps)).unwrap_or_default(),
                since: maybe(dice, 3, |d| selects(d, 3, gaps)).unwrap_or_default(),
                same: same(dice),
            };
            Template::Precedence((0..n).map(|_| need(dice)).collect())
        }
        "absence" => {
            let from = if dice.once_in(8) {
                vec![]
            } else {
                selects(dice, 1, gaps)
            };
            let to = maybe(dice, 2, |d| selects(d, 2, gaps)).unwrap_or_default();
            let gap = maybe(dice, 3, a_limit);
            Template::Absence(Absence {
                from,
                to,
                gap,
                same: same(dice),
            })
        }
        "count" => Template::Count {
            max: dice.below(3) as u32,
            window: maybe(dice, 2, a_limit),
        },
        "min_persons" => Template::MinPersons {
            roles: roles(dice),
            min: 1 + dice.below(2) as u32,
        },
        "distinct_persons" => Template::Distinct(Distinct {
            roles: roles(dice),
            against: if dice.once_in(5) {
                vec![]
            } else {
                selects(dice, 1, gaps)
            },
            against_roles: roles(dice),
            before: dice.once_in(2),
        }),
        "authority" => {
            let rank = |dice: &mut Dice<'_>, when| RankIf {
                when,
                rank: RoleId::new(dice.pick(&["R1", "R2"])).expect("an id"),
            };
            let first = guard(dice, gaps);
            Template::Authority(vec![rank(dice, first), rank(dice, Guard::default())])
        }
        "record" => Template::Record {
            require: Guard(vec![
                Clause(vec![atom(dice, gaps)]),
                Clause(vec![atom(dice, gaps)]),
            ]),
        },
        "covered" => Template::Covered {
            by: selects(dice, 1, gaps),
        },
        "exclusive" => {
            // The activation (always `a`) begins one of them; no event begins two.
            let begin = |name: &str, dice: &mut Dice<'_>| {
                vec![Select {
                    any: vec![Activity::new(name).expect("an id")],
                    when: guard(dice, gaps),
                }]
            };
            let one = State {
                from: begin("a", dice),
                to: selects(dice, 2, gaps),
            };
            let two = State {
                from: begin("b", dice),
                to: selects(dice, 3, gaps),
            };
            Template::Exclusive {
                states: vec![one, two],
            }
        }
        "overlap" => Template::Overlap {
            to: if dice.once_in(3) {
                vec![]
            } else {
                selects(dice, 1, gaps)
            },
        },
        "back_dated" => Template::BackDated {
            within: a_limit(dice),
        },
        _ => {
            let n = 1 + dice.below(3);
            let sign = |dice: &mut Dice<'_>| {
                let any = if dice.once_in(5) {
                    vec![]
                } else {
                    selects(dice, 1, gaps)
                };
                Sign {
                    name: text("sign"),
                    if_: guard(dice, gaps),
                    missing: !any.is_empty() && dice.once_in(3),
                    any,
                    at: dice.pick(&[At::Before, At::After, At::Any]),
                }
            };
            Template::Score {
                signs: (0..n).map(|_| sign(dice)).collect(),
                min: 1 + dice.below(2) as u32,
            }
        }
    }
}

fn text(t: &str) -> law::Text {
    law::Text {
        zh: t.to_owned(),
        en: t.to_owned(),
    }
}

/// A rule around a template.
pub(crate) fn around(id: &str, activation: Select, template: Template) -> Rule {
    Rule {
        id: RuleId::new(id).expect("an id"),
        version: 1,
        pack: "tiny".to_owned(),
        broken: text("broken"),
        want: Some(text("want")),
        object: ObjectType::new("case").expect("an id"),
        per: None,
        activation,
        template,
        warn: Vec::new(),
        recording: Recording::default(),
        excuse: Vec::new(),
        grade: Grade::Red,
        severity: Severity::A,
        source: vec![Citation {
            code: "LAW".to_owned(),
            article: "1".to_owned(),
            confidence: Confidence::T,
        }],
        owner: RoleId::new("R1").expect("an id"),
        violations: Vec::new(),
        from: jiff::civil::date(2020, 1, 1),
        to: None,
        gate: false,
        traces: Vec::new(),
    }
}

/// Events of one activity, without a guard.
pub(crate) fn on(activity: &str) -> Select {
    Select {
        any: vec![Activity::new(activity).expect("an id")],
        when: Guard::default(),
    }
}

/// A rule of this template.
pub(crate) fn rule(dice: &mut Dice<'_>, no: usize, name: &str, gaps: bool) -> Rule {
    let mut activation = on("a");
    if dice.once_in(3) {
        activation.when = guard(dice, gaps);
    }
    let mut template = template(dice, name, gaps);
    if let Template::Response(r) = &mut template {
        // Only a rule that begins anew may expect what activates it.
        r.rearm = dice.once_in(4);
        if r.rearm {
            r.expect.push(on("a"));
        } else {
            let a = Activity::new("a").expect("an id");
            r.expect.iter_mut().for_each(|s| s.any.retain(|b| *b != a));
            if r.expect.iter().all(|s| s.any.is_empty()) {
                r.expect = vec![on("b")];
            }
        }
    }
    let mut rule = around(&format!("T-{no}"), activation, template);
    let object = |id| ObjectType::new(id).expect("an id");
    rule.object = object(dice.pick(&["case", "case", "case", "item", ACTOR]));
    if rule.object.as_str() == "case" && dice.once_in(3) {
        rule.per = Some(object("item"));
    }
    if rule.object.as_str() == ACTOR && dice.once_in(3) {
        let role = |id: &str| Literal::Text(id.to_owned());
        let (op, with) = dice.pick(&[
            (Op::In, Operand::Many(vec![role("R1"), role("R3")])),
            (Op::Eq, Operand::One(role("R2"))),
            (Op::NotIn, Operand::Many(vec![role("R2")])),
        ]);
        let atom = Atom {
            key: Key::Role,
            optional: false,
            op,
            with,
        };
        rule.activation.when.0.push(Clause(vec![atom]));
    }
    rule.excuse = maybe(dice, 4, |d| vec![select(d, 4, gaps)]).unwrap_or_default();
    rule.warn = dice.pick(&[
        vec![],
        vec![Warn::Percent(50)],
        vec![
            Warn::Before(limit(12, LimitUnit::Hour)),
            Warn::Before(limit(1, LimitUnit::Hour)),
        ],
        vec![Warn::Percent(90), Warn::Before(limit(6, LimitUnit::Hour))],
    ]);
    if dice.once_in(3) {
        let grace = |dice: &mut Dice<'_>| {
            let limits = [
                None,
                Some(limit(30, LimitUnit::Minute)),
                Some(limit(24, LimitUnit::Hour)),
            ];
            dice.pick(&limits)
        };
        let (act, clock) = (grace(dice), grace(dice));
        rule.recording = Recording { act, clock }.of(&rule.template);
    }
    if dice.once_in(8) {
        rule.from = jiff::civil::date(2026, 4, 30);
        rule.to = Some(jiff::civil::date(2026, 5, 1));
    }
    rule
}

/// Midnight of 29 April 2026, in China: 1 to 5 May are holidays.
pub(crate) fn base() -> i64 {
    calendar().day_start(jiff::civil::date(2026, 4, 29))
}

/// A log, one event for each string of bytes.
pub(crate) fn log(seeds: &[Vec<u8>], shape: Shape) -> Vec<Ev> {
    let mut events: Vec<Ev> = Vec::new();
    let mut days: Vec<i64> = Vec::new();
    let mut corrected: Vec<u64> = Vec::new();
    for (no, seed) in seeds.iter().enumerate() {
        let mut dice = Dice::new(seed);
        // Positions are not in the order of time, nor without holes.
        let pos = (no as u64) * 10 + dice.below(7) as u64;
        let name = dice.pick(&[
            "a", "b", "a", "c", "b", "d", "e", "a", "b", "c", "d", "e", "lift",
        ]);
        let mut t = base() + 3 * HOUR * dice.below(32) as i64;
        let mut hi = t;
        if days.len() < shape.coarse && dice.once_in(3) || dice.once_in(4) && !days.is_empty() {
            let day = if days.len() < shape.coarse {
                days.push(calendar().day_start(calendar().date(t)));
                days[days.len() - 1]
            } else {
                dice.pick(&days)
            };
            (t, hi) = (day, calendar().day_end(calendar().date(day)));
        }
        let mut event = Ev::at(pos, t, name);
        event.hi = hi;
        let late = dice.pick(&[0, 0, 0, 1, 6, 30, 80]);
        event.recorded = t + HOUR * late;
        let lasts = dice.pick(&[None, Some(6), Some(3), Some(0), Some(30)]);
        event.ended = lasts.map(|h| hi + HOUR * h);
        event.organ = dice.pick(&["O1", "O1", "O2"]).to_owned();
        let gap = |dice: &mut Dice<'_>| shape.gaps && dice.once_in(5);
        event.actors.clear();
        if !gap(&mut dice) {
            for _ in 0..=dice.below(3) {
                let person = dice.pick(&["p1", "p2", "p3", "p4"]).to_owned();
                event
                    .actors
                    .push((person, dice.pick(&["R1", "R2", "R3"]).to_owned()));
            }
        }
        event.objects = match dice.below(6) {
            0..=3 => vec![("case", "c1")],
            4 => vec![("case", "c2")],
            _ => vec![("case", "c1"), ("case", "c2")],
        }
        .into_iter()
        .chain(dice.pick(&[
            vec![],
            vec![("item", "i1")],
            vec![("item", "i1"), ("item", "i2")],
        ]))
        .map(|(t, id)| {
            let part = dice.pick(&[None, Some("q1".to_owned()), Some("q2".to_owned())]);
            (t.to_owned(), id.to_owned(), part)
        })
        .collect();
        for (key, values) in [
            ("flag", vec![Val::Bool(true), Val::Bool(false)]),
            (
                "n",
                vec![Val::Number(2.0), Val::Number(1.0), Val::Number(3.0)],
            ),
            (
                "kind",
                vec![Val::Text("k1".to_owned()), Val::Text("k2".to_owned())],
            ),
        ] {
            if !gap(&mut dice) {
                event.attrs.push((key.to_owned(), dice.pick(&values)));
            }
        }
        let lifts = format!("T-{}", dice.below(3));
        event.attrs.push(("rule".to_owned(), Val::Text(lifts)));
        if dice.once_in(7) && !events.is_empty() {
            let open: Vec<u64> = events
                .iter()
                .map(|e| e.pos)
                .filter(|p| !corrected.contains(p))
                .collect();
            let old = dice.pick(&open);
            corrected.push(old);
            event.corrects = Some(old);
        }
        events.push(event);
    }
    events
}
