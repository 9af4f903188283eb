//! Reads pack folders from disk and runs the examples of their rules: `cargo run -p watch --example rehearse -- packs/node packs/casework`.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut folders = Vec::new();
    for path in std::env::args().skip(1) {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml")
                && let Ok(text) = std::fs::read_to_string(entry.path())
            {
                files.push((name, text));
            }
        }
        let folder = path
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or("")
            .to_owned();
        folders.push((folder, files));
    }
    let files: Vec<Vec<(&str, &str)>> = (folders.iter())
        .map(|(_, files)| {
            files
                .iter()
                .map(|(n, t)| (n.as_str(), t.as_str()))
                .collect()
        })
        .collect();
    let packs: Vec<law::PackText<'_>> = (folders.iter().zip(&files))
        .map(|((folder, _), files)| law::PackText { folder, files })
        .collect();
    let catalogue = match law::Catalogue::parse(&packs) {
        Ok(catalogue) => catalogue,
        Err(faults) => {
            println!("{faults}");
            return ExitCode::FAILURE;
        }
    };
    let program = watch::Program::new(&catalogue, calendar::Calendar::china());
    let mismatches = watch::rehearse(&program);
    for mismatch in &mismatches {
        println!("{mismatch}");
    }
    println!(
        "{} rules, {} run, {} examples come out otherwise",
        catalogue.rules().len(),
        program.rule_count(),
        mismatches.len()
    );
    if mismatches.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
