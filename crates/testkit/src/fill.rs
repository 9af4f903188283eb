//! Pours a generated roster, its cases and its inquiries into a node, through the same use cases as everybody.
//!
//! Acts keep the time at which they are said to have happened; `recorded` is the node's, so all of them look late. The
//! demo says so.

use std::{collections::HashMap, sync::Arc};

use model::{Activity, Micros, OrganCode, Value};
use office::{
    ActorInput, CaseFilter, Error, EventInput, Export, Format, Inquiry, LineResult, NewGrant,
    NewPerson, NewReason, ObjectInput, Office, PageRequest, Selection, TableSummary, ValueInput,
    Viewer, Which, Who, may,
};

use crate::casework::{Act, Asker, Case, Generator};

/// Account of the case system that sends the acts.
pub const SYSTEM_ACCOUNT: &str = "case-system";
/// Acts of one request.
const AT_ONCE: usize = 4_000;

/// What was poured in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Organs, people and roles.
    pub roster: u64,
    /// Cases.
    pub cases: u64,
    /// Acts.
    pub acts: u64,
    /// Records of inquiries.
    pub inquiries: u64,
    /// Looks that have to be reviewed.
    pub looks: u64,
    /// Accounts made, for people who recorded: all with the password that was given.
    pub accounts: Vec<String>,
    /// The last entry written.
    pub last: u64,
}

/// Fills a node whose organ is the city bureau of the roster. `password` is that of the accounts that are made.
///
/// # Errors
/// Those of the office; [`Error::Internal`] if the node refuses something that was generated.
pub async fn fill(
    office: &Office,
    generator: &Generator,
    cases: usize,
    password: &str,
) -> Result<Filled, Error> {
    let mut filled = Filled {
        roster: roster(office, generator).await?,
        ..Filled::default()
    };
    let system = system(office, password).await?;
    filled.acts = acts(office, &system, generator, cases, &mut filled.last).await?;
    let all: Vec<Case> = generator.cases(cases).collect();
    filled.cases = all.len() as u64;
    inquiries(office, generator, &all, password, &mut filled).await?;
    office.caught_up_all().await?;
    looks(office, generator, &all, password, &mut filled).await?;
    office.caught_up_all().await?;
    Ok(filled)
}

fn refused(what: &str, detail: impl std::fmt::Debug) -> Error {
    Error::Internal(format!("the node refused generated {what}: {detail:?}"))
}

async fn roster(office: &Office, generator: &Generator) -> Result<u64, Error> {
    let console = office.console();
    let roster = generator.roster();
    let own = office.info().organ.clone();
    let mut organs = "code,name,parent\n".to_owned();
    for o in roster.organs.iter().filter(|o| o.code != own) {
        organs.push_str(&format!(
            "{},{},{}\n",
            o.code,
            o.name,
            o.parent
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        ));
    }
    let mut people = "number,name,organ,post\n".to_owned();
    let mut roles = "number,role,organ,from\n".to_owned();
    for p in &roster.people {
        people.push_str(&format!("{},{},{},{}\n", p.no, p.name, p.organ, p.post));
        let above = roster.organ(&p.organ).and_then(|o| o.parent.clone());
        for role in &p.roles {
            // Who oversees serves in a department, and oversees the bureau that the department belongs to.
            let on = match role.as_str() {
                "supervisor" | "inspector" | "protector" => above.as_ref().unwrap_or(&p.organ),
                _ => &p.organ,
            };
            roles.push_str(&format!("{},{role},{on},{}\n", p.no, p.since));
        }
    }
    let mut taken = 0;
    let mut count = |what: &str, s: TableSummary| {
        taken += s.taken;
        if s.rejects.is_empty() {
            Ok(())
        } else {
            Err(refused(what, s.rejects))
        }
    };
    count(
        "organs",
        office
            .import_organs(
                &office.permit::<may::EditOrgans>(&console)?,
                organs.as_bytes(),
            )
            .await?,
    )?;
    count(
        "people",
        office
            .import_people(
                &office.permit::<may::EditPeople>(&console)?,
                people.as_bytes(),
            )
            .await?,
    )?;
    count(
        "roles",
        office
            .import_roles(
                &office.permit::<may::EditRoles>(&console)?,
                roles.as_bytes(),
            )
            .await?,
    )?;
    Ok(taken)
}

/// The case system: on the roster like a person, because somebody answers for what it sends.
async fn system(office: &Office, password: &str) -> Result<Arc<Viewer>, Error> {
    let console = office.console();
    let organ = office.info().organ.to_string();
    let number = "S00001".to_owned();
    let person = NewPerson {
        number: number.clone(),
        name: "办案平台".into(),
        organ,
        post: "数据接口".into(),
        initials: None,
    };
    office.add_person(&office.permit(&console)?, person).await?;
    let grant = NewGrant {
        number: number.clone(),
        role: "officer".into(),
        organ: None,
        from: None,
        to: None,
    };
    office
        .add_grant(&office.permit::<may::EditRoles>(&console)?, grant)
        .await?;
    account(office, &number, SYSTEM_ACCOUNT, password).await
}

async fn account(
    office: &Office,
    number: &str,
    account: &str,
    password: &str,
) -> Result<Arc<Viewer>, Error> {
    let permit = office.permit::<may::ManageAccounts>(&office.console())?;
    office
        .add_account(&permit, office.person_key(number), account, Some(password))
        .await?;
    let session = office
        .sign_in(account, password)
        .await
        .map_err(|e| refused("account", e))?;
    Ok(session.viewer)
}

async fn acts(
    office: &Office,
    system: &Arc<Viewer>,
    generator: &Generator,
    cases: usize,
    last: &mut u64,
) -> Result<u64, Error> {
    let permit = office.permit::<may::PostEvents>(system)?;
    let outsiders: HashMap<&str, &str> = generator
        .roster()
        .outsiders
        .iter()
        .map(|o| (o.no.as_str(), o.name.as_str()))
        .collect();
    let mut registers = Registers::new(generator);
    let mut acts = (generator.acts(cases)).chain(outside(generator, cases));
    let mut taken = 0;
    loop {
        let inputs: Vec<EventInput> = acts
            .by_ref()
            .take(AT_ONCE)
            .map(|mut act| {
                registers.number(&mut act);
                input(act, &outsiders)
            })
            .collect();
        if inputs.is_empty() {
            return Ok(taken);
        }
        for result in office.post_inputs(&permit, inputs).await? {
            match result {
                LineResult::Taken { index, .. } => {
                    taken += 1;
                    *last = (*last).max(index);
                }
                LineResult::Refused { .. } => return Err(refused("act", result)),
            }
        }
    }
}

/// The registers of papers (文书登记簿), one for each unit and year, as the case system numbers them: in the order of recording.
/// Now and then a number is given out and nothing is entered under it, which is what the page of number gaps is for.
struct Registers {
    short: HashMap<OrganCode, String>,
    last: HashMap<(OrganCode, String), u32>,
    given: HashMap<String, String>,
}

const EIGHT_HOURS: i64 = 8 * 3_600_000_000;

impl Registers {
    fn new(generator: &Generator) -> Self {
        let organs = generator.roster().organs.iter();
        Self {
            short: organs.map(|o| (o.code.clone(), o.short.clone())).collect(),
            last: HashMap::new(),
            given: HashMap::new(),
        }
    }

    /// Gives the paper of an act its number; every act that speaks of the same paper gets the same.
    fn number(&mut self, act: &mut Act) {
        let year = Micros::new(act.occurred.get() + EIGHT_HOURS).unwrap_or(act.occurred);
        let year = year.to_string()[..4].to_owned();
        for attr in act.attrs.iter_mut().filter(|a| a.key == "document_no") {
            let Value::String(paper) = &mut attr.value else {
                continue;
            };
            let given = self.given.entry(paper.clone()).or_insert_with(|| {
                let register = (act.organ.clone(), year.clone());
                let last = self.last.entry(register).or_default();
                *last += 1;
                // The third number of every third register was given out for nothing.
                let third = act.organ.as_str().bytes().chain(year.bytes());
                if *last == 3 && third.map(u32::from).sum::<u32>() % 3 == 0 {
                    *last += 1;
                }
                let short = self.short.get(&act.organ).map_or("市局", String::as_str);
                format!("{short}文〔{year}〕{last}号")
            });
            paper.clone_from(given);
        }
    }
}

/// What somebody kept outside the books, at the first unit that has a case: a stock-take meets a thing that belongs to no case,
/// and somebody was in the handling area for whom there is neither case nor alert. Planted, like the violations of cases.
fn outside(generator: &Generator, cases: usize) -> Vec<Act> {
    let all: Vec<Act> = generator.acts(cases.min(40)).collect();
    let first = |activity: &str| {
        all.iter()
            .find(|a| a.activity.as_str() == activity)
            .cloned()
    };
    let without = |mut act: Act, activity: &str, id: &str| {
        act.activity = Activity::new(activity).expect("it is in the catalogue");
        act.objects
            .retain(|o| !matches!(o.object_type.as_str(), "case" | "alert"));
        for object in act
            .objects
            .iter_mut()
            .filter(|o| o.object_type.as_str() != "place")
        {
            id.clone_into(&mut object.id);
        }
        act.attrs.clear();
        act
    };
    let mut acts = Vec::new();
    if let Some(act) = first("prop.register") {
        acts.push(without(act, "prop.audit", "无案号-W01"));
    }
    for activity in ["plc.enter", "plc.body_check", "plc.exit"] {
        if let Some(act) = first(activity) {
            acts.push(without(act, activity, "无案号-X01"));
        }
    }
    acts
}

/// An act as a case system would send it.
pub fn input(act: Act, outsiders: &HashMap<&str, &str>) -> EventInput {
    let actors = act.actors.into_iter().map(|a| ActorInput {
        name: outsiders.get(a.no.as_str()).map(|n| (*n).to_owned()),
        role: a.role.to_string(),
        number: a.no,
    });
    let mut objects: Vec<ObjectInput> = act
        .objects
        .into_iter()
        .map(|o| ObjectInput {
            object_type: o.object_type.to_string(),
            id: o.id,
            qualifier: o.qualifier.map(|q| q.to_string()),
            name: Some(o.name),
        })
        .collect();
    // What is looked for is the number of a case or an alert, so that is its name. An act that names no case is sent as
    // it is: somebody kept it out of the book.
    let numbered = |o: &&mut ObjectInput| matches!(o.object_type.as_str(), "case" | "alert");
    for object in objects.iter_mut().filter(numbered) {
        object.name = None;
    }
    let value = |v: Value| match v {
        Value::Bool(b) => ValueInput::Bool(b),
        Value::Int(i) => ValueInput::Int(i),
        Value::Float(f) => ValueInput::Float(f),
        Value::String(s) | Value::Id(s) => ValueInput::Text(s),
        Value::Time(t) => ValueInput::Text(t.text().to_owned()),
        Value::List(_) | Value::Container(_) | Value::Null => ValueInput::Text(String::new()),
    };
    let mut attrs: Vec<(String, ValueInput)> = (act.attrs.into_iter())
        .map(|a| (a.key, value(a.value)))
        .collect();
    // When the case system wrote it down: by the node's own time everything would look entered late.
    let said = |t: model::Micros| ValueInput::Text(t.to_string());
    attrs.push(("source_recorded".to_owned(), said(act.recorded)));
    attrs.extend(act.ended.map(|t| ("ended".to_owned(), said(t))));
    EventInput {
        key: None,
        activity: act.activity.to_string(),
        occurred: act.occurred.to_string(),
        organ: Some(act.organ.to_string()),
        actors: actors.collect(),
        objects,
        basis: Vec::new(),
        correction_of: None,
        attrs: attrs.into_iter().collect(),
        words: act.words,
        to: Vec::new(),
    }
}

async fn inquiries(
    office: &Office,
    generator: &Generator,
    cases: &[Case],
    password: &str,
    filled: &mut Filled,
) -> Result<(), Error> {
    let mut recorders: HashMap<String, Arc<Viewer>> = HashMap::new();
    for (n, inquiry) in generator.inquiries(cases).into_iter().enumerate() {
        let viewer = match recorders.get(&inquiry.recorder) {
            Some(known) => Arc::clone(known),
            None => {
                let viewer =
                    account(office, &inquiry.recorder, &inquiry.recorder, password).await?;
                filled.accounts.push(inquiry.recorder.clone());
                recorders.insert(inquiry.recorder.clone(), Arc::clone(&viewer));
                viewer
            }
        };
        // Somebody without a role that records may be named by the generator as a recorder: he is passed over.
        let Ok(permit) = office.permit::<may::Record>(&viewer) else {
            continue;
        };
        let who = match &inquiry.asker {
            Asker::Staff(no) => Who::Roster(office.person_key(no)),
            Asker::Outside(words) => Who::Free {
                name: words.clone(),
                unit: None,
                post: None,
            },
        };
        let recorded = office
            .record(
                &permit,
                Inquiry {
                    who,
                    tile: inquiry.tile,
                    case: inquiry.case_no.map(Which::Number),
                    occurred: Some(inquiry.occurred),
                    manner: inquiry.manner,
                    on_behalf: None,
                    place: None,
                    words: inquiry.words,
                    answer: None,
                    files: Vec::new(),
                    submission_key: format!("generated-{n}"),
                },
            )
            .await?;
        filled.inquiries += 1;
        filled.last = recorded.index;
    }
    Ok(())
}

/// Cases in which somebody looks who has nothing to do with them.
const LOOKED_AT: usize = 3;

/// A few looks to review: a colleague of the same unit who says why, and an export of one case at the console.
async fn looks(
    office: &Office,
    generator: &Generator,
    cases: &[Case],
    password: &str,
    filled: &mut Filled,
) -> Result<(), Error> {
    const SAID: [(&str, &str); LOOKED_AT] = [
        ("told", "大队领导口头安排协助整理案卷，尚未登记。"),
        ("party", "被害人家属来电询问案件进展。"),
        ("other", "想了解类似案件的处理。"),
    ];
    let mut said = SAID.iter();
    for case in cases.iter().rev().filter(|c| c.acts.len() > 3) {
        let Some((reason, words)) = said.as_slice().first() else {
            break;
        };
        let acted = |no: &str| (case.acts.iter()).any(|a| a.actors.iter().any(|x| x.no == no));
        let outside = (generator.roster().people.iter()).find(|p| {
            let plain = p.roles.len() == 1 && p.roles[0].as_str() == "officer";
            plain && p.organ == case.organ && !acted(&p.no)
        });
        let Some(person) = outside else { continue };
        let viewer = match filled.accounts.contains(&person.no) {
            true => {
                let session = office.sign_in(&person.no, password).await;
                session.map_err(|e| refused("account", e))?.viewer
            }
            false => {
                filled.accounts.push(person.no.clone());
                account(office, &person.no, &person.no, password).await?
            }
        };
        let filter = CaseFilter {
            q: case.no.clone(),
            ..CaseFilter::default()
        };
        let search = office.permit::<may::SearchCases>(&viewer)?;
        let found = office
            .cases(&search, &filter, PageRequest::default())
            .await?;
        let Some(row) = found.rows.first() else {
            continue;
        };
        let new = NewReason {
            reason: (*reason).to_owned(),
            words: (*words).to_owned(),
            paper: None,
        };
        let read = office.permit::<may::ReadCase>(&viewer)?;
        if office.give_reason(&read, row.key, &new).await?.is_none() {
            continue;
        }
        said.next();
        filled.looks += 1;
        office.case(&read, row.key).await?;
        if filled.looks == 1 {
            let dir = tempfile::tempdir().map_err(|e| refused("export", e))?;
            let export = Export {
                format: Format::Xes,
                selection: Selection::Case(row.key),
                out: dir.path().join("case.xes"),
                case_type: None,
            };
            let console = office.permit::<may::Export>(&office.console())?;
            office.export(&console, export, |_, _| {}).await?;
            filled.looks += 1;
        } else {
            let names = office.permit::<may::ReadNames>(&viewer)?;
            office.names(&names, row.key).await?;
        }
    }
    Ok(())
}
