//! Red against planted, plant by plant: `cargo run --release -p testkit --example score -- CASES SEED PERCENT`.

use std::collections::BTreeMap;

use calendar::Calendar;
use law::Catalogue;
use testkit::casework::{Case, Generator, PLANTS, judge::score};
use watch::Program;

fn main() {
    let args: Vec<i64> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let arg = |n: usize, or: i64| args.get(n).copied().unwrap_or(or);
    let until: model::Micros = "2026-11-23T01:30:00Z".parse().expect("a time");
    let generator = Generator::new(arg(1, 7) as u64, until).planting(arg(2, 8));
    let cases: Vec<Case> = generator.cases(arg(0, 3000) as usize).collect();
    let program = Program::new(Catalogue::shipped(), Calendar::china());
    let score = score(&program, &cases, until, 2);
    println!(
        "recall {:.4}, precision {:.4}",
        score.recall(),
        score.precision()
    );
    let mut missed: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (case, plant, rule) in &score.missed {
        missed.entry((*plant, *rule)).or_default().push(case);
    }
    for (what, cases) in missed {
        println!("missed {what:?}: {} {}", cases.len(), cases[0]);
    }
    let mut unplanned: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (case, plant, rule) in &score.unplanned {
        unplanned
            .entry((*plant, rule.as_str()))
            .or_default()
            .push(case);
    }
    for (what, cases) in unplanned {
        println!("unplanned {what:?}: {} {}", cases.len(), cases[0]);
    }
    for plant in PLANTS.iter().filter(|p| !score.plants.contains_key(p.id)) {
        println!("never planted: {}", plant.id);
    }
}
