//! `hammer DIR [LIMIT]`: the victim of the tests that kill a process. See `testkit::hammer`.

use std::{io::Write, path::Path, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(dir) = arguments.first() else {
        eprintln!("hammer DIR [LIMIT]");
        return ExitCode::from(2);
    };
    let limit = arguments.get(1).and_then(|n| n.parse().ok());
    let mut out = std::io::stdout().lock();
    match testkit::hammer::run(Path::new(dir), limit, &mut out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            out.flush().ok();
            eprintln!("hammer: {error}");
            ExitCode::FAILURE
        }
    }
}
