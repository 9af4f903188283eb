//! Reads pack folders, and overlays given as `--overlay FILE`, checks them as a whole and prints every fault. For those who
//! write packs; it runs no trace.
//!
//! `cargo run -q -p law --example check -- packs/node packs/casework packs/interference`

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use law::{Catalogue, PackText};

type Files = Vec<(String, String)>;

fn folder(path: &str) -> std::io::Result<(String, Files)> {
    let mut files = Files::new();
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            files.push((name(&path), fs::read_to_string(&path)?));
        }
    }
    files.sort();
    Ok((name(Path::new(path)), files))
}

fn name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn run() -> std::io::Result<bool> {
    let (mut folders, mut overlays) = (Vec::new(), Files::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--overlay" {
            let file = args.next().unwrap_or_default();
            overlays.push((name(Path::new(&file)), fs::read_to_string(&file)?));
        } else {
            folders.push(folder(&arg)?);
        }
    }
    let files: Vec<Vec<(&str, &str)>> = (folders.iter())
        .map(|(_, files)| {
            files
                .iter()
                .map(|(n, t)| (n.as_str(), t.as_str()))
                .collect()
        })
        .collect();
    let packs: Vec<PackText<'_>> = (folders.iter().zip(&files))
        .map(|((folder, _), files)| PackText { folder, files })
        .collect();
    let overlays: Vec<(&str, &str)> = (overlays.iter())
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    match Catalogue::parse_with(&packs, &overlays) {
        Err(faults) => {
            println!("{faults}\n{} faults", faults.0.len());
            Ok(false)
        }
        Ok(c) => {
            println!(
                "{} activities, {} rules, {} violations, {} attributes, {} tables",
                c.activities().len(),
                c.rules().len(),
                c.violations().len(),
                c.attributes().len(),
                c.tables().len(),
            );
            Ok(true)
        }
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            println!("{e}");
            ExitCode::from(2)
        }
    }
}
