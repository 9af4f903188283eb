//! `liuhen receipt`: the receipt of an entry, to be given to whoever has to be able to prove it.

use std::{io::Write as _, path::Path};

use office::{Error, EventId, Lookup, Office, ReceiptState, may};
use serde_json::json;

use super::node;
use crate::{
    args,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};

/// Gives out a receipt.
pub(crate) fn run(ui: &Ui, node: &Path, arguments: &args::Receipt) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let entry = lookup(lang, &arguments.entry)?;
    let (receipt, key) = node::with(ui, node, async |office| {
        let permit = node::permit::<may::UseLedger>(lang, office)?;
        let index = match entry {
            Lookup::Index(index) => index,
            other => {
                let found = office.lookup(&permit, &other).await;
                found.map_err(|e| not_given(lang, office, e))?.index
            }
        };
        let receipt = office
            .receipt(&permit, index)
            .await
            .map_err(|e| not_given(lang, office, e))?;
        Ok((receipt, office.info().key.to_string()))
    })?;
    let index = receipt.index;
    let state = state(lang, receipt.state);
    match &arguments.out {
        Some(out) => {
            let path = out.display();
            let mut created = std::fs::File::create_new(out).map_err(|e| match e.kind() {
                std::io::ErrorKind::AlreadyExists => node::exists(lang, &path.to_string()),
                _ => file_error(lang, out, &e),
            })?;
            let written = created.write_all(receipt.text.as_bytes());
            written
                .and_then(|()| created.sync_all())
                .map_err(|e| file_error(lang, out, &e))?;
            let path = out.display().to_string();
            ui.result(
                &json!({"index": index, "state": state_name(receipt.state), "out": path, "key": key}),
                &tr!(
                    lang,
                    "第 {index} 号的回执已写到 {path}（{state}）\n验证：liuhen verify {path} --key {key}\n",
                    "receipt of entry {index} written to {path} ({state})\nverify: liuhen verify {path} --key {key}\n"
                ),
            );
        }
        None => {
            ui.result(
                &json!({"index": index, "state": state_name(receipt.state), "receipt": receipt.text, "key": key}),
                &receipt.text,
            );
            if !ui.json {
                ui.say(tr!(
                    lang,
                    "第 {index} 号：{state}",
                    "entry {index}: {state}"
                ));
            }
        }
    }
    Ok(Exit::Good)
}

/// For an entry that is not there and for one that must not be known here the answer is the same.
fn not_given(lang: Lang, office: &Office, error: Error) -> Failure {
    let missing = matches!(error, Error::NotFound);
    let failure = node::failed(lang, error);
    if !missing {
        return failure;
    }
    let size = count(office.ledger().size());
    failure.hint(tr!(
        lang,
        "账本有 {size} 条，从 0 号起；过问记录的回执只给能看它的人，请在页面上取",
        "the log has {size} entries, from 0 on; receipts of inquiries are given on the pages, to those who may read them"
    ))
}

fn lookup(lang: Lang, text: &str) -> Result<Lookup, Failure> {
    if let Ok(index) = text.parse() {
        return Ok(Lookup::Index(index));
    }
    text.parse::<EventId>().map(Lookup::Event).map_err(|_| {
        Failure::usage(tr!(
            lang,
            "{text:?} 既不是序号，也不是事件编号",
            "{text:?} is neither an index nor the id of an event"
        ))
    })
}

/// The acknowledgement in words, as on the pages.
fn state(lang: Lang, state: ReceiptState) -> String {
    match state {
        ReceiptState::Durable => tr!(lang, "已落盘", "durable"),
        ReceiptState::Published => tr!(lang, "已公布", "published"),
        ReceiptState::Witnessed => tr!(lang, "已见证", "witnessed"),
    }
}

fn state_name(state: ReceiptState) -> &'static str {
    match state {
        ReceiptState::Durable => "durable",
        ReceiptState::Published => "published",
        ReceiptState::Witnessed => "witnessed",
    }
}
