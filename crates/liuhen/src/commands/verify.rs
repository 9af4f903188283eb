//! `liuhen verify`: a receipt against a public key, offline. C2SP tlog-proof, the order of its checks.
//!
//! Needs no node, no network and no clock. Each check is shown with what it proves; one that needs an earlier one which
//! failed is shown as not made, never as good.

use std::{fmt::Write as _, path::Path};

use model::Entry;
use serde::Serialize;
use tlog::{
    Sha256, TreeHash,
    checkpoint::{self, SignedCheckpoint},
    note::VerifierKey,
    policy::Policy,
    proof::TlogProof,
    tree,
};

use crate::{
    args,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Holds,
    Fails,
    NotMade,
}

#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    /// What it proves, or why it does not hold.
    detail: String,
}

#[derive(Debug, Serialize)]
struct Report {
    good: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    checks: Vec<Check>,
    /// The header of the entry, as it stands in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<serde_json::Value>,
}

/// Verifies; exit code 0 only if every check holds.
pub(crate) fn run(ui: &Ui, arguments: &args::Verify) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let bytes = read(lang, &arguments.receipt)?;
    let receipt =
        TlogProof::parse(&bytes).map_err(|e| not_a_receipt(lang, &arguments.receipt, &e))?;
    let policy = policy(lang, arguments)?;
    let entry = match (&arguments.event, &receipt.extra) {
        (Some(path), _) => read(lang, path)?,
        (None, Some(extra)) => extra.clone(),
        (None, None) => {
            let message = tr!(
                lang,
                "回执里没有带记录原文",
                "the receipt does not carry the entry"
            );
            return Err(Failure::usage(message).hint(tr!(
                lang,
                "用 --event 文件 给出记录",
                "give the entry with --event FILE"
            )));
        }
    };
    let body = arguments
        .body
        .as_deref()
        .map(|p| read(lang, p))
        .transpose()?;

    let mut report = Report {
        good: false,
        origin: None,
        index: receipt.index,
        size: None,
        checks: Vec::new(),
        event: None,
    };
    let entry = spelled(&receipt, entry);
    report.checks.push(Check {
        check: "entry",
        state: State::Holds,
        detail: {
            let leaf = fingerprint(&Sha256::leaf(&entry));
            tr!(
                lang,
                "记录的指纹是 {leaf}",
                "the entry's fingerprint is {leaf}"
            )
        },
    });
    let signed = signature(lang, &receipt, &policy, &mut report);
    witnesses(lang, signed.as_ref(), &policy, &mut report);
    inclusion(lang, signed.as_ref(), &receipt, &entry, &mut report);
    contents(lang, &entry, body.as_deref(), &mut report);
    // The checks above are shown one by one; the verdict is the library's as well.
    report.good = report.checks.iter().all(|c| c.state == State::Holds)
        && receipt.verify(&entry, &policy).is_ok();

    let text = text(lang, &report);
    ui.result(&report, &text);
    Ok(if report.good {
        Exit::Good
    } else {
        Exit::NotGood
    })
}

fn read(lang: Lang, path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| file_error(lang, path, &e))
}

fn not_a_receipt(lang: Lang, path: &Path, error: &tlog::proof::ParseError) -> Failure {
    let path = path.display();
    Failure {
        exit: Exit::NotGood,
        message: tr!(
            lang,
            "{path} 不是回执：{error}",
            "{path} is not a receipt: {error}"
        ),
        hint: Some(tr!(
            lang,
            "回执以 c2sp.org/tlog-proof@v1 开头；请重新下载，不要另存为别的编码",
            "a receipt begins with c2sp.org/tlog-proof@v1; download it again, without changing its encoding"
        )),
    }
}

fn policy(lang: Lang, arguments: &args::Verify) -> Result<Policy, Failure> {
    if let Some(path) = &arguments.policy {
        return Policy::parse(&read(lang, path)?).map_err(|e| {
            let path = path.display();
            Failure::usage(format!("{path}: {e}"))
        });
    }
    let given = arguments.key.as_deref().unwrap_or_default();
    key(lang, given).and_then(|key| {
        Policy::of_log(key)
            .map_err(|e| Failure::usage(tr!(lang, "公钥不对：{e}", "the key does not fit: {e}")))
    })
}

/// A verifier key, or the file that holds one.
pub(crate) fn key(lang: Lang, given: &str) -> Result<VerifierKey, Failure> {
    let text = match given.parse::<VerifierKey>() {
        Ok(key) => return Ok(key),
        Err(_) if Path::new(given).is_file() => {
            std::fs::read_to_string(given).map_err(|e| file_error(lang, Path::new(given), &e))?
        }
        Err(_) => given.to_owned(),
    };
    text.trim().parse().map_err(|e| {
        Failure::usage(tr!(lang, "公钥不对：{e}", "not a verifier key: {e}")).hint(tr!(
            lang,
            "形如 名称+8位十六进制+base64；在节点上用 liuhen admin key 查看",
            "it looks like name+hash+base64; `liuhen admin key` prints it at the node"
        ))
    })
}

/// An entry that was copied by hand often lost its closing empty line. Its hash decides, so trying both is safe.
fn spelled(receipt: &TlogProof, entry: Vec<u8>) -> Vec<u8> {
    let Ok(checkpoint) = tlog::note::Note::parse(receipt.checkpoint.as_bytes()) else {
        return entry;
    };
    let Ok(head) = tlog::checkpoint::Checkpoint::parse(checkpoint.unverified_text()) else {
        return entry;
    };
    let meets = |bytes: &[u8]| {
        let leaf = Sha256::leaf(bytes);
        tree::verify_inclusion::<Sha256>(
            receipt.index,
            head.size,
            &leaf,
            &receipt.hashes,
            &head.root,
        )
        .is_ok()
    };
    let mut closed = entry.trim_ascii_end().to_vec();
    closed.extend_from_slice(b"\n\n");
    if !meets(&entry) && meets(&closed) {
        closed
    } else {
        entry
    }
}

fn signature(
    lang: Lang,
    receipt: &TlogProof,
    policy: &Policy,
    report: &mut Report,
) -> Option<SignedCheckpoint> {
    let opened = checkpoint::open(receipt.checkpoint.as_bytes(), &policy.keys());
    let (state, detail) = match &opened {
        Ok(signed) => {
            let head = signed.checkpoint();
            let (origin, size) = (&head.origin, count(head.size));
            report.origin = Some(origin.to_string());
            report.size = Some(head.size);
            let detail = tr!(
                lang,
                "账本 {origin} 用这把钥匙签了 {size} 条的状态：它不能再否认",
                "log {origin} signed its state of {size} entries with this key: it cannot deny it"
            );
            (State::Holds, detail)
        }
        Err(e) => {
            let detail = tr!(
                lang,
                "检查点的签名不成立：{e}",
                "the checkpoint's signature does not hold: {e}"
            );
            (State::Fails, detail)
        }
    };
    report.checks.push(Check {
        check: "signature",
        state,
        detail,
    });
    opened.ok()
}

fn witnesses(lang: Lang, signed: Option<&SignedCheckpoint>, policy: &Policy, report: &mut Report) {
    if policy.witnesses().is_empty() {
        return;
    }
    let (state, detail) = match signed.map(|s| policy.check(s)) {
        None => (State::NotMade, needs_signature(lang)),
        Some(Ok(())) => {
            let detail = tr!(
                lang,
                "见证达到策略要求：没有人看到过另一个历史",
                "the witnesses meet the policy: none of them saw another history"
            );
            (State::Holds, detail)
        }
        Some(Err(e)) => {
            let detail = tr!(lang, "见证不够：{e}", "too few witnesses: {e}");
            (State::Fails, detail)
        }
    };
    report.checks.push(Check {
        check: "witnesses",
        state,
        detail,
    });
}

fn inclusion(
    lang: Lang,
    signed: Option<&SignedCheckpoint>,
    receipt: &TlogProof,
    entry: &[u8],
    report: &mut Report,
) {
    let index = count(receipt.index);
    let (state, detail) = match signed.map(SignedCheckpoint::checkpoint) {
        None => (State::NotMade, needs_signature(lang)),
        Some(head) => {
            let leaf = Sha256::leaf(entry);
            let climbed = tree::verify_inclusion::<Sha256>(
                receipt.index,
                head.size,
                &leaf,
                &receipt.hashes,
                &head.root,
            );
            match climbed {
                Ok(()) => {
                    let steps = receipt.hashes.len();
                    let detail = tr!(
                        lang,
                        "经 {steps} 步到达所签的根：这条记录就在第 {index} 号，一字未动",
                        "{steps} steps lead to the signed root: this very entry stands at index {index}, unchanged"
                    );
                    (State::Holds, detail)
                }
                Err(e) => {
                    let detail = tr!(
                        lang,
                        "记录不在第 {index} 号，或已被改动：{e}",
                        "the entry is not at index {index}, or was changed: {e}"
                    );
                    (State::Fails, detail)
                }
            }
        }
    };
    report.checks.push(Check {
        check: "inclusion",
        state,
        detail,
    });
}

/// What the entry says, and whether a body that was given is its own. Only what is proven is shown as an event.
fn contents(lang: Lang, entry: &[u8], body: Option<&[u8]>, report: &mut Report) {
    let included = report.checks.iter().all(|c| c.state == State::Holds);
    let parsed = Entry::parse(entry);
    if included {
        report.event = parsed
            .as_ref()
            .ok()
            .and_then(|e| serde_json::from_str(&e.text).ok());
    }
    let Some(body) = body else { return };
    let commitment = parsed.ok().and_then(|e| e.header.body);
    let (state, detail) = match commitment {
        Some(c) if c.holds(body) => {
            let size = count(c.size);
            let detail = tr!(
                lang,
                "正文（{size} 字节）就是当时承诺的那一份",
                "the body ({size} bytes) is the one that the entry commits to"
            );
            (State::Holds, detail)
        }
        Some(_) => {
            let detail = tr!(
                lang,
                "正文不是当时承诺的那一份",
                "the body is not the one that the entry commits to"
            );
            (State::Fails, detail)
        }
        None => {
            let detail = tr!(lang, "这条记录没有正文", "the entry commits to no body");
            (State::Fails, detail)
        }
    };
    report.checks.push(Check {
        check: "body",
        state,
        detail,
    });
}

fn needs_signature(lang: Lang) -> String {
    tr!(
        lang,
        "未核对：先要签名成立",
        "not checked: the signature must hold first"
    )
}

fn text(lang: Lang, report: &Report) -> String {
    let mut text = String::new();
    for check in &report.checks {
        let mark = match check.state {
            State::Holds => "✔",
            State::Fails => "✘",
            State::NotMade => "–",
        };
        let name = name(lang, check.check);
        let _ = writeln!(text, "{mark} {name}  {}", check.detail);
    }
    if let Some(event) = &report.event {
        text.push('\n');
        let rows = [
            (tr!(lang, "活动　　", "activity"), "activity"),
            (tr!(lang, "自称时间", "occurred"), "occurred"),
            (tr!(lang, "记录时间", "recorded"), "recorded"),
            (tr!(lang, "单位　　", "organ   "), "organ"),
            (tr!(lang, "编号　　", "id      "), "id"),
        ];
        for (label, key) in rows {
            if let Some(value) = event[key].as_str() {
                let _ = writeln!(text, "  {label}  {value}");
            }
        }
    }
    let verdict = if report.good {
        tr!(
            lang,
            "回执成立。它证明记录在册且未改动，不证明记录所说属实。",
            "The receipt holds. It proves that the entry is in the log unchanged, not that what it says is true."
        )
    } else if report
        .checks
        .iter()
        .all(|c| c.state == State::Holds || c.check == "witnesses")
    {
        tr!(
            lang,
            "记录在册且未改动，但见证还不够策略的要求。等有了更多见证，再取一次回执。",
            "The entry is in the log unchanged, but the policy wants more witnesses. Fetch the receipt again later."
        )
    } else {
        tr!(
            lang,
            "回执不成立。请保留此文件：伪造的回执也是证据。",
            "The receipt does not hold. Keep the file: a forged receipt is evidence too."
        )
    };
    let _ = writeln!(text, "\n{verdict}");
    text
}

/// Names of one width in each language.
fn name(lang: Lang, check: &str) -> &'static str {
    match (lang, check) {
        (Lang::Zh, "entry") => "记录",
        (Lang::Zh, "signature") => "签名",
        (Lang::Zh, "witnesses") => "见证",
        (Lang::Zh, "inclusion") => "在册",
        (Lang::Zh, _) => "正文",
        (Lang::En, "entry") => "entry    ",
        (Lang::En, "signature") => "signature",
        (Lang::En, "witnesses") => "witnesses",
        (Lang::En, "inclusion") => "inclusion",
        (Lang::En, _) => "body     ",
    }
}

/// Groups of four hexadecimal digits, as on the pages.
fn fingerprint(hash: &[u8; 32]) -> String {
    let mut text = String::new();
    for (n, byte) in hash.iter().enumerate() {
        if n != 0 && n.is_multiple_of(2) {
            text.push(' ');
        }
        let _ = write!(text, "{byte:02x}");
    }
    text
}
