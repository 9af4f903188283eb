//! What every page has around its content: language, menu, who is looking, where the ledger stands.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use law::Catalogue;
use model::{Activity, Micros, RoleId};
use office::{Action, Viewer, may, permissions::may_do};

use crate::{app::App, assets, fail::Fail, format, session::Caller, texts::Lang};

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// From a cookie or address.
    pub(crate) fn from_code(code: &str) -> Option<Self> {
        match code {
            "system" => Some(Self::System),
            "light" => Some(Self::Light),
            "dark" => Some(Self::Dark),
            _ => None,
        }
    }

    /// The attribute of the page; none for the system's.
    pub(crate) fn code(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// What the reader chose, from cookies; put into each request by `edge.rs`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prefs {
    /// Language.
    pub(crate) lang: Lang,
    /// Light or dark.
    pub(crate) theme: Theme,
    /// Path and query, for links that change one of the two and come back.
    pub(crate) here: String,
}

/// An item of the menu.
pub(crate) struct MenuItem {
    pub(crate) href: &'static str,
    pub(crate) text: &'static str,
    /// Letter after `g`.
    pub(crate) key: char,
    pub(crate) current: bool,
    /// Set apart from what is above.
    pub(crate) apart: bool,
}

/// Who is looking, for the head of the page.
pub(crate) struct Me {
    pub(crate) name: String,
    pub(crate) organ_name: String,
    pub(crate) account: String,
    pub(crate) roles: String,
}

/// What every page has around its content.
pub(crate) struct Frame {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    pub(crate) me: Option<Me>,
    pub(crate) menu: Vec<MenuItem>,
    pub(crate) may_search: bool,
    pub(crate) may_record: bool,
    pub(crate) may_manage: bool,
    /// Packs in force.
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) due: Option<usize>,
    pub(crate) origin: String,
    pub(crate) size: u64,
    pub(crate) published: Option<u64>,
    pub(crate) now: Micros,
    here: String,
}

/// The menu: address, text, letter, what one must be allowed to do.
const MENU: [(&str, &str, char, Option<Action>); 12] = [
    ("/", "menu-today", 't', Some(Action::SeeToday)),
    ("/record", "menu-record", 'r', Some(Action::Record)),
    (
        "/my-records",
        "menu-my-records",
        'm',
        Some(Action::ReadOwnRecords),
    ),
    (
        "/inquiries",
        "menu-inquiries",
        'i',
        Some(Action::ReadInquiries),
    ),
    ("/cases", "menu-cases", 'c', Some(Action::SearchCases)),
    ("/reviews", "menu-reviews", 'v', Some(Action::SeeReviews)),
    ("/looks", "menu-looks", 'k', Some(Action::SeeLooks)),
    ("/units", "menu-units", 'u', Some(Action::SeeUnits)),
    ("/off-book", "menu-off-book", 'b', Some(Action::SeeUnits)),
    ("/rules", "menu-rules", 'w', Some(Action::SeeRules)),
    ("/ledger", "menu-ledger", 'l', Some(Action::UseLedger)),
    (
        "/settings/organs",
        "menu-settings",
        's',
        Some(Action::EditOrgans),
    ),
];

impl Frame {
    /// The frame for a viewer. `with_due` counts what is to do, which an error page must not depend on.
    pub(crate) async fn new(
        app: &App,
        prefs: &Prefs,
        viewer: Option<&Arc<Viewer>>,
        with_due: bool,
    ) -> Self {
        let lang = prefs.lang;
        let path = prefs.here.split('?').next().unwrap_or_default();
        let section = |href: &str| {
            let root = if href.starts_with("/settings") {
                "/settings"
            } else {
                href
            };
            path == root
                || (root == "/" && path == "/clocks")
                || (root != "/"
                    && path
                        .strip_prefix(root)
                        .is_some_and(|rest| rest.starts_with('/')))
        };
        let may = |action| viewer.is_some_and(|v| may_do(v, action));
        let menu = MENU
            .into_iter()
            .filter(|(.., action)| action.is_none_or(may))
            .map(|(href, text, key, _)| MenuItem {
                href,
                text,
                key,
                current: section(href),
                apart: href.starts_with("/settings"),
            })
            .collect();
        let due = match viewer {
            Some(v) if with_due => match app.office.permit::<may::SeeToday>(v) {
                Ok(permit) => app.office.today_count(&permit).await.ok(),
                Err(_) => None,
            },
            _ => None,
        };
        let published = app.office.published_size();
        let catalogue = app.office.catalogue();
        Self {
            lang,
            theme: prefs.theme,
            me: viewer.map(|v| Me {
                name: v.name.clone(),
                organ_name: v.organ_name.clone(),
                account: v.account.clone(),
                roles: v
                    .roles()
                    .iter()
                    .map(|r| role_name(&catalogue, lang, r))
                    .collect::<Vec<_>>()
                    .join(lang.of("、", ", ")),
            }),
            menu,
            may_search: may(Action::SearchCases),
            may_record: may(Action::Record),
            may_manage: may(Action::ManageAccounts),
            catalogue,
            due,
            origin: app.office.info().origin.clone(),
            size: app.office.ledger().size(),
            published: (published > 0).then_some(published),
            now: app.office.now(),
            here: prefs.here.clone(),
        }
    }

    /// Text of a key.
    pub(crate) fn t(&self, key: impl AsRef<str>) -> String {
        self.lang.text(key.as_ref())
    }

    /// Text with one argument.
    pub(crate) fn t1(
        &self,
        key: &str,
        name: &'static str,
        value: impl std::fmt::Display,
    ) -> String {
        self.lang.text_with(key, &[(name, &value.to_string())])
    }

    /// Text with two arguments.
    pub(crate) fn t2(
        &self,
        key: &str,
        name: &'static str,
        value: impl std::fmt::Display,
        name2: &'static str,
        value2: impl std::fmt::Display,
    ) -> String {
        self.lang.text_with(
            key,
            &[(name, &value.to_string()), (name2, &value2.to_string())],
        )
    }

    /// Text with three arguments.
    pub(crate) fn t3(&self, key: &str, args: [(&'static str, &str); 3]) -> String {
        self.lang.text_with(key, &args)
    }

    /// Key of two parts, for templates that go over a list of stems.
    pub(crate) fn join(&self, stem: &str, rest: &str) -> String {
        format!("{stem}{rest}")
    }

    /// Key of three parts.
    pub(crate) fn join3(&self, stem: &str, middle: &str, rest: &str) -> String {
        format!("{stem}{middle}{rest}")
    }

    /// Address of an asset.
    pub(crate) fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// This page with another language or theme.
    pub(crate) fn with(&self, what: &str, value: &str) -> String {
        let (path, query) = self.here.split_once('?').unwrap_or((&self.here, ""));
        let mut link = format!("{path}?");
        for pair in query
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("lang=") && !p.starts_with("theme="))
        {
            link.push_str(pair);
            link.push('&');
        }
        link + what + "=" + value
    }

    /// The three themes: value, word, whether it is the present one.
    pub(crate) fn themes(&self) -> [(&'static str, String, bool); 3] {
        [
            (
                "system",
                self.t("theme-system"),
                self.theme == Theme::System,
            ),
            ("light", self.t("theme-light"), self.theme == Theme::Light),
            ("dark", self.t("theme-dark"), self.theme == Theme::Dark),
        ]
    }

    /// When the page was made.
    pub(crate) fn now_text(&self) -> String {
        format::minute(self.now)
    }

    /// Name of an activity: the pack's, or for a foreign one the name that its log used.
    pub(crate) fn activity(&self, activity: &Activity) -> String {
        if let Some(name) = activity.foreign_name() {
            return name.to_owned();
        }
        match self.catalogue.activity(activity.as_str()) {
            Some(a) => self.lang.of(&a.zh, &a.en).to_owned(),
            None => activity.to_string(),
        }
    }

    /// Name of a role.
    pub(crate) fn role(&self, role: &RoleId) -> String {
        role_name(&self.catalogue, self.lang, role)
    }

    /// Name of a type of object.
    pub(crate) fn object_type(&self, object_type: &str) -> String {
        match self.catalogue.object(object_type) {
            Some(o) => self.lang.of(&o.zh, &o.en).to_owned(),
            None => object_type.to_owned(),
        }
    }

    /// Part of an object in an event: the common ones in words, others as their source wrote them.
    pub(crate) fn part(&self, qualifier: &str) -> String {
        let key = match qualifier {
            "suspect" => "part-suspect",
            "violator" => "part-violator",
            "victim" => "part-victim",
            "witness" => "part-witness",
            "guardian" => "part-guardian",
            "reporter" => "part-reporter",
            "lawyer" => "part-lawyer",
            "scene" => "part-scene",
            "home" => "part-home",
            "owner" => "part-owner",
            "guarantor" => "part-guarantor",
            "interpreter" => "part-interpreter",
            "expert" => "part-expert",
            "relative" => "part-relative",
            "applicant" => "part-applicant",
            other => return other.to_owned(),
        };
        self.t(key)
    }

    /// Name of a tile (问了什么).
    pub(crate) fn tile(&self, id: &str) -> String {
        match self.catalogue.tile(id) {
            Some(t) => self.lang.of(&t.zh, &t.en).to_owned(),
            None => id.to_owned(),
        }
    }

    /// Name of a manner.
    pub(crate) fn manner(&self, id: &str) -> String {
        match self.catalogue.manner(id) {
            Some(m) => self.lang.of(&m.zh, &m.en).to_owned(),
            None => id.to_owned(),
        }
    }
}

fn role_name(catalogue: &Catalogue, lang: Lang, role: &RoleId) -> String {
    match catalogue.role(role.as_str()) {
        Some(r) => lang.of(&r.zh, &r.en).to_owned(),
        None => role.to_string(),
    }
}

impl FromRequestParts<App> for Frame {
    type Rejection = Fail;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Fail> {
        let prefs = parts.extensions.get::<Prefs>().cloned().unwrap_or_default();
        let caller = parts
            .extensions
            .get::<Caller>()
            .cloned()
            .unwrap_or_default();
        Ok(Self::new(app, &prefs, caller.0.as_ref(), true).await)
    }
}
