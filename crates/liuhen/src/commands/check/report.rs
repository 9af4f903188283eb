//! What is told of a check: the summary, the table of rules, the findings; for people and as one JSON document.
//!
//! Every row of the log and every activation of every rule stands in it once. Says nothing of how fast it was: the same log,
//! packs and moment give the same bytes.

use std::{cmp::Reverse, collections::BTreeMap, fmt::Write as _, path::Path};

use law::{
    Catalogue,
    rule::{Grade, Outcome, Template},
};
use serde::Serialize;
use watch::{
    Finding, Program, RuleNo, Text2,
    batch::{self, Found},
    findings,
};

use super::{is_finding, log::Log, table::table};
use crate::lang::{Lang, count, counted, expected, tr};

/// Findings that the table shows where not all are asked for.
pub(crate) const FIRST: usize = 20;

/// Names outside the packs that the text names.
const NAMED: usize = 8;

/// Rules that cannot be run which the text names.
const NOT_RUN: usize = 5;

/// Findings that are made at one time: each passes over the log once.
const BATCH: usize = 200_000;

/// A check that was made.
pub(crate) struct Report<'a> {
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) program: &'a Program,
    pub(crate) log: &'a Log,
    pub(crate) judged: &'a batch::Report,
    pub(crate) file: &'a Path,
    pub(crate) zone: &'a str,
    pub(crate) now: i64,
    pub(crate) now_given: bool,
}

/// One document: the summary and all findings.
#[derive(Serialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    summary: Summary,
    findings: Vec<Finding>,
    not_checkable: Vec<Finding>,
}

/// What was checked and how it came out.
#[derive(Serialize)]
pub(crate) struct Summary {
    pub(crate) liuhen: &'static str,
    pub(crate) file: String,
    pub(crate) format: &'static str,
    pub(crate) packs: Vec<PackLine>,
    pub(crate) zone: String,
    pub(crate) now: String,
    #[serde(skip)]
    pub(crate) local: Local,
    pub(crate) now_given: bool,
    pub(crate) first: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) events: Events,
    pub(crate) objects: u64,
    pub(crate) objects_by_type: BTreeMap<String, u64>,
    pub(crate) types_outside: Vec<String>,
    pub(crate) activities_outside: BTreeMap<String, u64>,
    pub(crate) rejected_other: u64,
    pub(crate) rejects_by_reason: BTreeMap<String, u64>,
    pub(crate) rejects: Vec<String>,
    pub(crate) unreadable_attributes: BTreeMap<String, u64>,
    pub(crate) times_without_zone: u64,
    pub(crate) times_whole_days: u64,
    pub(crate) times_midnight: u64,
    pub(crate) rules: Vec<RuleLine>,
    pub(crate) rules_not_run: Vec<NotRun>,
    pub(crate) findings_by_grade: BTreeMap<&'static str, u64>,
}

/// Moments as the organ reads them.
pub(crate) struct Local {
    now: String,
    period: Option<(String, String)>,
}

/// Every event once: `read = checked + outside + rejected`.
#[derive(Serialize)]
pub(crate) struct Events {
    pub(crate) read: u64,
    pub(crate) checked: u64,
    pub(crate) outside: u64,
    pub(crate) rejected: u64,
    /// Of those checked: without an object of a type that the packs know, so that no rule of a trace sees them.
    pub(crate) without_object: u64,
}

#[derive(Serialize)]
pub(crate) struct PackLine {
    pub(crate) id: String,
    pub(crate) version: String,
    pub(crate) hash: String,
}

/// How the activations of a rule came out.
#[derive(Serialize)]
pub(crate) struct RuleLine {
    pub(crate) rule: String,
    pub(crate) version: u32,
    pub(crate) pack: String,
    pub(crate) template: &'static str,
    pub(crate) grade: &'static str,
    pub(crate) title: Text2,
    pub(crate) source: Vec<String>,
    pub(crate) activations: u64,
    pub(crate) kept: u64,
    pub(crate) kept_recorded_late: u64,
    pub(crate) broken: u64,
    pub(crate) at_risk: u64,
    pub(crate) open: u64,
    pub(crate) excused: u64,
    pub(crate) not_checkable: u64,
    /// What was missing, and how often.
    pub(crate) missing: BTreeMap<String, u64>,
}

/// A rule that nobody can tell from events, or that the place turned off.
#[derive(Serialize)]
pub(crate) struct NotRun {
    pub(crate) rule: String,
    pub(crate) why: &'static str,
    pub(crate) reason: Text2,
}

impl Report<'_> {
    /// An instant as the organ reads it, with its offset.
    fn instant(&self, micros: i64) -> String {
        let calendar = self.program.calendar();
        let date = calendar.date(micros);
        if micros == calendar.day_end(date) {
            return format!("{date}T24:00");
        }
        let since = micros - calendar.day_start(date);
        let (hour, minute) = (since / 3_600_000_000, since / 60_000_000 % 60);
        format!("{date}T{hour:02}:{minute:02}")
    }

    /// The findings, the gravest first; then by rule and object.
    pub(crate) fn found(&self) -> Vec<Found> {
        let mut found: Vec<Found> = (self.judged.found.iter())
            .filter(|f| is_finding(f.outcome()))
            .copied()
            .collect();
        // Stable: within a rule the order of the batch stays.
        found.sort_by_key(|f| {
            let rule = self.program.rule(f.rule());
            let broken = f.outcome() == Outcome::Breached;
            (Reverse((broken, rule.grade)), f.rule())
        });
        found
    }

    /// What could not be checked, by rule and object.
    pub(crate) fn unsure(&self) -> Vec<Found> {
        let unsure = |f: &&Found| f.outcome() == Outcome::NotCheckable;
        self.judged.found.iter().filter(unsure).copied().collect()
    }

    /// Findings with their evidence, piece by piece.
    pub(crate) fn with_evidence(&self, found: &[Found]) -> Vec<Finding> {
        let pieces = found.chunks(BATCH);
        let made = pieces.flat_map(|p| findings(self.program, &self.log.columns, p));
        made.collect()
    }

    /// Line in the file of the event that made a rule matter; 0 where the format has no lines.
    pub(crate) fn line(&self, finding: &Finding) -> u32 {
        let at = usize::try_from(finding.activation.position).unwrap_or(usize::MAX);
        self.log.lines.get(at).copied().unwrap_or(0)
    }

    /// Everything as one document.
    pub(crate) fn document(&self) -> Document {
        let unsure = self.with_evidence(&self.unsure());
        Document {
            summary: self.summary_of(&unsure),
            findings: self.with_evidence(&self.found()),
            not_checkable: unsure,
        }
    }

    /// Everything but the findings.
    pub(crate) fn summary(&self) -> Summary {
        let unsure = self.unsure();
        let mut summary = self.summary_of(&[]);
        for piece in unsure.chunks(BATCH) {
            let findings = findings(self.program, &self.log.columns, piece);
            missing(&mut summary.rules, &findings);
        }
        summary
    }

    fn summary_of(&self, unsure: &[Finding]) -> Summary {
        let account = &self.log.account;
        let node = |pack: &str| pack != "node";
        let packs = self.catalogue.packs().iter();
        let mut by_grade: BTreeMap<&'static str, u64> = BTreeMap::new();
        for found in self.found() {
            let rule = self.program.rule(found.rule());
            let grade = match found.outcome() {
                Outcome::Breached => rule.grade,
                _ => rule.grade.min(Grade::Amber),
            };
            *by_grade.entry(grade.name()).or_default() += 1;
        }
        let mut summary = Summary {
            liuhen: env!("CARGO_PKG_VERSION"),
            file: self.file.display().to_string(),
            format: account.format,
            packs: packs
                .filter(|p| node(&p.id))
                .map(|p| PackLine {
                    id: p.id.clone(),
                    version: p.version.clone(),
                    hash: p.hash_text(),
                })
                .collect(),
            zone: self.zone.to_owned(),
            now: exact(self.now),
            local: Local {
                now: self.instant(self.now),
                period: (account.period)
                    .map(|(first, last)| (self.instant(first), self.instant(last))),
            },
            now_given: self.now_given,
            first: account.period.map(|(first, _)| exact(first)),
            last: account.period.map(|(_, last)| exact(last)),
            events: Events {
                read: account.events,
                checked: account.checked,
                outside: account.outside_all,
                rejected: account.rejected,
                without_object: account.without_object,
            },
            objects: account.objects_all,
            objects_by_type: account.objects.clone(),
            types_outside: account.outside_types.clone(),
            activities_outside: account.outside.clone(),
            rejected_other: account.rejected_other,
            rejects_by_reason: account.reasons.clone(),
            rejects: account.rejects.iter().map(ToString::to_string).collect(),
            unreadable_attributes: account.unreadable.clone(),
            times_without_zone: account.without_zone,
            times_whole_days: account.whole_days,
            times_midnight: account.midnights,
            rules: (0..self.program.rule_count())
                .filter_map(|no| self.rule(no))
                .collect(),
            rules_not_run: self.not_run(),
            findings_by_grade: by_grade,
        };
        missing(&mut summary.rules, unsure);
        summary
    }

    fn rule(&self, no: usize) -> Option<RuleLine> {
        let rule = self.program.rule(RuleNo::try_from(no).ok()?);
        let counts = self.judged.counts.get(no)?;
        let of = |outcome: Outcome| counts[outcome as usize];
        let late = of(Outcome::SatisfiedRecordedLate);
        Some(RuleLine {
            rule: rule.id.to_string(),
            version: rule.version,
            pack: rule.pack.clone(),
            template: rule.template.name(),
            grade: rule.grade.name(),
            title: Text2::from(&rule.broken),
            source: (rule.source.iter())
                .map(|s| cited(&s.code, &s.article, s.confidence))
                .collect(),
            activations: counts.iter().sum(),
            kept: of(Outcome::Satisfied),
            kept_recorded_late: late,
            broken: of(Outcome::Breached),
            at_risk: of(Outcome::AtRisk),
            open: of(Outcome::Pending) + of(Outcome::Suspended),
            excused: of(Outcome::Excused),
            not_checkable: of(Outcome::NotCheckable),
            missing: BTreeMap::new(),
        })
    }

    fn not_run(&self) -> Vec<NotRun> {
        let rules = self.catalogue.rules().iter();
        let not_run = rules.filter_map(|rule| {
            let off = self.catalogue.off(rule.id.as_str());
            let (why, reason) = match (&rule.template, off) {
                (_, Some(reason)) => ("off", reason),
                (Template::Manual { reason }, None) => ("manual", reason),
                _ => return None,
            };
            Some(NotRun {
                rule: rule.id.to_string(),
                why,
                reason: Text2::from(reason),
            })
        });
        not_run.collect()
    }

    /// For people: at most `shown` findings, all where not said; rules that never mattered only with `all`.
    pub(crate) fn text(
        &self,
        lang: Lang,
        summary: &Summary,
        shown: Option<usize>,
        all: bool,
    ) -> String {
        let mut text = account(lang, summary);
        text.push('\n');
        text += &rules(lang, summary, all);
        text += &self.listed(lang, summary, shown);
        text
    }

    fn listed(&self, lang: Lang, summary: &Summary, shown: Option<usize>) -> String {
        let found = self.found();
        if found.is_empty() {
            if summary.events.checked == summary.events.without_object {
                return tr!(
                    lang,
                    "\n什么也没有核查：日志里没有规则包所认的事件\n",
                    "\nNothing was checked: the packs know no event of this log\n"
                );
            }
            return tr!(lang, "\n没有发现问题\n", "\nNothing was found\n");
        }
        if shown == Some(0) {
            return String::new();
        }
        let shown = shown.unwrap_or(found.len()).min(found.len());
        let (n, m) = (count(found.len() as u64), count(shown as u64));
        let mut text = if shown < found.len() {
            tr!(
                lang,
                "\n发现 {n} 项，先列 {m} 项（--all 列出全部）：\n",
                "\n{n} findings; the first {m} (--all shows all):\n"
            )
        } else {
            let n = counted(found.len() as u64, "finding");
            let m = count(found.len() as u64);
            tr!(lang, "\n发现 {m} 项：\n", "\n{n}:\n")
        };
        for f in self.with_evidence(&found[..shown]) {
            let grade = grade_name(lang, f.grade);
            let advisory = match (f.advisory, lang) {
                (false, _) => "",
                (true, Lang::Zh) => "（仅供参考）",
                (true, Lang::En) => " (advisory)",
            };
            let (type_, id) = &f.object;
            let rule = &f.rule;
            let sentence = sentence(lang, &f.sentence);
            let source = cited_of(&f);
            let at = self.instant(f.activation.occurred);
            let activity = &f.activation.activity;
            let line = match self.line(&f) {
                0 => String::new(),
                line => tr!(lang, "，第 {line} 行", ", line {line}"),
            };
            text += &tr!(
                lang,
                "  {grade} {rule} {type_} {id}：{sentence}{advisory}\n      {at} {activity}{line} · {source}\n",
                "  {grade} {rule} {type_} {id}: {sentence}{advisory}\n      {at} {activity}{line} · {source}\n"
            );
        }
        text
    }
}

/// Where a rule stands, in one line.
pub(crate) fn cited(code: &str, article: &str, confidence: law::Confidence) -> String {
    let mark = confidence.to_string();
    let parts = [code, article, &mark];
    let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    parts.join(" ")
}

/// The same of a finding.
pub(crate) fn cited_of(finding: &Finding) -> String {
    let parts: Vec<&str> = finding.source.iter().map(|s| s.trim()).collect();
    parts.join("; ")
}

/// The sentence of a finding in a language.
pub(crate) fn sentence(lang: Lang, text: &Text2) -> &str {
    match lang {
        Lang::Zh => &text.zh,
        Lang::En => &text.en,
    }
}

/// A grade as people say it.
pub(crate) fn grade_name(lang: Lang, grade: &str) -> &str {
    match (lang, grade) {
        (Lang::En, grade) => grade,
        (Lang::Zh, "red") => "红",
        (Lang::Zh, "amber") => "黄",
        (Lang::Zh, _) => "蓝",
    }
}

/// What is missing, as people say it.
pub(crate) fn missing_name(lang: Lang, missing: &str) -> String {
    match (lang, missing) {
        (Lang::Zh, "actors") => "没有办理人".to_owned(),
        (Lang::En, "actors") => "nobody acts".to_owned(),
        (Lang::Zh, "time") => "时间不够精确".to_owned(),
        (Lang::En, "time") => "times not exact enough".to_owned(),
        (Lang::Zh, "table") => "参数表未填".to_owned(),
        (Lang::En, "table") => "a table is empty".to_owned(),
        (Lang::Zh, "end") => "没有结束时间".to_owned(),
        (Lang::En, "end") => "no end time".to_owned(),
        (Lang::Zh, "body") => "内容已删除".to_owned(),
        (Lang::En, "body") => "content erased".to_owned(),
        (Lang::Zh, "part") => "没有身份".to_owned(),
        (Lang::En, "part") => "part not recorded".to_owned(),
        (Lang::Zh, key) => format!("没有“{key}”"),
        (Lang::En, key) => format!("no “{key}”"),
    }
}

/// An instant that `--now` takes back as it is.
fn exact(micros: i64) -> String {
    model::Micros::new(micros).map_or_else(|_| String::new(), |m| m.to_string())
}

fn missing(rules: &mut [RuleLine], unsure: &[Finding]) {
    let mut at: BTreeMap<(String, u32), usize> = BTreeMap::new();
    for (n, rule) in rules.iter().enumerate() {
        at.insert((rule.rule.clone(), rule.version), n);
    }
    for finding in unsure {
        let Some(n) = at.get(&(finding.rule.clone(), finding.version)) else {
            continue;
        };
        let missing = finding.missing.clone().unwrap_or_else(|| "time".to_owned());
        *rules[*n].missing.entry(missing).or_default() += 1;
    }
}

/// Names with their numbers, the most frequent first.
fn named(lang: Lang, names: &BTreeMap<String, u64>) -> String {
    let mut all: Vec<(&String, &u64)> = names.iter().collect();
    all.sort_by_key(|(_, n)| Reverse(**n));
    let some = all.iter().take(NAMED);
    let mut words: Vec<String> = some
        .map(|(name, n)| format!("{name} {}", count(**n)))
        .collect();
    if all.len() > NAMED {
        words.push("…".to_owned());
    }
    words.join(&tr!(lang, "、", ", "))
}

/// Where every row went.
fn account(lang: Lang, summary: &Summary) -> String {
    let mut text = String::new();
    let mut line = |sentence: String| {
        let _ = writeln!(text, "{sentence}");
    };
    let (file, format) = (&summary.file, summary.format);
    let packs: Vec<String> = (summary.packs.iter())
        .map(|p| format!("{} {}", p.id, p.version))
        .collect();
    let packs = packs.join(&tr!(lang, "、", ", "));
    line(tr!(
        lang,
        "{file}（{format}），规则包 {packs}",
        "{file} ({format}) against {packs}"
    ));
    let e = &summary.events;
    let [read, checked, outside, rejected] = [e.read, e.checked, e.outside, e.rejected].map(count);
    line(tr!(
        lang,
        "  读到 {read} 个事件 = 核查 {checked} + 规则包以外 {outside} + 退回 {rejected}",
        "  {read} events read = {checked} checked + {outside} outside the packs + {rejected} rejected"
    ));
    let (objects, types) = (
        count(summary.objects),
        named(lang, &summary.objects_by_type),
    );
    line(tr!(
        lang,
        "  {objects} 个对象：{types}",
        "  {objects} objects: {types}"
    ));
    if let Some((first, last)) = &summary.local.period {
        let (zone, now) = (&summary.zone, &summary.local.now);
        let said = match (summary.now_given, lang) {
            (true, _) => "",
            (false, Lang::Zh) => "（日志中最新的时间；--now 可另定）",
            (false, Lang::En) => " (the newest time in the log; --now says otherwise)",
        };
        line(tr!(
            lang,
            "  时间从 {first} 到 {last}（{zone}），以 {now} 为准判断{said}",
            "  from {first} to {last} ({zone}), judged at {now}{said}"
        ));
    }
    if e.outside > 0 {
        let n = summary.activities_outside.len();
        let names = named(lang, &summary.activities_outside);
        line(tr!(
            lang,
            "  {n} 种活动不在规则包里，不核查：{names}",
            "  activities in no pack, not checked ({n}): {names}"
        ));
    }
    if !summary.types_outside.is_empty() {
        let names = summary.types_outside.join(&tr!(lang, "、", ", "));
        line(tr!(
            lang,
            "  对象类型不在规则包里：{names}（--object-type-map 日志类型=规则包类型）",
            "  object types in no pack: {names} (--object-type-map LOG=PACK)"
        ));
    }
    if e.without_object > 0 {
        let n = count(e.without_object);
        line(tr!(
            lang,
            "  注意：有 {n} 个事件没有规则包所认的对象，按对象核查的规则看不到它们",
            "  note: events that name no object of a type that the packs know, so that rules over objects do not see them: {n}"
        ));
    }
    for (key, n) in &summary.unreadable_attributes {
        let n = count(*n);
        line(tr!(
            lang,
            "  注意：属性 {key} 有 {n} 个值不是规则包所说的那一种，按没有记录处理",
            "  note: values of the attribute {key} that are not of the kind that the pack says, taken as missing: {n}"
        ));
    }
    if summary.times_without_zone > 0 {
        let (n, zone) = (count(summary.times_without_zone), &summary.zone);
        line(tr!(
            lang,
            "  注意：{n} 个时间没写时区，按 {zone} 理解（--zone 可另定）",
            "  note: {n} times have no zone and are read as {zone} (--zone says otherwise)"
        ));
    }
    if summary.times_whole_days > 0 {
        let n = count(summary.times_whole_days);
        line(tr!(
            lang,
            "  {n} 个时间只有日期，按当地全天处理",
            "  {n} times are days without an hour, each a whole local day"
        ));
    }
    // Some acts are done at midnight; of most that is not so.
    if summary.times_midnight * 2 > e.read && e.read > 1 {
        let n = count(summary.times_midnight);
        line(tr!(
            lang,
            "  注意：{n} 个时间正好是零点；如果其实只知道日期，请加 --days",
            "  note: {n} times are midnight sharp; if only the day is known, say --days"
        ));
    }
    let rejected = e.rejected + summary.rejected_other;
    if rejected > 0 {
        let n = count(rejected);
        line(tr!(lang, "  退回 {n} 个：", "  {n} rejected:"));
        for (reason, n) in &summary.rejects_by_reason {
            let (n, reason) = (count(*n), expected(lang, reason));
            line(tr!(
                lang,
                "    {n}　应为 {reason}",
                "    {n}  expected {reason}"
            ));
        }
        for reject in summary.rejects.iter().take(5) {
            line(format!("      {reject}"));
        }
    }
    text
}

/// One line for each rule.
fn rules(lang: Lang, summary: &Summary, all: bool) -> String {
    let head = match lang {
        Lang::Zh => [
            "规则",
            "级别",
            "触发",
            "遵守",
            "违反",
            "临期",
            "未到期",
            "例外",
            "无法核查",
            "违反情形",
        ],
        Lang::En => [
            "rule",
            "grade",
            "activated",
            "kept",
            "broken",
            "at risk",
            "open",
            "excused",
            "unsure",
            "when broken",
        ],
    };
    let head = head.map(str::to_owned);
    let several = |rule: &str| summary.rules.iter().filter(|r| r.rule == rule).count() > 1;
    let mut rows = Vec::new();
    let mut silent = 0;
    let mut unsure = Vec::new();
    for r in &summary.rules {
        if r.activations == 0 && !all {
            silent += 1;
            continue;
        }
        let name = match several(&r.rule) {
            true => format!("{}/{}", r.rule, r.version),
            false => r.rule.clone(),
        };
        if r.not_checkable > 0 {
            let reasons: Vec<String> = (r.missing.iter())
                .map(|(what, n)| format!("{} {}", missing_name(lang, what), count(*n)))
                .collect();
            unsure.push(format!("{name}: {}", reasons.join(&tr!(lang, "、", ", "))));
        }
        let mut row = vec![name, grade_name(lang, r.grade).to_owned()];
        let kept = r.kept + r.kept_recorded_late;
        let numbers = [
            r.activations,
            kept,
            r.broken,
            r.at_risk,
            r.open,
            r.excused,
            r.not_checkable,
        ];
        row.extend(numbers.map(count));
        row.push(sentence(lang, &r.title).to_owned());
        rows.push(row);
    }
    let mut text = match rows.is_empty() {
        true => String::new(),
        false => table(&head, &rows, &[2, 3, 4, 5, 6, 7, 8]),
    };
    if silent > 0 {
        text += &tr!(
            lang,
            "  另有 {silent} 条规则在这份日志里没有触发\n",
            "  rules that never mattered in this log: {silent}\n"
        );
    }
    if !unsure.is_empty() {
        text += &tr!(lang, "  无法核查的原因：\n", "  why not checkable:\n");
        for line in unsure {
            let _ = writeln!(text, "    {line}");
        }
    }
    if !summary.rules_not_run.is_empty() {
        let n = summary.rules_not_run.len();
        text += &tr!(
            lang,
            "  {n} 条规则没有核查（靠事件无法判断，或已停用）：\n",
            "  rules not checked (nobody can tell from events, or turned off): {n}\n"
        );
        let shown = if all { n } else { n.min(NOT_RUN) };
        for rule in summary.rules_not_run.iter().take(shown) {
            let reason = sentence(lang, &rule.reason);
            let _ = writeln!(text, "    {}: {reason}", rule.rule);
        }
        if n > shown {
            text += &tr!(
                lang,
                "    …（--all 列出全部）\n",
                "    … (--all shows all)\n"
            );
        }
    }
    text
}
