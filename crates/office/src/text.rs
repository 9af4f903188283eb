//! Text that people typed: trimmed, bounded, without control characters.

use crate::FieldError;

/// `text` without blanks around it; empty is `None`. Line ends are allowed where `lines` says so, NUL never.
pub(crate) fn optional(
    field: &'static str,
    text: Option<&str>,
    max: usize,
    lines: bool,
) -> Result<Option<String>, FieldError> {
    let Some(text) = text.map(str::trim).filter(|t| !t.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > max {
        return Err(FieldError::new(
            field,
            "too_long",
            format!("at most {max} characters"),
        ));
    }
    let bad = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    if text.chars().any(bad) {
        return Err(FieldError::new(
            field,
            "malformed",
            "text without control characters",
        ));
    }
    Ok(Some(text.to_owned()))
}

/// One line that must be there.
pub(crate) fn required(field: &'static str, text: &str, max: usize) -> Result<String, FieldError> {
    optional(field, Some(text), max, false)?
        .ok_or_else(|| FieldError::new(field, "required", format!("1 to {max} characters")))
}

/// Takes the value, or notes what is wrong.
pub(crate) fn note<T>(result: Result<T, FieldError>, wrong: &mut Vec<FieldError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(e) => {
            wrong.push(e);
            None
        }
    }
}
