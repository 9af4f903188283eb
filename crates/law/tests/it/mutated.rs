//! The shipped packs with words taken away, doubled and exchanged, and texts that are no packs at all: read as a whole or
//! refused as a whole with a place, never more.

use law::{Catalogue, Lang, PackText, shipped_packs};
use proptest::prelude::*;

/// One change: what is done, and where, as shares of the whole.
#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    Double,
    /// With the word that stands so many further on.
    Swap(usize),
    /// By another word of the same file.
    Replace(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        Just(Change::Delete),
        Just(Change::Double),
        (1..40_usize).prop_map(Change::Swap),
        any::<usize>().prop_map(Change::Replace),
    ]
}

/// A text as words, blanks and signs.
fn tokens(text: &str) -> Vec<&str> {
    let word = |c: char| c.is_alphanumeric() || "_-.:".contains(c);
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = if word(first) {
            rest.find(|c| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (token, more) = rest.split_at(end);
        tokens.push(token);
        rest = more;
    }
    tokens
}

fn mutated(text: &str, changes: &[(Change, usize)]) -> String {
    let mut tokens = tokens(text);
    for (change, at) in changes {
        if tokens.is_empty() {
            break;
        }
        let n = tokens.len();
        let at = at % n;
        match change {
            Change::Delete => {
                tokens.remove(at);
            }
            Change::Double => tokens.insert(at, tokens[at]),
            Change::Swap(far) => tokens.swap(at, (at + far) % n),
            Change::Replace(from) => tokens[at] = tokens[from % n],
        }
    }
    tokens.concat()
}

/// Reads these files; faults have words in both languages.
fn read(packs: &[PackText<'_>]) -> Result<bool, TestCaseError> {
    let Err(faults) = Catalogue::parse(packs) else {
        return Ok(true);
    };
    prop_assert!(!faults.0.is_empty());
    for fault in &faults.0 {
        prop_assert!(!fault.file.is_empty(), "{fault}");
        let said = fault.said(Lang::Zh);
        prop_assert!(said.contains(|c: char| c > '\u{4e00}'), "{said}");
    }
    Ok(false)
}

#[test]
fn shipped_packs_with_words_changed_are_read_or_refused() {
    let refused = std::cell::Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig {
            cases: 48,
            failure_persistence: None,
            max_shrink_iters: 200,
            ..ProptestConfig::default()
        },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let files: usize = shipped_packs().iter().map(|p| p.files.len()).sum();
    let changes = prop::collection::vec((change(), any::<usize>()), 1..5);
    let result = runner.run(&(0..files, changes), |(file, changes)| {
        let mut no = 0;
        let own: Vec<(&str, Vec<(&str, String)>)> = shipped_packs()
            .iter()
            .map(|pack| {
                let files = pack.files.iter().map(|(name, text)| {
                    no += 1;
                    let text = match no - 1 == file {
                        true => mutated(text, &changes),
                        false => (*text).to_owned(),
                    };
                    (*name, text)
                });
                (pack.folder, files.collect())
            })
            .collect();
        let borrowed: Vec<(&str, Vec<(&str, &str)>)> = own
            .iter()
            .map(|(folder, files)| {
                let files = files.iter().map(|(n, t)| (*n, t.as_str()));
                (*folder, files.collect())
            })
            .collect();
        let packs: Vec<PackText<'_>> = borrowed
            .iter()
            .map(|(folder, files)| PackText { folder, files })
            .collect();
        if !read(&packs)? {
            refused.set(refused.get() + 1);
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    // What is changed in words for people is read; most other changes are not.
    assert!(refused.get() > 10, "{} of 48 refused", refused.get());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_as_any_file_is_refused_or_read(text in "\\PC{0,200}|[\\[\\]{}=\"',.a-z0-9\n ]{0,200}", n in 0..9_usize) {
        const NAMES: [&str; 9] = [
            "pack.toml", "roles.toml", "activities.toml", "attributes.toml", "tables.toml", "rules.toml", "forms.toml",
            "steps.toml", "rules-x.toml",
        ];
        let small = crate::small::files("");
        let mut files: Vec<(&str, &str)> = small.iter().map(|(n, t)| (*n, t.as_str())).collect();
        files.retain(|f| f.0 != NAMES[n]);
        files.push((NAMES[n], &text));
        read(&[PackText { folder: "small", files: &files }])?;
        // As the overlay of a place, too.
        let _ = crate::small::parse(&small, &[("overlay/here.toml", &text)]);
    }
}
