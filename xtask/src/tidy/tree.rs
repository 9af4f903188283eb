//! Reads what the rules look at: the files that git knows or would add, and `cargo metadata`.

use std::{path::Path, process::Command};

use super::File;

/// Text files of the repository, new ones included, ignored ones not. Files that are not UTF-8 are left out.
pub(super) fn read(root: &Path) -> Result<Vec<File>, String> {
    let listing = run(
        root,
        "git",
        &[
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
    )?;
    let mut files = Vec::new();
    for path in listing.split('\0').filter(|p| !p.is_empty()) {
        // A file that was removed but not yet committed is still listed.
        let Ok(bytes) = std::fs::read(root.join(path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(File {
                path: path.to_owned(),
                text,
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// `cargo metadata` of the workspace's own crates.
pub(super) fn metadata(root: &Path) -> Result<serde_json::Value, String> {
    let text = run(
        root,
        env!("CARGO"),
        &["metadata", "--format-version=1", "--no-deps", "--offline"],
    )?;
    serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))
}

fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|e| format!("{program} did not start: {e}"))?;
    if !output.status.success() {
        return Err(format!(
            "{program} {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("{program} wrote no UTF-8"))
}
