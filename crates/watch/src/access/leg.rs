//! Whether one leg of a path holds at the moment of a look. Not which path is shortest: that is `judge`.

use law::{Leg, Relation};

use super::{Case, DAY, Found, Look, Person, Post, Rules, Step, Tie, Tried};

/// A leg that holds.
pub(super) struct Held {
    pub(super) found: Found,
    pub(super) late: bool,
}

/// One look before one template.
pub(super) struct Ask<'a, P> {
    pub(super) rules: &'a Rules<'a>,
    pub(super) look: &'a Look,
    pub(super) person: &'a Person<P>,
    pub(super) case: &'a Case<P>,
}

impl<P: PartialEq> Ask<'_, P> {
    /// A path of one leg. `Err(true)`: it held once.
    pub(super) fn alone(&self, leg: &Leg) -> Result<Held, bool> {
        match leg.relation {
            Relation::Acted => self.acted(leg, &self.case.steps),
            Relation::Related => self.related(leg),
            Relation::Own => self.own(),
            _ => Err(false),
        }
    }

    /// A path of two legs.
    pub(super) fn joined(&self, first: &Leg, second: &Leg) -> Tried {
        if second.relation == Relation::Linked {
            return self.linked(first);
        }
        let mut expired = false;
        let mut held_one = false;
        let mut tried: Option<(bool, Vec<Found>)> = None;
        for post in &self.person.posts {
            if !first.roles.iter().any(|r| **r == *post.role) {
                continue;
            }
            let ended = post.until.is_some_and(|t| t <= self.look.at)
                || first
                    .days
                    .is_some_and(|d| self.look.at - post.since > i64::from(d) * DAY);
            if post.since > self.look.at {
                continue;
            }
            if ended {
                expired = true;
                continue;
            }
            held_one = true;
            if let Some(held) = self.of_organ(post, second) {
                let better = tried.as_ref().is_none_or(|(late, _)| *late && !held.late);
                if better {
                    let holds = Found {
                        relation: Relation::Holds,
                        position: post.position,
                    };
                    tried = Some((held.late, vec![holds, held.found]));
                }
            }
        }
        match tried {
            Some((late, path)) => Tried::Holds { late, path },
            None if held_one => Tried::Missing {
                leg: 1,
                expired: false,
            },
            None => Tried::Missing { leg: 0, expired },
        }
    }

    /// Whether a step counts, and whether it was recorded behind the look.
    fn known(&self, step: &Step<P>) -> Option<bool> {
        if step.claimed > self.look.at {
            return None;
        }
        let late = step.position > self.look.position;
        let limit = i64::from(self.rules.explanations.late_days) * DAY;
        (!late || step.recorded - self.look.at <= limit).then_some(late)
    }

    fn is_access(&self, step: &Step<P>) -> bool {
        let accesses = &self.rules.explanations.accesses;
        accesses.iter().any(|a| **a == *step.activity)
    }

    /// The last end of the case before the look.
    fn closed(&self, steps: &[Step<P>]) -> Option<i64> {
        let closing = &self.rules.explanations.closing;
        let ends = |s: &&Step<P>| closing.iter().any(|a| **a == *s.activity);
        let before = steps.iter().filter(|s| self.known(s).is_some());
        before.filter(ends).map(|s| s.claimed).max()
    }

    fn acted(&self, leg: &Leg, steps: &[Step<P>]) -> Result<Held, bool> {
        let mut last: Option<(bool, &Step<P>)> = None;
        for step in steps {
            let by_him = step.actors.iter().any(|(p, role)| {
                *p == self.person.id
                    && (leg.roles.is_empty() || leg.roles.iter().any(|r| **r == **role))
            });
            if !by_him || !fits(&leg.activities, &step.activity) || self.is_access(step) {
                continue;
            }
            let Some(late) = self.known(step) else {
                continue;
            };
            // On time before late, then the newest.
            if last.is_none_or(|(l, s)| (late, -step.claimed) < (l, -s.claimed)) {
                last = Some((late, step));
            }
        }
        let (late, step) = last.ok_or(false)?;
        let from = match leg.while_open {
            true => self.closed(steps).map(|t| t.max(step.claimed)),
            false => Some(step.claimed),
        };
        let over = from
            .zip(leg.days)
            .is_some_and(|(from, days)| self.look.at - from > i64::from(days) * DAY);
        if over {
            return Err(true);
        }
        Ok(held(Relation::Acted, step, late))
    }

    fn related(&self, leg: &Leg) -> Result<Held, bool> {
        let mut expired = false;
        let mut best: Option<Held> = None;
        for step in &self.case.steps {
            let Some(tie) = &step.tie else { continue };
            let about_him = tie.person.as_ref() == Some(&self.person.id)
                && leg.kinds.iter().any(|k| **k == *tie.kind);
            if !about_him {
                continue;
            }
            let Some(late) = self.known(step) else {
                continue;
            };
            if tie.until.is_some_and(|t| t <= self.look.at) {
                expired = true;
            } else if best.as_ref().is_none_or(|b| b.late && !late) {
                best = Some(held(Relation::Related, step, late));
            }
        }
        best.ok_or(expired)
    }

    fn own(&self) -> Result<Held, bool> {
        let only = self.look.only.ok_or(false)?;
        let mut steps = self.case.steps.iter();
        let step = steps.find(|s| s.position == only).ok_or(false)?;
        let his = step.actors.iter().any(|(p, _)| *p == self.person.id);
        let late = self.known(step).filter(|_| his && !self.is_access(step));
        Ok(held(Relation::Own, step, late.ok_or(false)?))
    }

    fn linked(&self, first: &Leg) -> Tried {
        let mut missing = Tried::Missing {
            leg: 0,
            expired: false,
        };
        for (decision, steps) in &self.case.linked {
            let Some(decision) = self.case.steps.get(*decision) else {
                continue;
            };
            let over = |tie: &Tie<P>| tie.until.is_some_and(|t| t <= self.look.at);
            if decision.tie.as_ref().is_some_and(over) {
                missing = Tried::Missing {
                    leg: 1,
                    expired: true,
                };
                continue;
            }
            match self.acted(first, steps) {
                Ok(acted) => match self.known(decision) {
                    Some(late) => {
                        let linked = held(Relation::Linked, decision, late);
                        return Tried::Holds {
                            late: acted.late || late,
                            path: vec![acted.found, linked.found],
                        };
                    }
                    None => {
                        missing = Tried::Missing {
                            leg: 1,
                            expired: false,
                        };
                    }
                },
                Err(expired) => missing = Tried::Missing { leg: 0, expired },
            }
        }
        missing
    }

    /// The second leg, from an organ to the case.
    fn of_organ(&self, post: &Post, leg: &Leg) -> Option<Held> {
        let recent = |step: &Step<P>| {
            leg.days
                .is_none_or(|d| self.look.at - step.claimed <= i64::from(d) * DAY)
        };
        let handles = || {
            let by = |s: &&Step<P>| self.handles(s) && self.reaches(&post.organ, &s.organ, leg);
            self.first(self.case.steps.iter().filter(by))
        };
        let named = |s: &&Step<P>| fits(&leg.activities, &s.activity) && recent(s);
        match leg.relation {
            Relation::Handles => {
                let (step, late) = handles()?;
                Some(held(Relation::Handles, step, late))
            }
            Relation::Received => {
                let sent = |s: &&Step<P>| {
                    named(s) && s.to.iter().any(|o| self.reaches(&post.organ, o, leg))
                };
                let (step, late) = self.first(self.case.steps.iter().filter(sent))?;
                Some(held(Relation::Received, step, late))
            }
            Relation::Gave => {
                let sent = |s: &&Step<P>| named(s) && self.reaches(&post.organ, &s.organ, leg);
                let (step, late) = self.first(self.case.steps.iter().filter(sent))?;
                Some(held(Relation::Gave, step, late))
            }
            Relation::Pending => {
                let waits = |s: &&Step<P>| {
                    recent(s)
                        && self.waits(s, &leg.roles)
                        && self.reaches(&post.organ, &s.organ, leg)
                };
                let (step, late) = self.first(self.case.steps.iter().filter(waits))?;
                Some(held(Relation::Pending, step, late))
            }
            Relation::Called => {
                let (step, late) = self.first(self.case.steps.iter().filter(named))?;
                let (_, late_too) = handles()?;
                Some(held(Relation::Called, step, late || late_too))
            }
            _ => None,
        }
    }

    /// The first step that counts, on time before late.
    fn first<'s>(&self, steps: impl Iterator<Item = &'s Step<P>>) -> Option<(&'s Step<P>, bool)>
    where
        P: 's,
    {
        let mut late_one = None;
        for step in steps {
            match self.known(step) {
                Some(false) => return Some((step, false)),
                Some(true) if late_one.is_none() => late_one = Some((step, true)),
                _ => {}
            }
        }
        late_one
    }

    fn handles(&self, step: &Step<P>) -> bool {
        let handling = &self.rules.explanations.handling;
        let in_role = |(_, role): &(P, Box<str>)| handling.iter().any(|h| **h == **role);
        step.actors.iter().any(in_role) && !self.is_access(step)
    }

    /// Whether a step wants the approval of one of the roles, and nobody of those who could has given it.
    fn waits(&self, step: &Step<P>, roles: &[String]) -> bool {
        if !step.awaits.is_empty() {
            return (step.awaits.iter()).any(|r| roles.iter().any(|x| **x == **r));
        }
        let Some(def) = self.rules.catalogue.activity(&step.activity) else {
            return false;
        };
        let wanted = (def.approver_roles.iter()).any(|r| roles.iter().any(|x| x == r.as_str()));
        let given =
            |(_, role): &(P, Box<str>)| def.approver_roles.iter().any(|r| r.as_str() == &**role);
        wanted && !step.actors.iter().any(given)
    }

    /// Whether an organ is within reach of another: some levels up, then some down.
    fn reaches(&self, from: &str, organ: &str, leg: &Leg) -> bool {
        let up = self.line(from, leg.up);
        let down = self.line(organ, leg.down);
        up.iter().any(|a| down.contains(a))
    }

    /// An organ and those above it, at most so many levels.
    fn line(&self, organ: &str, levels: u32) -> Vec<Box<str>> {
        let mut line: Vec<Box<str>> = vec![organ.into()];
        for _ in 0..levels {
            match self.rules.organs.above(&line[line.len() - 1]) {
                Some(above) if !line.contains(&above) => line.push(above),
                _ => break,
            }
        }
        line
    }
}

fn held<P>(relation: Relation, step: &Step<P>, late: bool) -> Held {
    Held {
        found: Found {
            relation,
            position: Some(step.position),
        },
        late,
    }
}

/// Whether an activity is one of these, or begins like one that ends in `.`; any where there are none.
fn fits(activities: &[String], activity: &str) -> bool {
    activities.is_empty()
        || activities.iter().any(|a| match a.ends_with('.') {
            true => activity.starts_with(a.as_str()),
            false => *activity == **a,
        })
}
