//! `liuhen audit`: a whole log, read again and believed in nothing. Needs the public key and no lock, so a running node
//! may be audited, and a copy of the log alone.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use ledger::audit::{EntryRules, Options, Problem, Report};
use model::Entry;
use serde_json::json;
use tlog::{Hash, note::VerifierKey};

use super::{node, verify};
use crate::{
    args,
    failure::{Exit, Failure},
    lang::{Lang, count, tr},
    ui::Ui,
};

/// Problems that are shown; JSON has all that the audit kept.
const SHOWN: usize = 20;

/// What an entry of ours is: a header in its one spelling, and the commitment to its body.
struct Rules;

impl EntryRules for Rules {
    fn commitment(&self, entry: &[u8]) -> Result<Option<(Hash, u64)>, String> {
        let entry = Entry::parse(entry).map_err(|e| e.to_string())?;
        Ok(entry.header.body.map(|c| (c.hash, c.size)))
    }
}

/// Audits; exit code 0 only if nothing is wrong.
pub(crate) fn run(ui: &Ui, node: &Path, arguments: &args::Audit) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let dir = arguments.dir.as_deref().unwrap_or(node);
    let (log, key) = log_and_key(lang, dir, arguments.key.as_deref())?;
    let bar = ui.bar(0);
    let started = Instant::now();
    let step = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
        let done = count(done);
        bar.set_message(tr!(lang, "{done} 条", "{done} entries"));
    };
    let options = Options {
        rules: (!arguments.structure_only).then_some(&Rules),
        threads: 0,
        progress: Some(&step),
    };
    let audited = ledger::audit::audit(&log, &key, options);
    bar.finish_and_clear();
    let report = audited.map_err(|e| Failure {
        exit: Exit::NotGood,
        message: tr!(lang, "账本读不下去：{e}", "the log cannot be read: {e}"),
        hint: Some(tr!(
            lang,
            "没有改动任何文件；保留现场，用镜像或备份比对",
            "nothing was changed; keep it as it is, and compare it with a mirror or a backup"
        )),
    })?;
    let seconds = started.elapsed().as_secs_f64();
    let problems: Vec<_> = report.problems.iter().map(problem_json).collect();
    let data = json!({
        "holds": report.holds(),
        "origin": key.name(),
        "size": report.size,
        "root": hex(&report.root),
        "published": report.published,
        "checkpoints": report.checkpoints,
        "tiles": report.tiles,
        "bodies": report.bodies,
        "erased": report.erased,
        "actor_signatures": report.actor_signatures,
        "structure_only": arguments.structure_only,
        "problem_count": report.problem_count,
        "problems": problems,
        "seconds": seconds,
    });
    let text = text(lang, &report, &key, arguments.structure_only, seconds);
    ui.result(&data, &text);
    Ok(if report.holds() {
        Exit::Good
    } else {
        Exit::NotGood
    })
}

/// A node's own log and key, or a copy of a log with a key from elsewhere.
fn log_and_key(
    lang: Lang,
    dir: &Path,
    key: Option<&str>,
) -> Result<(PathBuf, VerifierKey), Failure> {
    let is_node = dir.join("node.toml").is_file();
    let log = if is_node {
        dir.join("log")
    } else {
        dir.to_owned()
    };
    match key {
        Some(key) => Ok((log, verify::key(lang, key)?)),
        // A log has its checkpoint at its root; anything else is a node that is not there, and is named as such.
        None if is_node || !dir.join("checkpoint").is_file() => {
            let info =
                office::Office::describe(dir).map_err(|e| node::not_opened(lang, dir, &e))?;
            Ok((log, info.key))
        }
        None => {
            let path = dir.display();
            Err(Failure::refused(tr!(
                lang,
                "{path} 是单独一份账本，核查它还需要公钥",
                "{path} is a log alone; it is audited with its public key"
            ))
            .hint(tr!(
                lang,
                "用 --key 给出公钥",
                "give the key with --key VKEY"
            )))
        }
    }
}

fn problem_json(problem: &Problem) -> serde_json::Value {
    json!({"index": problem.index, "path": problem.path, "what": problem.what})
}

fn hex(hash: &Hash) -> String {
    model::hex(hash)
}

fn text(lang: Lang, report: &Report, key: &VerifierKey, structure: bool, seconds: f64) -> String {
    let origin = key.name();
    let (size, published) = (count(report.size), count(report.published));
    let (checkpoints, tiles) = (count(report.checkpoints), count(report.tiles));
    let root = hex(&report.root);
    let mut text = tr!(
        lang,
        "账本 {origin}：{size} 条，根 {root}\n  结构：{tiles} 个满块逐一重算\n  检查点：{checkpoints} 个，签名和根都核对过，最新的覆盖 {published} 条\n",
        "log {origin}: {size} entries, root {root}\n  structure: {tiles} full tiles and bundles hashed again\n  checkpoints: {checkpoints}, signatures and roots checked; the newest covers {published} entries\n"
    );
    if structure {
        text += &tr!(
            lang,
            "  没有核查各条内容（--structure-only）\n",
            "  what the entries say was not checked (--structure-only)\n"
        );
    } else {
        let (bodies, erased) = (count(report.bodies), count(report.erased));
        let signatures = count(report.actor_signatures);
        text += &tr!(
            lang,
            "  正文：{bodies} 份与承诺一致，{erased} 份已依法删除\n  经办人签名：{signatures} 个成立\n",
            "  bodies: {bodies} meet their commitment, {erased} were erased\n  signatures of actors: {signatures} hold\n"
        );
    }
    for problem in report.problems.iter().take(SHOWN) {
        let Problem { index, path, what } = problem;
        text += &match index {
            Some(index) => tr!(
                lang,
                "✘ 第 {index} 条起，{path}：{what}\n",
                "✘ entry {index}, {path}: {what}\n"
            ),
            None => format!("✘ {path}: {what}\n"),
        };
    }
    let more = report.problem_count.saturating_sub(SHOWN as u64);
    if more > 0 {
        let more = count(more);
        text += &tr!(lang, "  另有 {more} 处\n", "  and {more} more\n");
    }
    text += &if report.holds() {
        tr!(
            lang,
            "✔ 没有发现问题，用时 {seconds:.1} 秒\n",
            "✔ nothing is wrong ({seconds:.1} s)\n"
        )
    } else {
        let n = count(report.problem_count);
        tr!(
            lang,
            "✘ 发现 {n} 处问题，用时 {seconds:.1} 秒\n",
            "✘ problems found: {n} ({seconds:.1} s)\n"
        )
    };
    text
}
