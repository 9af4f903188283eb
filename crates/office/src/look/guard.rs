//! Before a case opens: is there a relation that explains it to this viewer, or did he say why?
//!
//! The one place where a case is let out of the register. It asks `watch::access` about the viewer and the case as both stand
//! now, and leaves the entry of the look before anything is shown. Is *not* a permission: scope and role come first, so that
//! who may not know of a case learns nothing here either.

use ::watch::access::{self, Class, Look, Rules, Verdict};
use law::{Explanations, Leg, Template};
use model::{Attr, EventId, Micros, ObjectRef};
use register::{LookRow, ObjectRow, activity};

use super::{LookKind, Wanted, facts};
use crate::{
    Action, CaseKey, Error, Office, Viewer,
    append::{self, Draft},
    gate::Both,
    node::Inner,
};

/// Why a look is right, as it stands in its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(super) class: Class,
    pub(super) template: Option<String>,
    /// Relation and entry of each leg.
    pub(super) path: Option<String>,
    /// Entry of the reason that was given.
    pub(super) because: Option<u64>,
}

impl Office {
    /// Leaves the entry of a look, once in each window, or refuses where nothing explains it.
    pub(crate) async fn look(
        &self,
        viewer: &Viewer,
        row: &ObjectRow,
        kind: LookKind,
        event: Option<EventId>,
    ) -> Result<(), Error> {
        let now = self.now();
        let since = window(now);
        let earlier = match kind.once() {
            true => {
                let looks = (self.inner.register).looks_of(row.id, viewer.person, since);
                let mut looks = looks.await?;
                looks.retain(|l| l.kind == kind.name());
                looks
            }
            false => Vec::new(),
        };
        // A look under a reason stands as long as the reason does, and no longer.
        let stands = |l: &LookRow| {
            let class = l.class.as_deref().and_then(Class::named);
            let explained = matches!(class, Some(Class::Explained | Class::RegisteredInquiry));
            explained && l.because.is_none()
        };
        if earlier.iter().any(stands) {
            return Ok(());
        }
        let basis = self.explained(viewer, row, None).await?;
        let same = |l: &LookRow| l.because.is_some() && l.because == basis.because;
        if earlier.iter().any(same) {
            return Ok(());
        }
        self.leave_look(viewer, row, kind, event, &basis).await
    }

    /// What explains that the viewer opens the case now.
    ///
    /// # Errors
    /// [`Error::ReasonWanted`] where nothing does.
    pub(crate) async fn explained(
        &self,
        viewer: &Viewer,
        row: &ObjectRow,
        only: Option<u64>,
    ) -> Result<Basis, Error> {
        let now = self.now();
        let person = facts::person(&self.inner, viewer.person).await?;
        let look = Look {
            at: now.get(),
            position: u64::MAX,
            only,
        };
        // Most look at what they handle, and that needs their own steps only: no path is shorter than one leg.
        let own = facts::own(&self.inner, row.id, viewer.person).await?;
        let quick = judge(&self.inner, &look, &person, &own);
        if let Verdict::Holds { path, .. } = &quick
            && path.len() == 1
        {
            return Ok(Basis::of(&quick));
        }
        if let Some(basis) = self.under_reason(viewer, row, now).await? {
            return Ok(basis);
        }
        let whole = facts::whole(&self.inner, row.id, viewer.person).await?;
        match judge(&self.inner, &look, &person, &whole) {
            Verdict::Missing(nearest) => Err(Error::ReasonWanted(Box::new(Wanted {
                case: CaseKey(row.id),
                template: template(nearest.template).map_or_else(String::new, |t| t.id.clone()),
                missing: missing(&nearest),
            }))),
            holds => Ok(Basis::of(&holds)),
        }
    }

    /// The reason that he gave, while it stands.
    async fn under_reason(
        &self,
        viewer: &Viewer,
        row: &ObjectRow,
        now: Micros,
    ) -> Result<Option<Basis>, Error> {
        let looks = (self.inner.register).looks_of(row.id, viewer.person, window(now));
        let given = looks.await?.into_iter().find(|l| l.kind == REASON);
        Ok(given.map(|l| Basis {
            class: (l.class.as_deref().and_then(Class::named)).unwrap_or(Class::BreakGlass),
            template: l.template,
            path: None,
            because: Some(l.index),
        }))
    }

    /// Makes the entry of a look durable, and waits until the register has it.
    pub(crate) async fn leave_look(
        &self,
        viewer: &Viewer,
        row: &ObjectRow,
        kind: LookKind,
        event: Option<EventId>,
        basis: &Basis,
    ) -> Result<(), Error> {
        let action = match kind {
            LookKind::Case => Action::ReadCase,
            LookKind::Events => Action::ReadEvents,
            LookKind::Export => Action::Export,
            LookKind::Names | LookKind::Body | LookKind::Step | LookKind::Review => {
                Action::ReadNames
            }
        };
        let mut body = append::body();
        body.attrs = basis.attrs(kind);
        body.attrs
            .extend(event.map(|e| Attr::text("event", e.to_string())));
        let mut draft = Draft::new(activity::READ, self.now(), viewer.organ.clone())
            .by(viewer, action)
            .body(body);
        draft.objects.push(object(row));
        self.inner.append_and_wait(draft).await.map(|_| ())
    }
}

/// What a reason is among the kinds of looks.
pub(super) const REASON: &str = "reason";

/// When the window begins that ends now.
pub(super) fn window(now: Micros) -> Micros {
    let minutes = i64::from(Explanations::shipped().window_minutes);
    Micros::new(now.get() - minutes * 60_000_000).unwrap_or_default()
}

/// The case as an object of an entry.
pub(super) fn object(row: &ObjectRow) -> ObjectRef {
    ObjectRef {
        object_type: row.object_type.clone(),
        id: row.id,
        qualifier: None,
    }
}

pub(super) fn judge(
    inner: &Inner,
    look: &Look,
    person: &access::Person<model::Pseudonym>,
    case: &access::Case<model::Pseudonym>,
) -> Verdict {
    let catalogue = inner.catalogue();
    let organs = facts::Tree(inner.register.tree());
    let rules = Rules {
        explanations: Explanations::shipped(),
        catalogue: &catalogue,
        organs: &organs,
    };
    access::judge(&rules, look, person, case)
}

pub(super) fn template(n: usize) -> Option<&'static Template> {
    Explanations::shipped().templates.get(n)
}

/// The nearest explanation and what it lacks, in words.
pub(super) fn missing(nearest: &access::Nearest) -> Both {
    let Some(template) = template(nearest.template) else {
        return Both::new("没有登记的办案关系", "no relation is on record");
    };
    let lacks: Option<&Leg> = template.legs.get(nearest.leg);
    let (zh, en) = lacks.map_or(("", ""), |l| (l.missing.zh.as_str(), l.missing.en.as_str()));
    match nearest.expired {
        true => Both::new(
            format!("“{}”已经到期", template.text.zh),
            format!("“{}” has run out", template.text.en),
        ),
        false => Both::new(
            format!("“{}”：{zh}", template.text.zh),
            format!("“{}”: {en}", template.text.en),
        ),
    }
}

impl Basis {
    /// Of a verdict: a class without template where nothing holds.
    pub(super) fn of(verdict: &Verdict) -> Self {
        let (named, path) = match verdict {
            Verdict::Holds { template, path, .. } => (*template, path.as_slice()),
            Verdict::Missing(nearest) => (nearest.template, [].as_slice()),
        };
        let legs: Vec<String> = path
            .iter()
            .map(|leg| {
                let relation = relation_name(leg.relation);
                match leg.position {
                    Some(index) => format!("{relation}:{index}"),
                    None => relation.to_owned(),
                }
            })
            .collect();
        Self {
            class: verdict.class(),
            template: template(named).map(|t| t.id.clone()),
            path: (!legs.is_empty()).then(|| legs.join(" ")),
            because: None,
        }
    }

    /// What the entry of a look of this kind says.
    pub(crate) fn attrs(&self, kind: LookKind) -> Vec<Attr> {
        append::texts([
            ("kind", Some(kind.name().to_owned())),
            ("class", Some(self.class.name().to_owned())),
            ("template", self.template.clone()),
            ("path", self.path.clone()),
            ("because", self.because.map(|i| i.to_string())),
        ])
    }

    /// Of what nobody could be asked about before: an export at the console.
    pub(crate) fn unexplained() -> Self {
        Self {
            class: Class::Unexplained,
            template: None,
            path: None,
            because: None,
        }
    }
}

/// A relation, as the file of the templates spells it.
pub(super) fn relation_name(relation: law::Relation) -> &'static str {
    use law::Relation as R;
    match relation {
        R::Acted => "acted",
        R::Related => "related",
        R::Holds => "holds",
        R::Handles => "handles",
        R::Received => "received",
        R::Gave => "gave",
        R::Pending => "pending",
        R::Called => "called",
        R::Linked => "linked",
        R::Own => "own",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_has_the_name_that_the_file_uses() {
        for template in &Explanations::shipped().templates {
            for leg in &template.legs {
                let debug = format!("{:?}", leg.relation).to_lowercase();
                assert_eq!(relation_name(leg.relation), debug);
            }
        }
    }
}
