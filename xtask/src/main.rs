//! Chores of the repository: `cargo xtask tidy`, `cargo xtask openapi`.
//!
//! Is *not* part of the product: nothing here is shipped, and no crate depends on it. It is kept light, because it is
//! built by everybody who only wants to check the repository's rules.

mod tidy;

use std::{path::PathBuf, process::ExitCode};

const USAGE: &str = "\
usage: cargo xtask <task>

tasks:
  tidy      check the rules of the repository (CONTRIBUTING.md lists them)
  openapi   print the description of the API, as the program has it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["tidy"] => run_tidy(),
        ["openapi"] => openapi(),
        [] | ["-h" | "--help" | "help"] => {
            print!("{USAGE}");
            ExitCode::SUCCESS
        }
        other => {
            eprintln!("xtask: unknown task `{}`\n\n{USAGE}", other.join(" "));
            ExitCode::from(2)
        }
    }
}

/// Root of the repository: the parent of this crate's folder.
fn root() -> PathBuf {
    let mut here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.pop();
    here
}

fn run_tidy() -> ExitCode {
    match tidy::check(&root()) {
        Ok(faults) if faults.is_empty() => {
            println!("tidy: {} rules hold", tidy::RULES);
            ExitCode::SUCCESS
        }
        Ok(faults) => {
            for fault in &faults {
                println!("{fault}");
            }
            eprintln!("tidy: {} faults", faults.len());
            ExitCode::FAILURE
        }
        Err(e) => {
            eprintln!("tidy: {e}");
            ExitCode::from(4)
        }
    }
}

/// The program itself knows it; this saves only the looking up how to ask.
fn openapi() -> ExitCode {
    let status = std::process::Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "liuhen", "--", "openapi"])
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("openapi: cargo did not start: {e}");
            ExitCode::from(4)
        }
    }
}
