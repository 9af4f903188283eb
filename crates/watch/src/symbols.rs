//! Texts as numbers: each different text is kept once, when it comes in. Rules then compare numbers.
//!
//! Interning costs more than judging, so it happens in one place only ([`crate::Columns::push`]). Not a store: nothing is
//! ever removed, and the numbers mean nothing outside one [`Symbols`].

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::{BuildHasher, Hasher};

/// The number of a text.
pub(crate) type Symbol = u32;

/// Texts by number and numbers by text. The same text may be several things: of each kind one.
#[derive(Clone, Default)]
pub(crate) struct Symbols {
    hasher: DefaultHashBuilder,
    /// With the hash, so that neither growing nor a look at a wrong one has to read a text.
    table: HashTable<(u32, Symbol)>,
    /// All texts, one after another; `ends[n]` is where the n-th ends.
    text: String,
    ends: Vec<usize>,
    kinds: Vec<u8>,
}

impl Symbols {
    /// The number of a text; a new one if it was never seen.
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        self.intern_as(0, text)
    }

    /// The number of a text as a thing of some kind.
    pub(crate) fn intern_as(&mut self, kind: u8, text: &str) -> Symbol {
        let short = self.hash(kind, text);
        let next = self.ends.len();
        let is = |at: Symbol| self.is(at, kind, text);
        if let Some((_, found)) = self.table.find(long(short), |(h, s)| *h == short && is(*s)) {
            return *found;
        }
        let symbol = Symbol::try_from(next).expect("fewer than 2^32 different texts");
        self.text.push_str(text);
        self.ends.push(self.text.len());
        self.kinds.push(kind);
        (self.table).insert_unique(long(short), (short, symbol), |(h, _)| long(*h));
        symbol
    }

    /// The number of a text that was seen before.
    pub(crate) fn find(&self, text: &str) -> Option<Symbol> {
        self.find_as(0, text)
    }

    /// The number of a text that was seen before as a thing of some kind.
    pub(crate) fn find_as(&self, kind: u8, text: &str) -> Option<Symbol> {
        let short = self.hash(kind, text);
        let is = |at: Symbol| self.is(at, kind, text);
        let found = (self.table).find(long(short), |(h, s)| *h == short && is(*s));
        found.map(|(_, symbol)| *symbol)
    }

    /// The text of a number.
    pub(crate) fn get(&self, symbol: Symbol) -> &str {
        let at = symbol as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// Its kind.
    pub(crate) fn kind(&self, symbol: Symbol) -> u8 {
        self.kinds[symbol as usize]
    }

    /// All of them in the order of their numbers, each with its kind.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (u8, &str)> {
        (0..self.ends.len() as Symbol).map(|symbol| (self.kind(symbol), self.get(symbol)))
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn is(&self, symbol: Symbol, kind: u8, text: &str) -> bool {
        self.kinds[symbol as usize] == kind && self.get(symbol) == text
    }

    fn hash(&self, kind: u8, text: &str) -> u32 {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(text.as_bytes());
        hasher.write_u8(kind);
        hasher.finish() as u32
    }
}

/// The table takes its place from the low bits and its mark from the high ones.
fn long(short: u32) -> u64 {
    u64::from(short).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
