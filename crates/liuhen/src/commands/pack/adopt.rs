//! `liuhen pack adopt`: puts a pack into force at a node that is not running, after its difference was shown.
//!
//! What is adopted is named by the hash of exactly what the difference was of: typed in, or given with `--yes`. Nothing else
//! than the use case of the page `/rules/packs` is done here.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead as _, IsTerminal as _, Write as _},
    path::Path,
};

use office::{PackDifference, PackError, PackFiles, may};
use serde::Serialize;

use super::diff::{RuleData, rule_data, rule_words};
use crate::{
    commands::node,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};

/// Findings that are shown of each kind.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Data {
    pack: String,
    old: Option<String>,
    version: String,
    hash: String,
    rules: Vec<RuleData>,
    appear: Vec<office::Finding>,
    appear_count: usize,
    disappear: Vec<office::Finding>,
    disappear_count: usize,
    staying: usize,
    /// The entry of the log; `null` if it was not adopted.
    adopted: Option<u64>,
}

/// Shows the difference, and adopts what was confirmed.
pub(crate) fn run(ui: &Ui, place: &Path, dir: &Path, yes: Option<&str>) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let files = read(lang, dir)?;
    node::with(ui, place, async |office| {
        let permit = node::permit::<may::AdoptPacks>(lang, office)?;
        let proposed = office.propose_pack(&permit, PackFiles(files)).await;
        let d = proposed.map_err(|e| refused(lang, e))?;
        let hash = d.hash.clone();
        let mut data = data(d);
        let text = words(lang, &data);
        let confirmed = match yes {
            Some(given) => given.trim() == hash,
            None if ui.json || !std::io::stdin().is_terminal() => false,
            None => {
                ui.result(&data, &text);
                asked(lang, &hash)
            }
        };
        if !confirmed {
            if yes.is_some() || ui.json || !std::io::stdin().is_terminal() {
                ui.result(&data, &text);
            }
            let failure = match yes {
                Some(_) => Failure::refused(tr!(
                    lang,
                    "没有启用：--yes 给出的哈希不是这个规则包的",
                    "not adopted: the hash that --yes gives is not this pack's"
                )),
                None => Failure::refused(tr!(
                    lang,
                    "没有启用：还没有人确认",
                    "not adopted: nobody has confirmed it"
                )),
            };
            let dir = dir.display();
            return Err(failure.hint(tr!(
                lang,
                "看过差异后执行 liuhen pack adopt {dir} --yes {hash}",
                "when you have read the difference: liuhen pack adopt {dir} --yes {hash}"
            )));
        }
        let adopted = office.adopt_pack(&permit, &hash).await;
        let index = adopted.map_err(|e| refused(lang, e))?;
        data.adopted = Some(index);
        let done = tr!(
            lang,
            "\n已启用，账本序号 {index}\n",
            "\nadopted, entry {index}\n"
        );
        match yes {
            Some(_) => ui.result(&data, &format!("{text}{done}")),
            None => ui.result(&data, &done),
        }
        Ok(Exit::Good)
    })
}

/// The `.toml` files of the folder.
fn read(lang: Lang, dir: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let failed =
        |path: &Path, e: &std::io::Error| Failure::usage(file_error(lang, path, e).message);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(dir).map_err(|e| failed(dir, &e))? {
        let path = entry.map_err(|e| failed(dir, &e))?.path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|e| failed(&path, &e))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        files.insert(name.into_owned(), text);
    }
    Ok(files)
}

/// Whether whoever sits there types the beginning of the hash: enough to have looked at it.
fn asked(lang: Lang, hash: &str) -> bool {
    let digits = hash.strip_prefix("sha256:").unwrap_or(hash);
    let first = digits.get(..8).unwrap_or(digits);
    let mut error = std::io::stderr().lock();
    let question = tr!(
        lang,
        "\n确认启用请输入哈希的前 8 位（{first}）：",
        "\nto adopt it, type the first 8 digits of its hash ({first}): "
    );
    // Somebody who cannot be asked has not confirmed.
    if write!(error, "{question}")
        .and_then(|()| error.flush())
        .is_err()
    {
        return false;
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).is_ok() && line.trim() == first
}

fn refused(lang: Lang, error: PackError) -> Failure {
    let lines = |n: usize, lines: Vec<String>| {
        let lines = lines.join("\n");
        Failure::refused(tr!(
            lang,
            "没有启用，规则包有 {n} 处不对：\n{lines}",
            "not adopted, because of its faults ({n}):\n{lines}"
        ))
        .hint(tr!(
            lang,
            "用 liuhen pack check 检查",
            "`liuhen pack check` shows them too"
        ))
    };
    match error {
        PackError::Office(e) => node::failed(lang, e),
        PackError::Faults(f) => {
            let words = lang.of_packs();
            lines(
                f.0.len(),
                f.0.iter().map(|fault| fault.said(words)).collect(),
            )
        }
        PackError::Examples(m) => lines(
            m.len(),
            (m.iter())
                .map(|m| office::mismatch_said(m, lang.of_packs()))
                .collect(),
        ),
        PackError::TooLarge { max } => Failure::refused(tr!(
            lang,
            "规则包太大，最多 {max} 字节",
            "the pack is too large: at most {max} bytes"
        )),
        PackError::NoId => Failure::usage(tr!(
            lang,
            "目录里没有写明编号的 pack.toml",
            "the folder has no pack.toml with an id"
        )),
        PackError::Changed => Failure::refused(tr!(
            lang,
            "没有启用：规则包在这期间变了",
            "not adopted: the pack has changed meanwhile"
        )),
    }
}

fn data(d: PackDifference) -> Data {
    Data {
        pack: d.pack,
        old: d.old.map(|(version, _)| version),
        version: d.version,
        hash: d.hash,
        rules: d.rules.into_iter().map(rule_data).collect(),
        appear: d.appearing,
        appear_count: d.appearing_count,
        disappear: d.disappearing,
        disappear_count: d.disappearing_count,
        staying: d.staying,
        adopted: None,
    }
}

fn words(lang: Lang, data: &Data) -> String {
    let (pack, version, hash) = (&data.pack, &data.version, &data.hash);
    let mut text = match &data.old {
        Some(old) => format!("{pack} {old} → {version}\n{hash}\n\n"),
        None => format!("{pack} {version}\n{hash}\n\n"),
    };
    if data.rules.is_empty() {
        text += &tr!(lang, "规则没有变化\n", "no rule changes\n");
    }
    text += &rule_words(lang, &data.rules);
    let [more, less, staying] =
        [data.appear_count, data.disappear_count, data.staying].map(|n| count(n as u64));
    text += &tr!(
        lang,
        "\n在本节点的账本上：多出 {more} 项，少了 {less} 项，红色问题不变的 {staying} 项\n",
        "\nfindings on this node's log: new {more}, gone {less}; red ones that stay: {staying}\n"
    );
    for (sign, findings, all) in [
        ('+', &data.appear, data.appear_count),
        ('-', &data.disappear, data.disappear_count),
    ] {
        for finding in findings.iter().take(SHOWN) {
            let (type_, id) = &finding.object;
            let sentence = match lang {
                Lang::Zh => &finding.sentence.zh,
                Lang::En => &finding.sentence.en,
            };
            let _ = writeln!(text, "  {sign} {} {type_} {id}: {sentence}", finding.rule);
        }
        if all > SHOWN {
            let left = count((all - SHOWN) as u64);
            text += &tr!(lang, "  {sign} 另 {left} 项\n", "  {sign} {left} more\n");
        }
    }
    text
}
