//! The XML that China's two databases share: CNVD (weekly, of CNCERT) and CNNVD (yearly and monthly, of CNITSEC). [S]
//!
//! There is no public schema; the layouts are known from files in circulation. Those are often not well-formed: descriptions hold
//! `<`, `&` and words in angle brackets that nobody escaped. So this reads no XML: it takes what stands between a known opening tag and
//! its closing tag, entry by entry, resolves the five entities and character references, and nothing else. There is thus nothing to
//! expand. CNVD spells `serverity` so. Products are words, without versions in a known order: candidates for a person, never a match.

use memchr::memmem;
use sha2::{Digest, Sha256};

use super::fault::{Faults, ReadError, What, cut};
use super::json::head;
use super::record::{Advisory, Affected, Remedy, Statement, Status, Subject};
use super::severity::Rating;
use super::stamp::Zone;
use super::{Name, Stamp};

/// Products of one entry; CNNVD lists every version of an operating system.
const MOST_PRODUCTS: usize = 20_000;

/// Fields of one entry, in the order of the file: name of the tag, and what stands inside as it came.
struct Entry<'a> {
    raw: &'a str,
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Entry<'a> {
    fn raw_field(&self, name: &str) -> Option<&'a str> {
        self.fields
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, text)| *text)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.raw_field(name).map(plain).filter(|t| !t.is_empty())
    }

    /// All texts of a tag inside a field.
    fn each(&self, field: &str, tag: &str) -> Vec<String> {
        let Some(inside) = self.raw_field(field) else {
            return Vec::new();
        };
        let mut all = Vec::new();
        let mut rest = inside;
        while all.len() < MOST_PRODUCTS
            && let Some((_, text, after)) = element(rest, tag)
        {
            let text = plain(text);
            if !text.is_empty() {
                all.push(text);
            }
            rest = after;
        }
        all
    }
}

/// The first element of that name: its opening tag, what stands inside, what follows.
fn element<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str, &'a str)> {
    let open = format!("<{name}");
    let mut from = 0;
    loop {
        let at = from + memmem::find(text.as_bytes().get(from..)?, open.as_bytes())?;
        let after = at + open.len();
        match text.as_bytes().get(after)? {
            b'>' | b'/' | b' ' | b'\t' | b'\r' | b'\n' => {}
            // A longer name.
            _ => {
                from = after;
                continue;
            }
        }
        let end = after + memchr::memchr(b'>', &text.as_bytes()[after..])?;
        let tag = &text[at..=end];
        if tag.ends_with("/>") {
            return Some((tag, "", &text[end + 1..]));
        }
        let close = format!("</{name}>");
        let length = memmem::find(&text.as_bytes()[end + 1..], close.as_bytes())?;
        let inside = &text[end + 1..end + 1 + length];
        return Some((tag, inside, &text[end + 1 + length + close.len()..]));
    }
}

/// Without markup of CDATA, with the five entities and character references resolved once, without blanks around.
fn plain(text: &str) -> String {
    let text = text.trim();
    if let Some(inside) = text
        .strip_prefix("<![CDATA[")
        .and_then(|t| t.strip_suffix("]]>"))
    {
        return inside.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|e| Some((entity(&rest[1..e])?, e))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.trim().to_owned()
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// Cuts a file into entries and their fields.
fn entries<'a>(
    bytes: &'a [u8],
    tag: &str,
    names: &[&'static str],
    faults: &mut Faults,
) -> Result<Vec<Entry<'a>>, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|e| ReadError::NotText(e.valid_up_to()))?;
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((_, inside, after)) = element(rest, tag) {
        let mut fields = Vec::new();
        for name in names {
            // The first of that name: a description may hold words that look like one, and stands last or has its own end.
            if let Some((_, field, _)) = element(inside, name) {
                fields.push((*name, field));
            }
        }
        let from = inside.as_ptr() as usize - text.as_ptr() as usize;
        let raw = &text[from..from + inside.len()];
        all.push(Entry { raw, fields });
        rest = after;
    }
    if rest.contains(&format!("<{tag}>")) {
        faults.push(
            format_args!("{tag}[{}]", all.len()),
            What::LeftOut("cut off: no end".into()),
        );
    }
    if all.is_empty() {
        let reason = format!("no element `{tag}`");
        return Err(ReadError::Broken {
            place: "document".into(),
            reason: reason.into(),
        });
    }
    Ok(all)
}

/// What both databases give.
struct Common {
    id: Name,
    title: Box<str>,
    published: Option<Stamp>,
    modified: Option<Stamp>,
    cves: Vec<String>,
    severity: Option<String>,
    products: Vec<String>,
    remedy: Option<String>,
    references: Vec<Box<str>>,
}

fn record(
    source: &str,
    entry: &Entry<'_>,
    common: Common,
    place: &str,
    faults: &mut Faults,
) -> Advisory {
    let mut aliases = Vec::new();
    for cve in common.cves {
        // "暂无" and the like stand for none.
        match Name::parse(&cve) {
            Some(name) => aliases.push(name.as_str().into()),
            None => faults.push(place, What::Name(cut(&cve))),
        }
    }
    let of_product = |name: &String| {
        let cpe = name.starts_with("cpe:");
        let subject = if cpe {
            Subject::Cpe(name.as_str().into())
        } else {
            Subject::Product {
                vendor: None,
                product: name.as_str().into(),
            }
        };
        Affected::of(vec![subject], Status::Affected)
    };
    let affected: Vec<Affected> = common.products.iter().map(of_product).collect();
    let statements = common.remedy.map(|words| Statement {
        // At most MOST_PRODUCTS.
        affected: (0..affected.len() as u32).collect(),
        status: None,
        justification: None,
        words: None,
        remedies: vec![Remedy {
            kind: "vendor_fix".into(),
            words: Some(words.into()),
            url: None,
        }],
        at: None,
    });
    Advisory {
        id: common.id.as_str().into(),
        part: None,
        source: source.into(),
        published: common.published,
        modified: common.modified,
        withdrawn: None,
        aliases,
        related: Vec::new(),
        ratings: common
            .severity
            .iter()
            .map(|s| Rating::words(s, None))
            .collect(),
        summary: common.title,
        references: common.references,
        affected,
        statements: statements.into_iter().collect(),
        raw: Sha256::digest(entry.raw.as_bytes()).into(),
    }
}

fn named(
    entry: &Entry<'_>,
    tag: &str,
    prefix: &str,
    place: &str,
    faults: &mut Faults,
) -> Option<Name> {
    let text = entry.text(tag).unwrap_or_default();
    let name = Name::parse(&text).filter(|n| n.as_str().starts_with(prefix));
    if name.is_none() {
        faults.push(place, What::Name(cut(&text)));
    }
    name
}

fn day(entry: &Entry<'_>, tag: &str, place: &str, faults: &mut Faults) -> Option<Stamp> {
    let text = entry.text(tag)?;
    Some(Stamp::read(&text, Zone::Day, place, faults))
}

pub(super) fn cnvd(bytes: &[u8], faults: &mut Faults) -> Result<Vec<Advisory>, ReadError> {
    const FIELDS: [&str; 10] = [
        "number",
        "cves",
        "title",
        "serverity",
        "severity",
        "products",
        "submitTime",
        "openTime",
        "referenceLink",
        "formalWay",
    ];
    let entries = entries(bytes, "vulnerability", &FIELDS, faults)?;
    let mut records = Vec::with_capacity(entries.len());
    for (i, entry) in entries.iter().enumerate() {
        let place = format!("vulnerability[{i}]");
        let Some(id) = named(entry, "number", "CNVD-", &place, faults) else {
            continue;
        };
        let common = Common {
            id,
            title: entry.text("title").map(|t| head(&t)).unwrap_or_default(),
            published: day(entry, "openTime", &place, faults),
            modified: None,
            cves: entry.each("cves", "cveNumber"),
            severity: entry.text("serverity").or_else(|| entry.text("severity")),
            products: entry.each("products", "product"),
            remedy: entry.text("formalWay"),
            references: links(entry.text("referenceLink")),
        };
        records.push(record("CNVD", entry, common, &place, faults));
    }
    Ok(records)
}

pub(super) fn cnnvd(bytes: &[u8], faults: &mut Faults) -> Result<Vec<Advisory>, ReadError> {
    const FIELDS: [&str; 9] = [
        "name",
        "vuln-id",
        "published",
        "modified",
        "severity",
        "other-id",
        "vuln-software-list",
        "vuln-solution",
        "refs",
    ];
    let entries = entries(bytes, "entry", &FIELDS, faults)?;
    let mut records = Vec::with_capacity(entries.len());
    for (i, entry) in entries.iter().enumerate() {
        let place = format!("entry[{i}]");
        let Some(id) = named(entry, "vuln-id", "CNNVD-", &place, faults) else {
            continue;
        };
        let urls = entry
            .each("refs", "ref-url")
            .into_iter()
            .flat_map(|u| links(Some(u)));
        let common = Common {
            id,
            title: entry.text("name").map(|t| head(&t)).unwrap_or_default(),
            published: day(entry, "published", &place, faults),
            modified: day(entry, "modified", &place, faults),
            cves: entry.each("other-id", "cve-id"),
            severity: entry.text("severity"),
            products: entry.each("vuln-software-list", "product"),
            remedy: entry.text("vuln-solution"),
            references: urls.collect(),
        };
        records.push(record("CNNVD", entry, common, &place, faults));
    }
    Ok(records)
}

/// Addresses of a field that may hold several, or words.
fn links(text: Option<String>) -> Vec<Box<str>> {
    let text = text.unwrap_or_default();
    let words = text.split([' ', '\n', '\r', '\t', ';', '；', ',', '，']);
    words
        .filter(|w| w.starts_with("http"))
        .map(Into::into)
        .collect()
}
