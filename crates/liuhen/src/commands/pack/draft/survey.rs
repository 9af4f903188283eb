//! A log as numbers: which activity, when, by whom, about what. As much as regularities are looked for in, and no more.

use std::{collections::BTreeMap, collections::HashMap, path::Path};

use indicatif::ProgressBar;
use interchange::{Item, Reject, Sink, Source, Stop};
use model::{Activity, Attr, ObjectType, Value};

use crate::{
    commands::check::{Setting, log},
    failure::Failure,
    lang::{count, counted, tr},
    ui::Ui,
};

/// Attributes that are proposed.
const ATTRIBUTES: usize = 200;

/// Values of a text that are told apart: more of them, and it is free text.
const VALUES: usize = 12;

/// Nobody is recorded.
pub(crate) const NOBODY: u32 = u32::MAX;

/// Names by number and numbers by name.
#[derive(Default)]
pub(crate) struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(n) = self.numbers.get(name) {
            return *n;
        }
        let n = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.numbers.insert(name.to_owned(), n);
        self.names.push(name.to_owned());
        n
    }

    /// The name of a number.
    pub(crate) fn name(&self, n: u32) -> &str {
        self.names.get(n as usize).map_or("", String::as_str)
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[String] {
        &self.names
    }
}

/// An event as numbers.
#[derive(Clone, Copy)]
pub(crate) struct Event {
    /// Claimed time, first possible instant.
    pub(crate) time: i64,
    /// What was done.
    pub(crate) activity: u32,
    /// Who acted.
    pub(crate) actor: u32,
}

/// Values that an attribute was seen with.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) events: u64,
    pub(crate) bools: u64,
    pub(crate) numbers: u64,
    pub(crate) times: u64,
    pub(crate) texts: u64,
    /// Different texts, up to one more than are told apart.
    pub(crate) values: Vec<String>,
}

/// What a log holds.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) activities: Names,
    pub(crate) types: Names,
    pub(crate) events: Vec<Event>,
    /// For each type: object and event.
    pub(crate) links: Vec<Vec<(u32, u32)>>,
    pub(crate) attributes: BTreeMap<String, Seen>,
    /// Rows that could not be read.
    pub(crate) rejected: u64,
    /// Events whose activity has no name that a pack can hold.
    pub(crate) skipped: u64,
    /// Whether anybody is recorded at all.
    pub(crate) actors: u64,
}

/// Reads a log to its end.
pub(crate) fn read(ui: &Ui, file: &Path, setting: &Setting) -> Result<Survey, Failure> {
    let lang = ui.lang;
    let bar = ui.bar(std::fs::metadata(file).map_or(0, |m| m.len()));
    let mut taker = Taker {
        ui: *ui,
        bar: bar.clone(),
        setting,
        people: Names::default(),
        objects: HashMap::new(),
        survey: Survey::default(),
    };
    let done = interchange::read(Source::Path(file), &setting.choices.options, &mut taker);
    bar.finish_and_clear();
    let path = file.display();
    done.map_err(|e| Failure::usage(tr!(lang, "{path}：{e}", "{path}: {e}")))?;
    Ok(taker.survey)
}

struct Taker<'a> {
    ui: Ui,
    bar: ProgressBar,
    setting: &'a Setting,
    people: Names,
    /// Number of an object within its type.
    objects: HashMap<(u32, String), u32>,
    survey: Survey,
}

impl Sink for Taker<'_> {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        if let Item::Event(event) = item {
            self.event(event);
        }
        Ok(())
    }

    fn reject(&mut self, _: Reject) {
        self.survey.rejected += 1;
    }

    fn progress(&mut self, read: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(read);
        let n = self.survey.events.len() as u64;
        let (zh, en) = (count(n), counted(n, "event"));
        self.bar
            .set_message(tr!(self.ui.lang, "{zh} 个事件", "{en}"));
    }
}

impl Taker<'_> {
    fn event(&mut self, event: interchange::Event) {
        let survey = &mut self.survey;
        if Activity::new(event.activity.as_str()).is_err() {
            survey.skipped += 1;
            return;
        }
        let number = u32::try_from(survey.events.len()).unwrap_or(u32::MAX);
        let actor = log::actor(&self.setting.choices, &event).filter(|a| !a.is_empty());
        survey.actors += u64::from(actor.is_some());
        survey.events.push(Event {
            time: event.time.instant().get(),
            activity: survey.activities.number(&event.activity),
            actor: actor.map_or(NOBODY, |a| self.people.number(&a)),
        });
        for object in event.objects {
            let Some(type_) = &object.object_type else {
                continue;
            };
            let type_ = self.setting.choices.type_name(type_);
            if ObjectType::new(type_).is_err() {
                continue;
            }
            let type_ = survey.types.number(type_);
            if survey.links.len() <= type_ as usize {
                survey.links.resize(type_ as usize + 1, Vec::new());
            }
            let next = u32::try_from(self.objects.len()).unwrap_or(u32::MAX);
            let object = *self.objects.entry((type_, object.id)).or_insert(next);
            survey.links[type_ as usize].push((object, number));
        }
        for Attr { key, value, .. } in event.attrs {
            attribute(&mut survey.attributes, key, &value);
        }
    }
}

fn attribute(all: &mut BTreeMap<String, Seen>, key: String, value: &Value) {
    if all.len() >= ATTRIBUTES && !all.contains_key(&key) {
        return;
    }
    let seen = all.entry(key).or_default();
    seen.events += 1;
    let text = match value {
        Value::Bool(_) => {
            seen.bools += 1;
            return;
        }
        Value::Int(_) | Value::Float(_) => {
            seen.numbers += 1;
            return;
        }
        Value::Time(_) => {
            seen.times += 1;
            return;
        }
        Value::String(t) | Value::Id(t) => t,
        Value::List(_) | Value::Container(_) | Value::Null => return,
    };
    seen.texts += 1;
    // A CSV says everything as text.
    seen.numbers += u64::from(text.trim().parse::<f64>().is_ok_and(f64::is_finite));
    if seen.values.len() <= VALUES && !seen.values.iter().any(|v| v == text) {
        seen.values.push(text.clone());
    }
}

impl Seen {
    /// The kind that a pack would give it.
    pub(crate) fn kind(&self) -> Option<Vec<String>> {
        let one = |kind: &str| Some(vec![kind.to_owned()]);
        let words = self.texts - self.numbers.min(self.texts);
        if self.bools > 0 && self.bools == self.events {
            return one("bool");
        }
        if self.numbers > 0 && words == 0 && self.times == 0 && self.bools == 0 {
            return one("number");
        }
        if self.times > 0 && self.times == self.events {
            return one("time");
        }
        if self.texts == 0 {
            return None;
        }
        let few = self.values.len() <= VALUES && self.events > 3 * self.values.len() as u64;
        let plain = |v: &String| !v.is_empty() && v.len() <= 60 && !v.chars().any(char::is_control);
        if few && self.values.len() > 1 && self.values.iter().all(plain) {
            let mut values = self.values.clone();
            values.sort();
            return Some(values);
        }
        one("text")
    }
}
