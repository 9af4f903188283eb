//! Looks as the page of a case shows them: who, when, and what explained it, in words.

use std::collections::{HashMap, hash_map::Entry};

use ::watch::access::{self, Case, Class, Person, Verdict};
use law::Explanations;
use model::{Activity, Micros, OrganCode, Pseudonym};
use register::LookRow;

use super::{LookKind, facts, guard, reason};
use crate::{Action, ActorView, Both, CaseKey, Error, Office, Permit, gate, may, node::Inner};

/// Looks of a case that are shown.
const SHOWN: u32 = 100;

/// A look at a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookView {
    /// The entry that says so.
    pub index: u64,
    /// When.
    pub at: Micros,
    /// Who.
    pub who: ActorView,
    /// His organ then.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// His post, as the roster has it now.
    pub post: Option<String>,
    /// What was read.
    pub kind: LookKind,
    /// What explains it: as it was recorded, or [`Class::ExplainedLate`] where a relation was recorded since. `None` if it
    /// was made before looks were judged.
    pub class: Option<Class>,
    /// What explained it, in words; where nothing did, the nearest explanation and what it lacks.
    pub words: Option<Both>,
    /// The legs of its explanation.
    pub path: Vec<LookLeg>,
    /// The reason that was given.
    pub reason: Option<Both>,
    /// Entry of that reason.
    pub because: Option<u64>,
}

/// One leg of an explanation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookLeg {
    /// What the entry is: an activity, or a role that was given.
    pub what: Option<Activity>,
    /// The entry that shows it.
    pub index: Option<u64>,
}

/// What is looked up once for many looks.
#[derive(Default)]
pub(super) struct Known {
    people: HashMap<Pseudonym, Person<Pseudonym>>,
    cases: HashMap<(Pseudonym, Pseudonym), Case<Pseudonym>>,
}

impl Known {
    /// The facts of a case, for somebody.
    pub(super) async fn case(
        &mut self,
        inner: &Inner,
        case: Pseudonym,
        person: Pseudonym,
    ) -> Result<&Case<Pseudonym>, Error> {
        Ok(match self.cases.entry((case, person)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => free.insert(facts::whole(inner, case, person).await?),
        })
    }

    /// Judges a look anew, from what is on record by now.
    pub(super) async fn judged(
        &mut self,
        inner: &Inner,
        row: &LookRow,
        case: Pseudonym,
    ) -> Result<Verdict, Error> {
        let person = match self.people.entry(row.person) {
            Entry::Occupied(known) => known.into_mut().clone(),
            Entry::Vacant(free) => {
                let person = facts::person(inner, row.person).await?;
                free.insert(person).clone()
            }
        };
        let facts = self.case(inner, case, row.person).await?;
        let look = access::Look {
            at: row.at.get(),
            position: row.index,
            only: None,
        };
        Ok(guard::judge(inner, &look, &person, facts))
    }
}

impl Office {
    /// Who looked at a case, newest first, at most 100.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; [`Error::ReasonWanted`].
    pub async fn case_looks(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<Vec<LookView>, Error> {
        self.visible(permit.viewer(), Action::ReadCase, key).await?;
        let rows = self.inner.register.looks(key.0, SHOWN).await?;
        let mut known = Known::default();
        let mut names = HashMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            views.push(self.look_view(row, &mut known, &mut names).await?);
        }
        Ok(views)
    }

    /// A look with who made it and what explains it.
    pub(super) async fn look_view(
        &self,
        row: LookRow,
        known: &mut Known,
        names: &mut HashMap<Pseudonym, Option<String>>,
    ) -> Result<LookView, Error> {
        let mut class = row.class.as_deref().and_then(Class::named);
        if class.is_none() && row.kind == guard::REASON {
            // Erased: of the two that a reason can be, the one that says less for him.
            class = Some(Class::BreakGlass);
        }
        let mut words = row.template.as_deref().and_then(template_words);
        let mut path = legs(row.path.as_deref());
        let open = matches!(class, Some(Class::BreakGlass | Class::Unexplained));
        if let (true, Some(case)) = (open, row.case) {
            match known.judged(&self.inner, &row, case).await? {
                Verdict::Missing(nearest) => words = Some(guard::missing(&nearest)),
                holds => {
                    let basis = guard::Basis::of(&holds);
                    if basis.class == Class::ExplainedLate {
                        class = Some(Class::ExplainedLate);
                        words = basis.template.as_deref().and_then(template_words);
                        path = legs(basis.path.as_deref());
                    }
                }
            }
        }
        let mut reason = row.reason.clone();
        if let (None, Some(because)) = (&reason, row.because) {
            let given = self.inner.register.look(because).await?;
            reason = given.and_then(|l| l.reason);
        }
        for leg in &mut path {
            if let Some(index) = leg.index {
                leg.what = self.activity_of(index).await?;
            }
        }
        let post = self.inner.register.person(row.person).await?;
        Ok(LookView {
            index: row.index,
            at: row.at,
            who: self.actor(row.person, row.role, names).await?,
            organ_name: self.inner.register.tree().name(&row.organ),
            organ: row.organ,
            post: post.map(|p| p.post).filter(|p| !p.is_empty()),
            kind: LookKind::named(&row.kind).unwrap_or(LookKind::Case),
            class,
            words,
            path,
            reason: reason.as_deref().and_then(reason::words_of),
            because: row.because,
        })
    }

    /// What was done in an entry; `None` for one of a record of an inquiry, which is never named.
    async fn activity_of(&self, index: u64) -> Result<Option<Activity>, Error> {
        let ledger = self.inner.ledger.clone();
        let entry = crate::entry::blocking(move || ledger.entry(index))
            .await?
            .map_err(crate::entry::damaged)?;
        let header = model::Entry::parse(&entry)
            .map_err(crate::entry::damaged)?
            .header;
        let sealed = (header.activity.as_str()).starts_with(register::activity::INTERFERENCE);
        Ok((!sealed).then_some(header.activity))
    }
}

fn template_words(id: &str) -> Option<Both> {
    let template = Explanations::shipped().template(id)?;
    Some(gate::Both::from(&template.text))
}

fn legs(path: Option<&str>) -> Vec<LookLeg> {
    let leg = |text: &str| LookLeg {
        what: None,
        index: text
            .split_once(':')
            .and_then(|(_, index)| index.parse().ok()),
    };
    path.unwrap_or_default()
        .split_whitespace()
        .map(leg)
        .collect()
}
