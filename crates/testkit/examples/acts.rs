//! How many acts the generator makes in a second: `cargo run --release -p testkit --example acts -- 50000`.

use std::time::Instant;

use testkit::casework::Generator;

fn main() {
    let cases = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .unwrap_or(50_000);
    let until = "2026-11-23T01:30:00Z".parse().expect("a time");
    let generator = Generator::new(7, until);
    for _ in 0..3 {
        let start = Instant::now();
        let acts: usize = generator.cases(cases).map(|c| c.acts.len()).sum();
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{cases} cases, {acts} acts, {:.0} acts/s",
            acts as f64 / seconds
        );
    }
}
