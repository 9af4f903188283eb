//! Which language to speak, and both versions of each sentence side by side.
//!
//! Pages have Fluent files; a command has few sentences, and whoever changes one sees the other next to it.

use std::{ffi::OsString, str::FromStr};

use crate::zh;

/// A language of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// 简体中文.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The same language, as packs and their faults have it.
    pub(crate) fn of_packs(self) -> law::Lang {
        match self {
            Self::Zh => law::Lang::Zh,
            Self::En => law::Lang::En,
        }
    }

    /// `--lang` wherever it stands among the words; else what the environment says, as POSIX orders its variables.
    pub(crate) fn choose(words: &[OsString], variable: impl Fn(&str) -> Option<String>) -> Self {
        let texts: Vec<&str> = words.iter().filter_map(|w| w.to_str()).collect();
        let chosen =
            texts
                .iter()
                .enumerate()
                .find_map(|(n, word)| match word.strip_prefix("--lang=") {
                    Some(value) => Some(value),
                    None if *word == "--lang" => texts.get(n + 1).copied(),
                    None => None,
                });
        if let Some(lang) = chosen.and_then(|c| c.parse().ok()) {
            return lang;
        }
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| variable(name).filter(|v| !v.is_empty()))
            .map_or(Self::En, |v| {
                if v.starts_with("zh") {
                    Self::Zh
                } else {
                    Self::En
                }
            })
    }
}

impl FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "zh-CN" | "zh" => Ok(Self::Zh),
            "en" => Ok(Self::En),
            other => Err(format!("`{other}`: zh-CN, en")),
        }
    }
}

/// One sentence in the language of the user: `tr!(lang, "中文 {x}", "English {x}")`.
macro_rules! tr {
    ($lang:expr, $zh:literal, $en:literal $(,)?) => {
        match $lang {
            $crate::lang::Lang::Zh => format!($zh),
            $crate::lang::Lang::En => format!($en),
        }
    };
}
pub(crate) use tr;

/// What a library says was expected, in the language of the user.
pub(crate) fn expected(lang: Lang, text: &str) -> String {
    match lang {
        Lang::Zh => zh::expected(text),
        Lang::En => text.to_owned(),
    }
}

/// `1234567` → `1,234,567`.
pub(crate) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at != 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 event`, `1,234 events`: for English sentences; Chinese nouns have no plural.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    let number = count(n);
    match n {
        1 => format!("{number} {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Lang, count, counted};

    #[test]
    fn language_is_chosen_by_flag_then_environment() {
        let cases = [
            ("", "", Lang::En),
            ("", "LANG=zh_CN.UTF-8", Lang::Zh),
            ("", "LC_ALL=C LANG=zh_CN.UTF-8", Lang::En),
            ("", "LC_ALL= LANG=zh_CN.UTF-8", Lang::Zh),
            ("--lang en", "LANG=zh_CN.UTF-8", Lang::En),
            ("audit --lang=zh-CN", "", Lang::Zh),
            ("--lang fr", "LANG=zh", Lang::Zh),
        ];
        for (words, environment, lang) in cases {
            let words: Vec<_> = words.split_whitespace().map(Into::into).collect();
            let variable = |name: &str| {
                let mut pairs = environment
                    .split_whitespace()
                    .filter_map(|p| p.split_once('='));
                pairs.find(|(n, _)| *n == name).map(|(_, v)| v.to_owned())
            };
            assert_eq!(Lang::choose(&words, variable), lang, "{words:?}");
        }
    }

    #[test]
    fn thousands_are_set_apart() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(counted(1, "event"), "1 event");
        assert_eq!(counted(2000, "event"), "2,000 events");
    }
}
