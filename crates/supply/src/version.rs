//! Versions of packages: one function turns a text into bytes that sort as its ecosystem sorts.
//!
//! `memcmp` of two keys of one scheme is the order of that scheme, and equal versions have equal bytes; so an index holds
//! bytes and knows no ecosystem. Numbers have no limit of size, since date-like and thirty-digit parts are real. Rules are
//! those of each ecosystem's own tool: semver.org 2.0.0, PEP 440, Maven's POM reference, Debian policy 5.6.12, rpm(8)
//! `rpmvercmp`, apk(8), `NuGetVersion`, `Gem::Version`, PHP `version_compare`, R `package_version`.
//!
//! Does *not* guess: a text the scheme cannot read is [`CannotCompare`], which becomes *not assessed* and is counted. Keys
//! of different schemes must not be compared with each other.

mod alpine;
mod debian;
mod expression;
mod maven;
mod packagist;
mod pypi;
mod range;
mod rpm;
mod ruby;
mod semver;
mod tuple;
mod write;

pub use expression::{ExpressionError, Syntax, parse_expression, parse_vers};
pub use range::{
    Bound, CveStatus, CveVersion, Interval, NotAssessed, OsvEvent, Ranges, Set, Verdict, affects,
};

use smallvec::SmallVec;

/// Longest text of a version that is read, in bytes. npm stops at 256; the longest real one seen has fewer than 200.
pub const MAX_TEXT: usize = 1024;

/// An order of versions. Ecosystems that share one share the variant's rules, not the variant, so that a name read from
/// an advisory or a package URL keeps its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// semver.org 2.0.0, read tolerantly: leading `v`, missing parts are 0, what follows a third part counts as build.
    SemVer,
    /// npm; as [`Scheme::SemVer`], and `1.2.3beta` is `1.2.3-beta` (node-semver's loose reading).
    Npm,
    /// crates.io.
    Cargo,
    /// Go modules and the standard library (`go1.21rc2` is `1.21.0-rc.2`).
    Go,
    /// Hex (Erlang, Elixir).
    Hex,
    /// Pub (Dart): as [`Scheme::SemVer`], but build metadata counts.
    Pub,
    /// Python: PEP 440; what it refuses sorts below, in the order of the older `LegacyVersion`.
    PyPi,
    /// Maven `ComparableVersion`.
    Maven,
    /// Debian and what descends from it.
    Debian,
    /// RPM: epoch, version, release.
    Rpm,
    /// Alpine and other users of apk.
    Alpine,
    /// NuGet: four numbers, case-blind.
    NuGet,
    /// RubyGems.
    RubyGems,
    /// Packagist (PHP, Composer).
    Packagist,
    /// CRAN and Bioconductor (R).
    Cran,
    /// Hackage (Haskell).
    Hackage,
    /// Numbers with points between them and nothing else: product versions without a named order (CPE, CVE `custom`).
    /// Trailing zeros do not count. Every other text is refused.
    Dotted,
}

impl Scheme {
    /// All schemes.
    pub const ALL: [Self; 17] = [
        Self::SemVer,
        Self::Npm,
        Self::Cargo,
        Self::Go,
        Self::Hex,
        Self::Pub,
        Self::PyPi,
        Self::Maven,
        Self::Debian,
        Self::Rpm,
        Self::Alpine,
        Self::NuGet,
        Self::RubyGems,
        Self::Packagist,
        Self::Cran,
        Self::Hackage,
        Self::Dotted,
    ];

    /// The scheme of a package URL's type, of a `vers:` range's scheme, or of a CVE record's `versionType`; `None` where
    /// no order is known (`git`, `custom`, `date`, `generic`). Case does not matter.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        const NAMES: &[(&str, Scheme)] = &[
            ("alma", Scheme::Rpm),
            ("alpine", Scheme::Alpine),
            ("alpm", Scheme::Rpm),
            ("apk", Scheme::Alpine),
            ("bioconductor", Scheme::Cran),
            ("bitnami", Scheme::SemVer),
            ("cargo", Scheme::Cargo),
            ("cocoapods", Scheme::RubyGems),
            ("composer", Scheme::Packagist),
            ("cran", Scheme::Cran),
            ("deb", Scheme::Debian),
            ("debian", Scheme::Debian),
            ("dpkg", Scheme::Debian),
            ("gem", Scheme::RubyGems),
            ("githubactions", Scheme::SemVer),
            ("go", Scheme::Go),
            ("golang", Scheme::Go),
            ("hackage", Scheme::Hackage),
            ("hex", Scheme::Hex),
            ("intdot", Scheme::Dotted),
            ("julia", Scheme::SemVer),
            ("maven", Scheme::Maven),
            ("node", Scheme::Npm),
            ("npm", Scheme::Npm),
            ("nuget", Scheme::NuGet),
            ("packagist", Scheme::Packagist),
            ("pep440", Scheme::PyPi),
            ("pub", Scheme::Pub),
            ("pypi", Scheme::PyPi),
            ("python", Scheme::PyPi),
            ("rpm", Scheme::Rpm),
            ("rubygems", Scheme::RubyGems),
            ("semver", Scheme::SemVer),
            ("swift", Scheme::SemVer),
        ];
        NAMES
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, scheme)| *scheme)
    }
}

/// The bytes of one version: `Ord` is the order of the scheme that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(SmallVec<[u8; 24]>);

impl Key {
    /// The bytes, as an index stores them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A key from the bytes of an index.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(SmallVec::from_slice(bytes))
    }
}

impl std::borrow::Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

/// Why a text has no place in an order. Nothing of the text is in the message: texts of a stranger are not for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CannotCompare {
    /// Nothing there.
    #[error("the version is empty")]
    Empty,
    /// More than [`MAX_TEXT`] bytes.
    #[error("the version is longer than {MAX_TEXT} bytes")]
    TooLong,
    /// Control characters or blanks inside.
    #[error("the version has a character that no scheme allows, at byte {0}")]
    Character(usize),
    /// Not a version of this scheme.
    #[error("the text is not a version of its scheme")]
    NotOfScheme,
}

/// The key of a version's text under a scheme. Blanks around it are taken off.
///
/// # Errors
/// [`CannotCompare`], for a text the scheme cannot place.
pub fn key(scheme: Scheme, text: &str) -> Result<Key, CannotCompare> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Err(CannotCompare::Empty);
    }
    if text.len() > MAX_TEXT {
        return Err(CannotCompare::TooLong);
    }
    // Below 0x21 lie the terminators of the keys themselves.
    if let Some(at) = text.bytes().position(|b| b <= b' ' || b == 0x7f) {
        return Err(CannotCompare::Character(at));
    }
    let mut out = write::Writer::default();
    let read = match scheme {
        Scheme::SemVer | Scheme::Cargo | Scheme::Hex => {
            semver::write(text, semver::PLAIN, &mut out)
        }
        Scheme::Npm => semver::write(text, semver::NPM, &mut out),
        Scheme::Go => semver::write(text, semver::GO, &mut out),
        Scheme::Pub => semver::write(text, semver::PUB, &mut out),
        Scheme::NuGet => semver::write(text, semver::NUGET, &mut out),
        Scheme::PyPi => pypi::write(text, &mut out),
        Scheme::Maven => maven::write(text, &mut out),
        Scheme::Debian => debian::write(text, &mut out),
        Scheme::Rpm => rpm::write(text, &mut out),
        Scheme::Alpine => alpine::write(text, &mut out),
        Scheme::RubyGems => ruby::write(text, &mut out),
        Scheme::Packagist => packagist::write(text, &mut out),
        Scheme::Cran => tuple::write(text, tuple::CRAN, &mut out),
        Scheme::Hackage => tuple::write(text, tuple::HACKAGE, &mut out),
        Scheme::Dotted => tuple::write(text, tuple::DOTTED, &mut out),
    };
    read.map(|()| Key(out.0)).ok_or(CannotCompare::NotOfScheme)
}
