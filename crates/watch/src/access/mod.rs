//! Who looked, and why that was right: explanation-based auditing (Fabbri and LeFevre, PVLDB 5, 2011).
//!
//! [`judge`] gives a look the shortest path of relations from the person to the case that was valid at that moment, or says
//! which leg of the nearest path is missing. The templates are data ([`law::Explanations`]); whoever calls brings the facts of
//! one case and of one person. An earlier look never explains a later one: looks are no [`Step`]s, and activities that are
//! looks in other systems are left out by the templates' own list.
//!
//! It is *not* a permission and *not* a verdict about a person: unexplained is a question. Records of inquiries are sealed and
//! never get here. Pure: times are arguments, in µs since 1970 UTC.

mod leg;

use law::{Catalogue, Explanations, Relation, Template};

/// Days in µs.
pub(crate) const DAY: i64 = 86_400_000_000;

/// What was done in a case, as far as it says who has to do with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<P> {
    /// Position in the log: the order of knowing.
    pub position: u64,
    /// What was done.
    pub activity: Box<str>,
    /// When it is said to have happened.
    pub claimed: i64,
    /// When it was recorded.
    pub recorded: i64,
    /// Organ in whose name.
    pub organ: Box<str>,
    /// Organs to which it was sent.
    pub to: Vec<Box<str>>,
    /// Who acted or approved, and in which role.
    pub actors: Vec<(P, Box<str>)>,
    /// Roles for which it waits, where it was proposed and somebody has still to decide.
    pub awaits: Vec<Box<str>>,
    /// The relation that it registers, where it does.
    pub tie: Option<Tie<P>>,
}

/// A registered relation: an assignment, a joint task, a linked case, an inquiry.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie<P> {
    /// Kind, as the templates name it; `linked-case` for a link between cases.
    pub kind: Box<str>,
    /// Whom it names; `None` for a link.
    pub person: Option<P>,
    /// Until when it is valid.
    pub until: Option<i64>,
}

/// The facts of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case<P> {
    /// Its steps by position. Looks are not among them.
    pub steps: Vec<Step<P>>,
    /// Cases linked to it: position in `steps` of the decision, and the steps of the other case.
    pub linked: Vec<(usize, Vec<Step<P>>)>,
}

/// A role of the software on an organ.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Role.
    pub role: Box<str>,
    /// Organ.
    pub organ: Box<str>,
    /// From when.
    pub since: i64,
    /// Until when.
    pub until: Option<i64>,
    /// Position of the entry that gave it, where it is known.
    pub position: Option<u64>,
}

/// Somebody who looked.
#[derive(Clone, Debug, PartialEq)]
pub struct Person<P> {
    /// Who.
    pub id: P,
    /// His roles, former ones too.
    pub posts: Vec<Post>,
}

/// A look at a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// When.
    pub at: i64,
    /// Its position: what stands behind it was recorded later. `u64::MAX` for one that is about to happen.
    pub position: u64,
    /// Only this step was opened, by its position.
    pub only: Option<u64>,
}

/// The tree of organs.
pub trait Organs {
    /// The organ above, if there is one.
    fn above(&self, organ: &str) -> Option<Box<str>>;
}

/// What a look is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A relation that stood on record explains it.
    Explained,
    /// A relation that was valid, but was recorded after the look.
    ExplainedLate,
    /// An inquiry that stands on record.
    RegisteredInquiry,
    /// Opened with a reason, without an explanation.
    BreakGlass,
    /// Neither.
    Unexplained,
}

impl Class {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Explained,
        Self::ExplainedLate,
        Self::RegisteredInquiry,
        Self::BreakGlass,
        Self::Unexplained,
    ];

    /// Its name in events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Explained => "explained",
            Self::ExplainedLate => "explained_late",
            Self::RegisteredInquiry => "registered_inquiry",
            Self::BreakGlass => "break_glass",
            Self::Unexplained => "unexplained",
        }
    }

    /// The class of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// One leg of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which relation.
    pub relation: Relation,
    /// The entry that shows it, where there is one.
    pub position: Option<u64>,
}

/// The nearest explanation that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Position of the template in [`Explanations::templates`].
    pub template: usize,
    /// The leg that is missing.
    pub leg: usize,
    /// It held once, and no longer does.
    pub expired: bool,
}

/// What explains a look, or what is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The shortest path that holds.
    Holds {
        /// [`Class::Explained`], [`Class::ExplainedLate`] or [`Class::RegisteredInquiry`].
        class: Class,
        /// Position of the template in [`Explanations::templates`].
        template: usize,
        /// Its legs.
        path: Vec<Found>,
    },
    /// None holds.
    Missing(Nearest),
}

impl Verdict {
    /// The class, where no reason was given.
    pub fn class(&self) -> Class {
        match self {
            Self::Holds { class, .. } => *class,
            Self::Missing(_) => Class::Unexplained,
        }
    }
}

/// What does not change from look to look.
pub struct Rules<'a> {
    /// The templates.
    pub explanations: &'a Explanations,
    /// Who approves what.
    pub catalogue: &'a Catalogue,
    /// The tree of organs.
    pub organs: &'a dyn Organs,
}

/// How far a template got.
enum Tried {
    Holds { late: bool, path: Vec<Found> },
    Missing { leg: usize, expired: bool },
}

/// Why somebody may have looked at a case, from what was valid at that moment.
///
/// A relation holds if it is said to have begun by then and had not ended. It counts as late if its entry stands behind the
/// look, and not at all if it was recorded more than [`Explanations::late_days`] afterwards.
pub fn judge<P: PartialEq>(
    rules: &Rules<'_>,
    look: &Look,
    person: &Person<P>,
    case: &Case<P>,
) -> Verdict {
    let mut best: Option<(bool, usize, usize, Vec<Found>)> = None;
    let mut nearest: Option<(usize, bool, std::cmp::Reverse<usize>, usize)> = None;
    for (n, template) in rules.explanations.templates.iter().enumerate() {
        match attempt(rules, look, person, case, template) {
            Tried::Holds { late, path } => {
                let better = best
                    .as_ref()
                    .is_none_or(|(l, len, ..)| (late, path.len()) < (*l, *len));
                if better {
                    best = Some((late, path.len(), n, path));
                }
            }
            Tried::Missing { leg, expired } => {
                let key = (
                    template.legs.len() - leg,
                    !expired,
                    std::cmp::Reverse(leg),
                    n,
                );
                if nearest.is_none_or(|known| key < known) {
                    nearest = Some(key);
                }
            }
        }
    }
    if let Some((late, _, template, path)) = best {
        let class = match (rules.explanations.templates[template].registers, late) {
            (true, _) => Class::RegisteredInquiry,
            (false, true) => Class::ExplainedLate,
            (false, false) => Class::Explained,
        };
        return Verdict::Holds {
            class,
            template,
            path,
        };
    }
    let (_, fresh, leg, template) = nearest.unwrap_or((0, true, std::cmp::Reverse(0), 0));
    Verdict::Missing(Nearest {
        template,
        leg: leg.0,
        expired: !fresh,
    })
}

fn attempt<P: PartialEq>(
    rules: &Rules<'_>,
    look: &Look,
    person: &Person<P>,
    case: &Case<P>,
    template: &Template,
) -> Tried {
    let ask = leg::Ask {
        rules,
        look,
        person,
        case,
    };
    match template.legs.as_slice() {
        [first] => match ask.alone(first) {
            Ok(found) => Tried::Holds {
                late: found.late,
                path: vec![found.found],
            },
            Err(expired) => Tried::Missing { leg: 0, expired },
        },
        [first, second] => ask.joined(first, second),
        _ => Tried::Missing {
            leg: 0,
            expired: false,
        },
    }
}
