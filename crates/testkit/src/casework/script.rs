//! The pen that writes one case: it knows the time, who serves where, and what the catalogue says about who acts and who
//! approves. The paths ([`super::criminal`], [`super::administrative`]) say what happens; this says how it is put down.

use law::Catalogue;
use model::{Activity, Attr, ObjectType, OrganCode, Qualifier, RoleId, Value};

use super::act::{Act, Actor, Case, Planted, Procedure, Thing, Violation};
use super::moment::{HOUR, MINUTE, Moment};
use super::names;
use super::rng::Rng;
use super::roster::{District, Roster, Unit};

/// Somebody of the case: suspect, violator, victim, witness.
#[derive(Clone, Debug)]
pub(super) struct Party {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) part: &'static str,
    /// Under eighteen.
    pub(super) minor: bool,
}

/// A thing, paper or place of the case.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
}

/// What may differ from the catalogue's ordinary form of an act.
#[derive(Default)]
pub(super) struct Form {
    /// Fewer or more officers than the catalogue's least.
    pub(super) officers: Option<usize>,
    /// Approved by this role instead of the first that the catalogue names.
    pub(super) approver: Option<&'static str>,
    /// Not approved: the catalogue's approval is conditional and the condition does not hold.
    pub(super) unapproved: bool,
    /// Done by this person in this role, instead of whom the case's own rules would send.
    pub(super) by: Option<(usize, &'static str)>,
    pub(super) words: Option<String>,
    pub(super) attrs: Vec<Attr>,
    /// Entered so many seconds after it happened, instead of minutes.
    pub(super) delay: Option<i64>,
    pub(super) planted: Option<Violation>,
}

/// What an act concerns beside the case.
pub(super) enum On<'a> {
    Case,
    Party(&'a Party),
    Item(&'a Item),
    /// The first is the one whose trace it is.
    Both(&'a Party, &'a Item),
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
    /// The violation to plant, until it has been.
    pub(super) plant: Option<Violation>,
    pub(super) street: &'static str,
    until: Moment,
    no: String,
    title: String,
    acts: Vec<(Act, Option<Violation>)>,
    counters: [u32; 3],
    /// When the two officers sit with somebody.
    booked: Vec<(Moment, Moment)>,
}

impl<'r> Script<'r> {
    #[allow(
        clippy::too_many_arguments,
        reason = "one caller, and each is a plain fact of the case"
    )]
    pub(super) fn new(
        mut rng: Rng,
        roster: &'r Roster,
        district: &'r District,
        unit: &'r Unit,
        (start, until): (Moment, Moment),
        no: String,
        procedure: Procedure,
        nature: &'static str,
        plant: Option<Violation>,
    ) -> Self {
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
            plant,
            street,
            until,
            no,
            title,
            acts: Vec::with_capacity(64),
            counters: [0; 3],
            booked: Vec::new(),
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

    /// Goes on to office hours, if it is not.
    pub(super) fn office(&mut self) {
        let office = self.now.office();
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

    /// Waits until the two officers are free for a session of so many minutes, and books them (CR-027). Within the case
    /// only: about one session in a hundred still overlaps with one of another case.
    pub(super) fn session(&mut self, minutes: i64) {
        let length = minutes * MINUTE;
        while let Some((_, end)) = (self.booked.iter())
            .find(|(start, end)| self.now < *end && self.now.plus(length) > *start)
        {
            self.now = *end;
        }
        self.booked.push((self.now, self.now.plus(length)));
    }

    /// What goes on beside the main line: afterwards the time is what it was.
    pub(super) fn aside(&mut self, what: impl FnOnce(&mut Self)) {
        let now = self.now;
        what(self);
        self.now = now;
    }

    /// Whether this violation is to be planted; once.
    pub(super) fn plants(&mut self, violation: Violation) -> bool {
        let yes = self.plant == Some(violation);
        if yes {
            self.plant = None;
        }
        yes
    }

    pub(super) fn party(&mut self, part: &'static str) -> Party {
        let letter = match part {
            "suspect" | "violator" => 'X',
            "victim" => 'B',
            _ => 'Z',
        };
        self.counters[0] += 1;
        Party {
            id: format!("{}-{letter}{:02}", self.no, self.counters[0]),
            name: names::person(&mut self.rng),
            part,
            minor: matches!(part, "suspect" | "violator") && self.rng.percent(5),
        }
    }

    pub(super) fn item(&mut self, name: String) -> Item {
        self.counters[1] += 1;
        let id = format!("{}-W{:02}", self.no, self.counters[1]);
        Item {
            kind: "item",
            id,
            name,
        }
    }

    pub(super) fn file(&mut self, name: String) -> Item {
        self.counters[2] += 1;
        let id = format!("{}-J{:02}", self.no, self.counters[2]);
        Item {
            kind: "file",
            id,
            name,
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
        }
    }

    /// Puts down an act in its ordinary form.
    pub(super) fn act(&mut self, activity: &'static str, on: On<'_>) {
        self.act_as(activity, on, Form::default());
    }

    /// Puts down an act with some words.
    pub(super) fn say(&mut self, activity: &'static str, on: On<'_>, words: String) {
        self.act_as(
            activity,
            on,
            Form {
                words: Some(words),
                ..Form::default()
            },
        );
    }

    /// Puts down an act. It takes a moment, so no two acts of a case share their time.
    pub(super) fn act_as(&mut self, activity: &'static str, on: On<'_>, form: Form) {
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
            let least = usize::from(def.actor_min);
            organ = self.send(&mut actors, role.as_str(), form.officers.unwrap_or(least));
        }
        if !form.unapproved
            && let Some(role) = form
                .approver
                .or(def.approver_roles.first().map(RoleId::as_str))
        {
            let approver = self.serving(role);
            self.staff(&mut actors, approver, role);
        }
        let mut objects = Vec::with_capacity(3);
        objects.push(thing("case", &self.no, None, &self.title));
        let of_alert = |o: &ObjectType| o.as_str() == "alert";
        if activity.starts_with("int.") || def.object_type.as_ref().is_some_and(of_alert) {
            objects.push(thing("alert", &format!("{}-JQ", self.no), None, "警情"));
        }
        match on {
            On::Case => {}
            On::Party(p) => objects.push(thing("person", &p.id, Some(p.part), &p.name)),
            On::Item(i) => objects.push(thing(i.kind, &i.id, None, &i.name)),
            On::Both(p, i) => {
                objects.push(thing("person", &p.id, Some(p.part), &p.name));
                objects.push(thing(i.kind, &i.id, None, &i.name));
            }
        }
        let mut attrs = form.attrs;
        if let Some(document) = &def.document {
            attrs.push(Attr::text("document", document.as_str()));
        }
        let (delay, mut planted) = match form.delay {
            Some(delay) => (delay, form.planted),
            None => (self.rng.range(MINUTE, 45 * MINUTE), form.planted),
        };
        let mut delay = delay;
        // Any act of an officer can be entered late; the tenth or a later one makes it interesting.
        if self.plant == Some(Violation::BackDated)
            && self.acts.len() > 9
            && planted.is_none()
            && self.rng.percent(30)
        {
            self.plant = None;
            planted = Some(Violation::BackDated);
            delay = self.rng.range(9 * 24 * HOUR, 20 * 24 * HOUR);
        }
        self.acts.push((
            Act {
                occurred: occurred.micros(),
                recorded: occurred.plus(delay).micros(),
                activity: Activity::new(activity).expect("it is in the catalogue"),
                organ: organ.unwrap_or_else(|| self.roster.organs[self.unit.organ].code.clone()),
                actors,
                case_no: self.no.clone(),
                objects,
                attrs,
                words: form.words,
            },
            planted,
        ));
        self.minutes(1, 4);
    }

    /// Closes the book: acts by their time, cut where the generated time ends.
    pub(super) fn finish(mut self) -> Case {
        self.acts.sort_by_key(|(act, _)| act.occurred);
        let until = self.until.micros();
        // What was entered after the end is not known at the end, nor is what built on it.
        let known = (self.acts.iter()).position(|(act, _)| act.recorded > until);
        self.acts.truncate(known.unwrap_or(self.acts.len()));
        let planted = (self.acts.iter().enumerate())
            .filter_map(|(act, (_, planted))| planted.map(|violation| Planted { violation, act }))
            .collect();
        let acts: Vec<_> = self.acts.into_iter().map(|(act, _)| act).collect();
        let ends = [
            "file.archive",
            "int.duplicate",
            "int.redirect",
            "int.transfer_jur",
            "ad.not_violation",
        ];
        Case {
            no: self.no,
            title: self.title,
            procedure: self.began,
            nature: self.nature,
            organ: self.roster.organs[self.unit.organ].code.clone(),
            lead: self.roster.people[self.crew.lead].no.clone(),
            second: self.roster.people[self.crew.second].no.clone(),
            closed: acts.iter().any(|a| ends.contains(&a.activity.as_str())),
            planted,
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
    fn send(&mut self, actors: &mut Vec<Actor>, role: &str, least: usize) -> Option<OrganCode> {
        match role {
            "R_OFFICER" => {
                let organ = self.staff(actors, self.crew.lead, role);
                if least > 1 {
                    self.staff(actors, self.crew.second, role);
                }
                Some(organ)
            }
            "R_PROC" | "R_LAWYER" => {
                let at = if role == "R_PROC" {
                    self.crew.prosecutor
                } else {
                    self.crew.lawyer
                };
                let no = self.roster.outsiders[at].no.clone();
                actors.push(Actor {
                    no,
                    role: role_id(role),
                });
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

/// A whole-number attribute.
pub(super) fn number(key: &str, value: i64) -> Attr {
    Attr::new(key, Value::Int(value))
}
