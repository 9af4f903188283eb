//! The elements of a case (人案物场卷): the graph, and a table for each kind with every act behind its rows.
//!
//! Puts in words what `office` gives; judges nothing. The picture itself is drawn by `graph.rs`. Names are not shown until
//! somebody asks for them by a `POST`, because that leaves a trace.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use law::rule::Outcome;
use model::{Micros, Pseudonym};
use office::{
    ActorView, CaseKey, Custody, ElementAct, Elements, Gap, GapKind, NamedObject, ObjectView, may,
};

use super::{
    Pager, TabLink,
    cases::{actor, tab_links},
    findings::{self, ClockView, short},
    show,
    timeline::want,
};
use crate::{
    app::App,
    fail::Fail,
    format,
    forms::{Fields, Query},
    frame::Frame,
    graph::{self, Edge, Kind, Node},
    session::{May, SignedIn},
};

/// Rows of each table on the page of all of them.
const AT_ONCE: usize = 15;
/// Rows of a page of one table.
const ROWS: usize = 50;
/// Acts of a page of the timeline.
const TIMELINE: u64 = 50;
/// Findings beside one row.
const MARKS: usize = 4;
/// Relations that are drawn.
const EDGES: usize = 120;

/// A table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Persons,
    Items,
    Places,
    Files,
    Others,
}

impl Table {
    const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Persons, "persons", "elements-persons"),
        (Self::Items, "items", "elements-items"),
        (Self::Places, "places", "elements-places"),
        (Self::Files, "files", "elements-files"),
        (Self::Others, "others", "elements-others"),
    ];

    fn of(query: &Fields) -> Option<Self> {
        let asked = query.get("show");
        let mut all = Self::ALL.iter();
        all.find(|(_, id, _)| *id == asked).map(|(t, ..)| *t)
    }

    fn id(self) -> &'static str {
        let mut all = Self::ALL.iter();
        all.find(|(t, ..)| *t == self).map_or("", |(_, id, _)| id)
    }
}

/// An act, with the way to where the timeline has it.
struct ActLink {
    time: String,
    act: String,
    who: String,
    approved: String,
    place: String,
    href: String,
    /// It names no case.
    loose: bool,
    /// A correction says it anew.
    superseded: bool,
}

/// What a rule says about a row.
struct MarkView {
    tone: &'static str,
    word: String,
    text: String,
    rule: String,
    href: String,
}

/// What a chain lacks.
struct GapView {
    text: String,
    marks: Vec<MarkView>,
}

/// Who or what a row is about.
struct Who {
    anchor: String,
    label: String,
    part: String,
    pseudonym: String,
}

struct MeasureRow {
    kind: String,
    begun: ActLink,
    approver: String,
    changes: Vec<ActLink>,
    ended: Option<ActLink>,
    due: Option<(String, ClockView)>,
    marks: Vec<MarkView>,
}

struct PersonRow {
    who: Who,
    acts: usize,
    first: Option<ActLink>,
    measures: Vec<MeasureRow>,
}

struct StepRow {
    act: ActLink,
    custody: String,
    gap: Option<GapView>,
}

struct ItemRow {
    who: Who,
    custody: String,
    steps: Vec<StepRow>,
    others: usize,
    first: Option<ActLink>,
    due: Option<(String, ClockView)>,
    marks: Vec<MarkView>,
}

struct StayRow {
    person: String,
    href: String,
    entered: Option<ActLink>,
    left: Option<ActLink>,
    length: String,
    open: bool,
    out: Vec<ActLink>,
    with: String,
    overlong: bool,
    gap: Option<GapView>,
    marks: Vec<MarkView>,
}

struct PlaceRow {
    who: Option<Who>,
    acts: usize,
    first: Option<ActLink>,
    stays: Vec<StayRow>,
}

struct VersionRow {
    number: String,
    act: ActLink,
}

struct LoanRow {
    who: String,
    lent: ActLink,
    until: Option<String>,
    back: Option<ActLink>,
    overdue: bool,
}

struct FileRow {
    who: Who,
    versions: Vec<VersionRow>,
    gaps: Vec<GapView>,
    loans: Vec<LoanRow>,
    archived: Option<ActLink>,
    marks: Vec<MarkView>,
}

struct OtherRow {
    who: Who,
    acts: usize,
    first: Option<ActLink>,
}

/// A table's heading: how many rows there are, and the way to all of them.
struct Head {
    id: &'static str,
    title: String,
    total: usize,
    shown: usize,
    all: Option<String>,
}

#[derive(Template)]
#[template(path = "elements.html")]
struct ElementsPage {
    f: Frame,
    key: String,
    number: String,
    state: String,
    tabs: Vec<TabLink>,
    may_names: bool,
    names_shown: bool,
    /// `None` where one table is shown alone.
    svg: Option<String>,
    heads: Vec<Head>,
    only: bool,
    left_out: u64,
    persons: Vec<PersonRow>,
    items: Vec<ItemRow>,
    places: Vec<PlaceRow>,
    files: Vec<FileRow>,
    others: Vec<OtherRow>,
    pager: Option<Pager>,
}

impl ElementsPage {
    fn is_empty(&self) -> bool {
        let shown = |h: &&Head| !self.only || h.all.is_none();
        self.heads.iter().filter(shown).all(|h| h.total == 0)
    }

    fn head(&self, id: &str) -> Option<&Head> {
        self.heads
            .iter()
            .find(|h| h.id == id && h.total > 0 && (h.shown > 0 || (self.only && h.all.is_none())))
    }
}

/// The elements of a case.
pub(crate) async fn list(
    May(permit): May<may::ReadCase>,
    SignedIn(viewer): SignedIn,
    State(app): State<App>,
    f: Frame,
    Query(query): Query,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let elements = app.office.elements(&permit, key).await?;
    let may_names = app.office.permit::<may::ReadNames>(&viewer).is_ok();
    let page = query.page().max(1) as usize;
    show(&page_of(
        f,
        elements,
        None,
        may_names,
        Table::of(&query),
        page,
    ))
}

/// The same with the names of its objects. Leaves a trace.
pub(crate) async fn names(
    May(permit): May<may::ReadCase>,
    May(names): May<may::ReadNames>,
    State(app): State<App>,
    f: Frame,
    Path(key): Path<String>,
) -> Result<Response, Fail> {
    let key: CaseKey = key.parse().map_err(|_| Fail::NotFound)?;
    let named = app.office.names(&names, key).await?;
    let elements = app.office.elements(&permit, key).await?;
    show(&page_of(f, elements, Some(named), true, None, 1))
}

fn page_of(
    f: Frame,
    elements: Elements,
    named: Option<Vec<NamedObject>>,
    may_names: bool,
    only: Option<Table>,
    page: usize,
) -> ElementsPage {
    let view = View {
        key: elements.head.key.to_string(),
        names: named.as_ref().map(|all| {
            let known = |n: &NamedObject| Some((n.object.id, n.name.clone()?));
            all.iter().filter_map(known).collect()
        }),
        f: &f,
        e: &elements,
    };
    let base = format!("/cases/{}/elements", view.key);
    let number = (elements.head.number.clone()).unwrap_or_else(|| view.key.clone());
    let svg = only.is_none().then(|| view.graph(&number));
    let totals = [
        elements.persons.len(),
        elements.items.len(),
        elements.places.iter().map(|p| p.stays.len().max(1)).sum(),
        elements.files.len(),
        elements.others.len(),
    ];
    // Of one table a page, of all of them the first rows.
    let piece = |table: Table| match only {
        Some(one) if one == table => (page - 1).saturating_mul(ROWS)..page.saturating_mul(ROWS),
        Some(_) => 0..0,
        None => 0..AT_ONCE,
    };
    let mut places = view.places();
    let shown = cut_places(&mut places, piece(Table::Places));
    let take = |table| {
        let range = piece(table);
        (range.start, range.len())
    };
    let (from, n) = take(Table::Persons);
    let persons: Vec<_> = (elements.persons.iter().skip(from).take(n))
        .map(|p| view.person(p))
        .collect();
    let (from, n) = take(Table::Items);
    let items: Vec<_> = (elements.items.iter().skip(from).take(n))
        .map(|i| view.item(i))
        .collect();
    let (from, n) = take(Table::Files);
    let files: Vec<_> = (elements.files.iter().skip(from).take(n))
        .map(|x| view.file(x))
        .collect();
    let (from, n) = take(Table::Others);
    let others: Vec<_> = (elements.others.iter().skip(from).take(n))
        .map(|o| OtherRow {
            who: view.who("other", &o.object, None),
            acts: o.acts.len(),
            first: view.first(&o.acts),
        })
        .collect();
    let counts = [persons.len(), items.len(), shown, files.len(), others.len()];
    let heads = (Table::ALL.iter().zip(totals).zip(counts))
        .map(|(((table, id, title), total), shown)| Head {
            id,
            title: f.t(title),
            total,
            shown,
            all: (only != Some(*table)).then(|| format!("{base}?show={id}#{id}")),
        })
        .collect();
    let pager = only.map(|table| {
        let at = Table::ALL
            .iter()
            .position(|(t, ..)| *t == table)
            .unwrap_or(0);
        let all = office::Page {
            rows: vec![(); counts[at]],
            total: totals[at] as u64,
            number: page as u32,
            size: ROWS as u32,
        };
        Pager::new(&f, &all, &format!("{base}?show={}&", table.id()))
    });
    let state = f.t2(
        "elements-state",
        "acts",
        elements.acts.len(),
        "organ",
        &elements.head.organ_name,
    );
    let (key, names_shown) = (view.key, view.names.is_some());
    ElementsPage {
        tabs: tab_links(&key, "elements"),
        key,
        number,
        state,
        may_names,
        names_shown,
        svg,
        heads,
        only: only.is_some(),
        left_out: elements.left_out,
        persons,
        items,
        places,
        files,
        others,
        pager,
        f,
    }
}

/// Keeps the rows of a piece: each stay is a row, and a place without stays is one. Gives how many are left.
fn cut_places(places: &mut Vec<PlaceRow>, piece: std::ops::Range<usize>) -> usize {
    let (mut row, mut shown) = (0, 0);
    for place in places.iter_mut() {
        if place.stays.is_empty() {
            place.acts *= usize::from(piece.contains(&row));
            shown += usize::from(piece.contains(&row));
            row += 1;
        } else {
            place.stays.retain(|_| {
                row += 1;
                piece.contains(&(row - 1))
            });
            shown += place.stays.len();
            if place.stays.is_empty() {
                place.acts = 0;
            }
        }
    }
    places.retain(|p| !p.stays.is_empty() || p.acts > 0);
    shown
}

/// A case's elements in one language, with or without names.
struct View<'a> {
    f: &'a Frame,
    e: &'a Elements,
    key: String,
    names: Option<HashMap<Pseudonym, String>>,
}

impl View<'_> {
    fn people(&self, all: &[ActorView]) -> String {
        let all: Vec<_> = all.iter().map(|a| actor(self.f, a)).collect();
        all.join(self.f.lang.of("、", ", "))
    }

    fn link(&self, at: usize) -> ActLink {
        let act = &self.e.acts[at];
        ActLink {
            time: format::minute(act.occurred),
            act: self.f.activity(&act.activity),
            who: self.people(&act.actors),
            approved: self.people(&act.approvers),
            place: self.place_of(act),
            href: self.href(act),
            loose: act.place.is_none(),
            superseded: act.superseded,
        }
    }

    /// Where an act is shown: on its page of the timeline, or at the ledger if it names no case.
    fn href(&self, act: &ElementAct) -> String {
        match act.place.map(|place| place / TIMELINE + 1) {
            Some(1) => format!("/cases/{}#e{}", self.key, act.index),
            Some(page) => format!("/cases/{}?page={page}#e{}", self.key, act.index),
            None => format!("/ledger/{}", act.index),
        }
    }

    fn place_of(&self, act: &ElementAct) -> String {
        let place = act
            .objects
            .iter()
            .find(|o| o.object_type.as_str() == "place");
        match place {
            Some(place) => self.label(place, None),
            None => act.organ_name.clone(),
        }
    }

    fn first(&self, acts: &[usize]) -> Option<ActLink> {
        acts.first().map(|at| self.link(*at))
    }

    /// What an object is called: its name if names are shown, else what it is with the beginning of its pseudonym.
    fn label(&self, object: &ObjectView, part: Option<&str>) -> String {
        let name = self.names.as_ref().and_then(|names| names.get(&object.id));
        if let Some(name) = name {
            return name.clone();
        }
        let kind = match part.or(object.qualifier.as_ref().map(model::Qualifier::as_str)) {
            Some(part) => self.f.part(part),
            None => self.f.object_type(object.object_type.as_str()),
        };
        format!("{kind} {}", short(&object.id.to_string()))
    }

    fn who(&self, kind: &str, object: &ObjectView, parts: Option<&[model::Qualifier]>) -> Who {
        let parts = parts.unwrap_or_default();
        let part: Vec<_> = parts.iter().map(|p| self.f.part(p.as_str())).collect();
        Who {
            anchor: format!("{kind}-{}", object.id),
            label: self.label(object, parts.first().map(model::Qualifier::as_str)),
            part: part.join(self.f.lang.of("、", ", ")),
            pseudonym: object.id.to_string(),
        }
    }

    fn marks(&self, findings: &[usize]) -> Vec<MarkView> {
        let mut all: Vec<_> = (findings.iter())
            .filter_map(|at| self.e.standing(*at))
            .collect();
        // The list of what stands is in the order of gravity already.
        all.truncate(MARKS);
        let mark = |s: &office::Standing| {
            let (tone, word) = findings::tone(s);
            let sentence = &s.finding.sentence;
            MarkView {
                tone,
                word: self.f.t(word),
                text: self.f.lang.of(&sentence.zh, &sentence.en).to_owned(),
                rule: s.finding.rule.clone(),
                href: format!("/cases/{}#finding-{}", self.key, s.finding.id),
            }
        };
        all.into_iter().map(mark).collect()
    }

    /// The gravest of these findings, for a node of the graph.
    fn tone(&self, findings: impl Iterator<Item = usize>) -> Option<(&'static str, String)> {
        let tones = findings
            .filter_map(|at| self.e.standing(at))
            .map(findings::tone);
        let rank = |t: &(&str, &str)| ["red", "amber", "note"].iter().position(|x| *x == t.0);
        tones
            .filter(|t| rank(t).is_some())
            .min_by_key(rank)
            .map(|(tone, word)| (tone, self.f.t(word)))
    }

    fn gap(&self, gap: &Gap) -> GapView {
        GapView {
            text: match gap.kind {
                GapKind::Version(n) => self.f.t1("gap-version", "n", n),
                kind => self.f.t(gap_word(kind)),
            },
            marks: self.marks(&gap.findings),
        }
    }

    fn due(&self, due: Option<usize>) -> Option<(String, ClockView)> {
        let s = self.e.standing(due?)?;
        let due = Micros::new(s.finding.due?).ok()?;
        let outcome = Outcome::named(s.finding.outcome)?;
        let clock = ClockView::new(self.f, s.since, s.warns, due, outcome);
        Some((want(self.f, &s.rule), clock))
    }

    fn person(&self, p: &office::PersonElement) -> PersonRow {
        let measure = |m: &office::Measure| MeasureRow {
            kind: self.f.activity(&self.e.acts[m.begun].activity),
            begun: self.link(m.begun),
            approver: self.link(m.begun).approved,
            changes: m.changes.iter().map(|at| self.link(*at)).collect(),
            ended: m.ended.map(|at| self.link(at)),
            due: self.due(m.due),
            marks: self.marks(&m.findings),
        };
        PersonRow {
            who: self.who("person", &p.object, Some(&p.parts)),
            acts: p.acts.len(),
            first: self.first(&p.acts),
            measures: p.measures.iter().map(measure).collect(),
        }
    }

    fn item(&self, i: &office::ItemElement) -> ItemRow {
        let step = |l: &office::CustodyLink| StepRow {
            act: self.link(l.act),
            custody: self.f.t(custody_word(l.custody)),
            gap: l.gap.as_ref().map(|g| self.gap(g)),
        };
        // What is told at a gap is not told again.
        let told: Vec<usize> = (i.chain.iter().filter_map(|l| l.gap.as_ref()))
            .flat_map(|g| g.findings.clone())
            .collect();
        let rest: Vec<usize> = (i.findings.iter().copied())
            .filter(|at| !told.contains(at))
            .collect();
        ItemRow {
            who: self.who("item", &i.object, None),
            custody: self.f.t(custody_word(i.custody)),
            steps: i.chain.iter().map(step).collect(),
            others: i.acts.len() - i.chain.len(),
            first: self.first(&i.acts),
            due: self.due(i.due),
            marks: self.marks(&rest),
        }
    }

    fn places(&self) -> Vec<PlaceRow> {
        let stay = |s: &office::Stay| StayRow {
            person: self.label(&s.person, None),
            href: format!("#person-{}", s.person.id),
            entered: s.entered.map(|at| self.link(at)),
            left: s.left.map(|at| self.link(at)),
            length: s
                .length
                .map_or_else(String::new, |l| format::span(self.f.lang, l)),
            open: s.open,
            out: s.out.iter().map(|at| self.link(*at)).collect(),
            with: self.people(&s.with),
            overlong: s.overlong,
            gap: s.gap.as_ref().map(|g| self.gap(g)),
            marks: self.marks(&s.findings),
        };
        let place = |p: &office::PlaceElement| PlaceRow {
            who: p.object.as_ref().map(|o| self.who("place", o, None)),
            acts: p.acts.len(),
            first: self.first(&p.acts),
            stays: p.stays.iter().map(stay).collect(),
        };
        self.e.places.iter().map(place).collect()
    }

    fn file(&self, x: &office::FileElement) -> FileRow {
        let loan = |l: &office::Loan| LoanRow {
            who: self.people(&l.borrowers),
            lent: self.link(l.act),
            until: l.until.map(format::minute),
            back: l.back.map(|at| self.link(at)),
            overdue: l.overdue,
        };
        let version = |v: &office::Version| VersionRow {
            number: match v.number {
                Some(n) => self.f.t1("elements-version", "n", n),
                None => String::new(),
            },
            act: self.link(v.act),
        };
        FileRow {
            who: self.who("file", &x.object, None),
            versions: x.versions.iter().map(version).collect(),
            gaps: x.gaps.iter().map(|g| self.gap(g)).collect(),
            loans: x.loans.iter().map(loan).collect(),
            archived: x.archived.map(|at| self.link(at)),
            marks: self.marks(&x.findings),
        }
    }

    /// The picture.
    fn graph(&self, number: &str) -> String {
        let mut nodes = vec![Node {
            kind: Kind::Case,
            label: number.to_owned(),
            note: self.e.head.organ_name.clone(),
            href: format!("/cases/{}", self.key),
            tone: None,
            weight: self.e.acts.len(),
        }];
        let mut at: HashMap<Pseudonym, usize> = HashMap::new();
        let anchor = |kind: &str, object: &ObjectView| format!("#{kind}-{}", object.id);
        // A row that is not on this page is on the page of its table.
        let href = |kind: &str, n: usize, table: Table, object: &ObjectView| match n < AT_ONCE {
            true => anchor(kind, object),
            false => format!(
                "/cases/{}/elements?show={}&page={}{}",
                self.key,
                table.id(),
                n / ROWS + 1,
                anchor(kind, object)
            ),
        };
        for (n, p) in self.e.persons.iter().enumerate() {
            let open = p.measures.iter().rfind(|m| m.ended.is_none());
            let last = open.or(p.measures.last());
            let note = match last {
                Some(m) => {
                    let kind = self.f.activity(&self.e.acts[m.begun].activity);
                    match m.ended {
                        None => kind,
                        Some(_) => self.f.t1("elements-measure-over", "kind", kind),
                    }
                }
                None => self.f.t1("elements-acts", "n", p.acts.len()),
            };
            at.insert(p.object.id, nodes.len());
            nodes.push(Node {
                kind: Kind::Person,
                label: self.label(&p.object, p.parts.first().map(model::Qualifier::as_str)),
                note,
                href: href("person", n, Table::Persons, &p.object),
                tone: self.tone(p.measures.iter().flat_map(|m| m.findings.iter().copied())),
                weight: p.acts.len(),
            });
        }
        for (n, i) in self.e.items.iter().enumerate() {
            let gaps = i.chain.iter().filter(|l| l.gap.is_some()).count();
            let custody = self.f.t(custody_word(i.custody));
            at.insert(i.object.id, nodes.len());
            nodes.push(Node {
                kind: Kind::Item,
                label: self.label(&i.object, None),
                note: match gaps {
                    0 => custody,
                    n => self.f.t2("elements-with-gaps", "custody", custody, "n", n),
                },
                href: href("item", n, Table::Items, &i.object),
                tone: self.tone(i.findings.iter().copied()),
                weight: i.acts.len(),
            });
        }
        let mut rows = 0;
        for p in &self.e.places {
            let row = rows;
            rows += p.stays.len().max(1);
            let Some(object) = &p.object else { continue };
            let note = match p.stays.len() {
                0 => self.f.t1("elements-acts", "n", p.acts.len()),
                n => self.f.t1("elements-stays", "n", n),
            };
            at.insert(object.id, nodes.len());
            nodes.push(Node {
                kind: Kind::Place,
                label: self.label(object, None),
                note,
                href: href("place", row, Table::Places, object),
                tone: self.tone(p.stays.iter().flat_map(|s| s.findings.iter().copied())),
                weight: p.acts.len(),
            });
        }
        for (n, x) in self.e.files.iter().enumerate() {
            let lent = x.loans.last().is_some_and(|l| l.back.is_none());
            let note = match (lent, x.versions.len()) {
                (true, _) => self.f.t("elements-lent"),
                (_, 2..) => self.f.t1("elements-versions", "n", x.versions.len()),
                _ => self.first(&x.acts).map_or_else(String::new, |l| l.act),
            };
            at.insert(x.object.id, nodes.len());
            nodes.push(Node {
                kind: Kind::File,
                label: self.label(&x.object, None),
                note,
                href: href("file", n, Table::Files, &x.object),
                tone: self.tone(x.findings.iter().copied()),
                weight: x.acts.len(),
            });
        }
        for (n, o) in self.e.others.iter().enumerate() {
            at.insert(o.object.id, nodes.len());
            nodes.push(Node {
                kind: Kind::Other,
                label: self.label(&o.object, None),
                note: self.f.t1("elements-acts", "n", o.acts.len()),
                href: href("other", n, Table::Others, &o.object),
                tone: None,
                weight: o.acts.len(),
            });
        }
        let edges = self.edges(&nodes, &at);
        let words = Words {
            f: self.f,
            key: &self.key,
            number,
        };
        graph::draw(&nodes, &edges, &words)
    }

    /// Who and what met in an act. What is about a person hangs on the person, the rest on the case.
    fn edges(&self, nodes: &[Node], at: &HashMap<Pseudonym, usize>) -> Vec<Edge> {
        let drawn = graph::chosen(nodes);
        let mut met: HashMap<(usize, usize), (usize, usize)> = HashMap::new();
        let mut order: Vec<(usize, usize)> = Vec::new();
        let mut meet = |a: usize, b: usize, act: usize| {
            let first = met.entry((a, b)).or_insert_with(|| {
                order.push((a, b));
                (act, 0)
            });
            first.1 += 1;
        };
        for (n, act) in self.e.acts.iter().enumerate() {
            let mut here: Vec<usize> = (act.objects.iter())
                .filter_map(|o| at.get(&o.id).copied())
                .filter(|i| drawn[*i])
                .collect();
            here.sort_unstable();
            here.dedup();
            for (i, a) in here.iter().enumerate() {
                if act.place.is_some() {
                    meet(0, *a, n);
                }
                for b in &here[i + 1..] {
                    let related = matches!(
                        (nodes[*a].kind, nodes[*b].kind),
                        (Kind::Person, Kind::Item | Kind::Place | Kind::File)
                            | (Kind::Item, Kind::File)
                    );
                    if related {
                        meet(*a, *b, n);
                    }
                }
            }
        }
        let of_person = |n: usize| {
            order
                .iter()
                .any(|(a, b)| *b == n && nodes[*a].kind == Kind::Person)
        };
        let wanted = |(a, b): &&(usize, usize)| {
            let hangs = matches!(nodes[*b].kind, Kind::File | Kind::Place);
            !(*a == 0 && hangs && of_person(*b))
        };
        let edge = |(a, b): &(usize, usize)| {
            let (first, times) = met[&(*a, *b)];
            let act = self.link(first);
            let ends = format!("{} — {}", nodes[*a].label, nodes[*b].label);
            let title = format!("{ends}: {} {}", act.act, act.time);
            Edge {
                from: *a,
                to: *b,
                label: act.act,
                title: match times {
                    1 => title,
                    n => format!("{title} {}", self.f.t1("elements-times", "n", n)),
                },
                href: act.href,
            }
        };
        order.iter().filter(wanted).take(EDGES).map(edge).collect()
    }
}

/// The words of the picture.
struct Words<'a> {
    f: &'a Frame,
    key: &'a str,
    number: &'a str,
}

impl graph::Words for Words<'_> {
    fn title(&self) -> String {
        self.f.t1("graph-title", "number", self.number)
    }

    fn explained(&self) -> String {
        self.f.t("graph-how")
    }

    fn kind(&self, kind: Kind) -> String {
        self.f.t(match kind {
            Kind::File => "graph-file",
            Kind::Person => "graph-person",
            Kind::Other => "graph-other",
            Kind::Case => "graph-case",
            Kind::Place => "graph-place",
            Kind::Item => "graph-item",
        })
    }

    fn more(&self, kind: Kind, n: usize) -> String {
        let key = match kind {
            Kind::File => "graph-more-files",
            Kind::Person => "graph-more-persons",
            Kind::Place => "graph-more-places",
            Kind::Item => "graph-more-items",
            Kind::Other | Kind::Case => "graph-more-others",
        };
        self.f.t1(key, "n", n)
    }

    fn table(&self, kind: Kind) -> String {
        let table = match kind {
            Kind::File => Table::Files,
            Kind::Person => Table::Persons,
            Kind::Place => Table::Places,
            Kind::Item => Table::Items,
            Kind::Other | Kind::Case => Table::Others,
        };
        format!(
            "/cases/{}/elements?show={id}#{id}",
            self.key,
            id = table.id()
        )
    }
}

fn custody_word(custody: Custody) -> &'static str {
    match custody {
        Custody::Named => "custody-named",
        Custody::Taken => "custody-taken",
        Custody::InPlace => "custody-in-place",
        Custody::HandedOver => "custody-handed-over",
        Custody::Stored => "custody-stored",
        Custody::Lent => "custody-lent",
        Custody::Lifted => "custody-lifted",
        Custody::Returned => "custody-returned",
        Custody::Sold => "custody-sold",
        Custody::Destroyed => "custody-destroyed",
        Custody::Treasury => "custody-treasury",
        Custody::Sent => "custody-sent",
    }
}

fn gap_word(kind: GapKind) -> &'static str {
    match kind {
        GapKind::NoOrigin => "gap-no-origin",
        GapKind::NotHandedOver => "gap-not-handed-over",
        GapKind::NotEntered => "gap-not-entered",
        GapKind::LentTwice => "gap-lent-twice",
        GapKind::NotBack => "gap-not-back",
        GapKind::NotLent => "gap-not-lent",
        GapKind::AfterDisposal => "gap-after-disposal",
        GapKind::NoExit => "gap-no-exit",
        GapKind::NoEntry => "gap-no-entry",
        GapKind::Version(_) => "gap-version",
    }
}
