//! What the machine can do by itself: the bounds of every other figure.

use std::{
    fmt, fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use serde::Serialize;
use tlog::{
    TreeHash,
    note::{self, KeyKind, SigningKey},
};

use crate::failure::{Failure, io};

/// The machine, and its own speeds.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    pub(crate) memory_mb: u64,
    pub(crate) file_system: String,
    /// From the environment, where `make bench` puts it.
    pub(crate) commit: String,
    /// SHA-256 over long input, MB/s on one core.
    pub(crate) sha256_mb_s: f64,
    /// RFC 6962 leaf hashes of 300 bytes, per second on one core.
    pub(crate) leaves_s: f64,
    /// Ed25519 verifications one by one, per second on one core.
    pub(crate) verify_s: f64,
    /// Append of 4 KiB and fdatasync, while the core is kept busy: median, µs.
    pub(crate) flush_us: f64,
    /// Appending 256 KiB at a time with a flush each, MB/s.
    pub(crate) flush_mb_s: f64,
    /// One file per entry, synced one after the other with its directory: entries per second. What a log does that writes
    /// an object per entry.
    pub(crate) file_each_s: f64,
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} · {} cores · {} MB · {} · commit {}",
            self.cpu, self.cores, self.memory_mb, self.file_system, self.commit
        )?;
        writeln!(
            f,
            "by itself, one core: SHA-256 {:.0} MB/s · 300-byte leaves {:.2} M/s · Ed25519 checks {:.0}/s · flush of 4 KiB {:.0} µs · flushed 256 KiB pieces {:.0} MB/s · one synced file an entry {:.0}/s",
            self.sha256_mb_s,
            self.leaves_s / 1e6,
            self.verify_s,
            self.flush_us,
            self.flush_mb_s,
            self.file_each_s
        )
    }
}

pub(crate) fn measure(dir: &Path) -> Result<Machine, Failure> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpuinfo
        .lines()
        .find_map(|l| l.strip_prefix("model name")?.split(':').nth(1));
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = meminfo.lines().find_map(|l| {
        l.strip_prefix("MemTotal:")?
            .split_whitespace()
            .next()?
            .parse::<u64>()
            .ok()
    });
    let failed = |e| io(dir, e);
    Ok(Machine {
        cpu: cpu.unwrap_or("unknown processor").trim().to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        memory_mb: memory.unwrap_or(0) / 1024,
        file_system: file_system(dir),
        commit: std::env::var("LIUHEN_COMMIT").unwrap_or_else(|_| "not named".to_owned()),
        sha256_mb_s: ledger::hash_speed(Duration::from_millis(200)),
        leaves_s: per_second(|| {
            std::hint::black_box(tlog::Sha256::leaf(std::hint::black_box(&[7; 300])));
        }),
        verify_s: verify_speed(),
        flush_us: flush(dir, 4096, 300).map_err(failed)?.0,
        flush_mb_s: flush(dir, 256 * 1024, 100).map_err(failed)?.1,
        file_each_s: file_each(dir).map_err(failed)?,
    })
}

fn verify_speed() -> f64 {
    let key = SigningKey::from_seed("bench", [7; 32], KeyKind::Actor).expect("a good name");
    let text = "x".repeat(300) + "\n";
    let line = note::sign(&text, &key).expect("a text that ends in a line end");
    per_second(|| {
        key.verifier()
            .verify(text.as_bytes(), &line)
            .expect("it was signed above");
    })
}

fn per_second(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut done = 0;
    while start.elapsed() < Duration::from_millis(200) {
        work();
        done += 1;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}

/// Median flush in µs and MB/s. Another thread keeps a core busy: an idle one sleeps for a tick, and that is not the disk.
fn flush(dir: &Path, bytes: usize, times: usize) -> std::io::Result<(f64, f64)> {
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                std::hint::spin_loop();
            }
        });
        let measured = (|| {
            let path = dir.join("flush");
            let mut file = fs::File::create(&path)?;
            // Written once before: a file that grows costs a metadata commit at each flush.
            file.write_all(&vec![0; bytes * times])?;
            file.sync_all()?;
            let data = vec![1; bytes];
            let mut each = Vec::with_capacity(times);
            let start = Instant::now();
            for n in 0..times {
                let begin = Instant::now();
                std::os::unix::fs::FileExt::write_all_at(&file, &data, (n * bytes) as u64)?;
                file.sync_data()?;
                each.push(begin.elapsed());
            }
            let speed = (bytes * times) as f64 / 1e6 / start.elapsed().as_secs_f64();
            fs::remove_file(path)?;
            each.sort_unstable();
            Ok((super::percentile(&each, 0.5).as_secs_f64() * 1e6, speed))
        })();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        measured
    })
}

fn file_each(dir: &Path) -> std::io::Result<f64> {
    const FILES: u32 = 100;
    let dir = dir.join("each");
    fs::create_dir(&dir)?;
    let handle = fs::File::open(&dir)?;
    let start = Instant::now();
    for n in 0..FILES {
        let (temp, path) = (dir.join("new"), dir.join(n.to_string()));
        let mut file = fs::File::create(&temp)?;
        file.write_all(&[7; 300])?;
        file.sync_all()?;
        fs::rename(temp, path)?;
        handle.sync_all()?;
    }
    let speed = f64::from(FILES) / start.elapsed().as_secs_f64();
    fs::remove_dir_all(dir)?;
    Ok(speed)
}

/// Type of the file system, from the longest mount point that holds the directory.
fn file_system(dir: &Path) -> String {
    let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let fields = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((Path::new(fields.next()?), fields.next()?))
    });
    let best = fields
        .filter(|(point, _)| dir.starts_with(point))
        .max_by_key(|(point, _)| point.as_os_str().len());
    best.map_or_else(
        || "unknown file system".to_owned(),
        |(_, kind)| kind.to_owned(),
    )
}
