//! SPDX 2.2 and 2.3 as tag-value: one `Tag: value` on a line, texts over several lines between `<text>` and `</text>`.
//!
//! A tag belongs to the last package, file or snippet that was begun. Does *not* read annotations, reviews and licence texts.

use super::{
    Format, Kind, Limits, Sbom, What,
    build::{Builder, Draft},
    fault::{Fault, short},
    read::spdx_version,
    spdx::{self, Licences, said},
    texts::Sym,
};

/// Whether the first lines look like tags of SPDX.
pub(super) fn looks_like(start: &str) -> bool {
    start
        .lines()
        .take(50)
        .any(|line| line.trim_start().starts_with("SPDXVersion:"))
}

/// Reads a document.
pub(super) fn read(text: &str, limits: Limits) -> Result<Sbom, Fault> {
    let mut file = File {
        b: Builder::new(text, limits),
        section: Section::Document,
        package: None,
        version: None,
    };
    let mut at = 0;
    while at < text.len() {
        at = file.line(at)?;
    }
    file.end_package();
    let Some((at, version)) = file.version else {
        return Err(Fault::Unknown {
            syntax: "text",
            found: short(text.lines().next().unwrap_or("")),
        });
    };
    let document = file.b.sbom.texts.intern(spdx::DOCUMENT);
    file.b.other(document);
    let version = spdx_version(&mut file.b, at, &version)?;
    Ok(file.b.finish(Format::SpdxTagValue, version))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Document,
    Package,
    /// A file, a snippet, a licence, an annotation: only references are of use.
    Other,
}

#[derive(Default)]
struct Package {
    at: usize,
    row: u32,
    draft: Draft,
    licences: Licences,
    supplier: Sym,
    originator: Sym,
}

struct File<'a> {
    b: Builder<'a>,
    section: Section,
    package: Option<Package>,
    version: Option<(usize, String)>,
}

impl File<'_> {
    /// Reads the line at an offset, and the lines that its text goes on for. Gives the offset of the next one.
    fn line(&mut self, at: usize) -> Result<usize, Fault> {
        let text = self.b.text;
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |n| at + n);
        let line = &text[at..end];
        let next = (end + 1).min(text.len());
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            return Ok(next);
        }
        let Some((tag, value)) = line.split_once(':') else {
            let found = short(line.trim());
            self.b.wrong(
                at,
                What::Value {
                    field: "line",
                    found,
                    expected: "`Tag: value`",
                },
            );
            return Ok(next);
        };
        let value = value.trim();
        let Some(open) = value.strip_prefix("<text>") else {
            self.tag(at, tag.trim(), value)?;
            return Ok(next);
        };
        if let Some(inside) = open.strip_suffix("</text>") {
            self.tag(at, tag.trim(), inside)?;
            return Ok(next);
        }
        let from = at + line.find("<text>").unwrap_or(0) + "<text>".len();
        let Some(len) = memchr::memmem::find(&text.as_bytes()[from..], b"</text>") else {
            return Err(Fault::syntax(
                text.as_bytes(),
                text.len(),
                "tag-value",
                "`</text>`",
            ));
        };
        let close = from + len;
        self.tag(at, tag.trim(), &text[from..close])?;
        let rest = memchr::memchr(b'\n', &text.as_bytes()[close..]);
        Ok(rest.map_or(text.len(), |n| close + n + 1))
    }

    fn tag(&mut self, at: usize, tag: &str, value: &str) -> Result<(), Fault> {
        match tag {
            "SPDXVersion" => self.version = Some((at, value.to_owned())),
            "DocumentName" if self.b.fits(at, "DocumentName", value) => {
                self.b.sbom.name = super::build::some(value);
            }
            "DocumentNamespace" if self.b.fits(at, "DocumentNamespace", value) => {
                self.b.sbom.serial = super::build::some(value);
            }
            "Creator" => spdx::creator(&mut self.b, at, value),
            "Created" => self.b.created(at, "Created", value),
            "PackageName" => {
                self.end_package();
                let row = self.b.open(at)?;
                let mut package = Package {
                    at,
                    row,
                    ..Package::default()
                };
                package.draft.name = self.b.text(at, "PackageName", value);
                self.package = Some(package);
                self.section = Section::Package;
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => {
                self.end_package();
                self.section = Section::Other;
                if tag == "SnippetSPDXID" {
                    self.reference(at, value);
                }
            }
            "Relationship" => {
                let mut words = value.split_whitespace();
                let (from, word, to) = (words.next(), words.next(), words.next());
                if let (Some(from), Some(word), Some(to)) = (from, word, to) {
                    spdx::relation(&mut self.b, at, from, word, to, "");
                } else {
                    self.b.value(
                        at,
                        "Relationship",
                        value,
                        "two references and a word between them",
                    );
                }
            }
            "SPDXID" if self.section != Section::Package => self.reference(at, value),
            _ => self.of_package(at, tag, value),
        }
        Ok(())
    }

    fn reference(&mut self, at: usize, value: &str) {
        let id = self.b.sym(at, "SPDXID", value);
        self.b.other(id);
    }

    fn of_package(&mut self, at: usize, tag: &str, value: &str) {
        let (Some(package), b) = (&mut self.package, &mut self.b) else {
            return;
        };
        let claimed =
            |b: &mut Builder<'_>, field| said(value).map_or(Sym::NONE, |v| b.sym(at, field, v));
        match tag {
            "SPDXID" => package.draft.id = b.sym(at, "SPDXID", value),
            "PackageVersion" => {
                package.draft.version = b.text(at, "PackageVersion", said(value).unwrap_or(""))
            }
            "PackageSupplier" => {
                package.supplier =
                    spdx::party(value).map_or(Sym::NONE, |v| b.sym(at, "PackageSupplier", v));
            }
            "PackageOriginator" => {
                package.originator =
                    spdx::party(value).map_or(Sym::NONE, |v| b.sym(at, "PackageOriginator", v));
            }
            "PackageLicenseConcluded" => {
                package.licences.concluded = claimed(b, "PackageLicenseConcluded")
            }
            "PackageLicenseDeclared" => {
                package.licences.declared = claimed(b, "PackageLicenseDeclared")
            }
            "PrimaryPackagePurpose" => package.draft.kind = Kind::spdx(value),
            "PackageChecksum" => {
                let (algorithm, content) = value.split_once(':').unwrap_or((value, ""));
                package
                    .draft
                    .hashes
                    .extend(b.hash(at, algorithm.trim(), content));
            }
            "ExternalRef" => {
                let mut words = value.split_whitespace().skip(1);
                let (kind, locator) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
                spdx::external(b, &mut package.draft, at, kind, locator);
            }
            _ => {}
        }
    }

    fn end_package(&mut self) {
        if let Some(mut package) = self.package.take() {
            package.draft.supplier = if package.supplier.is_none() {
                package.originator
            } else {
                package.supplier
            };
            package.licences.take(&mut package.draft);
            spdx::complete(&mut self.b, package.at, &package.draft);
            self.b.close(package.row, &package.draft);
        }
    }
}
