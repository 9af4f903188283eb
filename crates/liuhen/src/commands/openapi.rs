//! `liuhen openapi`: the description of the API, for `cargo xtask openapi` and for those who generate clients.

use crate::{
    failure::{Exit, Failure},
    ui::Ui,
};

/// Prints it.
pub(crate) fn run(ui: &Ui) -> Result<Exit, Failure> {
    let document = web::openapi();
    let text = document
        .to_pretty_json()
        .map_err(|e| Failure::broken(e.to_string()))?;
    ui.result(&document, &format!("{text}\n"));
    Ok(Exit::Good)
}
