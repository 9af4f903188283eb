//! Rules for Rust sources: first lines, purity, and logs that name nobody.

use super::{Fault, File};

/// Crates in which time and randomness are arguments and nothing is read or written (ARCHITECTURE.md, invariant 3).
pub(super) const PURE: &[&str] = &[
    "tlog", "model", "law", "seal", "calendar", "watch", "supply",
];

pub(super) fn modules_open_with_docs(file: &File, faults: &mut Vec<Fault>) {
    if !file.path.ends_with(".rs") {
        return;
    }
    let first = file.text.lines().find(|l| !l.trim().is_empty());
    // A fuzz target's first line is fixed by its harness.
    let opens = first.is_some_and(|l| l.starts_with("//!") || l.starts_with("#![no_main]"));
    if !opens {
        let message = "a module opens with `//!`: what it is, and what it is not";
        faults.push(Fault::new(file, 1, "module-docs", message));
    }
}

pub(super) fn pure_crates_stay_pure(file: &File, faults: &mut Vec<Fault>) {
    const READS: &[&str] = &[
        "std::fs",
        "std::net",
        "std::env::",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "getrandom",
        "thread_rng",
        "OsRng",
        "tokio::",
    ];
    let is_pure = PURE
        .iter()
        .any(|name| file.path.starts_with(&format!("crates/{name}/src/")));
    if !is_pure || !file.path.ends_with(".rs") {
        return;
    }
    for (number, line) in code(file) {
        for read in READS {
            if line.contains(read) {
                let message = format!("{read} in a pure crate: make it an argument");
                faults.push(Fault::new(file, number, "pure-crate", message));
            }
        }
    }
}

/// A log line may say which event, organ or account number, never who or what was said.
pub(super) fn logs_name_nobody(file: &File, faults: &mut Vec<Fault>) {
    const MACROS: &[&str] = &["trace", "debug", "info", "warn", "error"];
    const WORDS: &[&str] = &[
        "password",
        "secret",
        "cookie",
        "words",
        "login",
        "full_name",
        "person_name",
        "names",
        "body",
    ];
    if !file.path.starts_with("crates/") || !file.path.ends_with(".rs") {
        return;
    }
    let lines: Vec<(usize, &str)> = code(file).collect();
    let mut depth = 0_usize;
    for (number, line) in lines {
        let mut rest = line;
        if depth == 0 {
            let Some(at) = MACROS
                .iter()
                .filter_map(|m| line.find(&format!("{m}!(")))
                .min()
            else {
                continue;
            };
            rest = &line[at..];
        }
        for word in words(&strip_strings(rest)).chain(captures(rest)) {
            if WORDS.contains(&word) {
                let message = format!("`{word}` in a log line: logs hold no personal data");
                faults.push(Fault::new(file, number, "personal-log", message));
            }
        }
        for c in strip_strings(rest).chars() {
            match c {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
}

/// Lines without their comments.
fn code(file: &File) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().filter_map(|(n, line)| {
        let text = line.split("//").next().unwrap_or("");
        (!text.trim().is_empty()).then_some((n + 1, text))
    })
}

fn strip_strings(line: &str) -> String {
    line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
}

/// Names that a format string takes in: `{name}`, `{name:?}`.
fn captures(line: &str) -> impl Iterator<Item = &str> {
    line.split('"')
        .skip(1)
        .step_by(2)
        .flat_map(|text| text.split('{').skip(1))
        .filter_map(|rest| words(rest).next())
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
}
