//! Units (单位): how each stands, in the order of its code. Figures with denominators; no ranking, no scale of colours.

use askama::Template;
use axum::{extract::State, response::Response};
use law::rule::Outcome;
use office::{UnitFigures, may};

use super::show;
use crate::{app::App, fail::Fail, frame::Frame, session::May};

#[derive(Template)]
#[template(path = "units.html")]
struct UnitsPage {
    f: Frame,
    rows: Vec<Row>,
    sum: Row,
}

struct Row {
    code: String,
    name: String,
    judged: u64,
    open: Figure,
    at_risk: Figure,
    red: Figure,
    amber: Figure,
    blue: Figure,
    unchecked: Figure,
}

/// A number and what share of the judged it is.
struct Figure {
    n: u64,
    share: String,
}

/// How units stand.
pub(crate) async fn list(
    May(permit): May<may::SeeUnits>,
    State(app): State<App>,
    f: Frame,
) -> Result<Response, Fail> {
    let units = app.office.unit_figures(&permit).await?;
    let mut all = ([0; Outcome::ALL.len()], [0; 3]);
    for unit in &units {
        for (sum, n) in all.0.iter_mut().zip(unit.outcomes) {
            *sum += n;
        }
        for (sum, n) in all.1.iter_mut().zip(unit.breaches) {
            *sum += n;
        }
    }
    let line = |u: &UnitFigures| {
        row(
            u.organ.to_string(),
            u.name.clone(),
            &u.outcomes,
            &u.breaches,
        )
    };
    show(&UnitsPage {
        rows: units.iter().map(line).collect(),
        sum: row(String::new(), f.t("units-sum"), &all.0, &all.1),
        f,
    })
}

fn row(
    code: String,
    name: String,
    outcomes: &[u64; Outcome::ALL.len()],
    breaches: &[u64; 3],
) -> Row {
    let judged = outcomes.iter().sum();
    let of = |outcome: Outcome| outcomes[outcome as usize];
    let figure = |n: u64| Figure {
        n,
        share: share(n, judged),
    };
    Row {
        code,
        name,
        judged,
        open: figure(of(Outcome::Pending) + of(Outcome::Suspended)),
        at_risk: figure(of(Outcome::AtRisk)),
        red: figure(breaches[0]),
        amber: figure(breaches[1]),
        blue: figure(breaches[2]),
        unchecked: figure(of(Outcome::NotCheckable)),
    }
}

/// `3.2%`; a share that is not nothing is never shown as nothing.
pub(crate) fn share(n: u64, of: u64) -> String {
    let tenths = match of {
        0 => return "–".to_owned(),
        of => (u128::from(n) * 1_000 + u128::from(of) / 2) / u128::from(of),
    };
    match (n, tenths) {
        (0, _) => "0%".to_owned(),
        (_, 0) => "<0.1%".to_owned(),
        (_, tenths) => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}
