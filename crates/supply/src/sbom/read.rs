//! The one entry: recognises a bill by its content and hands it to the reader of its format.
//!
//! The formats of JSON are read in one walk, because the name of the format may stand last. Does *not* trust file names or media types.

use std::borrow::Cow;

use super::{
    Format, Limits, Sbom, What,
    build::Builder,
    cyclonedx_xml,
    fault::{Fault, line_of, short},
    json::{Json, Value},
    spdx3::Graph,
    tag_value,
};

/// Reads a bill with the usual limits.
///
/// # Errors
/// [`Fault`] where nothing can be kept: no bill, cut off, broken syntax, beyond the limits.
pub fn read(bytes: &[u8]) -> Result<Sbom, Fault> {
    read_with(bytes, &Limits::default())
}

/// Reads a bill.
///
/// # Errors
/// [`Fault`] where nothing can be kept: no bill, cut off, broken syntax, beyond the limits.
pub fn read_with(bytes: &[u8], limits: &Limits) -> Result<Sbom, Fault> {
    let limits = Limits {
        bytes: limits.bytes.min(u64::from(u32::MAX) - 16),
        // Readers of nested components recurse.
        depth: limits.depth.min(64),
        ..*limits
    };
    if bytes.len() as u64 > limits.bytes {
        return Err(Fault::TooLong {
            bytes: bytes.len() as u64,
            limit: limits.bytes,
        });
    }
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let text = std::str::from_utf8(bytes).map_err(|e| Fault::Encoding {
        line: line_of(bytes, e.valid_up_to()),
        utf16,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let start = text.trim_start();
    match start.bytes().next() {
        None => Err(Fault::Empty),
        Some(b'{') => json(text, limits),
        Some(b'<') => cyclonedx_xml::read(text, limits),
        Some(_) if tag_value::looks_like(start) => tag_value::read(text, limits),
        Some(_) => Err(Fault::Unknown {
            syntax: "text",
            found: short(start.lines().next().unwrap_or("")),
        }),
    }
}

/// A walk through a JSON document and what it gathers.
pub(super) struct Doc<'a> {
    pub(super) j: Json<'a>,
    pub(super) b: Builder<'a>,
}

impl<'a> Doc<'a> {
    /// True where an object begins; anything else is passed over, with an entry.
    pub(super) fn object(&mut self, field: &'static str) -> Result<bool, Fault> {
        self.container(field, "object")
    }

    /// True where an array begins; anything else is passed over, with an entry.
    pub(super) fn array(&mut self, field: &'static str) -> Result<bool, Fault> {
        self.container(field, "array")
    }

    fn container(&mut self, field: &'static str, expected: &'static str) -> Result<bool, Fault> {
        let at = self.j.place();
        let base = self.j.depth();
        let value = self.j.value()?;
        if value.name() == expected {
            return Ok(true);
        }
        self.unexpected(at, base, field, expected, &value)?;
        Ok(false)
    }

    fn unexpected(
        &mut self,
        at: usize,
        base: usize,
        field: &'static str,
        expected: &'static str,
        value: &Value<'_>,
    ) -> Result<(), Fault> {
        if !matches!(value, Value::Null) {
            let found = value.name();
            self.b.wrong(
                at,
                What::Kind {
                    field,
                    expected,
                    found,
                },
            );
        }
        self.j.leave(base)
    }

    /// Two texts of each object of a list, with its place; what is not there is empty.
    pub(super) fn pairs(
        &mut self,
        list: &'static str,
        [first, second]: [&'static str; 2],
        mut take: impl FnMut(&mut Builder<'a>, usize, &str, &str),
    ) -> Result<(), Fault> {
        if !self.array(list)? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object(list)? {
                continue;
            }
            let (mut one, mut other) = (Cow::Borrowed(""), Cow::Borrowed(""));
            while let Some(key) = self.j.key()? {
                if key == first {
                    one = self.piece(first)?;
                } else if key == second {
                    other = self.piece(second)?;
                } else {
                    self.j.skip()?;
                }
            }
            take(&mut self.b, at, &one, &other);
        }
        Ok(())
    }

    /// A text; empty where it is not one.
    pub(super) fn piece(&mut self, field: &'static str) -> Result<Cow<'a, str>, Fault> {
        Ok(self.text(field)?.map_or(Cow::Borrowed(""), |t| t.1))
    }

    /// A text; a number is taken as it stands, with an entry; anything else is passed over, with an entry.
    pub(super) fn text(
        &mut self,
        field: &'static str,
    ) -> Result<Option<(usize, Cow<'a, str>)>, Fault> {
        let at = self.j.place();
        let base = self.j.depth();
        match self.j.value()? {
            Value::Text(text) => Ok(Some((at, text))),
            other => {
                self.unexpected(at, base, field, "text", &other)?;
                Ok(match other {
                    Value::Number(n) => Some((at, Cow::Borrowed(n))),
                    _ => None,
                })
            }
        }
    }

    /// A text that is not empty, for the few of which a document has one.
    pub(super) fn owned(&mut self, field: &'static str) -> Result<Option<String>, Fault> {
        let text = self.text(field)?;
        Ok(text
            .filter(|(at, t)| self.b.fits(*at, field, t))
            .and_then(|(_, t)| super::build::some(&t)))
    }

    /// A text or a number, whichever.
    fn plain(&mut self) -> Result<Option<String>, Fault> {
        let base = self.j.depth();
        let value = self.j.value()?;
        self.j.leave(base)?;
        Ok(match value {
            Value::Text(t) if t.len() <= self.b.limits.text => Some(t.into_owned()),
            Value::Number(n) => Some(n.to_owned()),
            _ => None,
        })
    }
}

/// By what a document names its format.
#[derive(Default)]
struct Marks {
    bom_format: Option<String>,
    spec_version: Option<String>,
    spdx_version: Option<String>,
    graph: Option<Graph>,
    keys: Vec<String>,
}

fn json(text: &str, limits: Limits) -> Result<Sbom, Fault> {
    let mut doc = Doc {
        j: Json::new(text),
        b: Builder::new(text, limits),
    };
    let mut marks = Marks::default();
    doc.j.value()?;
    while let Some(key) = doc.j.key()? {
        if marks.keys.len() < 6 {
            marks.keys.push(short(&key));
        }
        top(&mut doc, &key, &mut marks)?;
    }
    doc.j.end()?;
    settle(doc, marks)
}

fn top(doc: &mut Doc<'_>, key: &str, marks: &mut Marks) -> Result<(), Fault> {
    match key {
        "bomFormat" => marks.bom_format = doc.plain()?,
        "specVersion" => marks.spec_version = doc.plain()?,
        "serialNumber" => doc.cdx_serial()?,
        "version" => doc.b.sbom.revision = doc.plain()?,
        "metadata" => doc.cdx_metadata()?,
        "components" => doc.cdx_components(0, None, false)?,
        "services" => doc.cdx_components(0, None, true)?,
        "dependencies" => doc.cdx_dependencies()?,
        "vulnerabilities" => doc.cdx_vulnerabilities()?,
        "signature" => {
            doc.b.sbom.signed = true;
            doc.j.skip()?;
        }
        "spdxVersion" => marks.spdx_version = doc.plain()?,
        "SPDXID" => doc.spdx_document_id()?,
        "name" => doc.b.sbom.name = doc.owned("name")?,
        "documentNamespace" => doc.b.sbom.serial = doc.owned("documentNamespace")?,
        "creationInfo" => doc.spdx_creation()?,
        "packages" => doc.spdx_packages()?,
        "files" => doc.spdx_others("files")?,
        "snippets" => doc.spdx_others("snippets")?,
        "relationships" => doc.spdx_relationships()?,
        "documentDescribes" => doc.spdx_describes()?,
        "@graph" => marks.graph = Some(doc.spdx3_graph()?),
        _ => doc.j.skip()?,
    }
    Ok(())
}

fn settle(mut doc: Doc<'_>, marks: Marks) -> Result<Sbom, Fault> {
    if let Some(version) = marks.spdx_version {
        let version = spdx_version(&mut doc.b, 0, &version)?;
        return Ok(doc.b.finish(Format::SpdxJson, version));
    }
    if let Some(graph) = marks.graph {
        let version = graph.settle(&mut doc.b)?;
        return Ok(doc.b.finish(Format::Spdx3, version));
    }
    match (marks.bom_format.as_deref(), marks.spec_version) {
        (Some("CycloneDX"), None) => {
            doc.b.missing(0, "specVersion");
            Ok(doc.b.finish(Format::CycloneDxJson, String::new()))
        }
        (format @ (Some("CycloneDX") | None), Some(version)) => {
            if format.is_none() {
                doc.b.missing(0, "bomFormat");
            }
            cyclonedx_version(&mut doc.b, 0, &version)?;
            Ok(doc.b.finish(Format::CycloneDxJson, version))
        }
        (Some(format), _) => Err(Fault::Unknown {
            syntax: "JSON",
            found: format!("bomFormat: {}", short(format)),
        }),
        (None, None) => Err(Fault::Unknown {
            syntax: "JSON",
            found: marks.keys.join(", "),
        }),
    }
}

/// 1.1 to 1.7 are read; a later 1.x is read with an entry, because minor versions only add.
pub(super) fn cyclonedx_version(
    b: &mut Builder<'_>,
    at: usize,
    version: &str,
) -> Result<(), Fault> {
    let expected = "1.1 to 1.7";
    let minor = version
        .strip_prefix("1.")
        .and_then(|m| m.parse::<u8>().ok());
    match minor {
        Some(1..=7) => Ok(()),
        Some(8..) => {
            b.value(at, "specVersion", version, expected);
            Ok(())
        }
        _ => Err(Fault::Version {
            format: "CycloneDX",
            found: short(version),
            expected,
        }),
    }
}

/// 2.2 and 2.3 are read; another 2.x is read with an entry.
pub(super) fn spdx_version(b: &mut Builder<'_>, at: usize, version: &str) -> Result<String, Fault> {
    let expected = "SPDX-2.2 or SPDX-2.3";
    let plain = version.trim().strip_prefix("SPDX-").unwrap_or(version);
    match plain {
        "2.2" | "2.3" => {}
        _ if plain.starts_with("2.") => b.value(at, "spdxVersion", version, expected),
        _ => {
            return Err(Fault::Version {
                format: "SPDX",
                found: short(version),
                expected,
            });
        }
    }
    Ok(short(plain))
}
