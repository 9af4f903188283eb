//! Organs (机关): a tree.

use model::{Micros, OrganCode};

use crate::{
    Action, Error, FieldError, Office, Permit, TableSummary, Viewer,
    append::{Draft, body, object_type_of, texts},
    may,
    node::Inner,
    table::{self, Row},
    text::{note, required},
};

/// An organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganRow {
    /// Code.
    pub code: OrganCode,
    /// Name.
    pub name: String,
    /// The one above.
    pub parent: Option<OrganCode>,
    /// Steps below the top, from 0. Rows come in the order of the tree.
    pub depth: u32,
    /// People in it now.
    pub people: u64,
    /// When it was ended.
    pub ended: Option<Micros>,
    /// The entry that says so.
    pub index: u64,
}

/// An organ to be added or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrgan {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the one above; `None` only for the node's own.
    pub parent: Option<String>,
}

/// An organ whose fields are in order by themselves.
struct Checked {
    code: OrganCode,
    name: String,
    parent: Option<OrganCode>,
}

impl Office {
    /// All organs, in the order of the tree.
    ///
    /// # Errors
    /// Those of the register.
    pub async fn organs(&self, _permit: &Permit<may::SeeRoster>) -> Result<Vec<OrganRow>, Error> {
        let people = self.inner.register.people_by_organ().await?;
        let tree = self.inner.register.tree();
        let row = |(depth, o): (u32, &register::Organ)| OrganRow {
            code: o.code.clone(),
            name: o.name.clone(),
            parent: o.parent.clone(),
            depth,
            people: people.get(&o.code).copied().unwrap_or(0),
            ended: o.ended,
            index: o.index,
        };
        Ok(tree.rows().into_iter().map(row).collect())
    }

    /// Adds an organ. Returns the index of the entry.
    ///
    /// # Errors
    /// [`Error::Invalid`], or those of the log.
    pub async fn add_organ(
        &self,
        permit: &Permit<may::EditOrgans>,
        organ: NewOrgan,
    ) -> Result<u64, Error> {
        let organ = check(&organ).map_err(Error::Invalid)?;
        let tree = self.inner.register.tree();
        if tree.get(&organ.code).is_some_and(|o| o.ended.is_none()) {
            return Err(Error::field("code", "taken", "a code that no organ has"));
        }
        self.fits(&organ, &tree)
            .map_err(|e| Error::Invalid(vec![e]))?;
        self.write_organ(permit.viewer(), organ).await
    }

    /// Changes name or place of an organ.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`], or those of the log.
    pub async fn change_organ(
        &self,
        permit: &Permit<may::EditOrgans>,
        organ: NewOrgan,
    ) -> Result<u64, Error> {
        let organ = check(&organ).map_err(Error::Invalid)?;
        let tree = self.inner.register.tree();
        tree.get(&organ.code)
            .filter(|o| o.ended.is_none())
            .ok_or(Error::NotFound)?;
        self.fits(&organ, &tree)
            .map_err(|e| Error::Invalid(vec![e]))?;
        self.write_organ(permit.viewer(), organ).await
    }

    /// Ends an organ that has no people and no organs below it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] on `code`, or those of the log.
    pub async fn end_organ(
        &self,
        permit: &Permit<may::EditOrgans>,
        code: &str,
    ) -> Result<u64, Error> {
        let code = OrganCode::new(code).map_err(|_| Error::NotFound)?;
        let tree = self.inner.register.tree();
        tree.get(&code)
            .filter(|o| o.ended.is_none())
            .ok_or(Error::NotFound)?;
        let people = self.inner.register.people_by_organ().await?;
        if code == self.inner.info.organ
            || tree.has_below(&code)
            || people.get(&code).is_some_and(|n| *n > 0)
        {
            return Err(Error::field(
                "code",
                "not_empty",
                "an organ without people and without organs below it",
            ));
        }
        let mut b = body();
        b.attrs = texts([("code", Some(code.to_string()))]);
        let id = self
            .inner
            .key
            .pseudonym(&object_type_of("organ"), "", code.as_str());
        let draft = Draft::new("lh.organ.end", self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::EditOrgans)
            .about("organ", id)
            .body(b);
        self.inner.append_and_wait(draft).await
    }

    /// Imports organs: columns `code,name,parent`. Rows may stand in any order.
    ///
    /// # Errors
    /// [`Error::Invalid`] if it is no such table, or those of the log.
    pub async fn import_organs(
        &self,
        permit: &Permit<may::EditOrgans>,
        csv: &[u8],
    ) -> Result<TableSummary, Error> {
        let mut summary = TableSummary::default();
        let rows = table::read(csv, &["code", "name", "parent"], &[], &mut summary)?;
        let tree = self.inner.register.tree();
        let mut waiting: Vec<(Row, Checked)> = Vec::new();
        for row in rows {
            let new = NewOrgan {
                code: row.get("code"),
                name: row.get("name"),
                parent: Some(row.get("parent")),
            };
            match check(&new) {
                Ok(organ) if waiting.iter().any(|(_, o)| o.code == organ.code) => {
                    summary.reject(
                        &row,
                        &FieldError::new("code", "taken", "a code that stands in the file once"),
                    );
                }
                Ok(organ) => waiting.push((row, organ)),
                Err(wrong) => wrong.iter().for_each(|e| summary.reject(&row, e)),
            }
        }
        // Parents first: each round takes those whose parent is known by now.
        let mut known: std::collections::HashSet<OrganCode> = tree
            .rows()
            .iter()
            .filter(|(_, o)| o.ended.is_none())
            .map(|(_, o)| o.code.clone())
            .collect();
        let mut drafts = Vec::new();
        loop {
            let before = waiting.len();
            let mut rest = Vec::new();
            for (row, organ) in waiting {
                let own = organ.code == self.inner.info.organ;
                let ready = if own {
                    organ.parent.is_none()
                } else {
                    organ.parent.as_ref().is_some_and(|p| known.contains(p))
                };
                if !ready || self.would_circle(&organ, &tree) {
                    rest.push((row, organ));
                    continue;
                }
                known.insert(organ.code.clone());
                let same = tree.get(&organ.code).is_some_and(|o| {
                    o.ended.is_none() && o.name == organ.name && o.parent == organ.parent
                });
                if same {
                    summary.unchanged += 1;
                } else {
                    drafts.push(draft(&self.inner, permit.viewer(), &organ));
                }
            }
            waiting = rest;
            if waiting.is_empty() || waiting.len() == before {
                break;
            }
        }
        for (row, organ) in waiting {
            let circle = self.would_circle(&organ, &tree);
            let e = if circle {
                FieldError::new("parent", "cycle", "an organ that is not below this one")
            } else {
                FieldError::new(
                    "parent",
                    "unknown",
                    "the code of an organ of the node or of this file",
                )
            };
            summary.reject(&row, &e);
        }
        self.write_table(drafts, summary).await
    }

    fn would_circle(&self, organ: &Checked, tree: &register::Tree) -> bool {
        organ
            .parent
            .as_ref()
            .is_some_and(|p| *p == organ.code || tree.within(p, &organ.code))
    }

    fn fits(&self, organ: &Checked, tree: &register::Tree) -> Result<(), FieldError> {
        let own = organ.code == self.inner.info.organ;
        match &organ.parent {
            None if own => Ok(()),
            Some(_) if own => Err(FieldError::new(
                "parent",
                "cycle",
                "nothing: the node's own organ is the top",
            )),
            None => Err(FieldError::new("parent", "required", "the organ above")),
            Some(p) if tree.get(p).is_none_or(|o| o.ended.is_some()) => {
                Err(FieldError::new("parent", "unknown", "the code of an organ"))
            }
            Some(_) if self.would_circle(organ, tree) => Err(FieldError::new(
                "parent",
                "cycle",
                "an organ that is not below this one",
            )),
            Some(_) => Ok(()),
        }
    }

    async fn write_organ(&self, viewer: &Viewer, organ: Checked) -> Result<u64, Error> {
        let draft = draft(&self.inner, viewer, &organ);
        self.inner.append_and_wait(draft).await
    }
}

fn check(organ: &NewOrgan) -> Result<Checked, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let code = note(code("code", &organ.code), &mut wrong);
    let name = note(required("name", &organ.name, 100), &mut wrong);
    let parent = organ
        .parent
        .as_deref()
        .map(str::trim)
        .filter(|p| !p.is_empty());
    let parent = note(
        parent.map(|p| self::code("parent", p)).transpose(),
        &mut wrong,
    );
    match (code, name, parent) {
        (Some(code), Some(name), Some(parent)) => Ok(Checked { code, name, parent }),
        _ => Err(wrong),
    }
}

/// A code as typed.
pub(crate) fn code(field: &'static str, text: &str) -> Result<OrganCode, FieldError> {
    let text = required(field, text, 32)?;
    OrganCode::new(text)
        .map_err(|_| FieldError::new(field, "malformed", "letters, digits, `.`, `-` and `_`"))
}

fn draft(inner: &Inner, viewer: &Viewer, organ: &Checked) -> Draft {
    let id = inner
        .key
        .pseudonym(&object_type_of("organ"), "", organ.code.as_str());
    let mut b = body();
    b.attrs = texts([
        ("code", Some(organ.code.to_string())),
        ("name", Some(organ.name.clone())),
        ("parent", organ.parent.as_ref().map(OrganCode::to_string)),
    ]);
    Draft::new("lh.organ", inner.now(), inner.info.organ.clone())
        .by(viewer, Action::EditOrgans)
        .about("organ", id)
        .body(b)
}
