//! Findings as a workbook: summary, findings, not checkable. Texts only, never formulas, whatever a log holds.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use watch::Finding;

use super::report::{Report, cited_of, grade_name, missing_name, sentence};
use crate::lang::{Lang, tr};

/// Rows of a sheet of Excel, without the head.
const ROWS: usize = 1_048_575;

/// Characters of a cell of Excel.
const CELL: usize = 32_767;

/// The bytes of the file.
pub(crate) fn workbook(lang: Lang, report: &Report<'_>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let summary = report.summary();
    let sheet = book
        .add_worksheet()
        .set_name(tr!(lang, "汇总", "summary"))?;
    let text = report.text(lang, &summary, Some(0), true);
    // What stands before the table of rules: it has columns of its own below.
    let account: Vec<&str> = text
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .lines()
        .collect();
    for (row, line) in account.iter().enumerate() {
        put(sheet, row, 0, line)?;
    }
    let head = match lang {
        Lang::Zh => [
            "规则",
            "版本",
            "级别",
            "触发",
            "遵守",
            "违反",
            "临期",
            "未到期",
            "例外",
            "无法核查",
            "违反情形",
            "依据",
        ],
        Lang::En => [
            "rule",
            "version",
            "grade",
            "activated",
            "kept",
            "broken",
            "at risk",
            "open",
            "excused",
            "not checkable",
            "when broken",
            "source",
        ],
    };
    let first = account.len() + 1;
    heading(sheet, first, &head)?;
    for (at, rule) in summary.rules.iter().enumerate() {
        let row = first + 1 + at;
        put(sheet, row, 0, &rule.rule)?;
        let kept = rule.kept + rule.kept_recorded_late;
        put(sheet, row, 2, grade_name(lang, rule.grade))?;
        let numbers = [
            (1, u64::from(rule.version)),
            (3, rule.activations),
            (4, kept),
            (5, rule.broken),
            (6, rule.at_risk),
            (7, rule.open),
            (8, rule.excused),
            (9, rule.not_checkable),
        ];
        for (column, n) in numbers {
            number(sheet, row, column, n)?;
        }
        put(sheet, row, 10, sentence(lang, &rule.title))?;
        put(sheet, row, 11, &rule.source.join("; "))?;
    }
    for column in [0, 10, 11] {
        sheet.set_column_width(column, if column == 0 { 16 } else { 60 })?;
    }
    let found = report.with_evidence(&report.found());
    let sheet = book
        .add_worksheet()
        .set_name(tr!(lang, "结果", "findings"))?;
    list(lang, report, sheet, &found)?;
    let unsure = report.with_evidence(&report.unsure());
    let sheet = book
        .add_worksheet()
        .set_name(tr!(lang, "无法核查", "not checkable"))?;
    list(lang, report, sheet, &unsure)?;
    book.save_to_buffer()
}

fn list(
    lang: Lang,
    report: &Report<'_>,
    sheet: &mut Worksheet,
    findings: &[Finding],
) -> Result<(), XlsxError> {
    let head = match lang {
        Lang::Zh => [
            "级别",
            "规则",
            "依据",
            "对象类型",
            "对象",
            "说明",
            "活动",
            "行",
            "所缺",
            "编号",
        ],
        Lang::En => [
            "grade",
            "rule",
            "source",
            "object type",
            "object",
            "sentence",
            "activity",
            "line",
            "missing",
            "id",
        ],
    };
    heading(sheet, 0, &head)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, width) in [(2, 24), (4, 18), (5, 80), (6, 24), (9, 34)] {
        sheet.set_column_width(column, width)?;
    }
    for (at, finding) in findings.iter().take(ROWS).enumerate() {
        let row = at + 1;
        let missing = finding.missing.as_deref();
        let missing = missing.map_or(String::new(), |m| missing_name(lang, m));
        put(sheet, row, 0, grade_name(lang, finding.grade))?;
        put(sheet, row, 1, &finding.rule)?;
        put(sheet, row, 2, &cited_of(finding))?;
        put(sheet, row, 3, &finding.object.0)?;
        put(sheet, row, 4, &finding.object.1)?;
        put(sheet, row, 5, sentence(lang, &finding.sentence))?;
        put(sheet, row, 6, &finding.activation.activity)?;
        number(sheet, row, 7, u64::from(report.line(finding)))?;
        put(sheet, row, 8, &missing)?;
        put(sheet, row, 9, &finding.id)?;
    }
    if findings.len() > ROWS {
        // The last row of the sheet says so: nothing is left out in silence.
        let left = findings.len() - ROWS;
        put(
            sheet,
            ROWS,
            0,
            &tr!(
                lang,
                "另有 {left} 项装不下，见 --format json",
                "{left} more do not fit; see --format json"
            ),
        )?;
    }
    Ok(())
}

fn heading(sheet: &mut Worksheet, row: usize, head: &[&str]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Left);
    for (column, text) in head.iter().enumerate() {
        sheet.write_string_with_format(row_no(row), column_no(column), *text, &bold)?;
    }
    Ok(())
}

fn put(sheet: &mut Worksheet, row: usize, column: usize, text: &str) -> Result<(), XlsxError> {
    let cut: String = text.chars().take(CELL).collect();
    sheet.write_string(row_no(row), column_no(column), cut)?;
    Ok(())
}

fn number(sheet: &mut Worksheet, row: usize, column: usize, n: u64) -> Result<(), XlsxError> {
    #[expect(clippy::cast_precision_loss, reason = "cells hold doubles")]
    sheet.write_number(row_no(row), column_no(column), n as f64)?;
    Ok(())
}

fn row_no(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

fn column_no(column: usize) -> u16 {
    u16::try_from(column).unwrap_or(u16::MAX)
}
