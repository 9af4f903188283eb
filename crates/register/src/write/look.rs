//! The rows of looks, of what was found when they were reviewed, and of relations that were registered.
//!
//! Of the bodies they are made from only that of a reason can be erased: what it said goes from its row, the row stays. No
//! words are kept.

use model::{Header, Micros};
use sqlx::SqliteConnection;

use super::{Applied, pseudonym};
use crate::{Error, activity as a};

/// The object of an entry that is not a person of the roster: the case.
fn case_of(header: &Header) -> Option<Vec<u8>> {
    let mut objects = header.objects.iter();
    let case = objects.find(|o| o.object_type.as_str() != "staff");
    case.map(|o| o.id.to_bytes().to_vec())
}

/// A look, or a reason that was given for one.
pub(super) async fn looked(conn: &mut SqliteConnection, entry: &Applied) -> Result<(), Error> {
    let Applied {
        index,
        header,
        body,
    } = entry;
    let Some(actor) = header.actor.first() else {
        return Ok(());
    };
    let text = |key: &str| body.as_ref().and_then(|b| b.text(key)).map(str::to_owned);
    let case = case_of(header);
    // Before looks were judged, an entry said no kind.
    let kind = match (header.activity.as_str(), text("kind")) {
        (a::BREAK_GLASS, _) => "reason".to_owned(),
        (_, Some(kind)) => kind,
        (_, None) if text("export").is_some() => "export".to_owned(),
        (_, None) if text("event").is_some() => "body".to_owned(),
        (_, None) => "names".to_owned(),
    };
    sqlx::query(
        "INSERT INTO look (idx, case_id, person, role, organ, at, kind, class, template, path, because, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(*index as i64)
    .bind(case)
    .bind(actor.p.to_bytes().to_vec())
    .bind(actor.role.as_str().to_owned())
    .bind(header.organ.as_str().to_owned())
    .bind(header.recorded.get())
    .bind(kind)
    .bind(text("class"))
    .bind(text("template"))
    .bind(text("path"))
    .bind(text("because").and_then(|t| t.parse::<i64>().ok()))
    .bind(text("reason"))
    .execute(conn)
    .await?;
    Ok(())
}

/// What was found when a look was reviewed.
pub(super) async fn answered(conn: &mut SqliteConnection, entry: &Applied) -> Result<(), Error> {
    let Applied {
        index,
        header,
        body,
    } = entry;
    let text = |key: &str| body.as_ref().and_then(|b| b.text(key));
    let look = text("look").and_then(|t| t.parse::<i64>().ok());
    if let (Some(look), Some(verdict), Some(actor)) = (look, text("verdict"), header.actor.first())
    {
        sqlx::query(
            "INSERT INTO look_answer (look, idx, person, role, at, verdict) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(look)
        .bind(*index as i64)
        .bind(actor.p.to_bytes().to_vec())
        .bind(actor.role.as_str().to_owned())
        .bind(header.recorded.get())
        .bind(verdict.to_owned())
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// A relation of a person to a case, or of two cases.
pub(super) async fn related(conn: &mut SqliteConnection, entry: &Applied) -> Result<(), Error> {
    let Applied {
        index,
        header,
        body,
    } = entry;
    let text = |key: &str| body.as_ref().and_then(|b| b.text(key));
    let time = |key: &str| text(key).and_then(|t| t.parse::<Micros>().ok());
    let (Some(case), Some(kind)) = (case_of(header), text("kind")) else {
        return Ok(());
    };
    let person = header.objects_of("staff").next();
    let person = person.map(|o| o.id.to_bytes().to_vec());
    sqlx::query(
        "INSERT INTO relation (idx, event, case_id, other, person, kind, since, until, recorded, organ, said_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(*index as i64)
    .bind(header.id.as_bytes().to_vec())
    .bind(case)
    .bind(pseudonym(text("other")))
    .bind(person)
    .bind(kind.to_owned())
    .bind(time("from").unwrap_or(header.occurred).get())
    .bind(time("to").map(Micros::get))
    .bind(header.recorded.get())
    .bind(header.organ.as_str().to_owned())
    .bind(header.actor.first().map(|x| x.p.to_bytes().to_vec()))
    .execute(conn)
    .await?;
    Ok(())
}
