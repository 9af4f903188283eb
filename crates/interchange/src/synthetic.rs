//! A generated XES log of any size, for measurements and tests. The same seed gives the same bytes.
//!
//! Not casework: shape and size are those of real logs (an event has six attributes and about 400 bytes), content means
//! nothing.

use std::io::{self, Write};

use model::Micros;

const ACTIVITIES: [&str; 12] = [
    "receive report",
    "register case",
    "assign officer",
    "question witness",
    "collect evidence",
    "request review",
    "review step",
    "return for more",
    "approve step",
    "notify person",
    "hand over file",
    "close case",
];
const UNITS: [&str; 6] = [
    "Unit 1",
    "Unit 2",
    "Unit 3",
    "第一大队",
    "第二大队",
    "R&D <lab>",
];

/// Writes a log of `cases` traces with `events` events in all, spread evenly; every trace has at least one.
pub fn xes(write: &mut dyn Write, seed: u64, cases: u64, events: u64) -> io::Result<()> {
    let mut rng = SplitMix(seed);
    let cases = cases.clamp(1, events.max(1));
    let mut out = io::BufWriter::with_capacity(256 << 10, write);
    out.write_all(
        b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<log xes.version=\"1849-2016\" xes.features=\"nested-attributes\" xmlns=\"http://www.xes-standard.org/\">\n\
          \t<extension name=\"Concept\" prefix=\"concept\" uri=\"http://www.xes-standard.org/concept.xesext\"/>\n\
          \t<extension name=\"Time\" prefix=\"time\" uri=\"http://www.xes-standard.org/time.xesext\"/>\n\
          \t<global scope=\"event\">\n\t\t<string key=\"concept:name\" value=\"\"/>\n\t</global>\n\
          \t<classifier name=\"Activity\" scope=\"event\" keys=\"concept:name\"/>\n\t<string key=\"concept:name\" value=\"synthetic\"/>\n",
    )?;
    for case in 0..cases {
        let of_case = events / cases + u64::from(case < events % cases);
        // From 2020-01-01 on, a case every seven minutes.
        let mut seconds = 1_577_836_800 + (case * 420) as i64;
        writeln!(
            out,
            "\t<trace>\n\t\t<string key=\"concept:name\" value=\"C{case:08}\"/>\n\t\t<int key=\"weight\" value=\"{}\"/>",
            rng.below(1000)
        )?;
        for _ in 0..of_case {
            seconds += 1 + rng.below(7200) as i64;
            let time = Micros::new(seconds.saturating_mul(1_000_000) + 345_000)
                .map_err(io::Error::other)?;
            let time = time.to_string();
            let activity = ACTIVITIES[rng.below(12) as usize];
            let unit = UNITS[rng.below(6) as usize]
                .replace('&', "&amp;")
                .replace('<', "&lt;");
            write!(
                out,
                "\t\t<event>\n\t\t\t<string key=\"concept:name\" value=\"{activity}\"/>\n\
                 \t\t\t<date key=\"time:timestamp\" value=\"{}+00:00\"/>\n\
                 \t\t\t<string key=\"lifecycle:transition\" value=\"complete\"/>\n\
                 \t\t\t<string key=\"org:resource\" value=\"P{:04}\"/>\n\
                 \t\t\t<string key=\"org:group\" value=\"{unit}\"/>\n\
                 \t\t\t<float key=\"amount\" value=\"{}.{:02}\"/>\n\
                 \t\t\t<boolean key=\"flag\" value=\"{}\"/>\n\t\t</event>\n",
                time.trim_end_matches('Z'),
                rng.below(3000),
                rng.below(5000),
                rng.below(100),
                rng.below(2) == 0,
            )?;
        }
        out.write_all(b"\t</trace>\n")?;
    }
    out.write_all(b"</log>\n")?;
    out.flush()
}

/// SplitMix64 (Steele, Lea and Flood 2014): enough for variety, and the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}
