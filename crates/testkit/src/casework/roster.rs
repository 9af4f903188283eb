//! The roster (机关、人员、角色): a made-up city bureau with four districts, their units, and who serves where.

use model::{Micros, OrganCode, RoleId};

use super::moment::{DAY, Moment};
use super::names;
use super::rng::Rng;

/// Organs as a tree, and their people.
#[derive(Clone, Debug, PartialEq)]
pub struct Roster {
    /// Organs, superiors before inferiors; the first is the city bureau.
    pub organs: Vec<Organ>,
    /// Everybody who serves in them.
    pub people: Vec<Person>,
    /// People of other bodies, or of none, who act in cases: prosecutors, lawyers, attesting witnesses, guardians. Not on
    /// the organs' tree.
    pub outsiders: Vec<Outsider>,
    pub(super) districts: Vec<District>,
    pub(super) city: City,
}

/// An organ or unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organ {
    /// Code.
    pub code: OrganCode,
    /// Full Chinese name.
    pub name: String,
    /// Short Chinese name, below its parent.
    pub short: String,
    /// The organ above it; `None` for the city bureau.
    pub parent: Option<OrganCode>,
}

/// Somebody who serves in an organ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Number (警号): six digits, unique.
    pub no: String,
    /// Name, made up.
    pub name: String,
    /// Post, Chinese.
    pub post: &'static str,
    /// Where.
    pub organ: OrganCode,
    /// Roles in the software (pack `node`).
    pub roles: Vec<RoleId>,
    /// Roles in casework (pack `casework`).
    pub duties: Vec<RoleId>,
    /// Since when in these roles.
    pub since: Micros,
}

/// Somebody of another body who acts in cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outsider {
    /// Number, with a letter before it; unique, also against [`Person::no`].
    pub no: String,
    /// Name, made up.
    pub name: String,
    /// Name of his body.
    pub body: String,
    /// Role in casework (pack `casework`).
    pub duty: RoleId,
}

/// Positions in [`Roster::people`] (or outsiders) of those whom a case of a district needs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct District {
    pub(super) short: String,
    pub(super) chief: usize,
    /// Deputy for criminal, deputy for public-security cases.
    pub(super) deputies: [usize; 2],
    pub(super) legal: Vec<usize>,
    pub(super) managers: Vec<usize>,
    pub(super) area: Vec<usize>,
    pub(super) recordings: usize,
    pub(super) property: Vec<usize>,
    pub(super) deposits: usize,
    pub(super) units: Vec<Unit>,
    pub(super) prosecutors: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unit {
    pub(super) organ: usize,
    pub(super) head: usize,
    pub(super) officers: Vec<usize>,
    pub(super) operators: Vec<usize>,
    pub(super) reviewer: usize,
    pub(super) kind: UnitKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitKind {
    Criminal,
    PublicSecurity,
    Station,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct City {
    pub(super) leaders: Vec<usize>,
    pub(super) appraisers: Vec<usize>,
    pub(super) custody: Vec<usize>,
    pub(super) lockup: Vec<usize>,
    pub(super) inspectors: Vec<usize>,
    pub(super) lawyers: Vec<usize>,
    /// People of the neighbourhood who attest (见证人).
    pub(super) residents: Vec<usize>,
    /// Parents and other adults who sit with a minor.
    pub(super) guardians: Vec<usize>,
    /// Officers of offices that handle no cases: people who ask.
    pub(super) others: Vec<usize>,
}

impl Roster {
    /// The person of that number.
    pub fn person(&self, no: &str) -> Option<&Person> {
        // Numbers are given in the order of the list.
        let at = no.parse::<usize>().ok()?.checked_sub(FIRST_NO)?;
        self.people.get(at)
    }

    /// The name behind a number, of a person or an outsider.
    pub fn name(&self, no: &str) -> Option<&str> {
        match self.person(no) {
            Some(person) => Some(&person.name),
            None => (self.outsiders.iter().find(|o| o.no == no)).map(|o| o.name.as_str()),
        }
    }

    /// The organ of that code.
    pub fn organ(&self, code: &OrganCode) -> Option<&Organ> {
        self.organs.iter().find(|o| o.code == *code)
    }

    pub(super) fn build(seed: u64, from: Moment) -> Self {
        let mut b = Builder {
            rng: Rng::new(seed, u64::MAX),
            roster: Self {
                organs: Vec::new(),
                people: Vec::new(),
                outsiders: Vec::new(),
                districts: Vec::new(),
                city: City::default(),
            },
            since: from.day_start().plus(-30 * DAY).micros(),
        };
        b.city();
        for (n, (code, short)) in DISTRICTS.iter().enumerate() {
            b.district(n, code, short);
        }
        b.outsiders();
        b.roster
    }
}

const FIRST_NO: usize = 330_101;
const CITY: &str = "A330100";
const DISTRICTS: [(&str, &str); 4] = [
    ("A330102", "乙区分局"),
    ("A330103", "丙区分局"),
    ("A330104", "丁区分局"),
    ("A330122", "戊县公安局"),
];

struct Builder {
    rng: Rng,
    roster: Roster,
    since: Micros,
}

fn role_ids(ids: &[&str]) -> Vec<RoleId> {
    let id = |id: &&str| RoleId::new(*id).expect("written here");
    ids.iter().map(id).collect()
}

impl Builder {
    fn organ(&mut self, code: &str, name: String, short: &str, parent: Option<&str>) -> usize {
        let typed = |c: &str| OrganCode::new(c).expect("written here");
        self.roster.organs.push(Organ {
            code: typed(code),
            name,
            short: short.to_owned(),
            parent: parent.map(typed),
        });
        self.roster.organs.len() - 1
    }

    fn person(
        &mut self,
        organ: usize,
        post: &'static str,
        roles: &[&str],
        duties: &[&str],
    ) -> usize {
        let at = self.roster.people.len();
        self.roster.people.push(Person {
            no: (FIRST_NO + at).to_string(),
            name: names::person(&mut self.rng),
            post,
            organ: self.roster.organs[organ].code.clone(),
            roles: role_ids(roles),
            duties: role_ids(duties),
            since: self.since,
        });
        at
    }

    fn people(
        &mut self,
        n: i64,
        organ: usize,
        post: &'static str,
        roles: &[&str],
        duties: &[&str],
    ) -> Vec<usize> {
        (0..n)
            .map(|_| self.person(organ, post, roles, duties))
            .collect()
    }

    fn outsider(&mut self, no: String, body: &str, duty: &str) -> usize {
        let name = names::person(&mut self.rng);
        self.roster.outsiders.push(Outsider {
            no,
            name,
            body: body.to_owned(),
            duty: RoleId::new(duty).expect("written here"),
        });
        self.roster.outsiders.len() - 1
    }

    fn city(&mut self) {
        let city = "甲市公安局";
        let bureau = self.organ(CITY, city.to_owned(), city, None);
        let chief = self.person(
            bureau,
            "局长",
            &["chief-leader"],
            &["R_COUNTY_CHIEF", "R_CITY_LEADER", "R_UPPER_ORG"],
        );
        let mut leaders = vec![chief];
        leaders.extend(self.people(
            3,
            bureau,
            "副局长",
            &["leader"],
            &["R_CITY_LEADER", "R_UPPER_ORG"],
        ));
        let unit = |b: &mut Self, code: &str, short: &str| {
            b.organ(
                &format!("{CITY}-{code}"),
                format!("{city}{short}"),
                short,
                Some(CITY),
            )
        };
        let legal = unit(self, "FZ", "法制支队");
        let inspect = unit(self, "DC", "警务督察支队");
        let discipline = unit(self, "JW", "纪检监察室");
        let personnel = unit(self, "ZZ", "政治部");
        let cyber = unit(self, "WA", "网络安全保卫支队");
        let science = unit(self, "KJ", "科技信息化支队");
        let lab = unit(self, "JD", "刑事科学技术研究所");
        let custody = unit(self, "KS", "看守所");
        let lockup = unit(self, "JL", "拘留所");
        let office = unit(self, "BG", "办公室");

        let mut others = vec![self.person(
            legal,
            "支队长",
            &["legal-reviewer", "unit-head"],
            &["R_LEGAL"],
        )];
        self.people(4, legal, "法制民警", &["legal-reviewer"], &["R_LEGAL"]);
        let mut inspectors =
            vec![self.person(inspect, "督察支队长", &["supervisor"], &["R_INSPECT"])];
        inspectors.extend(self.people(3, inspect, "督察民警", &["supervisor"], &["R_INSPECT"]));
        self.people(
            3,
            discipline,
            "纪检监察干部",
            &["supervisor"],
            &["R_DISCIPLINE"],
        );
        self.person(personnel, "保护专员", &["protector"], &[]);
        others.extend(self.people(2, personnel, "政工民警", &[], &[]));
        self.person(inspect, "执法检查组成员", &["inspector"], &[]);
        self.people(4, cyber, "网安民警", &["cyber-police"], &[]);
        self.people(2, science, "系统管理员", &["admin"], &[]);
        others.extend(self.people(4, office, "办公室民警", &[], &[]));
        let appraisers = self.people(8, lab, "鉴定人", &[], &["R_APPRAISER"]);
        let keepers = self.people(6, custody, "看守所民警", &[], &["R_DETENTION"]);
        let lock_keepers = self.people(4, lockup, "拘留所民警", &[], &["R_DETENTION"]);
        self.roster.city = City {
            leaders,
            appraisers,
            custody: keepers,
            lockup: lock_keepers,
            inspectors,
            others,
            ..City::default()
        };
    }

    fn district(&mut self, n: usize, code: &str, short: &str) {
        let name = if short.ends_with("公安局") {
            short.to_owned()
        } else {
            format!("甲市公安局{short}")
        };
        let bureau = self.organ(code, name.clone(), short, Some(CITY));
        let leader = ["R_COUNTY_LEADER", "R_ORGAN_LEADER"];
        let chief = self.person(
            bureau,
            "局长",
            &["chief-leader"],
            &["R_COUNTY_CHIEF", "R_COUNTY_LEADER", "R_ORGAN_LEADER"],
        );
        let deputies = [
            self.person(bureau, "副局长（分管刑侦）", &["leader"], &leader),
            self.person(bureau, "副局长（分管治安）", &["leader"], &leader),
        ];
        let unit = |b: &mut Self, suffix: &str, short: &str| {
            b.organ(
                &format!("{code}-{suffix}"),
                format!("{name}{short}"),
                short,
                Some(code),
            )
        };
        let legal_unit = unit(self, "FZ", "法制大队");
        let mut legal = vec![self.person(
            legal_unit,
            "法制大队长",
            &["legal-reviewer", "unit-head"],
            &["R_LEGAL"],
        )];
        legal.extend(self.people(4, legal_unit, "法制民警", &["legal-reviewer"], &["R_LEGAL"]));
        let centre = unit(self, "AG", "执法办案管理中心");
        let managers = self.people(3, centre, "案管民警", &[], &["R_CASE_MGR"]);
        let area = self.people(5, centre, "办案区管理员", &[], &["R_AREA_MGR"]);
        let recordings = self.person(centre, "录音录像管理员", &[], &["R_AV_ADMIN"]);
        let property = self.people(2, centre, "涉案财物管理员", &[], &["R_PROPERTY"]);
        let finance = unit(self, "CW", "警务保障室");
        let deposits = self.person(finance, "保证金管理员", &[], &["R_DEPOSIT"]);
        let watch = unit(self, "DC", "督察大队");
        let inspectors = self.people(2, watch, "督察民警", &["supervisor"], &["R_INSPECT"]);
        self.roster.city.inspectors.extend(inspectors);

        let mut units = vec![
            self.unit(
                &format!("{code}-XZ"),
                &format!("{name}刑事侦查大队"),
                "刑事侦查大队",
                code,
                UnitKind::Criminal,
            ),
            self.unit(
                &format!("{code}-ZA"),
                &format!("{name}治安管理大队"),
                "治安管理大队",
                code,
                UnitKind::PublicSecurity,
            ),
        ];
        for (k, station) in names::STATIONS[4 * n..4 * n + 4].iter().enumerate() {
            let short = format!("{station}派出所");
            units.push(self.unit(
                &format!("{code}-P{}", k + 1),
                &format!("{name}{short}"),
                &short,
                code,
                UnitKind::Station,
            ));
        }
        let body = format!(
            "{}人民检察院",
            short.replace("分局", "区").replace("公安局", "")
        );
        let prosecutors = (0..5)
            .map(|k| self.outsider(format!("J{n}{k:03}"), &body, "R_PROC"))
            .collect();
        self.roster.districts.push(District {
            short: short.to_owned(),
            chief,
            deputies,
            legal,
            managers,
            area,
            recordings,
            property,
            deposits,
            units,
            prosecutors,
        });
    }

    fn unit(&mut self, code: &str, name: &str, short: &str, parent: &str, kind: UnitKind) -> Unit {
        let organ = self.organ(code, name.to_owned(), short, Some(parent));
        let station = kind == UnitKind::Station;
        let post = if station {
            "派出所所长"
        } else {
            "大队长"
        };
        let head = self.person(organ, post, &["unit-head", "officer"], &["R_DEPT_HEAD"]);
        let officers = self.people(8, organ, "办案民警", &["officer"], &["R_OFFICER", "R_LEAD"]);
        let post = if station { "值班民警" } else { "接警员" };
        let operators = self.people(2, organ, post, &["officer"], &["R_OPERATOR"]);
        let reviewer = self.person(organ, "法制员", &["legal-reviewer"], &["R_UNIT_LEGAL"]);
        Unit {
            organ,
            head,
            officers,
            operators,
            reviewer,
            kind,
        }
    }

    fn outsiders(&mut self) {
        let mut some = |n: usize, letter: char, body: &str, duty: &str| -> Vec<usize> {
            (0..n)
                .map(|k| self.outsider(format!("{letter}{k:04}"), body, duty))
                .collect()
        };
        let lawyers = some(16, 'L', "甲市律师协会", "R_LAWYER");
        let residents = some(40, 'Z', "社区居民", "R_WITNESS");
        let guardians = some(40, 'G', "未成年人的法定代理人", "R_GUARDIAN");
        self.roster.city.lawyers = lawyers;
        self.roster.city.residents = residents;
        self.roster.city.guardians = guardians;
    }
}
