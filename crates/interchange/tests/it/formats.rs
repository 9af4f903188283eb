//! What each format can say, read and written; what one cannot say, and says so.

use std::fmt::Write as _;

use interchange::{
    Collected, Format, Item, Mapping, Options, Output, Reject, Sink, Source, Stop, WriteOptions,
    mapping, read, synthetic, writer,
};

use crate::{
    round_trip::convert,
    support::{china, collect, files, read_bytes, write},
};

/// Items in short: one line each.
fn lines(of: &Collected) -> String {
    let mut text = String::new();
    let meta = serde_json::to_value(&of.log).unwrap();
    for (key, value) in meta.as_object().unwrap() {
        writeln!(text, "log {key}: {value}").unwrap();
    }
    of.objects
        .iter()
        .for_each(|o| writeln!(text, "object {}", serde_json::to_string(o).unwrap()).unwrap());
    of.events
        .iter()
        .for_each(|e| writeln!(text, "event {}", serde_json::to_string(e).unwrap()).unwrap());
    of.rejects
        .iter()
        .for_each(|r| writeln!(text, "reject {r}").unwrap());
    text
}

const XES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<xes:log xes.version="1849-2016" xmlns:xes="http://www.xes-standard.org/">
  <xes:extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="trace"><string key="concept:name" value="?"/></global>
  <global scope="event"><date key="time:timestamp" value="1970-01-01T00:00:00Z"/></global>
  <classifier name="Activity" scope="event" keys="concept:name lifecycle:transition"/>
  <string key="source" value="a &amp; b"><int key="inner" value="1"><boolean key="innermost" value="true"/></int></string>
  <trace>
    <string key="concept:name" value="案一"/>
    <int key="amount" value="7"/>
    <list key="new"><string key="note" value="beside"/><values><int key="n" value="1"/><int key="n" value="2"/></values></list>
    <list key="old"><string key="a" value="x"/><string key="b" value="y"/></list>
    <container key="c"><float key="f" value="1.5"/><container key="inner"><id key="i" value="9"/></container></container>
    <event>
      <string key="org:resource" value="Zhang &lt;三&gt; &#x4E09;&#10;"/>
      <date key="time:timestamp" value="2026-01-01T08:00:00.123+08:00"/>
      <string key="concept:name" value="register"/>
      <id key="identity:id" value="e-1"/>
    </event>
    <event>
      <string key="concept:name" value="decide"><string key="why" value="nested"/></string>
      <date key="time:timestamp" value="2026-01-02T08:00:00+08:00"/>
      <float key="cost" value="NaN"/>
      <string key="empty" value=""/>
      <string key="none"/>
    </event>
    <string key="late" value="behind the events"/>
  </trace>
  <trace><event><string key="concept:name" value="x"/><date key="time:timestamp" value="2026-01-03T00:00:00Z"/></event></trace>
  <event><string key="concept:name" value="outside"/><date key="time:timestamp" value="2026-01-04T00:00:00Z"/></event>
</xes:log>"#;

#[test]
fn all_of_xes() {
    let found = read_bytes(XES.as_bytes(), &Options::default());
    insta::assert_snapshot!("xes_items", lines(&found));
    let bytes = convert(
        Source::Bytes(XES.as_bytes()),
        &Options::default(),
        Format::Xes,
        &WriteOptions::default(),
    );
    let again = read_bytes(&bytes, &Options::default());
    // NaN is not equal to itself, so by text.
    assert_eq!(
        lines(&found.without_places()),
        lines(&again.without_places())
    );
    insta::assert_snapshot!("xes_written", String::from_utf8(bytes).unwrap());
}

#[test]
fn another_attribute_names_the_activity() {
    let options = Options {
        activity: Some("org:resource".into()),
        ..Options::default()
    };
    let found = read_bytes(XES.as_bytes(), &options);
    assert_eq!(found.events.len(), 1);
    assert_eq!(found.events[0].activity, "Zhang <三> 三\n");
    assert_eq!(
        found.rejects.len(),
        3,
        "events without that attribute are refused"
    );
}

const OLD_XML: &str = r#"<?xml version='1.0' encoding='UTF-8'?>
<log>
  <global scope="event"><string key="activity" value="__INVALID__"/></global>
  <global scope="object"><string key="type" value="__INVALID__"/></global>
  <global scope="log"><list key="attribute-names"><string key="attribute-name" value="price"/></list><string key="version" value="1.0"/></global>
  <events>
    <event>
      <string key="id" value="e1"/><string key="activity" value="place"/><date key="timestamp" value="2026-01-01T00:00:00+00:00"/>
      <list key="omap"><string key="object-id" value="o1"/><string key="object-id" value="o2"/></list>
      <list key="vmap"><float key="price" value="9.5"/></list>
    </event>
  </events>
  <objects>
    <object><string key="id" value="o1"/><string key="type" value="order"/><list key="ovmap"><string key="colour" value="red"/></list></object>
    <object><string key="id" value="o2"/><string key="type" value="item"/><list key="ovmap"/></object>
  </objects>
</log>"#;

#[test]
fn ocel_1_xml() {
    assert_eq!(
        Format::detect(Source::Bytes(OLD_XML.as_bytes())).unwrap(),
        Format::Ocel1Xml
    );
    insta::assert_snapshot!(lines(&read_bytes(OLD_XML.as_bytes(), &Options::default())));
}

/// Sections of OCEL JSON and XML in every order give the same items: types, objects, events.
#[test]
fn sections_in_any_order() {
    let json = [
        r#""eventTypes":[{"name":"a","attributes":[{"name":"t","type":"time"}]}]"#,
        r#""objectTypes":[{"name":"o","attributes":[{"name":"f","type":"float"}]}]"#,
        r#""objects":[{"id":"o1","type":"o","attributes":[{"name":"f","time":"1970-01-01T00:00:00Z","value":1},{"name":"f","time":"2026-01-01T00:00:00Z","value":2}]}]"#,
        r#""events":[{"id":"e1","type":"a","time":"2026-01-01T00:00:00Z","attributes":[{"name":"t","value":"2026-01-01T00:00:00+01:00"}],"relationships":[{"objectId":"o1","qualifier":"q"},{"objectId":"o9"}]}]"#,
    ];
    let xml = [
        r#"<event-types><event-type name="a"><attributes><attribute name="t" type="time"/></attributes></event-type></event-types>"#,
        r#"<object-types><object-type name="o"><attributes><attribute name="f" type="float"/></attributes></object-type></object-types>"#,
        r#"<objects><object id="o1" type="o"><attributes><attribute name="f" time="1970-01-01T00:00:00Z">1</attribute><attribute name="f" time="2026-01-01T00:00:00Z">2</attribute></attributes></object></objects>"#,
        r#"<events><event id="e1" type="a" time="2026-01-01T00:00:00Z"><attributes><attribute name="t">2026-01-01T00:00:00+01:00</attribute></attributes><objects><relationship object-id="o1" qualifier="q"/><relationship object-id="o9"/></objects></event></events>"#,
    ];
    let mut all = std::collections::BTreeSet::new();
    for n in 0..256_usize {
        let order: Vec<usize> = (0..4).map(|i| (n >> (2 * i)) & 3).collect();
        if (0..4).any(|s| !order.contains(&s)) {
            continue;
        }
        let pick = |of: &[&str; 4], between: &str| {
            order
                .iter()
                .map(|s| of[*s])
                .collect::<Vec<_>>()
                .join(between)
        };
        for file in [
            format!("{{{}}}", pick(&json, ",\n")),
            format!("<log>{}</log>", pick(&xml, "\n")),
        ] {
            let found = read_bytes(file.as_bytes(), &Options::default());
            all.insert(lines(&found.without_places()));
        }
    }
    assert_eq!(all.len(), 1, "{all:#?}");
    insta::assert_snapshot!(all.pop_first().unwrap());
    // Twice the same section: both are read.
    let twice = format!(
        "{{{},{},{},{},{}}}",
        json[3],
        json[0],
        json[1],
        json[2],
        json[3].replace("e1", "e2")
    );
    assert_eq!(
        read_bytes(twice.as_bytes(), &Options::default())
            .events
            .len(),
        2
    );
}

#[test]
fn formats_by_content() {
    let mut text = String::new();
    for path in files() {
        let found = Format::detect(Source::Path(&path)).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // The name is no help and no hindrance.
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(Format::detect(Source::Bytes(&bytes)).unwrap(), found);
        writeln!(text, "{name}: {found}").unwrap();
        for said in Format::ALL.into_iter().filter(|f| *f != found) {
            let options = Options {
                format: Some(said),
                ..china()
            };
            assert!(
                collect(Source::Path(&path), &options).1.is_err(),
                "{name} is no {said}"
            );
        }
    }
    if !text.is_empty() {
        insta::assert_snapshot!(text);
    }
    for format in Format::ALL {
        assert_eq!(format.name().parse::<Format>().unwrap(), format);
    }
    assert!(
        "word"
            .parse::<Format>()
            .unwrap_err()
            .to_string()
            .contains("xes, ocel-json")
    );
}

#[test]
fn mappings() {
    let rows = |text: &str| -> Vec<Vec<String>> {
        text.lines()
            .map(|l| l.split(',').map(str::to_owned).collect())
            .collect()
    };
    let mut text = String::new();
    for (name, table) in [
        (
            "PM4Py",
            "case:concept:name,concept:name,time:timestamp,case:amount,org:resource\nc1,a,2026-01-01 10:00:00+08:00,7,p",
        ),
        (
            "object-centric",
            "ocel:eid,ocel:activity,ocel:timestamp,ocel:type:order,ocel:type:item\n1,a,2026-01-01T00:00:00Z,['o1'],\"['i1'\"",
        ),
        (
            "Chinese",
            "案件编号,活动,发生时间,办案民警\n案一,立案,2026年1月1日 10:00,张三",
        ),
        (
            "German dates",
            "Case ID,Activity,Complete Timestamp\n1,a,31.12.2025 23:59",
        ),
        ("seconds", "case,event,when\n1,a,1767225600"),
        (
            "seconds under a known name",
            "case,event,time\n1,a,1767225600",
        ),
        ("times by content", "number,task,opened\n1,a,2026-01-01"),
        ("no case", "activity,timestamp\na,2026-01-01T00:00:00Z"),
        ("no activity", "x,y\na,2026-01-01T00:00:00Z"),
    ] {
        let mut rows = rows(table);
        let header = rows.remove(0);
        match mapping::guess(&header, &rows) {
            Ok(mapping) => {
                assert_eq!(
                    mapping.to_toml().parse::<Mapping>().unwrap(),
                    mapping,
                    "a printed guess can be given back"
                );
                writeln!(text, "== {name}\n{}", mapping.to_toml()).unwrap();
            }
            Err(e) => writeln!(text, "== {name}\n{e}\n").unwrap(),
        }
    }
    insta::assert_snapshot!("guesses", text);

    let mapping = r#"
        delimiter = ";"
        rest = "drop"
        [event]
        activity = "Was"
        time = "Wann"
        time_format = "%d.%m.%Y %H:%M"
        id = "Nr"
        [[object]]
        column = "Akte"
        type = "case"
        qualifier = "concerns"
        [[object.attribute]]
        column = "Dienststelle"
        name = "unit"
        [[object]]
        column = "Personen"
        type = "person"
        many = "/"
        [[attribute]]
        column = "Betrag"
        type = "float"
        [[attribute]]
        column = "Offen"
        name = "open"
        type = "boolean"
    "#;
    let table = "Nr;Was;Wann;Akte;Dienststelle;Personen;Betrag;Offen;Rest\n\
                 1;a;01.02.2026 08:30;A1;D1;p1 / p2;1.5;是;x\n\
                 2;b;02.02.2026 08:30;A1;D2;p1;;no;x\n\
                 3;c;03.02.2026 08:30;A2;D1;;x;;x\n";
    let options = Options {
        mapping: Some(mapping.parse().unwrap()),
        ..china()
    };
    insta::assert_snapshot!("mapped", lines(&read_bytes(table.as_bytes(), &options)));
    let missing = collect(
        Source::Bytes(table.replace("Akte", "Sache").as_bytes()),
        &options,
    )
    .1
    .unwrap_err()
    .to_string();
    assert!(
        missing.contains("names the column `Akte`, which is not there; there are: Nr, Was"),
        "{missing}"
    );
    for bad in [
        "[event]\nactivity = 1",
        "[event]\nactivity = 'a'\ntime = 'b'\nextra = 'c'",
        "nonsense",
    ] {
        assert!(
            bad.parse::<Mapping>()
                .unwrap_err()
                .to_string()
                .starts_with("not a mapping: ")
        );
    }
}

const OCEL: &str = r#"{"objectTypes":[],"eventTypes":[],"objects":[
{"id":"o1","type":"order","attributes":[{"name":"state","time":"1970-01-01T00:00:00Z","value":"new"},{"name":"state","time":"2026-01-02T00:00:00Z","value":"paid"}],"relationships":[{"objectId":"i1","qualifier":"has"}]},
{"id":"o2","type":"order"},{"id":"i1","type":"item"}],"events":[
{"id":"e1","type":"place","time":"2026-01-01T00:00:00Z","attributes":[{"name":"tags","value":["a",1,{"k":null}]}],"relationships":[{"objectId":"o1","qualifier":"placed"},{"objectId":"i1","qualifier":""}]},
{"id":"e2","type":"pack","time":"2026-01-02T00:00:00Z","relationships":[{"objectId":"o1","qualifier":"x"},{"objectId":"o2","qualifier":"x"}]},
{"id":"e3","type":"clean","time":"2026-01-03T00:00:00Z","relationships":[{"objectId":"i1","qualifier":""}]}]}"#;

/// The same small log in every format, with what was lost.
#[test]
fn every_writer() {
    let found = read_bytes(OCEL.as_bytes(), &Options::default());
    let mut text = String::new();
    for (format, flatten) in [
        (Format::OcelJson, None),
        (Format::OcelXml, None),
        (Format::Csv, None),
        (Format::Csv, Some("order")),
        (Format::Xes, Some("order")),
        (Format::Xes, Some("item")),
    ] {
        let options = WriteOptions {
            flatten: flatten.map(Into::into),
            gzip: false,
        };
        let (bytes, written) = write(&found, format, &options).unwrap();
        writeln!(
            text,
            "== {format}, flattened by {flatten:?}\n{written:#?}\n{}",
            String::from_utf8(bytes).unwrap()
        )
        .unwrap();
    }
    for (format, flatten) in [
        (Format::Xes, None),
        (Format::Xes, Some("case")),
        (Format::Csv, Some("case")),
        (Format::Ocel1Json, None),
    ] {
        let options = WriteOptions {
            flatten: flatten.map(Into::into),
            gzip: false,
        };
        writeln!(
            text,
            "== {format}, flattened by {flatten:?}: {}",
            write(&found, format, &options).unwrap_err()
        )
        .unwrap();
    }
    insta::assert_snapshot!(text);
}

/// XES into OCEL: traces become objects, nesting becomes names, and the events have ids.
#[test]
fn xes_into_ocel() {
    let mut text = String::new();
    for format in [Format::OcelJson, Format::OcelXml, Format::OcelSqlite] {
        let bytes = convert(
            Source::Bytes(XES.as_bytes()),
            &Options::default(),
            format,
            &WriteOptions::default(),
        );
        writeln!(
            text,
            "== {format}\n{}",
            lines(&read_bytes(&bytes, &Options::default()))
        )
        .unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn packed_and_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = Vec::new();
    synthetic::xes(&mut log, 7, 20, 500).unwrap();
    let found = read_bytes(&log, &Options::default());
    for format in [
        Format::Xes,
        Format::OcelJson,
        Format::OcelXml,
        Format::OcelSqlite,
        Format::Csv,
    ] {
        let path = folder.path().join(format!("log.{}", format.name()));
        std::fs::write(&path, "before").unwrap();
        let gzip = format != Format::OcelSqlite;
        let mut out = writer(
            format,
            Output::Path(&path),
            &WriteOptions {
                flatten: None,
                gzip,
            },
        )
        .unwrap();
        found
            .objects
            .iter()
            .for_each(|o| out.item(&Item::Object(o.clone())).unwrap());
        found
            .events
            .iter()
            .for_each(|e| out.item(&Item::Event(e.clone())).unwrap());
        assert_eq!(
            std::fs::read(&path).unwrap(),
            b"before",
            "untouched until the end"
        );
        assert_eq!(out.finish().unwrap().events, 500);
        let (again, done) = collect(Source::Path(&path), &Options::default());
        let summary = done.unwrap();
        assert_eq!(
            (
                summary.gzip,
                summary.format,
                again.events.len(),
                again.rejects.len()
            ),
            (gzip, Some(format), 500, 0)
        );
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        5,
        "nothing else is left"
    );
}

/// Progress goes up to the size of the file, packed or not.
#[test]
fn progress() {
    #[derive(Default)]
    struct Bar(Vec<(u64, u64)>);
    impl Sink for Bar {
        fn item(&mut self, _: Item) -> Result<(), Stop> {
            Ok(())
        }
        fn reject(&mut self, reject: Reject) {
            panic!("{reject}");
        }
        fn progress(&mut self, read: u64, total: u64) {
            self.0.push((read, total));
        }
    }
    let mut log = Vec::new();
    synthetic::xes(&mut log, 7, 1000, 20_000).unwrap();
    let json = convert(
        Source::Bytes(&log),
        &Options::default(),
        Format::OcelJson,
        &WriteOptions::default(),
    );
    let json = String::from_utf8(json).unwrap();
    let (head, events) = json.split_once("\"events\":").unwrap();
    let (events, head) = (
        events.trim().trim_end_matches('}'),
        head.trim_start_matches('{').trim().trim_end_matches(','),
    );
    let backwards = format!("{{\"events\":{events},{head}}}").into_bytes();
    for (bytes, passes) in [(&log, 1), (&json.into_bytes(), 1), (&backwards, 2)] {
        let mut bar = Bar::default();
        let summary = read(Source::Bytes(bytes), &Options::default(), &mut bar).unwrap();
        assert_eq!(summary.events, 20_000);
        assert!(
            bar.0.len() as u64 > bytes.len() as u64 >> 21,
            "about one call a megabyte: {}",
            bar.0.len()
        );
        assert!(
            bar.0.is_sorted_by_key(|(read, _)| *read)
                && bar.0.iter().all(|(read, total)| read <= total),
            "{:?}",
            bar.0
        );
        assert_eq!(
            *bar.0.last().unwrap(),
            (passes * bytes.len() as u64, passes * bytes.len() as u64)
        );
    }
}

#[test]
fn synthetic_logs() {
    let made = |seed, cases, events| {
        let mut log = Vec::new();
        synthetic::xes(&mut log, seed, cases, events).unwrap();
        log
    };
    assert!(made(1, 7, 100) == made(1, 7, 100) && made(1, 7, 100) != made(2, 7, 100));
    for (cases, events) in [(1, 1), (7, 100), (100, 100), (200, 100)] {
        let found = read_bytes(&made(3, cases, events), &Options::default());
        assert_eq!(
            (found.objects.len() as u64, found.events.len() as u64),
            (cases.min(events), events)
        );
        assert_eq!(
            found.events.iter().map(|e| e.attrs.len()).sum::<usize>() as u64,
            events * 5
        );
    }
}
