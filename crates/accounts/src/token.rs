//! Tokens with which other systems speak for an account (`Authorization: Bearer …`).

use model::Micros;

use crate::{
    AccountError, Accounts, Who,
    store::{Secret, micros, person, secret},
};

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Number.
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

impl Accounts {
    /// Makes a token; the text is not stored and cannot be shown again.
    ///
    /// # Errors
    /// [`AccountError::Unknown`], or those of the database.
    pub async fn new_token(
        &self,
        account: &str,
        label: &str,
        expires: Option<Micros>,
        now: Micros,
    ) -> Result<String, AccountError> {
        self.account(account, now)
            .await?
            .ok_or(AccountError::Unknown)?;
        let Secret { text, hash } = secret();
        sqlx::query("INSERT INTO token (hash, account, label, created, expires) VALUES ($1, $2, $3, $4, $5)")
            .bind(hash)
            .bind(account)
            .bind(label)
            .bind(now.get())
            .bind(expires.map(Micros::get))
            .execute(&self.db)
            .await?;
        Ok(text)
    }

    /// Whom a token speaks for.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn token(&self, token: &str, now: Micros) -> Result<Option<Who>, sqlx::Error> {
        let Some(hash) = Secret::hash_of(token) else {
            return Ok(None);
        };
        let row: Option<(String, Vec<u8>)> = sqlx::query_as(
            "SELECT a.name, a.person FROM token t JOIN account a ON a.name = t.account
             WHERE t.hash = $1 AND (t.expires IS NULL OR t.expires > $2)",
        )
        .bind(hash)
        .bind(now.get())
        .fetch_optional(&self.db)
        .await?;
        row.map(|(account, p)| {
            Ok(Who {
                person: person(&p)?,
                account,
                must_change: false,
            })
        })
        .transpose()
    }

    /// All tokens.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tokens(&self) -> Result<Vec<Token>, sqlx::Error> {
        let rows: Vec<(i64, String, String, i64, Option<i64>)> =
            sqlx::query_as("SELECT id, account, label, created, expires FROM token ORDER BY id")
                .fetch_all(&self.db)
                .await?;
        rows.into_iter()
            .map(|(id, account, label, created, expires)| {
                Ok(Token {
                    id,
                    account,
                    label,
                    created: micros(created)?,
                    expires: expires.map(micros).transpose()?,
                })
            })
            .collect()
    }

    /// Ends a token.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_token(&self, id: i64) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM token WHERE id = $1")
            .bind(id)
            .execute(&self.db)
            .await?;
        Ok(done.rows_affected() > 0)
    }
}
