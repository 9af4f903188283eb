//! Columns as bytes and back, for a start that does not read the whole log again.
//!
//! The bytes are the caller's to keep and to seal. They mean something only to a program that numbers activities, roles,
//! types, attributes and texts alike, so they begin with a fingerprint of those numbers. Bytes that are cut or changed are
//! refused, or give columns that are wrong, never a panic: whoever keeps them keeps a hash of them. Not a format to
//! exchange: `interchange` has those.

use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use super::{Columns, Datum, ERASED, FOREIGN, Head, Link, Row, WIDE, kind};
use crate::program::Program;
use crate::symbols::Symbols;

/// Why bytes are no columns for this program.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Made for other rules, or by another version of the program.
    #[error("made for other rules")]
    OtherProgram,
    /// Cut off or changed.
    #[error("cut off or changed")]
    Damaged,
}

/// What is written changed: a new number here, and old snapshots are made for other rules.
const LAYOUT: &str = "columns 2";
/// Bytes of a [`Head`].
const HEAD: usize = 32;

impl Program {
    /// What must be alike for columns to mean the same: every number that they hold.
    fn fingerprint(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        part(LAYOUT);
        for names in self.numbering() {
            part("names");
            names.into_iter().for_each(&mut part);
        }
        part("texts");
        self.symbols.texts().for_each(|(_, text)| part(text));
        hash.finalize().into()
    }
}

impl Columns {
    /// Adds the columns to `out`; `false`, and nothing is added, if they still hold what an erased body said.
    pub fn freeze(&self, program: &Program, out: &mut Vec<u8>) -> bool {
        let holds_erased = |row: &Row| {
            let [_, from, to, _] = self.bounds(*row);
            self.flags(*row) & ERASED != 0 && from < to
        };
        if (0..self.heads.len() as Row).any(|row| holds_erased(&row)) {
            return false;
        }
        out.extend_from_slice(&program.fingerprint());
        texts(out, &self.symbols, program.symbols.len());
        texts(out, &self.objects, 0);
        number(out, self.values.len() as u64);
        for value in &self.values {
            let (tag, bits) = value.bits();
            out.push(tag);
            number(out, bits);
        }
        number(out, self.parts.len() as u64);
        for part in &self.parts {
            out.extend_from_slice(&part.to_le_bytes());
        }
        for rare in [&self.hi, &self.recorded, &self.ended] {
            by_row(out, rare, |time| time.cast_unsigned());
        }
        by_row(out, &self.positions, |position| position);
        by_row(out, &self.many, |(actors, attrs)| {
            u64::from(actors) << 32 | u64::from(attrs)
        });
        for rare in [&self.dead, &self.root, &self.foreign] {
            by_row(out, rare, u64::from);
        }
        number(out, self.heads.len() as u64);
        out.reserve(self.heads.len() * HEAD + self.links.len() * 8 + 8);
        for head in &self.heads {
            out.extend_from_slice(&head.bytes());
        }
        number(out, self.links.len() as u64);
        for Link(a, b) in &self.links {
            number(out, u64::from(*a) << 32 | u64::from(*b));
        }
        true
    }

    /// The columns that [`Self::freeze`] wrote for the same program.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn thaw(program: &Program, bytes: &[u8]) -> Result<Self, Unusable> {
        let mut rest = Rest(bytes);
        if rest.take::<32>()? != program.fingerprint() {
            return Err(Unusable::OtherProgram);
        }
        let mut made = Self::new(program);
        rest.texts(&mut made.symbols)?;
        rest.texts(&mut made.objects)?;
        for _ in 0..rest.length(9)? {
            let [tag] = rest.take()?;
            let bits = rest.number()?;
            let value = match tag {
                0 => Datum::Bool(bits != 0),
                1 => Datum::Number(f64::from_bits(bits)),
                2 => Datum::Text(small(bits)?),
                3 => Datum::Time(bits.cast_signed()),
                _ => return Err(Unusable::Damaged),
            };
            made.value(value);
        }
        for _ in 0..rest.length(4)? {
            let part = u32::from_le_bytes(rest.take()?);
            made.part_at.insert(part, made.parts.len() as u32);
            made.parts.push(part);
        }
        for rare in [&mut made.hi, &mut made.recorded, &mut made.ended] {
            *rare = rest.by_row(|bits| Ok(bits.cast_signed()))?;
        }
        made.positions = rest.by_row(Ok)?;
        made.many = rest.by_row(|bits| Ok(((bits >> 32) as u32, bits as u32)))?;
        for rare in [&mut made.dead, &mut made.root, &mut made.foreign] {
            *rare = rest.by_row(small)?;
        }
        made.corrections = !made.root.is_empty();
        let heads = rest.length(HEAD)?;
        made.heads.reserve_exact(heads);
        for _ in 0..heads {
            made.heads.push(Head::of(rest.take()?));
        }
        let links = rest.length(8)?;
        made.links.reserve_exact(links);
        for _ in 0..links {
            let link = rest.number()?;
            made.links.push(Link((link >> 32) as u32, link as u32));
        }
        if !rest.0.is_empty() || !made.is_sound(program) {
            return Err(Unusable::Damaged);
        }
        made.index(program);
        Ok(made)
    }

    /// Whether every number leads somewhere.
    fn is_sound(&self, program: &Program) -> bool {
        let [activities, roles, types, attributes] = program.numbering().map(|names| names.len());
        let (texts, rows) = (self.symbols.len(), self.heads.len());
        let is_text = |symbol: u32| (symbol as usize) < texts;
        let is_row = |row: &Row| (*row as usize) < rows;
        let mut from = 0;
        for (row, head) in self.heads.iter().enumerate() {
            let known = head.activity == FOREIGN || usize::from(head.activity) < activities;
            let to = head.end as usize;
            if !known || !is_text(head.organ) || to < from || to > self.links.len() {
                return false;
            }
            let [start, attrs, named, end] = self.bounds(row as Row);
            if named > end {
                return false;
            }
            let actors = &self.links[start..attrs];
            let is_role = |role: u16| usize::from(role) < roles || role == u16::MAX;
            let holds = actors
                .iter()
                .all(|a| is_text(a.person()) && is_role(a.role()))
                && (self.links[attrs..named].iter()).all(|a| {
                    usize::from(a.key()) < attributes
                        && match a.0 >> 16 {
                            kind::BOOL | kind::WHOLE => true,
                            kind::TEXT => is_text(a.1),
                            kind::OTHER => (a.1 as usize) < self.values.len(),
                            _ => false,
                        }
                })
                && (self.links[named..end].iter()).all(|n| {
                    (n.object() as usize) < self.objects.len() && usize::from(n.type_()) < types
                });
            if !holds {
                return false;
            }
            from = to;
        }
        let value_is_text = |value: &Datum| match value {
            Datum::Text(symbol) => is_text(*symbol),
            _ => true,
        };
        // A correction comes after what it corrects, so a chain of them ends.
        let later = |(old, new): (&Row, &Row)| old < new && is_row(new);
        from == self.links.len()
            && self.values.iter().all(value_is_text)
            && self.parts.iter().all(|part| is_text(*part))
            && self.dead.iter().all(later)
            && (self.root.iter()).all(|(row, root)| root < row && is_row(row))
            && self.foreign.values().all(|name| is_text(*name))
    }

    /// Makes what is only there to find something.
    fn index(&mut self, program: &Program) {
        let rows = self.heads.len() as Row;
        self.ordered = (1..rows).all(|row| self.position(row - 1) < self.position(row));
        if !self.ordered {
            self.row_at = (0..rows).map(|row| (self.position(row), row)).collect();
        }
        for object in 0..self.objects.len() as u32 {
            if Some(self.objects.kind(object)) == program.actor_type
                && let Some(person) = self.symbols.find(self.objects.get(object))
            {
                self.stand_for(person, object);
            }
        }
        let wide = (0..rows).filter(|row| self.named(*row).len() > WIDE);
        let objects = |row| self.named(row).iter().map(|n| n.object()).collect();
        self.wide = wide.map(|row| (row, objects(row))).collect();
    }
}

impl Head {
    fn bytes(&self) -> [u8; HEAD] {
        let mut out = [0; HEAD];
        let (lo, rest) = out.split_at_mut(8);
        lo.copy_from_slice(&self.lo.to_le_bytes());
        let words = [
            self.recorded,
            self.ended,
            self.position,
            self.organ,
            self.end,
        ];
        let (words_at, shorts) = rest.split_at_mut(20);
        for (at, word) in words_at.chunks_exact_mut(4).zip(words) {
            at.copy_from_slice(&word.to_le_bytes());
        }
        shorts[..2].copy_from_slice(&self.activity.to_le_bytes());
        shorts[2..].copy_from_slice(&self.shape.to_le_bytes());
        out
    }

    fn of(bytes: [u8; HEAD]) -> Self {
        let word = |at: usize| u32::from_le_bytes(std::array::from_fn(|n| bytes[at + n]));
        let short = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        Self {
            lo: i64::from_le_bytes(std::array::from_fn(|n| bytes[n])),
            recorded: word(8),
            ended: word(12),
            position: word(16),
            organ: word(20),
            end: word(24),
            activity: short(28),
            shape: short(30),
        }
    }
}

fn number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Texts from the n-th on, each with its kind.
fn texts(out: &mut Vec<u8>, symbols: &Symbols, from: usize) {
    number(out, (symbols.len() - from) as u64);
    for (kind, text) in symbols.texts().skip(from) {
        out.push(kind);
        out.extend_from_slice(&(text.len() as u32).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
}

/// What few rows have, by row.
fn by_row<T: Copy>(out: &mut Vec<u8>, rare: &HashMap<Row, T>, bits: impl Fn(T) -> u64) {
    let mut rows: Vec<(Row, T)> = rare.iter().map(|(row, value)| (*row, *value)).collect();
    rows.sort_unstable_by_key(|(row, _)| *row);
    number(out, rows.len() as u64);
    for (row, value) in rows {
        out.extend_from_slice(&row.to_le_bytes());
        number(out, bits(value));
    }
}

fn small(bits: u64) -> Result<u32, Unusable> {
    u32::try_from(bits).map_err(|_| Unusable::Damaged)
}

/// What was not yet read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Unusable> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(Unusable::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u64, Unusable> {
        self.take().map(u64::from_le_bytes)
    }

    /// How many things of at least `size` bytes follow; never more than there is room for.
    fn length(&mut self, size: usize) -> Result<usize, Unusable> {
        let n = usize::try_from(self.number()?).map_err(|_| Unusable::Damaged)?;
        if n > self.0.len() / size {
            return Err(Unusable::Damaged);
        }
        Ok(n)
    }

    /// Texts, each one new, in the order of their numbers.
    fn texts(&mut self, symbols: &mut Symbols) -> Result<(), Unusable> {
        for _ in 0..self.length(5)? {
            let [kind] = self.take()?;
            let len = u32::from_le_bytes(self.take()?) as usize;
            let (text, rest) = self.0.split_at_checked(len).ok_or(Unusable::Damaged)?;
            self.0 = rest;
            let text = std::str::from_utf8(text).map_err(|_| Unusable::Damaged)?;
            let next = symbols.len();
            if symbols.intern_as(kind, text) as usize != next {
                return Err(Unusable::Damaged);
            }
        }
        Ok(())
    }

    fn by_row<T>(
        &mut self,
        value: impl Fn(u64) -> Result<T, Unusable>,
    ) -> Result<HashMap<Row, T>, Unusable> {
        let n = self.length(12)?;
        let mut rare = HashMap::with_capacity(n);
        for _ in 0..n {
            let row = u32::from_le_bytes(self.take()?);
            rare.insert(row, value(self.number()?)?);
        }
        Ok(rare)
    }
}
