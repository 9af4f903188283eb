//! What a place changes.
use model::RuleId;

use super::Names;
use super::read::Place;
use crate::rule::Citation;
use crate::{Catalogue, Fault, Text};

/// What a place changes in one rule.
#[derive(Clone, Debug, PartialEq)]
pub struct OverlayDef {
    /// Rule.
    pub rule: RuleId,
    /// Reason.
    pub reason: Text,
    /// Source.
    pub source: Vec<Citation>,
    /// Off.
    pub off: Option<Text>,
}
pub(super) fn parse(_: &[(&str, &str)], _: &mut Vec<Fault>) {}
pub(super) fn tables(_: &(), _: &mut Catalogue, _: &mut Names, _: &mut Vec<Fault>) {}
pub(super) fn apply(
    _: &(),
    _: &mut Catalogue,
    _: &Names,
    p: Vec<Place>,
    _: &mut Vec<Fault>,
) -> Vec<Place> {
    p
}
