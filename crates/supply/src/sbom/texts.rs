//! Where the texts of one bill stand: one string, and handles of four or eight bytes into it.
//!
//! A bill of a million components has ten million short texts; a `String` for each costs more than the texts. Does *not* compare or change
//! text. Offsets are 32 bits because a document is at most [`super::Limits::bytes`] long, and what is kept is never longer than what was read.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};

/// A text that stands once for each mention.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Text {
    at: u32,
    len: u32,
}

impl Text {
    pub(super) const NONE: Self = Self { at: 0, len: 0 };

    pub(super) const fn is_none(self) -> bool {
        self.len == 0
    }
}

/// A text that stands once however often it is mentioned: references, suppliers, licences. Zero is no text.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sym(pub(super) u32);

impl Sym {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// All texts of a bill.
#[derive(Clone)]
pub(super) struct Texts {
    all: String,
    known: Vec<Text>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            all: String::new(),
            known: vec![Text::NONE],
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
        }
    }
}

impl Texts {
    /// Keeps a text. The caller has seen that the whole is shorter than 4 GiB.
    pub(super) fn push(&mut self, text: &str) -> Text {
        let (Ok(at), Ok(len)) = (u32::try_from(self.all.len()), u32::try_from(text.len())) else {
            return Text::NONE;
        };
        if at.checked_add(len).is_none() {
            return Text::NONE;
        }
        self.all.push_str(text);
        Text { at, len }
    }

    /// Keeps a text once.
    pub(super) fn intern(&mut self, text: &str) -> Sym {
        if text.is_empty() {
            return Sym::NONE;
        }
        let hash = self.hasher.hash_one(text);
        let (all, known) = (&self.all, &self.known);
        if let Some(found) = self
            .table
            .find(hash, |&i| slice(all, known[i as usize]) == text)
        {
            return Sym(*found);
        }
        let Ok(next) = u32::try_from(self.known.len()) else {
            return Sym::NONE;
        };
        let text = self.push(text);
        self.known.push(text);
        let (all, known, hasher) = (&self.all, &self.known, &self.hasher);
        self.table.insert_unique(hash, next, |&i| {
            hasher.hash_one(slice(all, known[i as usize]))
        });
        Sym(next)
    }

    /// The handle of a text that was kept once.
    pub(super) fn find(&self, text: &str) -> Option<Sym> {
        let hash = self.hasher.hash_one(text);
        let found = self
            .table
            .find(hash, |&i| slice(&self.all, self.known[i as usize]) == text);
        found.map(|i| Sym(*i))
    }

    /// Gives back what only finding needs; texts can be read and no longer interned once.
    pub(super) fn seal(&mut self) {
        self.table = HashTable::new();
        self.all.shrink_to_fit();
        self.known.shrink_to_fit();
    }

    /// How many different texts there are, the empty one included.
    pub(super) fn distinct(&self) -> usize {
        self.known.len()
    }

    /// Bytes that all texts take.
    pub(super) fn memory(&self) -> usize {
        self.all.capacity() + self.known.capacity() * size_of::<Text>()
    }

    pub(super) fn text(&self, text: Text) -> &str {
        slice(&self.all, text)
    }

    pub(super) fn sym(&self, sym: Sym) -> &str {
        self.known
            .get(sym.0 as usize)
            .map_or("", |t| slice(&self.all, *t))
    }

    /// `None` for the empty text.
    pub(super) fn some(&self, text: Text) -> Option<&str> {
        (!text.is_none()).then(|| self.text(text))
    }

    /// `None` for the empty text.
    pub(super) fn some_sym(&self, sym: Sym) -> Option<&str> {
        (!sym.is_none()).then(|| self.sym(sym))
    }
}

fn slice(all: &str, text: Text) -> &str {
    let from = text.at as usize;
    all.get(from..from + text.len as usize).unwrap_or("")
}
