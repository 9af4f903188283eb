//! Inquiries (过问): who asked about which case, and what the officer recorded. Most are colleagues who only want to
//! know how it stands; a few people ask again and again.

use super::act::{Asker, Case, Inquiry};
use super::moment::{DAY, Moment, Workdays};
use super::names;
use super::rng::Rng;
use super::roster::Roster;

/// Tiles with their share, and words that an officer may leave.
const TILES: [(&str, i64, [&str; 3]); 8] = [
    (
        "asked",
        46,
        [
            "问案子办到哪一步了。",
            "问什么时候能有结果。",
            "问嫌疑人现在在哪里。",
        ],
    ),
    (
        "pleaded",
        20,
        [
            "说当事人家里困难，希望从轻。",
            "说是老乡，请多关照。",
            "说年纪轻，给个机会。",
        ],
    ),
    (
        "instructed",
        8,
        [
            "说这个案子不要再往下查了。",
            "说按治安案件处理就可以。",
            "说先放人，手续后补。",
        ],
    ),
    (
        "papers",
        6,
        [
            "转来一份情况说明，要求放进案卷。",
            "转来当事人亲属写的信。",
            "批转申诉材料，要求尽快答复。",
        ],
    ),
    (
        "meeting",
        6,
        [
            "约下班后同当事人亲属吃饭。",
            "约在茶楼见面谈案情。",
            "请到他办公室与家属见一面。",
        ],
    ),
    (
        "probed",
        8,
        [
            "打听谁举报的。",
            "问证人是怎么说的。",
            "问明天是不是要去搜查。",
        ],
    ),
    (
        "pressed",
        3,
        [
            "说办好了不会忘记你。",
            "说再查下去对你没好处。",
            "要求把案卷先送到他那里。",
        ],
    ),
    (
        "other",
        3,
        [
            "托人带话，内容含糊。",
            "问能否换个人办。",
            "说有领导关心此案。",
        ],
    ),
];

const MANNERS: [&str; 7] = [
    "in_person",
    "phone",
    "message",
    "letter",
    "meeting",
    "endorsement",
    "through_staff_or_relative",
];

const OUTSIDERS: [&str; 5] = [
    "某公司经理",
    "当事人的亲戚",
    "某街道办干部",
    "自称记者",
    "某律师事务所律师",
];

/// About three inquiries in a hundred cases, by the time of their recording.
pub(super) fn of(
    seed: u64,
    until: Moment,
    workdays: &Workdays,
    roster: &Roster,
    cases: &[Case],
) -> Vec<Inquiry> {
    let mut rng = Rng::new(seed, u64::MAX - 1);
    // The few who ask again and again.
    let often: Vec<usize> = (0..6).map(|_| rng.below(roster.people.len())).collect();
    let mut inquiries = Vec::new();
    for case in cases {
        let (Some(first), Some(last)) = (case.acts.first(), case.acts.last()) else {
            continue;
        };
        if !rng.percent(3) {
            continue;
        }
        let times = if rng.percent(20) { rng.range(2, 3) } else { 1 };
        for _ in 0..times {
            let from = Moment::from_micros(first.occurred).0;
            let to = Moment::from_micros(last.occurred).0.max(from + 1);
            let occurred = Moment(rng.range(from, to)).office(workdays);
            let late = if rng.percent(80) {
                rng.range(120, 7200)
            } else {
                rng.range(DAY, 12 * DAY)
            };
            let recorded = occurred.plus(late);
            if recorded > until {
                continue;
            }
            let (tile, _, words) = tile(&mut rng);
            let recorder = if rng.percent(80) {
                &case.lead
            } else {
                &case.second
            };
            inquiries.push(Inquiry {
                occurred: occurred.micros(),
                recorded: recorded.micros(),
                organ: case.organ.clone(),
                recorder: recorder.clone(),
                asker: asker(&mut rng, roster, &often, recorder),
                tile: (*tile).to_owned(),
                case_no: (!rng.percent(4)).then(|| case.no.clone()),
                manner: rng.percent(45).then(|| (*rng.pick(&MANNERS)).to_owned()),
                words: rng.percent(40).then(|| (*rng.pick(words)).to_owned()),
            });
        }
    }
    inquiries.sort_by_key(|i| i.recorded);
    inquiries
}

fn tile(rng: &mut Rng) -> &'static (&'static str, i64, [&'static str; 3]) {
    let mut at = rng.range(1, TILES.iter().map(|t| t.1).sum());
    for tile in &TILES {
        at -= tile.1;
        if at <= 0 {
            return tile;
        }
    }
    &TILES[0]
}

/// Somebody else than the recorder.
fn asker(rng: &mut Rng, roster: &Roster, often: &[usize], recorder: &str) -> Asker {
    if rng.percent(25) {
        let who = *rng.pick(&OUTSIDERS);
        return Asker::Outside(format!("{}（{who}）", names::person(rng)));
    }
    loop {
        let at = match rng.range(1, 10) {
            1..=4 => *rng.pick(often),
            5..=6 => *rng.pick(&roster.city.others),
            _ => rng.below(roster.people.len()),
        };
        let person = &roster.people[at];
        if person.no != recorder {
            return Asker::Staff(person.no.clone());
        }
    }
}
