//! Opening a node from the command line, and saying what stands in the way.

use std::{path::Path, sync::Arc};

use office::{Error, Office, OpenError, Permission, Permit, SystemClock};

use crate::{
    failure::{Exit, Failure},
    lang::{Lang, tr},
    ui::Ui,
};

/// A runtime for one command.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::broken(format!("no threads: {e}")))
}

/// Opens the node, does one thing with it, and closes it whatever came of it.
pub(crate) fn with<T>(
    ui: &Ui,
    dir: &Path,
    work: impl AsyncFnOnce(&Office) -> Result<T, Failure>,
) -> Result<T, Failure> {
    runtime()?.block_on(async {
        let office = open(ui, dir).await?;
        let result = work(&office).await;
        office.close().await;
        result
    })
}

/// Opens the node.
pub(crate) async fn open(ui: &Ui, dir: &Path) -> Result<Office, Failure> {
    Office::open(dir, Arc::new(SystemClock))
        .await
        .map_err(|e| not_opened(ui.lang, dir, &e))
}

/// A permit for whoever sits at the machine.
pub(crate) fn permit<A: Permission>(lang: Lang, office: &Office) -> Result<Permit<A>, Failure> {
    office
        .permit(&office.console())
        .map_err(|e| failed(lang, Error::Refused(e)))
}

/// Why a node did not open, and what to do about it.
pub(crate) fn not_opened(lang: Lang, dir: &Path, error: &OpenError) -> Failure {
    let path = dir.display();
    match error {
        OpenError::NoNode(_) => {
            Failure::refused(tr!(lang, "{path} 里没有节点", "there is no node in {path}")).hint(
                tr!(
                    lang,
                    "用 liuhen init {path} 建立，或用 --node 指定另一个目录",
                    "make one with `liuhen init {path}`, or name another folder with --node"
                ),
            )
        }
        OpenError::Settings { path, reason } | OpenError::Key { path, reason } => {
            Failure::refused(format!("{}: {reason}", path.display()))
        }
        OpenError::Ledger(ledger::OpenError::InUse) => {
            Failure::refused(tr!(lang, "{path} 正在使用", "{path} is in use")).hint(tr!(
                lang,
                "先停下正在运行的 liuhen；或改用页面和接口，它们随时可用",
                "stop the liuhen that is running, or use its pages and API"
            ))
        }
        OpenError::Ledger(e) => {
            Failure::refused(tr!(lang, "账本没有打开：{e}", "the log does not open: {e}"))
        }
        OpenError::Register(e) => Failure::refused(tr!(
            lang,
            "查询库没有打开：{e}",
            "the register does not open: {e}"
        ))
        .hint(tr!(
            lang,
            "账本没有受影响；liuhen rebuild 可从账本重新生成查询库",
            "the log is not affected; `liuhen rebuild` makes the register anew from it"
        )),
        OpenError::Accounts(e) => Failure::refused(tr!(
            lang,
            "账号库没有打开：{e}",
            "the accounts do not open: {e}"
        )),
    }
}

/// A file that is there already.
pub(crate) fn exists(lang: Lang, path: &str) -> Failure {
    Failure::refused(tr!(
        lang,
        "{path} 已经存在，不会覆盖",
        "{path} is there already and is not overwritten"
    ))
    .hint(tr!(lang, "换一个文件名", "choose another name"))
}

/// Why a use case did not happen, as a failure of the command.
pub(crate) fn failed(lang: Lang, error: Error) -> Failure {
    match error {
        Error::Refused(e) => {
            let action = e.action.name();
            Failure::refused(tr!(
                lang,
                "命令行的使用者无权做这件事（{action}）",
                "whoever sits at the machine may not do this ({action})"
            ))
        }
        Error::NotFound => Failure::refused(tr!(lang, "没有找到", "not found")),
        Error::Invalid(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|f| format!("{}: {}", f.field, f.expected))
                .collect();
            let fields = fields.join("; ");
            Failure::usage(tr!(lang, "需要更正：{fields}", "to be corrected: {fields}"))
        }
        Error::Gated(barriers) => {
            let said = |b: &office::Barrier| match lang {
                Lang::Zh => format!("{} {}", b.rule, b.sentence.zh),
                Lang::En => format!("{} {}", b.rule, b.sentence.en),
            };
            let rules: Vec<String> = barriers.iter().map(said).collect();
            let rules = rules.join("; ");
            Failure::refused(tr!(lang, "规则不允许：{rules}", "refused by rule: {rules}"))
        }
        Error::ReasonWanted(wanted) => {
            let missing = match lang {
                Lang::Zh => wanted.missing.zh,
                Lang::En => wanted.missing.en,
            };
            Failure::refused(tr!(
                lang,
                "打开案件前须说明理由：{missing}",
                "a reason is wanted before the case opens: {missing}"
            ))
            .hint(tr!(
                lang,
                "在页面上打开该案并说明理由",
                "open the case on its page and say why"
            ))
        }
        Error::Conflict { index } => Failure::refused(tr!(
            lang,
            "同一个键已经用于别的内容（第 {index} 号）",
            "this key was used before for something else (entry {index})"
        )),
        Error::TooLarge { max, unit } => Failure::refused(tr!(
            lang,
            "太多：最多 {max} {unit}",
            "too much: at most {max} {unit}"
        )),
        Error::Busy { reason } => Failure::refused(tr!(
            lang,
            "现在不行：{reason}",
            "not now: {reason}"
        ))
        .hint(tr!(lang, "稍后再试", "try again in a moment")),
        Error::Unknown => Failure {
            exit: Exit::Broken,
            message: tr!(
                lang,
                "不知道是否已经收下",
                "it is not known whether it was taken in"
            ),
            hint: Some(tr!(
                lang,
                "再做一次是安全的：已收下的不会重复",
                "doing it again is safe: what was taken in is not doubled"
            )),
        },
        Error::Internal(e) => Failure::broken(tr!(lang, "内部错误：{e}", "internal: {e}")),
    }
}
