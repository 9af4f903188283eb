//! From words to a typed guard: which key it is, and whether what it is compared with is of its kind.
//!
//! Fails closed: a word that is no value of the attribute is a fault, never a comparison that is always false. Whether the
//! comparisons can hold together is `solve`.

use jiff::civil::Date;
use model::{ObjectType, OrganCode, Qualifier, RoleId};

use super::guard::{self, Raw, RawOperand, Word};
use super::row::{Ctx, Val};
use super::{Names, nearest};
use crate::What;
use crate::rule::{Atom, AttributeKind, Clause, Guard, Key, Literal, Op, Operand};

/// Words that are no attribute: they look at the event itself.
pub(super) const RESERVED: [&str; 6] = ["persons", "part", "role", "organ", "hour", "date"];

/// What a key holds.
#[derive(Clone, Copy)]
enum Kind<'n> {
    Bool,
    Number,
    /// Whole numbers in a range: counts, hours.
    Count(u32),
    Text,
    OneOf(&'n [String]),
    Time,
    Day,
    Organ,
    Role(&'n Names),
}

impl Kind<'_> {
    fn name(self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Number => "a number".to_owned(),
            Self::Count(most) => format!("a whole number up to {most}"),
            Self::Text => "a text".to_owned(),
            Self::OneOf(values) => format!("one of {}", values.join(", ")),
            Self::Time => "a time, to be compared with another time of the event".to_owned(),
            Self::Day => "a date such as 2026-01-01".to_owned(),
            Self::Organ => "the code of an organ".to_owned(),
            Self::Role(_) => "the id of a role".to_owned(),
        }
    }

    fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::OneOf(_) | Self::Organ)
    }

    fn comparable(self, other: Self) -> bool {
        let number = |kind| matches!(kind, Self::Number | Self::Count(_));
        (self.is_text() && other.is_text())
            || (number(self) && number(other))
            || matches!(
                (self, other),
                (Self::Bool, Self::Bool) | (Self::Time, Self::Time) | (Self::Day, Self::Day)
            )
    }
}

/// A list of clauses.
pub(super) fn guard(ctx: &mut Ctx<'_>, v: &Val<'_>) -> Guard {
    let mut clauses = Vec::new();
    for (text, v) in ctx.texts(v, "clauses, each a text in quotes") {
        let names = ctx.names;
        let clause = guard::clause(text)
            .map_err(|(column, message)| {
                let guard = text.to_owned();
                What::Guard {
                    guard,
                    column,
                    message,
                }
            })
            .and_then(|raw| {
                raw.into_iter()
                    .map(|raw| atom(names, text, raw))
                    .collect::<Result<Vec<_>, _>>()
            });
        match clause {
            Ok(atoms) => clauses.push(Clause(atoms)),
            Err(what) => ctx.fault(&v.span, &v.path, what),
        }
    }
    Guard(clauses)
}

fn atom(names: &Names, text: &str, raw: Raw) -> Result<Atom, What> {
    let wrong = |column: usize, message: String| What::Guard {
        guard: text.to_owned(),
        column,
        message,
    };
    let key = key(names, &raw.key).map_err(|message| wrong(raw.key.column, message))?;
    let kind = kind(names, &key);
    let unordered = matches!(kind, Kind::Bool | Kind::Role(_)) || kind.is_text();
    let there = matches!(raw.op, Op::Has | Op::Lacks) && key == Key::Role;
    if there || unordered && matches!(raw.op, Op::Lt | Op::Le | Op::Gt | Op::Ge) {
        let message = format!("`{}` has no order: only = != in, not in", raw.key.text);
        return Err(wrong(raw.key.column, message));
    }
    let literal = |word: &Word| {
        literal(kind, word).ok_or_else(|| {
            let near = match kind {
                Kind::OneOf(values) => nearest(&word.text, values.iter().map(String::as_str)),
                Kind::Role(names) => nearest(&word.text, names.roles.iter().map(String::as_str)),
                _ => None,
            };
            let near = near.map_or(String::new(), |near| format!("; the nearest is `{near}`"));
            let expected = kind.name();
            let message = format!("expected {expected}, found `{}`{near}", word.text);
            wrong(word.column, message)
        })
    };
    let with = match &raw.with {
        RawOperand::None => Operand::None,
        RawOperand::One(word) => {
            let other = other(names, kind, word);
            match other.map_err(|message| wrong(word.column, message))? {
                Some(key) => Operand::Key(key),
                None => Operand::One(literal(word)?),
            }
        }
        RawOperand::Many(words) => {
            Operand::Many(words.iter().map(literal).collect::<Result<_, _>>()?)
        }
        RawOperand::Table(name) => {
            let Some(table) = names.tables.get(&name.text) else {
                let near = nearest(&name.text, names.tables.keys().map(String::as_str));
                let near = near.map_or(String::new(), |near| format!("; the nearest is `{near}`"));
                let message = format!("table `{}` is not in any pack{near}", name.text);
                return Err(wrong(name.column, message));
            };
            let value = |text: &String| {
                literal(&Word {
                    text: text.clone(),
                    quoted: false,
                    column: name.column,
                })
            };
            Operand::Many(table.iter().map(value).collect::<Result<_, _>>()?)
        }
    };
    Ok(Atom {
        key,
        optional: raw.optional,
        op: raw.op,
        with,
    })
}

/// The right side as another thing of the event or trace: where it is written without quotes, is no value of the left side,
/// and can be compared with it. A text that is by chance the name of such a thing stands in quotes.
fn other(names: &Names, left: Kind<'_>, word: &Word) -> Result<Option<Key>, String> {
    let is_value = matches!(left, Kind::OneOf(values) if values.contains(&word.text));
    if word.quoted || is_value {
        return Ok(None);
    }
    let text = word.text.as_str();
    let key = if text.starts_with("trace.") {
        key(names, word)?
    } else if names.attributes.contains_key(text)
        || !["part", "role"].contains(&text) && RESERVED.contains(&text)
        || text.starts_with("persons:")
        || text.starts_with("objects:")
    {
        match key(names, word) {
            Ok(key) => key,
            Err(_) => return Ok(None),
        }
    } else {
        return Ok(None);
    };
    let kind = kind(names, &key);
    if left.comparable(kind) {
        return Ok(Some(key));
    }
    // A word may be a text of its own, `trace.` never is.
    if left.is_text() && !matches!(key, Key::Trace(_)) {
        return Ok(None);
    }
    Err(format!(
        "expected {}, but `{}` is {}",
        left.name(),
        word.text,
        kind.name()
    ))
}

fn key(names: &Names, word: &Word) -> Result<Key, String> {
    let text = word.text.as_str();
    Ok(match text {
        "persons" => Key::Persons(None),
        "part" => Key::Part,
        "role" => Key::Role,
        "organ" => Key::Organ,
        "hour" => Key::Hour,
        "date" => Key::Date,
        _ => {
            if let Some(role) = text.strip_prefix("persons:") {
                if !names.roles.contains(role) {
                    return Err(unknown("role", role, &mut names.roles.iter()));
                }
                Key::Persons(Some(RoleId::new(role).map_err(|e| e.to_string())?))
            } else if let Some(rest) = text.strip_prefix("objects:") {
                let (object, part) = match rest.split_once('.') {
                    Some((object, part)) if !names.objects.contains(rest) => (object, Some(part)),
                    _ => (rest, None),
                };
                if !names.objects.contains(object) {
                    return Err(unknown("object type", object, &mut names.objects.iter()));
                }
                let part = part.map(Qualifier::new).transpose();
                Key::Objects(
                    ObjectType::new(object).map_err(|e| e.to_string())?,
                    part.map_err(|e| e.to_string())?,
                )
            } else {
                let id = text.strip_prefix("trace.").unwrap_or(text);
                if !names.attributes.contains_key(id) {
                    return Err(unknown("attribute", id, &mut names.attributes.keys()));
                }
                match id.len() == text.len() {
                    true => Key::Attr(id.to_owned()),
                    false => Key::Trace(id.to_owned()),
                }
            }
        }
    })
}

fn unknown(kind: &'static str, id: &str, all: &mut dyn Iterator<Item = &String>) -> String {
    let near = nearest(id, all.map(String::as_str));
    let id = id.to_owned();
    What::Unresolved { kind, id, near }.to_string()
}

fn kind<'n>(names: &'n Names, key: &Key) -> Kind<'n> {
    match key {
        Key::Attr(id) | Key::Trace(id) => match names.attributes.get(id) {
            Some(AttributeKind::Bool) => Kind::Bool,
            Some(AttributeKind::Number) => Kind::Number,
            Some(AttributeKind::Time) => Kind::Time,
            Some(AttributeKind::OneOf(values)) => Kind::OneOf(values),
            Some(AttributeKind::Text) | None => Kind::Text,
        },
        Key::Persons(_) | Key::Objects(..) => Kind::Count(1_000_000),
        Key::Hour => Kind::Count(23),
        Key::Date => Kind::Day,
        Key::Organ => Kind::Organ,
        Key::Part => Kind::Text,
        Key::Role => Kind::Role(names),
    }
}

fn literal(kind: Kind<'_>, word: &Word) -> Option<Literal> {
    let text = word.text.as_str();
    let number = || text.parse::<f64>().ok().filter(|n| n.is_finite());
    Some(match kind {
        Kind::Bool => Literal::Bool(text.parse().ok()?),
        Kind::Number => Literal::Number(number()?),
        Kind::Count(most) => {
            let count = text.parse::<u32>().ok().filter(|n| *n <= most)?;
            Literal::Number(count.into())
        }
        Kind::Day => Literal::Number(guard::days(text.parse::<Date>().ok()?)),
        Kind::OneOf(values) if !values.iter().any(|v| v == text) => return None,
        Kind::Organ if OrganCode::new(text).is_err() => return None,
        Kind::Role(names) if !names.roles.contains(text) => return None,
        Kind::Text | Kind::OneOf(_) | Kind::Organ | Kind::Role(_) => Literal::Text(text.to_owned()),
        Kind::Time => return None,
    })
}

/// The value of an attribute in a trace, from TOML.
pub(super) fn value(ctx: &mut Ctx<'_>, id: &str, v: &Val<'_>) -> Option<Literal> {
    let names = ctx.names;
    let Some(kind) = names.attributes.get(id) else {
        let near = nearest(id, names.attributes.keys().map(String::as_str));
        let (kind, id) = ("attribute", id.to_owned());
        ctx.fault(&v.span, &v.path, What::Unresolved { kind, id, near });
        return None;
    };
    let text = v.value.as_str();
    let number = || {
        let int = v.value.as_integer().map(|n| n.as_str());
        let text = int.or_else(|| v.value.as_float().map(|n| n.as_str()))?;
        text.parse::<f64>().ok().filter(|n| n.is_finite())
    };
    let literal = match kind {
        AttributeKind::Bool => v.value.as_bool().map(Literal::Bool),
        AttributeKind::Number => number().map(Literal::Number),
        AttributeKind::OneOf(values) => text
            .filter(|t| values.iter().any(|v| v == t))
            .map(|t| Literal::Text(t.to_owned())),
        AttributeKind::Text => text.map(|t| Literal::Text(t.to_owned())),
        AttributeKind::Time => text
            .filter(|t| super::read::is_time(t))
            .map(|t| Literal::Text(t.to_owned())),
    };
    if literal.is_none() {
        let expected = match kind {
            AttributeKind::Bool => "true or false".to_owned(),
            AttributeKind::Number => "a number".to_owned(),
            AttributeKind::Text => "a text".to_owned(),
            AttributeKind::Time => "a local time such as \"2026-04-30T15:00\"".to_owned(),
            AttributeKind::OneOf(values) => format!("one of {}", values.join(", ")),
        };
        ctx.expected(v, expected);
    }
    literal
}
