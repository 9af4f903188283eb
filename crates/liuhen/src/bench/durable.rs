//! From an event to its finding through a node: durable in the log, read back from it and judged by the rules, as every server
//! does it. And what happens when nothing happens: clocks fire by the heartbeat alone.
//!
//! The node runs in this process, with its log, its register and its rules on the disk that is measured; pages and HTTP are
//! not part of it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::{Clock, EntryBytes, Submission, SystemClock};
use model::{
    Actor, Attr, Body, Commitment, Entry, EventId, Header, Micros, ObjectRef, ObjectType,
    Pseudonym, PseudonymKey,
};
use office::{InitSpec, LineResult, Office, Permit, may};
use serde_json::json;
use testkit::casework::{Act, Generator};
use testkit::clock::FakeClock;

use super::ledger::{groups, pour};
use super::watch::renamed;
use super::{Bench, Figure, Target, number, percentile, timed};
use crate::commands::node::runtime;
use crate::failure::Failure;

pub(super) const PASSWORD: &str = "a password for measuring";
/// Events of the measurement of throughput.
const EVENTS: usize = 300_000;
/// Cases that the generator makes for it.
const CASES: usize = 4_000;
/// Single events whose findings are waited for, and how many a second.
const SINGLE: u32 = 1_000;
const RATE: u32 = 100;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

pub(super) fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::broken(error.to_string())
}

/// A new node with the roster of the generator, open.
pub(super) async fn node(
    dir: &Path,
    clock: Arc<dyn Clock>,
    generator: &Generator,
) -> Result<Office, Failure> {
    let city = &generator.roster().organs[0];
    let spec = InitSpec {
        origin: "bench.example/node".parse().map_err(broken)?,
        organ: city.code.clone(),
        organ_name: city.name.clone(),
        admin_name: "bench".to_owned(),
        admin_account: "admin".to_owned(),
        admin_password: PASSWORD.to_owned(),
        listen: None,
        public_log: false,
    };
    Office::init(dir, spec, Arc::clone(&clock))
        .await
        .map_err(broken)?;
    let office = Office::open(dir, clock).await.map_err(broken)?;
    testkit::fill(&office, generator, 0, PASSWORD)
        .await
        .map_err(broken)?;
    Ok(office)
}

/// A permit of the case system for what `A` says.
pub(super) async fn system<A: office::Permission>(office: &Office) -> Result<Permit<A>, Failure> {
    let session = office
        .sign_in(testkit::fill::SYSTEM_ACCOUNT, PASSWORD)
        .await;
    let viewer = session.map_err(|e| broken(format!("{e:?}")))?.viewer;
    office.permit(&viewer).map_err(|e| broken(format!("{e:?}")))
}

fn now() -> Result<Micros, Failure> {
    Micros::new(SystemClock.now()).map_err(broken)
}

/// An act as the line that a case system would post, with another time and for another case.
fn line(act: &Act, occurred: i64, copy: usize) -> Result<String, Failure> {
    let acts = renamed(std::slice::from_ref(act), copy);
    let act = &acts[0];
    let occurred = Micros::new(occurred).map_err(broken)?;
    let mut attrs: serde_json::Map<String, serde_json::Value> = (act.attrs.iter())
        .filter_map(|a| {
            let value = match &a.value {
                model::Value::Bool(b) => json!(b),
                model::Value::Int(n) => json!(n),
                model::Value::Float(n) => json!(n),
                model::Value::String(t) | model::Value::Id(t) => json!(t),
                _ => return None,
            };
            Some((a.key.clone(), value))
        })
        .collect();
    // Recorded as it happened: what waits for records waits from then.
    let recorded = json!(occurred.to_string());
    attrs.insert("source_recorded".to_owned(), recorded);
    // People stay those of the roster.
    let number = |no: &str| no.split('~').next().unwrap_or_default().to_owned();
    let actors: Vec<_> = (act.actors.iter())
        .map(|a| json!({"number": number(&a.no), "role": a.role.as_str(), "name": "bench"}))
        .collect();
    let objects: Vec<_> = (act.objects.iter())
        .map(|o| {
            let part = o.qualifier.as_ref().map(|q| q.as_str());
            json!({"type": o.object_type.as_str(), "id": o.id, "qualifier": part})
        })
        .collect();
    let event = json!({
        "activity": act.activity.as_str(),
        "occurred": occurred.to_string(),
        "organ": act.organ.as_str(),
        "actors": actors,
        "objects": objects,
        "attrs": attrs,
    });
    Ok(event.to_string())
}

/// The detention of a suspect: family notice and delivery to the detention centre within 24 hours hang on it.
fn detention(generator: &Generator) -> Result<Act, Failure> {
    let mut acts = generator.cases(2_000).flat_map(|case| case.acts);
    acts.find(|a| a.activity.as_str() == "cr.detain")
        .ok_or_else(|| Failure::broken("no generated case has a detention"))
}

/// An event to its finding, and how many events a second log and rules take.
pub(super) fn durable(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let mut figures = runtime()?.block_on(latency(bench))?;
    figures.extend(runtime()?.block_on(throughput(bench))?);
    Ok(figures)
}

async fn latency(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let generator = Generator::new(7, now()?).planting(0);
    let dir = bench.dir.join("durable");
    let office = node(&dir, Arc::new(SystemClock), &generator).await?;
    let permit = Arc::new(system::<may::PostEvents>(&office).await?);
    let detained = detention(&generator)?;
    // Of the 24 hours more than nine tenths are over: each event causes a warning.
    let occurred = now()?.get() - 23 * HOUR;
    let mut running = Vec::new();
    let start = Instant::now();
    for n in 0..SINGLE {
        let due = start + Duration::from_secs(1) * n / RATE;
        tokio::time::sleep_until(due.into()).await;
        let (office, permit) = (office.clone(), Arc::clone(&permit));
        let line = line(&detained, occurred, n as usize)?;
        running.push(tokio::spawn(async move {
            let taken = office.post_events(&permit, &[line]).await.map_err(broken)?;
            let durable = due.elapsed();
            let [LineResult::Taken { index, .. }] = taken[..] else {
                return Err(broken(format!("not taken: {taken:?}")));
            };
            let found = office.caused(&permit, &[index]).await;
            if found.is_empty() {
                return Err(broken("a detention of 23 hours ago warned of nothing"));
            }
            Ok((durable, due.elapsed()))
        }));
    }
    let (mut logged, mut found) = (Vec::new(), Vec::new());
    for one in running {
        let (durable, told) = one.await.map_err(broken)??;
        logged.push(durable);
        found.push(told);
    }
    office.close().await;
    drop(office);
    std::fs::remove_dir_all(&dir).map_err(|e| crate::failure::io(&dir, e))?;
    logged.sort_unstable();
    found.sort_unstable();
    let ms = |times: &[Duration], share| percentile(times, share).as_secs_f64() * 1e3;
    let flush = bench.machine.flush_us / 1e3;
    Ok(vec![
        Figure::new(
            "durable",
            format!("an event to its findings, durable, {RATE}/s offered one by one, p50"),
            ms(&found, 0.5),
            "ms",
        )
        .ratio(format!("{} × a flush", number(ms(&found, 0.5) / flush))),
        Figure::new("durable", "the same, p99", ms(&found, 0.99), "ms")
            .target(Target::AtMost(50.0))
            .ratio(format!(
                "durable alone: p50 {} ms, p99 {} ms",
                number(ms(&logged, 0.5)),
                number(ms(&logged, 0.99))
            )),
    ])
}

/// What a case system's event is in the log.
pub(super) struct Maker {
    key: PseudonymKey,
    known: HashMap<(ObjectType, String), Pseudonym>,
    serial: u64,
}

impl Maker {
    pub(super) fn new() -> Self {
        Self {
            key: PseudonymKey::new([7; 32]),
            known: HashMap::new(),
            serial: 0,
        }
    }

    /// Forgets whom it knows: no more memory than for the next of them.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    fn pseudonym(&mut self, object_type: &ObjectType, id: &str) -> Pseudonym {
        let key = (object_type.clone(), id.to_owned());
        let made = self.key.pseudonym(object_type, "", id);
        *self.known.entry(key).or_insert(made)
    }

    pub(super) fn submission(&mut self, act: &Act) -> Result<Submission, Failure> {
        self.serial += 1;
        let mut random = [0; 16];
        random[..8].copy_from_slice(&self.serial.to_be_bytes());
        let mut body = Body::new(random);
        body.attrs.clone_from(&act.attrs);
        body.attrs
            .push(Attr::text("source_recorded", act.recorded.to_string()));
        if let Some(ended) = act.ended {
            body.attrs.push(Attr::text("ended", ended.to_string()));
        }
        let staff = ObjectType::new("staff").map_err(broken)?;
        let actor = (act.actors.iter())
            .map(|a| Actor {
                p: self.pseudonym(&staff, &a.no),
                role: a.role.clone(),
            })
            .collect();
        let mut objects = Vec::with_capacity(act.objects.len());
        for o in &act.objects {
            let id = self.pseudonym(&o.object_type, &o.id);
            body.names.insert(id, o.name.clone());
            objects.push(ObjectRef {
                object_type: o.object_type.clone(),
                id,
                qualifier: o.qualifier.clone(),
            });
        }
        let bytes = body.bytes();
        let id: [u8; 10] = random[..10].try_into().map_err(broken)?;
        let header = Header {
            id: EventId::v7(act.recorded, id),
            activity: act.activity.clone(),
            occurred: act.occurred,
            recorded: act.occurred,
            organ: act.organ.clone(),
            actor,
            objects,
            basis: Vec::new(),
            correction_of: None,
            body: Some(Commitment::to(&bytes)),
            to: Vec::new(),
        };
        let (prefix, suffix) = Entry::unsigned_around_recorded(&header);
        Ok(Submission {
            key: None,
            entry: EntryBytes::Stamped { prefix, suffix },
            body: Some(bytes),
        })
    }
}

/// Ready entries go to the log of an open node as fast as it takes them; its rules and its register follow.
async fn throughput(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    let generator = Generator::new(7, now()?).planting(5);
    let acts: Vec<Act> = generator.acts(CASES).collect();
    let mut maker = Maker::new();
    let copies = EVENTS.div_ceil(acts.len());
    let all: Vec<Vec<Act>> = (0..copies).map(|copy| renamed(&acts, copy)).collect();
    let mut ready = Vec::with_capacity(copies * acts.len());
    for n in 0..acts.len() {
        for copy in &all {
            ready.push(Some(maker.submission(&copy[n])?));
        }
    }
    drop(all);
    let events = ready.len() as u64;
    // The time stands at the beginning of the first case: limits run, and none runs out because history comes at once.
    let begin = acts.iter().map(|a| a.occurred).min().unwrap_or_default();
    let clock: Arc<dyn Clock> = Arc::new(FakeClock::at(begin));
    let dir = bench.dir.join("durable");
    let office = node(&dir, clock, &generator).await?;
    office.heartbeat().await.map_err(broken)?;
    let log = office.ledger().clone();
    let before = log.size();
    let started = Instant::now();
    let poured = tokio::task::spawn_blocking(move || {
        let ready = std::cell::RefCell::new(ready);
        let take = |n: u64| {
            let taken = ready.borrow_mut()[n as usize].take();
            taken.expect("each is taken once")
        };
        pour(&log, groups(0..events, take))
    });
    poured.await.map_err(broken)??;
    let durable = started.elapsed();
    office.watched(before + events).await;
    let judged = started.elapsed();
    let (registered, _) = office.progress();
    let alerts = office.ledger().size() - before - events;
    office.caught_up_all().await.map_err(broken)?;
    let register = started.elapsed();
    let (closed, _) = timed(|| office.close());
    closed.await;
    drop(office);
    std::fs::remove_dir_all(&dir).map_err(|e| crate::failure::io(&dir, e))?;
    let rate = |time: Duration| events as f64 / time.as_secs_f64();
    Ok(vec![
        Figure::new(
            "durable",
            format!(
                "{} events, durable in groups of 1024 and judged, register following",
                number(events as f64)
            ),
            rate(judged),
            "events/s",
        )
        .target(Target::AtLeast(100_000.0))
        .ratio(format!(
            "durable at {} events/s; {} alerts written",
            number(rate(durable)),
            number(alerts as f64)
        )),
        Figure::new(
            "durable",
            "the same until the register has them too",
            rate(register),
            "events/s",
        )
        .ratio(format!(
            "it had {} % when the rules were through",
            number(100.0 * registered.saturating_sub(before) as f64 / events as f64)
        )),
    ])
}

/// Clocks that run out while nothing is written: how late amber and red come by the clock on the wall.
pub(super) fn silence(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    runtime()?.block_on(async {
        const CLOCKS: i64 = 6;
        let generator = Generator::new(7, now()?).planting(0);
        let dir = bench.dir.join("silence");
        let office = node(&dir, Arc::new(SystemClock), &generator).await?;
        let post = system::<may::PostEvents>(&office).await?;
        let mut listener = office.listen(&system::<may::ReadEvents>(&office).await?);
        let detained = detention(&generator)?;
        // Some turn amber (nine tenths of 24 hours) and some red (an hour after they were due), 20 to 45 seconds from now.
        let base = now()?.get();
        let mut lines = Vec::new();
        for n in 0..CLOCKS {
            let offset = (20 + 5 * n) * SECOND;
            lines.push(line(&detained, base + offset - 24 * HOUR * 9 / 10, 2 * n as usize)?);
            lines.push(line(&detained, base + offset - 25 * HOUR, 2 * n as usize + 1)?);
        }
        for result in office.post_events(&post, &lines).await.map_err(broken)? {
            if !matches!(result, LineResult::Taken { .. }) {
                return Err(broken(format!("not taken: {result:?}")));
            }
        }
        office.heartbeat().await.map_err(broken)?;
        let (mut late, mut amber, mut red) = (Vec::new(), 0, 0);
        let end = tokio::time::Instant::now() + Duration::from_secs(180);
        while late.len() < 2 * CLOCKS as usize {
            let Ok(Some(told)) = tokio::time::timeout_at(end, listener.next()).await else {
                break;
            };
            // The notice to the family: 24 hours, to the minute, and an hour in which it may be recorded.
            let finding = &told.finding;
            let Some(due) = finding.due.filter(|_| finding.rule == "CR-042") else {
                continue;
            };
            let came = now()?.get();
            let since = finding.activation.occurred;
            let moment = match (finding.outcome, told.previous) {
                ("at_risk", Some("pending")) => {
                    amber += 1;
                    since + (due - since) / 10 * 9
                }
                ("breached", Some("at_risk")) => {
                    red += 1;
                    due + HOUR
                }
                _ => continue,
            };
            late.push(came - moment);
        }
        office.close().await;
        drop(office);
        std::fs::remove_dir_all(&dir).map_err(|e| crate::failure::io(&dir, e))?;
        late.sort_unstable();
        let missing = 2 * CLOCKS - late.len() as i64;
        if missing > 0 || late.first().is_some_and(|l| *l < 0) {
            return Err(broken(format!(
                "{missing} clocks did not fire; lateness in µs {late:?}"
            )));
        }
        let seconds = |n: usize| late[n] as f64 / 1e6;
        Ok(vec![
            Figure::new(
                "silence",
                format!("{amber} clocks turn amber and {red} red, nothing being written: the latest after its moment"),
                seconds(late.len() - 1),
                "s",
            )
            .target(Target::AtMost(120.0))
            .ratio(format!("median {} s; a heartbeat every 15 s", number(seconds(late.len() / 2)))),
        ])
    })
}
