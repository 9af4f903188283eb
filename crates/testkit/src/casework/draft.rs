//! Tools that spoil a lawful case: take an act away, move it, change who did it or what it says. The table of what is planted
//! ([`super::PLANTS`]) is written in them. Each gives `None` where the case has nothing to spoil in that way.

use model::{Activity, Attr, Micros, RoleId, Value};

use super::act::{Act, Actor, Thing};
use super::moment::{DAY, HOUR, Moment};

/// A case that is being spoilt.
pub(super) struct Draft<'a> {
    pub(super) acts: Vec<Act>,
    pub(super) until: Moment,
    /// Head of the unit, by number.
    pub(super) head: &'a str,
    /// Lead officer, by number.
    pub(super) lead: &'a str,
}

/// The act that shows it: when, and what.
pub(super) type Mark = (Micros, Activity);

const LEADERS: [&str; 5] = [
    "R_COUNTY_LEADER",
    "R_ORGAN_LEADER",
    "R_COUNTY_CHIEF",
    "R_CITY_LEADER",
    "R_UPPER_ORG",
];

fn mark(act: &Act) -> Mark {
    (act.occurred, act.activity.clone())
}

fn named<'a>(act: &'a Act, object_type: &'static str) -> impl Iterator<Item = &'a Thing> {
    (act.objects.iter()).filter(move |o| o.object_type.as_str() == object_type)
}

/// Whether two acts are about the same person, or thing, if both name one.
fn same(a: &Act, b: &Act) -> bool {
    ["person", "item"].into_iter().all(|kind| {
        let (mut of_a, none) = (named(a, kind), named(b, kind).next().is_none());
        let some_a = named(a, kind).next().is_some();
        none || !some_a || of_a.any(|x| named(b, kind).any(|y| x.id == y.id))
    })
}

impl Draft<'_> {
    pub(super) fn find(&self, activity: &str) -> Option<usize> {
        (self.acts.iter()).position(|a| a.activity.as_str() == activity)
    }

    /// The first act of an activity of which something holds.
    pub(super) fn find_if(&self, activity: &str, holds: impl Fn(&Act) -> bool) -> Option<usize> {
        (self.acts.iter()).position(|a| a.activity.as_str() == activity && holds(a))
    }

    /// Whether the case has it.
    pub(super) fn has(&self, activity: &str) -> Option<()> {
        self.find(activity).map(drop)
    }

    /// Whether the case does not have it.
    pub(super) fn lacks(&self, activity: &str) -> Option<()> {
        self.find(activity).is_none().then_some(())
    }

    /// Whether an officer investigated in the case.
    pub(super) fn investigated(&self, no: &str) -> Option<()> {
        const STEPS: [&str; 6] = [
            "cr.interrogate",
            "cr.witness_interview",
            "cr.scene_exam",
            "cr.seize",
            "ad.question",
            "ad.scene_exam",
        ];
        let own = |a: &Act| {
            STEPS.contains(&a.activity.as_str())
                && (a.actors.iter()).any(|x| x.no == no && x.role.as_str() == "R_OFFICER")
        };
        self.acts.iter().any(own).then_some(())
    }

    /// Whether an act lies in 2026 or later.
    pub(super) fn since_2026(&self, activity: &str) -> Option<()> {
        let at = self.find(activity)?;
        (Moment::from_micros(self.acts[at].occurred).date().0 >= 2026).then_some(())
    }

    /// Whether some act says this.
    pub(super) fn says(&self, activity: &str, key: &str, value: &Value) -> Option<()> {
        let says = |a: &Act| a.attrs.iter().any(|x| x.key == key && x.value == *value);
        self.find_if(activity, says).map(drop)
    }

    fn known(&self, at: Micros, hours: i64) -> Option<Moment> {
        let moment = Moment::from_micros(at).plus(hours * HOUR);
        (moment <= self.until).then_some(moment)
    }

    /// What an act says is replaced, or said.
    pub(super) fn set(
        &mut self,
        activity: &str,
        key: &'static str,
        value: impl Into<Said>,
    ) -> Option<Mark> {
        let at = self.find(activity)?;
        Some(self.set_at(at, key, value))
    }

    pub(super) fn set_at(&mut self, at: usize, key: &'static str, value: impl Into<Said>) -> Mark {
        let act = &mut self.acts[at];
        act.attrs.retain(|a| a.key != key);
        act.attrs.push(Attr::new(key, value.into().0));
        mark(act)
    }

    /// An act does not say something any more.
    pub(super) fn unset(&mut self, activity: &str, key: &str) -> Option<Mark> {
        let at = self.find(activity)?;
        self.acts[at].attrs.retain(|a| a.key != key);
        Some(mark(&self.acts[at]))
    }

    /// What has to follow an act, about the same person or thing, never does, and the time for it (so many hours) is over.
    pub(super) fn without(&mut self, anchor: &str, gone: &[&str], hours: i64) -> Option<Mark> {
        let at = self.find(anchor)?;
        self.known(self.acts[at].occurred, hours)?;
        let first = self.acts[at].clone();
        let concerned = |a: &Act| {
            gone.contains(&a.activity.as_str()) && a.occurred > first.occurred && same(a, &first)
        };
        if !self.acts.iter().any(concerned) {
            return None;
        }
        self.acts.retain(|a| !concerned(a));
        Some(mark(&first))
    }

    /// Every act of an activity is gone; what it should have come before shows it.
    pub(super) fn never(&mut self, gone: &[&str], shows: &str) -> Option<Mark> {
        let at = self.find(shows)?;
        let shown = mark(&self.acts[at]);
        let before = self.acts.len();
        self.acts.retain(|a| !gone.contains(&a.activity.as_str()));
        (self.acts.len() < before).then_some(shown)
    }

    /// The next act of an activity about the same person or thing comes so many hours after another.
    pub(super) fn late(&mut self, anchor: &str, late: &str, hours: i64) -> Option<Mark> {
        let at = self.find(anchor)?;
        let first = self.acts[at].clone();
        let to = self.known(first.occurred, hours + 1)?.plus(-HOUR);
        let (after, moved) = (self.acts.iter().enumerate()).find(|(_, a)| {
            a.activity.as_str() == late && a.occurred > first.occurred && same(a, &first)
        })?;
        let delay = moved.recorded.seconds() - moved.occurred.seconds();
        let length = moved.ended.map(|e| e.seconds() - moved.occurred.seconds());
        let act = &mut self.acts[after];
        act.occurred = to.micros();
        act.recorded = to.plus(delay).min(self.until).micros();
        act.ended = length.map(|l| to.plus(l).micros());
        let mark = mark(act);
        self.sort();
        Some(mark)
    }

    /// Nothing more happens after an act and what has to follow at once.
    pub(super) fn cut(&mut self, after: &str, keep: &[&str], hours: i64) -> Option<Mark> {
        let at = self.find(after)?;
        let last = self.acts[at].clone();
        self.known(last.occurred, hours)?;
        self.acts
            .retain(|a| a.occurred <= last.occurred || keep.contains(&a.activity.as_str()));
        Some(mark(&last))
    }

    /// Everything from an act on happens so many days later; whole weeks keep the days of the week.
    pub(super) fn hold(&mut self, from: &str, weeks: i64) -> Option<Mark> {
        let at = self.find(from)?;
        let start = self.acts[at].occurred;
        self.known(start, weeks * 7 * 24)?;
        let later = |t: Micros| Moment::from_micros(t).plus(weeks * 7 * DAY);
        for act in self.acts.iter_mut().filter(|a| a.occurred >= start) {
            act.occurred = later(act.occurred).micros();
            act.recorded = later(act.recorded).min(self.until).micros();
            act.ended = act.ended.map(|e| later(e).micros());
        }
        let until = self.until.micros();
        self.acts.retain(|a| a.occurred <= until);
        (self.acts.iter())
            .find(|a| a.activity.as_str() == from)
            .map(mark)
    }

    /// One officer instead of two.
    pub(super) fn lone(&mut self, activity: &str) -> Option<Mark> {
        let at = self.find(activity)?;
        let act = &mut self.acts[at];
        let second = (act.actors.iter()).rposition(|a| a.role.as_str() == "R_OFFICER")?;
        act.actors.remove(second);
        act.actors
            .iter()
            .any(|a| a.role.as_str() == "R_OFFICER")
            .then(|| mark(act))
    }

    /// Approved by the head of the unit instead of a leader.
    pub(super) fn below_rank(&mut self, activity: &str) -> Option<Mark> {
        let at = self.find(activity)?;
        let head = self.actor(self.head, "R_DEPT_HEAD");
        let act = &mut self.acts[at];
        let leader = (act.actors.iter()).position(|a| LEADERS.contains(&a.role.as_str()))?;
        act.actors[leader] = head;
        Some(mark(act))
    }

    /// Nobody in this role takes part.
    pub(super) fn nobody(&mut self, activity: &str, role: &str) -> Option<Mark> {
        let at = self.find(activity)?;
        let act = &mut self.acts[at];
        act.actors.retain(|a| a.role.as_str() != role);
        (!act.actors.is_empty()).then(|| mark(act))
    }

    /// The lead officer does it himself, in a role that is not his.
    pub(super) fn own(&mut self, activity: &str, role: &str) -> Option<Mark> {
        let at = self.find(activity)?;
        let lead = self.actor(self.lead, role);
        let act = &mut self.acts[at];
        let place = (act.actors.iter()).position(|a| a.role.as_str() == role)?;
        act.actors[place] = lead;
        Some(mark(act))
    }

    pub(super) fn actor(&self, no: &str, role: &str) -> Actor {
        Actor {
            no: no.to_owned(),
            role: RoleId::new(role).expect("written in the table"),
        }
    }

    /// An act that should not be: some minutes after another, by the same people, about the same things.
    pub(super) fn insert(&mut self, after: &str, activity: &str, minutes: i64) -> Option<usize> {
        let at = self.find(after)?;
        let mut act = self.acts[at].clone();
        let to = Moment::from_micros(act.occurred).plus(60 * minutes);
        if to > self.until {
            return None;
        }
        act.activity = Activity::new(activity).expect("written in the table");
        act.occurred = to.micros();
        act.recorded = to.plus(90).min(self.until).micros();
        act.ended = None;
        act.attrs.clear();
        act.words = None;
        self.acts.push(act);
        Some(self.acts.len() - 1)
    }

    pub(super) fn mark(&self, at: usize) -> Mark {
        mark(&self.acts[at])
    }

    pub(super) fn sort(&mut self) {
        self.acts.sort_by_key(|a| a.occurred);
    }
}

/// A value, from what the table writes.
pub(super) struct Said(Value);

impl From<bool> for Said {
    fn from(b: bool) -> Self {
        Self(Value::Bool(b))
    }
}

impl From<i64> for Said {
    fn from(n: i64) -> Self {
        Self(Value::Int(n))
    }
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        Self(Value::String(text.to_owned()))
    }
}
