//! Distributions: their names and releases, as package URLs and OSV records spell them.
//!
//! One spelling for each, since a fixed version holds in one release only. Does *not* know every distribution: a release that
//! cannot be told stays unknown, and the component is then *not assessed*.

use std::borrow::Cow;

use super::{Purl, lower};

/// Names of distributors as package URLs write them, and the one that stands in keys.
const VENDORS: &[(&str, &str)] = &[
    ("alma", "almalinux"),
    ("alma-linux", "almalinux"),
    ("alpinelinux", "alpine"),
    ("rhel", "redhat"),
    ("red-hat", "redhat"),
    ("rocky", "rocky-linux"),
    ("rockylinux", "rocky-linux"),
    ("opensuse-leap", "opensuse"),
    ("opensuse-tumbleweed", "opensuse"),
    ("sles", "suse"),
    ("sle", "suse"),
    ("amzn", "amazon"),
];

/// Code names of Debian and Ubuntu.
const CODE_NAMES: &[(&str, &str)] = &[
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
];

/// The distributor's one name.
pub(super) fn vendor(namespace: &str) -> Cow<'_, str> {
    let small = lower(Cow::Borrowed(namespace));
    match VENDORS.iter().find(|(name, _)| *name == small) {
        Some((_, vendor)) => Cow::Borrowed(vendor),
        None => small,
    }
}

/// Whether it has no releases: every version is of one line.
pub(super) fn is_rolling(vendor: &str) -> bool {
    matches!(vendor, "arch" | "wolfi" | "chainguard" | "minimos")
}

/// How many numbers of a version name a release: fixes hold for Debian 12, but for Ubuntu 22.04 and Alpine 3.18.
fn canonical(vendor: &str, text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['v', 'V']);
    if let Some((_, release)) = CODE_NAMES
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(text))
    {
        return Some((*release).to_owned());
    }
    let starts = text.starts_with(|c: char| c.is_ascii_digit());
    let first = |n: usize| {
        let parts: Vec<&str> = text.split('.').take(n).collect();
        let whole = parts.len() == n
            && parts
                .iter()
                .all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()));
        whole.then(|| parts.join("."))
    };
    match vendor {
        "debian" | "redhat" | "almalinux" | "rocky-linux" | "centos" | "fedora" | "mageia"
        | "oracle" => first(1),
        "ubuntu" | "alpine" | "photon" => first(2),
        // openEuler 22.03-LTS-SP1 and others keep what stands there.
        _ if starts => Some(text.to_ascii_lowercase().replace(' ', "-")),
        _ => None,
    }
}

/// The release in a package URL's `distro` qualifier: `debian-12.5`, `bookworm`, `alpine-3.18.4`, `el9`.
pub(super) fn release_of_purl(purl: &Purl<'_>) -> Option<String> {
    if !matches!(purl.kind.as_ref(), "deb" | "rpm" | "apk" | "alpm") {
        return None;
    }
    let vendor = vendor(purl.namespace.as_deref()?);
    if is_rolling(&vendor) {
        return None;
    }
    let text = purl
        .qualifier("distro")
        .or_else(|| purl.qualifier("distro_version"))?;
    if let Some(release) = canonical(&vendor, text) {
        return Some(release);
    }
    // `name-release`, where the name may hold a dash; `el9` as RPM writes it.
    let digits = text.find(|c: char| c.is_ascii_digit())?;
    let (name, release) = text.split_at(digits);
    let name = name.trim_end_matches(['-', ':', 'v']);
    let same =
        self::vendor(name) == vendor || (name.eq_ignore_ascii_case("el") && is_enterprise(&vendor));
    if same {
        canonical(&vendor, release)
    } else {
        None
    }
}

fn is_enterprise(vendor: &str) -> bool {
    matches!(
        vendor,
        "redhat" | "almalinux" | "rocky-linux" | "centos" | "oracle"
    )
}

/// Kind, distributor and release of an OSV ecosystem with its suffix (`Debian:12`, `Ubuntu:22.04:LTS`, `Alpine:v3.18`).
pub(super) fn of_osv(
    base: &str,
    suffix: Option<&str>,
) -> Option<(&'static str, &'static str, Option<String>)> {
    let (kind, vendor) = match base {
        "Debian" => ("deb", "debian"),
        "Ubuntu" => ("deb", "ubuntu"),
        "Alpine" => ("apk", "alpine"),
        "Wolfi" => ("apk", "wolfi"),
        "Chainguard" => ("apk", "chainguard"),
        "MinimOS" => ("apk", "minimos"),
        "AlmaLinux" => ("rpm", "almalinux"),
        "Rocky Linux" => ("rpm", "rocky-linux"),
        "Red Hat" => ("rpm", "redhat"),
        "openSUSE" => ("rpm", "opensuse"),
        "SUSE" => ("rpm", "suse"),
        "Mageia" => ("rpm", "mageia"),
        "openEuler" => ("rpm", "openeuler"),
        "Photon OS" => ("rpm", "photon"),
        _ => return None,
    };
    // `Ubuntu:Pro:22.04:LTS`, `Red Hat:enterprise_linux:9::appstream`, `openSUSE:Leap 15.5`: the first part that can be read.
    let release = suffix.and_then(|s| s.split([':', ' ']).find_map(|part| canonical(vendor, part)));
    Some((kind, vendor, release))
}
