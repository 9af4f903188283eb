//! The elements of a case as a picture: SVG in lanes (卷, 人, 案与场, 物), drawn on the server, without script.
//!
//! Pure: nodes, edges and words in, SVG out; the same input gives the same bytes. At most 60 nodes are drawn, of each kind the
//! ones with findings first, then those with most acts; the rest of a kind is one node that leads to its table. Colours are
//! classes of the style sheet, so both colour schemes hold. **Is not** the only way to what it shows: the tables under it say
//! everything, edges too, which is why the keyboard stops at nodes only.

use std::fmt::Write as _;

/// A kind of node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 卷.
    File,
    /// 人.
    Person,
    /// Alerts, other cases, and what else there is.
    Other,
    /// 案: the case itself.
    Case,
    /// 场.
    Place,
    /// 物.
    Item,
}

impl Kind {
    /// All of them, lane by lane from the left, each lane from the top.
    pub const ALL: [Self; 6] = [
        Self::File,
        Self::Person,
        Self::Other,
        Self::Case,
        Self::Place,
        Self::Item,
    ];

    /// The most that are drawn of a kind, the node for the rest included. Together 60.
    const fn most(self) -> usize {
        match self {
            Self::File => 15,
            Self::Person => 14,
            Self::Other => 5,
            Self::Case => 1,
            Self::Place => 9,
            Self::Item => 16,
        }
    }

    const fn lane(self) -> usize {
        match self {
            Self::File => 0,
            Self::Person => 1,
            Self::Other | Self::Case | Self::Place => 2,
            Self::Item => 3,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Person => "person",
            Self::Other => "other",
            Self::Case => "case",
            Self::Place => "place",
            Self::Item => "item",
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its kind.
    pub kind: Kind,
    /// Who or what it is.
    pub label: String,
    /// How it stands.
    pub note: String,
    /// Where it leads.
    pub href: String,
    /// `red`, `amber` or `note`, with what that says in words.
    pub tone: Option<(&'static str, String)>,
    /// How many acts it has.
    pub weight: usize,
}

/// A relation between two nodes, by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// One end.
    pub from: usize,
    /// The other.
    pub to: usize,
    /// The act that says so, in a few characters.
    pub label: String,
    /// The same in full.
    pub title: String,
    /// Where that act is shown.
    pub href: String,
}

/// The words that a picture needs.
pub trait Words {
    /// What the picture shows.
    fn title(&self) -> String;
    /// How it is read.
    fn explained(&self) -> String;
    /// A kind in a character or word, before each node.
    fn kind(&self, kind: Kind) -> String;
    /// That so many more of a kind are not drawn.
    fn more(&self, kind: Kind, n: usize) -> String;
    /// Where the rest of a kind is listed.
    fn table(&self, kind: Kind) -> String;
}

const WIDE: i64 = 178;
const HIGH: i64 = 40;
const APART: i64 = 12;
const BETWEEN: i64 = 92;
const MARGIN: i64 = 6;
/// Width of a label in half-width characters.
const LABEL: usize = 22;
const EDGE_LABEL: usize = 12;
/// Pictures with more edges show what an edge is on pointing at it only.
const LABELLED: usize = 14;

/// Which of these nodes are drawn, in their order.
pub fn chosen(nodes: &[Node]) -> Vec<bool> {
    let mut drawn = vec![false; nodes.len()];
    for kind in Kind::ALL {
        let mut own: Vec<usize> = (0..nodes.len())
            .filter(|n| nodes[*n].kind == kind)
            .collect();
        if own.len() > kind.most() {
            own.sort_by_key(|n| {
                let node = &nodes[*n];
                let grave = match &node.tone {
                    Some(("red", _)) => 0,
                    Some(("amber", _)) => 1,
                    Some(_) => 2,
                    None => 3,
                };
                (grave, std::cmp::Reverse(node.weight), *n)
            });
            // One place is for the rest.
            own.truncate(kind.most() - 1);
        }
        own.iter().for_each(|n| drawn[*n] = true);
    }
    drawn
}

/// A node with its place.
struct Placed {
    x: i64,
    y: i64,
    lane: usize,
}

/// Draws the chosen nodes and the edges between them.
pub fn draw(nodes: &[Node], edges: &[Edge], words: &impl Words) -> String {
    let drawn = chosen(nodes);
    let folded = |kind| {
        (0..nodes.len())
            .filter(|n| nodes[*n].kind == kind && !drawn[*n])
            .count()
    };
    // What stands in each lane from the top: a node, or the rest of a kind.
    let mut lanes: [Vec<Result<usize, Kind>>; 4] = Default::default();
    for kind in Kind::ALL {
        let lane = &mut lanes[kind.lane()];
        lane.extend(
            (0..nodes.len())
                .filter(|n| nodes[*n].kind == kind && drawn[*n])
                .map(Ok),
        );
        if folded(kind) > 0 {
            lane.push(Err(kind));
        }
    }
    beside_their_persons(&mut lanes, edges);
    let tallest = lanes.iter().map(Vec::len).max().unwrap_or(0).max(1) as i64;
    let height = tallest * (HIGH + APART) - APART + 2 * MARGIN;
    let mut places: Vec<Option<Placed>> = nodes.iter().map(|_| None).collect();
    let mut rest: Vec<(Kind, Placed)> = Vec::new();
    let mut x = MARGIN;
    for (lane, of) in lanes.iter().enumerate() {
        if of.is_empty() {
            continue;
        }
        let own = of.len() as i64 * (HIGH + APART) - APART;
        let mut y = (height - own) / 2;
        for what in of {
            let place = Placed { x, y, lane };
            match what {
                Ok(n) => places[*n] = Some(place),
                Err(kind) => rest.push((*kind, place)),
            }
            y += HIGH + APART;
        }
        x += WIDE + BETWEEN;
    }
    let width = (x - BETWEEN + MARGIN).max(WIDE + 2 * MARGIN);
    let mut out = String::with_capacity(16 * 1024);
    let _ = write!(
        out,
        r#"<svg class="graph" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="group" aria-labelledby="graph-title" aria-describedby="graph-how" xmlns="http://www.w3.org/2000/svg"><title id="graph-title">{}</title><desc id="graph-how">{}</desc>"#,
        escape(&words.title()),
        escape(&words.explained()),
    );
    let case = nodes.iter().position(|n| n.kind == Kind::Case);
    if let Some(case) = case.and_then(|c| places[c].as_ref()) {
        for (_, place) in &rest {
            let (path, _) = line(case, place);
            let _ = write!(out, r#"<path class="line rest" d="{path}"/>"#);
        }
    }
    let shown: Vec<_> = (edges.iter())
        .filter_map(|e| {
            let (from, to) = (places.get(e.from)?.as_ref()?, places.get(e.to)?.as_ref()?);
            Some((e, line(from, to)))
        })
        .collect();
    for (edge, (path, _)) in &shown {
        let _ = write!(
            out,
            r#"<a class="edge" href="{}" tabindex="-1" aria-label="{title}"><title>{title}</title><path class="line" d="{path}"/><path class="hit" d="{path}"/></a>"#,
            escape(&edge.href),
            title = escape(&edge.title),
        );
    }
    if shown.len() <= LABELLED {
        for (edge, (_, (x, y))) in &shown {
            let label = escape(&cut(&edge.label, EDGE_LABEL));
            let _ = write!(out, r#"<text class="said" x="{x}" y="{y}">{label}</text>"#);
        }
    }
    for (node, place) in nodes.iter().zip(&places) {
        if let Some(place) = place {
            draw_node(&mut out, node, place, words);
        }
    }
    for (kind, Placed { x, y, .. }) in &rest {
        let more = escape(&words.more(*kind, folded(*kind)));
        let href = escape(&words.table(*kind));
        let (tx, ty) = (x + WIDE / 2, y + 25);
        let _ = write!(
            out,
            r#"<a class="node rest" href="{href}"><rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="4"/><text class="more" x="{tx}" y="{ty}">{more}</text></a>"#
        );
    }
    out.push_str("</svg>");
    out
}

/// Files in the order of the persons whom they are about, those about nobody last: fewer edges cross.
fn beside_their_persons(lanes: &mut [Vec<Result<usize, Kind>>; 4], edges: &[Edge]) {
    let persons = lanes[1].clone();
    let rank = |what: &Result<usize, Kind>| {
        let Ok(n) = what else {
            return usize::MAX;
        };
        let beside = edges.iter().filter_map(|e| match (e.from, e.to) {
            (a, b) if a == *n => persons.iter().position(|p| *p == Ok(b)),
            (a, b) if b == *n => persons.iter().position(|p| *p == Ok(a)),
            _ => None,
        });
        beside.min().unwrap_or(usize::MAX - 1)
    };
    lanes[0].sort_by_key(rank);
}

/// The path between two nodes and where its label stands.
fn line(a: &Placed, b: &Placed) -> (String, (i64, i64)) {
    let (a, b) = if a.lane <= b.lane { (a, b) } else { (b, a) };
    let (ay, by) = (a.y + HIGH / 2, b.y + HIGH / 2);
    if a.lane == b.lane {
        // Around the nodes between them, further out the further they are apart.
        let x = a.x + WIDE;
        let out = x + 14 + ((ay - by).abs() / 12).min(BETWEEN - 30);
        let path = format!("M{x} {ay}C{out} {ay} {out} {by} {x} {by}");
        return (path, (out, (ay + by) / 2 + 4));
    }
    let (x1, x2) = (a.x + WIDE, b.x);
    let bend = BETWEEN / 2;
    let path = format!("M{x1} {ay}C{} {ay} {} {by} {x2} {by}", x1 + bend, x2 - bend);
    // Beside the further end, where the edges of one node have parted.
    (path, ((x1 + x2) / 2, (ay + by) / 2 + 4))
}

fn draw_node(out: &mut String, node: &Node, Placed { x, y, .. }: &Placed, words: &impl Words) {
    let kind = words.kind(node.kind);
    let (label, note) = (cut(&node.label, LABEL), cut(&node.note, LABEL + 2));
    // The name begins with what is seen (WCAG 2.5.3); what was cut off follows whole.
    let mut told = format!("{kind} {label}");
    if !note.is_empty() {
        let _ = write!(told, ", {note}");
    }
    for (seen, whole) in [(&label, &node.label), (&note, &node.note)] {
        if seen != whole {
            let _ = write!(told, ", {whole}");
        }
    }
    if let Some((_, word)) = &node.tone {
        let _ = write!(told, ", {word}");
    }
    let tone = node.tone.as_ref().map_or("", |(tone, _)| tone);
    let told = escape(&told);
    let _ = write!(
        out,
        r#"<a class="node {} {tone}" href="{}" aria-label="{told}"><title>{told}</title><rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="4"/>"#,
        node.kind.class(),
        escape(&node.href),
    );
    let shape = match tone {
        "red" => "■",
        "amber" => "▲",
        "note" => "◆",
        _ => "",
    };
    let _ = write!(
        out,
        r#"<text class="kind" x="{}" y="{}">{}</text> <text class="label" x="{tx}" y="{}">{}</text> <text class="how" x="{tx}" y="{}">{}</text>"#,
        x + 14,
        y + 25,
        escape(&kind),
        y + 17,
        escape(&label),
        y + 32,
        escape(&note),
        tx = x + 28,
    );
    if !shape.is_empty() {
        let _ = write!(
            out,
            r#"<text class="shape" x="{}" y="{}">{shape}</text>"#,
            x + WIDE - 12,
            y + 14
        );
    }
    out.push_str("</a>");
}

/// Cuts to so many half-width characters.
fn cut(text: &str, most: usize) -> String {
    let wide = |c: char| 1 + usize::from(c >= '\u{1100}');
    if text.chars().map(wide).sum::<usize>() <= most {
        return text.to_owned();
    }
    let mut width = 1;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            width += wide(*c);
            width <= most
        })
        .collect();
    out.push('…');
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not a character of XML.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
