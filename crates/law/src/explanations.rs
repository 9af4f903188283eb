//! What explains a look at a case (查阅的解释): templates as data, from `packs/casework/explanations.toml`.
//!
//! A template is a path of relations from a person to a case, after Fabbri and LeFevre, "Explanation-Based Auditing"
//! (PVLDB 5, 2011). Here is what they are; whether one holds is for `watch::access`. It is *not* a permission: roles say who
//! may open cases at all, explanations say why somebody opened this one.

use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::read::{Lines, syntax};
use crate::{Catalogue, Fault, Faults, Text, What};

/// All templates, reasons and bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanations {
    /// In the order of the file: of two equally short ones the first is given.
    pub templates: Vec<Template>,
    /// Reasons for opening without an explanation.
    pub reasons: Vec<Reason>,
    /// For how long, in minutes, a look stands for further reading of the same kind.
    pub window_minutes: u32,
    /// Within how many days a relation may be recorded after the look and still explain it.
    pub late_days: u32,
    /// Activities that end a case.
    pub closing: Vec<String>,
    /// Activities that are looks themselves, and so never a relation.
    pub accesses: Vec<String>,
    /// Roles whose acts make an organ one that handles the case.
    pub handling: Vec<String>,
    /// What orders the queue.
    pub signals: Signals,
}

/// A path of relations from a person to a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Id.
    pub id: String,
    /// What it says.
    pub text: Text,
    /// Whether it makes a look an inquiry on record.
    pub registers: bool,
    /// Codes with articles and marks.
    pub source: String,
    /// The legs, from the person to the case: one or two.
    pub legs: Vec<Leg>,
}

/// One relation of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Which.
    pub relation: Relation,
    /// Roles; empty for any.
    pub roles: Vec<String>,
    /// Activities, or beginnings of activities that end in `.`; empty for any.
    pub activities: Vec<String>,
    /// Kinds of registered relation.
    pub kinds: Vec<String>,
    /// Levels of the tree of organs that may be gone up first.
    pub up: u32,
    /// Levels that may then be gone down.
    pub down: u32,
    /// For how many days it holds; `None` without end.
    pub days: Option<u32>,
    /// It holds as long as the case is open, and `days` are counted from the end of the case.
    pub while_open: bool,
    /// What to say where it is missing.
    pub missing: Text,
}

/// Kinds of relation. What each means stands at the head of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// He acted in the case.
    Acted,
    /// A registered relation names him and the case.
    Related,
    /// He holds a role of the software on an organ.
    Holds,
    /// The organ handles the case.
    Handles,
    /// The organ was sent the case.
    Received,
    /// The organ sent the case away.
    Gave,
    /// An act in the case waits for approval.
    Pending,
    /// Something in the case calls for him.
    Called,
    /// The case was linked by a registered decision.
    Linked,
    /// He opens only what he did himself.
    Own,
}

/// A reason for opening without an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Id.
    pub id: String,
    /// What it says.
    pub text: Text,
    /// It names a paper, and is then an inquiry on record.
    pub registers: bool,
}

/// What orders the queue of looks. Nothing of it is kept about a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signals {
    /// Odd hours: from, to; local hours of the day.
    pub night: [u8; 2],
    /// Within how many days a step in the case counts as soon after.
    pub soon_days: u32,
    /// Steps that count: measures and outcomes.
    pub soon: Vec<String>,
    /// Activities that make a case sensitive.
    pub sensitive: Vec<String>,
    /// How many looks a unit is expected to answer in a week.
    pub budget_week: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    window_minutes: u32,
    late_days: u32,
    closing: Vec<String>,
    accesses: Vec<String>,
    handling: Vec<String>,
    template: Vec<toml::Spanned<TemplateRow>>,
    reason: Vec<toml::Spanned<ReasonRow>>,
    signals: Signals,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateRow {
    id: String,
    class: Option<String>,
    zh: String,
    en: String,
    source: String,
    confidence: Vec<String>,
    leg: Vec<LegRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LegRow {
    relation: Relation,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    activities: Vec<String>,
    #[serde(default)]
    kinds: Vec<String>,
    #[serde(default)]
    up: u32,
    #[serde(default)]
    down: u32,
    days: Option<u32>,
    #[serde(default)]
    while_open: bool,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonRow {
    id: String,
    #[serde(default)]
    registers: bool,
    zh: String,
    en: String,
}

const FILE: &str = "casework/explanations.toml";

impl Explanations {
    /// Those that come with the program.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Explanations> = LazyLock::new(|| {
            let text = include_str!("../../../packs/casework/explanations.toml");
            Explanations::parse(text, Catalogue::shipped())
                .expect("the shipped explanations are checked by the tests")
        });
        &SHIPPED
    }

    /// Reads the file and checks it as a whole against the packs.
    ///
    /// # Errors
    /// Every fault with its line: unknown roles and activities, paths that lead nowhere, ids twice, missing words.
    pub fn parse(text: &str, catalogue: &Catalogue) -> Result<Self, Faults> {
        let lines = Lines::new(text);
        let fault = |line, item: &str, key: &str, what| Fault {
            file: FILE.to_owned(),
            line,
            item: item.to_owned(),
            key: key.to_owned(),
            what,
        };
        let file: File = toml::from_str(text).map_err(|e| {
            let (line, what) = syntax(&e, text, &lines);
            Faults(vec![fault(line, "", "", what)])
        })?;
        let mut faults = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut templates = Vec::with_capacity(file.template.len());
        for row in file.template {
            let line = lines.at(row.span().start);
            let row = row.into_inner();
            let mut wrong = |key: &str, what: String| {
                faults.push(fault(line, &row.id, key, What::Syntax(what)));
            };
            if seen.contains(&row.id) {
                wrong("id", "stands twice".to_owned());
            }
            seen.push(row.id.clone());
            let registers = match row.class.as_deref() {
                None => false,
                Some("registered_inquiry") => true,
                Some(other) => {
                    wrong(
                        "class",
                        format!("expected registered_inquiry, found {other}"),
                    );
                    false
                }
            };
            let path: Vec<Relation> = row.leg.iter().map(|l| l.relation).collect();
            if !leads_to_a_case(&path) {
                wrong(
                    "leg",
                    format!("this path leads to no case: {}", Path(&path)),
                );
            }
            if row.confidence.is_empty() || row.source.trim().is_empty() {
                wrong("source", "expected a source with its marks".to_owned());
            }
            if let Some(mark) =
                (row.confidence.iter()).find(|c| !["T", "S", "G", "D"].contains(&c.as_str()))
            {
                wrong("confidence", format!("expected T, S, G or D, found {mark}"));
            }
            for leg in &row.leg {
                for role in &leg.roles {
                    if catalogue.role(role).is_none() {
                        wrong("roles", format!("unknown role {role}"));
                    }
                }
                for activity in &leg.activities {
                    if !known(catalogue, activity) {
                        wrong("activities", format!("unknown activity {activity}"));
                    }
                }
                if (leg.relation == Relation::Related) == leg.kinds.is_empty() {
                    wrong(
                        "kinds",
                        "expected with `related`, and only there".to_owned(),
                    );
                }
                if leg.while_open && leg.relation != Relation::Acted {
                    wrong("while_open", "only with `acted`".to_owned());
                }
                if leg.zh.trim().is_empty() || leg.en.trim().is_empty() {
                    wrong("leg", "expected words for where it is missing".to_owned());
                }
            }
            templates.push(Template {
                id: row.id,
                text: Text {
                    zh: row.zh,
                    en: row.en,
                },
                registers,
                source: row.source,
                legs: row.leg.into_iter().map(Leg::from).collect(),
            });
        }
        let mut reasons = Vec::with_capacity(file.reason.len());
        for row in file.reason {
            let line = lines.at(row.span().start);
            let row = row.into_inner();
            if reasons.iter().any(|r: &Reason| r.id == row.id) {
                let what = What::Syntax("stands twice".to_owned());
                faults.push(fault(line, &row.id, "id", what));
            }
            reasons.push(Reason {
                id: row.id,
                text: Text {
                    zh: row.zh,
                    en: row.en,
                },
                registers: row.registers,
            });
        }
        for (key, list) in [
            ("closing", &file.closing),
            ("accesses", &file.accesses),
            ("signals.soon", &file.signals.soon),
            ("signals.sensitive", &file.signals.sensitive),
        ] {
            for activity in list.iter().filter(|a| !known(catalogue, a)) {
                let what = What::Syntax(format!("unknown activity {activity}"));
                faults.push(fault(0, "", key, what));
            }
        }
        for role in file.handling.iter().filter(|r| catalogue.role(r).is_none()) {
            let what = What::Syntax(format!("unknown role {role}"));
            faults.push(fault(0, "", "handling", what));
        }
        if file.signals.night.iter().any(|h| *h > 23) {
            let what = What::Syntax("expected two hours from 0 to 23".to_owned());
            faults.push(fault(0, "", "signals.night", what));
        }
        if reasons.is_empty() || templates.is_empty() {
            let what = What::Syntax("expected templates and reasons".to_owned());
            faults.push(fault(0, "", "", what));
        }
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        Ok(Self {
            templates,
            reasons,
            window_minutes: file.window_minutes,
            late_days: file.late_days,
            closing: file.closing,
            accesses: file.accesses,
            handling: file.handling,
            signals: file.signals,
        })
    }

    /// The template of that id.
    pub fn template(&self, id: &str) -> Option<&Template> {
        self.templates.iter().find(|t| t.id == id)
    }

    /// The reason of that id.
    pub fn reason(&self, id: &str) -> Option<&Reason> {
        self.reasons.iter().find(|r| r.id == id)
    }
}

impl From<LegRow> for Leg {
    fn from(row: LegRow) -> Self {
        Self {
            relation: row.relation,
            roles: row.roles,
            activities: row.activities,
            kinds: row.kinds,
            up: row.up,
            down: row.down,
            days: row.days,
            while_open: row.while_open,
            missing: Text {
                zh: row.zh,
                en: row.en,
            },
        }
    }
}

/// Whether a path begins at the person and ends at the case.
fn leads_to_a_case(path: &[Relation]) -> bool {
    use Relation as R;
    matches!(
        path,
        [R::Acted | R::Related | R::Own]
            | [R::Acted, R::Linked]
            | [
                R::Holds,
                R::Handles | R::Received | R::Gave | R::Pending | R::Called
            ]
    )
}

/// Whether an activity, or the beginning of some, is in the packs.
fn known(catalogue: &Catalogue, activity: &str) -> bool {
    match activity.ends_with('.') {
        true => (catalogue.activities().iter()).any(|a| a.id.as_str().starts_with(activity)),
        false => catalogue.activity(activity).is_some(),
    }
}

struct Path<'a>(&'a [Relation]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, relation) in self.0.iter().enumerate() {
            let arrow = if n > 0 { " → " } else { "" };
            write!(f, "{arrow}{}", format!("{relation:?}").to_lowercase())?;
        }
        Ok(())
    }
}
