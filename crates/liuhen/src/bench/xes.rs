//! The parser of XES alone: a file is read to its end and thrown away, by a process of its own, so that its memory is its own.
//!
//! Not an import and not a check: no ledger, no rules. One thread parses.

use std::{
    fs::{self, File},
    io::{BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Instant,
};

use interchange::{Item, Options, Reject, Sink, Source, Stop};
use serde_json::{Value, json};

use super::{Bench, Figure, Target, node::memory_mb, number};
use crate::{
    failure::{Exit, Failure, io},
    ui::Ui,
};

/// Events that a measured log has, at least.
const EVENTS: u64 = 5_000_000;

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::broken(error.to_string())
}

struct Nothing {
    rejects: u64,
}

impl Sink for Nothing {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        std::hint::black_box(&item);
        Ok(())
    }

    fn reject(&mut self, _: Reject) {
        self.rejects += 1;
    }
}

fn options() -> Result<Options, Failure> {
    let zone = "+08:00".parse().map_err(broken)?;
    Ok(Options {
        zone: Some(zone),
        ..Options::default()
    })
}

/// Parses a file and says how long it took and how much memory this process needed.
pub(super) fn alone(ui: &Ui, file: &Path) -> Result<Exit, Failure> {
    let mut sink = Nothing { rejects: 0 };
    let started = Instant::now();
    let summary = interchange::read(Source::Path(file), &options()?, &mut sink).map_err(broken)?;
    let seconds = started.elapsed().as_secs_f64();
    let said = json!({
        "events": summary.events,
        "bytes": summary.bytes,
        "rejects": sink.rejects,
        "seconds": seconds,
        "peak_mb": memory_mb(std::process::id(), "VmHWM"),
        "cpu_seconds": cpu_seconds(),
    });
    ui.result(&said, &format!("{said}\n"));
    Ok(Exit::Good)
}

/// Time that all threads of this process have computed; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold anything; what follows is numbers, user and system time at places 12 and 13.
    let after = stat.rsplit(") ").next().unwrap_or_default();
    let ticks = after.split(' ').skip(11).take(2);
    ticks.filter_map(|t| t.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// A log of the generator, and one from the command line: each parsed three times, the median counts.
pub(super) fn parse(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let generated = bench.dir.join("parsed.xes");
    let mut file = BufWriter::new(File::create(&generated).map_err(|e| io(&generated, e))?);
    let made = interchange::synthetic::xes(&mut file, 1, EVENTS / 20, EVENTS);
    made.and_then(|()| file.flush())
        .map_err(|e| io(&generated, e))?;
    drop(file);
    let mut figures = measured("generated log", &generated)?;
    fs::remove_file(&generated).map_err(|e| io(&generated, e))?;
    if let Some(log) = &bench.log {
        let (long, times) = repeated(bench, log)?;
        let name = log.file_name().unwrap_or_default().to_string_lossy();
        figures.extend(measured(&format!("{name}, {times} times over"), &long)?);
        fs::remove_file(&long).map_err(|e| io(&long, e))?;
    }
    Ok(figures)
}

fn measured(what: &str, file: &Path) -> Result<Vec<Figure>, Failure> {
    let mut runs = Vec::new();
    for _ in 0..3 {
        let out = Command::new(std::env::current_exe().map_err(broken)?)
            .args(["--json", "bench", "--parse"])
            .arg(file)
            .stderr(Stdio::null())
            .output()
            .map_err(broken)?;
        let said: Value = serde_json::from_slice(&out.stdout).map_err(broken)?;
        let number = |key: &str| said[key].as_f64().unwrap_or(0.0);
        if !out.status.success() || said["rejects"] != 0 || number("events") < 1.0 {
            return Err(Failure::broken(format!("parsing went wrong: {said}")));
        }
        let keys = ["events", "seconds", "cpu_seconds", "bytes", "peak_mb"];
        runs.push(keys.map(number));
    }
    runs.sort_by(|a, b| a[1].total_cmp(&b[1]));
    let [events, seconds, cpu, bytes, _] = runs[1];
    let peak = runs.iter().map(|r| r[4]).fold(0.0, f64::max);
    Ok(vec![
        Figure::new(
            "xes",
            format!(
                "{what}: {} events, {} MB, parser alone, one core",
                number(events),
                number(bytes / 1e6)
            ),
            events / if cpu > 0.0 { cpu } else { seconds },
            "events/s",
        )
        .target(Target::AtLeast(500_000.0))
        .ratio(format!(
            "per second of processor; {} events/s and {} MB/s by the clock on the wall",
            number(events / seconds),
            number(bytes / seconds / 1e6)
        )),
        Figure::new("xes", "the same, most memory of the process", peak, "MB")
            .target(Target::AtMost(64.0)),
    ])
}

/// The traces of a log again and again in one file, until it has so many events.
fn repeated(bench: &Bench<'_>, log: &Path) -> Result<(PathBuf, u64), Failure> {
    let failed = |e| io(log, e);
    let mut plain = Vec::new();
    let mut head = [0; 2];
    let mut file = File::open(log).map_err(failed)?;
    let packed = file.read_exact(&mut head).is_ok() && head == [0x1f, 0x8b];
    if packed {
        let out = Command::new("gzip").arg("-dc").arg(log).output();
        plain = out.map_err(failed)?.stdout;
    } else {
        let mut file = BufReader::new(File::open(log).map_err(failed)?);
        file.read_to_end(&mut plain).map_err(failed)?;
    }
    let lines = || plain.split_inclusive(|b| *b == b'\n');
    let starts = |line: &[u8], tag: &[u8]| line.trim_ascii_start().starts_with(tag);
    let mut at = 0;
    let (mut from, mut to, mut events) = (None, None, 0);
    for line in lines() {
        if from.is_none() && starts(line, b"<trace") {
            from = Some(at);
        }
        events += u64::from(starts(line, b"<event"));
        at += line.len();
        if starts(line, b"</trace>") {
            to = Some(at);
        }
    }
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Failure::broken(format!(
            "{}: no XES with a trace on lines of its own",
            log.display()
        )));
    };
    let times = EVENTS.div_ceil(events.max(1));
    let path = bench.dir.join("repeated.xes");
    let written = File::create(&path).and_then(|file| {
        let mut file = BufWriter::new(file);
        file.write_all(&plain[..from])?;
        for _ in 0..times {
            file.write_all(&plain[from..to])?;
        }
        file.write_all(&plain[to..])?;
        file.flush()
    });
    written.map_err(|e| io(&path, e))?;
    Ok((path, times))
}
