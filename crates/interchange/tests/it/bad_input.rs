//! Bad input: a clear message that names line and field, what came before is delivered, no panic, bounded memory.

use std::{
    fmt::Write as _,
    io::{Read, Write as _},
};

use encoding_rs::{GB18030, UTF_16LE};
use flate2::{Compression, write::GzEncoder};
use interchange::{Collected, Format, Limits, Options, Output, Source, WriteOptions, synthetic};

use crate::{
    round_trip::convert,
    support::{collect, read_bytes},
};

const EVENT: &str = r#"<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2026-01-01T00:00:00Z"/>X</event>"#;

/// A XES with these events in one trace, each beginning on a line of its own, from line 2 on.
fn xes(events: &[String]) -> String {
    format!(
        "<log><trace><string key=\"concept:name\" value=\"T\"/>\n{}\n</trace></log>",
        events.join("\n")
    )
}

/// An event with this in it.
fn with(inner: &str) -> String {
    EVENT.replace('X', inner)
}

/// What was delivered and what was said about the rest, in lines.
fn shown(bytes: &[u8], options: &Options) -> String {
    let (found, done) = collect(Source::Bytes(bytes), options);
    let mut text = format!(
        "{} events, {} objects\n",
        found.events.len(),
        found.objects.len()
    );
    found
        .rejects
        .iter()
        .take(5)
        .for_each(|r| writeln!(text, "reject: {r}").unwrap());
    if let Err(e) = done {
        assert_eq!(
            e.summary.events,
            found.events.len() as u64,
            "the summary counts what was delivered"
        );
        writeln!(text, "error: {e}").unwrap();
    }
    text
}

fn plain(bytes: impl AsRef<[u8]>) -> String {
    shown(bytes.as_ref(), &Options::default())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

const JSON: &str = r#"{"objectTypes":[{"name":"o","attributes":[{"name":"n","type":"time"}]}],"eventTypes":[],
"objects":[
{"id":"o1","type":"o"},
{"id":"o2","type":"o"}],
"events":[
{"id":"e1","type":"a","time":"2026-01-01T00:00:00Z","relationships":[{"objectId":"o1","qualifier":"q"}]},
{"id":"e2","type":"a","time":"2026-01-02T00:00:00Z","attributes":[{"name":"n","value":"v"}]}]}"#;

const OCEL_XML: &str = r#"<log><object-types><object-type name="o"/></object-types><event-types/>
<objects>
<object id="o1" type="o"/>
</objects>
<events>
<event id="e1" type="a" time="2026-01-01T00:00:00Z"/>
<event id="e2" type="a" time="2026-01-01T00:00:00Z"><attributes><attribute name="n">v</attribute></attributes></event>
</events></log>"#;

const CSV: &str = "case id,activity,time,note\nc1,a,2026-01-01T00:00:00Z,x\nc1,b,2026-01-02T00:00:00Z,\"two\nlines\"\nc2,a,2026-01-03T00:00:00Z,y\n";

#[test]
fn truncated_and_malformed() {
    let good = xes(&[with(""), with(r#"<int key="n" value="1"/>"#)]);
    let mut text = String::new();
    let mut case = |name: &str, bytes: &[u8]| write!(text, "== {name}\n{}", plain(bytes)).unwrap();
    case("XES", good.as_bytes());
    case("XES cut in a tag", &good.as_bytes()[..good.len() - 40]);
    case(
        "XES cut in a value",
        good.split("key=\"n").next().unwrap().as_bytes(),
    );
    case(
        "XES cut between events",
        good.split("\n</trace>").next().unwrap().as_bytes(),
    );
    case(
        "XES with a wrong end tag",
        good.replace("</trace>", "</track>").as_bytes(),
    );
    case(
        "XES with a missing quote",
        good.replace(r#"key="n"#, "key=n").as_bytes(),
    );
    case(
        "XES with a missing closing quote",
        good.replace(r#"value="1""#, r#"value="1"#).as_bytes(),
    );
    case(
        "XES with something behind the root",
        format!("{good}<log/>").as_bytes(),
    );
    case(
        "XES with an unknown entity",
        good.replace(r#"value="1""#, r#"value="&nbsp;""#)
            .replace("int", "string")
            .as_bytes(),
    );
    case(
        "XES with a bad number",
        good.replace(r#"value="1""#, r#"value="1x""#).as_bytes(),
    );
    case(
        "XES with a bad date",
        good.replacen("2026-01-01", "2026-13-01", 1).as_bytes(),
    );
    case(
        "XES without a time",
        good.replacen("time:timestamp", "time", 1).as_bytes(),
    );
    case(
        "XES without an activity",
        good.replacen("\"concept:name\" value=\"a\"", "\"name\" value=\"a\"", 1)
            .as_bytes(),
    );
    case(
        "XES with an unknown element",
        good.replace("<int ", "<integer ").as_bytes(),
    );
    case("OCEL JSON", JSON.as_bytes());
    case(
        "OCEL JSON cut in an event",
        JSON.split("\"name\":\"n\",\"value\"")
            .next()
            .unwrap()
            .as_bytes(),
    );
    case(
        "OCEL JSON cut between events",
        JSON.split("{\"id\":\"e2\"").next().unwrap().as_bytes(),
    );
    case(
        "OCEL JSON with a comma too many",
        JSON.replace("}]}]}", "},]}]}").as_bytes(),
    );
    case(
        "OCEL JSON with a missing colon",
        JSON.replace("\"id\":\"e2\"", "\"id\" \"e2\"").as_bytes(),
    );
    case(
        "OCEL JSON with half a surrogate pair",
        JSON.replace("\"v\"", "\"\\ud83dx\"").as_bytes(),
    );
    case(
        "OCEL JSON with an event that is no object",
        JSON.replace("\"events\":[", "\"events\":[17,").as_bytes(),
    );
    case(
        "OCEL JSON without an id",
        JSON.replace("\"id\":\"e1\",", "").as_bytes(),
    );
    case(
        "OCEL JSON without a time",
        JSON.replace(",\"time\":\"2026-01-01T00:00:00Z\"", "")
            .as_bytes(),
    );
    case(
        "OCEL JSON whose events are no list",
        JSON.replace("\"events\":[", "\"events\":7,\"x\":[")
            .as_bytes(),
    );
    case("JSON of something else", b"{\"a\": [1, 2], \"b\": {}}");
    case("a JSON array", b"[1, 2]");
    case("OCEL XML", OCEL_XML.as_bytes());
    case(
        "OCEL XML cut",
        OCEL_XML.split("<attribute ").next().unwrap().as_bytes(),
    );
    case(
        "OCEL XML without an id",
        OCEL_XML.replace("id=\"e1\" ", "").as_bytes(),
    );
    case("XML of something else", b"<html><body/></html>");
    case("CSV", CSV.as_bytes());
    case(
        "CSV cut in a quoted cell",
        CSV.split("\nlines").next().unwrap().as_bytes(),
    );
    case(
        "CSV with a row too short",
        CSV.replace(",y\n", "\n").as_bytes(),
    );
    case(
        "CSV with a row without time",
        CSV.replace("2026-01-03T00:00:00Z", "").as_bytes(),
    );
    case(
        "CSV with a bad time",
        CSV.replace("2026-01-03T00:00:00Z", "soon").as_bytes(),
    );
    case(
        "CSV without a column for the activity",
        CSV.replace("activity", "what").as_bytes(),
    );
    case("CSV with a header only", b"case id,activity,time\n");
    case("nothing", b"");
    case("blanks", b"  \n ");
    case("a zip", b"PK\x03\x04..............");
    insta::assert_snapshot!(text);
}

#[test]
fn wrong_encodings() {
    let chinese = xes(&[with(r#"<string key="办案民警" value="张三在派出所"/>"#)]);
    let csv = "案件编号,活动,时间\n案一,立案,2026-01-01T00:00:00Z\n";
    let utf16 = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect()
    };
    let mut text = String::new();
    let mut case = |name: &str, bytes: &[u8], options: &Options| {
        write!(text, "== {name}\n{}", shown(bytes, options)).unwrap()
    };
    let none = Options::default();
    let said = |label: &str| Options {
        encoding: Some(label.into()),
        ..Options::default()
    };
    case("GBK that says nothing", &GB18030.encode(&chinese).0, &none);
    case("GBK as a CSV", &GB18030.encode(csv).0, &none);
    case(
        "GBK and said to be",
        &GB18030.encode(&chinese).0,
        &said("gbk"),
    );
    case(
        "GBK as a CSV and said to be",
        &GB18030.encode(csv).0,
        &said("GB18030"),
    );
    case(
        "GBK that declares it",
        &GB18030
            .encode(&format!("<?xml version='1.0' encoding='GBK'?>{chinese}"))
            .0,
        &none,
    );
    case(
        "GBK that declares UTF-8",
        &GB18030
            .encode(&format!("<?xml version='1.0' encoding='UTF-8'?>{chinese}"))
            .0,
        &none,
    );
    let late = xes(&[
        with(""),
        " ".repeat(100_000),
        with(r#"<string key="n" value="张三在派出所"/>"#),
        with(""),
    ]);
    case("GBK far behind the head", &GB18030.encode(&late).0, &none);
    case("UTF-16 with its mark", &utf16(&chinese), &none);
    case("UTF-16 as a CSV", &utf16(csv), &none);
    case("UTF-16 without its mark", &utf16(&chinese)[2..], &none);
    case(
        "UTF-16 with half a character",
        &utf16(&chinese)[..101],
        &none,
    );
    case(
        "Latin-1",
        &chinese
            .replace("张三在派出所", "Müller")
            .replace("办案民警", "n")
            .chars()
            .map(|c| c as u8)
            .collect::<Vec<u8>>(),
        &none,
    );
    case(
        "an encoding that nobody knows",
        b"<?xml version='1.0' encoding='x-mine'?><log/>",
        &none,
    );
    case(
        "an encoding that nobody knows, said",
        b"<log/>",
        &said("x-mine"),
    );
    assert_eq!(UTF_16LE.name(), "UTF-16LE");
    insta::assert_snapshot!(text);
    // What can be read is read right.
    for bytes in [utf16(&chinese), chinese.clone().into_bytes()] {
        assert_eq!(
            read_bytes(&bytes, &none).events[0].attrs[0].value.as_str(),
            Some("张三在派出所")
        );
    }
    let gbk = GB18030.encode(&chinese).0.into_owned();
    assert_eq!(
        read_bytes(&gbk, &said("gbk")).events[0].attrs[0].key,
        "办案民警"
    );
}

#[test]
fn dates_without_a_zone() {
    let event = with("").replace("00:00:00Z", "00:00:00");
    let inner = with(r#"<date key="deadline" value="2026-02-01 12:00"/>"#);
    let bytes = xes(&[with(""), event, inner]);
    let json = JSON.replace("2026-01-02T00:00:00Z", "2026-01-02T00:00:00").replace("\"id\":\"o2\",\"type\":\"o\"", "\"id\":\"o2\",\"type\":\"o\",\"attributes\":[{\"name\":\"n\",\"time\":\"2026-01-01 10:00\",\"value\":\"x\"}]");
    let csv = CSV.replace("2026-01-03T00:00:00Z", "2026-01-03 00:00:00");
    let mut text = String::new();
    for (name, bytes) in [("XES", &bytes), ("OCEL JSON", &json), ("CSV", &csv)] {
        write!(text, "== {name}\n{}", plain(bytes)).unwrap();
        let zone = |zone: &str| Options {
            zone: Some(zone.parse().unwrap()),
            ..Options::default()
        };
        let china = read_bytes(bytes.as_bytes(), &zone("+08:00"));
        let utc = read_bytes(bytes.as_bytes(), &zone("UTC"));
        assert!(china.rejects.is_empty() && utc.rejects.is_empty());
        let last = |of: &Collected| {
            of.events
                .iter()
                .map(|e| e.time.instant().get())
                .collect::<Vec<_>>()
        };
        let differences: Vec<i64> = last(&utc)
            .iter()
            .zip(last(&china))
            .map(|(u, c)| (u - c) / 3_600_000_000)
            .collect();
        writeln!(text, "read at +08:00, hours earlier: {differences:?}").unwrap();
    }
    insta::assert_snapshot!(text);
}

/// Gives text before, a byte many times, text behind: a file that nobody holds in memory.
struct Long<'a>(&'a [u8], u8, u64, &'a [u8]);

impl Read for Long<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if !self.0.is_empty() {
            return self.0.read(out);
        }
        if self.2 == 0 {
            return self.3.read(out);
        }
        let n = out.len().min(self.2 as usize);
        out[..n].fill(self.1);
        self.2 -= n as u64;
        Ok(n)
    }
}

/// Bytes that this process holds at most, so far.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmHWM:"))
        .unwrap_or("0 kB");
    line.trim()
        .trim_end_matches(" kB")
        .parse::<u64>()
        .unwrap_or(0)
        * 1024
}

/// 100 MB in one attribute, comment, quoted cell or number: refused, and the rest is read. Some with 10 MB, to save time.
#[test]
fn very_long_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log");
    let mut text = String::new();
    let before = peak_memory();
    let marked = |inner: &str| xes(&[with(""), with(inner), with("")]);
    for (name, source) in [
        (
            "value of a XES attribute",
            marked(r#"<string key="n" value="§"/>"#),
        ),
        (
            "key of a XES attribute",
            marked(r#"<string key="§" value="v"/>"#),
        ),
        ("text in XES", marked("§")),
        ("comment in XES", marked("<!--§-->")),
        ("name of a XES element", marked("<§/>")),
        ("value in OCEL JSON", JSON.replace("\"v\"", "\"§\"")),
        ("number in OCEL JSON", JSON.replace("\"v\"", "1§")),
        ("id in OCEL JSON", JSON.replace("\"e1\"", "\"§\"")),
        ("value in OCEL XML", OCEL_XML.replace(">v<", ">§<")),
        (
            "CDATA in OCEL XML",
            OCEL_XML.replace(">v<", "><![CDATA[§]]><"),
        ),
        ("id in OCEL XML", OCEL_XML.replace("\"e1\"", "\"§\"")),
        ("cell in a CSV", CSV.replace(",x\n", ",§\n")),
        ("quoted cell in a CSV", CSV.replace("two\nlines", "§")),
    ] {
        let (head, tail) = source.split_once('§').unwrap();
        let byte = if name.starts_with("number") {
            b'1'
        } else {
            b'x'
        };
        let size = if name.starts_with("value") || name.starts_with("quoted") {
            100 << 20
        } else {
            10 << 20
        };
        let mut file = std::fs::File::create(&path).unwrap();
        std::io::copy(
            &mut Long(head.as_bytes(), byte, size, tail.as_bytes()),
            &mut file,
        )
        .unwrap();
        let (found, done) = collect(Source::Path(&path), &Options::default());
        write!(
            text,
            "== {name}\n{} events, {} objects\n",
            found.events.len(),
            found.objects.len()
        )
        .unwrap();
        found
            .rejects
            .iter()
            .for_each(|r| writeln!(text, "reject: {r}").unwrap());
        if let Err(e) = done {
            writeln!(text, "error: {e}").unwrap();
        }
    }
    insta::assert_snapshot!(text);
    let grown = peak_memory().saturating_sub(before);
    assert!(grown < 60 << 20, "{grown} bytes were held");
}

#[test]
fn bombs_and_entities() {
    let bomb = r#"<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<log><trace/></log>"#;
    let external = "<!DOCTYPE log SYSTEM \"file:///etc/passwd\"><log/>";
    let late = xes(&[
        with(""),
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>".into(),
        with(""),
    ]);
    let undeclared = xes(&[with(""), with(r#"<string key="n" value="&e;"/>"#), with("")]);
    let mut text = String::new();
    for (name, bytes) in [
        ("bomb", bomb),
        ("external entity", external),
        ("late", &late),
        ("undeclared entity", &undeclared),
    ] {
        write!(text, "== {name}\n{}", plain(bytes)).unwrap();
    }
    let deep = |n: usize| {
        xes(&[
            with(""),
            with(&(r#"<string key="k" value="v">"#.repeat(n) + &"</string>".repeat(n))),
            with(""),
        ])
    };
    write!(text, "== 60 levels\n{}", plain(deep(60))).unwrap();
    write!(text, "== 70 levels\n{}", plain(deep(70))).unwrap();
    write!(text, "== 100000 levels\n{}", plain(deep(100_000))).unwrap();
    let deep = |n: usize| JSON.replace("\"v\"", &("[".repeat(n) + &"]".repeat(n)));
    write!(text, "== JSON, 60 levels\n{}", plain(deep(60))).unwrap();
    write!(text, "== JSON, 70 levels\n{}", plain(deep(70))).unwrap();
    write!(text, "== JSON, 100000 levels\n{}", plain(deep(100_000))).unwrap();
    let wide = with(&r#"<string key="k" value="v"/>"#.repeat(200_000));
    write!(
        text,
        "== 200000 attributes in an event\n{}",
        plain(xes(&[with(""), wide, with("")]))
    )
    .unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn gzip_bombs_and_damage() {
    let log = xes(&[with(""), with("")]);
    let packed = gzip(log.as_bytes());
    let mut text = String::new();
    write!(text, "== good\n{}", plain(&packed)).unwrap();
    let mut tail = packed.clone();
    let n = tail.len();
    tail[n - 8] ^= 1;
    write!(text, "== wrong checksum\n{}", plain(&tail)).unwrap();
    let mut big = Vec::new();
    synthetic::xes(&mut big, 1, 10, 2000).unwrap();
    let packed = gzip(&big);
    let cut = collect(
        Source::Bytes(&packed[..packed.len() / 2]),
        &Options::default(),
    );
    assert!(cut.0.events.len() > 100, "what came before is delivered");
    let message = cut.1.unwrap_err().to_string();
    assert!(
        message.starts_with("the .gz is damaged or cut off after") && message.contains("(line "),
        "{message}"
    );
    write!(text, "== gzip twice\n{}", plain(gzip(&packed))).unwrap();
    // Blanks, a thousand times smaller: a .gz may have many members, and each is a megabyte of them.
    let member = {
        let mut out = GzEncoder::new(Vec::new(), Compression::best());
        std::io::copy(&mut Long(b"", b' ', 1 << 20, b""), &mut out).unwrap();
        out.finish().unwrap()
    };
    let mut bomb = gzip(log.split('\n').next().unwrap().as_bytes());
    (0..1024).for_each(|_| bomb.extend_from_slice(&member));
    write!(text, "== 1 GB in 1 MB\n{}", plain(&bomb)).unwrap();
    let options = Options {
        limits: Limits {
            gzip_free: 1 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    write!(
        text,
        "== 1 GB in 1 MB, of which 1 MB is free\n{}",
        shown(&bomb, &options)
    )
    .unwrap();
    // A SQLite in a bomb never reaches the disk as a whole.
    let mut bomb = gzip(b"SQLite format 3\0");
    (0..1024).for_each(|_| bomb.extend_from_slice(&member));
    write!(text, "== SQLite bomb\n{}", shown(&bomb, &options)).unwrap();
    // How far it came depends on the unpacker's blocks.
    let text: Vec<String> = text
        .lines()
        .map(
            |line| match (line.split_once("size ("), line.split_once(" bytes so far")) {
                (Some((before, _)), Some((_, behind))) => {
                    format!("{before}size (N bytes so far{behind}")
                }
                _ => line.to_owned(),
            },
        )
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}

#[test]
fn duplicate_ids() {
    let id = |id: &str, more: &str| with(&format!(r#"<id key="identity:id" value="{id}"/>{more}"#));
    let json = JSON.replace("\"e2\"", "\"e1\"").replace("\"o2\"", "\"o1\"");
    let xml = OCEL_XML.replace("\"e2\"", "\"e1\"");
    let csv =
        "eventid,case,activity,time\n1,c,a,2026-01-01T00:00:00Z\n1,c,b,2026-01-01T00:00:00Z\n";
    let mut text = String::new();
    write!(
        text,
        "== XES\n{}",
        plain(xes(&[
            id("i", ""),
            id("j", ""),
            id("i", r#"<int key="n" value="1"/>"#)
        ]))
    )
    .unwrap();
    write!(text, "== OCEL JSON\n{}", plain(json)).unwrap();
    write!(text, "== OCEL XML\n{}", plain(xml)).unwrap();
    write!(text, "== CSV\n{}", plain(csv)).unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn nul_and_oversize() {
    let limits = Limits {
        attribute: 100,
        event: 1000,
        ..Limits::default()
    };
    let small = Options {
        limits,
        ..Options::default()
    };
    let long = "中".repeat(40);
    let mut text = String::new();
    let mut case = |name: &str, bytes: &str, options: &Options| {
        write!(text, "== {name}\n{}", shown(bytes.as_bytes(), options)).unwrap()
    };
    let none = Options::default();
    case(
        "NUL in XES",
        &xes(&[with("<string key=\"n\" value=\"a\0b\"/>"), with("")]),
        &none,
    );
    case(
        "NUL as a reference",
        &xes(&[with("<string key=\"n\" value=\"a&#0;b\"/>"), with("")]),
        &none,
    );
    case("NUL in JSON", &JSON.replace("\"v\"", "\"\\u0000\""), &none);
    case("NUL in CSV", &CSV.replace(",x", ",x\0"), &none);
    case(
        "oversize in XES",
        &xes(&[
            with(&format!("<string key=\"n\" value=\"{long}\"/>")),
            with(""),
        ]),
        &small,
    );
    let many: String = (0..9)
        .map(|n| format!("<string key=\"n{n}\" value=\"{}\"/>", "x".repeat(99)))
        .collect();
    case(
        "many that are large together",
        &xes(&[with(&many), with("")]),
        &small,
    );
    case(
        "oversize in JSON",
        &JSON.replace("\"v\"", &format!("\"{long}\"")),
        &small,
    );
    case("oversize in CSV", &CSV.replace("two\nlines", &long), &small);
    // The reject itself does not carry the whole value along.
    case(
        "long bad value",
        &xes(&[with(&format!(
            "<int key=\"{long}\" value=\"{long}{long}\"/>"
        ))]),
        &none,
    );
    insta::assert_snapshot!(text);
}

#[test]
fn sqlite_from_outside() {
    let good = convert(
        Source::Bytes(JSON.as_bytes()),
        &Options::default(),
        Format::OcelSqlite,
        &WriteOptions::default(),
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.sqlite");
    let mut text = String::new();
    let mut case = |name: &str, sql: &str| {
        std::fs::write(&path, &good).unwrap();
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}"))
            .unwrap();
        drop(db);
        let (found, done) = collect(Source::Path(&path), &Options::default());
        writeln!(
            text,
            "== {name}\n{} events, {} objects",
            found.events.len(),
            found.objects.len()
        )
        .unwrap();
        found
            .rejects
            .iter()
            .for_each(|r| writeln!(text, "reject: {r}").unwrap());
        done.err()
            .into_iter()
            .for_each(|e| writeln!(text, "error: {e}").unwrap());
    };
    case("good", "");
    case("no table of events", "DROP TABLE event");
    case("no table of a type", "DROP TABLE event_a");
    case(
        "a view for a table",
        "ALTER TABLE event_a RENAME TO x; CREATE VIEW event_a AS SELECT * FROM x",
    );
    case(
        "no column of time",
        "ALTER TABLE event_a DROP COLUMN ocel_time",
    );
    case(
        "an event without a row",
        "DELETE FROM event_a WHERE ocel_id = 'e1'",
    );
    case(
        "a type that is not in the map",
        "UPDATE event SET ocel_type = 'b' WHERE ocel_id = 'e1'",
    );
    case(
        "a bad time",
        "UPDATE event_a SET ocel_time = 'soon' WHERE ocel_id = 'e1'",
    );
    case(
        "a blob for an id",
        "UPDATE event SET ocel_id = x'00ff' WHERE ocel_id = 'e1'",
    );
    case(
        "a value of 2 MB",
        "UPDATE event_a SET n = printf('%.2000000c', 'x') WHERE ocel_id = 'e2'",
    );
    case(
        "a name with quotes",
        "UPDATE event SET ocel_type = 'a''\"; DROP TABLE event'; UPDATE event_map_type SET ocel_type = 'a''\"; DROP TABLE event'",
    );
    insta::assert_snapshot!(text);
    for cut in [20, 100, 4096, good.len() / 2, good.len() - 1] {
        let (_, done) = collect(Source::Bytes(&good[..cut]), &Options::default());
        let message = done.unwrap_err().to_string();
        assert!(message.starts_with("SQLite: "), "{cut}: {message}");
    }
    let mut flipped = good.clone();
    for at in (0..good.len()).step_by(97) {
        flipped[at] ^= 0x55;
        // Whatever comes of it, it ends.
        let _ = collect(Source::Bytes(&flipped), &Options::default());
        flipped[at] ^= 0x55;
    }
}

/// The receiver may end the reading, and a file is not left half written.
#[test]
fn stopping_and_half_files() {
    struct Two(u32);
    impl interchange::Sink for Two {
        fn item(&mut self, _: interchange::Item) -> Result<(), interchange::Stop> {
            self.0 += 1;
            if self.0 == 3 {
                Err(interchange::Stop)
            } else {
                Ok(())
            }
        }
        fn reject(&mut self, _: interchange::Reject) {}
    }
    for bytes in [
        xes(&vec![with(""); 10]),
        JSON.to_owned(),
        OCEL_XML.to_owned(),
        CSV.to_owned(),
    ] {
        let mut sink = Two(0);
        let error = interchange::read(
            Source::Bytes(bytes.as_bytes()),
            &Options::default(),
            &mut sink,
        )
        .unwrap_err();
        assert_eq!((error.to_string().as_str(), sink.0), ("stopped", 3));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.xes");
    let out =
        interchange::writer(Format::Xes, Output::Path(&path), &WriteOptions::default()).unwrap();
    drop(out);
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left of a writer that did not finish"
    );
    let nowhere = folder.path().join("no/where");
    let missing = interchange::writer(
        Format::Csv,
        Output::Path(&nowhere),
        &WriteOptions::default(),
    );
    assert!(
        missing
            .err()
            .unwrap()
            .to_string()
            .starts_with("cannot write: ")
    );
    let error = interchange::read(
        Source::Path(&folder.path().join("none")),
        &Options::default(),
        &mut Two(0),
    )
    .unwrap_err();
    assert!(error.to_string().starts_with("cannot open "), "{error}");
}
