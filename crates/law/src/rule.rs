//! Rules as data: what a law, regulation or agreement expects of events, in the one typed form that everything else runs.
//!
//! A rule is an **activation** (the event that makes it matter) and a **template** (what must then be so). This module is
//! the form only: `rules` reads it from TOML and checks it, the crate `watch` evaluates it. Nothing here knows a clock or
//! an event. The templates are those of `docs/packs.md`; ids of rules are those of the pack and never change.

use jiff::civil::Date;
use model::{Activity, ObjectType, OrganCode, Qualifier, RoleId, RuleId};

use crate::{Confidence, Text};

/// A rule of a pack.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Id, unique over all packs: `CR-041`.
    pub id: RuleId,
    /// Version of this rule: a changed rule is a new version, so that findings of the old one stay what they were.
    pub version: u32,
    /// Pack that defines it.
    pub pack: String,
    /// What is wrong when it is broken, as a sentence for the person who handles the case.
    pub broken: Text,
    /// What is wanted, in a few words for a list of things to do: `通知家属`. Where there is a clock.
    pub want: Option<Text>,
    /// Type of the object whose trace it runs over (K9). [`ACTOR`] for the trace of a person who acts.
    pub object: ObjectType,
    /// Within that trace, one obligation for each object of this type: an item of a case.
    pub per: Option<ObjectType>,
    /// The event that makes the rule matter.
    pub activation: Select,
    /// What must then be so.
    pub template: Template,
    /// Warnings before a due time. Empty: those of `casework-rules.md` section 5, by the length of the limit.
    pub warn: Vec<Warn>,
    /// How long what clears a breach may still be recorded before it is told as one.
    pub recording: Recording,
    /// Events that lift the rule lawfully for the obligations open at that time.
    pub excuse: Vec<Select>,
    /// What a breach is.
    pub grade: Grade,
    /// How grave.
    pub severity: Severity,
    /// Where it stands.
    pub source: Vec<Citation>,
    /// Role that answers for the rule in the pack.
    pub owner: RoleId,
    /// Kinds of violation that a breach shows: `V-14`.
    pub violations: Vec<String>,
    /// First local day on which an activation is judged by it.
    pub from: Date,
    /// Last such day.
    pub to: Option<Date>,
    /// Prevented when an event is written, not only found afterwards.
    pub gate: bool,
    /// Examples that the loader runs.
    pub traces: Vec<Trace>,
}

/// The object type of a rule that runs over what one person did.
pub const ACTOR: &str = "actor";

/// A kind of violation: a heading for findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViolationDef {
    /// Id: `V-14`.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Its name.
    pub name: Text,
}

/// An attribute that guards may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeDef {
    /// Key, as it stands in events.
    pub id: String,
    /// Pack that defines it.
    pub pack: String,
    /// Its name.
    pub name: Text,
    /// What it may hold.
    pub kind: AttributeKind,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeKind {
    /// Yes or no.
    Bool,
    /// A number, in the unit that the name gives.
    Number,
    /// Free text.
    Text,
    /// An instant.
    Time,
    /// One of these.
    OneOf(Vec<String>),
}

/// Whether a breach is red, amber, or only something for a human to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// 提示: a pattern for a human to look at. All that a rule of confidence [G] or [D] alone may give.
    Blue,
    /// 关注: not a limit of law, and yet to be dealt with.
    Amber,
    /// 超期/违反: a limit of law is broken.
    Red,
}

/// How grave a breach is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Liberty, or the validity of evidence.
    A,
    /// Legal procedure.
    B,
    /// Management.
    C,
}

/// Where a rule stands, and how well that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// Code of an instrument in `pack.toml`.
    pub code: String,
    /// Article or articles as one says them: `126`, `198–206`. Empty for a practice without articles.
    pub article: String,
    /// How well it is known.
    pub confidence: Confidence,
}

/// Events of some activities for which a guard holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// Activities, any of which.
    pub any: Vec<Activity>,
    /// What must hold of the event.
    pub when: Guard,
}

/// Clauses that must all hold. Empty: holds.
///
/// A guard has three outcomes: holds, does not hold, cannot be told because an attribute is missing. The third makes the
/// rule `not_checkable`, never satisfied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guard(pub Vec<Clause>);

/// Comparisons of which one must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause(pub Vec<Atom>);

/// One comparison: `amount_yuan >= 50000`, `minor? = true`, `cause in @economic`, `has refused_reason`.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    /// What is compared.
    pub key: Key,
    /// Written `key?`: where it is missing the comparison does not hold, instead of being unknown.
    pub optional: bool,
    /// How.
    pub op: Op,
    /// With what. Empty for [`Op::Has`] and [`Op::Lacks`].
    pub with: Operand,
}

/// What a comparison looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// An attribute of the event: `minor`.
    Attr(String),
    /// The newest value of an attribute in the trace, at this event or before it: `trace.nature`.
    Trace(String),
    /// How many different persons act, in any role or in this one: `persons`, `persons:R_OFFICER`.
    Persons(Option<RoleId>),
    /// How many objects of a type the event names: `objects:item`, `objects:person.suspect`.
    Objects(ObjectType, Option<Qualifier>),
    /// The part that the traced object has in the event: `part`.
    Part,
    /// The roles in which the person acts whose trace it is ([`ACTOR`]): `role`. There may be several in one event, so
    /// `=` and `in` ask whether any is, `!=` and `not in` whether none is.
    Role,
    /// Organ in whose name: `organ`.
    Organ,
    /// Local hour of the day, 0–23: `hour`.
    Hour,
    /// Local date of the claimed time, as days since 1970-01-01; literals are dates: `date >= 2026-01-01`.
    Date,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in [a, b]` or `in @table`
    In,
    /// `not in [a, b]` or `not in @table`
    NotIn,
    /// `has key`: the attribute is there, whatever it holds.
    Has,
    /// `lacks key`
    Lacks,
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Nothing: [`Op::Has`], [`Op::Lacks`].
    None,
    /// A literal.
    One(Literal),
    /// Literals, for [`Op::In`]. From a table that nobody filled: unknown, so the rule is `not_checkable`.
    Many(Vec<Literal>),
    /// Another thing of the event or trace: `fine_yuan > trace.notice_fine_yuan`.
    Key(Key),
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true`, `false`
    Bool(bool),
    /// `50000`, `0.5`; dates as days since 1970-01-01.
    Number(f64),
    /// Anything else.
    Text(String),
}

/// A stretch of time, in a unit of the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// How many.
    pub amount: u32,
    /// Of what.
    pub unit: LimitUnit,
}

/// Units of a [`Limit`]. Days, months and years are local calendar dates, never multiples of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitUnit {
    /// Minutes.
    Minute,
    /// Hours (K6).
    Hour,
    /// Calendar days (K1).
    Day,
    /// Working days (K4).
    WorkingDay,
    /// Months (K7).
    Month,
    /// Years.
    Year,
}

/// How long a record may follow the act, before its absence is a breach (`recording_grace`). Until then a breach that a later
/// record of something earlier could still clear is amber: it is not on record yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Recording {
    /// Counted from the recording of the act that showed the breach: what had to come before it may be recorded after it.
    pub act: Option<Limit>,
    /// Counted from the due time, or from the recording of what began the clock if that came later.
    pub clock: Option<Limit>,
}

impl Recording {
    /// What of it a template can use: nothing where no later record of something earlier clears a breach.
    #[must_use]
    pub fn of(self, template: &Template) -> Self {
        let (act, clock) = match template {
            Template::Response(r) => (!r.by.is_empty(), !r.bounds.is_empty()),
            Template::Precedence(_) | Template::Exclusive { .. } | Template::Overlap { .. } => {
                (true, false)
            }
            Template::Absence(a) => (!a.from.is_empty(), false),
            _ => (false, false),
        };
        Self {
            act: self.act.filter(|_| act),
            clock: self.clock.filter(|_| clock),
        }
    }
}

/// When a warning comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Warn {
    /// When this share of the limit has passed: `90%`.
    Percent(u8),
    /// That long before it is due: `7d`.
    Before(Limit),
}

/// What must be so once the activation is there.
#[derive(Clone, Debug, PartialEq)]
pub enum Template {
    /// `response_within`, `response`, `max_duration`: something follows, in time.
    Response(Response),
    /// `precedence`: something came before.
    Precedence(Vec<Need>),
    /// `absence`: the activation must not be, at all, in a state, or too soon after something.
    Absence(Absence),
    /// `count`: not more than so many in one trace or window.
    Count {
        /// The most that is allowed.
        max: u32,
        /// Counted back from the activation; the whole trace where there is none.
        window: Option<Limit>,
    },
    /// `min_persons`: enough different persons of these roles act. No roles: any.
    MinPersons {
        /// Roles that count.
        roles: Vec<RoleId>,
        /// The least.
        min: u32,
    },
    /// `distinct_persons`: those who act here are not those who act there.
    Distinct(Distinct),
    /// `authority`: somebody of at least this rank approves. The first whose guard holds.
    Authority(Vec<RankIf>),
    /// `record`: the event itself carries what must be on record.
    Record {
        /// What must hold of it.
        require: Guard,
    },
    /// `covered`: one event of these lasts from the start of the activation to its end.
    Covered {
        /// The covering events.
        by: Vec<Select>,
    },
    /// `exclusive`: states of which two must not hold at one time. The activation begins one of them.
    Exclusive {
        /// The states.
        states: Vec<State>,
    },
    /// `overlap`: two stretches that begin with activations must not overlap.
    Overlap {
        /// What ends a stretch; an event that says itself when it ended needs none.
        to: Vec<Select>,
    },
    /// `back_dated`: recorded too long after it is said to have happened (K10).
    BackDated {
        /// The longest that is not asked about.
        within: Limit,
    },
    /// `score`: too many signs at one time.
    Score {
        /// The signs.
        signs: Vec<Sign>,
        /// How many of them make a finding.
        min: u32,
    },
    /// `manual`: nobody can tell from events. Shown as not checked, with the reason.
    Manual {
        /// Why.
        reason: Text,
    },
}

/// Something must follow the activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// Any of these discharges the obligation.
    pub expect: Vec<Select>,
    /// Any of these lifts it without discharging it.
    pub until: Vec<Select>,
    /// It must be discharged before any of these happens.
    pub by: Vec<Select>,
    /// The limit: the first whose guard holds of the activation. Empty: no limit but `by`.
    pub bounds: Vec<BoundIf>,
    /// What changes the limit afterwards.
    pub changes: Vec<Change>,
    /// Stretches that do not count (K8).
    pub pause: Vec<State>,
    /// The due time lies that long before the end of the limit.
    pub lead: Option<Limit>,
    /// Whether a last day that is a holiday rolls over (K2). Never for custody.
    pub roll: bool,
    /// Breach at the due time that does not count the first hour (K1), not at the exact one.
    pub statutory: bool,
    /// An activation that is itself expected discharges the earlier one and begins anew: “never silent for longer than”.
    pub rearm: bool,
    /// Attributes in which the activation and the expected event must be equal.
    pub same: Vec<String>,
}

/// A limit under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundIf {
    /// When it applies.
    pub when: Guard,
    /// How long.
    pub bound: Limit,
}

/// An event that changes a limit: an extension, a restart.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What changes it. Must happen before the limit in force has passed; later it changes nothing.
    pub on: Select,
    /// From where the new limit is counted.
    pub from: From,
    /// The new limit.
    pub bound: Limit,
    /// How often, at most.
    pub max: u32,
}

/// From where a changed limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum From {
    /// From the activation: the new limit replaces the old one.
    Activation,
    /// From the event that changes it: begins anew.
    Event,
    /// From the end of the limit in force: is added to it.
    Due,
}

/// A stretch between two events; open where the second has not come.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// What begins it.
    pub from: Vec<Select>,
    /// What ends it.
    pub to: Vec<Select>,
}

/// Something that must have come before the activation.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// When it is needed at all, of the activation.
    pub if_: Guard,
    /// Any of these.
    pub any: Vec<Select>,
    /// At least that long before.
    pub lead: Option<Limit>,
    /// At most that long before.
    pub within: Option<Limit>,
    /// What takes it back.
    pub revoked_by: Vec<Select>,
    /// It must have come after the newest of these, where there is one.
    pub since: Vec<Select>,
    /// Attributes in which both events must be equal: the version of a paper.
    pub same: Vec<String>,
}

/// What must not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Absence {
    /// What begins the state in which it must not be. Empty: never.
    pub from: Vec<Select>,
    /// What ends that state.
    pub to: Vec<Select>,
    /// The state ends by itself after that time: too soon after.
    pub gap: Option<Limit>,
    /// Attributes in which the activation and the event that begins the state must be equal.
    pub same: Vec<String>,
}

/// People who must differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Distinct {
    /// Roles that count at the activation. Empty: all.
    pub roles: Vec<RoleId>,
    /// The other events. Empty: the activation itself, whose `roles` and `against_roles` must be different people.
    pub against: Vec<Select>,
    /// Roles that count there. Empty: all.
    pub against_roles: Vec<RoleId>,
    /// Only events up to the activation count.
    pub before: bool,
}

/// A rank under a condition.
#[derive(Clone, Debug, PartialEq)]
pub struct RankIf {
    /// When it applies.
    pub when: Guard,
    /// The lowest rank, in the lattice of `roles.toml`.
    pub rank: RoleId,
}

/// A sign of a `score`: an event that is there, or is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Sign {
    /// What it is, for the finding.
    pub name: Text,
    /// Of the activation, that must hold too.
    pub if_: Guard,
    /// The events; empty where only `if_` counts.
    pub any: Vec<Select>,
    /// The sign is that there is none.
    pub missing: bool,
    /// Where they are looked for.
    pub at: At,
}

/// Where a sign is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// Up to the activation.
    Before,
    /// From the activation on.
    After,
    /// Anywhere in the trace.
    Any,
}

/// An example that a pack carries and its loader runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// What the newest outcome of the first activation must be.
    pub expect: Outcome,
    /// The moment at which it is judged, local time; the last event where not given.
    pub now: Option<String>,
    /// Its events.
    pub events: Vec<TraceEvent>,
}

/// An event of an example.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceEvent {
    /// Claimed time, local: `2026-04-30T15:00`, or `2026-04-30` where only the day is known.
    pub at: String,
    /// When it was recorded; the claimed time where not given.
    pub recorded: Option<String>,
    /// When it ended.
    pub ended: Option<String>,
    /// What was done.
    pub activity: Activity,
    /// Who acted: name and role.
    pub by: Vec<(String, RoleId)>,
    /// Objects beside the one whose trace it is: type, id, part.
    pub objects: Vec<(ObjectType, String, Option<Qualifier>)>,
    /// Part of the traced object.
    pub part: Option<Qualifier>,
    /// Organ.
    pub organ: Option<OrganCode>,
    /// Attributes.
    pub attrs: Vec<(String, Literal)>,
}

/// What a rule says of one activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Open, and not yet near its end.
    Pending,
    /// Open past a warning: amber.
    AtRisk,
    /// Kept.
    Satisfied,
    /// Kept by the claimed time, but recorded only after it was due.
    SatisfiedRecordedLate,
    /// Broken.
    Breached,
    /// The clock stands still (K8).
    Suspended,
    /// Lifted by a registered exception.
    Excused,
    /// Data that the rule needs are missing or too coarse.
    NotCheckable,
    /// The activation was corrected away.
    Withdrawn,
}

impl Outcome {
    /// As it is written in packs, in JSON and in the register.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AtRisk => "at_risk",
            Self::Satisfied => "satisfied",
            Self::SatisfiedRecordedLate => "satisfied_recorded_late",
            Self::Breached => "breached",
            Self::Suspended => "suspended",
            Self::Excused => "excused",
            Self::NotCheckable => "not_checkable",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::AtRisk,
        Self::Satisfied,
        Self::SatisfiedRecordedLate,
        Self::Breached,
        Self::Suspended,
        Self::Excused,
        Self::NotCheckable,
        Self::Withdrawn,
    ];

    /// The outcome of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
}

impl Grade {
    /// As it is written in packs and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }
}

impl Template {
    /// As it is written in packs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Response(_) => "response",
            Self::Precedence(_) => "precedence",
            Self::Absence(_) => "absence",
            Self::Count { .. } => "count",
            Self::MinPersons { .. } => "min_persons",
            Self::Distinct(_) => "distinct_persons",
            Self::Authority(_) => "authority",
            Self::Record { .. } => "record",
            Self::Covered { .. } => "covered",
            Self::Exclusive { .. } => "exclusive",
            Self::Overlap { .. } => "overlap",
            Self::BackDated { .. } => "back_dated",
            Self::Score { .. } => "score",
            Self::Manual { .. } => "manual",
        }
    }
}
