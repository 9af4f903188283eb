//! Organs, people and roles from CSV: one row one event, bad rows named by line and field.

use std::collections::HashMap;

use crate::{Error, FieldError, Office, append::Draft, node::Inner};

/// Rows of one table.
const MAX_ROWS: usize = 200_000;

/// What became of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSummary {
    /// Rows taken in.
    pub taken: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Rows refused.
    pub rejects: Vec<TableReject>,
    /// Last entry written, for [`crate::Office::caught_up`].
    pub last: Option<u64>,
}

/// A row that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableReject {
    /// Line of the file, from 1.
    pub line: u64,
    /// Column; empty where the whole row is wrong.
    pub field: String,
    /// What was expected.
    pub expected: String,
    /// What stood there, cut to 64 characters.
    pub found: String,
}

/// A row by its columns.
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: HashMap<&'static str, String>,
}

impl Row {
    /// The cell of a column; empty where the file has no such column.
    pub(crate) fn get(&self, column: &str) -> String {
        self.cells.get(column).cloned().unwrap_or_default()
    }
}

impl TableSummary {
    pub(crate) fn reject(&mut self, row: &Row, e: &FieldError) {
        let found = row.get(e.field);
        let shown = |c: char| if c.is_control() { '·' } else { c };
        self.rejects.push(TableReject {
            line: row.line,
            field: e.field.to_owned(),
            expected: e.expected.clone(),
            found: found.chars().take(64).map(shown).collect(),
        });
    }
}

/// Reads a table with a header line. Columns may stand in any order; unknown ones are refused, because a misspelt
/// optional column would else be lost in silence.
pub(crate) fn read(
    csv: &[u8],
    required: &[&'static str],
    optional: &[&'static str],
    summary: &mut TableSummary,
) -> Result<Vec<Row>, Error> {
    let wrong = |expected: String| Error::field("file", "malformed", expected);
    let text =
        std::str::from_utf8(csv.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(csv)).map_err(|_| {
            let (_, bad) = encoding_rs::GB18030.decode_without_bom_handling(csv);
            let what = if bad {
                ""
            } else {
                "; this looks like GBK (GB 18030): save it as UTF-8"
            };
            wrong(format!("UTF-8 text{what}"))
        })?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|e| wrong(format!("a header line ({e})")))?
        .clone();
    let known = |name: &str| {
        required
            .iter()
            .chain(optional)
            .find(|k| k.eq_ignore_ascii_case(name))
            .copied()
    };
    let mut columns = Vec::with_capacity(header.len());
    for name in &header {
        let column =
            known(name).ok_or_else(|| wrong(format!("columns {}", list(required, optional))))?;
        if columns.contains(&column) {
            return Err(wrong(format!("the column {column} once")));
        }
        columns.push(column);
    }
    if let Some(missing) = required.iter().find(|c| !columns.contains(c)) {
        return Err(wrong(format!(
            "a column {missing}; columns are {}",
            list(required, optional)
        )));
    }
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(e) => return Err(wrong(format!("CSV ({e})"))),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if rows.len() == MAX_ROWS {
            return Err(Error::TooLarge {
                max: MAX_ROWS as u64,
                unit: "rows",
            });
        }
        let row = Row {
            line,
            cells: columns
                .iter()
                .copied()
                .zip(record.iter().map(str::to_owned))
                .collect(),
        };
        if record.len() == columns.len() {
            rows.push(row);
        } else {
            summary.rejects.push(TableReject {
                line,
                field: String::new(),
                expected: format!("{} columns", columns.len()),
                found: format!("{} columns", record.len()),
            });
        }
    }
    Ok(rows)
}

fn list(required: &[&str], optional: &[&str]) -> String {
    let mut out = required.join(",");
    if !optional.is_empty() {
        out.push_str(&format!(" and optionally {}", optional.join(",")));
    }
    out
}

impl Office {
    /// Writes the events of a table.
    pub(crate) async fn write_table(
        &self,
        drafts: Vec<Draft>,
        mut summary: TableSummary,
    ) -> Result<TableSummary, Error> {
        summary.taken = drafts.len() as u64;
        summary.rejects.sort_by_key(|r| r.line);
        if let Some((_, last)) = self.inner.append_all(drafts).await?.last() {
            self.inner.caught_up(last.index()).await?;
            summary.last = Some(last.index());
        }
        Ok(summary)
    }
}

impl Inner {
    /// Makes one event durable and waits until the register has it. Returns its index.
    pub(crate) async fn append_and_wait(&self, draft: Draft) -> Result<u64, Error> {
        let (_, durable) = self.append(draft).await?;
        self.caught_up(durable.index()).await?;
        Ok(durable.index())
    }
}
