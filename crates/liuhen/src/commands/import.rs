//! `liuhen import`: event logs in, with progress, and an account of what was rejected.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::{Path, PathBuf},
    time::Instant,
};

use indicatif::ProgressBar;
use interchange::{Mapping, Reject, Zone};
use office::{Format, Import, ImportError, ImportSummary, Office, Progress, may};
use serde::Serialize;

use super::node;
use crate::{
    args,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, counted, expected, tr},
    ui::Ui,
    zh,
};

/// Rejects that are shown while an import runs; all of them are in the rejects file.
const SHOWN: u64 = 5;

/// Unknown activities that the summary names.
const NAMED: usize = 5;

#[derive(Serialize)]
struct Report {
    file: String,
    index: u64,
    source: String,
    format: Option<&'static str>,
    events: u64,
    objects: u64,
    duplicates: u64,
    rejected: u64,
    rejects_by_reason: BTreeMap<String, u64>,
    rejects: Option<String>,
    unknown_activities: BTreeMap<String, u64>,
    warnings: Vec<String>,
    first: Option<String>,
    last: Option<String>,
    ended_early: Option<String>,
    seconds: f64,
    events_per_second: f64,
}

/// Imports each file in turn.
pub(crate) fn run(ui: &Ui, node: &Path, arguments: args::Import) -> Result<Exit, Failure> {
    let lang = ui.lang;
    if arguments.rejects.is_some() && arguments.files.len() > 1 {
        return Err(Failure::usage(tr!(
            lang,
            "--rejects 只能用于一个文件",
            "--rejects goes with one file"
        )));
    }
    let refuse = arguments.zone.as_deref() == Some("refuse");
    let given = arguments.zone.as_deref().filter(|_| !refuse);
    let zone = parsed::<Zone>("--zone", given)?;
    let format = parsed::<Format>("--format", arguments.format.as_deref())?;
    let mapping = match &arguments.map {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|e| file_error(lang, path, &e))?;
            let path = path.display();
            let mapping = text.parse::<Mapping>();
            Some(mapping.map_err(|e| Failure::usage(format!("{path}: {e}")))?)
        }
    };
    for file in &arguments.files {
        std::fs::metadata(file).map_err(|e| file_error(lang, file, &e))?;
    }
    node::with(ui, node, async |office| {
        // Said in every summary that needed it, and written into the entry of the import.
        let zone = zone.or_else(|| (!refuse).then(|| office.info().zone.clone()));
        let mut reports = Vec::new();
        let mut text = String::new();
        for file in &arguments.files {
            let rejects = arguments
                .rejects
                .clone()
                .unwrap_or_else(|| default_rejects(file));
            let import = Import {
                file: file.clone(),
                mapping: mapping.clone(),
                source: arguments.source.clone(),
                zone: zone.clone(),
                format,
                encoding: arguments.encoding.clone(),
                rejects: Some(rejects.clone()),
            };
            let summary = one(ui, office, import).await?;
            let report = report(file, &rejects, summary);
            text += &words(lang, &report);
            reports.push(report);
        }
        let good = reports
            .iter()
            .all(|r| r.rejected == 0 && r.ended_early.is_none());
        ui.result(&reports, &text);
        Ok(if good { Exit::Good } else { Exit::NotGood })
    })
}

fn parsed<T>(flag: &str, text: Option<&str>) -> Result<Option<T>, Failure>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    text.map(str::parse)
        .transpose()
        .map_err(|e| Failure::usage(format!("{flag}: {e}")))
}

fn default_rejects(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    PathBuf::from(format!("{name}.rejects.jsonl"))
}

async fn one(ui: &Ui, office: &Office, import: Import) -> Result<ImportSummary, Failure> {
    let lang = ui.lang;
    let name = import.file.display();
    ui.say(tr!(lang, "导入 {name}", "importing {name}"));
    let bar = ui.bar(std::fs::metadata(&import.file).map_or(0, |m| m.len()));
    let watch = Watch {
        ui: *ui,
        bar: bar.clone(),
        started: Instant::now(),
        rejected: 0,
    };
    let permit = node::permit::<may::Import>(lang, office)?;
    let result = office.import(&permit, import, watch).await;
    bar.finish_and_clear();
    result.map_err(|e| match e {
        ImportError::Office(e) => node::failed(lang, e).hint(tr!(
            lang,
            "已收下的都在；排除原因后再导一遍，不会重复",
            "what was taken in is kept; mend the cause and import again, nothing is doubled"
        )),
        e => Failure::broken(e.to_string()),
    })
}

/// Draws the bar and shows the first rejects.
struct Watch {
    ui: Ui,
    bar: ProgressBar,
    started: Instant,
    rejected: u64,
}

impl Progress for Watch {
    fn step(&mut self, read: u64, total: u64, events: u64) {
        // Before the reader has said how far it is, the file's size stands and nothing is read.
        if total > 0 {
            self.bar.set_length(total);
            self.bar.set_position(read);
        }
        let rate = count(per_second(events, self.started.elapsed().as_secs_f64()) as u64);
        let events = count(events);
        self.bar.set_message(tr!(
            self.ui.lang,
            "{events} 个事件 · 每秒 {rate}",
            "{events} events · {rate}/s"
        ));
    }

    fn guessed(&mut self, mapping: &Mapping) {
        let toml = mapping.to_toml();
        self.bar.suspend(|| {
            self.ui.say(tr!(
                self.ui.lang,
                "没有给映射，猜测如下；存成文件改好，用 --map 给出：\n{toml}",
                "no mapping was given; this one was guessed. Save it, correct it, give it with --map:\n{toml}"
            ));
        });
    }

    fn reject(&mut self, reject: &Reject) {
        self.rejected += 1;
        if self.rejected > SHOWN {
            return;
        }
        let Reject {
            place,
            field,
            found,
            ..
        } = reject;
        let expected = expected(self.ui.lang, &reject.expected);
        let place = match (self.ui.lang, place.line, place.number) {
            (Lang::Zh, 0, n) => format!("第 {n} 个"),
            (Lang::Zh, l, 0) => format!("第 {l} 行"),
            (Lang::Zh, l, n) => format!("第 {l} 行（第 {n} 个）"),
            (Lang::En, ..) => place.to_string(),
        };
        let line = match found.is_empty() {
            true => tr!(
                self.ui.lang,
                "退回 {place}：{field}：应为 {expected}",
                "rejected {place}: {field}: expected {expected}"
            ),
            false => tr!(
                self.ui.lang,
                "退回 {place}：{field}：应为 {expected}，却是 {found:?}",
                "rejected {place}: {field}: expected {expected}, found {found:?}"
            ),
        };
        self.bar.suspend(|| self.ui.say(line));
    }
}

fn per_second(events: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        events as f64 / seconds
    } else {
        0.0
    }
}

/// What is shown; an empty rejects file is removed, so that one that is there means something.
fn report(file: &Path, rejects: &Path, summary: ImportSummary) -> Report {
    let written = std::fs::metadata(rejects).is_ok_and(|m| m.len() > 0);
    if !written {
        let _ = std::fs::remove_file(rejects);
    }
    Report {
        file: file.display().to_string(),
        index: summary.index,
        source: summary.source,
        format: summary.format.map(Format::name),
        events: summary.events,
        objects: summary.objects,
        duplicates: summary.duplicates,
        rejected: summary.rejected,
        rejects_by_reason: summary.rejects,
        rejects: written.then(|| rejects.display().to_string()),
        unknown_activities: summary.unknown_activities,
        warnings: summary.warnings,
        first: summary.period.map(|(first, _)| first.to_string()),
        last: summary.period.map(|(_, last)| last.to_string()),
        ended_early: summary.ended_early,
        seconds: summary.seconds,
        events_per_second: per_second(summary.events, summary.seconds).round(),
    }
}

fn words(lang: Lang, report: &Report) -> String {
    let mut text = String::new();
    let (file, source) = (&report.file, &report.source);
    let format = report.format.unwrap_or("?");
    let (events, objects) = (count(report.events), count(report.objects));
    let (n, m) = (
        counted(report.events, "event"),
        counted(report.objects, "object"),
    );
    let (seconds, rate) = (report.seconds, count(report.events_per_second as u64));
    let mut line = |sentence: String| {
        let _ = writeln!(text, "{sentence}");
    };
    line(tr!(
        lang,
        "{file}（{format}，来源 {source}）：收下 {events} 个事件、{objects} 个对象，用时 {seconds:.1} 秒，每秒 {rate} 个",
        "{file} ({format}, source {source}): {n} and {m} taken in, {seconds:.1} s, {rate}/s"
    ));
    if let (Some(first), Some(last)) = (&report.first, &report.last) {
        line(tr!(
            lang,
            "  时间从 {first} 到 {last}",
            "  from {first} to {last}"
        ));
    }
    if report.duplicates > 0 {
        let n = count(report.duplicates);
        line(tr!(
            lang,
            "  {n} 个早已在册，没有重复收",
            "  there already and not taken again: {n}"
        ));
    }
    if !report.unknown_activities.is_empty() {
        let n = report.unknown_activities.len();
        let mut names: Vec<_> = report.unknown_activities.iter().collect();
        names.sort_by_key(|(_, n)| std::cmp::Reverse(**n));
        let names: Vec<&str> = names
            .iter()
            .take(NAMED)
            .map(|(name, _)| name.as_str())
            .collect();
        let names = names.join(tr!(lang, "、", ", ").as_str());
        line(tr!(
            lang,
            "  {n} 种活动不在任何规则包里，原样收下，如：{names}",
            "  {n} activities are in no pack and were taken in under their own names, such as: {names}"
        ));
    }
    for warning in &report.warnings {
        let warning = match lang {
            Lang::Zh => zh::warning(warning),
            Lang::En => warning.clone(),
        };
        line(tr!(lang, "  注意：{warning}", "  note: {warning}"));
    }
    if report.rejected > 0 {
        let n = count(report.rejected);
        line(tr!(lang, "  退回 {n} 个：", "  {n} rejected:"));
        for (reason, n) in &report.rejects_by_reason {
            let n = count(*n);
            line(tr!(
                lang,
                "    {n}　应为 {reason}",
                "    {n}  expected {reason}"
            ));
        }
        if report.rejects_by_reason.keys().any(|r| r.contains("zone")) {
            line(tr!(
                lang,
                "  时间没写时区的，用 --zone +08:00 这样的参数说明是哪个时区，再导一遍即可",
                "  say in which zone times without one were written, such as --zone +08:00, and import again"
            ));
        }
        if let Some(path) = &report.rejects {
            line(tr!(lang, "  逐条见 {path}", "  one by one in {path}"));
        }
    }
    if let Some(why) = &report.ended_early {
        line(tr!(
            lang,
            "  没有读到头：{why}。此前收下的都在",
            "  not read to its end: {why}. What came before is kept"
        ));
    }
    text
}
