//! Export: events and objects of the log as an event log that other tools read. Records of inquiries are never part of it.

mod writing;

use std::{path::PathBuf, sync::Arc};

use interchange::Format;
use model::ObjectRef;

use crate::{
    Action, CaseKey, Error, ImportRow, LookKind, Office, Permit,
    append::{self, Draft, object_type_of, texts},
    entry::blocking,
    look::Basis,
    may,
};

/// What to export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Everything but the node's own events.
    All,
    /// Everything of one import, by the index of its `lh.import` entry, and of later imports of the same source.
    Import(u64),
    /// Everything of one source.
    Source(String),
    /// One case.
    Case(CaseKey),
    /// One case by number.
    CaseNumber(String),
}

/// An export.
#[derive(Clone, Debug)]
pub struct Export {
    /// Format.
    pub format: Format,
    /// What.
    pub selection: Selection,
    /// Where to. An existing file is not overwritten.
    pub out: PathBuf,
    /// Type of object whose instances become the cases of a flat format (XES, CSV); `None` is `case`.
    pub case_type: Option<String>,
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Events.
    pub events: u64,
    /// Objects.
    pub objects: u64,
    /// Events whose body is erased, written without attributes.
    pub erased: u64,
    /// Events left out, because a flat format knows only those of one kind of case.
    pub left_out: u64,
    /// What the format cannot say, in words.
    pub notes: Vec<String>,
}

impl Office {
    /// Imports so far, oldest first.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn imports(&self, _permit: &Permit<may::Export>) -> Result<Vec<ImportRow>, Error> {
        let row = |r: register::ImportRow| ImportRow {
            index: r.index,
            source: r.source,
            sha256: r.sha256,
            recorded: r.recorded,
        };
        Ok(self
            .inner
            .register
            .imports()
            .await?
            .into_iter()
            .map(row)
            .collect())
    }

    /// Writes an export. Leaves an entry first: it reads every name that it writes. `progress` gets entries read and
    /// entries to read.
    ///
    /// # Errors
    /// [`Error::NotFound`] if the selection is empty; [`Error::Invalid`] on `out` and `format`; those of the log.
    pub async fn export(
        &self,
        permit: &Permit<may::Export>,
        export: Export,
        progress: impl FnMut(u64, u64) + Send + 'static,
    ) -> Result<Exported, Error> {
        if !export.format.writable() {
            return Err(Error::field(
                "format",
                "unknown",
                "a format that can be written: xes, ocel-json, ocel-xml, ocel-sqlite, csv",
            ));
        }
        if export.out.exists() {
            return Err(Error::field(
                "out",
                "taken",
                "a file that does not exist yet",
            ));
        }
        self.caught_up_all().await?;
        let plan = self.plan(&export.selection).await?;
        self.leave_export_trace(permit, &export, &plan).await?;
        let inner = Arc::clone(&self.inner);
        let handle = tokio::runtime::Handle::current();
        blocking(move || writing::run(&inner, &handle, &export, plan, progress)).await?
    }

    async fn plan(&self, selection: &Selection) -> Result<Plan, Error> {
        let register = &self.inner.register;
        let imports = register.imports().await?;
        let of_source = |source: &str| -> Result<Plan, Error> {
            let first = imports
                .iter()
                .find(|i| i.source == source)
                .ok_or(Error::NotFound)?;
            Ok(Plan {
                from: first.index,
                source: Some(source.to_owned()),
                only: None,
                case: None,
            })
        };
        let key = match selection {
            Selection::All => {
                return Ok(Plan {
                    from: 0,
                    source: None,
                    only: None,
                    case: None,
                });
            }
            Selection::Source(source) => return of_source(source),
            Selection::Import(index) => {
                let import = imports
                    .iter()
                    .find(|i| i.index == *index)
                    .ok_or(Error::NotFound)?;
                return of_source(&import.source);
            }
            Selection::Case(key) => *key,
            Selection::CaseNumber(number) => {
                let mut found = register
                    .objects_named(&object_type_of("case"), number)
                    .await?;
                match found.len() {
                    1 => CaseKey(found.remove(0).id),
                    0 => return Err(Error::NotFound),
                    n => {
                        return Err(Error::field(
                            "selection",
                            "ambiguous",
                            format!("a number of one case, {n} cases have it: name the key"),
                        ));
                    }
                }
            }
        };
        let entries = register.entries_of(key.0).await?;
        if entries.is_empty() {
            return Err(Error::NotFound);
        }
        Ok(Plan {
            from: 0,
            source: None,
            only: Some(entries),
            case: Some(key),
        })
    }

    async fn leave_export_trace(
        &self,
        permit: &Permit<may::Export>,
        export: &Export,
        plan: &Plan,
    ) -> Result<(), Error> {
        let mut body = append::body();
        let what = match &export.selection {
            Selection::All => "all".to_owned(),
            Selection::Import(index) => format!("import {index}"),
            Selection::Source(source) => format!("source {source}"),
            Selection::Case(key) => format!("case {key}"),
            Selection::CaseNumber(_) => "case".to_owned(),
        };
        body.attrs = texts([
            ("export", Some(what)),
            ("format", Some(export.format.name().to_owned())),
        ]);
        let mut draft = Draft::new(
            register::activity::READ,
            self.now(),
            self.inner.info.organ.clone(),
        )
        .by(permit.viewer(), Action::Export)
        .body(body);
        let mut basis = Basis::unexplained();
        if let Some(key) = plan.case
            && let Some(row) = self.inner.register.object(key.0).await?
        {
            basis = match self.explained(permit.viewer(), &row, None).await {
                // Nobody can be asked at a console: it is asked about afterwards.
                Err(Error::ReasonWanted(_)) => Basis::unexplained(),
                other => other?,
            };
            draft.objects.push(ObjectRef {
                object_type: row.object_type,
                id: key.0,
                qualifier: None,
            });
        }
        if let Some(body) = &mut draft.body {
            body.attrs.extend(basis.attrs(LookKind::Export));
        }
        self.inner.append_and_wait(draft).await?;
        Ok(())
    }
}

/// What to read.
pub(crate) struct Plan {
    /// From this entry on.
    from: u64,
    /// Only what came from this source.
    source: Option<String>,
    /// Only these entries.
    only: Option<Vec<u64>>,
    /// The case that was chosen.
    case: Option<CaseKey>,
}
