//! What the rules say of generated cases, rule by rule, with an example: `cargo run --release -p testkit --example lawful --
//! CASES SEED PLANTED_PERCENT`. For whoever changes the generator or the rules: where nothing is planted nothing may be red.

use std::collections::BTreeMap;

use calendar::Calendar;
use law::Catalogue;
use law::rule::{Grade, Outcome};
use testkit::casework::{Case, Generator, judge::Docket};
use watch::{Program, batch};

fn main() {
    let args: Vec<i64> = std::env::args()
        .skip(1)
        .filter_map(|a| a.parse().ok())
        .collect();
    let arg = |n: usize, or: i64| args.get(n).copied().unwrap_or(or);
    let until: model::Micros = "2026-11-23T01:30:00Z".parse().expect("a time");
    let generator = Generator::new(arg(1, 7) as u64, until).planting(arg(2, 0));
    let cases: Vec<Case> = generator.cases(arg(0, 3000) as usize).collect();
    let program = Program::new(Catalogue::shipped(), Calendar::china());
    let docket = Docket::of(&program, &cases);
    let report = batch::check(&program, &docket.columns, until.get(), batch::Keep::Open, 2);
    let mut total = [0_u64; Outcome::ALL.len()];
    for counts in &report.counts {
        for (t, c) in total.iter_mut().zip(counts) {
            *t += c;
        }
    }
    for (outcome, n) in Outcome::ALL.iter().zip(total) {
        println!("{:>10} {}", n, outcome.name());
    }
    let mut by_rule: BTreeMap<(Outcome, Grade, String), (u32, Vec<watch::batch::Found>)> =
        BTreeMap::new();
    for found in &report.found {
        let kept = [Outcome::Breached, Outcome::NotCheckable];
        if !kept.contains(&found.outcome()) || !cases[docket.case(found.row())].planted.is_empty() {
            continue;
        }
        let rule = program.rule(found.rule());
        let key = (
            found.outcome(),
            rule.grade,
            format!("{} v{}", rule.id, rule.version),
        );
        let entry = by_rule.entry(key).or_default();
        entry.0 += 1;
        if entry.1.len() < 2 {
            entry.1.push(*found);
        }
    }
    for ((outcome, grade, rule), (n, examples)) in &by_rule {
        println!("{} {grade:?} {rule}: {n}", outcome.name());
        for finding in watch::findings(&program, &docket.columns, examples) {
            let at = finding.activation;
            println!(
                "    {} {} pos {} missing {:?} {}",
                finding.object.1, at.activity, at.position, finding.missing, finding.sentence.zh
            );
        }
    }
}
