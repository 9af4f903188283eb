//! The rules of the repository, as tests: each takes texts and returns faults.
//!
//! A rule is a pure function of the files it is given, so that its test is a bad example. Reading the tree is
//! [`tree::read`]'s, the direction of dependencies is [`crates`]'s.

mod crates;
mod docs;
mod packs;
mod source;
mod text;
mod tree;

#[cfg(test)]
mod tests;

use std::{fmt, path::Path};

/// A text file of the repository.
#[derive(Clone, Debug)]
pub(crate) struct File {
    /// Path from the root, with `/`.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

/// A rule that does not hold somewhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    path: String,
    /// Counted from 1; 0 where the fault is the file's as a whole.
    line: usize,
    rule: &'static str,
    message: String,
}

impl Fault {
    fn new(file: &File, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            path: file.path.clone(),
            line,
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path)?;
        if self.line != 0 {
            write!(f, ":{}", self.line)?;
        }
        write!(f, ": [{}] {}", self.rule, self.message)
    }
}

type FileRule = fn(&File, &mut Vec<Fault>);
type TreeRule = fn(&[File], &mut Vec<Fault>);

/// Rules that look at one file.
const FILE_RULES: &[FileRule] = &[
    text::no_machine_paths,
    text::no_registry_hosts,
    text::no_open_ends,
    text::no_long_files,
    text::no_trailing_whitespace,
    text::no_personal_data,
    source::modules_open_with_docs,
    source::pure_crates_stay_pure,
    source::logs_name_nobody,
    docs::decisions_have_three_parts,
    crates::manifests_take_the_lints,
];

/// Rules that compare files.
const TREE_RULES: &[TreeRule] = &[
    docs::links_resolve,
    docs::cited_decisions_exist,
    docs::dependencies_are_explained,
    packs::texts_in_both_languages,
];

/// Number of rules, the direction of dependencies included.
pub(crate) const RULES: usize = FILE_RULES.len() + TREE_RULES.len() + 1;

/// Faults of the repository at `root`, in the order of paths.
pub(crate) fn check(root: &Path) -> Result<Vec<Fault>, String> {
    let files = tree::read(root)?;
    let mut faults = check_files(&files);
    crates::dependencies_point_down(&tree::metadata(root)?, &mut faults);
    faults.sort();
    Ok(faults)
}

fn check_files(files: &[File]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for file in files {
        for rule in FILE_RULES {
            rule(file, &mut faults);
        }
    }
    for rule in TREE_RULES {
        rule(files, &mut faults);
    }
    faults
}
