//! The real binary on a real disk: killed at random moments under load, and with system calls that fail or kill by strace.
//!
//! `error=` replaces the call: it fails and nothing persists; that it persists nevertheless is the simulated disk's part.
//! N counts per thread.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use testkit::{
    hammer::{Ending, Scene},
    store::Rng,
};

const KILLS: u64 = 200;
/// Kills in one directory: the log grows, and all of it is read after each.
const LIVES: u64 = 8;

/// The real binary, told to append to a log and to nothing else.
const LIUHEN: &str = env!("CARGO_BIN_EXE_liuhen");

fn command(scene: &Scene, limit: Option<u64>) -> Command {
    let mut command = Command::new(LIUHEN);
    command.arg("hammer").arg(scene.dir());
    command.args(limit.map(|n| n.to_string()));
    command
}

#[test]
fn killed_two_hundred_times_at_random_moments_under_load() {
    let mut rng = Rng::new(200);
    let (mut kills, mut acknowledged, mut under_load) = (0, 0, 0);
    while kills < KILLS {
        let dir = tempfile::tempdir().unwrap();
        let mut scene = Scene::new(dir.path().join("log"));
        for _ in 0..LIVES {
            // Most in the middle of work, some while the log is made or recovered.
            let when_ready = rng.chance(4, 5);
            let after = Duration::from_micros(rng.below(if when_ready { 40_000 } else { 12_000 }));
            let ending = scene.victim(command(&scene, None), Some(after), when_ready);
            assert!(!ending.success, "it ended before it was killed");
            under_load += u64::from(ending.acknowledged > 0);
            kills += 1;
            scene.check(&format!("kill {kills}"));
        }
        acknowledged += scene.acknowledged();
    }
    eprintln!(
        "{kills} kills, {under_load} of them under load, {acknowledged} entries acknowledged, none lost"
    );
    assert!(under_load > KILLS / 3, "{under_load} kills under load");
}

/// Whether system calls can be injected here. In CI they must be.
fn has_strace() -> bool {
    let status = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", "trace=none", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    let works = status.is_ok_and(|s| s.success());
    assert!(
        works || std::env::var_os("CI").is_none(),
        "strace is missing or may not trace; scripts/test installs it"
    );
    if !works {
        eprintln!("SKIPPED: strace is missing or may not trace; scripts/test installs it");
    }
    works
}

fn traced(scene: &mut Scene, inject: &str, call: &str) -> Ending {
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "--seccomp-bpf", "-o", "/dev/null"])
        .args([
            "-e",
            &format!("trace={call}"),
            "-e",
            &format!("inject={call}:{inject}"),
        ])
        .arg(LIUHEN)
        .arg("hammer")
        .arg(scene.dir())
        .arg("700");
    scene.victim(strace, None, false)
}

/// Each call, each outcome, the n-th time for rising n; then a start, everything read, and an audit.
fn injected(calls: &[&str], outcomes: &[&str]) {
    if !has_strace() {
        return;
    }
    for call in calls {
        let (mut struck, mut acknowledged) = (0, 0);
        for outcome in outcomes {
            for n in [1, 2, 3, 4, 5, 6, 8, 11, 15, 21, 30] {
                let dir = tempfile::tempdir().unwrap();
                let mut scene = Scene::new(dir.path().join("log"));
                // An untroubled life first, so that there is something to lose.
                let quiet = scene.victim(command(&scene, Some(300)), None, false);
                assert!(quiet.success, "{}", quiet.said);
                let ending = traced(&mut scene, &format!("{outcome}:when={n}"), call);
                let what = format!("{call}:{outcome}:when={n}");
                assert!(!ending.said.contains("panicked"), "{what}: {}", ending.said);
                struck += u64::from(!ending.success);
                acknowledged += ending.acknowledged;
                scene.check(&what);
                // And it goes on.
                let after = scene.victim(command(&scene, Some(50)), None, false);
                assert!(after.success, "{what}: {}", after.said);
                scene.check(&what);
            }
        }
        eprintln!(
            "{call}: {struck} processes ended by it, {acknowledged} entries acknowledged before, none lost"
        );
        assert!(struck > 0, "{call} never struck");
    }
}

#[test]
fn flushes_that_fail_or_kill() {
    let outcomes = ["error=EIO", "error=ENOSPC", "signal=KILL"];
    injected(&["fdatasync", "fsync", "syncfs"], &outcomes);
}

#[test]
fn writes_that_fail_or_kill() {
    let outcomes = ["error=EIO", "error=ENOSPC", "signal=KILL"];
    injected(&["pwrite64", "write"], &outcomes);
}

#[test]
fn names_that_fail_or_kill() {
    let outcomes = ["error=EIO", "error=ENOSPC", "signal=KILL"];
    injected(&["rename", "openat", "unlink"], &outcomes);
}
