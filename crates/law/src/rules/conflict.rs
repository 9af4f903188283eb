//! Rules that nobody can obey together.
use super::read::Place;
use crate::{Catalogue, Fault};
pub(super) fn search(_: &Catalogue, _: &[Place], _: &mut Vec<Fault>) {}
