//! The pen that writes one case: it knows the time, who serves where, and what the catalogue says about who acts and who
//! approves. The paths ([`super::criminal`], [`super::administrative`]) say what happens; this says how it is put down, and
//! [`super::standard`] what a good record of it says.

use law::Catalogue;
use model::{Activity, Attr, ObjectType, OrganCode, Qualifier, RoleId, Value};

use super::act::{Act, Actor, Case, Procedure, Thing};
use super::diary::Diary;
use super::moment::{HOUR, MINUTE, Moment, Workdays};
use super::names;
use super::rng::Rng;
use super::roster::{District, Roster, Unit, UnitKind};
use super::standard::standard;

/// Somebody of the case: suspect, violator, victim, witness.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) part: &'static str,
    pub(super) age: i64,
    pub(super) female: bool,
    /// Under eighteen.
    pub(super) minor: bool,
    /// Needs an interpreter.
    pub(super) language_help: bool,
}

/// A thing, paper or place of the case.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    /// What it is worth, in yuan.
    pub(super) value: i64,
    /// Taken against somebody's will, so that it has to be lifted.
    pub(super) seized: bool,
    /// When the custodian has it.
    pub(super) stored: Option<Moment>,
}

/// How often one looks for two free officers, every ten minutes.
const PATIENCE: usize = 12;

/// Two officers who do something together.
pub(super) type Pair = (usize, usize);

/// What may differ from the catalogue's ordinary form of an act.
#[derive(Default)]
pub(super) struct Form {
    /// These two officers instead of the case's own.
    pair: Option<Pair>,
    /// Two officers, though the catalogue is content with one.
    two: bool,
    /// Approved by this role instead of the first that the catalogue names.
    approver: Option<&'static str>,
    /// Not approved: the catalogue's approval is conditional and the condition does not hold.
    unapproved: bool,
    /// Done by this person in this role, instead of whom the case's own rules would send.
    by: Option<(usize, &'static str)>,
    /// Somebody more, in this role.
    plus: Option<&'static str>,
    words: Option<String>,
    attrs: Vec<Attr>,
    /// How long it lasts, in minutes.
    lasts: Option<i64>,
    /// Concerns the alert too.
    alert: bool,
}

/// An ordinary act.
pub(super) fn form() -> Form {
    Form::default()
}

impl Form {
    pub(super) fn pair(mut self, pair: Pair) -> Self {
        self.pair = Some(pair);
        self
    }

    pub(super) fn two(mut self) -> Self {
        self.two = true;
        self
    }

    pub(super) fn approver(mut self, role: &'static str) -> Self {
        self.approver = Some(role);
        self
    }

    pub(super) fn approver_if(mut self, role: Option<&'static str>) -> Self {
        self.approver = role.or(self.approver);
        self
    }

    pub(super) fn unapproved(mut self) -> Self {
        self.unapproved = true;
        self
    }

    pub(super) fn by(mut self, person: usize, role: &'static str) -> Self {
        self.by = Some((person, role));
        self
    }

    pub(super) fn plus(mut self, role: &'static str) -> Self {
        self.plus = Some(role);
        self
    }

    pub(super) fn words(mut self, words: impl Into<String>) -> Self {
        self.words = Some(words.into());
        self
    }

    pub(super) fn lasts(mut self, minutes: i64) -> Self {
        self.lasts = Some(minutes);
        self
    }

    pub(super) fn is(mut self, key: &'static str, value: bool) -> Self {
        self.attrs.push(Attr::new(key, Value::Bool(value)));
        self
    }

    pub(super) fn text(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.attrs.push(Attr::text(key, value));
        self
    }

    pub(super) fn number(mut self, key: &'static str, value: i64) -> Self {
        self.attrs.push(Attr::new(key, Value::Int(value)));
        self
    }
}

/// What an act concerns beside the case.
#[derive(Clone, Copy)]
pub(super) enum On<'a> {
    Case,
    Party(&'a Party),
    Item(&'a Item),
    /// The first is the one whose trace it is.
    Both(&'a Party, &'a Item),
    All(&'a [&'a Party]),
}

impl<'a> On<'a> {
    /// The one person it concerns, or the first.
    pub(super) fn party(self) -> Option<&'a Party> {
        match self {
            Self::Party(p) | Self::Both(p, _) => Some(p),
            Self::All(all) => all.first().copied(),
            Self::Case | Self::Item(_) => None,
        }
    }

    pub(super) fn item(self) -> Option<&'a Item> {
        match self {
            Self::Item(i) | Self::Both(_, i) => Some(i),
            _ => None,
        }
    }
}

/// The people whom one case meets again and again.
pub(super) struct Crew {
    pub(super) lead: usize,
    pub(super) second: usize,
    pub(super) reviewer: usize,
    pub(super) custodian: usize,
    pub(super) prosecutor: usize,
    pub(super) lawyer: usize,
}

/// What all acts of a case say alike.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    /// 治安案件.
    pub(super) public_security: bool,
    /// 经济犯罪案件.
    pub(super) economic: bool,
    pub(super) major: bool,
    /// Found complex on the way: a collective discussion comes before its end.
    pub(super) complex: bool,
    pub(super) has_victim: bool,
    /// Over the county's border for the moment.
    pub(super) cross: bool,
    /// Somebody is in custody: what has to be done is done on holidays too.
    pub(super) custody: bool,
    /// The procuratorate ordered the filing: three months to conclude (CR-017).
    pub(super) quick: bool,
}

pub(super) struct Script<'r> {
    pub(super) rng: Rng,
    pub(super) now: Moment,
    pub(super) roster: &'r Roster,
    pub(super) district: &'r District,
    pub(super) unit: &'r Unit,
    pub(super) crew: Crew,
    /// The procedure that holds now: an administrative case may turn criminal.
    pub(super) procedure: Procedure,
    began: Procedure,
    pub(super) nature: &'static str,
    pub(super) street: &'static str,
    pub(super) facts: Facts,
    /// Things that were taken in and are not disposed of yet.
    pub(super) held: Vec<Item>,
    /// Relies on holidays where the law lets a period roll. Not where a violation is planted: what moves must stay lawful.
    pub(super) rolls: bool,
    pub(super) workdays: &'r Workdays,
    diary: &'r mut Diary,
    /// What has been begun is not over before this.
    pub(super) busy: Moment,
    /// The adult beside a minor who is questioned now.
    pub(super) guardian: usize,
    pub(super) until: Moment,
    pub(super) no: String,
    title: String,
    pub(super) acts: Vec<Act>,
    counters: [u32; 4],
}

/// What a case is made from.
pub(super) struct Start<'r> {
    pub(super) rng: Rng,
    pub(super) roster: &'r Roster,
    pub(super) workdays: &'r Workdays,
    pub(super) diary: &'r mut Diary,
    pub(super) district: &'r District,
    pub(super) unit: &'r Unit,
    pub(super) start: Moment,
    pub(super) until: Moment,
    pub(super) no: String,
    pub(super) procedure: Procedure,
    pub(super) nature: &'static str,
    pub(super) facts: Facts,
    pub(super) rolls: bool,
}

impl<'r> Script<'r> {
    pub(super) fn new(from: Start<'r>) -> Self {
        let Start {
            mut rng,
            roster,
            district,
            unit,
            start,
            no,
            procedure,
            nature,
            ..
        } = from;
        let lead = *rng.pick(&unit.officers);
        let second = loop {
            let second = *rng.pick(&unit.officers);
            if second != lead {
                break second;
            }
        };
        let crew = Crew {
            lead,
            second,
            reviewer: *rng.pick(&district.legal),
            custodian: *rng.pick(&district.property),
            prosecutor: *rng.pick(&district.prosecutors),
            lawyer: *rng.pick(&roster.city.lawyers),
        };
        let (_, month, day) = start.date();
        let title = format!(
            "{}“{month:02}·{day:02}”{nature}案",
            roster.organs[unit.organ].short
        );
        let street = rng.pick(&names::STREETS);
        Self {
            rng,
            now: start,
            roster,
            district,
            unit,
            crew,
            procedure,
            began: procedure,
            nature,
            street,
            facts: from.facts,
            held: Vec::new(),
            rolls: from.rolls,
            workdays: from.workdays,
            diary: from.diary,
            busy: start,
            guardian: 0,
            until: from.until,
            no,
            title,
            acts: Vec::with_capacity(64),
            counters: [0; 4],
        }
    }

    /// Whether the end of the generated time is reached: what would come is not known yet.
    pub(super) fn over(&self) -> bool {
        self.now > self.until
    }

    /// Lets `low..=high` minutes pass.
    pub(super) fn minutes(&mut self, low: i64, high: i64) {
        let pass = self.rng.range(low * MINUTE, high * MINUTE);
        self.now = self.now.plus(pass);
    }

    /// Lets `low..=high` hours pass.
    pub(super) fn hours(&mut self, low: i64, high: i64) {
        self.minutes(low * 60, high * 60);
    }

    /// Lets `low..=high` hours pass, and the night if it is one by then: up to twelve hours more.
    pub(super) fn later(&mut self, low: i64, high: i64) {
        self.hours(low, high);
        self.waking();
    }

    /// Lets `low..=high` days pass, to some time in office hours.
    pub(super) fn days(&mut self, low: i64, high: i64) {
        self.minutes(low * 24 * 60, high * 24 * 60);
        self.office();
    }

    /// Goes on to office hours, if it is not. A limit of days that rolls over holidays is kept by whoever stood within it.
    /// Where somebody is in custody, only the night is waited for.
    pub(super) fn office(&mut self) {
        if self.facts.custody || !self.rolls {
            return self.waking();
        }
        let office = self.now.office(self.workdays);
        if office != self.now {
            // Not everybody begins on the stroke.
            let late = self.rng.range(0, 90 * MINUTE);
            self.now = office.plus(late);
        }
    }

    /// Goes on to the morning, if it is night: at most ten hours, and two more because not everybody begins at eight.
    pub(super) fn waking(&mut self) {
        let waking = self.now.waking();
        if waking != self.now {
            let late = self.rng.range(0, 2 * HOUR);
            self.now = waking.plus(late);
        }
    }

    /// Two officers who are free for so many minutes, from now or soon: the case's own, or others of the unit. Where the
    /// whole unit stays busy it is the case's own all the same.
    pub(super) fn pair(&mut self, minutes: i64) -> Pair {
        let length = minutes * MINUTE;
        let own = [self.crew.lead, self.crew.second];
        let mut pair = (own[0], own[1]);
        for _ in 0..PATIENCE {
            let others = self.unit.officers.iter().copied();
            let mut free = (own.into_iter().chain(others.filter(|o| !own.contains(o))))
                .filter(|o| self.diary.free(*o, self.now, length));
            if let (Some(a), Some(b)) = (free.next(), free.next()) {
                pair = (a, b);
                break;
            }
            self.now = self.now.plus(10 * MINUTE);
        }
        // What lies after the end is not put down, so it keeps nobody busy.
        if !self.over() {
            self.diary.book(pair.0, self.now, length);
            self.diary.book(pair.1, self.now, length);
        }
        pair
    }

    /// Whether a police station handles the case.
    pub(super) fn station(&self) -> bool {
        self.unit.kind == UnitKind::Station
    }

    /// Waits until whoever serves alone in a role has nothing else for so many minutes: an approver stands in the record
    /// of what he approves, and nobody stands in two at once (V-12).
    pub(super) fn wait_for(&mut self, role: &str, minutes: i64) {
        let (who, length) = (self.serving(role), minutes * MINUTE);
        while !self.diary.free(who, self.now, length) {
            self.now = self.now.plus(HOUR);
        }
        if !self.over() {
            self.diary.book(who, self.now, length);
        }
    }

    /// One of several outsiders who has nothing else for the next two hours and a half.
    pub(super) fn outsider_free(&mut self, among: &[usize]) -> usize {
        let first = self.rng.below(among.len());
        // Outsiders are numbered from 0 like staff: their pages of the diary come after.
        let page = |outsider: usize| self.roster.people.len() + outsider;
        let length = 150 * MINUTE;
        let mut turn = (among.iter().cycle().skip(first)).take(among.len());
        let free = turn.find(|o| self.diary.free(page(**o), self.now, length));
        let chosen = *free.unwrap_or(&among[first]);
        let page = page(chosen);
        if !self.over() {
            self.diary.book(page, self.now, length);
        }
        chosen
    }

    /// What goes on beside the main line: afterwards the time is what it was.
    pub(super) fn aside(&mut self, what: impl FnOnce(&mut Self)) {
        let now = self.now;
        what(self);
        self.now = now;
    }

    pub(super) fn party(&mut self, part: &'static str) -> Party {
        let letter = match part {
            "suspect" | "violator" => 'X',
            "victim" => 'B',
            _ => 'Z',
        };
        self.counters[0] += 1;
        let minor = matches!(part, "suspect" | "violator") && self.rng.percent(6);
        Party {
            id: format!("{}-{letter}{:02}", self.no, self.counters[0]),
            name: names::person(&mut self.rng),
            part,
            age: if minor {
                self.rng.range(16, 17)
            } else {
                self.rng.range(19, 64)
            },
            female: self.rng.percent(25),
            minor,
            language_help: self.rng.percent(1),
        }
    }

    pub(super) fn item(&mut self, name: String) -> Item {
        self.counters[1] += 1;
        let id = format!("{}-W{:02}", self.no, self.counters[1]);
        Item {
            kind: "item",
            id,
            name,
            value: 0,
            seized: false,
            stored: None,
        }
    }

    pub(super) fn file(&mut self, name: impl Into<String>) -> Item {
        self.counters[2] += 1;
        let id = format!("{}-J{:02}", self.no, self.counters[2]);
        Item {
            kind: "file",
            id,
            name: name.into(),
            value: 0,
            seized: false,
            stored: None,
        }
    }

    /// An interrogation room of the district's centre.
    pub(super) fn room(&mut self) -> Item {
        let n = self.rng.range(1, 9);
        let organ = &self.roster.people[self.district.area[0]].organ;
        Item {
            kind: "place",
            id: format!("{organ}-{n}"),
            name: format!("{}办案中心{n}号讯（询）问室", self.district.short),
            value: 0,
            seized: false,
            stored: None,
        }
    }

    /// Puts down an act in its ordinary form.
    pub(super) fn act(&mut self, activity: &'static str, on: On<'_>) {
        self.put(activity, on, form());
    }

    /// Puts down an act with some words.
    pub(super) fn say(&mut self, activity: &'static str, on: On<'_>, words: impl Into<String>) {
        self.put(activity, on, form().words(words));
    }

    /// Makes out the paper that a measure needs; gives its number.
    pub(super) fn issue(&mut self, activity: &'static str, who: Option<&Party>) -> String {
        self.counters[3] += 1;
        let number = format!("{}-{:02}", self.no, self.counters[3]);
        let def = Catalogue::shipped().activity(activity);
        let label = def.and_then(|d| d.document.clone());
        let paper = self.file(label.unwrap_or_else(|| "决定书".to_owned()));
        let on = who.map_or(On::Item(&paper), |p| On::Both(p, &paper));
        let said = form().text("document_no", number.as_str());
        self.put("rec.doc_issue", on, said.text("step", activity));
        number
    }

    /// Makes out the paper, then does what it is for.
    pub(super) fn warranted(&mut self, activity: &'static str, on: On<'_>, form: Form) {
        let number = self.issue(activity, on.party());
        self.minutes(4, 15);
        self.put(activity, on, form.text("document_no", number));
    }

    /// A stretch that is filmed from before its beginning to after its end, by two officers who are free; the recording is
    /// uploaded within the day.
    pub(super) fn filmed(
        &mut self,
        kind: &'static str,
        name: impl Into<String>,
        who: Option<&Party>,
        minutes: i64,
        what: impl FnOnce(&mut Self, Pair),
    ) {
        let pair = self.pair(minutes + 20);
        if who.is_some_and(|w| w.minor) {
            let roster = self.roster;
            self.guardian = self.outsider_free(&roster.city.guardians);
        }
        let video = self.file(name);
        let on = who.map_or(On::Item(&video), |p| On::Both(p, &video));
        let mut said = form().pair(pair).two().text("av_of", kind);
        said.alert = kind == "scene" && who.is_none();
        self.put("rec.av", on, said.lasts(minutes + 15));
        what(self, pair);
        self.aside(|s| {
            s.later(1, 8);
            s.put("rec.av_upload", On::Item(&video), form().pair(pair));
        });
    }

    /// Puts down an act. It takes a moment, so no two acts of a case share their time.
    pub(super) fn put(&mut self, activity: &'static str, on: On<'_>, mut form: Form) {
        if self.over() {
            return;
        }
        let def = Catalogue::shipped().activity(activity);
        let def = def.unwrap_or_else(|| panic!("{activity} is not in the catalogue"));
        let occurred = self.now;
        let mut actors = Vec::with_capacity(3);
        let mut organ = None;
        if let Some((at, role)) = form.by {
            organ = Some(self.staff(&mut actors, at, role));
        } else if let Some(role) = def.actor_roles.first() {
            let least = usize::from(def.actor_min).max(usize::from(form.two) + 1);
            organ = self.send(&mut actors, role.as_str(), least, form.pair);
        }
        if let Some(role) = form.plus {
            self.send(&mut actors, role, 1, None);
        }
        if !form.unapproved
            && let Some(role) = form
                .approver
                .or(def.approver_roles.first().map(RoleId::as_str))
        {
            let approver = self.serving(role);
            self.staff(&mut actors, approver, role);
        }
        standard(self, activity, on, &mut form.attrs, &mut actors);
        let mut objects = Vec::with_capacity(3);
        objects.push(thing("case", &self.no, None, &self.title));
        let of_alert = |o: &ObjectType| o.as_str() == "alert";
        let alert = form.alert
            || activity.starts_with("int.")
            || matches!(activity, "ad.file" | "cr.file")
            || def.object_type.as_ref().is_some_and(of_alert);
        if alert {
            objects.push(thing("alert", &format!("{}-JQ", self.no), None, "警情"));
        }
        let mut person = |p: &Party| objects.push(thing("person", &p.id, Some(p.part), &p.name));
        match on {
            On::Case | On::Item(_) => {}
            On::Party(p) | On::Both(p, _) => person(p),
            On::All(all) => all.iter().for_each(|p| person(p)),
        }
        if let Some(i) = on.item() {
            objects.push(thing(i.kind, &i.id, None, &i.name));
        }
        let mut attrs = form.attrs;
        if let Some(document) = &def.document {
            attrs.push(Attr::text("document", document.as_str()));
        }
        // Alerts and the doors of the handling area record themselves.
        let delay = if activity.starts_with("int.") || activity.starts_with("plc.") {
            self.rng.range(2, 50)
        } else {
            self.rng.range(MINUTE, 45 * MINUTE)
        };
        let recorded = occurred.plus(delay).min(self.until);
        self.acts.push(Act {
            occurred: occurred.micros(),
            recorded: recorded.micros(),
            ended: form
                .lasts
                .map(|minutes| occurred.plus(minutes * MINUTE).micros()),
            activity: Activity::new(activity).expect("it is in the catalogue"),
            organ: organ.unwrap_or_else(|| self.roster.organs[self.unit.organ].code.clone()),
            actors,
            case_no: self.no.clone(),
            objects,
            attrs,
            words: form.words,
        });
        self.minutes(1, 4);
    }

    /// Something that most cases do not have. Afterwards time and chance are what they were, so the rest of the case stays.
    pub(super) fn extra(&mut self, what: impl FnOnce(&mut Self)) {
        let (now, rng) = (self.now, self.rng.clone());
        // Not at the very second of what comes next.
        self.now = now.plus(17);
        what(self);
        (self.now, self.rng) = (now, rng);
    }

    /// One case in so many, by its number.
    pub(super) fn one_in(&self, n: u64) -> bool {
        self.no.bytes().fold(7_u64, |sum, b| {
            sum.wrapping_mul(31).wrapping_add(u64::from(b))
        }) % n
            == 0
    }

    /// Closes the book: acts by their time.
    pub(super) fn finish(mut self) -> Case {
        self.acts.sort_by_key(|act| act.occurred);
        let acts = self.acts;
        let closed = closed(&acts);
        Case {
            no: self.no,
            title: self.title,
            procedure: self.began,
            nature: self.nature,
            organ: self.roster.organs[self.unit.organ].code.clone(),
            lead: self.roster.people[self.crew.lead].no.clone(),
            second: self.roster.people[self.crew.second].no.clone(),
            closed,
            planted: Vec::new(),
            acts,
        }
    }

    /// Adds a member of staff; gives his organ.
    fn staff(&self, actors: &mut Vec<Actor>, at: usize, role: &str) -> OrganCode {
        let person = &self.roster.people[at];
        actors.push(Actor {
            no: person.no.clone(),
            role: role_id(role),
        });
        person.organ.clone()
    }

    /// Adds those whom a case sends for a role; gives the organ in whose name they act, if it is one of ours.
    fn send(
        &mut self,
        actors: &mut Vec<Actor>,
        role: &str,
        least: usize,
        pair: Option<Pair>,
    ) -> Option<OrganCode> {
        match role {
            "R_OFFICER" => {
                let (first, second) = pair.unwrap_or((self.crew.lead, self.crew.second));
                let organ = self.staff(actors, first, role);
                if least > 1 {
                    self.staff(actors, second, role);
                }
                Some(organ)
            }
            "R_PROC" | "R_LAWYER" => {
                let at = if role == "R_PROC" {
                    self.crew.prosecutor
                } else {
                    self.crew.lawyer
                };
                self.outsider(actors, at, role);
                None
            }
            _ => {
                let first = self.serving(role);
                let organ = self.staff(actors, first, role);
                for _ in 1..least {
                    let mut next = self.serving(role);
                    while next == first {
                        next = self.serving(role);
                    }
                    self.staff(actors, next, role);
                }
                Some(organ)
            }
        }
    }

    /// Adds somebody who is not of the police.
    pub(super) fn outsider(&self, actors: &mut Vec<Actor>, at: usize, role: &str) {
        actors.push(Actor {
            no: self.roster.outsiders[at].no.clone(),
            role: role_id(role),
        });
    }

    /// Somebody who serves in a role for this case. Those with a choice are chosen anew each time, but the reviewer
    /// and the custodian mostly stay with the case.
    fn serving(&mut self, role: &str) -> usize {
        let deputy =
            self.district.deputies[usize::from(self.procedure == Procedure::Administrative)];
        match role {
            "R_OPERATOR" => *self.rng.pick(&self.unit.operators),
            "R_DEPT_HEAD" => self.unit.head,
            "R_UNIT_LEGAL" => self.unit.reviewer,
            "R_LEGAL" if self.rng.percent(90) => self.crew.reviewer,
            "R_LEGAL" => *self.rng.pick(&self.district.legal),
            "R_CASE_MGR" => *self.rng.pick(&self.district.managers),
            "R_AREA_MGR" => *self.rng.pick(&self.district.area),
            "R_AV_ADMIN" => self.district.recordings,
            "R_PROPERTY" if self.rng.percent(90) => self.crew.custodian,
            "R_PROPERTY" => *self.rng.pick(&self.district.property),
            "R_DEPOSIT" => self.district.deposits,
            "R_COUNTY_CHIEF" => self.district.chief,
            "R_CITY_LEADER" | "R_UPPER_ORG" => *self.rng.pick(&self.roster.city.leaders),
            "R_APPRAISER" => *self.rng.pick(&self.roster.city.appraisers),
            "R_DETENTION" if self.procedure == Procedure::Administrative => {
                *self.rng.pick(&self.roster.city.lockup)
            }
            "R_DETENTION" => *self.rng.pick(&self.roster.city.custody),
            "R_INSPECT" => *self.rng.pick(&self.roster.city.inspectors),
            "R_COUNTY_LEADER" | "R_ORGAN_LEADER" => deputy,
            _ => panic!("nobody of the roster serves as {role}"),
        }
    }
}

fn role_id(role: &str) -> RoleId {
    RoleId::new(role).expect("roles are those of the catalogue")
}

fn thing(object_type: &str, id: &str, qualifier: Option<&str>, name: &str) -> Thing {
    Thing {
        object_type: ObjectType::new(object_type).expect("types are those of the catalogue"),
        id: id.to_owned(),
        qualifier: qualifier.map(|q| Qualifier::new(q).expect("parts are written here")),
        name: name.to_owned(),
    }
}

/// Whether these acts end a case.
pub(super) fn closed(acts: &[Act]) -> bool {
    let ends = [
        "file.archive",
        "int.duplicate",
        "int.redirect",
        "int.transfer_jur",
        "ad.not_violation",
    ];
    acts.iter().any(|a| ends.contains(&a.activity.as_str()))
}
