//! What holds for the order of every scheme, on texts made to be near each other.

use std::cmp::Ordering;

use proptest::prelude::*;
use supply::version::{Bound, Interval, Key, Scheme, Set, key};

/// Texts near the versions of every ecosystem: the same few numbers, words and separators in many orders.
pub(crate) fn near_version() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "(0|1|2|9|10|00|01|127|128|1000|99999999999999999999)",
        2 => "(a|b|rc|alpha|beta|dev|post|pre|final|ga|sp|x|SNAPSHOT|r|p|git|RC|Alpha)",
        3 => Just(".".to_owned()),
        1 => "[-_+~^:!]",
    ];
    (
        "(|v|1:|1!)",
        "(0|1|2|10|007)",
        proptest::collection::vec(piece, 0..7),
    )
        .prop_map(|(prefix, first, pieces)| prefix + &first + &pieces.concat())
}

fn scheme() -> impl Strategy<Value = Scheme> {
    proptest::sample::select(Scheme::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn no_text_panics_and_no_key_grows_beyond_its_text(scheme in scheme(), text in ".{0,40}") {
        if let Ok(key) = key(scheme, &text) {
            prop_assert!(key.as_bytes().len() <= 16 + 8 * text.len());
            prop_assert_eq!(Key::from_bytes(key.as_bytes()), key);
        }
    }

    /// No key but an equal one begins with another: an index may append to keys.
    #[test]
    fn keys_end(scheme in scheme(), a in near_version(), b in near_version()) {
        let ends = !matches!(scheme, Scheme::Cran | Scheme::Hackage | Scheme::Dotted);
        if let (true, Ok(a), Ok(b)) = (ends, key(scheme, &a), key(scheme, &b)) {
            prop_assert!(a == b || !a.as_bytes().starts_with(b.as_bytes()));
        }
    }

    #[test]
    fn numbers_grow(scheme in scheme(), head in "[1-9]", tail in "[0-9]{0,90}", more in 1_u8..9) {
        let smaller = format!("{head}{tail}");
        let larger = format!("{head}{tail}{more}");
        let zeros = format!("00{smaller}");
        let of = |text: &str| key(scheme, &format!("1.{text}.1"));
        prop_assert_eq!(of(&smaller).unwrap().cmp(&of(&larger).unwrap()), Ordering::Less);
        // A leading zero makes a part of apk a text.
        if scheme != Scheme::Alpine {
            prop_assert_eq!(of(&smaller), of(&zeros));
        }
    }

    /// Pre-releases sort before their release, and whatever is behind a release's number behind it.
    #[test]
    fn pre_releases_come_before(number in "[0-9]{1,3}\\.[0-9]{1,3}\\.[1-9]", n in 1_u8..100) {
        for (scheme, suffix) in [
            (Scheme::SemVer, "-rc."), (Scheme::NuGet, "-RC."), (Scheme::PyPi, "rc"),
            (Scheme::Maven, "-rc-"), (Scheme::Debian, "~rc"), (Scheme::Rpm, "~rc"),
            (Scheme::Alpine, "_rc"), (Scheme::RubyGems, ".rc"), (Scheme::Packagist, "-RC"),
        ] {
            let at = |text: String| key(scheme, &text).unwrap();
            let pre = at(format!("{number}{suffix}{n}"));
            let next = at(format!("{number}{suffix}{}", u16::from(n) + 1));
            let release = at(number.clone());
            let behind = at(format!("{number}1"));
            prop_assert!(pre < next && next < release && release < behind, "{:?}", scheme);
        }
    }

    #[test]
    fn sets_are_sets(
        a in proptest::collection::vec((0_u8..12, 0_u8..12, any::<(bool, bool)>()), 0..5),
        b in proptest::collection::vec((0_u8..12, 0_u8..12, any::<(bool, bool)>()), 0..5),
    ) {
        let at = |n: u8| key(Scheme::Dotted, &n.to_string()).unwrap();
        let bound = |n: u8, behind: bool| match n {
            0 => Bound::Min,
            11 => Bound::Max,
            _ if behind => Bound::After(at(n)),
            _ => Bound::Before(at(n)),
        };
        let intervals = |list: &[(u8, u8, (bool, bool))]| -> Vec<Interval> {
            list.iter()
                .map(|(x, y, (p, q))| Interval { from: bound(*x, *p), to: bound(*y, *q) })
                .collect()
        };
        let (a_list, b_list) = (intervals(&a), intervals(&b));
        let (a, b) = (Set::new(a_list.clone()), Set::new(b_list.clone()));
        for n in 0..13 {
            let version = at(n);
            let (in_a, in_b) = (a.contains(&version), b.contains(&version));
            prop_assert_eq!(in_a, a_list.iter().any(|i| i.contains(&version)));
            prop_assert_eq!(a.union(&b).contains(&version), in_a || in_b);
            prop_assert_eq!(a.intersection(&b).contains(&version), in_a && in_b);
            prop_assert_eq!(a.complement().contains(&version), !in_a);
        }
        prop_assert_eq!(a.complement().complement(), a.clone());
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        prop_assert!(a.intersection(&a.complement()).is_empty());
        prop_assert_eq!(a.union(&a.complement()), Set::all());
        for pair in a.intervals().windows(2) {
            prop_assert!(pair[0].to < pair[1].from);
        }
    }
}
