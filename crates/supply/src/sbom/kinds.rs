//! Words of the formats as types: kinds of components, scopes, hash algorithms, kinds of relations.
//!
//! Does *not* keep a word that no format knows: it becomes `Other`, and the reader writes an entry.

/// What kind of thing a component is (CycloneDX `type`, SPDX `primaryPackagePurpose`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Not said.
    #[default]
    Unsaid,
    /// A program.
    Application,
    /// A framework.
    Framework,
    /// A library.
    Library,
    /// A container image.
    Container,
    /// A platform to run programs on.
    Platform,
    /// An operating system.
    OperatingSystem,
    /// A piece of hardware.
    Device,
    /// A driver.
    DeviceDriver,
    /// Firmware.
    Firmware,
    /// One file.
    File,
    /// A trained model.
    Model,
    /// Data.
    Data,
    /// An algorithm, key or certificate.
    Cryptographic,
    /// A service that runs elsewhere.
    Service,
    /// Source code.
    Source,
    /// Something else.
    Other,
}

impl Kind {
    /// CycloneDX 1.7.
    pub(super) fn cyclonedx(word: &str) -> Option<Self> {
        Some(match word {
            "application" => Self::Application,
            "framework" => Self::Framework,
            "library" => Self::Library,
            "container" => Self::Container,
            "platform" => Self::Platform,
            "operating-system" => Self::OperatingSystem,
            "device" => Self::Device,
            "device-driver" => Self::DeviceDriver,
            "firmware" => Self::Firmware,
            "file" => Self::File,
            "machine-learning-model" => Self::Model,
            "data" => Self::Data,
            "cryptographic-asset" => Self::Cryptographic,
            _ => return None,
        })
    }

    /// SPDX 2.3 writes in capitals with `-` or `_`, SPDX 3.0 in camel case.
    pub(super) fn spdx(word: &str) -> Self {
        let mut plain = word.to_ascii_lowercase();
        plain.retain(|c| c.is_ascii_alphabetic());
        match plain.as_str() {
            "application" | "executable" => Self::Application,
            "framework" => Self::Framework,
            "library" | "module" => Self::Library,
            "container" => Self::Container,
            "platform" => Self::Platform,
            "operatingsystem" => Self::OperatingSystem,
            "device" => Self::Device,
            "devicedriver" => Self::DeviceDriver,
            "firmware" => Self::Firmware,
            "file" => Self::File,
            "model" => Self::Model,
            "data" => Self::Data,
            "source" => Self::Source,
            _ => Self::Other,
        }
    }
}

/// Whether a component is needed to run (CycloneDX `scope`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Not said: CycloneDX then takes it as required.
    #[default]
    Unsaid,
    /// Needed.
    Required,
    /// Not always there.
    Optional,
    /// Not delivered: for making or testing.
    Excluded,
}

impl Scope {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "required" => Self::Required,
            "optional" => Self::Optional,
            "excluded" => Self::Excluded,
            _ => return None,
        })
    }
}

/// Hash algorithms of CycloneDX, SPDX and GB/T 32905 (SM3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the algorithms' own names")]
pub enum Algorithm {
    Md2,
    Md4,
    Md5,
    Md6,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Blake2b256,
    Blake2b384,
    Blake2b512,
    Blake3,
    Adler32,
    Streebog256,
    Streebog512,
    Sm3,
    /// Named by SPDX 3.0, without a length of its own here.
    Other,
}

impl Algorithm {
    /// `SHA-256`, `SHA256` and `sha256` are one.
    pub(super) fn parse(word: &str) -> Option<Self> {
        let mut plain = [0_u8; 16];
        let letters = word.bytes().filter(u8::is_ascii_alphanumeric);
        let mut len = 0;
        for (to, from) in plain.iter_mut().zip(letters) {
            *to = from.to_ascii_lowercase();
            len += 1;
        }
        Some(match &plain[..len] {
            b"md2" => Self::Md2,
            b"md4" => Self::Md4,
            b"md5" => Self::Md5,
            b"md6" => Self::Md6,
            b"sha1" => Self::Sha1,
            b"sha224" => Self::Sha224,
            b"sha256" => Self::Sha256,
            b"sha384" => Self::Sha384,
            b"sha512" => Self::Sha512,
            b"sha3224" => Self::Sha3_224,
            b"sha3256" => Self::Sha3_256,
            b"sha3384" => Self::Sha3_384,
            b"sha3512" => Self::Sha3_512,
            b"blake2b256" => Self::Blake2b256,
            b"blake2b384" => Self::Blake2b384,
            b"blake2b512" => Self::Blake2b512,
            b"blake3" => Self::Blake3,
            b"adler32" => Self::Adler32,
            b"streebog256" => Self::Streebog256,
            b"streebog512" => Self::Streebog512,
            b"sm3" => Self::Sm3,
            b"crystalsdilithium" | b"falcon" | b"crystalskyber" | b"other" => Self::Other,
            _ => return None,
        })
    }

    /// Hexadecimal digits; `None` where the algorithm leaves it open.
    pub(super) const fn hex_len(self) -> Option<usize> {
        Some(match self {
            Self::Adler32 => 8,
            Self::Md2 | Self::Md4 | Self::Md5 => 32,
            Self::Sha1 => 40,
            Self::Sha224 | Self::Sha3_224 => 56,
            Self::Sha256 | Self::Sha3_256 | Self::Blake2b256 | Self::Streebog256 | Self::Sm3 => 64,
            Self::Sha384 | Self::Sha3_384 | Self::Blake2b384 => 96,
            Self::Sha512 | Self::Sha3_512 | Self::Blake2b512 | Self::Streebog512 => 128,
            Self::Md6 | Self::Blake3 | Self::Other => return None,
        })
    }
}

/// How `from` relates to `to`. Words that say the same backwards are turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RelationKind {
    /// Needs it, in whatever way the document does not say closer.
    DependsOn,
    /// Needs it to run.
    RuntimeDependsOn,
    /// Needs it to be built.
    BuildDependsOn,
    /// Needs it for development.
    DevDependsOn,
    /// Needs it for tests.
    TestDependsOn,
    /// Can do without.
    OptionalDependsOn,
    /// Has it inside, statically linked included.
    Contains,
    /// Implements it (CycloneDX 1.6 `provides`).
    Provides,
    /// Was made from it.
    MadeFrom,
    /// Descends from it.
    DescendsFrom,
    /// Is a variant or a copy of it.
    VariantOf,
    /// A package of a distribution brought its files: it is reported under that.
    Owns,
    /// Anything else.
    Other,
}

impl RelationKind {
    /// If `to` is missing, `from` does not run. Circles are looked for among these.
    pub const fn needs(self) -> bool {
        matches!(self, Self::DependsOn | Self::RuntimeDependsOn)
    }

    /// Words of SPDX 2 (`DEPENDS_ON`) and SPDX 3 (`dependsOn`); true where the ends change places.
    pub(super) fn spdx(word: &str) -> (Self, bool) {
        let mut plain = word.to_ascii_lowercase();
        plain.retain(|c| c.is_ascii_alphabetic());
        match plain.as_str() {
            "dependson" | "dynamiclink" | "hasdynamiclink" | "hasprerequisite" => {
                (Self::DependsOn, false)
            }
            "dependencyof" | "prerequisitefor" | "hasprerequisitefor" => (Self::DependsOn, true),
            "runtimedependencyof" => (Self::RuntimeDependsOn, true),
            "builddependencyof" | "buildtoolof" => (Self::BuildDependsOn, true),
            "devdependencyof" | "devtoolof" => (Self::DevDependsOn, true),
            "testdependencyof" | "testtoolof" => (Self::TestDependsOn, true),
            "optionaldependencyof" | "provideddependencyof" | "optionalcomponentof" => {
                (Self::OptionalDependsOn, true)
            }
            "hasoptionaldependency" | "hasprovideddependency" | "hasoptionalcomponent" => {
                (Self::OptionalDependsOn, false)
            }
            "contains" | "haspackage" | "staticlink" | "hasstaticlink" | "packages" => {
                (Self::Contains, false)
            }
            "containedby" | "packageof" | "packagedby" => (Self::Contains, true),
            "generatedfrom" | "expandedfromarchive" => (Self::MadeFrom, false),
            "generates" => (Self::MadeFrom, true),
            "descendantof" => (Self::DescendsFrom, false),
            "ancestorof" => (Self::DescendsFrom, true),
            "variantof" | "copyof" | "hasvariant" | "copiedto" => (Self::VariantOf, false),
            _ => (Self::Other, false),
        }
    }
}
