//! From the items of an event log to the columns that rules are run over, as a stream, with an account of every row.
//!
//! An activity has the name that the log uses, so a pack may name activities of a log by their own names. Attributes of an
//! object are seen by rules at each event that names it, as `TYPE:KEY` (`case:AMOUNT_REQ`), with the value in force at the
//! time. Nothing is dropped in silence: what no pack knows is counted by its name, what cannot be read is a reject.
//!
//! Not an import: nothing is stored, no pseudonym is made, no entry is signed.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

use calendar::Calendar;
use indicatif::ProgressBar;
use interchange::{Item, Mapping, Options, Reject, Sink, Source, Stop};
use law::{Catalogue, rule::AttributeKind};
use model::{Attr, TimeText, Value};
use watch::{Columns, Event, Program};

use crate::{
    failure::Failure,
    lang::{count, counted, tr},
    ui::Ui,
};

/// Attributes under which logs name who acted, in this order.
const ACTOR: &[&str] = &["org:resource", "resource", "Resource", "actor"];
/// And in which role.
const ROLE: &[&str] = &["org:role", "role", "Role"];
/// And for which organ.
const ORGAN: &[&str] = &["org:group", "organ"];

/// The qualifier under which an object is who acted.
const PERFORMED_BY: &str = "performed_by";

/// Names of activities and types that are told apart; a log whose every event has a name of its own is no log of a process.
const NAMED: usize = 10_000;

/// Rejects that are kept one by one; all are counted.
const KEPT: usize = 1_000;

/// How a log is to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choices {
    /// For `interchange`.
    pub(crate) options: Options,
    /// Types of the log and what the packs call them.
    pub(crate) types: HashMap<String, String>,
    /// A time at midnight sharp is a day of which no hour is known.
    pub(crate) days: bool,
    /// Attribute that names who acted.
    pub(crate) actor: Option<String>,
    /// Attribute that names the role.
    pub(crate) role: Option<String>,
}

impl Choices {
    /// What the packs call a type of the log.
    pub(crate) fn type_name<'t>(&'t self, name: &'t str) -> &'t str {
        self.types.get(name).map_or(name, String::as_str)
    }
}

/// A log, ready to be checked.
pub(crate) struct Log {
    /// The events.
    pub(crate) columns: Columns,
    /// Line of each row in the file, 0 where it has none.
    pub(crate) lines: Vec<u32>,
    /// What was read.
    pub(crate) account: Account,
}

/// What became of every row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    /// Name of the format.
    pub(crate) format: &'static str,
    /// Events in the file: checked, outside the packs, rejected.
    pub(crate) events: u64,
    /// Events of activities that the packs know.
    pub(crate) checked: u64,
    /// Of these, events that name no object of a type that the packs know.
    pub(crate) without_object: u64,
    /// Events of activities that no pack knows, by name.
    pub(crate) outside: BTreeMap<String, u64>,
    /// All of them, should there be more names than are told apart.
    pub(crate) outside_all: u64,
    /// Objects of each type that events name, by the type's name in the packs.
    pub(crate) objects: BTreeMap<String, u64>,
    /// Objects in all.
    pub(crate) objects_all: u64,
    /// Types that no pack knows.
    pub(crate) outside_types: Vec<String>,
    /// Events that were rejected.
    pub(crate) rejected: u64,
    /// Other rejects: objects, attributes of traces, the description of the log.
    pub(crate) rejected_other: u64,
    /// Rejects by field and what was expected.
    pub(crate) reasons: BTreeMap<String, u64>,
    /// The first of them.
    pub(crate) rejects: Vec<Reject>,
    /// Attributes whose value is not of the kind that the pack says, by key: as if they were missing.
    pub(crate) unreadable: BTreeMap<String, u64>,
    /// Times that had no zone.
    pub(crate) without_zone: u64,
    /// Times that are a day without an hour.
    pub(crate) whole_days: u64,
    /// Times at midnight sharp that were taken as they stand.
    pub(crate) midnights: u64,
    /// First and last claimed instant.
    pub(crate) period: Option<(i64, i64)>,
}

/// Reads a file to its end.
pub(crate) fn read(
    ui: &Ui,
    file: &Path,
    catalogue: &Catalogue,
    program: &Program,
    choices: &Choices,
) -> Result<Log, Failure> {
    read_each(ui, file, catalogue, program, choices, &mut |_| {})
}

/// Reads a file to its end; `each` sees every event as it is taken in.
pub(crate) fn read_each(
    ui: &Ui,
    file: &Path,
    catalogue: &Catalogue,
    program: &Program,
    choices: &Choices,
    each: &mut dyn FnMut(&Event<'_>),
) -> Result<Log, Failure> {
    let lang = ui.lang;
    let bar = ui.bar(std::fs::metadata(file).map_or(0, |m| m.len()));
    let mut taker = Taker {
        each,
        ui: *ui,
        bar: bar.clone(),
        catalogue,
        program,
        calendar: program.calendar(),
        choices,
        kinds: (catalogue.attributes().iter())
            .map(|a| (a.id.as_str(), &a.kind))
            .collect(),
        carried: HashMap::new(),
        seen: HashSet::new(),
        log: Log {
            columns: Columns::new(program),
            lines: Vec::new(),
            account: Account::default(),
        },
    };
    let done = interchange::read(Source::Path(file), &choices.options, &mut taker);
    bar.finish_and_clear();
    let Taker { mut log, .. } = taker;
    let path = file.display();
    let summary = done.map_err(|e| {
        let line = tr!(lang, "{path}：{e}", "{path}: {e}");
        Failure::usage(line).hint(tr!(
            lang,
            "日志没有读完就不作判断：没读到的部分可能正好是所缺的事件",
            "a log that is not read to its end is not judged: what is missing may stand in the rest"
        ))
    })?;
    let account = &mut log.account;
    account.format = summary.format.map_or("?", |f| f.name());
    account.without_zone = summary.times_without_zone;
    let known = |t: &str| catalogue.object(t).is_some();
    account.outside_types = (account.objects.keys())
        .filter(|t| !known(t))
        .cloned()
        .collect();
    Ok(log)
}

struct Taker<'a> {
    each: &'a mut dyn FnMut(&Event<'_>),
    ui: Ui,
    bar: ProgressBar,
    catalogue: &'a Catalogue,
    program: &'a Program,
    calendar: &'a Calendar,
    choices: &'a Choices,
    kinds: HashMap<&'a str, &'a AttributeKind>,
    /// Attributes of objects that some rule looks at: since when, key, value.
    carried: HashMap<String, Vec<(i64, String, Value)>>,
    /// Objects that were counted, by a hash of type and id.
    seen: HashSet<u64>,
    log: Log,
}

impl Sink for Taker<'_> {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        match item {
            Item::Log(_) => {}
            Item::Object(object) => self.object(object),
            Item::Event(event) => self.event(&event),
        }
        Ok(())
    }

    fn reject(&mut self, reject: Reject) {
        use interchange::What;
        let account = &mut self.log.account;
        match reject.what {
            What::Event | What::Row => {
                account.events += 1;
                account.rejected += 1;
            }
            What::Log | What::Object | What::Trace => account.rejected_other += 1,
        }
        let (field, expected) = (&reject.field, &reject.expected);
        let reason = match field.is_empty() {
            true => expected.clone(),
            false => format!("{field}: {expected}"),
        };
        one_more(&mut account.reasons, &reason);
        if account.rejects.len() < KEPT {
            account.rejects.push(reject);
        }
    }

    fn progress(&mut self, read: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(read);
        let n = self.log.account.events;
        let (zh, en) = (count(n), counted(n, "event"));
        self.bar
            .set_message(tr!(self.ui.lang, "{zh} 个事件", "{en}"));
    }

    fn guessed(&mut self, mapping: &Mapping) {
        let toml = mapping.to_toml();
        self.bar.suspend(|| {
            self.ui.say(tr!(
                self.ui.lang,
                "没有给映射，猜测如下；存成文件改好，用 --map 给出：\n{toml}",
                "no mapping was given; this one was guessed. Save it, correct it, give it with --map:\n{toml}"
            ));
        });
    }
}

impl Taker<'_> {
    fn object(&mut self, object: interchange::Object) {
        let type_ = self.choices.type_name(&object.object_type);
        for attr in object.attrs {
            let key = format!("{type_}:{}", attr.key);
            if !self.program.wants_attribute(&key) {
                continue;
            }
            let since = attr.at.map_or(i64::MIN, |t| t.instant().get());
            let values = self.carried.entry(object.id.clone()).or_default();
            values.push((since, key, attr.value));
        }
        self.seen(type_, &object.id);
    }

    /// Counts an object once, however many events name it.
    fn seen(&mut self, type_: &str, id: &str) {
        use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one((type_, id));
        if !self.seen.insert(hash) {
            return;
        }
        let account = &mut self.log.account;
        account.objects_all += 1;
        one_more(&mut account.objects, type_);
    }

    fn event(&mut self, event: &interchange::Event) {
        let claimed = self.claimed(&event.time);
        let at = claimed.0;
        let known = self.catalogue.activity(&event.activity).is_some();
        let role = said(event, ROLE, self.choices.role.as_deref()).unwrap_or_default();
        let organ = said(event, ORGAN, None).unwrap_or_default();
        let mut actors: Vec<(String, String)> = actor(self.choices, event)
            .filter(|a| !a.is_empty())
            .map(|a| (a, role))
            .into_iter()
            .collect();
        let mut objects = Vec::with_capacity(event.objects.len());
        let mut placed = false;
        for object in &event.objects {
            let type_ = object.object_type.as_deref().unwrap_or_default();
            let type_ = self.choices.type_name(type_);
            if object.qualifier.as_deref() == Some(PERFORMED_BY) {
                actors.push((object.id.clone(), String::new()));
            }
            placed |= self.catalogue.object(type_).is_some();
            self.seen(type_, &object.id);
            objects.push((type_, object.id.as_str(), object.qualifier.as_deref()));
        }
        let mut found: Vec<(&str, &Value)> = (event.attrs.iter())
            .filter(|a| self.program.wants_attribute(&a.key))
            .map(|Attr { key, value, .. }| (key.as_str(), value))
            .collect();
        for object in &event.objects {
            let Some(values) = self.carried.get(&object.id) else {
                continue;
            };
            // The newest that was in force; nothing where all came later.
            let mut newest: BTreeMap<&str, (i64, &Value)> = BTreeMap::new();
            for (since, key, value) in values.iter().filter(|(since, ..)| *since <= at) {
                let entry = newest.entry(key).or_insert((*since, value));
                if *since >= entry.0 {
                    *entry = (*since, value);
                }
            }
            found.extend(newest.into_iter().map(|(key, (_, value))| (key, value)));
        }
        let mut attrs = Vec::with_capacity(found.len());
        let mut unreadable = Vec::new();
        for (key, value) in found {
            match self.kinds.get(key).map(|kind| typed(kind, value)) {
                Some(Some(value)) => attrs.push((key, value)),
                Some(None) => unreadable.push(key),
                None => {}
            }
        }
        let attrs: Vec<(&str, watch::Value<'_>)> =
            attrs.iter().map(|(k, v)| (*k, v.borrowed())).collect();
        let actors: Vec<(&str, &str)> = (actors.iter())
            .map(|(person, role)| (person.as_str(), role.as_str()))
            .collect();
        let taken = Event {
            position: self.log.lines.len() as u64,
            claimed,
            recorded: at,
            ended: None,
            activity: &event.activity,
            organ: &organ,
            actors: &actors,
            objects: &objects,
            attrs: &attrs,
            corrects: None,
            erased: false,
        };
        self.log.columns.push(self.program, &taken);
        (self.each)(&taken);
        let line = u32::try_from(event.place.line).unwrap_or(0);
        self.log.lines.push(line);
        let account = &mut self.log.account;
        for key in unreadable {
            *account.unreadable.entry(key.to_owned()).or_default() += 1;
        }
        account.events += 1;
        if known {
            account.checked += 1;
            account.without_object += u64::from(!placed);
        } else {
            account.outside_all += 1;
            one_more(&mut account.outside, &event.activity);
        }
        let (first, last) = account.period.unwrap_or(claimed);
        account.period = Some((first.min(claimed.0), last.max(claimed.1)));
    }

    /// First and last possible instant of a claimed time.
    fn claimed(&mut self, time: &TimeText) -> (i64, i64) {
        let instant = time.instant().get();
        let date = self.calendar.date(instant);
        let midnight = || self.calendar.day_start(date) == instant;
        let words = time.text().trim();
        // `2026-04-30`, `30.04.2026`: a date and nothing after it. Seconds since 1970 are digits only.
        let bare = !words.contains(':') && !words.bytes().all(|b| b.is_ascii_digit());
        if bare || (self.choices.days && midnight()) {
            self.log.account.whole_days += 1;
            return (self.calendar.day_start(date), self.calendar.day_end(date));
        }
        self.log.account.midnights += u64::from(midnight());
        (instant, instant)
    }
}

/// Counts a name, unless there are too many to be told apart.
fn one_more(counts: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(n) = counts.get_mut(name) {
        *n += 1;
    } else if counts.len() < NAMED {
        counts.insert(name.to_owned(), 1);
    }
}

/// Who acted, by an attribute of the event.
pub(crate) fn actor(choices: &Choices, event: &interchange::Event) -> Option<String> {
    said(event, ACTOR, choices.actor.as_deref())
}

/// What an event says under the user's own key, or under the first of the usual ones that it has.
fn said(event: &interchange::Event, usual: &[&str], own: Option<&str>) -> Option<String> {
    let named = |key: &str| event.attrs.iter().find(|a| a.key == key);
    let found = match own {
        Some(key) => named(key),
        None => usual.iter().find_map(|key| named(key)),
    };
    found.and_then(|a| text(&a.value))
}

/// A value as a rule wants it; keeps the text that [`watch::Value`] borrows.
enum Typed {
    Bool(bool),
    Number(f64),
    Time(i64),
    Text(String),
}

impl Typed {
    fn borrowed(&self) -> watch::Value<'_> {
        match self {
            Self::Bool(b) => watch::Value::Bool(*b),
            Self::Number(n) => watch::Value::Number(*n),
            Self::Time(t) => watch::Value::Time(*t),
            Self::Text(t) => watch::Value::Text(t),
        }
    }
}

/// A value of the kind that the pack says; `None` where it is not one.
fn typed(kind: &AttributeKind, value: &Value) -> Option<Typed> {
    Some(match kind {
        AttributeKind::Bool => Typed::Bool(match value {
            Value::Bool(b) => *b,
            Value::Int(0) => false,
            Value::Int(1) => true,
            other => match text(other)?.trim() {
                "true" | "True" | "TRUE" | "1" => true,
                "false" | "False" | "FALSE" | "0" => false,
                _ => return None,
            },
        }),
        AttributeKind::Number => Typed::Number(match value {
            #[expect(clippy::cast_precision_loss, reason = "as written in rules")]
            Value::Int(n) => *n as f64,
            Value::Float(n) => *n,
            other => text(other)?.trim().parse().ok()?,
        }),
        AttributeKind::Time => Typed::Time(match value {
            Value::Time(t) => t.instant().get(),
            other => text(other)?.trim().parse::<model::Micros>().ok()?.get(),
        }),
        AttributeKind::Text | AttributeKind::OneOf(_) => Typed::Text(text(value)?),
    })
}

/// What a single value says, as text.
fn text(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(t) | Value::Id(t) => t.clone(),
        Value::Int(n) => n.to_string(),
        Value::Float(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Time(t) => t.text().to_owned(),
        Value::List(_) | Value::Container(_) | Value::Null => return None,
    })
}
