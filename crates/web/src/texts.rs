//! Words of the pages in Chinese and English: Fluent files under `texts/`, built into the program.
//!
//! Not the words of the law: names of activities, roles and tiles come from the packs (crate `law`), in both languages too.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue};

fluent_templates::static_loader! {
    static TEXTS = {
        locales: "./texts",
        fallback_language: "zh-CN",
        // Marks around arguments would be copied along with event ids and account names.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

static CHINESE: LazyLock<LanguageIdentifier> =
    LazyLock::new(|| "zh-CN".parse().expect("a language tag"));
static ENGLISH: LazyLock<LanguageIdentifier> =
    LazyLock::new(|| "en".parse().expect("a language tag"));

/// Language of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lang {
    /// Simplified Chinese, unless somebody chooses otherwise.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Lang {
    /// The same language, as packs have it.
    pub(crate) fn of_packs(self) -> law::Lang {
        match self {
            Self::Chinese => law::Lang::Zh,
            Self::English => law::Lang::En,
        }
    }

    /// From the tag in a cookie or address.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "zh-CN" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The tag.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }

    /// For templates.
    pub(crate) fn is_chinese(self) -> bool {
        self == Self::Chinese
    }

    /// One of two words that come from a pack.
    pub(crate) fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }

    /// The text of a key; the key itself if there is none (a test keeps that from happening).
    pub(crate) fn text(self, key: &str) -> String {
        TEXTS
            .try_lookup(self.tag(), key)
            .unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key with its arguments. Whole numbers choose the plural.
    pub(crate) fn text_with(self, key: &str, args: &[(&'static str, &str)]) -> String {
        let args: HashMap<Cow<'static, str>, FluentValue<'_>> = args
            .iter()
            .map(|(name, value)| (Cow::Borrowed(*name), value_of(value)))
            .collect();
        TEXTS
            .try_lookup_with_args(self.tag(), key, &args)
            .unwrap_or_else(|| key.to_owned())
    }

    fn tag(self) -> &'static LanguageIdentifier {
        match self {
            Self::Chinese => &CHINESE,
            Self::English => &ENGLISH,
        }
    }
}

/// A decimal as it would be written is a number; anything else (`007`, a name) stays text.
fn value_of(value: &str) -> FluentValue<'_> {
    match value.parse::<u32>() {
        Ok(n) if n.to_string() == value => FluentValue::from(n),
        _ => FluentValue::from(value),
    }
}
