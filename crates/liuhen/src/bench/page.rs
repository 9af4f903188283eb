//! The page of a case with two thousand events, findings and open clocks on it, asked of a server of its own over HTTP.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::{Clock, SystemClock};
use model::Micros;
use office::{CaseFilter, CaseKey, LineResult, PageRequest, may};
use testkit::casework::{Act, Generator};
use testkit::fill::input;

use super::durable::{PASSWORD, broken, node, system};
use super::node::{Client, Server};
use super::{Bench, Figure, Target, number, percentile};
use crate::commands::node::runtime;
use crate::failure::Failure;

/// Events of the case.
const EVENTS: usize = 2_000;
/// Times that each page is asked for.
const ASKED: usize = 100;
const NUMBER: &str = "A3301-2026-900001";

/// One case of two thousand events: criminal cases of the generator, half of them spoilt, told as one.
fn acts(generator: &Generator) -> (String, Vec<Act>) {
    let mut all: Vec<Act> = Vec::new();
    let mut lead = String::new();
    let cases = generator.cases(4_000).collect::<Vec<_>>();
    // The newest last, so that clocks are still open.
    for case in cases.into_iter().rev() {
        if !case.acts.iter().any(|a| a.activity.as_str() == "cr.file") {
            continue;
        }
        if lead.is_empty() {
            lead.clone_from(&case.lead);
        }
        for mut act in case.acts {
            act.case_no = NUMBER.to_owned();
            for object in &mut act.objects {
                if object.object_type.as_str() == "case" {
                    NUMBER.clone_into(&mut object.id);
                    NUMBER.clone_into(&mut object.name);
                }
            }
            all.push(act);
        }
        if all.len() >= EVENTS {
            break;
        }
    }
    all.sort_by_key(|a| a.recorded);
    (lead, all)
}

/// What stands on the case: its key, its events, its findings and clocks.
struct Large {
    key: CaseKey,
    events: usize,
    findings: usize,
    clocks: usize,
}

async fn fill(bench: &Bench<'_>) -> Result<Large, Failure> {
    let now = Micros::new(SystemClock.now()).map_err(broken)?;
    let generator = Generator::new(11, now).planting(50);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let office = node(&bench.dir.join("page"), clock, &generator).await?;
    let permit = system::<may::PostEvents>(&office).await?;
    let (lead, acts) = acts(&generator);
    let organ = generator.roster().person(&lead).map(|p| p.organ.clone());
    let organ = organ.ok_or_else(|| broken("a lead officer who is not on the roster"))?;
    let outsiders = (generator.roster().outsiders.iter())
        .map(|o| (o.no.as_str(), o.name.as_str()))
        .collect();
    let events = acts.len();
    let inputs = acts.into_iter().map(|mut act| {
        act.organ = organ.clone();
        input(act, &outsiders)
    });
    let inputs = inputs.collect();
    for result in office.post_inputs(&permit, inputs).await.map_err(broken)? {
        if !matches!(result, LineResult::Taken { .. }) {
            return Err(broken(format!("not taken: {result:?}")));
        }
    }
    office.heartbeat().await.map_err(broken)?;
    let console = office.console();
    let accounts = office.permit::<may::ManageAccounts>(&console);
    let accounts = accounts.map_err(|e| broken(format!("{e:?}")))?;
    office
        .add_account(&accounts, office.person_key(&lead), "lead", Some(PASSWORD))
        .await
        .map_err(broken)?;
    let session = office.sign_in("lead", PASSWORD).await;
    let viewer = session.map_err(|e| broken(format!("{e:?}")))?.viewer;
    let refused = |e| broken(format!("{e:?}"));
    let search = office
        .permit::<may::SearchCases>(&viewer)
        .map_err(refused)?;
    let filter = CaseFilter {
        q: NUMBER.to_owned(),
        ..CaseFilter::default()
    };
    let first = PageRequest {
        number: 1,
        size: 10,
    };
    let found = office
        .cases(&search, &filter, first)
        .await
        .map_err(broken)?;
    let key = found.rows.first().map(|row| row.key);
    let key = key.ok_or_else(|| broken("the large case is not found"))?;
    let read = office.permit::<may::ReadCase>(&viewer).map_err(refused)?;
    let standing = office
        .case_standing(&read, key, false)
        .await
        .map_err(broken)?;
    let clocks = standing.found.iter().filter(|s| s.wanted).count();
    let findings = standing.found.len() - clocks;
    office.close().await;
    Ok(Large {
        key,
        events,
        findings,
        clocks,
    })
}

/// Its first page and its last, as the officer who leads the case sees them.
pub(super) fn case(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let large = runtime()?.block_on(fill(bench))?;
    let dir = bench.dir.join("page");
    let server = Server::start(&dir)?;
    let mut client = Client::new(&server.address);
    client.sign_in("lead", PASSWORD)?;
    let path = format!("/cases/{}", large.key);
    let started = Instant::now();
    let first = client.get(&path)?;
    let cold = started.elapsed();
    if first.status != 200 || !first.body.contains(NUMBER) {
        return Err(broken(format!(
            "the page of the case answered {} {}",
            first.status, first.location
        )));
    }
    let mut times: Vec<Duration> = Vec::with_capacity(ASKED);
    for _ in 0..ASKED {
        let started = Instant::now();
        let page = client.get(&path)?;
        times.push(started.elapsed());
        if page.status != 200 || page.body.len() < first.body.len() / 2 {
            return Err(broken(format!(
                "the page of the case answered {}",
                page.status
            )));
        }
    }
    server.stop()?;
    std::fs::remove_dir_all(&dir).map_err(|e| crate::failure::io(&dir, e))?;
    times.sort_unstable();
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    Ok(vec![
        Figure::new(
            "page",
            format!(
                "page of a case with {} events, {} findings and {} clocks to keep, p50",
                number(large.events as f64),
                number(large.findings as f64),
                number(large.clocks as f64)
            ),
            ms(percentile(&times, 0.5)),
            "ms",
        )
        .ratio(format!(
            "{} kB; first time {} ms",
            number(first.body.len() as f64 / 1e3),
            number(ms(cold))
        )),
        Figure::new("page", "the same, p99", ms(percentile(&times, 0.99)), "ms")
            .target(Target::AtMost(200.0)),
    ])
}
