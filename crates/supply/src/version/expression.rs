//! Ranges as people write them: comparators with `^`, `~`, `~>`, `~=` and `*`, brackets of Maven and NuGet, PEP 440
//! specifiers, and `vers:` (package-url/vers-spec).
//!
//! A range of an advisory speaks of pre-releases too, so `^1.2.3` holds 1.3.0-rc.1 and ends before every 2.0.0 pre-release.
//! Does *not* resolve dependencies: `latest`, branches, floating NuGet versions and Maven's "soft" versions are refused.

use super::range::{Bound, Interval, Set};
use super::write::is_number;
use super::{CannotCompare, Key, Scheme, key, pypi};

/// Longest expression that is read, in bytes: real ones list hundreds of versions.
const MAX_EXPRESSION: usize = 65_536;

/// How an expression is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// `>= 1.0, < 2.0 || = 3.1`, with the scheme's own shorthands; also what GitHub advisories write.
    Comparators,
    /// `[1.0,2.0),(3.0,]`, and `[1.5]` for one version.
    Brackets,
}

/// Why an expression was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// Over the limit.
    #[error("the expression is longer than {MAX_EXPRESSION} bytes")]
    TooLong,
    /// Not of this syntax.
    #[error("the expression is not of its syntax")]
    Syntax,
    /// `vers:` names a scheme without a known order.
    #[error("no order of versions is known for the scheme of the range")]
    Scheme,
    /// A version in it cannot be compared.
    #[error(transparent)]
    Version(#[from] CannotCompare),
}

/// Reads an expression under a scheme.
///
/// # Errors
/// [`ExpressionError`]; nothing is read by halves.
pub fn parse_expression(
    scheme: Scheme,
    syntax: Syntax,
    text: &str,
) -> Result<Set, ExpressionError> {
    if text.len() > MAX_EXPRESSION {
        return Err(ExpressionError::TooLong);
    }
    match syntax {
        Syntax::Comparators => comparators(scheme, text),
        Syntax::Brackets => brackets(scheme, text),
    }
}

fn below(bound: Bound) -> Set {
    between(Bound::Min, bound)
}

fn above(bound: Bound) -> Set {
    between(bound, Bound::Max)
}

fn between(from: Bound, to: Bound) -> Set {
    Set::new(vec![Interval { from, to }])
}

fn comparators(scheme: Scheme, text: &str) -> Result<Set, ExpressionError> {
    let mut any = Vec::new();
    // Composer writes one bar where npm writes two.
    for alternative in text.replace("||", "|").split('|') {
        let set = conjunction(scheme, alternative.trim())?;
        any.extend(set.intervals().iter().cloned());
    }
    Ok(Set::new(any))
}

const OPERATORS: [&str; 13] = [
    "===", "~=", "==", "!=", ">=", "<=", "~>", "^", "~", ">", "<", "=", "",
];

fn conjunction(scheme: Scheme, text: &str) -> Result<Set, ExpressionError> {
    if text.is_empty() {
        return Err(ExpressionError::Syntax);
    }
    if let Some((from, to)) = text.split_once(" - ") {
        return hyphen(scheme, from.trim(), to.trim());
    }
    let mut all = Set::all();
    let mut rest = text;
    while !rest.is_empty() {
        // The last operator is empty and always found.
        let operator = OPERATORS
            .into_iter()
            .find(|o| rest.starts_with(o))
            .ok_or(ExpressionError::Syntax)?;
        rest = rest[operator.len()..].trim_start();
        let end = rest
            .find(|c: char| c == ',' || c.is_ascii_whitespace())
            .unwrap_or(rest.len());
        let (version, tail) = rest.split_at(end);
        if version.is_empty() {
            return Err(ExpressionError::Syntax);
        }
        all = all.intersection(&comparator(scheme, operator, version)?);
        let next = tail.trim_start();
        rest = match next.strip_prefix(',') {
            Some(behind) if behind.trim().is_empty() => return Err(ExpressionError::Syntax),
            Some(behind) => behind.trim_start(),
            None => next,
        };
    }
    Ok(all)
}

fn comparator(scheme: Scheme, operator: &str, text: &str) -> Result<Set, ExpressionError> {
    if let Some(prefix) = wildcard(text) {
        return wild(scheme, operator, prefix);
    }
    if scheme == Scheme::PyPi {
        return specifier(operator, text);
    }
    let at = || key(scheme, text);
    Ok(match operator {
        "" | "=" | "==" | "===" => Set::new(vec![Interval::point(at()?)]),
        "!=" => Set::new(vec![Interval::point(at()?)]).complement(),
        ">=" => above(Bound::Before(at()?)),
        ">" => above(Bound::After(at()?)),
        "<" => below(Bound::Before(at()?)),
        "<=" => below(Bound::After(at()?)),
        "^" | "~" | "~>" => {
            let numbers = numbers(text).ok_or(ExpressionError::Syntax)?;
            let place = match operator {
                "^" => numbers
                    .iter()
                    .position(|n| n.bytes().any(|d| d != b'0'))
                    .unwrap_or(numbers.len() - 1),
                "~" if scheme != Scheme::Packagist => 1.min(numbers.len() - 1),
                // ~> of Ruby and ~ of Composer: the last number may grow.
                _ => numbers.len().saturating_sub(2),
            };
            between(
                Bound::Before(at()?),
                before_next(scheme, &numbers[..=place])?,
            )
        }
        _ => return Err(ExpressionError::Syntax),
    })
}

/// The numbers a version begins with.
fn numbers(text: &str) -> Option<Vec<&str>> {
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let numbers: Vec<&str> = text[..end].trim_end_matches('.').split('.').collect();
    numbers
        .iter()
        .all(|n| is_number(n.as_bytes()))
        .then_some(numbers)
}

/// Before every pre-release of the version whose last number is one higher.
fn before_next(scheme: Scheme, numbers: &[&str]) -> Result<Bound, ExpressionError> {
    let (last, head) = numbers.split_last().ok_or(ExpressionError::Syntax)?;
    let mut parts: Vec<String> = head.iter().map(|n| (*n).to_owned()).collect();
    parts.push(increment(last));
    Ok(Bound::Before(earliest(scheme, &parts.join("."))?))
}

/// The lowest version that begins with these numbers.
fn earliest(scheme: Scheme, numbers: &str) -> Result<Key, CannotCompare> {
    match scheme {
        Scheme::SemVer
        | Scheme::Npm
        | Scheme::Cargo
        | Scheme::Go
        | Scheme::Hex
        | Scheme::Pub
        | Scheme::NuGet => {
            // SemVer's lowest pre-release needs all three numbers.
            let missing = 3_usize.saturating_sub(numbers.split('.').count());
            key(scheme, &format!("{numbers}{}-0", ".0".repeat(missing)))
        }
        Scheme::PyPi => key(scheme, &format!("{numbers}.dev0")),
        Scheme::Packagist => key(scheme, &format!("{numbers}-dev")),
        Scheme::RubyGems => key(scheme, &format!("{numbers}.A")),
        Scheme::Maven => key(scheme, &format!("{numbers}-alpha")),
        _ => key(scheme, numbers),
    }
}

/// A decimal number of any length, and one.
fn increment(digits: &str) -> String {
    let mut out: Vec<u8> = digits.bytes().collect();
    for digit in out.iter_mut().rev() {
        if *digit == b'9' {
            *digit = b'0';
        } else {
            *digit += 1;
            return out.into_iter().map(char::from).collect();
        }
    }
    std::iter::once('1')
        .chain(out.into_iter().map(char::from))
        .collect()
}

/// What stands before `.*`, `.x`, or a star alone.
fn wildcard(text: &str) -> Option<&str> {
    if matches!(text, "*" | "x" | "X") {
        return Some("");
    }
    let mut rest = text;
    while let Some(head) = rest
        .strip_suffix(".*")
        .or_else(|| rest.strip_suffix(".x"))
        .or_else(|| rest.strip_suffix(".X"))
    {
        rest = head;
    }
    (rest.len() < text.len()).then_some(rest)
}

fn wild(scheme: Scheme, operator: &str, prefix: &str) -> Result<Set, ExpressionError> {
    if prefix.is_empty() {
        return match operator {
            "" | "=" | "==" | ">=" | "<=" | "^" | "~" => Ok(Set::all()),
            _ => Err(ExpressionError::Syntax),
        };
    }
    // 1.a.* and 1-rc.* have no such reading.
    let numbers = numbers(prefix)
        .filter(|n| n.join(".").len() == prefix.trim_start_matches(['v', 'V']).len())
        .ok_or(ExpressionError::Syntax)?;
    let from = Bound::Before(earliest(scheme, &numbers.join("."))?);
    let to = before_next(scheme, &numbers)?;
    Ok(match operator {
        "" | "=" | "==" | "~" => between(from, to),
        "!=" => between(from, to).complement(),
        ">=" => above(from),
        ">" => above(to),
        "<" => below(from),
        "<=" => below(to),
        _ => return Err(ExpressionError::Syntax),
    })
}

/// npm's `1.2 - 2.3`: an upper end with fewer than three numbers holds all that begin with it.
fn hyphen(scheme: Scheme, from: &str, to: &str) -> Result<Set, ExpressionError> {
    let lower = Bound::Before(key(scheme, from)?);
    let numbers = numbers(to).ok_or(ExpressionError::Syntax)?;
    let upper = if numbers.len() < 3 {
        before_next(scheme, &numbers)?
    } else {
        Bound::After(key(scheme, to)?)
    };
    Ok(between(lower, upper))
}

/// PEP 440, "version specifiers", without its rule that installers leave pre-releases out.
fn specifier(operator: &str, text: &str) -> Result<Set, ExpressionError> {
    let at = key(Scheme::PyPi, text)?;
    let Some(version) = pypi::parse(text) else {
        // Legacy versions have no specifiers; equality stays.
        return match operator {
            "" | "=" | "==" | "===" => Ok(Set::new(vec![Interval::point(at)])),
            _ => Err(ExpressionError::Syntax),
        };
    };
    // Without a local part of its own, a comparison looks past the local part of the other.
    let above_locals = || Bound::Before(Key::from_bytes(&version.above_locals()));
    let equal = || {
        if version.local.is_some() {
            Set::new(vec![Interval::point(at.clone())])
        } else {
            between(Bound::Before(at.clone()), above_locals())
        }
    };
    Ok(match operator {
        "" | "=" | "==" | "===" => equal(),
        "!=" => equal().complement(),
        ">=" => above(Bound::Before(at)),
        "<=" => below(above_locals()),
        // Exclusive order leaves out post-releases of a release. Behind a pre-release it is plain: a flaw goes on there.
        ">" if version.post.is_none() && version.pre.is_none() && version.dev.is_none() => {
            above(Bound::Before(Key::from_bytes(&version.above_posts())))
        }
        ">" => above(above_locals()),
        // ... and pre-releases of it.
        "<" if version.pre.is_none() && version.dev.is_none() && version.post.is_none() => {
            let release = release(&version);
            below(Bound::Before(key(
                Scheme::PyPi,
                &format!("{release}.dev0"),
            )?))
        }
        "<" => below(Bound::Before(at)),
        "~=" => {
            let numbers: Vec<&str> = version
                .release
                .iter()
                .filter_map(|d| std::str::from_utf8(d).ok())
                .collect();
            let (_, head) = numbers.split_last().ok_or(ExpressionError::Syntax)?;
            let (last, head) = head.split_last().ok_or(ExpressionError::Syntax)?;
            let mut next = epoch(&version);
            for number in head {
                next.push_str(number);
                next.push('.');
            }
            next.push_str(&increment(last));
            let to = Bound::Before(earliest(Scheme::PyPi, &next)?);
            between(Bound::Before(at), to)
        }
        _ => return Err(ExpressionError::Syntax),
    })
}

fn epoch(version: &pypi::Version<'_>) -> String {
    match version.epoch {
        [] => String::new(),
        digits => format!("{}!", String::from_utf8_lossy(digits)),
    }
}

fn release(version: &pypi::Version<'_>) -> String {
    let numbers: Vec<_> = version
        .release
        .iter()
        .map(|d| String::from_utf8_lossy(d))
        .collect();
    epoch(version) + &numbers.join(".")
}

fn brackets(scheme: Scheme, text: &str) -> Result<Set, ExpressionError> {
    let mut rest = text.trim();
    let mut any = Vec::new();
    loop {
        let with_lower = match rest.as_bytes().first() {
            Some(b'[') => true,
            Some(b'(') => false,
            _ => return Err(ExpressionError::Syntax),
        };
        let close = rest.find([']', ')']).ok_or(ExpressionError::Syntax)?;
        let with_upper = rest.as_bytes()[close] == b']';
        let inside = &rest[1..close];
        any.push(match inside.split_once(',') {
            None if with_lower && with_upper => Interval::point(key(scheme, inside)?),
            None => return Err(ExpressionError::Syntax),
            Some((from, to)) => Interval {
                from: match from.trim() {
                    "" => Bound::Min,
                    v if with_lower => Bound::Before(key(scheme, v)?),
                    v => Bound::After(key(scheme, v)?),
                },
                to: match to.trim() {
                    "" => Bound::Max,
                    v if with_upper => Bound::After(key(scheme, v)?),
                    v => Bound::Before(key(scheme, v)?),
                },
            },
        });
        rest = rest[close + 1..].trim_start();
        if rest.is_empty() {
            return Ok(Set::new(any));
        }
        rest = rest
            .strip_prefix(',')
            .ok_or(ExpressionError::Syntax)?
            .trim_start();
    }
}

/// Reads `vers:<scheme>/<constraints>`, as CSAF and CycloneDX carry it, with its scheme.
///
/// # Errors
/// [`ExpressionError`]; unsorted constraints are sorted, a version that stands twice is an error.
pub fn parse_vers(text: &str) -> Result<(Scheme, Set), ExpressionError> {
    if text.len() > MAX_EXPRESSION {
        return Err(ExpressionError::TooLong);
    }
    let rest = text.trim().strip_prefix("vers:");
    let (name, constraints) = rest
        .and_then(|r| r.split_once('/'))
        .ok_or(ExpressionError::Syntax)?;
    let scheme = Scheme::named(name).ok_or(ExpressionError::Scheme)?;
    let constraints = constraints.trim_matches('|');
    if constraints.trim() == "*" {
        return Ok((scheme, Set::all()));
    }
    let mut ordered: Vec<(Key, &str)> = Vec::new();
    let mut points = Vec::new();
    let mut holes = Vec::new();
    for constraint in constraints.split('|') {
        let constraint = constraint.trim();
        let operator = [">=", "<=", "!=", ">", "<", "="]
            .into_iter()
            .find(|o| constraint.starts_with(o))
            .unwrap_or("");
        let version = constraint[operator.len()..].trim();
        let version = crate::name::decode(version).ok_or(ExpressionError::Syntax)?;
        let at = key(scheme, &version)?;
        match operator {
            "" | "=" => points.push(Interval::point(at)),
            "!=" => holes.push(Interval::point(at)),
            _ => ordered.push((at, operator)),
        }
    }
    ordered.sort();
    if ordered.windows(2).any(|w| w[0].0 == w[1].0) {
        return Err(ExpressionError::Syntax);
    }
    if ordered.is_empty() && points.is_empty() {
        return Ok((scheme, Set::new(holes).complement()));
    }
    let mut intervals = points;
    let mut from: Option<Bound> = None;
    let mut last_upper = None;
    for (index, (at, operator)) in ordered.into_iter().enumerate() {
        let upper = match operator {
            "<" => Some(Bound::Before(at.clone())),
            "<=" => Some(Bound::After(at.clone())),
            _ => None,
        };
        match upper {
            // Of two upper ends in a row the higher one counts, of two lower ones the lower.
            Some(to) => {
                if let Some(from) = from.take().or((index == 0).then_some(Bound::Min)) {
                    last_upper = Some(from.clone());
                    intervals.push(Interval { from, to });
                } else if let Some(from) = &last_upper {
                    intervals.push(Interval {
                        from: from.clone(),
                        to,
                    });
                }
            }
            None => {
                let lower = match operator {
                    ">" => Bound::After(at),
                    _ => Bound::Before(at),
                };
                from.get_or_insert(lower);
                last_upper = None;
            }
        }
    }
    if let Some(from) = from {
        intervals.push(Interval {
            from,
            to: Bound::Max,
        });
    }
    let set = Set::new(intervals).intersection(&Set::new(holes).complement());
    Ok((scheme, set))
}
