//! Erasing a body (个人信息保护法 Art. 47): the names and words go, the header and its proof stay.

use model::EventId;
use register::activity;

use crate::{
    Action, Error, Office, Permit,
    append::{self, Draft, object_type_of, texts},
    may,
    text::required,
    watcher::is_own_alert,
};

/// A body that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Entry whose body was erased.
    pub index: u64,
    /// Entry that says so.
    pub said_by: u64,
}

impl Office {
    /// Erases the body of an event, with a reason, and its attachments where nothing else names them. Cannot be undone.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] on `reason`, and on `event` where the node itself stands on the body
    /// (organs, roles, imports, people still on the roster).
    pub async fn erase(
        &self,
        permit: &Permit<may::Erase>,
        event: EventId,
        reason: &str,
    ) -> Result<Erased, Error> {
        let reason = required("reason", reason, 500).map_err(|e| Error::Invalid(vec![e]))?;
        let register = &self.inner.register;
        let (index, recorder) = match register.event(event).await? {
            Some(row) => (row.index, None),
            None => register
                .inquiry_position(event)
                .await?
                .ok_or(Error::NotFound)?,
        };
        let (header, body) = self.inner.open_body(index).await?;
        if body.is_none() {
            return Err(Error::NotFound);
        }
        match header.activity.as_str() {
            // The words of a reason may name somebody; that it was given stays in the header.
            activity::OBJECT | activity::BREAK_GLASS => {}
            activity::PERSON => {
                let person = header.objects_of("staff").next().map(|o| o.id);
                let still_there = match person {
                    Some(p) => register.person(p).await?.is_some_and(|p| p.ended.is_none()),
                    None => true,
                };
                if still_there {
                    return Err(Error::field(
                        "event",
                        "not_yours",
                        "the entry of somebody who has left",
                    ));
                }
            }
            // An alert holds nobody's name or words, and the node knows by it what it has told already.
            a if a.starts_with(activity::NODE)
                || a == activity::INQUIRY_READ
                || is_own_alert(&header, false) =>
            {
                return Err(Error::field(
                    "event",
                    "not_yours",
                    "an event on whose body the node itself does not stand",
                ));
            }
            _ => {}
        }
        let mut b = append::body();
        b.attrs = texts([
            ("index", Some(index.to_string())),
            ("reason", Some(reason)),
            // So that the recorder still finds that there was something.
            ("recorder", recorder.map(|p| p.to_string())),
        ]);
        let id = self
            .inner
            .key
            .pseudonym(&object_type_of("entry"), "", &index.to_string());
        let mut draft = Draft::new(activity::ERASE, self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::Erase)
            .about("entry", id);
        // A record of an inquiry must not be told from other events by its erasure.
        draft.body = Some(b.padded_to(1024));
        // The follower erases before it applies: when it has caught up, the body is gone.
        let said_by = self.inner.append_and_wait(draft).await?;
        Ok(Erased { index, said_by })
    }
}
