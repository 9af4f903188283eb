//! Components a second, of bills given as files: each is read again and again for a second of processor time. Prints, and keeps nothing.

mod spent;

use std::{hint::black_box, time::Instant};

use spent::spent;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let sbom = match supply::sbom::read(&bytes) {
            Ok(sbom) => sbom,
            Err(fault) => {
                println!("{path}: {fault}");
                continue;
            }
        };
        let start = Instant::now();
        let (before, mut rounds) = (spent(start), 0_u32);
        while spent(start) - before < 1.0 {
            black_box(supply::sbom::read(black_box(&bytes))?);
            rounds += 1;
        }
        let each = (spent(start) - before) / f64::from(rounds);
        let components = sbom.quality().components as f64;
        println!(
            "{path}: {components} components, {:.0} components/s, {:.0} MB/s, {} bytes kept of {}",
            components / each,
            bytes.len() as f64 / each / 1e6,
            sbom.memory(),
            bytes.len(),
        );
    }
    Ok(())
}
