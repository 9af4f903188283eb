//! Names of packages: package URLs (purl), the names of OSV records, and the one key under which both are found.
//!
//! Two names are one package only where their ecosystem says so: PyPI folds case and runs of `-_.`, NuGet and Packagist fold
//! case, Go, npm and Maven do not. A package of a distribution is another one in every release, since its fixed versions are.
//! The text as it came is kept by the caller. package-url/purl-spec; OSV schema, "defined ecosystems".
//!
//! Does *not* guess: a purl of an unknown type parses, and has no order of versions.

pub mod cpe;
mod distro;

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::version::Scheme;

/// Longest package URL that is read, in bytes.
pub const MAX_PURL: usize = 8192;

/// A package URL in its parts, decoded; type in small letters, qualifiers sorted. Nothing else is folded here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Purl<'a> {
    /// `npm`, `deb` …
    pub kind: Cow<'a, str>,
    /// Segments joined by `/`.
    pub namespace: Option<Cow<'a, str>>,
    /// Name.
    pub name: Cow<'a, str>,
    /// Version.
    pub version: Option<Cow<'a, str>>,
    /// Qualifiers with a value, sorted by key.
    pub qualifiers: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Path inside the package.
    pub subpath: Option<Cow<'a, str>>,
}

/// Why a text is no package URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurlError {
    /// Over [`MAX_PURL`].
    #[error("the package URL is longer than {MAX_PURL} bytes")]
    TooLong,
    /// No `pkg:`.
    #[error("a package URL begins with pkg:")]
    Scheme,
    /// Type missing, or with characters outside `a-z0-9.+-`.
    #[error("the type of the package URL is missing or has a wrong character")]
    Kind,
    /// No name.
    #[error("the package URL has no name")]
    Name,
    /// `%` without two hexadecimal digits, or what they spell is not UTF-8.
    #[error("an escape in the package URL is wrong")]
    Escape,
    /// A qualifier without key, twice, or with a wrong character in its key.
    #[error("a qualifier of the package URL is wrong")]
    Qualifier,
}

/// Text with its `%` escapes undone; `None` where one is broken or the bytes are not UTF-8.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let value = digit()? * 16 + digit()?;
            out.push(u8::try_from(value).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

fn lower(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        text
    }
}

impl<'a> Purl<'a> {
    /// Reads a package URL as purl-spec says, tolerating an unescaped `@` before a scope (`pkg:npm/@a/b@1`).
    ///
    /// # Errors
    /// [`PurlError`].
    pub fn parse(text: &'a str) -> Result<Self, PurlError> {
        let text = text.trim();
        if text.len() > MAX_PURL {
            return Err(PurlError::TooLong);
        }
        let (head, rest) = text.split_at_checked(4).ok_or(PurlError::Scheme)?;
        if !head.eq_ignore_ascii_case("pkg:") {
            return Err(PurlError::Scheme);
        }
        let (rest, subpath) = match rest.rsplit_once('#') {
            Some((rest, path)) => (rest, Some(path)),
            None => (rest, None),
        };
        let (rest, qualifiers) = match rest.rsplit_once('?') {
            Some((rest, list)) => (rest, list),
            None => (rest, ""),
        };
        let (kind, rest) = rest
            .trim_start_matches('/')
            .split_once('/')
            .ok_or(PurlError::Name)?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+');
        if !kind.bytes().all(fits) || !kind.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(PurlError::Kind);
        }
        let (path, version) = match rest.rfind('@') {
            // An `@` that begins a segment with another behind it is a scope.
            Some(at)
                if (at == 0 || rest.as_bytes()[at - 1] == b'/') && rest[at..].contains('/') =>
            {
                (rest, None)
            }
            Some(at) => (&rest[..at], Some(&rest[at + 1..])),
            None => (rest, None),
        };
        let path = path.trim_matches('/');
        let (namespace, name) = match path.rsplit_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, path),
        };
        let decoded = |t: &'a str| decode(t).ok_or(PurlError::Escape);
        let name = decoded(name)?;
        if name.is_empty() {
            return Err(PurlError::Name);
        }
        let namespace = match namespace {
            Some(text) if text.contains("//") => {
                let parts: Vec<&str> = text.split('/').filter(|p| !p.is_empty()).collect();
                Some(Cow::Owned(
                    decode(&parts.join("/"))
                        .ok_or(PurlError::Escape)?
                        .into_owned(),
                ))
            }
            Some(text) => Some(decoded(text)?),
            None => None,
        };
        let version = version.filter(|v| !v.is_empty()).map(decoded).transpose()?;
        let subpath = match subpath {
            Some(text) => {
                let parts: Vec<_> = text
                    .split('/')
                    .filter(|p| !matches!(*p, "" | "." | ".."))
                    .map(decoded)
                    .collect::<Result<_, _>>()?;
                (!parts.is_empty()).then(|| Cow::Owned(parts.join("/")))
            }
            None => None,
        };
        let mut list = Vec::new();
        for pair in qualifiers.split('&').filter(|p| !p.is_empty()) {
            let (key, value) = pair.split_once('=').ok_or(PurlError::Qualifier)?;
            let key = lower(Cow::Borrowed(key));
            let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
            if !key.bytes().all(fits) || !key.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Err(PurlError::Qualifier);
            }
            let value = decoded(value)?;
            if !value.is_empty() {
                list.push((key, value));
            }
        }
        list.sort_unstable();
        if list.windows(2).any(|w| w[0].0 == w[1].0) {
            return Err(PurlError::Qualifier);
        }
        Ok(Self {
            kind: lower(Cow::Borrowed(kind)),
            namespace,
            name,
            version,
            qualifiers: list,
            subpath,
        })
    }

    /// A qualifier's value.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers
            .iter()
            .find(|(k, _)| k == key)
            .map(|(_, v)| v.as_ref())
    }

    /// The version as its scheme reads it: an `epoch` qualifier is one value with the version's own.
    #[must_use]
    pub fn version_text(&self) -> Option<Cow<'_, str>> {
        let version = self.version.as_deref()?;
        match self.qualifier("epoch") {
            Some(epoch) if !version.contains(':') && epoch.bytes().all(|b| b.is_ascii_digit()) => {
                Some(Cow::Owned(format!("{epoch}:{version}")))
            }
            _ => Some(Cow::Borrowed(version)),
        }
    }

    /// The order of its versions, where its type has one.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        match self.kind.as_ref() {
            // Types of package URLs only; `vers:` knows more words.
            "pypi" | "npm" | "cargo" | "golang" | "maven" | "deb" | "rpm" | "apk" | "nuget"
            | "gem" | "composer" | "cran" | "hackage" | "hex" | "pub" | "swift" | "julia"
            | "bitnami" | "cocoapods" | "alpm" | "githubactions" => Scheme::named(&self.kind),
            _ => None,
        }
    }

    /// The package it names, without version.
    #[must_use]
    pub fn package(&self) -> Package {
        let release = distro::release_of_purl(self);
        let namespace = self.namespace.as_deref().map(|n| match self.kind.as_ref() {
            "deb" | "rpm" | "apk" | "alpm" => distro::vendor(n),
            _ => Cow::Borrowed(n),
        });
        Package::new(&self.kind, namespace.as_deref(), &self.name, release)
    }

    /// The source package of a binary package of a distribution, from the `upstream` or `source` qualifier, and its
    /// version where it differs (`upstream=openssl@3.0.1`): distributors' records name the source.
    #[must_use]
    pub fn source(&self) -> Option<(Package, Option<String>)> {
        if !matches!(self.kind.as_ref(), "deb" | "rpm" | "apk") {
            return None;
        }
        let text = self
            .qualifier("upstream")
            .or_else(|| self.qualifier("source"))?;
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.to_owned())),
            None => (text, None),
        };
        // RPM names the file: name-version-release.src.rpm.
        let (name, version) = match name.strip_suffix(".src.rpm") {
            Some(stem) => {
                let mut parts = stem.rsplitn(3, '-');
                match (parts.next(), parts.next(), parts.next()) {
                    (Some(release), Some(v), Some(n)) => (n, Some(format!("{v}-{release}"))),
                    _ => (stem, version),
                }
            }
            None => (name, version),
        };
        let mut package = self.package();
        package.name = fold(&self.kind, name).into_owned();
        (!package.name.is_empty()).then_some((package, version))
    }
}

/// Canonical text: each part escaped as purl-spec says.
impl std::fmt::Display for Purl<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            escape(f, namespace, "/")?;
            f.write_char('/')?;
        }
        escape(f, &self.name, "")?;
        if let Some(version) = &self.version {
            f.write_char('@')?;
            escape(f, version, "")?;
        }
        for (n, (key, value)) in self.qualifiers.iter().enumerate() {
            f.write_char(if n == 0 { '?' } else { '&' })?;
            write!(f, "{key}=")?;
            escape(f, value, "")?;
        }
        if let Some(path) = &self.subpath {
            f.write_char('#')?;
            escape(f, path, "/")?;
        }
        Ok(())
    }
}

fn escape(f: &mut std::fmt::Formatter<'_>, text: &str, keep: &str) -> std::fmt::Result {
    for byte in text.bytes() {
        let c = char::from(byte);
        if byte.is_ascii_alphanumeric()
            || matches!(byte, b'.' | b'-' | b'_' | b'~' | b':')
            || (byte.is_ascii() && keep.contains(c))
        {
            f.write_char(c)?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    Ok(())
}

/// A package without version: what an index is keyed by. Equal packages have equal fields.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Package {
    /// Type as in a package URL: `npm`, `deb` …
    pub kind: String,
    /// Namespace as the ecosystem folds it; empty without one.
    pub namespace: String,
    /// Name as the ecosystem folds it.
    pub name: String,
    /// Release of the distribution (`12`, `22.04`, `3.18`, `9`); `None` where it has none or is not known.
    pub release: Option<String>,
}

impl Package {
    fn new(kind: &str, namespace: Option<&str>, name: &str, release: Option<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            namespace: fold(kind, namespace.unwrap_or_default()).into_owned(),
            name: fold(kind, name).into_owned(),
            release,
        }
    }

    /// The package of an OSV record: `package.ecosystem` and `package.name`; `None` for an ecosystem this program does not
    /// know, or one without packages (`GIT`, `OSS-Fuzz`).
    #[must_use]
    pub fn from_osv(ecosystem: &str, name: &str) -> Option<Self> {
        let (base, suffix) = match ecosystem.split_once(':') {
            Some((base, suffix)) => (base, Some(suffix)),
            None => (ecosystem, None),
        };
        let kind = match base {
            "npm" => "npm",
            "PyPI" => "pypi",
            "crates.io" => "cargo",
            "Go" => "golang",
            "Maven" => "maven",
            "NuGet" => "nuget",
            "RubyGems" => "gem",
            "Packagist" => "composer",
            "CRAN" => "cran",
            "Bioconductor" => "bioconductor",
            "Hackage" => "hackage",
            "Hex" => "hex",
            "Pub" => "pub",
            "SwiftURL" => "swift",
            "Julia" => "julia",
            "Bitnami" => "bitnami",
            "GitHub Actions" => "githubactions",
            _ => {
                let (kind, vendor, release) = distro::of_osv(base, suffix)?;
                return Some(Self::new(kind, Some(vendor), name, release));
            }
        };
        let (namespace, name) = match kind {
            "maven" => match name.split_once(':') {
                Some((group, artifact)) => (Some(group), artifact),
                None => (None, name),
            },
            // The name's last segment is the name, as in a package URL.
            "npm" | "golang" | "composer" | "swift" | "githubactions" => {
                match name.rsplit_once('/') {
                    Some((namespace, name)) => (Some(namespace), name),
                    None => (None, name),
                }
            }
            _ => (None, name),
        };
        Some(Self::new(kind, namespace, name, None))
    }

    /// Whether it belongs to a distribution, which alone judges it.
    #[must_use]
    pub fn is_distro(&self) -> bool {
        matches!(self.kind.as_str(), "deb" | "rpm" | "apk" | "alpm")
    }

    /// Whether it can be judged only per release and the release is not known. Rolling distributions have none.
    #[must_use]
    pub fn lacks_release(&self) -> bool {
        self.is_distro() && self.release.is_none() && !distro::is_rolling(&self.namespace)
    }

    /// The order of its versions.
    #[must_use]
    pub fn scheme(&self) -> Option<Scheme> {
        Scheme::named(&self.kind)
    }

    /// One text for tables and bytes for an index: kind, namespace, name and release with `\0` between them. No part can
    /// hold one unless its text did, and then nothing else is equal to it.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let release = self.release.as_deref().unwrap_or_default();
        let parts = [&self.kind, &self.namespace, &self.name, release];
        let mut out = Vec::with_capacity(parts.iter().map(|p| p.len() + 1).sum());
        for part in parts {
            // A zero inside is doubled with an escape, so two packages never share bytes.
            for byte in part.bytes() {
                out.push(byte);
                if byte == 0 {
                    out.push(0xff);
                }
            }
            out.push(0);
        }
        out
    }
}

/// Folds a name as its ecosystem does.
fn fold<'a>(kind: &str, text: &'a str) -> Cow<'a, str> {
    match kind {
        "pypi" => {
            let canonical = text
                .bytes()
                .all(|b| !b.is_ascii_uppercase() && !matches!(b, b'_' | b'.'))
                && !text.contains("--");
            if canonical {
                return Cow::Borrowed(text);
            }
            let mut out = String::with_capacity(text.len());
            let mut run = false;
            for c in text.chars() {
                let separates = matches!(c, '-' | '_' | '.');
                if !separates {
                    out.push(c.to_ascii_lowercase());
                } else if !run {
                    out.push('-');
                }
                run = separates;
            }
            Cow::Owned(out)
        }
        "pub" => Cow::Owned(text.to_ascii_lowercase().replace('-', "_")),
        "nuget" | "composer" | "deb" | "apk" | "alpm" | "hex" | "bitnami" | "githubactions"
        | "swift" | "github" | "bitbucket" => lower(Cow::Borrowed(text)),
        _ => Cow::Borrowed(text),
    }
}
