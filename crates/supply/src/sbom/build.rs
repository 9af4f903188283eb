//! Puts a bill together while a reader walks through it, and settles at the end what needs all of it: references, circles, counts, places.
//!
//! Does *not* know any format.

use smallvec::SmallVec;

use super::{
    Algorithm, Fault, Format, Hash, Kind, Limits, Owner, Place, Quality, Relation, RelationKind,
    Sbom, Scope, Statement, Target, What, Wrong,
    fault::{line_of, short},
    graph, json,
    texts::{Sym, Text},
};

/// So many entries of what is wrong are kept; the rest is counted.
const MOST_WRONG: usize = 1_000;

/// No reference stands for this row.
const NOTHING: u32 = u32::MAX;
/// The reference stands for something that is not a component: a file, a snippet, the document.
const OTHER: u32 = u32::MAX - 1;

/// One component as it is read.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) kind: Kind,
    pub(super) scope: Scope,
    pub(super) id: Sym,
    pub(super) group: Sym,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) purl: Text,
    pub(super) supplier: Sym,
    pub(super) self_developed: Sym,
    pub(super) cpes: SmallVec<[Sym; 4]>,
    pub(super) licences: SmallVec<[Sym; 4]>,
    pub(super) hashes: SmallVec<[Hash; 4]>,
}

/// One component as it is kept: 72 bytes.
#[derive(Clone, Default)]
pub(super) struct Row {
    pub(super) at: u32,
    pub(super) kind: Kind,
    pub(super) scope: Scope,
    pub(super) id: Sym,
    pub(super) group: Sym,
    pub(super) name: Text,
    pub(super) version: Text,
    pub(super) purl: Text,
    pub(super) supplier: Sym,
    pub(super) self_developed: Sym,
    /// First of `syms`, then how many CPEs and how many licences.
    pub(super) first: u32,
    pub(super) cpes: u16,
    pub(super) licences: u16,
    pub(super) hash: u32,
    pub(super) hashes: u16,
}

struct Pending {
    at: u32,
    from: Sym,
    to: Sym,
    kind: RelationKind,
}

/// A statement whose products are still names.
pub(super) struct PendingStatement {
    pub(super) statement: Statement,
    pub(super) at: usize,
    pub(super) affects: Vec<(Sym, Vec<super::VersionRange>)>,
}

pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    pub(super) limits: Limits,
    pub(super) sbom: Sbom,
    pending: Vec<Pending>,
    statements: Vec<PendingStatement>,
    others: Vec<Sym>,
    subjects: Vec<Sym>,
    wrong: Vec<(u32, What)>,
    dropped: u64,
    /// Own BOM-Link prefix, `urn:cdx:<serial>/`.
    link: Option<String>,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, limits: Limits) -> Self {
        Self {
            text,
            limits,
            sbom: Sbom::empty(),
            pending: Vec::new(),
            statements: Vec::new(),
            others: Vec::new(),
            subjects: Vec::new(),
            wrong: Vec::new(),
            dropped: 0,
            link: None,
        }
    }

    pub(super) fn wrong(&mut self, at: usize, what: What) {
        if self.wrong.len() < MOST_WRONG {
            self.wrong.push((offset(at), what));
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn missing(&mut self, at: usize, field: &'static str) {
        self.wrong(at, What::Missing { field });
    }

    pub(super) fn value(
        &mut self,
        at: usize,
        field: &'static str,
        found: &str,
        expected: &'static str,
    ) {
        let found = short(found);
        self.wrong(
            at,
            What::Value {
                field,
                found,
                expected,
            },
        );
    }

    /// False, and an entry, where a text is longer than the limit.
    pub(super) fn fits(&mut self, at: usize, field: &'static str, text: &str) -> bool {
        let fits = text.len() <= self.limits.text;
        if !fits {
            self.wrong(
                at,
                What::TooLong {
                    field,
                    bytes: text.len(),
                },
            );
        }
        fits
    }

    pub(super) fn text(&mut self, at: usize, field: &'static str, text: &str) -> Text {
        if self.fits(at, field, text) {
            self.sbom.texts.push(text.trim())
        } else {
            Text::NONE
        }
    }

    pub(super) fn sym(&mut self, at: usize, field: &'static str, text: &str) -> Sym {
        if self.fits(at, field, text) {
            self.sbom.texts.intern(text.trim())
        } else {
            Sym::NONE
        }
    }

    pub(super) fn hash(&mut self, at: usize, algorithm: &str, content: &str) -> Option<Hash> {
        let Some(algorithm) = Algorithm::parse(algorithm) else {
            self.value(
                at,
                "alg",
                algorithm,
                "a hash algorithm that the format names",
            );
            return None;
        };
        let content = content.trim();
        let hex = is_hex(content.as_bytes());
        let fits = algorithm.hex_len().is_none_or(|n| n == content.len());
        if !hex || !fits || content.is_empty() {
            self.value(
                at,
                "content",
                content,
                "hexadecimal digits, as many as the algorithm gives",
            );
            return None;
        }
        let content = self.sbom.texts.push(content);
        Some(Hash { algorithm, content })
    }

    /// Opens a component, so that those inside it come after it; what is known of it is set by [`Self::close`].
    pub(super) fn open(&mut self, at: usize) -> Result<u32, Fault> {
        let row = self.sbom.rows.len();
        if row >= self.limits.components {
            return Err(Fault::TooMany {
                limit: self.limits.components,
                line: line_of(self.text.as_bytes(), at),
            });
        }
        self.sbom.rows.push(Row {
            at: offset(at),
            ..Row::default()
        });
        Ok(offset(row))
    }

    /// Sets what is known of a component.
    pub(super) fn close(&mut self, row: u32, draft: &Draft) {
        let sbom = &mut self.sbom;
        let (first, hash) = (offset(sbom.syms.len()), offset(sbom.hashes.len()));
        let most = |n: usize| n.min(usize::from(u16::MAX));
        let (cpes, licences, hashes) = (
            most(draft.cpes.len()),
            most(draft.licences.len()),
            most(draft.hashes.len()),
        );
        sbom.syms.extend_from_slice(&draft.cpes[..cpes]);
        sbom.syms.extend_from_slice(&draft.licences[..licences]);
        sbom.hashes.extend_from_slice(&draft.hashes[..hashes]);
        let Some(slot) = sbom.rows.get_mut(row as usize) else {
            return;
        };
        *slot = Row {
            at: slot.at,
            kind: draft.kind,
            scope: draft.scope,
            id: draft.id,
            group: draft.group,
            name: draft.name,
            version: draft.version,
            purl: draft.purl,
            supplier: draft.supplier,
            self_developed: draft.self_developed,
            first,
            cpes: count(cpes),
            licences: count(licences),
            hash,
            hashes: count(hashes),
        };
    }

    /// The document is about this component.
    pub(super) fn about(&mut self, row: u32) {
        self.sbom.subjects.push(row);
    }

    /// A reference that is no component: a file, a snippet, a person, the document itself.
    pub(super) fn other(&mut self, id: Sym) {
        if !id.is_none() {
            self.others.push(id);
        }
    }

    /// The document is about what bears this reference.
    pub(super) fn subject(&mut self, id: Sym) {
        self.subjects.push(id);
    }

    pub(super) fn relation(&mut self, at: usize, from: Sym, to: Sym, kind: RelationKind) {
        if !from.is_none() && !to.is_none() {
            let at = offset(at);
            self.pending.push(Pending { at, from, to, kind });
        }
    }

    /// A relation between rows that are known already.
    pub(super) fn between(&mut self, from: u32, to: u32, kind: RelationKind) {
        self.sbom.relations.push(Relation { from, to, kind });
    }

    pub(super) fn statement(&mut self, statement: PendingStatement) {
        self.statements.push(statement);
    }

    pub(super) fn serial(&mut self, at: usize, serial: &str) {
        if self.fits(at, "serialNumber", serial) {
            self.link = serial
                .trim()
                .strip_prefix("urn:uuid:")
                .map(|s| format!("urn:cdx:{s}/"));
            self.sbom.serial = some(serial);
        }
    }

    pub(super) fn created(&mut self, at: usize, field: &'static str, time: &str) {
        if !self.fits(at, field, time) {
            return;
        }
        if !is_time(time.trim()) {
            self.value(
                at,
                field,
                time,
                "a time with date, time of day and zone (RFC 3339)",
            );
        }
        self.sbom.created = some(time);
    }

    /// Adds to a short list of the document: tools, authors. What comes twice is kept once, and no more than a hundred.
    pub(super) fn listed(
        &mut self,
        at: usize,
        field: &'static str,
        text: &str,
        list: fn(&mut Sbom) -> &mut Vec<String>,
    ) {
        if let Some(text) = some(text).filter(|_| self.fits(at, field, text)) {
            let list = list(&mut self.sbom);
            if list.len() < 100 && !list.contains(&text) {
                list.push(text);
            }
        }
    }

    /// Settles references, circles, counts and places.
    pub(super) fn finish(mut self, format: Format, version: String) -> Sbom {
        self.sbom.format = Some(format);
        self.sbom.version = version;
        let mut row_of = vec![NOTHING; self.sbom.texts.distinct()];
        for other in &self.others {
            row_of[other.0 as usize] = OTHER;
        }
        let mut quality = Quality {
            components: self.sbom.rows.len(),
            others: self.others.len(),
            ..Quality::default()
        };
        self.references(&mut row_of, &mut quality);
        self.relations(&row_of, &mut quality);
        self.settle_statements(&row_of);
        self.circles(&mut quality);
        for row in &self.sbom.rows {
            quality.no_name += usize::from(row.name.is_none());
            quality.no_version += usize::from(row.version.is_none());
            quality.no_purl += usize::from(row.purl.is_none());
            quality.no_identity += usize::from(row.purl.is_none() && row.cpes == 0);
            quality.no_supplier += usize::from(row.supplier.is_none());
            quality.no_licence += usize::from(row.licences == 0);
            quality.no_hash += usize::from(row.hashes == 0);
        }
        quality.wrong = self.wrong.len() as u64 + self.dropped;
        self.sbom.quality = quality;
        self.places();
        let sbom = &mut self.sbom;
        sbom.texts.seal();
        sbom.rows.shrink_to_fit();
        sbom.relations.shrink_to_fit();
        self.sbom
    }

    fn references(&mut self, row_of: &mut [u32], quality: &mut Quality) {
        for n in 0..self.sbom.rows.len() {
            let Row { id, at, .. } = self.sbom.rows[n];
            if id.is_none() {
                continue;
            }
            let known = &mut row_of[id.0 as usize];
            if *known >= OTHER {
                *known = offset(n);
            } else {
                quality.duplicate_ids += 1;
                let id = short(self.sbom.texts.sym(id));
                self.wrong(at as usize, What::Duplicate { id });
            }
        }
        let rows = std::mem::take(&mut self.subjects)
            .into_iter()
            .map(|s| row_of[s.0 as usize])
            .filter(|r| *r < OTHER);
        self.sbom.subjects.extend(rows);
        let mut seen = std::collections::BTreeSet::new();
        self.sbom.subjects.retain(|s| seen.insert(*s));
    }

    fn relations(&mut self, row_of: &[u32], quality: &mut Quality) {
        for p in std::mem::take(&mut self.pending) {
            let (from, to) = (row_of[p.from.0 as usize], row_of[p.to.0 as usize]);
            for (end, sym) in [(from, p.from), (to, p.to)] {
                if end == NOTHING {
                    let id = short(self.sbom.texts.sym(sym));
                    quality.dangling += 1;
                    self.wrong(p.at as usize, What::Dangling { id });
                }
            }
            if from < OTHER && to < OTHER {
                self.between(from, to, p.kind);
            }
        }
        self.sbom.relations.sort_unstable();
        self.sbom.relations.dedup();
    }

    fn settle_statements(&mut self, row_of: &[u32]) {
        for mut pending in std::mem::take(&mut self.statements) {
            for (sym, versions) in pending.affects {
                let text = self.sbom.texts.sym(sym);
                let own = self.link.as_deref().and_then(|l| text.strip_prefix(l));
                // urn:cdx:serial/version#bom-ref
                let inside = own
                    .and_then(|rest| rest.split_once('#'))
                    .map(|(_, r)| decode(r));
                let row = match inside {
                    Some(id) => self
                        .sbom
                        .texts
                        .find(&id)
                        .map_or(NOTHING, |s| row_of[s.0 as usize]),
                    None => row_of[sym.0 as usize],
                };
                let component = if row < OTHER {
                    Owner::Component(row as usize)
                } else {
                    Owner::Elsewhere(text.to_owned())
                };
                pending.statement.affects.push(Target {
                    component,
                    versions,
                });
            }
            pending.statement.at = offset(pending.at);
            self.sbom.statements.push(pending.statement);
        }
    }

    fn circles(&mut self, quality: &mut Quality) {
        let edges = self.sbom.relations.iter().filter(|r| r.kind.needs());
        let edges: Vec<(u32, u32)> = edges.map(|r| (r.from, r.to)).collect();
        for circle in graph::circles(self.sbom.rows.len(), &edges) {
            quality.cycles += 1;
            quality.in_cycles += circle.len();
            let ids = circle.iter().take(5);
            let ids = ids.map(|r| {
                let row = &self.sbom.rows[*r as usize];
                let id = self.sbom.texts.sym(row.id);
                short(if id.is_empty() {
                    self.sbom.texts.text(row.name)
                } else {
                    id
                })
            });
            let (members, ids) = (circle.len(), ids.collect());
            let at = circle.first().map_or(0, |r| self.sbom.rows[*r as usize].at);
            self.wrong(at as usize, What::Cycle { members, ids });
        }
    }

    /// Offsets become lines and pointers: in one pass, and only where something is wrong or a statement stands.
    fn places(&mut self) {
        let mut wrong = std::mem::take(&mut self.wrong);
        wrong.sort_by_key(|w| w.0);
        let offsets: Vec<usize> = wrong.iter().map(|w| w.0 as usize).collect();
        let mut found = places(self.text, &offsets).into_iter();
        self.sbom.wrong = wrong
            .into_iter()
            .map(|(_, what)| Wrong {
                place: found.next().unwrap_or_default(),
                what,
            })
            .collect();
        self.sbom.statements.sort_by_key(|s| s.at);
        let offsets: Vec<usize> = self.sbom.statements.iter().map(|s| s.at as usize).collect();
        let places = places(self.text, &offsets);
        for (statement, place) in self.sbom.statements.iter_mut().zip(places) {
            statement.place = place;
        }
    }
}

/// Places of offsets in rising order.
fn places(text: &str, offsets: &[usize]) -> Vec<Place> {
    if offsets.is_empty() {
        return Vec::new();
    }
    let pointers = if text.trim_start().starts_with('{') {
        json::pointers(text, offsets)
    } else {
        vec![String::new(); offsets.len()]
    };
    let (mut at, mut line) = (0, 1);
    let bytes = text.as_bytes();
    offsets
        .iter()
        .zip(pointers)
        .map(|(offset, pointer)| {
            let to = (*offset).clamp(at, bytes.len());
            line += memchr::memchr_iter(b'\n', &bytes[at..to]).count() as u64;
            at = to;
            Place { line, pointer }
        })
        .collect()
}

/// `%41` in BOM-Links; what is no such escape stays.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .filter(|_| *byte == b'%')
            .and_then(|h| std::str::from_utf8(h).ok());
        if let Some(decoded) = hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            out.push(decoded);
            rest = &tail[2..];
        } else {
            out.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Offsets fit 32 bits: longer documents are refused before.
pub(super) fn offset(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX - 2)
}

fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

pub(super) fn some(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Without a branch for each byte: digests are a third of some bills.
fn is_hex(text: &[u8]) -> bool {
    let other = |b: &u8| (b.wrapping_sub(b'0') > 9) & ((b | 0x20).wrapping_sub(b'a') > 5);
    !text.iter().fold(false, |seen, b| seen | other(b))
}

/// The shape of RFC 3339; whether the day exists is another's question.
fn is_time(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |from: usize, to: usize| {
        b.get(from..to)
            .is_some_and(|d| d.iter().all(u8::is_ascii_digit))
    };
    let sign = |at: usize, c: &[u8]| b.get(at).is_some_and(|x| c.contains(x));
    let zone = b.get(19..).unwrap_or_default();
    let zone = match zone.split_first() {
        Some((b'.', rest)) => rest.trim_ascii_start_digits(),
        _ => zone,
    };
    let zoned = match zone {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|d| d.is_ascii_digit()),
        _ => false,
    };
    digits(0, 4)
        && sign(4, b"-")
        && digits(5, 7)
        && sign(7, b"-")
        && digits(8, 10)
        && sign(10, b"Tt")
        && digits(11, 13)
        && sign(13, b":")
        && digits(14, 16)
        && sign(16, b":")
        && digits(17, 19)
        && zoned
}

trait Digits {
    fn trim_ascii_start_digits(&self) -> &Self;
}

impl Digits for [u8] {
    fn trim_ascii_start_digits(&self) -> &Self {
        let n = self.iter().take_while(|b| b.is_ascii_digit()).count();
        &self[n..]
    }
}
