//! Rules for every text file: what must not stand in it, and how long it may be.
//!
//! Words that a rule looks for are written in pieces here, or the rule would find itself.

use super::{Fault, File};

/// Longest file for people to read, in lines.
const MAX_LINES: usize = 900;

/// Written by programs, or another's text: not held to the rules of style.
fn is_generated(path: &str) -> bool {
    path.ends_with(".snap")
        || path.ends_with(".lock")
        || path == "LICENSE"
        || path.ends_with("package-lock.json")
}

pub(super) fn no_machine_paths(file: &File, faults: &mut Vec<Fault>) {
    // With the slash on both sides: `/{tmp}/{x}` but not `std::env::temp_dir`.
    const PLACES: &[&str] = &[
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/tm", "p/"),
        concat!("/Use", "rs/"),
        concat!("C:", "\\Us"),
    ];
    for (number, line) in lines(file) {
        for place in PLACES {
            if starts_a_path(line, place) {
                let message = format!("path of one machine: {place}…");
                faults.push(Fault::new(file, number, "machine-path", message));
            }
        }
    }
}

/// Whether `place` stands in `line` as the beginning of a path, not inside a longer one or a URL.
fn starts_a_path(line: &str, place: &str) -> bool {
    line.match_indices(place)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}/".contains(c)))
}

pub(super) fn no_registry_hosts(file: &File, faults: &mut Vec<Fault>) {
    const HOSTS: &[&str] = &[
        concat!("artif", "actory"),
        concat!("index", "-url"),
        concat!("extra-", "index"),
        concat!("rs", "proxy"),
        concat!("npm", "mirror"),
        concat!("mirrors", "."),
        concat!("/ne", "xus/"),
        concat!("replace-", "with"),
        concat!("registry = \"", "http"),
    ];
    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
    for (number, line) in lines(file) {
        for host in HOSTS {
            if line.contains(host) {
                let message = format!("a registry of one site: {host}");
                faults.push(Fault::new(file, number, "registry-host", message));
            }
        }
        if file.path == "Cargo.lock"
            && let Some(source) = line.strip_prefix("source = ")
            && source.trim_matches('"') != CRATES_IO
        {
            let message = format!("a source other than crates.io: {source}");
            faults.push(Fault::new(file, number, "registry-host", message));
        }
    }
}

pub(super) fn no_open_ends(file: &File, faults: &mut Vec<Fault>) {
    const MARKS: &[&str] = &[
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X"),
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    if is_generated(&file.path) {
        return;
    }
    for (number, line) in lines(file) {
        for mark in MARKS {
            if line.contains(mark) {
                let message = format!("left open: {mark}; finish it, or open an issue");
                faults.push(Fault::new(file, number, "open-end", message));
            }
        }
    }
}

pub(super) fn no_long_files(file: &File, faults: &mut Vec<Fault>) {
    // Tables of facts are as long as their field.
    let is_data = file.path.starts_with("packs/") || file.path.ends_with(".json");
    let length = file.text.lines().count();
    if length > MAX_LINES && !is_data && !is_generated(&file.path) {
        let message = format!("{length} lines, at most {MAX_LINES}: several rooms in one?");
        faults.push(Fault::new(file, 0, "long-file", message));
    }
}

pub(super) fn no_trailing_whitespace(file: &File, faults: &mut Vec<Fault>) {
    if is_generated(&file.path) || file.text.is_empty() {
        return;
    }
    for (number, line) in lines(file) {
        if line.ends_with([' ', '\t', '\r']) {
            faults.push(Fault::new(file, number, "whitespace", "blanks at its end"));
        }
    }
    if !file.text.ends_with('\n') || file.text.ends_with("\n\n") {
        let message = "a file ends in one line end";
        faults.push(Fault::new(file, 0, "whitespace", message));
    }
}

/// Data of real people do not belong here, also not in tests: nothing that has the shape of a Chinese mobile number or
/// resident identity number, and no e-mail address outside the domains that RFC 2606 keeps for examples.
pub(super) fn no_personal_data(file: &File, faults: &mut Vec<Fault>) {
    if is_generated(&file.path) {
        return;
    }
    for (number, line) in lines(file) {
        for run in digit_runs(line) {
            if is_mobile(run) || is_identity(run) {
                let message = "digits in the shape of a personal number";
                faults.push(Fault::new(file, number, "personal-data", message));
            }
        }
        for address in addresses(line) {
            let message = format!("an e-mail address outside example domains: …@{address}");
            faults.push(Fault::new(file, number, "personal-data", message));
        }
    }
}

/// Maximal runs of digits (an `X` may close one, as in identity numbers) that no letter, dot or other number touches.
fn digit_runs(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || "._:-+".contains(c)))
        .filter(|word| {
            let digits = word.strip_suffix(['X', 'x']).unwrap_or(word);
            digits.len() >= 11 && digits.bytes().all(|b| b.is_ascii_digit())
        })
}

fn is_mobile(run: &str) -> bool {
    let b = run.as_bytes();
    // Round figures are quantities, not subscribers.
    b.len() == 11 && b[0] == b'1' && (b'3'..=b'9').contains(&b[1]) && !run.ends_with("0000")
}

fn is_identity(run: &str) -> bool {
    if run.len() != 18 {
        return false;
    }
    let number = |range: std::ops::Range<usize>| run[range].parse::<u32>().unwrap_or(0);
    (11..=82).contains(&number(0..2))
        && (1900..=2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14))
}

fn addresses(line: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    line.match_indices('@').filter_map(move |(at, _)| {
        let local = line[..at].chars().next_back().is_some_and(part);
        let rest = &line[at + 1..];
        let domain = &rest[..rest.find(|c| !part(c)).unwrap_or(rest.len())];
        let domain = domain.trim_end_matches('.');
        let (_, top) = domain.rsplit_once('.')?;
        let named = local && top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
        let is_example = ["example.com", "example.org", "example.net", "example"]
            .iter()
            .any(|d| domain == *d || domain.ends_with(&format!(".{d}")))
            || matches!(top, "example" | "test" | "invalid" | "js" | "md" | "json");
        (named && !is_example).then_some(domain)
    })
}

fn lines(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text.split('\n').enumerate().map(|(n, l)| (n + 1, l))
}
