//! Breaking the glass: the reason that somebody gives before a case opens which nothing on record explains to him.

use ::watch::access::Class;
use law::{Explanations, Reason};
use register::activity;

use super::{Wanted, guard};
use crate::{
    Action, Both, CaseKey, Error, FieldError, Office, Permit,
    append::{self, Draft},
    may,
    text::{note, optional},
};

/// Characters of a reason.
const WORDS: usize = 500;
/// Characters of the number of a paper.
const PAPER: usize = 100;

/// What is asked before a case opens. Nothing of the case is in it but what a search shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReasonForm {
    /// Number of the case.
    pub number: Option<String>,
    /// What is missing; `None` where nothing is, and the case opens.
    pub wanted: Option<Wanted>,
    /// Reasons to choose from.
    pub reasons: &'static [Reason],
    /// For how many minutes the case then stays open.
    pub minutes: u32,
}

/// A reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewReason {
    /// Id of one of the list.
    pub reason: String,
    /// In his own words.
    pub words: String,
    /// Number of the paper, where the reason is one.
    pub paper: Option<String>,
}

impl Office {
    /// What has to be said before the case opens.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs.
    pub async fn reason_form(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
    ) -> Result<ReasonForm, Error> {
        let viewer = permit.viewer();
        let row = self.in_scope(viewer, Action::ReadCase, key).await?;
        let wanted = match self.explained(viewer, &row, None).await {
            Ok(_) => None,
            Err(Error::ReasonWanted(wanted)) => Some(*wanted),
            Err(e) => return Err(e),
        };
        let explanations = Explanations::shipped();
        Ok(ReasonForm {
            number: row.name,
            wanted,
            reasons: &explanations.reasons,
            minutes: explanations.window_minutes,
        })
    }

    /// Gives a reason: it opens the case to the viewer for [`ReasonForm::minutes`], and is reviewed. Returns the index of the
    /// entry; `None` where none was needed, and none was left.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for cases of other organs; [`Error::Invalid`]; those of the log.
    pub async fn give_reason(
        &self,
        permit: &Permit<may::ReadCase>,
        key: CaseKey,
        new: &NewReason,
    ) -> Result<Option<u64>, Error> {
        let viewer = permit.viewer();
        let row = self.in_scope(viewer, Action::ReadCase, key).await?;
        let wanted = match self.explained(viewer, &row, None).await {
            Ok(_) => return Ok(None),
            Err(Error::ReasonWanted(wanted)) => wanted,
            Err(e) => return Err(e),
        };
        let mut wrong = Vec::new();
        let known = Explanations::shipped().reason(&new.reason);
        let reason = known.ok_or_else(|| match new.reason.is_empty() {
            true => FieldError::new("reason", "required", "one of the list"),
            false => FieldError::new("reason", "unknown", "one of the list"),
        });
        let reason = note(reason, &mut wrong);
        let words = optional("words", Some(&new.words), WORDS, true)
            .and_then(|w| w.ok_or_else(|| needed("words", "why the case has to be opened")));
        let words = note(words, &mut wrong);
        let paper = optional("paper", new.paper.as_deref(), PAPER, false);
        let paper = note(paper, &mut wrong).flatten();
        let registers = reason.is_some_and(|r| r.registers);
        if registers && paper.is_none() && !wrong.iter().any(|w| w.field == "paper") {
            wrong.push(needed("paper", "the number of the paper"));
        }
        let (Some(reason), Some(words), true) = (reason, words, wrong.is_empty()) else {
            return Err(Error::Invalid(wrong));
        };
        let class = match registers {
            true => Class::RegisteredInquiry,
            false => Class::BreakGlass,
        };
        let mut body = append::body();
        body.attrs = append::texts([
            ("reason", Some(reason.id.clone())),
            ("class", Some(class.name().to_owned())),
            ("template", Some(wanted.template.clone())),
            ("paper", paper),
        ]);
        body.words = Some(words);
        let mut draft = Draft::new(activity::BREAK_GLASS, self.now(), viewer.organ.clone())
            .by(viewer, Action::ReadCase)
            .body(body);
        draft.objects.push(guard::object(&row));
        self.inner.append_and_wait(draft).await.map(Some)
    }
}

fn needed(field: &'static str, what: &str) -> FieldError {
    FieldError::new(field, "required", what)
}

/// A reason in words.
pub(super) fn words_of(id: &str) -> Option<Both> {
    let reason = Explanations::shipped().reason(id)?;
    Some(Both::from(&reason.text))
}
