//! What an event says to the rules, apart from the header and body that it was read from.
//!
//! One text holds all that it says: of an event that has twenty short ones, allocating each was a good part of reading it.
//! Not a body: whoever needs names or words opens that.

use model::{Body, Header, Micros, Said, SaidValue, Value};

/// See the module.
pub(crate) struct Taken {
    claimed: (i64, i64),
    recorded: i64,
    ended: Option<i64>,
    erased: bool,
    text: String,
    activity: Span,
    organ: Span,
    actors: Vec<(Span, Span)>,
    objects: Vec<(Span, Span, Option<Span>)>,
    attrs: Vec<(Span, Own)>,
}

/// From and to, in the text.
#[derive(Clone, Copy)]
struct Span(u32, u32);

enum Own {
    Bool(bool),
    Number(f64),
    Text(Span),
    Time(i64),
}

impl Taken {
    /// What a draft says.
    pub(crate) fn of(header: &Header, body: Option<&Body>) -> Self {
        let mut taken = Self::new(header);
        if let Some(body) = body {
            let written = body.occurred.as_ref().map(|t| t.text().len());
            taken.times(written, body.source.is_some());
            for attr in &body.attrs {
                let text;
                let value = match &attr.value {
                    Value::Bool(b) => SaidValue::Bool(*b),
                    Value::Int(n) => SaidValue::Int(*n),
                    Value::Float(n) => SaidValue::Float(*n),
                    Value::String(t) | Value::Id(t) => {
                        text = t.as_str();
                        SaidValue::Text(text.into())
                    }
                    Value::Time(t) => SaidValue::Time(t.instant()),
                    Value::List(_) | Value::Container(_) | Value::Null => continue,
                };
                taken.attr(&attr.key, &value);
            }
        }
        taken.not_after(header)
    }

    /// What an entry of the log says.
    pub(crate) fn said(header: &Header, said: Option<&Said<'_>>) -> Self {
        let mut taken = Self::new(header);
        if let Some(said) = said {
            taken.times(said.occurred_len, said.imported);
            for (key, value) in &said.attrs {
                taken.attr(key, value);
            }
        }
        taken.not_after(header)
    }

    /// What is left of an event whose body was erased. The body said whether only the day was known; at the beginning of a
    /// day it may have been.
    pub(crate) fn erased(header: &Header) -> Self {
        let calendar = calendar::Calendar::china();
        let mut taken = Self::new(header);
        let day = calendar.date(taken.claimed.0);
        if calendar.day_start(day) == taken.claimed.0 {
            taken.claimed.1 = calendar.day_end(day);
        }
        taken.erased = true;
        taken
    }

    fn new(header: &Header) -> Self {
        use std::fmt::Write;
        let occurred = header.occurred.get();
        let mut text = String::with_capacity(512);
        let put = |text: &mut String, part: &str| {
            let from = text.len();
            text.push_str(part);
            Span(from as u32, text.len() as u32)
        };
        let pseudonym = |text: &mut String, p: &model::Pseudonym| {
            let from = text.len();
            // Writing to a text cannot fail.
            let _ = write!(text, "{p}");
            Span(from as u32, text.len() as u32)
        };
        let activity = put(&mut text, header.activity.as_str());
        let organ = put(&mut text, header.organ.as_str());
        let actors = (header.actor.iter())
            .map(|a| (pseudonym(&mut text, &a.p), put(&mut text, a.role.as_str())))
            .collect();
        let objects = (header.objects.iter())
            .map(|o| {
                let type_ = put(&mut text, o.object_type.as_str());
                let id = pseudonym(&mut text, &o.id);
                let part = o.qualifier.as_ref().map(|q| put(&mut text, q.as_str()));
                (type_, id, part)
            })
            .collect();
        Self {
            claimed: (occurred, occurred),
            recorded: header.recorded.get(),
            ended: None,
            erased: false,
            text,
            activity,
            organ,
            actors,
            objects,
            attrs: Vec::new(),
        }
    }

    /// A time of ten characters is a day; what was imported was recorded elsewhere.
    fn times(&mut self, written: Option<usize>, imported: bool) {
        let occurred = self.claimed.0;
        if written.is_some_and(|len| len == "2026-01-01".len()) {
            self.claimed.1 = occurred + 86_400_000_000 - 1;
        }
        if imported {
            self.recorded = occurred;
        }
    }

    /// No source recorded it after we did: red does not wait for a time that is still to come.
    fn not_after(mut self, header: &Header) -> Self {
        self.recorded = self.recorded.min(header.recorded.get());
        self
    }

    fn attr(&mut self, key: &str, value: &SaidValue<'_>) {
        match (key, value) {
            ("source_recorded", SaidValue::Time(t)) => self.recorded = t.get(),
            ("source_recorded", SaidValue::Text(t)) => {
                self.recorded = t.parse().map_or(self.recorded, Micros::get);
            }
            ("ended", SaidValue::Time(t)) => self.ended = Some(t.get()),
            ("ended", SaidValue::Text(t)) => self.ended = t.parse().ok().map(Micros::get),
            (_, value) => {
                let own = self.own(value);
                let key = self.put(key);
                self.attrs.push((key, own));
            }
        }
    }

    #[allow(
        clippy::cast_precision_loss,
        reason = "numbers that rules compare are far below 2^53"
    )]
    fn own(&mut self, value: &SaidValue<'_>) -> Own {
        match value {
            SaidValue::Bool(b) => Own::Bool(*b),
            SaidValue::Int(n) => Own::Number(*n as f64),
            SaidValue::Float(n) => Own::Number(*n),
            SaidValue::Text(t) => match t.as_ref() {
                "true" => Own::Bool(true),
                "false" => Own::Bool(false),
                text => Own::Text(self.put(text)),
            },
            SaidValue::Time(t) => Own::Time(t.get()),
        }
    }

    fn put(&mut self, part: &str) -> Span {
        let from = self.text.len();
        self.text.push_str(part);
        Span(from as u32, self.text.len() as u32)
    }

    fn part(&self, span: Span) -> &str {
        &self.text[span.0 as usize..span.1 as usize]
    }

    /// Lends the event as the rules see it.
    pub(crate) fn event<T>(
        &self,
        position: u64,
        corrects: Option<u64>,
        take: impl FnOnce(&::watch::Event<'_>) -> T,
    ) -> T {
        take(&self.lend().event(position, corrects))
    }

    /// Lends its parts, for several events at once.
    pub(crate) fn lend(&self) -> Lent<'_> {
        let value = |own: &Own| match own {
            Own::Bool(b) => ::watch::Value::Bool(*b),
            Own::Number(n) => ::watch::Value::Number(*n),
            Own::Text(t) => ::watch::Value::Text(self.part(*t)),
            Own::Time(t) => ::watch::Value::Time(*t),
        };
        Lent {
            taken: self,
            actors: (self.actors.iter())
                .map(|(person, role)| (self.part(*person), self.part(*role)))
                .collect(),
            objects: (self.objects.iter())
                .map(|(type_, id, part)| {
                    let part = part.map(|part| self.part(part));
                    (self.part(*type_), self.part(*id), part)
                })
                .collect(),
            attrs: (self.attrs.iter())
                .map(|(key, own)| (self.part(*key), value(own)))
                .collect(),
        }
    }
}

/// The parts of an event, lent.
pub(crate) struct Lent<'t> {
    taken: &'t Taken,
    actors: Vec<(&'t str, &'t str)>,
    objects: Vec<(&'t str, &'t str, Option<&'t str>)>,
    attrs: Vec<(&'t str, ::watch::Value<'t>)>,
}

impl Lent<'_> {
    pub(crate) fn event(&self, position: u64, corrects: Option<u64>) -> ::watch::Event<'_> {
        ::watch::Event {
            position,
            claimed: self.taken.claimed,
            recorded: self.taken.recorded,
            ended: self.taken.ended,
            activity: self.taken.part(self.taken.activity),
            organ: self.taken.part(self.taken.organ),
            actors: &self.actors,
            objects: &self.objects,
            attrs: &self.attrs,
            corrects,
            erased: self.taken.erased,
        }
    }
}
