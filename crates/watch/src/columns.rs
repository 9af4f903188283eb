//! The events themselves, column by column, with every text as a number.
//!
//! This is all that `watch` remembers of what happened; outcomes are derived from it at any time. Only attributes that the
//! rules name are kept. A correction adds a row and takes its root out of use; nothing is overwritten. Not a ledger: rows
//! can be made again from one.

use hashbrown::{HashMap, HashSet};

use crate::program::Program;
use crate::symbols::{Symbol, Symbols};

/// Row of an event.
pub type Row = u32;

/// An event as the rules see it: all texts borrowed from whoever holds it.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Place in the order of knowing: the index in its log.
    pub position: u64,
    /// When it is said to have happened: first and last possible instant, microseconds since 1970 UTC. Equal for an
    /// exact time, a whole local day for a date.
    pub claimed: (i64, i64),
    /// When it was recorded.
    pub recorded: i64,
    /// When it ended, where it lasts.
    pub ended: Option<i64>,
    /// What was done: the id of the pack.
    pub activity: &'a str,
    /// In whose name.
    pub organ: &'a str,
    /// Who acted: person and role.
    pub actors: &'a [(&'a str, &'a str)],
    /// What it concerns: type, id, part.
    pub objects: &'a [(&'a str, &'a str, Option<&'a str>)],
    /// Attributes.
    pub attrs: &'a [(&'a str, Value<'a>)],
    /// Position of the event that this one corrects.
    pub corrects: Option<u64>,
    /// Its body was erased: what its attributes said cannot be told any more.
    pub erased: bool,
}

/// Value of an attribute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// An instant in microseconds.
    Time(i64),
}

/// Value with its text as a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Datum {
    Bool(bool),
    Number(f64),
    Text(Symbol),
    Time(i64),
}

#[derive(Clone, Copy)]
pub(crate) struct Acting {
    pub(crate) person: Symbol,
    pub(crate) role: u16,
}

#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) object: u32,
    pub(crate) part: Symbol,
}

/// No part is given.
pub(crate) const NO_PART: Symbol = Symbol::MAX;
/// An activity that no rule names.
pub(crate) const FOREIGN: u16 = u16::MAX;
const NO_END: i64 = i64::MIN;
/// From so many objects on a row has a set of them.
const WIDE: usize = 32;

#[derive(Clone, Copy)]
struct Object {
    type_: u8,
    name: Symbol,
}

/// All events that were taken in.
#[derive(Clone)]
pub struct Columns {
    pub(crate) symbols: Symbols,
    position: Vec<u64>,
    lo: Vec<i64>,
    /// Last possible instant, where it differs from the first.
    hi: HashMap<Row, i64>,
    recorded: Vec<i64>,
    /// When each row ended; empty until one did.
    ended: Vec<i64>,
    activity: Vec<u16>,
    organ: Vec<Symbol>,
    actors: Vec<Acting>,
    actors_end: Vec<u32>,
    named: Vec<Named>,
    named_end: Vec<u32>,
    /// Numbers of pairs: the same few values come again and again.
    attrs: Vec<u32>,
    attrs_end: Vec<u32>,
    pairs: Vec<(u16, Datum)>,
    pair_at: HashMap<(u16, u8, u64), u32>,
    /// Rows whose body was erased: lacking attributes there are unknown, not absent.
    erased: HashSet<Row>,
    /// Whether a later correction took the row out of use.
    dead: HashMap<Row, Row>,
    root: HashMap<Row, Row>,
    objects: Vec<Object>,
    object_at: HashMap<(u8, Symbol), u32>,
    /// What an activity outside the rules was called, for those rows.
    foreign: HashMap<Row, Symbol>,
    /// Rows by position, where positions do not rise.
    row_at: HashMap<u64, Row>,
    /// Objects of the rows that name very many.
    wide: HashMap<Row, HashSet<u32>>,
    corrections: bool,
    ordered: bool,
}

impl Columns {
    /// Empty, for the rules of a program.
    pub fn new(program: &Program) -> Self {
        Self {
            symbols: program.symbols.clone(),
            position: Vec::new(),
            lo: Vec::new(),
            hi: HashMap::new(),
            recorded: Vec::new(),
            ended: Vec::new(),
            activity: Vec::new(),
            organ: Vec::new(),
            actors: Vec::new(),
            actors_end: Vec::new(),
            named: Vec::new(),
            named_end: Vec::new(),
            attrs: Vec::new(),
            attrs_end: Vec::new(),
            pairs: Vec::new(),
            pair_at: HashMap::new(),
            erased: HashSet::new(),
            dead: HashMap::new(),
            root: HashMap::new(),
            objects: Vec::new(),
            object_at: HashMap::new(),
            foreign: HashMap::new(),
            row_at: HashMap::new(),
            wide: HashMap::new(),
            corrections: false,
            ordered: true,
        }
    }

    /// Takes an event in; its row.
    pub fn push(&mut self, program: &Program, event: &Event<'_>) -> Row {
        let row = Row::try_from(self.lo.len()).expect("fewer than 2^32 events");
        self.ordered &= self.position.last().is_none_or(|p| *p < event.position);
        if !self.ordered && self.row_at.is_empty() {
            self.row_at = (0..row).map(|r| (self.position[r as usize], r)).collect();
        }
        if !self.ordered {
            self.row_at.insert(event.position, row);
        }
        self.position.push(event.position);
        self.lo.push(event.claimed.0);
        if event.claimed.1 > event.claimed.0 {
            self.hi.insert(row, event.claimed.1);
        }
        self.recorded.push(event.recorded);
        if event.ended.is_some() || !self.ended.is_empty() {
            self.ended.resize(row as usize, NO_END);
            self.ended.push(event.ended.unwrap_or(NO_END));
        }
        let activity = program.activity(event.activity);
        self.activity.push(activity);
        if activity == FOREIGN {
            let name = self.symbols.intern(event.activity);
            self.foreign.insert(row, name);
        }
        let organ = self.symbols.intern(event.organ);
        self.organ.push(organ);
        for (person, role) in event.actors {
            let person = self.symbols.intern(person);
            let role = program.role(role);
            self.actors.push(Acting { person, role });
        }
        self.actors_end.push(end(self.actors.len()));
        for (type_, id, part) in event.objects {
            let Some(type_) = program.object_type(type_) else {
                continue;
            };
            let name = self.symbols.intern(id);
            let object = self.object(type_, name);
            let part = part.map_or(NO_PART, |p| self.symbols.intern(p));
            self.name(row, object, part);
        }
        if let Some(type_) = program.actor_type {
            let from = self.actors_start(row);
            for at in from..self.actors.len() {
                let person = self.actors[at].person;
                let object = self.object(type_, person);
                self.name(row, object, NO_PART);
            }
        }
        self.named_end.push(end(self.named.len()));
        for (key, value) in event.attrs {
            let Some(key) = program.attribute(key) else {
                continue;
            };
            let datum = match value {
                Value::Bool(b) => Datum::Bool(*b),
                Value::Number(n) => Datum::Number(*n),
                Value::Text(t) => Datum::Text(self.symbols.intern(t)),
                Value::Time(t) => Datum::Time(*t),
            };
            let pair = self.pair(key, datum);
            self.attrs.push(pair);
        }
        self.attrs_end.push(end(self.attrs.len()));
        if event.erased {
            self.erase(row);
        }
        if let Some(old) = event.corrects.and_then(|p| self.row_of(p)) {
            // The newest of the chain is what holds; the first is who it is.
            let root = self.root_of(old);
            let newest = self.newest(root);
            self.dead.insert(newest, row);
            self.root.insert(row, root);
            self.corrections = true;
        }
        row
    }

    /// Takes the newest row back, which corrects nothing. Texts and objects that came with it stay known.
    pub(crate) fn pop(&mut self) {
        let Some(row) = self.lo.len().checked_sub(1) else {
            return;
        };
        let position = self.position.pop();
        if let Some(position) = position
            && !self.ordered
        {
            self.row_at.remove(&position);
        }
        self.lo.pop();
        let row = row as Row;
        self.hi.remove(&row);
        self.erased.remove(&row);
        self.ended.truncate(row as usize);
        self.foreign.remove(&row);
        self.wide.remove(&row);
        self.recorded.pop();
        self.activity.pop();
        self.organ.pop();
        self.actors_end.pop();
        self.named_end.pop();
        self.attrs_end.pop();
        self.actors.truncate(last(&self.actors_end));
        self.named.truncate(last(&self.named_end));
        self.attrs.truncate(last(&self.attrs_end));
    }

    /// The body of a row was erased: from now on nobody can tell what its attributes said.
    pub fn erase(&mut self, row: Row) {
        self.erased.insert(row);
        if let Some(ended) = self.ended.get_mut(row as usize) {
            *ended = NO_END;
        }
    }

    pub(crate) fn is_erased(&self, row: Row) -> bool {
        !self.erased.is_empty() && self.erased.contains(&row)
    }

    /// How many rows there are, corrected ones included.
    pub fn len(&self) -> usize {
        self.lo.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.lo.is_empty()
    }

    /// The row of a position.
    pub fn row_of(&self, position: u64) -> Option<Row> {
        if self.ordered {
            let at = self.position.binary_search(&position).ok()?;
            return Some(at as Row);
        }
        self.row_at.get(&position).copied()
    }

    /// The row that holds now of the chain of corrections that begins at `root`.
    pub(crate) fn newest(&self, root: Row) -> Row {
        let mut row = root;
        while let Some(next) = self.dead.get(&row) {
            row = *next;
        }
        row
    }

    /// Position of a row.
    pub fn position(&self, row: Row) -> u64 {
        self.position[row as usize]
    }

    /// First row of the chain of corrections.
    pub(crate) fn root_of(&self, row: Row) -> Row {
        if self.corrections {
            self.root.get(&row).copied().unwrap_or(row)
        } else {
            row
        }
    }

    pub(crate) fn is_dead(&self, row: Row) -> bool {
        self.corrections && self.dead.contains_key(&row)
    }

    pub(crate) fn lo(&self, row: Row) -> i64 {
        self.lo[row as usize]
    }

    pub(crate) fn hi(&self, row: Row) -> i64 {
        if self.hi.is_empty() {
            return self.lo(row);
        }
        self.hi.get(&row).copied().unwrap_or_else(|| self.lo(row))
    }

    pub(crate) fn is_coarse(&self, row: Row) -> bool {
        !self.hi.is_empty() && self.hi.contains_key(&row)
    }

    pub(crate) fn recorded(&self, row: Row) -> i64 {
        self.recorded[row as usize]
    }

    pub(crate) fn ended(&self, row: Row) -> Option<i64> {
        let ended = self.ended.get(row as usize).copied();
        ended.filter(|e| *e != NO_END)
    }

    pub(crate) fn activity(&self, row: Row) -> u16 {
        self.activity[row as usize]
    }

    pub(crate) fn foreign(&self, row: Row) -> Option<&str> {
        self.foreign.get(&row).map(|s| self.symbols.get(*s))
    }

    /// How many events are of activities that no pack knows.
    pub fn foreign_count(&self) -> usize {
        self.foreign.len()
    }

    pub(crate) fn organ(&self, row: Row) -> Symbol {
        self.organ[row as usize]
    }

    fn actors_start(&self, row: Row) -> usize {
        start(&self.actors_end, row)
    }

    pub(crate) fn actors(&self, row: Row) -> &[Acting] {
        let end = self.actors_end.get(row as usize);
        &self.actors[self.actors_start(row)..end.map_or(self.actors.len(), |e| *e as usize)]
    }

    pub(crate) fn named(&self, row: Row) -> &[Named] {
        &self.named[start(&self.named_end, row)..self.named_end[row as usize] as usize]
    }

    pub(crate) fn attrs(&self, row: Row) -> impl Iterator<Item = (u16, Datum)> {
        let known = if self.is_erased(row) {
            0
        } else {
            self.attrs_end[row as usize] as usize
        };
        let own = self.attrs.get(start(&self.attrs_end, row)..known);
        let own = own.unwrap_or_default();
        own.iter().map(|pair| self.pairs[*pair as usize])
    }

    pub(crate) fn attr(&self, row: Row, key: u16) -> Option<Datum> {
        let found = self.attrs(row).find(|(k, _)| *k == key);
        found.map(|(_, v)| v)
    }

    /// The number of an attribute with its value.
    fn pair(&mut self, key: u16, datum: Datum) -> u32 {
        let (tag, bits) = match datum {
            Datum::Bool(b) => (0, u64::from(b)),
            Datum::Number(n) => (1, n.to_bits()),
            Datum::Text(t) => (2, u64::from(t)),
            Datum::Time(t) => (3, t.cast_unsigned()),
        };
        let next = end(self.pairs.len());
        let pair = *self.pair_at.entry((key, tag, bits)).or_insert(next);
        if pair == next {
            self.pairs.push((key, datum));
        }
        pair
    }

    pub(crate) fn object_count(&self) -> usize {
        self.objects.len()
    }

    pub(crate) fn type_of(&self, object: u32) -> u8 {
        self.objects[object as usize].type_
    }

    pub(crate) fn object_name(&self, object: u32) -> &str {
        self.symbols.get(self.objects[object as usize].name)
    }

    pub(crate) fn find_object(&self, type_: u8, id: &str) -> Option<u32> {
        let name = self.symbols.find(id)?;
        self.object_at.get(&(type_, name)).copied()
    }

    /// Names an object of the newest row, once: of several parts the first counts.
    fn name(&mut self, row: Row, object: u32, part: Symbol) {
        let from = last(&self.named_end);
        let own = &self.named[from..];
        if own.len() < WIDE {
            if own.iter().any(|n| n.object == object) {
                return;
            }
        } else {
            let wide = self.wide.entry(row);
            let wide = wide.or_insert_with(|| own.iter().map(|n| n.object).collect());
            if !wide.insert(object) {
                return;
            }
        }
        self.named.push(Named { object, part });
    }

    /// Whether a row names an object.
    pub(crate) fn names(&self, row: Row, object: u32) -> bool {
        let named = self.named(row);
        if named.len() <= WIDE {
            return named.iter().any(|n| n.object == object);
        }
        self.wide.get(&row).is_some_and(|w| w.contains(&object))
    }

    fn object(&mut self, type_: u8, name: Symbol) -> u32 {
        let next = u32::try_from(self.objects.len()).expect("fewer than 2^32 objects");
        let object = *self.object_at.entry((type_, name)).or_insert(next);
        if object == next {
            self.objects.push(Object { type_, name });
        }
        object
    }
}

fn end(len: usize) -> u32 {
    u32::try_from(len).expect("fewer than 2^32 references")
}

fn last(ends: &[u32]) -> usize {
    ends.last().map_or(0, |e| *e as usize)
}

fn start(ends: &[u32], row: Row) -> usize {
    if row == 0 {
        0
    } else {
        ends[row as usize - 1] as usize
    }
}
