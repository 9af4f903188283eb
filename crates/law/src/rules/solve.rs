//! Whether clauses can hold together, one key at a time: what a guard contradicts by itself.
//!
//! Sound, not complete: `true` of [`impossible`] is certain; what hangs on two keys at once (`a < b` and `b < a`), on the
//! order of events or on a table that is not filled is not searched.

use std::collections::BTreeMap;

use crate::rule::{Clause, Guard, Key, Literal, Op, Operand};

/// Most combinations of alternatives that are tried.
const MOST: usize = 256;

/// Why these guards cannot hold of one event, where that is certain.
pub(super) fn impossible(guards: &[&Guard]) -> Option<String> {
    let clauses: Vec<&Clause> = guards.iter().flat_map(|g| &g.0).collect();
    let ways: usize = (clauses.iter()).fold(1, |n, c| n.saturating_mul(c.0.len()));
    if ways > MOST {
        return None;
    }
    let mut first = None;
    for way in 0..ways {
        let mut rest = way;
        let atoms = clauses.iter().map(|c| {
            let atom = &c.0[rest % c.0.len()];
            rest /= c.0.len();
            atom
        });
        let mut keys: BTreeMap<String, Domain> = BTreeMap::new();
        let mut broken = None;
        for atom in atoms {
            let domain = keys.entry(atom.key.to_string()).or_default();
            if !domain.meet(&atom.key, atom.op, &atom.with) {
                broken = Some(atom);
                break;
            }
        }
        match broken {
            None => return None,
            Some(atom) => first = first.or(Some(atom)),
        }
    }
    let atom = first?;
    let key = &atom.key;
    let about = clauses.iter().filter(|c| c.0.iter().any(|a| a.key == *key));
    let all: Vec<_> = about.map(|c| c.to_string()).collect();
    Some(format!("no value of {key} meets `{}`", all.join("` and `")))
}

/// What one key may still hold.
#[derive(Default)]
struct Domain {
    present: bool,
    absent: bool,
    /// One of these, where a list or a value was asked for.
    only: Option<Vec<Literal>>,
    not: Vec<Literal>,
    /// Bounds, and whether the bound itself is out.
    least: Option<(f64, bool)>,
    most: Option<(f64, bool)>,
}

impl Domain {
    /// Narrows by one comparison; `false` where nothing is left.
    fn meet(&mut self, key: &Key, op: Op, with: &Operand) -> bool {
        // One person may act in several roles at once.
        if *key == Key::Role {
            return true;
        }
        match op {
            Op::Lacks => self.absent = true,
            _ => self.present = true,
        }
        if self.present && self.absent {
            return false;
        }
        let whole = matches!(
            key,
            Key::Persons(_) | Key::Objects(..) | Key::Hour | Key::Date
        );
        let (least, most) = match key {
            Key::Hour => (Some((0.0, false)), Some((23.0, false))),
            Key::Persons(_) | Key::Objects(..) => (Some((0.0, false)), None),
            _ => (None, None),
        };
        self.least = self.least.or(least);
        self.most = self.most.or(most);
        match (op, with) {
            (Op::Eq, Operand::One(l)) => self.among(std::slice::from_ref(l)),
            (Op::In, Operand::Many(list)) if !list.is_empty() => self.among(list),
            (Op::Ne, Operand::One(l)) => self.not.push(l.clone()),
            (Op::NotIn, Operand::Many(list)) => self.not.extend(list.iter().cloned()),
            (_, Operand::One(Literal::Number(n))) => self.order(op, *n),
            _ => {}
        }
        self.left(whole)
    }

    fn among(&mut self, list: &[Literal]) {
        match &mut self.only {
            None => self.only = Some(list.to_vec()),
            Some(only) => only.retain(|l| list.contains(l)),
        }
    }

    fn order(&mut self, op: Op, n: f64) {
        let out = matches!(op, Op::Lt | Op::Gt);
        match op {
            Op::Lt | Op::Le
                if self
                    .most
                    .is_none_or(|(m, o)| n < m || (n == m && out && !o)) =>
            {
                self.most = Some((n, out));
            }
            Op::Gt | Op::Ge
                if self
                    .least
                    .is_none_or(|(m, o)| n > m || (n == m && out && !o)) =>
            {
                self.least = Some((n, out));
            }
            _ => {}
        }
    }

    fn left(&self, whole: bool) -> bool {
        let fits = |l: &Literal| match l {
            Literal::Number(n) => {
                self.least
                    .is_none_or(|(m, out)| *n > m || (*n == m && !out))
                    && self.most.is_none_or(|(m, out)| *n < m || (*n == m && !out))
            }
            _ => true,
        };
        if let Some(only) = &self.only {
            return only.iter().any(|l| fits(l) && !self.not.contains(l));
        }
        let both = [Literal::Bool(true), Literal::Bool(false)];
        if both.iter().all(|b| self.not.contains(b)) {
            return false;
        }
        match (self.least, self.most) {
            (Some((least, a)), Some((most, b))) if whole => {
                let least = if a { least + 1.0 } else { least };
                let most = if b { most - 1.0 } else { most };
                least <= most
            }
            (Some((least, a)), Some((most, b))) => least < most || (least == most && !a && !b),
            _ => true,
        }
    }
}
