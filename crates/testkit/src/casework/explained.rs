//! Looks at generated cases before the explanations of a look: how many of the legitimate ones are explained, and how many of
//! those without a reason are found.
//!
//! For tests and benchmarks. Both sides are ours, cases and templates: the figures show exactness, *not* how much misuse
//! would be found; no real access log of this kind is public.

use std::collections::{BTreeMap, HashMap};

use law::{Catalogue, Explanations};
use watch::access::{
    Case as Facts, Class, Look, Organs, Person, Post, Rules, Step, Tie, Verdict, judge,
};

use super::looks::Registered;
use super::roster::Organ;
use super::{Case, Generator, Roster};

/// What became of the looks.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// Legitimate looks: explained, and not.
    pub legitimate: [usize; 2],
    /// Planted looks: found unexplained, and explained all the same.
    pub planted: [usize; 2],
    /// By kind of look and whether it was planted: explained, unexplained.
    pub kinds: BTreeMap<(bool, &'static str), [usize; 2]>,
    /// Explanations that name no entry of the case: there must be none.
    pub unproved: usize,
}

impl Looked {
    /// Explained of the legitimate looks, 0 to 1.
    pub fn explained(&self) -> f64 {
        share(self.legitimate)
    }

    /// Found of the planted looks, 0 to 1.
    pub fn found(&self) -> f64 {
        share(self.planted)
    }

    /// Looks in all.
    pub fn all(&self) -> usize {
        self.legitimate.iter().chain(&self.planted).sum()
    }

    /// Adds another measurement.
    pub fn add(&mut self, other: &Self) {
        for n in 0..2 {
            self.legitimate[n] += other.legitimate[n];
            self.planted[n] += other.planted[n];
        }
        for (kind, counts) in &other.kinds {
            let sum = self.kinds.entry(*kind).or_default();
            sum[0] += counts[0];
            sum[1] += counts[1];
        }
        self.unproved += other.unproved;
    }
}

fn share([part, rest]: [usize; 2]) -> f64 {
    if part + rest == 0 {
        return 1.0;
    }
    part as f64 / (part + rest) as f64
}

struct Tree(HashMap<String, Box<str>>);

impl Organs for Tree {
    fn above(&self, organ: &str) -> Option<Box<str>> {
        self.0.get(organ).cloned()
    }
}

fn facts(case: &Case, ties: &[&Registered]) -> Facts<String> {
    let act = |a: &super::Act| Step {
        position: a.recorded.get() as u64,
        activity: a.activity.as_str().into(),
        claimed: a.occurred.get(),
        recorded: a.recorded.get(),
        organ: a.organ.as_str().into(),
        to: Vec::new(),
        actors: (a.actors.iter())
            .map(|x| (x.no.clone(), x.role.as_str().into()))
            .collect(),
        awaits: Vec::new(),
        tie: None,
    };
    let tie = |t: &&Registered| Step {
        position: t.recorded.get() as u64,
        activity: "lh.assign".into(),
        claimed: t.from.get(),
        recorded: t.recorded.get(),
        organ: case.organ.as_str().into(),
        to: Vec::new(),
        actors: Vec::new(),
        awaits: Vec::new(),
        tie: Some(Tie {
            kind: t.kind.into(),
            person: Some(t.who.clone()),
            until: Some(t.until.get()),
        }),
    };
    Facts {
        steps: case
            .acts
            .iter()
            .map(act)
            .chain(ties.iter().map(tie))
            .collect(),
        linked: Vec::new(),
    }
}

fn person(roster: &Roster, no: &str) -> Person<String> {
    let known = roster.person(no).expect("somebody of the roster");
    let post = |role: &model::RoleId| Post {
        role: role.as_str().into(),
        // An inspector's mandate is over the bureau, wherever he sits.
        organ: match role.as_str() {
            "inspector" => roster.organs[0].code.as_str().into(),
            _ => known.organ.as_str().into(),
        },
        since: known.since.get(),
        until: None,
        position: None,
    };
    Person {
        id: no.to_owned(),
        posts: known.roles.iter().map(post).collect(),
    }
}

/// Asks of every look at these cases whether something explains it.
pub fn looked(generator: &Generator, cases: &[Case]) -> Looked {
    let (looks, ties) = generator.looks(cases);
    let roster = generator.roster();
    let above = |o: &Organ| Some((o.code.to_string(), o.parent.as_ref()?.as_str().into()));
    let tree = Tree(roster.organs.iter().filter_map(above).collect());
    let rules = Rules {
        explanations: Explanations::shipped(),
        catalogue: Catalogue::shipped(),
        organs: &tree,
    };
    let mut of_case: HashMap<usize, Vec<&Registered>> = HashMap::new();
    for tie in &ties {
        of_case.entry(tie.case).or_default().push(tie);
    }
    let mut known: HashMap<usize, Facts<String>> = HashMap::new();
    let mut out = Looked::default();
    for look in &looks {
        let case = known.entry(look.case).or_insert_with(|| {
            let ties = of_case.get(&look.case).map_or(&[][..], Vec::as_slice);
            facts(&cases[look.case], ties)
        });
        let asked = Look {
            at: look.at.get(),
            position: look.at.get() as u64,
            only: None,
        };
        let verdict = judge(&rules, &asked, &person(roster, &look.who), case);
        let unexplained = verdict.class() == Class::Unexplained;
        if let Verdict::Holds { path, .. } = &verdict
            && path.iter().all(|f| f.position.is_none())
        {
            out.unproved += 1;
        }
        let kind = out.kinds.entry((look.planted, look.kind)).or_default();
        kind[usize::from(unexplained)] += 1;
        if look.planted {
            out.planted[usize::from(!unexplained)] += 1;
        } else {
            out.legitimate[usize::from(unexplained)] += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legitimate_looks_are_explained_and_planted_ones_found() {
        let until = "2026-11-23T00:00:00Z".parse().expect("a time");
        let generator = Generator::new(7, until);
        let cases: Vec<Case> = generator.cases(2_500).collect();
        let looked = looked(&generator, &cases);
        for ((planted, kind), [explained, unexplained]) in &looked.kinds {
            println!("planted={planted} {kind}: {explained} explained, {unexplained} unexplained");
        }
        let ([explained, missed], [found, unfound]) = (looked.legitimate, looked.planted);
        assert!(explained > 5_000 && found > 300, "enough to say anything");
        assert!(looked.explained() >= 0.99, "{looked:?}");
        assert!(looked.found() >= 0.95, "{looked:?}");
        assert!(missed > 0 && unfound > 0, "the test would show a miss");
        assert_eq!(looked.unproved, 0, "an explanation names its entry");
    }
}
