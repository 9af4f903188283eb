//! JSON, read once where it has its format's shape, and mended part by part where it has not.
//!
//! The quick way deserialises into borrowed structures. Where a part has another shape, the document is read as a tree, the part that
//! does not fit is left out with its path, and the rest is read again: one wrong field costs itself and not its neighbours. The number
//! of such rounds is bounded by the size of the document. Does not know any format's meaning.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::Segment;

use super::Format;
use super::fault::{Faults, ReadError, What, cut};

/// Rounds of mending: at most this many, and fewer for a long document.
const MOST_ROUNDS: usize = 256;

/// Bytes looked at while mending, over all rounds.
const MOST_WORK: usize = 512 << 20;

/// A text that is borrowed where it stands without escapes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl Text<'_> {
    pub(super) fn boxed(&self) -> Box<str> {
        (*self.0).into()
    }
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(Texts)
    }
}

/// The beginning of a long text: its first paragraph, at most 240 characters. Does not copy the rest.
#[derive(Debug, Clone, Default)]
pub(super) struct Head(pub(super) Box<str>);

pub(super) fn head(text: &str) -> Box<str> {
    let first = text.trim_start().split("\n\n").next().unwrap_or_default();
    match first.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", &first[..end]).into(),
        None => first.trim_end().into(),
    }
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Heads;
        impl Visitor<'_> for Heads {
            type Value = Head;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Head(head(text)))
            }
        }
        from.deserialize_str(Heads)
    }
}

/// A text in a place that publishers use as they like: anything else is nothing, and no fault.
#[derive(Debug, Clone, Default)]
pub(super) struct Loose(pub(super) Option<Box<str>>);

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Loose;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Loose, E> {
                Ok(Loose(Some(text.into())))
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Loose, E> {
                Ok(Loose(None))
            }

            fn visit_i64<E: Error>(self, _: i64) -> Result<Loose, E> {
                Ok(Loose(None))
            }

            fn visit_u64<E: Error>(self, _: u64) -> Result<Loose, E> {
                Ok(Loose(None))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Loose, E> {
                Ok(Loose(None))
            }

            fn visit_unit<E: Error>(self) -> Result<Loose, E> {
                Ok(Loose(None))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }
        }
        from.deserialize_any(Any)
    }
}

/// A list in which `null` stands for nothing, as does `null` for the list: what is left out becomes `null`, so that places keep
/// their numbers.
pub(super) fn list<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Lists<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Lists<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_unit<E: Error>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
            let mut all = Vec::new();
            while let Some(one) = seq.next_element::<Option<T>>()? {
                all.extend(one);
            }
            Ok(all)
        }
    }
    from.deserialize_any(Lists(PhantomData))
}

/// Where and why a tree has not the shape of a structure.
pub(super) struct Misfit {
    path: Vec<Step>,
    reason: String,
}

enum Step {
    Key(String),
    At(usize),
}

/// Whether a tree has the shape of `T`.
pub(super) fn probe<'v, T: Deserialize<'v>>(tree: &'v Value) -> Result<(), Misfit> {
    match serde_path_to_error::deserialize::<_, T>(tree) {
        Ok(_) => Ok(()),
        Err(e) => {
            let path = e
                .path()
                .iter()
                .map_while(|s| match s {
                    Segment::Seq { index } => Some(Step::At(*index)),
                    Segment::Map { key } => Some(Step::Key(key.clone())),
                    _ => None,
                })
                .collect();
            let reason = e.into_inner().to_string();
            Err(Misfit { path, reason })
        }
    }
}

/// A well-formed document without the parts that do not fit, each of them a fault.
///
/// # Errors
/// Not well-formed; or the root itself does not fit; or too many parts do not.
pub(super) fn mend(
    bytes: &[u8],
    error: &serde_json::Error,
    probe: impl Fn(&Value) -> Result<(), Misfit>,
    faults: &mut Faults,
) -> Result<Vec<u8>, ReadError> {
    if error.classify() != Category::Data {
        return Err(syntax(error));
    }
    let mut tree: Value = serde_json::from_slice(bytes).map_err(|e| syntax(&e))?;
    let rounds = MOST_ROUNDS.min(MOST_WORK / bytes.len().max(1)).max(8);
    let mut left: Vec<(Vec<Step>, String)> = Vec::new();
    let mut fits = false;
    for _ in 0..rounds {
        let Err(misfit) = probe(&tree) else {
            fits = true;
            break;
        };
        // What has lost a part that it cannot be without goes too, for the first reason.
        let inner = left
            .last()
            .is_some_and(|(path, _)| starts_with(path, &misfit.path));
        let reason = match left.pop_if(|_| inner) {
            Some((_, reason)) => reason,
            None => misfit.reason.clone(),
        };
        if misfit.path.is_empty() || !remove(&mut tree, &misfit.path) {
            let place = place(&misfit.path);
            return Err(ReadError::Broken {
                place: cut(&place),
                reason: cut(&reason),
            });
        }
        left.push((misfit.path, reason));
    }
    for (path, reason) in &left {
        faults.push(place(path), What::LeftOut(cut(reason)));
    }
    if !fits {
        let reason = "too many parts have another shape than the format's".into();
        return Err(ReadError::Broken {
            place: "document".into(),
            reason,
        });
    }
    if left.is_empty() {
        // The tree keeps one of two equal keys.
        faults.push("document", What::LeftOut(cut(&error.to_string())));
    }
    let mended = serde_json::to_vec(&tree);
    mended.map_err(|e| syntax(&e))
}

fn starts_with(long: &[Step], short: &[Step]) -> bool {
    short.len() <= long.len()
        && short.iter().zip(long).all(|pair| match pair {
            (Step::Key(a), Step::Key(b)) => a == b,
            (Step::At(a), Step::At(b)) => a == b,
            _ => false,
        })
}

fn remove(tree: &mut Value, path: &[Step]) -> bool {
    let Some((last, steps)) = path.split_last() else {
        return false;
    };
    let mut at = tree;
    for step in steps {
        let next = match step {
            Step::Key(key) => at.get_mut(key),
            Step::At(index) => at.get_mut(index),
        };
        let Some(next) = next else {
            return false;
        };
        at = next;
    }
    match (last, at) {
        (Step::Key(key), Value::Object(map)) => map.remove(key).is_some(),
        (Step::At(index), Value::Array(list)) => match list.get_mut(*index) {
            Some(one) if !one.is_null() => {
                *one = Value::Null;
                true
            }
            _ => false,
        },
        _ => false,
    }
}

fn place(path: &[Step]) -> String {
    if path.is_empty() {
        return "document".to_owned();
    }
    let mut out = String::new();
    for step in path {
        match step {
            Step::Key(key) if out.is_empty() => out.push_str(key),
            Step::Key(key) => {
                out.push('.');
                out.push_str(key);
            }
            Step::At(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

pub(super) fn syntax(error: &serde_json::Error) -> ReadError {
    ReadError::Syntax {
        line: error.line(),
        column: error.column(),
        reason: cut(&error.to_string()),
    }
}

/// Reads a document into a structure, mended where that is needed, and gives it to `use_it`.
macro_rules! document {
    ($bytes:expr, $shape:ident, $faults:expr, $use_it:expr) => {{
        let faults: &mut $crate::advisory::fault::Faults = $faults;
        match serde_json::from_slice::<$shape<'_>>($bytes) {
            Ok(document) => $use_it(document, faults),
            Err(e) => {
                let fits =
                    |tree: &serde_json::Value| $crate::advisory::json::probe::<$shape<'_>>(tree);
                let mended = $crate::advisory::json::mend($bytes, &e, fits, faults)?;
                let document = serde_json::from_slice::<$shape<'_>>(&mended)
                    .map_err(|e| $crate::advisory::json::syntax(&e))?;
                $use_it(document, faults)
            }
        }
    }};
}
pub(super) use document;

/// Keys of the top of a document: those that tell formats apart, and some others to say what it is.
#[derive(Default)]
struct Top {
    known: u16,
    keys: Vec<String>,
}

const MARKS: [&str; 14] = [
    "document",
    "cveMetadata",
    "dataType",
    "bomFormat",
    "vulnerabilities",
    "catalogVersion",
    "id",
    "modified",
    "metadata_version",
    "aggregator_version",
    "feed",
    "service",
    "categories",
    "affected",
];

impl Top {
    fn has(&self, mark: &str) -> bool {
        MARKS
            .iter()
            .position(|m| *m == mark)
            .is_some_and(|i| self.known & (1 << i) != 0)
    }
}

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Tops;
        impl<'de> Visitor<'de> for Tops {
            type Value = Top;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Top, A::Error> {
                let mut top = Top::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    map.next_value::<IgnoredAny>()?;
                    if let Some(i) = MARKS.iter().position(|m| *m == &*key) {
                        top.known |= 1 << i;
                    } else if top.keys.len() < 4 {
                        top.keys.push(key.0.into_owned());
                    }
                }
                Ok(top)
            }
        }
        from.deserialize_map(Tops)
    }
}

/// Which format of JSON it is.
pub(super) fn recognise(bytes: &[u8]) -> Result<Format, ReadError> {
    let top: Top = serde_json::from_slice(bytes).map_err(|e| syntax(&e))?;
    if top.has("cveMetadata") || top.has("dataType") {
        Ok(Format::Cve)
    } else if top.has("bomFormat") {
        Ok(Format::CycloneDx)
    } else if top.has("catalogVersion") {
        Ok(Format::KevJson)
    } else if top.has("metadata_version") {
        Err(ReadError::Index("CSAF provider metadata"))
    } else if top.has("aggregator_version") {
        Err(ReadError::Index("CSAF aggregator"))
    } else if top.has("feed") {
        Err(ReadError::Index("ROLIE feed"))
    } else if top.has("service") {
        Err(ReadError::Index("ROLIE service"))
    } else if top.has("categories") {
        Err(ReadError::Index("ROLIE categories"))
    } else if top.has("document") {
        Ok(Format::Csaf)
    } else if top.has("id") && (top.has("modified") || top.has("affected")) {
        Ok(Format::Osv)
    } else {
        Err(ReadError::Unknown(cut(&top.keys.join(", "))))
    }
}
