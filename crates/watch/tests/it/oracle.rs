//! SQL finds what we find: `bench/oracle/check.py` in DuckDB, or in Python's SQLite where DuckDB cannot be installed.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use law::rule::*;
use watch::batch::{Keep, check};
use watch::{Columns, Engine, Event};

use crate::random::{around, base, on};
use crate::world::{HOUR, MINUTE, program};

fn rules() -> [Rule; 4] {
    let within = |amount, unit| Response {
        expect: vec![on("b")],
        until: Vec::new(),
        by: Vec::new(),
        bounds: vec![BoundIf {
            when: Guard::default(),
            bound: Limit { amount, unit },
        }],
        changes: Vec::new(),
        pause: Vec::new(),
        lead: None,
        roll: false,
        statutory: false,
        rearm: false,
        same: Vec::new(),
    };
    let need = Need {
        if_: Guard::default(),
        any: vec![on("c")],
        lead: None,
        within: None,
        revoked_by: vec![on("d")],
        since: Vec::new(),
        same: Vec::new(),
    };
    let distinct = Distinct {
        roles: Vec::new(),
        against: vec![on("b")],
        against_roles: Vec::new(),
        before: false,
    };
    let grace = |amount| {
        let limit = Some(Limit {
            amount,
            unit: LimitUnit::Hour,
        });
        Recording {
            act: limit,
            clock: limit,
        }
    };
    let mut rules = [
        around(
            "response_hours",
            on("a"),
            Template::Response(within(24, LimitUnit::Hour)),
        ),
        around(
            "response_days",
            on("a"),
            Template::Response(within(2, LimitUnit::Day)),
        ),
        around("precedence", on("a"), Template::Precedence(vec![need])),
        around("distinct", on("a"), Template::Distinct(distinct)),
    ];
    rules[0].recording = grace(1).of(&rules[0].template);
    rules[2].recording = grace(24).of(&rules[2].template);
    rules
}

/// A Python with DuckDB, installed once; any other Python where that cannot be had.
fn python(target: &Path) -> Option<PathBuf> {
    let own = target.join("duckdb/bin/python");
    let runs = |python: &Path, code: &str| {
        let run = Command::new(python).args(["-c", code]).output();
        run.is_ok_and(|o| o.status.success())
    };
    if runs(&own, "import duckdb") {
        return Some(own);
    }
    let venv = Command::new("python3")
        .args(["-m", "venv"])
        .arg(target.join("duckdb"))
        .output();
    if venv.is_ok_and(|o| o.status.success()) {
        let pip = Command::new(target.join("duckdb/bin/pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--timeout",
                "20",
                "duckdb>=1.4",
            ])
            .output();
        if pip.is_ok_and(|o| o.status.success()) && runs(&own, "import duckdb") {
            return Some(own);
        }
    }
    eprintln!("DuckDB could not be installed into target/duckdb: SQLite takes its place");
    let plain = PathBuf::from("python3");
    runs(&plain, "import sqlite3").then_some(plain)
}

#[test]
fn sql_finds_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target = root.join("target");
    let Some(python) = python(&target) else {
        eprintln!("skipped: no Python with DuckDB or SQLite");
        return;
    };
    let rules = rules();
    let program = program(&rules);
    let (mut columns, mut engine) = (Columns::new(&program), Engine::new(program.clone()));
    let (mut events, mut changes) = (String::new(), Vec::new());
    let people: Vec<String> = (0..40).map(|n| format!("p{n}")).collect();
    let mut state = 2_026_u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for pos in 0..60_000_u64 {
        let case = format!("c{}", below(6_000));
        let t = base() + below(14 * 48) as i64 * 30 * MINUTE;
        let activity = ["a", "b", "c", "d", "e"][below(5) as usize];
        let acting: BTreeSet<&str> = (0..=below(2))
            .map(|_| people[below(40) as usize].as_str())
            .collect();
        let actors: Vec<(&str, &str)> = acting.iter().map(|p| (*p, "R1")).collect();
        let names: Vec<&str> = acting.into_iter().collect();
        writeln!(events, "{pos},{case},{activity},{t},{}", names.join(";")).expect("a string");
        let event = Event {
            position: pos,
            claimed: (t, t),
            recorded: t,
            ended: None,
            activity,
            organ: "O1",
            actors: &actors,
            objects: &[("case", &case, None)],
            attrs: &[],
            corrects: None,
            erased: false,
        };
        columns.push(&program, &event);
        engine.apply(&event, &mut changes);
        if pos % 1_000 == 0 {
            engine.tick(base() + pos as i64 * 20 * MINUTE / 1_000, &mut changes);
        }
    }
    let folder = target.join("oracle");
    std::fs::create_dir_all(&folder).expect("target can be written");
    let (log, told) = (folder.join("events.csv"), folder.join("found.csv"));
    std::fs::write(&log, events).expect("target can be written");
    // While much can still be recorded, and when nothing can any more.
    for days in [7, 100] {
        let now = base() + days * 24 * HOUR;
        let report = check(&program, &columns, now, Keep::Findings, 2);
        let found = report.found.iter().map(|f| {
            (
                rules[f.rule() as usize].id.to_string(),
                columns.position(f.row()),
                f.outcome(),
            )
        });
        let mut found: BTreeSet<_> = found.collect();
        engine.tick(now, &mut changes);
        let mut stands: BTreeSet<_> = (engine.standing())
            .map(|c| {
                (
                    rules[c.rule as usize].id.to_string(),
                    engine.activation(&c),
                    c.outcome(),
                )
            })
            .collect();
        stands.retain(|s| s.2 != Outcome::Pending);
        assert_eq!(found, stands, "batch and incremental");
        found.retain(|f| f.2 == Outcome::Breached);
        assert_eq!(days == 100, found.len() == stands.len());
        let lines: String = found
            .iter()
            .map(|(rule, pos, _)| format!("{rule},{pos}\n"))
            .collect();
        std::fs::write(&told, lines).expect("target can be written");
        let run = Command::new(&python)
            .arg(root.join("bench/oracle/check.py"))
            .args([&log, &told])
            .arg(now.to_string())
            .output()
            .expect("Python runs");
        let text = String::from_utf8_lossy(&run.stdout);
        eprintln!("{text}");
        assert!(
            run.status.success(),
            "{text}{}",
            String::from_utf8_lossy(&run.stderr)
        );
        assert_eq!(
            text.matches(" broken, 0 missed, 0 invented").count(),
            4,
            "{text}"
        );
    }
}
