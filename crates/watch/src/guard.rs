//! Conditions on an event, with three answers: yes, no, and cannot be told.
//!
//! Compiled from [`law::rule::Guard`]; strong Kleene logic over clauses and atoms, so a guard is unknown only where the
//! missing datum decides. It never looks at time, order or absence: those are the templates'.

use law::rule::{self, Literal, Op, Operand};
use smallvec::SmallVec;

use crate::columns::{Datum, Link, Row};
use crate::program::Program;
use crate::symbols::Symbol;
use crate::trace::Trace;

/// Yes, no, or cannot be told; then the attribute that is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Unknown(Missing),
}

/// What is missing: the number of an attribute, or nothing that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) u16);

impl Missing {
    /// Actors are missing.
    pub(crate) const ACTORS: Self = Self(u16::MAX);
    /// A time is too coarse.
    pub(crate) const TIME: Self = Self(u16::MAX - 1);
    /// A table of the pack is empty.
    pub(crate) const TABLE: Self = Self(u16::MAX - 2);
    /// The end of a stretch is missing.
    pub(crate) const END: Self = Self(u16::MAX - 3);
    /// The part of an object is missing.
    pub(crate) const PART: Self = Self(u16::MAX - 4);
    /// The body of the event was erased.
    pub(crate) const BODY: Self = Self(u16::MAX - 5);
}

#[derive(Default)]
pub(crate) struct Guard {
    clauses: Vec<Vec<Atom>>,
    /// Guards that say the same have the same number.
    no: u32,
}

struct Atom {
    /// Where it compares an attribute with yes, no or texts: what most atoms do.
    plain: Option<Plain>,
    key: Key,
    optional: bool,
    op: Op,
    with: With,
}

#[derive(Clone, Copy)]
enum Key {
    Attr(u16),
    Trace(u16),
    Persons(Option<u16>),
    Objects(u8, Option<Symbol>),
    Part,
    Role,
    Organ,
    Hour,
    Date,
}

/// `attribute is one of these`, or is none of them, or is there at all: asked of the columns as they lie.
struct Plain {
    key: u16,
    of: SmallVec<[Link; 2]>,
    within: bool,
    /// Whether any value will do, and none is an answer too.
    any: bool,
}

enum With {
    None,
    One(Datum),
    Many(Vec<Datum>),
    Key(Key),
    /// Roles, of which a person may have several in one event.
    Roles(Vec<u16>),
}

impl Guard {
    pub(crate) fn compile(guard: &rule::Guard, program: &mut Program) -> Self {
        let clause =
            |c: &rule::Clause, p: &mut Program| c.0.iter().map(|a| Atom::compile(a, p)).collect();
        Self {
            clauses: guard.0.iter().map(|c| clause(c, program)).collect(),
            no: program.guard_no(guard),
        }
    }

    /// Whether it holds of an event of a trace.
    #[inline]
    pub(crate) fn holds(&self, trace: &Trace<'_>, row: Row) -> Truth {
        if self.clauses.is_empty() {
            return Truth::Yes;
        }
        match trace.here {
            Some(here) if here.row == row => here.known.guard(self.no, || self.all(trace, row)),
            _ => self.all(trace, row),
        }
    }

    fn all(&self, trace: &Trace<'_>, row: Row) -> Truth {
        let mut all = Truth::Yes;
        for clause in &self.clauses {
            match any(clause, trace, row) {
                Truth::Yes => {}
                Truth::No => return Truth::No,
                unknown => all = unknown,
            }
        }
        all
    }
}

fn any(clause: &[Atom], trace: &Trace<'_>, row: Row) -> Truth {
    let mut none = Truth::No;
    for atom in clause {
        match atom.holds(trace, row) {
            Truth::Yes => return Truth::Yes,
            Truth::No => {}
            unknown => none = unknown,
        }
    }
    none
}

impl Atom {
    fn compile(atom: &rule::Atom, program: &mut Program) -> Self {
        let mut made = Self {
            plain: None,
            key: Key::compile(&atom.key, program),
            optional: atom.optional,
            op: atom.op,
            with: match &atom.with {
                with if atom.key == rule::Key::Role => With::Roles(roles(with, program)),
                Operand::None => With::None,
                Operand::One(l) => With::One(datum(l, program)),
                Operand::Many(all) => With::Many(all.iter().map(|l| datum(l, program)).collect()),
                Operand::Key(key) => With::Key(Key::compile(key, program)),
            },
        };
        made.plain = made.plain();
        made
    }

    fn plain(&self) -> Option<Plain> {
        let Key::Attr(key) = self.key else {
            return None;
        };
        let (of, within) = match (&self.with, self.op) {
            (_, Op::Has | Op::Lacks) => {
                return Some(Plain {
                    key,
                    of: SmallVec::new(),
                    within: self.op == Op::Has,
                    any: true,
                });
            }
            (With::One(one), Op::Eq | Op::Ne) => (std::slice::from_ref(one), self.op == Op::Eq),
            (With::Many(all), _) if !all.is_empty() => (&all[..], self.op == Op::In),
            _ => return None,
        };
        let of = of.iter().map(|datum| Link::plain(key, *datum));
        let of = of.collect::<Option<_>>()?;
        Some(Plain {
            key,
            of,
            within,
            any: false,
        })
    }

    fn holds(&self, trace: &Trace<'_>, row: Row) -> Truth {
        if let Some(plain) = &self.plain {
            return match trace.columns.attr_link(row, plain.key) {
                Ok(link) => truth((plain.any || plain.of.contains(&link)) == plain.within),
                Err(Missing::BODY) => Truth::Unknown(Missing::BODY),
                Err(_) if plain.any => truth(!plain.within),
                Err(_) if self.optional => Truth::No,
                Err(missing) => Truth::Unknown(missing),
            };
        }
        let unknown = |missing| {
            if self.optional {
                Truth::No
            } else {
                Truth::Unknown(missing)
            }
        };
        if let With::Roles(roles) = &self.with {
            if roles.is_empty() {
                return unknown(Missing::TABLE);
            }
            let own = |a: &Link| trace.columns.stands_for(trace.object, a.person());
            let mut acting = trace.columns.actors(row).iter();
            let any = acting.any(|a| own(a) && roles.contains(&a.role()));
            return truth(any == matches!(self.op, Op::Eq | Op::In));
        }
        let left = self.key.value(trace, row);
        if left == Err(Missing::BODY) {
            // Not even an optional attribute is known to be absent.
            return Truth::Unknown(Missing::BODY);
        }
        match self.op {
            Op::Has => return truth(left.is_ok()),
            Op::Lacks => return truth(left.is_err()),
            _ => {}
        }
        let left = match left {
            Ok(left) => left,
            Err(missing) => return unknown(missing),
        };
        match &self.with {
            With::None | With::Roles(_) => Truth::No,
            With::One(right) => truth(compare(left, self.op, *right)),
            With::Many(all) if all.is_empty() => unknown(Missing::TABLE),
            With::Many(all) => {
                let within = all.iter().any(|r| compare(left, Op::Eq, *r));
                truth(within == (self.op == Op::In))
            }
            With::Key(key) => match key.value(trace, row) {
                Ok(right) => truth(compare(left, self.op, right)),
                Err(Missing::BODY) => Truth::Unknown(Missing::BODY),
                Err(missing) => unknown(missing),
            },
        }
    }
}

impl Key {
    fn compile(key: &rule::Key, program: &mut Program) -> Self {
        match key {
            rule::Key::Attr(name) => Self::Attr(program.name_attribute(name)),
            rule::Key::Trace(name) => {
                let code = program.name_attribute(name);
                program.carried[code as usize] = true;
                Self::Trace(code)
            }
            rule::Key::Persons(role) => {
                Self::Persons(role.as_ref().map(|r| program.role_code(r.as_str())))
            }
            rule::Key::Objects(type_, part) => {
                let type_ = program.type_code(type_.as_str());
                let part = part.as_ref().map(|p| program.symbols.intern(p.as_str()));
                Self::Objects(type_, part)
            }
            rule::Key::Part => Self::Part,
            rule::Key::Role => Self::Role,
            rule::Key::Organ => Self::Organ,
            rule::Key::Hour => Self::Hour,
            rule::Key::Date => Self::Date,
        }
    }

    fn value(self, trace: &Trace<'_>, row: Row) -> Result<Datum, Missing> {
        let columns = trace.columns;
        match self {
            Self::Attr(key) => columns.attr_or_missing(row, key),
            Self::Trace(key) => trace.carried(row, key),
            Self::Persons(role) => {
                let actors = columns.actors(row);
                if actors.is_empty() {
                    return Err(Missing::ACTORS);
                }
                let counts = |i: usize| {
                    let actor = actors[i];
                    role.is_none_or(|r| r == actor.role())
                        && !actors[..i].iter().any(|a| {
                            a.person() == actor.person() && role.is_none_or(|r| r == a.role())
                        })
                };
                let n = (0..actors.len()).filter(|i| counts(*i)).count();
                Ok(Datum::Number(n as f64))
            }
            Self::Objects(type_, part) => {
                let n = columns.named(row).iter().filter(|n| {
                    n.type_() == type_ && part.is_none_or(|p| columns.part_of(**n) == Some(p))
                });
                Ok(Datum::Number(n.count() as f64))
            }
            Self::Part => {
                let mut own = columns.named(row).iter();
                let own = own.find(|n| n.object() == trace.object);
                own.and_then(|n| columns.part_of(*n))
                    .map(Datum::Text)
                    .ok_or(Missing::PART)
            }
            // Only ever asked of a list of roles, which is told apart above.
            Self::Role => Err(Missing::ACTORS),
            Self::Organ => Ok(Datum::Text(columns.organ(row))),
            Self::Hour => {
                if columns.is_coarse(row) && columns.hi(row) - columns.lo(row) > 3_600_000_000 {
                    return Err(Missing::TIME);
                }
                let hour = trace.program.hour(columns.lo(row));
                Ok(Datum::Number(f64::from(hour)))
            }
            Self::Date => {
                let day = trace.program.epoch_day(columns.lo(row));
                Ok(Datum::Number(f64::from(day)))
            }
        }
    }
}

/// The roles that a guard names.
fn roles(with: &Operand, program: &mut Program) -> Vec<u16> {
    let named = match with {
        Operand::One(literal) => std::slice::from_ref(literal),
        Operand::Many(all) => all,
        Operand::None | Operand::Key(_) => &[],
    };
    let text = |l: &Literal| match l {
        Literal::Text(role) => Some(program.role_code(role)),
        _ => None,
    };
    named.iter().filter_map(text).collect()
}

fn datum(literal: &Literal, program: &mut Program) -> Datum {
    match literal {
        Literal::Bool(b) => Datum::Bool(*b),
        Literal::Number(n) => Datum::Number(*n),
        Literal::Text(t) => Datum::Text(program.symbols.intern(t)),
    }
}

fn truth(yes: bool) -> Truth {
    if yes { Truth::Yes } else { Truth::No }
}

/// Compares values of one kind; of different kinds they are unequal, and in no order.
fn compare(left: Datum, op: Op, right: Datum) -> bool {
    use std::cmp::Ordering;
    let order = match (left, right) {
        (Datum::Bool(a), Datum::Bool(b)) => Some(a.cmp(&b)),
        (Datum::Number(a), Datum::Number(b)) => a.partial_cmp(&b),
        (Datum::Time(a), Datum::Time(b)) => Some(a.cmp(&b)),
        (Datum::Text(a), Datum::Text(b)) if a == b => Some(Ordering::Equal),
        _ => None,
    };
    match op {
        Op::Eq => order == Some(Ordering::Equal),
        Op::Ne => order != Some(Ordering::Equal),
        Op::Lt => order == Some(Ordering::Less),
        Op::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        Op::Gt => order == Some(Ordering::Greater),
        Op::Ge => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        Op::In | Op::NotIn | Op::Has | Op::Lacks => false,
    }
}
