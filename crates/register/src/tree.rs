//! The organs as a tree in memory: a few thousand at most, asked for at every request.

use std::collections::{HashMap, HashSet};

use model::{Micros, OrganCode};

/// An organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organ {
    /// Code.
    pub code: OrganCode,
    /// Name.
    pub name: String,
    /// The one above.
    pub parent: Option<OrganCode>,
    /// When it was ended.
    pub ended: Option<Micros>,
    /// The entry that last said something of it.
    pub index: u64,
}

/// All organs.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    organs: HashMap<OrganCode, Organ>,
    below: HashMap<OrganCode, Vec<OrganCode>>,
    tops: Vec<OrganCode>,
}

impl Tree {
    pub(crate) fn new(mut all: Vec<Organ>) -> Self {
        all.sort_by(|a, b| a.code.cmp(&b.code));
        let codes: HashSet<OrganCode> = all.iter().map(|o| o.code.clone()).collect();
        let mut tree = Self::default();
        for organ in all {
            match organ
                .parent
                .clone()
                .filter(|p| codes.contains(p) && *p != organ.code)
            {
                Some(parent) => tree
                    .below
                    .entry(parent)
                    .or_default()
                    .push(organ.code.clone()),
                None => tree.tops.push(organ.code.clone()),
            }
            tree.organs.insert(organ.code.clone(), organ);
        }
        tree
    }

    /// One organ.
    pub fn get(&self, code: &OrganCode) -> Option<&Organ> {
        self.organs.get(code)
    }

    /// Its name; its code where there is no name.
    pub fn name(&self, code: &OrganCode) -> String {
        self.organs
            .get(code)
            .map_or_else(|| code.to_string(), |o| o.name.clone())
    }

    /// All, each with its depth from 0, in the order of the tree and by code within.
    pub fn rows(&self) -> Vec<(u32, &Organ)> {
        let mut out = Vec::with_capacity(self.organs.len());
        let mut stack: Vec<(u32, &OrganCode)> = self.tops.iter().rev().map(|c| (0, c)).collect();
        while let Some((depth, code)) = stack.pop() {
            out.push((depth, &self.organs[code]));
            stack.extend(
                self.below
                    .get(code)
                    .into_iter()
                    .flatten()
                    .rev()
                    .map(|c| (depth + 1, c)),
            );
        }
        out
    }

    /// These organs and all below them.
    pub fn subtree<'a>(
        &self,
        codes: impl IntoIterator<Item = &'a OrganCode>,
    ) -> HashSet<OrganCode> {
        let mut out = HashSet::new();
        let mut stack: Vec<OrganCode> = codes.into_iter().cloned().collect();
        while let Some(code) = stack.pop() {
            if out.insert(code.clone()) {
                stack.extend(self.below.get(&code).into_iter().flatten().cloned());
            }
        }
        out
    }

    /// The organ itself and all above it, nearest first. Ends where a circle would begin.
    pub fn line_up(&self, code: &OrganCode) -> Vec<OrganCode> {
        let mut out = vec![code.clone()];
        while let Some(parent) = self
            .organs
            .get(&out[out.len() - 1])
            .and_then(|o| o.parent.clone())
        {
            if out.contains(&parent) {
                break;
            }
            out.push(parent);
        }
        out
    }

    /// Whether `code` is `top` or below it.
    pub fn within(&self, code: &OrganCode, top: &OrganCode) -> bool {
        self.line_up(code).contains(top)
    }

    /// Whether it has organs below it that have not ended.
    pub fn has_below(&self, code: &OrganCode) -> bool {
        self.below
            .get(code)
            .into_iter()
            .flatten()
            .any(|c| self.organs[c].ended.is_none())
    }
}
