//! Keys a second for each scheme, of a file with one version a line: read again and again for half a second of processor
//! time. Prints, and keeps nothing.

mod spent;

use std::{hint::black_box, time::Instant};

use spent::spent;

use supply::version::{Scheme, key};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path)?;
        for scheme in Scheme::ALL {
            let versions: Vec<&str> = text.lines().filter(|v| key(scheme, v).is_ok()).collect();
            let bytes: usize = versions
                .iter()
                .filter_map(|v| Some(key(scheme, v).ok()?.as_bytes().len()))
                .sum();
            let start = Instant::now();
            let (before, mut made) = (spent(start), 0_usize);
            while spent(start) - before < 0.5 {
                for version in &versions {
                    let _ = black_box(key(scheme, black_box(version)));
                }
                made += versions.len();
                if versions.is_empty() {
                    break;
                }
            }
            let rate = made as f64 / (spent(start) - before) / 1e6;
            let mean = bytes as f64 / versions.len().max(1) as f64;
            println!("{scheme:?}: {rate:.1} M keys/s, {mean:.1} bytes a key");
        }
    }
    Ok(())
}
