//! `liuhen check`: an event log against packs, without a node.
//!
//! Reads the log as a stream, judges every activation of every rule at one moment, and says what was found, what could not
//! be checked and what became of every row. Exit codes go by severity ([`crate::failure::Exit::code`]). Nothing is stored, and
//! a finding is a question with its evidence, not a verdict.

pub(crate) mod log;
mod report;
mod sarif;
mod table;
mod timings;
mod xlsx;

use std::{
    collections::HashMap,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use interchange::{Mapping, Options, Zone};
use law::rule::{Grade, Outcome};
use serde::Serialize;
use watch::{
    Program,
    batch::{self, Found, Keep},
};

use crate::{
    args::{self, OutFormat},
    commands::pack::load,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};
use log::{Choices, Log};
use report::Report;

pub(crate) use report::cited;

/// Checks one log.
pub(crate) fn run(ui: &Ui, arguments: args::Check) -> Result<Exit, Failure> {
    // Whatever goes wrong is 2 here: 3 and 4 say what was found.
    checked(ui, arguments).map_err(|failure| Failure {
        exit: Exit::Usage,
        ..failure
    })
}

fn checked(ui: &Ui, arguments: args::Check) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let format = match arguments.format {
        Some(format) => format,
        None if ui.json => OutFormat::Json,
        None => OutFormat::Table,
    };
    if format == OutFormat::Xlsx && arguments.out.is_none() {
        return Err(Failure::usage(tr!(
            lang,
            "xlsx 要用 --out 指明写到哪个文件",
            "xlsx needs --out FILE"
        )));
    }
    let catalogue = load::catalogue(lang, &arguments.pack)?;
    let setting = Setting::new(lang, &arguments.reading)?;
    let program = Arc::new(load::program(lang, &catalogue, setting.calendar)?);
    let started = Instant::now();
    let log = log::read(ui, &arguments.file, &catalogue, &program, &setting.choices)?;
    let read = started.elapsed();
    let now = moment(lang, &program, arguments.now.as_deref(), &log)?;
    let threads = arguments.threads.unwrap_or_else(|| {
        std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
    });
    let begun = Instant::now();
    let judged = batch::check(&program, &log.columns, now, Keep::Open, threads);
    let took = begun.elapsed();
    let rate = rate(&log, started);
    if arguments.timings {
        let mut kept = Vec::new();
        let file = &arguments.file;
        log::read_each(ui, file, &catalogue, &program, &setting.choices, &mut |e| {
            kept.push(timings::Kept::of(e));
        })?;
        let took = (read.as_secs_f64(), took.as_secs_f64(), threads);
        timings::one_by_one(&program, kept, now, &judged, took)?.say(ui);
    }
    let exit = exit(&program, &judged.found, &log, arguments.allow_rejects);
    let report = Report {
        catalogue: &catalogue,
        program: &program,
        log: &log,
        judged: &judged,
        file: &arguments.file,
        zone: &setting.zone,
        now,
        now_given: arguments.now.is_some(),
    };
    // Talk, not data: it differs from run to run.
    ui.say(rate(lang));
    match &arguments.out {
        Some(out) => {
            write(lang, out, format, &report)?;
            let summary = report.summary();
            let mut text = report.text(lang, &summary, Some(0), arguments.all);
            let out = out.display();
            text += &tr!(lang, "全部结果写入 {out}\n", "all findings are in {out}\n");
            ui.result(&summary, &text);
        }
        None => {
            let bytes = match format {
                OutFormat::Table | OutFormat::Xlsx => {
                    let summary = report.summary();
                    let shown = (!arguments.all).then_some(report::FIRST);
                    report
                        .text(lang, &summary, shown, arguments.all)
                        .into_bytes()
                }
                OutFormat::Json => json(&report.document())?,
                OutFormat::Sarif => json(&sarif::document(lang, &report))?,
            };
            let mut out = std::io::stdout().lock();
            // A reader that went away (`| head`) is not an error of ours.
            let _ = out.write_all(&bytes).and_then(|()| out.flush());
        }
    }
    Ok(exit)
}

/// How a log is read, and by which calendar it is judged.
pub(crate) struct Setting {
    /// For the reader.
    pub(crate) choices: Choices,
    /// Days of the organ.
    pub(crate) calendar: calendar::Calendar,
    /// Name of its zone.
    pub(crate) zone: String,
}

impl Setting {
    /// From the command line.
    pub(crate) fn new(lang: Lang, reading: &args::Reading) -> Result<Self, Failure> {
        let zone = reading.zone.as_deref().unwrap_or(load::CHINA);
        let calendar = load::calendar(lang, zone)?;
        let parsed: Zone = (zone.parse()).map_err(|e| Failure::usage(format!("--zone: {e}")))?;
        let mapping = match &reading.map {
            None => None,
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|e| file_error(lang, path, &e))?;
                let mapping = text.parse::<Mapping>();
                let path = path.display();
                Some(mapping.map_err(|e| Failure::usage(format!("{path}: {e}")))?)
            }
        };
        let mut types = HashMap::new();
        for pair in &reading.object_type_map {
            let Some((from, to)) = pair
                .split_once('=')
                .filter(|(a, b)| !a.is_empty() && !b.is_empty())
            else {
                return Err(Failure::usage(tr!(
                    lang,
                    "--object-type-map：{pair} 应写成 日志里的类型=规则包里的类型",
                    "--object-type-map: `{pair}` is not LOG=PACK"
                )));
            };
            types.insert(from.to_owned(), to.to_owned());
        }
        Ok(Self {
            choices: Choices {
                options: Options {
                    mapping,
                    zone: Some(parsed),
                    encoding: reading.encoding.clone(),
                    ..Options::default()
                },
                types,
                days: reading.days,
                actor: reading.actor.clone(),
                role: reading.role.clone(),
            },
            calendar,
            zone: zone.to_owned(),
        })
    }
}

/// The moment at which a log is judged: the given one, or the last that the log knows of.
pub(crate) fn moment(
    lang: Lang,
    program: &Program,
    given: Option<&str>,
    log: &Log,
) -> Result<i64, Failure> {
    let Some(text) = given else {
        return Ok(log.account.period.map_or(0, |(_, last)| last));
    };
    let calendar = program.calendar();
    if let Ok(instant) = text.parse::<model::Micros>() {
        return Ok(instant.get());
    }
    // A day is judged when it is over; `T` alone tells a time from it.
    if text.len() == 10
        && let Ok(date) = text.parse::<jiff::civil::Date>()
    {
        return Ok(calendar.day_end(date));
    }
    let Ok(local) = text.parse::<jiff::civil::DateTime>() else {
        return Err(Failure::usage(tr!(
            lang,
            "--now：{text} 不是时间，应如 2026-04-30 或 2026-04-30T15:00",
            "--now: `{text}` is not a time such as 2026-04-30 or 2026-04-30T15:00"
        )));
    };
    let since = local.time().duration_since(jiff::civil::Time::midnight());
    let micros = i64::try_from(since.as_micros()).unwrap_or(0);
    Ok(calendar.day_start(local.date()).saturating_add(micros))
}

/// What counts as found: broken, about to be, or recorded too late to have been seen in time.
pub(crate) fn is_finding(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Breached | Outcome::AtRisk | Outcome::SatisfiedRecordedLate
    )
}

fn exit(program: &Program, found: &[Found], log: &Log, allow_rejects: bool) -> Exit {
    let red =
        |f: &Found| f.outcome() == Outcome::Breached && program.rule(f.rule()).grade == Grade::Red;
    let rejected = log.account.rejected + log.account.rejected_other;
    if found.iter().any(red) {
        Exit::Red
    } else if found.iter().any(|f| is_finding(f.outcome())) {
        Exit::Noted
    } else if log.account.checked == log.account.without_object || (rejected > 0 && !allow_rejects)
    {
        // Nothing was looked at: that is not the same as nothing found.
        Exit::NotGood
    } else {
        Exit::Good
    }
}

fn json(document: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes =
        serde_json::to_vec_pretty(document).map_err(|e| Failure::broken(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes everything into a file: beside it first, so that there is never half a report.
fn write(lang: Lang, out: &Path, format: OutFormat, report: &Report<'_>) -> Result<(), Failure> {
    let failed = |e: &std::io::Error| file_error(lang, out, e);
    let folder = match out.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let mut temporary = tempfile::NamedTempFile::new_in(folder).map_err(|e| failed(&e))?;
    let file: &mut File = temporary.as_file_mut();
    let mut writer = BufWriter::new(file);
    let bytes = match format {
        OutFormat::Table => {
            let summary = report.summary();
            report.text(lang, &summary, None, true).into_bytes()
        }
        OutFormat::Json => json(&report.document())?,
        OutFormat::Sarif => json(&sarif::document(lang, report))?,
        OutFormat::Xlsx => xlsx::workbook(lang, report)
            .map_err(|e| Failure::broken(format!("{}: {e}", out.display())))?,
    };
    writer
        .write_all(&bytes)
        .and_then(|()| writer.flush())
        .map_err(|e| failed(&e))?;
    drop(writer);
    temporary.persist(out).map_err(|e| failed(&e.error))?;
    Ok(())
}

fn rate(log: &Log, started: Instant) -> impl Fn(Lang) -> String {
    let seconds = started.elapsed().as_secs_f64();
    let events = log.account.events;
    move |lang| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            reason = "a rate"
        )]
        #[expect(clippy::cast_sign_loss, reason = "a rate")]
        let rate = count((events as f64 / seconds.max(1e-9)) as u64);
        let events = count(events);
        tr!(
            lang,
            "{events} 个事件，读入并核查用时 {seconds:.2} 秒，每秒 {rate} 个",
            "{events} events read and checked in {seconds:.2} s, {rate}/s"
        )
    }
}
