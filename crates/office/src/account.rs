//! Accounts: sign in, sessions, tokens; who is looking at a page.

use std::sync::Arc;

use model::{Micros, OrganCode, Pseudonym, RoleId};

use crate::{Action, Error, Grant, Office, Permit, append, may, text};

/// Who is asking: a person with the roles that are in force now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Pseudonym of the person.
    pub person: Pseudonym,
    /// Name.
    pub name: String,
    /// Organ that he belongs to.
    pub organ: OrganCode,
    /// Its name.
    pub organ_name: String,
    /// Roles in force, each with the organ on which it holds (and on those below).
    pub grants: Vec<Grant>,
    /// Account; empty for the console.
    pub account: String,
}

impl Viewer {
    /// The roles, each once.
    pub fn roles(&self) -> Vec<RoleId> {
        crate::permissions::distinct(&self.grants)
    }
}

/// A session that has begun.
#[derive(Clone, Debug)]
pub struct Session {
    /// What the browser keeps. Shown once; only its hash is stored.
    pub token: String,
    /// Who.
    pub viewer: Arc<Viewer>,
    /// The password was set by somebody else and has to be changed.
    pub must_change: bool,
}

/// Why somebody is not signed in. For an account that does not exist the answer and its time are the same.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Account or password is wrong.
    #[error("account or password is wrong")]
    Wrong,
    /// Too many failures.
    #[error("too many failures; try again after {until}")]
    Locked {
        /// When it may be tried again.
        until: Micros,
    },
    /// Too many sign-ins at once.
    #[error("too many people are signing in; try again in a moment")]
    Busy,
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(String),
}

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The old one is wrong.
    #[error("the old password is wrong")]
    Wrong,
    /// Too many failures.
    #[error("too many failures; try again after {until}")]
    Locked {
        /// When it may be tried again.
        until: Micros,
    },
    /// The new one is too short, too long, or contains the account.
    #[error("the new password must have 8 to 256 characters and not contain the account")]
    Weak,
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(String),
}

/// An account, without any secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Name of the account.
    pub account: String,
    /// Whose.
    pub person: Pseudonym,
    /// Name of the person.
    pub name: Option<String>,
    /// When it was made.
    pub created: Micros,
    /// Locked until.
    pub locked: Option<Micros>,
    /// Has to change its password.
    pub must_change: bool,
}

/// A new or reset account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// Name of the account.
    pub account: String,
    /// Its first password: shown once.
    pub password: String,
}

/// A new token: shown once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What the other system sends as `Authorization: Bearer …`.
    pub token: String,
    /// What it was called.
    pub label: String,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Number of the token.
    pub id: i64,
    /// Account that it speaks for.
    pub account: String,
    /// What it was called.
    pub label: String,
    /// When it was made.
    pub created: Micros,
    /// When it ends.
    pub expires: Option<Micros>,
}

impl Office {
    /// Signs in.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, account: &str, password: &str) -> Result<Session, SignInError> {
        let inner = &self.inner;
        let signed = inner
            .accounts
            .sign_in(account.trim(), password, inner.now())
            .await
            .map_err(|e| match e {
                accounts::SignInError::Wrong => SignInError::Wrong,
                accounts::SignInError::Locked { until } => SignInError::Locked { until },
                accounts::SignInError::Busy => SignInError::Busy,
                accounts::SignInError::Store(e) => SignInError::Internal(e.to_string()),
            })?;
        match self
            .viewer_of(&signed.who)
            .await
            .map_err(|e| SignInError::Internal(e.to_string()))?
        {
            Some(viewer) => Ok(Session {
                token: signed.token,
                viewer,
                must_change: signed.who.must_change,
            }),
            None => {
                // Somebody who left: his account answers like one that is not there.
                inner
                    .accounts
                    .sign_out(&signed.token)
                    .await
                    .map_err(|e| SignInError::Internal(e.to_string()))?;
                Err(SignInError::Wrong)
            }
        }
    }

    /// Whose session this is; `None` if it ended, or the person left.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn viewer(&self, token: &str) -> Result<Option<Arc<Viewer>>, Error> {
        Ok(self.session(token).await?.map(|s| s.viewer))
    }

    /// The session of this token, with what [`Office::viewer`] leaves out.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn session(&self, token: &str) -> Result<Option<Session>, Error> {
        let Some(who) = self
            .inner
            .accounts
            .session(token, self.now())
            .await
            .map_err(store)?
        else {
            return Ok(None);
        };
        let viewer = self.viewer_of(&who).await?;
        Ok(viewer.map(|viewer| Session {
            token: token.to_owned(),
            viewer,
            must_change: who.must_change,
        }))
    }

    /// Whose API token this is.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn viewer_of_token(&self, bearer: &str) -> Result<Option<Arc<Viewer>>, Error> {
        match self
            .inner
            .accounts
            .token(bearer, self.now())
            .await
            .map_err(store)?
        {
            Some(who) => self.viewer_of(&who).await,
            None => Ok(None),
        }
    }

    /// The person of an account with the roles in force now; `None` if he left or was never on the roster.
    pub(crate) async fn viewer_of(
        &self,
        who: &accounts::Who,
    ) -> Result<Option<Arc<Viewer>>, Error> {
        let register = &self.inner.register;
        let now = self.now();
        let Some(person) = register.person(who.person).await? else {
            return Ok(None);
        };
        if person.ended.is_some_and(|t| t <= now) {
            return Ok(None);
        }
        let grants = register.grants_of(who.person).await?;
        let grants = grants
            .into_iter()
            .filter(|g| g.in_force(now))
            .map(|g| Grant {
                role: g.role,
                organ: g.organ,
            });
        Ok(Some(Arc::new(Viewer {
            person: who.person,
            name: person.name,
            organ_name: register.tree().name(&person.organ),
            organ: person.organ,
            grants: grants.collect(),
            account: who.account.clone(),
        })))
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        self.inner.accounts.sign_out(token).await.map_err(store)
    }

    /// Changes one's own password; all other sessions of the account end.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub async fn change_password(
        &self,
        viewer: &Viewer,
        token: &str,
        old: &str,
        new: &str,
    ) -> Result<(), PasswordError> {
        use accounts::{AccountError as A, SignInError as S};
        let changed = self
            .inner
            .accounts
            .change(&viewer.account, old, new, token, self.now())
            .await;
        changed.map_err(|e| match e {
            A::SignIn(S::Wrong) => PasswordError::Wrong,
            A::SignIn(S::Locked { until }) => PasswordError::Locked { until },
            A::Weak(_) => PasswordError::Weak,
            e => PasswordError::Internal(e.to_string()),
        })
    }

    /// All accounts.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn accounts(
        &self,
        _permit: &Permit<may::ManageAccounts>,
    ) -> Result<Vec<AccountRow>, Error> {
        let mut out = Vec::new();
        for a in self
            .inner
            .accounts
            .accounts(self.now())
            .await
            .map_err(store)?
        {
            let name = self.inner.register.person(a.person).await?.map(|p| p.name);
            out.push(AccountRow {
                account: a.name,
                person: a.person,
                name,
                created: a.created,
                locked: a.locked,
                must_change: a.must_change,
            });
        }
        Ok(out)
    }

    /// Makes an account for a person; without a password one is made up, and has to be changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] on `account`, `password` or `person`.
    pub async fn add_account(
        &self,
        _permit: &Permit<may::ManageAccounts>,
        person: Pseudonym,
        account: &str,
        password: Option<&str>,
    ) -> Result<NewAccount, Error> {
        let on_roster = self.inner.register.person(person).await?;
        if on_roster.is_none_or(|p| p.ended.is_some()) {
            return Err(Error::field("person", "unknown", "somebody on the roster"));
        }
        let made_up = password.is_none();
        let password = password.map_or_else(made_up_password, str::to_owned);
        let account = account.trim();
        self.inner
            .accounts
            .add(account, person, &password, made_up, self.now())
            .await
            .map_err(account_error)?;
        Ok(NewAccount {
            account: account.to_owned(),
            password,
        })
    }

    /// Gives an account a new password, which has to be changed, and ends its sessions. Leaves an entry: whoever runs the
    /// node could sign in as somebody else with it, and must not be able to hide that.
    ///
    /// # Errors
    /// [`Error::NotFound`], or those of the log.
    pub async fn reset_account(
        &self,
        permit: &Permit<may::ManageAccounts>,
        account: &str,
    ) -> Result<NewAccount, Error> {
        let known = self
            .inner
            .accounts
            .account(account, self.now())
            .await
            .map_err(store)?
            .ok_or(Error::NotFound)?;
        let mut b = append::body();
        b.attrs = append::texts([("kind", Some("password-reset".into()))]);
        let draft = append::Draft::new("lh.alarm", self.now(), self.inner.info.organ.clone())
            .by(permit.viewer(), Action::ManageAccounts)
            .about("staff", known.person)
            .body(b);
        self.inner.append(draft).await?;
        let password = made_up_password();
        self.inner
            .accounts
            .reset(account, &password)
            .await
            .map_err(account_error)?;
        Ok(NewAccount {
            account: account.to_owned(),
            password,
        })
    }

    /// Lifts a lock.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn unlock_account(
        &self,
        _permit: &Permit<may::ManageAccounts>,
        account: &str,
    ) -> Result<(), Error> {
        self.inner.accounts.unlock(account).await.map_err(store)
    }

    /// Makes a token with which another system speaks for the account.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] on `label`.
    pub async fn new_token(
        &self,
        _permit: &Permit<may::ManageAccounts>,
        account: &str,
        label: &str,
        expires: Option<Micros>,
    ) -> Result<NewToken, Error> {
        let label = text::required("label", label, 100).map_err(|e| Error::Invalid(vec![e]))?;
        let token = self
            .inner
            .accounts
            .new_token(account, &label, expires, self.now())
            .await
            .map_err(account_error)?;
        Ok(NewToken { token, label })
    }

    /// All tokens.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn tokens(
        &self,
        _permit: &Permit<may::ManageAccounts>,
    ) -> Result<Vec<TokenRow>, Error> {
        let row = |t: accounts::Token| TokenRow {
            id: t.id,
            account: t.account,
            label: t.label,
            created: t.created,
            expires: t.expires,
        };
        Ok(self
            .inner
            .accounts
            .tokens()
            .await
            .map_err(store)?
            .into_iter()
            .map(row)
            .collect())
    }

    /// Ends a token.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn end_token(
        &self,
        _permit: &Permit<may::ManageAccounts>,
        id: i64,
    ) -> Result<(), Error> {
        if self.inner.accounts.end_token(id).await.map_err(store)? {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }
}

fn store(e: impl std::fmt::Display) -> Error {
    Error::internal("accounts", e)
}

fn account_error(e: accounts::AccountError) -> Error {
    use accounts::{AccountError as A, SignInError as S};
    match e {
        A::Taken => Error::field(
            "account",
            "taken",
            "an account that nobody has, for a person without one",
        ),
        A::Unknown => Error::NotFound,
        A::Name => Error::field(
            "account",
            "malformed",
            "2 to 64 characters: letters, digits, `.`, `-`, `_`, `@`",
        ),
        A::Weak(_) => Error::field(
            "password",
            "malformed",
            "8 to 256 characters, without the account in it",
        ),
        A::SignIn(S::Busy) => Error::Busy {
            reason: "too many sign-ins at once".into(),
        },
        e => store(e),
    }
}

/// Sixteen letters and digits that cannot be taken for one another: 80 bits.
fn made_up_password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let mut out = String::new();
    for (n, byte) in append::random::<16>().into_iter().enumerate() {
        if n > 0 && n % 4 == 0 {
            out.push('-');
        }
        out.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    out
}
