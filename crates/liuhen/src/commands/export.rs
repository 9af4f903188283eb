//! `liuhen export`: events out, as an event log that other tools read.

use std::path::Path;

use office::{Export, Exported, Format, Selection, may};
use serde::Serialize;

use super::node;
use crate::{
    args,
    failure::{Exit, Failure},
    lang::{count, counted, tr},
    ui::Ui,
};

#[derive(Serialize)]
struct Report {
    out: String,
    format: &'static str,
    events: u64,
    objects: u64,
    erased: u64,
    left_out: u64,
    notes: Vec<String>,
}

/// Writes an export.
pub(crate) fn run(ui: &Ui, node: &Path, arguments: args::Export) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let format: Format = arguments
        .format
        .parse()
        .map_err(|e| Failure::usage(format!("--format: {e}")))?;
    if !format.writable() {
        return Err(Failure::usage(tr!(
            lang,
            "{format} 只能导入，不能导出",
            "{format} is read, not written"
        ))
        .hint(tr!(
            lang,
            "可以导出：ocel-json、ocel-xml、ocel-sqlite、xes、csv",
            "written are: ocel-json, ocel-xml, ocel-sqlite, xes, csv"
        )));
    }
    let out = arguments.out.display().to_string();
    if arguments.out.exists() {
        return Err(node::exists(lang, &out));
    }
    let selection = match (arguments.import, arguments.source, arguments.case) {
        (Some(index), _, _) => Selection::Import(index),
        (_, Some(source), _) => Selection::Source(source),
        (_, _, Some(number)) => Selection::CaseNumber(number),
        _ => Selection::All,
    };
    let export = Export {
        format,
        selection,
        out: arguments.out,
        case_type: arguments.case_type,
    };
    let bar = ui.bar(0);
    let drawn = bar.clone();
    let exported = node::with(ui, node, async |office| {
        let permit = node::permit::<may::Export>(lang, office)?;
        let step = move |read, total| {
            drawn.set_length(total);
            drawn.set_position(read);
        };
        office
            .export(&permit, export, step)
            .await
            .map_err(|e| node::failed(lang, e))
    });
    bar.finish_and_clear();
    let Exported {
        events,
        objects,
        erased,
        left_out,
        notes,
    } = exported?;
    let report = Report {
        out,
        format: format.name(),
        events,
        objects,
        erased,
        left_out,
        notes,
    };
    let text = text(ui, &report);
    ui.result(&report, &text);
    Ok(Exit::Good)
}

fn text(ui: &Ui, report: &Report) -> String {
    let (out, format) = (&report.out, report.format);
    let (events, objects) = (count(report.events), count(report.objects));
    let (n, m) = (
        counted(report.events, "event"),
        counted(report.objects, "object"),
    );
    let mut text = tr!(
        ui.lang,
        "{out}（{format}）：{events} 个事件、{objects} 个对象\n",
        "{out} ({format}): {n}, {m}\n"
    );
    if report.erased > 0 {
        let n = count(report.erased);
        text += &tr!(
            ui.lang,
            "  {n} 个事件的正文已依法删除，只写出头部\n",
            "  {n} events have had their bodies erased and are written without attributes\n"
        );
    }
    if report.left_out > 0 {
        let n = count(report.left_out);
        text += &tr!(
            ui.lang,
            "  {n} 个事件不属于所选的那类对象，这种格式写不下，没有写出\n",
            "  {n} events belong to no object of the chosen type; this format has no place for them and they were left out\n"
        );
    }
    for note in &report.notes {
        text += &tr!(ui.lang, "  注意：{note}\n", "  note: {note}\n");
    }
    text
}
