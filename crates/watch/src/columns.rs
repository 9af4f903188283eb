//! The events themselves, compact, with every text as a number.
//!
//! This is all that `watch` remembers of what happened; outcomes are derived from it at any time. Only attributes that the
//! rules name are kept. A correction adds a row and takes its root out of use; nothing is overwritten. Not a ledger: rows
//! can be made again from one.
//!
//! A row is 32 bytes ([`Head`]) and eight for each actor, attribute and object ([`Link`]), one after another: judging goes
//! along the events of one object, which lie far apart in the log, so whatever belongs to an event lies together. What is
//! rare (a coarse time, a correction, a record entered years later) is kept by row, apart.

mod snapshot;

use hashbrown::{HashMap, HashSet};
pub use snapshot::Unusable;

use crate::guard::Missing;
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

impl Datum {
    /// Its kind and its value.
    fn bits(self) -> (u8, u64) {
        match self {
            Self::Bool(b) => (0, u64::from(b)),
            Self::Number(n) => (1, n.to_bits()),
            Self::Text(t) => (2, u64::from(t)),
            Self::Time(t) => (3, t.cast_unsigned()),
        }
    }
}

/// What a row has several of. Somebody who acted: person, role. An attribute: key and kind, value. Something it concerns:
/// object; type and part.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link(u32, u32);

impl Link {
    pub(crate) fn person(self) -> Symbol {
        self.0
    }

    pub(crate) fn role(self) -> u16 {
        self.1 as u16
    }

    pub(crate) fn object(self) -> u32 {
        self.0
    }

    pub(crate) fn type_(self) -> u8 {
        self.1 as u8
    }

    fn part(self) -> u32 {
        self.1 >> 8
    }

    fn key(self) -> u16 {
        self.0 as u16
    }

    /// An attribute with a value that is kept in one way only, so that equal values are equal links.
    pub(crate) fn plain(key: u16, value: Datum) -> Option<Self> {
        match value {
            Datum::Bool(b) => Some(Self::attr(key, kind::BOOL, u32::from(b))),
            Datum::Text(t) => Some(Self::attr(key, kind::TEXT, t)),
            Datum::Number(_) | Datum::Time(_) => None,
        }
    }

    /// An attribute with the kind of its value, which says what the other half is.
    fn attr(key: u16, kind: u32, value: u32) -> Self {
        Self(kind << 16 | u32::from(key), value)
    }
}

/// What the value of an attribute is.
mod kind {
    pub(super) const BOOL: u32 = 0;
    pub(super) const TEXT: u32 = 1;
    /// A number that is whole and fits.
    pub(super) const WHOLE: u32 = 2;
    /// A place among [`super::Columns::values`].
    pub(super) const OTHER: u32 = 3;
}

/// An activity that no rule names.
pub(crate) const FOREIGN: u16 = u16::MAX;
/// No part is given; or more different parts than anybody has names for came before it.
const NO_PART: u32 = 0x00FF_FFFF;
/// From so many objects on a row has a set of them.
const WIDE: usize = 32;

/// Holds an attribute that some guard looks for along the trace, or might have.
pub(crate) const CARRIES: u8 = 1;
/// Its time is not exact.
pub(crate) const COARSE: u8 = 2;
const ERASED: u8 = 4;
const DEAD: u8 = 8;

/// A time as its distance from another: in microseconds, milliseconds or seconds, where that fits; the two top bits say.
mod apart {
    pub(super) const NONE: u32 = u32::MAX;
    /// It does not fit.
    pub(super) const FAR: u32 = u32::MAX - 1;
    const UNITS: [i64; 3] = [1, 1_000, 1_000_000];
    const HALF: i64 = 1 << 29;

    pub(super) fn of(distance: i64) -> u32 {
        for (no, unit) in UNITS.iter().enumerate() {
            let n = distance / unit;
            if n * unit == distance && (-HALF..HALF).contains(&n) {
                return (no as u32) << 30 | (n + HALF) as u32;
            }
        }
        FAR
    }

    pub(super) fn distance(code: u32) -> i64 {
        (i64::from(code & 0x3FFF_FFFF) - HALF) * UNITS[(code >> 30) as usize % 3]
    }
}

/// A row, without its links.
#[derive(Clone, Copy)]
struct Head {
    /// First possible instant.
    lo: i64,
    /// When it was recorded, apart from `lo`.
    recorded: u32,
    /// When it ended, apart from `lo`.
    ended: u32,
    /// [`apart::FAR`] where it does not fit.
    position: u32,
    organ: Symbol,
    /// Where its links end: its actors, its attributes, its objects.
    end: u32,
    activity: u16,
    /// Flags in 4 bits, actors in 5, attributes in 7; all ones: [`Columns::many`].
    shape: u16,
}

const MANY_ACTORS: u16 = 0x1F;
const MANY_ATTRS: u16 = 0x7F;

impl Head {
    fn flags(&self) -> u8 {
        (self.shape >> 12) as u8
    }

    fn flag(&mut self, flag: u8) {
        self.shape |= u16::from(flag) << 12;
    }
}

/// All events that were taken in.
#[derive(Clone)]
pub struct Columns {
    pub(crate) symbols: Symbols,
    heads: Vec<Head>,
    links: Vec<Link>,
    /// Actors and attributes of rows that have very many.
    many: HashMap<Row, (u32, u32)>,
    /// Last possible instant, where it differs from the first.
    hi: HashMap<Row, i64>,
    /// Positions beyond 32 bits.
    positions: HashMap<Row, u64>,
    /// Times that are too far from the beginning, or too odd, to be kept as a distance.
    recorded: HashMap<Row, i64>,
    ended: HashMap<Row, i64>,
    /// Values of attributes that do not fit in 32 bits.
    values: Vec<Datum>,
    value_at: HashMap<(u8, u64), u32>,
    parts: Vec<Symbol>,
    part_at: HashMap<Symbol, u32>,
    /// Which row took another out of use.
    dead: HashMap<Row, Row>,
    root: HashMap<Row, Row>,
    /// Objects by number; their kind is the type.
    objects: Symbols,
    /// Objects that stand for people who act, by person; [`NOBODY`] where there is none.
    acting: Vec<u32>,
    /// What an activity outside the rules was called, for those rows.
    foreign: HashMap<Row, Symbol>,
    /// Rows by position, where positions do not rise.
    row_at: HashMap<u64, Row>,
    /// Objects of the rows that name very many.
    wide: HashMap<Row, HashSet<u32>>,
    corrections: bool,
    ordered: bool,
}

const NOBODY: u32 = u32::MAX;

impl Columns {
    /// Empty, for the rules of a program.
    pub fn new(program: &Program) -> Self {
        Self {
            symbols: program.symbols.clone(),
            heads: Vec::new(),
            links: Vec::new(),
            many: HashMap::new(),
            hi: HashMap::new(),
            positions: HashMap::new(),
            recorded: HashMap::new(),
            ended: HashMap::new(),
            values: Vec::new(),
            value_at: HashMap::new(),
            parts: Vec::new(),
            part_at: HashMap::new(),
            dead: HashMap::new(),
            root: HashMap::new(),
            objects: Symbols::default(),
            acting: Vec::new(),
            foreign: HashMap::new(),
            row_at: HashMap::new(),
            wide: HashMap::new(),
            corrections: false,
            ordered: true,
        }
    }

    /// Takes an event in; its row.
    pub fn push(&mut self, program: &Program, event: &Event<'_>) -> Row {
        let row = Row::try_from(self.heads.len()).expect("fewer than 2^32 events");
        self.place(row, event.position);
        let lo = event.claimed.0;
        let activity = program.activity(event.activity);
        if activity == FOREIGN {
            let name = self.symbols.intern(event.activity);
            self.foreign.insert(row, name);
        }
        let mut head = Head {
            lo,
            recorded: apart::of(event.recorded.wrapping_sub(lo)),
            ended: apart::NONE,
            position: u32::try_from(event.position).map_or(apart::FAR, |p| p.min(apart::FAR)),
            organ: self.symbols.intern(event.organ),
            end: 0,
            activity,
            shape: 0,
        };
        if head.recorded == apart::FAR {
            self.recorded.insert(row, event.recorded);
        }
        if let Some(ended) = event.ended {
            head.ended = apart::of(ended.wrapping_sub(lo));
            if head.ended == apart::FAR {
                self.ended.insert(row, ended);
            }
        }
        if head.position == apart::FAR {
            self.positions.insert(row, event.position);
        }
        if event.claimed.1 > lo {
            self.hi.insert(row, event.claimed.1);
            head.flag(COARSE);
        }
        let from = self.links.len();
        for (person, role) in event.actors {
            let person = self.symbols.intern(person);
            let role = program.role(role);
            self.links.push(Link(person, u32::from(role)));
        }
        let attrs_from = self.links.len();
        for (key, value) in event.attrs {
            let Some(key) = program.attribute(key) else {
                continue;
            };
            let (kind, value) = match value {
                Value::Bool(b) => (kind::BOOL, u32::from(*b)),
                Value::Text(t) => (kind::TEXT, self.symbols.intern(t)),
                Value::Number(n) => self.number(*n),
                Value::Time(t) => (kind::OTHER, self.value(Datum::Time(*t))),
            };
            if program.carried[usize::from(key)] {
                head.flag(CARRIES);
            }
            self.links.push(Link::attr(key, kind, value));
        }
        let named_from = self.links.len();
        for (type_, id, part) in event.objects {
            let Some(type_) = program.object_type(type_) else {
                continue;
            };
            let object = self.objects.intern_as(type_, id);
            let part = part.map_or(NO_PART, |p| self.part(p));
            self.name(row, named_from, object, type_, part);
        }
        if let Some(type_) = program.actor_type {
            for at in from..attrs_from {
                let object = self.actor(type_, self.links[at].person());
                self.name(row, named_from, object, type_, NO_PART);
            }
        }
        let (actors, attrs) = (attrs_from - from, named_from - attrs_from);
        if actors >= usize::from(MANY_ACTORS) || attrs >= usize::from(MANY_ATTRS) {
            self.many.insert(row, (end(actors), end(attrs)));
            head.shape |= MANY_ACTORS << 7 | MANY_ATTRS;
        } else {
            head.shape |= (actors as u16) << 7 | attrs as u16;
        }
        head.end = end(self.links.len());
        self.heads.push(head);
        if event.erased {
            self.erase(row);
        }
        if let Some(old) = event.corrects.and_then(|p| self.row_of(p)) {
            // The newest of the chain is what holds; the first is who it is.
            let root = self.root_of(old);
            let newest = self.newest(root);
            self.dead.insert(newest, row);
            self.heads[newest as usize].flag(DEAD);
            self.root.insert(row, root);
            self.corrections = true;
        }
        row
    }

    /// Files the position of the row that comes next.
    fn place(&mut self, row: Row, position: u64) {
        let last = row.checked_sub(1).map(|last| self.position(last));
        let ordered = self.ordered && last.is_none_or(|p| p < position);
        if self.ordered && !ordered {
            self.row_at = (0..row).map(|r| (self.position(r), r)).collect();
        }
        self.ordered = ordered;
        if !ordered {
            self.row_at.insert(position, row);
        }
    }

    /// Takes the newest row back, which corrects nothing. Texts and objects that came with it stay known.
    pub(crate) fn pop(&mut self) {
        let Some(row) = self.heads.len().checked_sub(1) else {
            return;
        };
        let row = row as Row;
        if !self.ordered {
            self.row_at.remove(&self.position(row));
        }
        self.heads.pop();
        for rare in [&mut self.hi, &mut self.recorded, &mut self.ended] {
            rare.remove(&row);
        }
        self.positions.remove(&row);
        self.foreign.remove(&row);
        self.wide.remove(&row);
        self.many.remove(&row);
        let links = self.heads.last().map_or(0, |h| h.end);
        self.links.truncate(links as usize);
    }

    /// The body of a row was erased: from now on nobody can tell what its attributes said.
    pub fn erase(&mut self, row: Row) {
        if let Some(head) = self.heads.get_mut(row as usize) {
            head.flag(ERASED | CARRIES);
            head.ended = apart::NONE;
            self.ended.remove(&row);
        }
    }

    pub(crate) fn is_erased(&self, row: Row) -> bool {
        self.flags(row) & ERASED != 0
    }

    /// Reads of rows that are about to be judged as much as brings them near. They lie far apart, and the judge would wait for
    /// each in turn; here nothing waits for anything.
    pub(crate) fn fetch(&self, rows: impl Iterator<Item = Row> + Clone) {
        let mut sum = 0_u32;
        for row in rows.clone() {
            sum ^= self.heads[row as usize].end;
        }
        std::hint::black_box(sum);
        for row in rows {
            let [from, _, _, to] = self.bounds(row);
            // 64 bytes are eight links.
            let mut own = self.links[from..to].iter().step_by(8);
            sum ^= own.by_ref().take(3).fold(0, |all, l| all ^ l.0);
        }
        std::hint::black_box(sum);
    }

    /// How many rows there are, corrected ones included.
    pub fn len(&self) -> usize {
        self.heads.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.heads.is_empty()
    }

    /// The row of a position.
    pub fn row_of(&self, position: u64) -> Option<Row> {
        if !self.ordered {
            return self.row_at.get(&position).copied();
        }
        let (mut from, mut to) = (0, self.heads.len() as Row);
        while from < to {
            let middle = from + (to - from) / 2;
            match self.position(middle).cmp(&position) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
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
        let position = self.heads[row as usize].position;
        if position < apart::FAR {
            return u64::from(position);
        }
        let far = self.positions.get(&row);
        far.copied().unwrap_or(u64::from(position))
    }

    /// First row of the chain of corrections.
    pub(crate) fn root_of(&self, row: Row) -> Row {
        if self.corrections {
            self.root.get(&row).copied().unwrap_or(row)
        } else {
            row
        }
    }

    /// [`CARRIES`], [`COARSE`].
    pub(crate) fn flags(&self, row: Row) -> u8 {
        self.heads[row as usize].flags()
    }

    pub(crate) fn is_dead(&self, row: Row) -> bool {
        self.flags(row) & DEAD != 0
    }

    pub(crate) fn lo(&self, row: Row) -> i64 {
        self.heads[row as usize].lo
    }

    pub(crate) fn hi(&self, row: Row) -> i64 {
        if !self.is_coarse(row) {
            return self.lo(row);
        }
        self.hi.get(&row).copied().unwrap_or_else(|| self.lo(row))
    }

    pub(crate) fn is_coarse(&self, row: Row) -> bool {
        self.flags(row) & COARSE != 0
    }

    pub(crate) fn recorded(&self, row: Row) -> i64 {
        let head = &self.heads[row as usize];
        if head.recorded == apart::FAR {
            return self.recorded.get(&row).copied().unwrap_or(head.lo);
        }
        head.lo.wrapping_add(apart::distance(head.recorded))
    }

    pub(crate) fn ended(&self, row: Row) -> Option<i64> {
        let head = &self.heads[row as usize];
        match head.ended {
            apart::NONE => None,
            apart::FAR => self.ended.get(&row).copied(),
            code => Some(head.lo.wrapping_add(apart::distance(code))),
        }
    }

    pub(crate) fn activity(&self, row: Row) -> u16 {
        self.heads[row as usize].activity
    }

    pub(crate) fn foreign(&self, row: Row) -> Option<&str> {
        self.foreign.get(&row).map(|s| self.symbols.get(*s))
    }

    /// How many events are of activities that no pack knows.
    pub fn foreign_count(&self) -> usize {
        self.foreign.len()
    }

    pub(crate) fn organ(&self, row: Row) -> Symbol {
        self.heads[row as usize].organ
    }

    /// Where the actors, the attributes and the objects of a row begin, and where they end.
    #[inline]
    fn bounds(&self, row: Row) -> [usize; 4] {
        let at = row as usize;
        let head = &self.heads[at];
        let from = at
            .checked_sub(1)
            .map_or(0, |at| self.heads[at].end as usize);
        let mut actors = usize::from(head.shape >> 7 & MANY_ACTORS);
        let mut attrs = usize::from(head.shape & MANY_ATTRS);
        if actors == usize::from(MANY_ACTORS)
            && let Some(many) = self.many.get(&row)
        {
            (actors, attrs) = (many.0 as usize, many.1 as usize);
        }
        let (to, named) = (from + actors, from + actors + attrs);
        [from, to, named, head.end as usize]
    }

    pub(crate) fn actors(&self, row: Row) -> &[Link] {
        let [from, to, ..] = self.bounds(row);
        &self.links[from..to]
    }

    pub(crate) fn named(&self, row: Row) -> &[Link] {
        let [_, _, from, to] = self.bounds(row);
        &self.links[from..to]
    }

    fn attr_links(&self, row: Row) -> &[Link] {
        if self.is_erased(row) {
            return &[];
        }
        let [_, from, to, _] = self.bounds(row);
        &self.links[from..to]
    }

    pub(crate) fn attrs(&self, row: Row) -> impl DoubleEndedIterator<Item = (u16, Datum)> {
        let links = self.attr_links(row).iter();
        links.map(|link| (link.key(), self.datum(*link)))
    }

    /// An attribute as it lies there; what is missing where it is not.
    #[inline]
    pub(crate) fn attr_link(&self, row: Row, key: u16) -> Result<Link, Missing> {
        if self.is_erased(row) {
            return Err(Missing::BODY);
        }
        let [_, from, to, _] = self.bounds(row);
        let mut links = self.links[from..to].iter();
        let found = links.find(|link| link.key() == key);
        found.copied().ok_or(Missing(key))
    }

    pub(crate) fn attr(&self, row: Row, key: u16) -> Option<Datum> {
        self.attr_or_missing(row, key).ok()
    }

    /// An attribute; what is missing where it is not.
    pub(crate) fn attr_or_missing(&self, row: Row, key: u16) -> Result<Datum, Missing> {
        let link = self.attr_link(row, key)?;
        Ok(self.datum(link))
    }

    /// The value of an attribute.
    fn datum(&self, attr: Link) -> Datum {
        match attr.0 >> 16 {
            kind::BOOL => Datum::Bool(attr.1 != 0),
            kind::TEXT => Datum::Text(attr.1),
            kind::WHOLE => Datum::Number(f64::from(attr.1.cast_signed())),
            _ => self.values[attr.1 as usize],
        }
    }

    fn number(&mut self, n: f64) -> (u32, u32) {
        let whole = n as i32;
        // Bit by bit, so that what is not a number, and minus nothing, stay what they are.
        if f64::from(whole).to_bits() == n.to_bits() {
            return (kind::WHOLE, whole.cast_unsigned());
        }
        (kind::OTHER, self.value(Datum::Number(n)))
    }

    /// The part of an object in the event that names it.
    pub(crate) fn part_of(&self, named: Link) -> Option<Symbol> {
        self.parts.get(named.part() as usize).copied()
    }

    /// The number of a value.
    fn value(&mut self, datum: Datum) -> u32 {
        let key = datum.bits();
        let next = end(self.values.len());
        let value = *self.value_at.entry(key).or_insert(next);
        if value == next {
            self.values.push(datum);
        }
        value
    }

    /// The number of a part.
    fn part(&mut self, part: &str) -> u32 {
        let symbol = self.symbols.intern(part);
        let next = end(self.parts.len());
        if next == NO_PART {
            return self.part_at.get(&symbol).copied().unwrap_or(NO_PART);
        }
        let part = *self.part_at.entry(symbol).or_insert(next);
        if part == next {
            self.parts.push(symbol);
        }
        part
    }

    pub(crate) fn object_count(&self) -> usize {
        self.objects.len()
    }

    pub(crate) fn type_of(&self, object: u32) -> u8 {
        self.objects.kind(object)
    }

    /// Whether an object stands for this person who acts.
    pub(crate) fn stands_for(&self, object: u32, person: Symbol) -> bool {
        self.acting.get(person as usize) == Some(&object)
    }

    pub(crate) fn object_name(&self, object: u32) -> &str {
        self.objects.get(object)
    }

    pub(crate) fn find_object(&self, type_: u8, id: &str) -> Option<u32> {
        self.objects.find_as(type_, id)
    }

    /// The object that stands for a person who acts.
    fn actor(&mut self, type_: u8, person: Symbol) -> u32 {
        if let Some(known) = self.acting.get(person as usize)
            && *known != NOBODY
        {
            return *known;
        }
        let object = self.objects.intern_as(type_, self.symbols.get(person));
        self.stand_for(person, object);
        object
    }

    fn stand_for(&mut self, person: Symbol, object: u32) {
        let at = person as usize;
        if at >= self.acting.len() {
            self.acting.resize(at + 1, NOBODY);
        }
        self.acting[at] = object;
    }

    /// Names an object of the newest row, whose objects begin there, once: of several parts the first counts.
    fn name(&mut self, row: Row, from: usize, object: u32, type_: u8, part: u32) {
        let own = &self.links[from..];
        if own.len() < WIDE {
            if own.iter().any(|n| n.object() == object) {
                return;
            }
        } else {
            let wide = self.wide.entry(row);
            let wide = wide.or_insert_with(|| own.iter().map(|n| n.object()).collect());
            if !wide.insert(object) {
                return;
            }
        }
        let of = part << 8 | u32::from(type_);
        self.links.push(Link(object, of));
    }

    /// Whether a row names an object.
    pub(crate) fn names(&self, row: Row, object: u32) -> bool {
        let named = self.named(row);
        if named.len() <= WIDE {
            return named.iter().any(|n| n.object() == object);
        }
        self.wide.get(&row).is_some_and(|w| w.contains(&object))
    }
}

fn end(len: usize) -> u32 {
    u32::try_from(len).expect("fewer than 2^32 references")
}
