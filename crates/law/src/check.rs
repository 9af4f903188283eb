//! The checks that make packs a catalogue: first every file, then every reference between them.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use model::{Activity, ObjectType, RoleId, RuleId};
use sha2::{Digest, Sha256};
use toml::Spanned;

use crate::read::Lines;
use crate::rule::Recording;
use crate::rules::{self, Kind, Later, nearest};
use crate::steps::{StepRow, StepsFile, When};
use crate::{
    ActivityDef, Catalogue, Confidence, Fault, Faults, GroupDef, KeyStepDef, MannerDef, Note,
    ObjectDef, Pack, PackText, RoleDef, Separation, SourceDef, StepAct, Text, TileDef, What, read,
};

/// Highest digit of a tile: the page “记录过问” has eight.
const LAST_DIGIT: u64 = 8;

/// Files that are read at once; the others are those of [`Kind`].
const FILES: [&str; 6] = [
    "pack.toml",
    "activities.toml",
    "roles.toml",
    "forms.toml",
    "steps.toml",
    "explanations.toml",
];

/// Highest rank of an approver.
const LAST_RANK: u8 = 99;

#[derive(Default)]
pub(crate) struct Checker<'a> {
    catalogue: Catalogue,
    faults: Vec<Fault>,
    /// Files of rules, attributes and tables, which are read once everything else is known.
    later: Vec<Later<'a>>,
    /// `[exemption]`, where a pack has one.
    exemption: Option<(String, String, Place)>,
    /// Kind and id → the file that has it.
    taken: HashMap<(&'static str, String), String>,
    /// References to resolve once everything is read: kind, id, and who refers.
    references: Vec<(&'static str, String, Place)>,
    /// Rules that key steps name, which are read last.
    later_rules: Vec<(String, Place)>,
    /// Acts of key steps: whether the activity says who approves, and whether they are always reviewed.
    later_acts: Vec<(Activity, bool, bool, Place)>,
}

/// Where an item stands: for faults.
#[derive(Clone)]
struct Place {
    file: String,
    line: usize,
    item: String,
}

type At<'c> = &'c dyn Fn(&str, &Spanned<String>) -> Place;

impl<'a> Checker<'a> {
    pub(crate) fn read(&mut self, text: &PackText<'a>) {
        let folder = text.folder;
        // Sorted by name, so that neither the hash nor the order of faults hangs on how the files were listed.
        let files: BTreeMap<&str, &'a str> = text.files.iter().copied().collect();
        let lines: BTreeMap<&str, Lines> = (files.iter())
            .map(|(name, text)| (*name, Lines::new(text)))
            .collect();
        let whole = |file: &str| Place {
            file: format!("{folder}/{file}"),
            line: 0,
            item: String::new(),
        };
        let at = |file: &str, id: &Spanned<String>| Place {
            file: format!("{folder}/{file}"),
            line: lines.get(file).map_or(0, |l| l.at(id.span().start)),
            item: id.as_ref().clone(),
        };
        for (name, text) in &files {
            if let Some(kind) = Kind::of(name) {
                self.later.push(Later {
                    pack: folder.to_owned(),
                    file: format!("{folder}/{name}"),
                    text,
                    kind,
                });
            } else if !FILES.contains(name) {
                self.fault(&whole(name), What::UnknownFile);
            }
        }
        let place = whole("pack.toml");
        match files
            .get("pack.toml")
            .map(|t| read::file::<read::PackFile>(t))
        {
            None => self.fault(&place, What::MissingFile),
            Some(Err((line, what))) => self.fault(&Place { line, ..place }, what),
            Some(Ok(file)) => {
                if let Some(e) = &file.exemption {
                    let line = lines["pack.toml"].at(e.span().start);
                    let item = "exemption".to_owned();
                    self.exemption(
                        e.get_ref(),
                        Place {
                            line,
                            item,
                            ..place
                        },
                    );
                }
                self.pack(folder, file, &files, &at);
            }
        }
        if let Some(file) = self.file::<read::RolesFile>(&files, &whole("roles.toml")) {
            for row in file.role {
                self.role(folder, row, &at);
            }
        }
        if let Some(file) = self.file::<read::ActivitiesFile>(&files, &whole("activities.toml")) {
            for row in file.activity {
                self.activity(folder, row, &at);
            }
        }
        let place = whole("steps.toml");
        if let Some(file) = self.file::<StepsFile>(&files, &place) {
            self.steps(folder, file, &place, &at);
        }
        if let Some(file) = self.file::<read::FormsFile>(&files, &whole("forms.toml")) {
            for row in file.tile {
                self.tile(folder, row, &at);
            }
            for row in file.manner {
                let place = at("forms.toml", &row.id);
                if let Some(item) = self.item("manner", row, &place) {
                    self.catalogue.manners.push(MannerDef {
                        id: item.id,
                        pack: folder.to_owned(),
                        zh: item.zh,
                        en: item.en,
                        source: item.source,
                        confidence: item.confidence,
                    });
                }
            }
        }
    }

    /// The key steps. What they name is looked up once everything is read.
    fn steps(&mut self, folder: &str, file: StepsFile, place: &Place, at: At<'_>) {
        let own = file.separation.into_inner();
        let place = Place {
            item: "separation".to_owned(),
            ..place.clone()
        };
        self.take("separation", "separation", &place);
        for rule in [&own.review, &own.approve] {
            self.later_rules.push((rule.clone(), place.clone()));
        }
        if let (Ok(review), Ok(approve)) = (RuleId::new(own.review), RuleId::new(own.approve)) {
            self.catalogue.separation = Some(Separation { review, approve });
        }
        for row in file.step {
            self.step(folder, row, at);
        }
    }

    fn step(&mut self, folder: &str, row: StepRow, at: At<'_>) {
        let place = at("steps.toml", &row.id);
        self.take("key step", row.id.get_ref(), &place);
        self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
        let (Some(why), Some(gate)) = (
            self.text("why", Some(row.why), &place),
            self.text("gate", Some(row.gate), &place),
        ) else {
            return;
        };
        let confidence = self.cited(&row.source, &row.confidence, &place);
        let mut acts = Vec::with_capacity(row.act.len());
        for act in row.act {
            self.refer("activity", &act.activity, &place);
            self.take("act of a key step", &act.activity, &place);
            if let Some(review) = &act.review {
                self.refer("activity", review, &place);
            } else if act.review_when.is_some() {
                let (field, needs) = ("review_when", "review");
                self.fault(&place, What::Without { field, needs });
            }
            let always = act.review.is_some() && act.review_when != Some(When::Law);
            let approvers = act.approve.map(|roles| self.role_ids(roles, &place));
            let (Ok(activity), Ok(review)) = (
                Activity::new(act.activity),
                act.review.map(Activity::new).transpose(),
            ) else {
                continue;
            };
            // `None`: those that the activity itself names, which may be read later.
            self.later_acts
                .push((activity.clone(), approvers.is_none(), always, place.clone()));
            acts.push(StepAct {
                activity,
                review,
                always,
                approvers: approvers.unwrap_or_default(),
            });
        }
        let mut spot = Vec::with_capacity(row.spot.len());
        for id in row.spot {
            self.refer("activity", &id, &place);
            spot.extend(Activity::new(id));
        }
        let mut rules = Vec::with_capacity(row.rules.len());
        for id in row.rules {
            self.later_rules.push((id.clone(), place.clone()));
            rules.extend(RuleId::new(id));
        }
        self.catalogue.steps.push(KeyStepDef {
            id: row.id.into_inner(),
            pack: folder.to_owned(),
            name: Text {
                zh: row.zh,
                en: row.en,
            },
            why,
            gate,
            acts,
            spot,
            rules,
            source: row.source,
            confidence,
        });
    }

    /// What key steps name: rules, and the approvers of activities.
    fn steps_resolved(&mut self) {
        for (id, place) in std::mem::take(&mut self.later_rules) {
            if self.catalogue.rule(&id).is_none() {
                let ids = self.catalogue.rules.iter().map(|r| r.id.as_str());
                let (kind, near) = ("rule", nearest(&id, ids));
                self.fault(&place, What::Unresolved { kind, id, near });
            }
        }
        for (activity, of_activity, always, place) in std::mem::take(&mut self.later_acts) {
            let mut defs = self.catalogue.activities.iter();
            let roles = defs
                .find(|d| d.id == activity)
                .map_or_else(Vec::new, |d| d.approver_roles.clone());
            let mut ranked = if of_activity {
                roles
            } else {
                self.catalogue
                    .key_step(activity.as_str())
                    .map_or_else(Vec::new, |(_, act)| act.approvers.clone())
            };
            ranked.sort_by_key(|r| self.catalogue.rank(r.as_str()));
            if ranked.is_empty() && !always {
                self.fault(&place, What::Missing("somebody who reviews or approves"));
            }
            let acts = self.catalogue.steps.iter_mut().flat_map(|s| &mut s.acts);
            for act in acts.filter(|a| a.activity == activity) {
                act.approvers.clone_from(&ranked);
            }
        }
    }

    pub(crate) fn finish(mut self, overlays: &[(&str, &str)]) -> Result<Catalogue, Faults> {
        // What a file that could not be read would have defined is not missing: it would only hide the fault itself.
        let unread = |f: &Fault| matches!(f.what, What::Syntax(_) | What::MissingFile);
        if !self.faults.iter().any(unread) {
            for (kind, id, place) in std::mem::take(&mut self.references) {
                if !self.taken.contains_key(&(kind, id.clone())) {
                    let ids = self.taken.keys().filter(|(k, _)| *k == kind);
                    let near = nearest(&id, ids.map(|(_, id)| id.as_str()));
                    self.fault(&place, What::Unresolved { kind, id, near });
                }
            }
            let exemption = self.exemption.take();
            self.rules(overlays, exemption);
            self.steps_resolved();
        }
        if !self.faults.is_empty() {
            return Err(Faults(self.faults));
        }
        self.catalogue.tiles.sort_by_key(|t| t.digit);
        self.catalogue.activity_at = (self.catalogue.activities.iter().enumerate())
            .map(|(at, a)| (a.id.as_str().into(), at))
            .collect();
        Ok(self.catalogue)
    }

    /// What the law expects: read last, because it names everything else.
    fn rules(&mut self, overlays: &[(&str, &str)], exemption: Option<(String, String, Place)>) {
        let later = std::mem::take(&mut self.later);
        rules::read(&mut self.catalogue, &later, overlays, &mut self.faults);
        let Some((activity, attribute, place)) = exemption else {
            return;
        };
        let attributes = || self.catalogue.attributes.iter().map(|a| a.id.as_str());
        if !attributes().any(|id| id == attribute) {
            let (kind, near) = ("attribute", nearest(&attribute, attributes()));
            let id = attribute;
            self.fault(&place, What::Unresolved { kind, id, near });
        } else if let Ok(activity) = Activity::new(activity) {
            self.catalogue.exemption = Some((activity, attribute));
        }
    }

    fn exemption(&mut self, row: &read::Exemption, place: Place) {
        self.refer("activity", &row.activity, &place);
        if let Some((_, _, first)) = &self.exemption {
            let (kind, first) = ("exemption", first.file.clone());
            self.fault(&place, What::Duplicate { kind, first });
        } else {
            self.exemption = Some((row.activity.clone(), row.attribute.clone(), place));
        }
    }

    fn fault(&mut self, place: &Place, what: What) {
        self.faults.push(Fault {
            file: place.file.clone(),
            line: place.line,
            item: place.item.clone(),
            key: String::new(),
            what,
        });
    }

    /// An optional file.
    fn file<T: serde::de::DeserializeOwned>(
        &mut self,
        files: &BTreeMap<&str, &str>,
        place: &Place,
    ) -> Option<T> {
        let name = place.file.rsplit('/').next()?;
        match read::file(files.get(name)?) {
            Ok(file) => Some(file),
            Err((line, what)) => {
                let place = place.clone();
                self.fault(&Place { line, ..place }, what);
                None
            }
        }
    }

    fn pack(
        &mut self,
        folder: &str,
        file: read::PackFile,
        files: &BTreeMap<&str, &str>,
        at: At<'_>,
    ) {
        let place = at("pack.toml", &file.id);
        if file.id.get_ref() != folder {
            let folder = folder.to_owned();
            self.fault(&place, What::Folder { folder });
        }
        self.take("pack", file.id.get_ref(), &place);
        let numbers: Vec<_> = file.version.split('.').collect();
        if numbers.len() != 3 || numbers.iter().any(|n| n.parse::<u32>().is_err()) {
            self.fault(&place, What::Version(file.version.clone()));
        }
        self.texts(&place, &[("zh", &file.zh), ("en", &file.en)]);
        self.texts(&place, &[("who", &file.who.zh), ("who", &file.who.en)]);
        for row in file.source {
            self.source(folder, row, at);
        }
        for row in file.group {
            let place = at("pack.toml", &row.id);
            self.take("group", row.id.get_ref(), &place);
            self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
            self.catalogue.groups.push(GroupDef {
                id: row.id.into_inner(),
                pack: folder.to_owned(),
                zh: row.zh,
                en: row.en,
            });
        }
        for row in file.object {
            let place = at("pack.toml", &row.id);
            let key = ("object type", row.id.get_ref().clone());
            let elsewhere = (self.taken.get(&key)).is_some_and(|first| *first != place.file);
            if elsewhere {
                // Packs of different fields run over the same things; the words of the first one count.
                self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
                self.cited(&row.source, &row.confidence, &place);
                continue;
            }
            let Some(item) = self.item("object type", row, &place) else {
                continue;
            };
            match ObjectType::new(item.id) {
                Err(e) => self.fault(&place, e.into()),
                Ok(id) => self.catalogue.objects.push(ObjectDef {
                    id,
                    pack: folder.to_owned(),
                    zh: item.zh,
                    en: item.en,
                    source: item.source,
                    confidence: item.confidence,
                }),
            }
        }
        let mut grace = |limit: &Option<Spanned<String>>| {
            let limit = limit.as_ref()?;
            let read = rules::grace(limit.get_ref());
            if read.is_none() {
                let place = Place {
                    item: "recording".to_owned(),
                    ..at("pack.toml", limit)
                };
                self.fault(&place, What::Limit(limit.get_ref().clone()));
            }
            read
        };
        let recording = Recording {
            act: grace(&file.recording.grace),
            clock: grace(&file.recording.clock),
        };
        self.catalogue.packs.push(Pack {
            recording,
            id: file.id.into_inner(),
            version: file.version,
            zh: file.zh,
            en: file.en,
            who: Text {
                zh: file.who.zh,
                en: file.who.en,
            },
            hash: hash(files),
        });
    }

    fn source(&mut self, folder: &str, row: read::Source, at: At<'_>) {
        let place = at("pack.toml", &row.code);
        self.take("source", row.code.get_ref(), &place);
        if !is_code(row.code.get_ref()) {
            self.fault(&place, What::Source(row.code.get_ref().clone()));
        }
        let texts = [("zh", &row.zh), ("en", &row.en), ("extent", &row.extent)];
        self.texts(&place, &texts.map(|(k, v)| (k, v.as_str())));
        if let Some(short) = &row.short {
            self.texts(&place, &[("short", short)]);
        }
        let confidence = self.marks(&row.confidence, &place);
        let effective_from = self.date("effective_from", row.effective_from, &place);
        let effective_to = self.date("effective_to", row.effective_to, &place);
        self.catalogue.sources.push(SourceDef {
            code: row.code.into_inner(),
            pack: folder.to_owned(),
            zh: row.zh,
            short: row.short,
            en: row.en,
            extent: row.extent,
            effective_from,
            effective_to,
            confidence,
        });
    }

    fn role(&mut self, folder: &str, row: read::Role, at: At<'_>) {
        let place = at("roles.toml", &row.id);
        self.take("role", row.id.get_ref(), &place);
        self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
        let confidence = self.cited(&row.source, &row.confidence, &place);
        let may = self.text("may", row.may, &place);
        let may_not = self.text("may_not", row.may_not, &place);
        let rank = row.rank.and_then(|got| match u8::try_from(got) {
            Ok(rank) if (1..=LAST_RANK).contains(&rank) => Some(rank),
            _ => {
                let (field, expected) = ("rank", "1 to 99");
                let what = What::Number {
                    field,
                    got,
                    expected,
                };
                self.fault(&place, what);
                None
            }
        });
        match RoleId::new(row.id.into_inner()) {
            Err(e) => self.fault(&place, e.into()),
            Ok(id) => self.catalogue.roles.push(RoleDef {
                id,
                pack: folder.to_owned(),
                zh: row.zh,
                en: row.en,
                may,
                may_not,
                rank,
                source: row.source,
                confidence,
            }),
        }
    }

    fn activity(&mut self, folder: &str, row: read::Activity, at: At<'_>) {
        let place = at("activities.toml", &row.id);
        self.take("activity", row.id.get_ref(), &place);
        self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
        if let Some(document) = &row.document {
            self.texts(&place, &[("document", document)]);
        }
        self.refer("group", &row.group, &place);
        let object_type = row.object.and_then(|id| {
            self.refer("object type", &id, &place);
            ObjectType::new(id).ok()
        });
        let actor_min = row.actor_min.unwrap_or(1);
        if actor_min == 0 || actor_min > 9 {
            let (field, expected) = ("actor_min", "1 to 9");
            self.fault(
                &place,
                What::Number {
                    field,
                    got: actor_min,
                    expected,
                },
            );
        }
        if row.actor_roles.is_empty() && row.actor_min.is_some() {
            let (field, needs) = ("actor_min", "actor_roles");
            self.fault(&place, What::Without { field, needs });
        }
        if row.approver_roles.is_empty() && row.approver_confidence.is_some() {
            let (field, needs) = ("approver_confidence", "approver_roles");
            self.fault(&place, What::Without { field, needs });
        }
        let confidence = self.cited(&row.source, &row.confidence, &place);
        let actor_roles = self.role_ids(row.actor_roles, &place);
        let approver_roles = self.role_ids(row.approver_roles, &place);
        let actor_min_confidence = self.mark(row.actor_min_confidence, &place);
        let approver_confidence = self.mark(row.approver_confidence, &place);
        let actor_note = self.note("actor_note", row.actor_note, &place);
        let approver_note = self.note("approver_note", row.approver_note, &place);
        match Activity::new(row.id.into_inner()) {
            Err(e) => self.fault(&place, e.into()),
            Ok(id) => self.catalogue.activities.push(ActivityDef {
                id,
                pack: folder.to_owned(),
                group: row.group,
                object_type,
                zh: row.zh,
                en: row.en,
                actor_roles,
                actor_min: actor_min.min(9) as u8,
                actor_min_confidence,
                actor_note,
                approver_roles,
                approver_confidence,
                approver_note,
                document: row.document,
                source: row.source,
                confidence,
            }),
        }
    }

    fn tile(&mut self, folder: &str, row: read::Tile, at: At<'_>) {
        let place = at("forms.toml", &row.id);
        self.take("tile", row.id.get_ref(), &place);
        self.take("digit", &row.digit.to_string(), &place);
        self.texts(&place, &[("zh", &row.zh), ("en", &row.en)]);
        let confidence = self.cited(&row.source, &row.confidence, &place);
        if !(1..=LAST_DIGIT).contains(&row.digit) {
            let (field, got, expected) = ("digit", row.digit, "1 to 8");
            self.fault(
                &place,
                What::Number {
                    field,
                    got,
                    expected,
                },
            );
            return;
        }
        self.catalogue.tiles.push(TileDef {
            id: row.id.into_inner(),
            pack: folder.to_owned(),
            digit: row.digit as u8,
            zh: row.zh,
            en: row.en,
            source: row.source,
            confidence,
        });
    }

    /// What object types and manners have in common.
    fn item(&mut self, kind: &'static str, row: read::Item, place: &Place) -> Option<Checked> {
        self.take(kind, row.id.get_ref(), place);
        self.texts(place, &[("zh", &row.zh), ("en", &row.en)]);
        let confidence = self.cited(&row.source, &row.confidence, place);
        (!row.id.get_ref().is_empty()).then_some(Checked {
            id: row.id.into_inner(),
            zh: row.zh,
            en: row.en,
            source: row.source,
            confidence,
        })
    }

    /// Claims an id of a kind, once over all packs.
    fn take(&mut self, kind: &'static str, id: &str, place: &Place) {
        if id.is_empty() {
            self.fault(place, What::Empty("id"));
            return;
        }
        let key = (kind, id.to_owned());
        if let Some(first) = self.taken.get(&key).cloned() {
            self.fault(place, What::Duplicate { kind, first });
        } else {
            self.taken.insert(key, place.file.clone());
        }
    }

    fn refer(&mut self, kind: &'static str, id: &str, place: &Place) {
        self.references.push((kind, id.to_owned(), place.clone()));
    }

    fn role_ids(&mut self, ids: Vec<String>, place: &Place) -> Vec<RoleId> {
        for id in &ids {
            self.refer("role", id, place);
        }
        ids.into_iter().flat_map(RoleId::new).collect()
    }

    fn texts(&mut self, place: &Place, texts: &[(&'static str, &str)]) {
        for (field, text) in texts {
            if text.trim().is_empty() {
                self.fault(place, What::Empty(field));
            }
        }
    }

    fn text(&mut self, field: &'static str, t: Option<read::Text>, at: &Place) -> Option<Text> {
        let t = t?;
        self.texts(at, &[(field, &t.zh), (field, &t.en)]);
        Some(Text { zh: t.zh, en: t.en })
    }

    fn note(&mut self, field: &'static str, n: Option<read::Note>, at: &Place) -> Option<Note> {
        let n = n?;
        self.texts(at, &[(field, &n.zh), (field, &n.en)]);
        Some(Note {
            text: Text { zh: n.zh, en: n.en },
            confidence: self.mark(n.confidence, at),
        })
    }

    fn date(&mut self, field: &'static str, text: Option<String>, at: &Place) -> Option<Date> {
        let got = text?;
        match got.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                self.fault(at, What::Date { field, got });
                None
            }
        }
    }

    fn mark(&mut self, text: Option<String>, place: &Place) -> Option<Confidence> {
        self.marks(&[text?], place).pop()
    }

    fn marks(&mut self, texts: &[String], place: &Place) -> Vec<Confidence> {
        if texts.is_empty() {
            self.fault(place, What::NoConfidence);
        }
        let mut marks = Vec::new();
        for text in texts {
            match Confidence::from_letter(text) {
                Some(mark) => marks.push(mark),
                None => self.fault(place, What::Mark(text.clone())),
            }
        }
        marks
    }

    /// Checks a source such as `PSC 43, 203 [T]; form [G]`: its codes must resolve, its marks be those of `confidence`.
    fn cited(&mut self, source: &str, confidence: &[String], place: &Place) -> Vec<Confidence> {
        let given = self.marks(confidence, place);
        if source.trim().is_empty() {
            self.fault(place, What::Empty("source"));
            return given;
        }
        let mut found = Vec::new();
        for part in source.split(';').map(str::trim) {
            let words = || part.split([' ', ',']).filter(|w| !w.is_empty());
            let first = words().next().unwrap_or_default();
            let lower = first.starts_with(|c: char| c.is_ascii_lowercase());
            if !(is_code(first) || lower || first.starts_with('[')) {
                self.fault(place, What::Source(part.to_owned()));
            }
            for word in words() {
                if let Some(mark) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
                    match Confidence::from_letter(mark) {
                        Some(mark) => found.push(mark),
                        None => self.fault(place, What::Mark(mark.to_owned())),
                    }
                } else if is_code(word) {
                    self.refer("source", word, place);
                }
            }
        }
        found.sort();
        found.dedup();
        if !given.is_empty() && found != given {
            let list = |marks: &[Confidence]| marks.iter().map(|m| m.to_string()).collect();
            let (given, found) = (list(&given), list(&found));
            self.fault(place, What::Confidence { given, found });
        }
        given
    }
}

struct Checked {
    id: String,
    zh: String,
    en: String,
    source: String,
    confidence: Vec<Confidence>,
}

/// A code of a source: capitals and digits, a capital first, at least two characters.
pub(crate) fn is_code(word: &str) -> bool {
    word.len() >= 2
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && (word.chars()).all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

fn hash(files: &BTreeMap<&str, &str>) -> [u8; 32] {
    let mut sha = Sha256::new();
    for (name, text) in files {
        for part in [name, text] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part.as_bytes());
        }
    }
    sha.finalize().into()
}
