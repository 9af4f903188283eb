//! Texts as numbers: each different text is kept once, when it comes in. Rules then compare numbers.
//!
//! Interning costs more than judging, so it happens in one place only ([`crate::Columns::push`]). Not a store: nothing is
//! ever removed, and the numbers mean nothing outside one [`Symbols`].

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The number of a text.
pub(crate) type Symbol = u32;

/// Texts by number and numbers by text.
#[derive(Clone, Default)]
pub(crate) struct Symbols {
    hasher: DefaultHashBuilder,
    table: HashTable<Symbol>,
    /// All texts, one after another; `ends[n]` is where the n-th ends.
    text: String,
    ends: Vec<usize>,
}

impl Symbols {
    /// The number of a text; a new one if it was never seen.
    pub(crate) fn intern(&mut self, text: &str) -> Symbol {
        let hash = self.hasher.hash_one(text);
        let (all, ends) = (&self.text, &self.ends);
        if let Some(found) = self.table.find(hash, |s| get(all, ends, *s) == text) {
            return *found;
        }
        let symbol = Symbol::try_from(self.ends.len()).expect("fewer than 2^32 different texts");
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let (all, ends, hasher) = (&self.text, &self.ends, &self.hasher);
        self.table
            .insert_unique(hash, symbol, |s| hasher.hash_one(get(all, ends, *s)));
        symbol
    }

    /// The number of a text that was seen before.
    pub(crate) fn find(&self, text: &str) -> Option<Symbol> {
        let hash = self.hasher.hash_one(text);
        let found = self.table.find(hash, |s| self.get(*s) == text);
        found.copied()
    }

    /// The text of a number.
    pub(crate) fn get(&self, symbol: Symbol) -> &str {
        get(&self.text, &self.ends, symbol)
    }
}

fn get<'a>(text: &'a str, ends: &[usize], symbol: Symbol) -> &'a str {
    let at = symbol as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] };
    &text[start..ends[at]]
}
