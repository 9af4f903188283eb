//! Rules for documents: links lead somewhere, decisions have their parts, dependencies are explained.

use std::collections::BTreeSet;

use super::{Fault, File};

const DECISIONS: &str = "docs/adr/";

pub(super) fn decisions_have_three_parts(file: &File, faults: &mut Vec<Fault>) {
    if !file.path.starts_with(DECISIONS) || !file.path.ends_with(".md") {
        return;
    }
    for part in ["Context", "Decision", "Consequences"] {
        if !file
            .text
            .lines()
            .any(|l| l.trim_end() == format!("## {part}"))
        {
            let message = format!("a decision has a part `## {part}`");
            faults.push(Fault::new(file, 0, "adr", message));
        }
    }
}

/// Every relative link of a Markdown file names a file or folder of the repository, and its anchor a heading there.
pub(super) fn links_resolve(files: &[File], faults: &mut Vec<Fault>) {
    let paths: BTreeSet<&str> = files.iter().map(|f| f.path.as_str()).collect();
    for file in files.iter().filter(|f| f.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, target) in links(&file.text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = if path.is_empty() {
                Some(file.path.clone())
            } else {
                join(folder, path)
            };
            let found = path.as_deref().is_some_and(|p| {
                paths.contains(p) || paths.iter().any(|q| q.starts_with(&format!("{p}/")))
            });
            if !found {
                let message = format!("link leads nowhere: {target}");
                faults.push(Fault::new(file, number, "link", message));
                continue;
            }
            let page = files
                .iter()
                .find(|f| Some(f.path.as_str()) == path.as_deref());
            if !anchor.is_empty()
                && let Some(page) = page
                && page.path.ends_with(".md")
                && !page
                    .text
                    .lines()
                    .any(|l| slug(l).as_deref() == Some(anchor))
            {
                let message = format!("no such heading: {target}");
                faults.push(Fault::new(file, number, "link", message));
            }
        }
    }
}

/// Targets of `[text](target)` outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (n, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for piece in line.split('`').step_by(2) {
            for (at, _) in piece.match_indices("](") {
                let rest = &piece[at + 2..];
                if let Some(end) = rest.find(')') {
                    found.push((n + 1, &rest[..end]));
                }
            }
        }
    }
    found
}

/// The anchor of a heading, as code hosts make it: lower case, blanks to hyphens, punctuation dropped.
fn slug(line: &str) -> Option<String> {
    let heading = line.strip_prefix('#')?.trim_start_matches('#').trim();
    Some(
        heading
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('-'),
                c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                _ => None,
            })
            .collect(),
    )
}

/// `path` seen from `folder`; `None` where it leaves the repository.
fn join(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A source or document that cites `docs/adr/NNNN…` cites a decision that is there.
pub(super) fn cited_decisions_exist(files: &[File], faults: &mut Vec<Fault>) {
    let decisions: Vec<&str> = files
        .iter()
        .filter_map(|f| f.path.strip_prefix(DECISIONS))
        .collect();
    for file in files.iter().filter(|f| !f.path.starts_with("xtask/")) {
        for (n, line) in file.text.lines().enumerate() {
            for (at, _) in line.match_indices(DECISIONS) {
                let cited: String = line[at + DECISIONS.len()..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                    .collect();
                let numbered = cited.len() >= 4
                    && cited.is_char_boundary(4)
                    && cited[..4].bytes().all(|b| b.is_ascii_digit());
                let known = decisions.iter().any(|d| {
                    let name = d.trim_end_matches(".md");
                    name == cited || (cited.len() == 4 && name.starts_with(&format!("{cited}-")))
                });
                if numbered && !known {
                    let message = format!("no such decision: {DECISIONS}{cited}");
                    faults.push(Fault::new(file, n + 1, "adr", message));
                }
            }
        }
    }
    let mut numbers = BTreeSet::new();
    for file in files.iter().filter(|f| f.path.starts_with(DECISIONS)) {
        let number: String = file.path[DECISIONS.len()..].chars().take(4).collect();
        if !numbers.insert(number.clone()) {
            let message = format!("two decisions have the number {number}");
            faults.push(Fault::new(file, 0, "adr", message));
        }
    }
}

/// `docs/dependencies.md` has a row for each crate that a manifest of the workspace names, and for no other.
pub(super) fn dependencies_are_explained(files: &[File], faults: &mut Vec<Fault>) {
    const PAGE: &str = "docs/dependencies.md";
    let Some(page) = files.iter().find(|f| f.path == PAGE) else {
        let file = File {
            path: PAGE.to_owned(),
            text: String::new(),
        };
        faults.push(Fault::new(&file, 0, "dependencies", "the page is missing"));
        return;
    };
    let explained: BTreeSet<&str> = page
        .text
        .lines()
        .filter_map(|l| l.strip_prefix("| `")?.split('`').next())
        .collect();
    let mut used = BTreeSet::new();
    for file in files {
        if file.path.ends_with("Cargo.toml") && !file.path.starts_with("fuzz/") {
            used.extend(direct(&file.text));
        }
    }
    for name in used.iter().filter(|n| !explained.contains(n.as_str())) {
        let message = format!("`{name}` has no row: what for, why this one, licence");
        faults.push(Fault::new(page, 0, "dependencies", message));
    }
    for name in explained.iter().filter(|n| !used.contains(**n)) {
        let message = format!("`{name}` has a row, but nothing uses it");
        faults.push(Fault::new(page, 0, "dependencies", message));
    }
}

/// Crates from outside that a manifest depends on.
fn direct(manifest: &str) -> BTreeSet<String> {
    let Ok(table) = manifest.parse::<toml::Table>() else {
        return BTreeSet::new();
    };
    let workspace = table.get("workspace").and_then(toml::Value::as_table);
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .flat_map(|kind| [table.get(*kind), workspace.and_then(|w| w.get(*kind))])
        .flatten()
        .filter_map(toml::Value::as_table)
        .flatten()
        .filter(|(_, v)| v.get("path").is_none() && v.get("workspace").is_none())
        .map(|(name, _)| name.clone())
        .collect()
}
