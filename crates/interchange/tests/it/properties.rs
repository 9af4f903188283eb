//! Any log that a format can say is the same after writing and reading it; and our parsers agree with libraries that do
//! the same work without bounds.

use interchange::{
    AttrDecl, CASE, Classifier, Collected, Event, EventObject, Extension, Format, Global, LogMeta,
    Mapping, Object, Options, Place, Relation, Source, TypeDecl, WriteOptions,
};
use model::{Attr, Micros, TimeText, Value};
use proptest::{collection::vec, option, prelude::*};

use crate::{
    round_trip::convert,
    support::{collect, read_bytes, write},
};

/// Texts with everything that must be escaped somewhere.
fn text() -> impl Strategy<Value = String> {
    "[ -~\t\n\ré中😀&<>\"'\\[\\]\u{85}\u{2028}]{0,12}"
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Zé案:_ &<\"]{1,8}".prop_filter("keys of our own", |s| {
        !s.contains("concept") && !s.trim().is_empty()
    })
}

fn time() -> impl Strategy<Value = TimeText> {
    (1_i64..4_000_000_000_000_000, -20_i64..20, 0..4_usize).prop_map(
        |(micros, half_hours, digits)| {
            let unit = 10_i64.pow([6, 3, 0, 6][digits]);
            let local = Micros::new(micros / unit * unit + half_hours * 1_800_000_000)
                .unwrap()
                .to_string();
            let sign = if half_hours < 0 { '-' } else { '+' };
            let (h, m) = (half_hours.abs() / 2, half_hours.abs() % 2 * 30);
            let zone = if half_hours == 0 {
                "Z".into()
            } else {
                format!("{sign}{h:02}:{m:02}")
            };
            format!("{}{zone}", local.trim_end_matches('Z'))
                .parse()
                .unwrap()
        },
    )
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        text().prop_map(Value::String),
        any::<i64>().prop_map(Value::Int),
        prop::num::f64::NORMAL.prop_map(Value::Float),
        Just(Value::Float(f64::INFINITY)),
        any::<bool>().prop_map(Value::Bool),
        time().prop_map(Value::Time),
        text().prop_map(Value::Id),
        Just(Value::Null),
    ]
}

fn attr() -> impl Strategy<Value = Attr> {
    let leaf = (name(), scalar()).prop_map(|(key, value)| Attr::new(key, value));
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (name(), scalar(), vec(inner.clone(), 0..3)).prop_map(|(key, value, children)| Attr {
                children,
                ..Attr::new(key, value)
            }),
            (name(), vec(inner.clone(), 0..3), vec(inner.clone(), 0..2)).prop_map(
                |(key, list, children)| Attr {
                    children,
                    ..Attr::new(key, Value::List(list))
                }
            ),
            (name(), vec(inner, 0..3))
                .prop_map(|(key, list)| Attr::new(key, Value::Container(list))),
        ]
    })
}

fn attrs() -> impl Strategy<Value = Vec<Attr>> {
    vec(attr(), 0..4)
}

fn filled() -> impl Strategy<Value = String> {
    text().prop_filter("not empty", |s| !s.is_empty())
}

fn xes_meta() -> impl Strategy<Value = LogMeta> {
    let root = vec(("[a-z.]{1,6}", text()), 1..3)
        .prop_filter("one of each", |r| r.len() < 2 || r[0].0 != r[1].0);
    let extension =
        (text(), text(), text()).prop_map(|(name, prefix, uri)| Extension { name, prefix, uri });
    let global = (option::of(text()), attrs()).prop_map(|(scope, attrs)| Global { scope, attrs });
    let classifier = (text(), option::of(text()), text())
        .prop_map(|(name, scope, keys)| Classifier { name, scope, keys });
    (
        root,
        vec(extension, 0..3),
        vec(global, 0..3),
        vec(classifier, 0..3),
        attrs(),
    )
        .prop_map(|(root, extensions, globals, classifiers, attrs)| LogMeta {
            root,
            extensions,
            globals,
            classifiers,
            attrs,
            ..LogMeta::default()
        })
}

/// Traces, some of the same name, and events outside of any.
fn xes() -> impl Strategy<Value = Collected> {
    let event = (filled(), time(), attrs())
        .prop_map(|(activity, time, attrs)| (activity, time, attrs))
        .boxed();
    let trace = (filled(), attrs(), vec(event.clone(), 0..4));
    (
        xes_meta(),
        vec(trace, 0..4),
        vec(event, 0..2),
        any::<bool>(),
    )
        .prop_map(|(log, traces, outside, ids)| {
            let mut all = Collected {
                log,
                ..Collected::default()
            };
            let mut line = 0;
            let mut push =
                |all: &mut Collected,
                 case: Option<(&str, u64)>,
                 (activity, time, attrs): (String, TimeText, Vec<Attr>)| {
                    line += 1;
                    let objects = case.map(|(id, _)| EventObject {
                        id: id.into(),
                        object_type: Some(CASE.into()),
                        qualifier: None,
                    });
                    let id = ids.then(|| format!("id {line}"));
                    let place = Place {
                        line: line * 2,
                        number: 0,
                    };
                    let ordinal = case.map(|(_, n)| n);
                    all.events.push(Event {
                        id,
                        activity,
                        time,
                        objects: objects.into_iter().collect(),
                        attrs,
                        ordinal,
                        place,
                    });
                    line
                };
            let mut last = 0;
            for (id, attrs, events) in traces {
                let place = Place {
                    line: last * 2 + 1,
                    number: 0,
                };
                all.objects.push(Object {
                    id: id.clone(),
                    object_type: CASE.into(),
                    attrs,
                    relations: Vec::new(),
                    place,
                });
                for (n, event) in events.into_iter().enumerate() {
                    last = push(&mut all, Some((&id, n as u64 + 1)), event);
                }
            }
            for event in outside {
                push(&mut all, None, event);
            }
            all
        })
}

/// The kinds of OCEL, one attribute of each.
const KINDS: [(&str, &str); 5] = [
    ("s", "string"),
    ("i", "integer"),
    ("f", "float"),
    ("b", "boolean"),
    ("t", "time"),
];

/// At most one value for each declared attribute, in the order of declaration.
fn declared() -> impl Strategy<Value = Vec<Attr>> {
    let value = |v: BoxedStrategy<Value>| option::of(v);
    (
        value(text().prop_map(Value::String).boxed()),
        value(any::<i64>().prop_map(Value::Int).boxed()),
        value(prop::num::f64::NORMAL.prop_map(Value::Float).boxed()),
        value(any::<bool>().prop_map(Value::Bool).boxed()),
        value(time().prop_map(Value::Time).boxed()),
    )
        .prop_map(|(s, i, f, b, t)| {
            let all = [s, i, f, b, t].into_iter().zip(KINDS);
            all.filter_map(|(value, (key, _))| value.map(|value| Attr::new(key, value)))
                .collect()
        })
}

fn ocel() -> impl Strategy<Value = Collected> {
    let types = vec(filled(), 1..4).boxed();
    let object = (
        0..4_usize,
        declared(),
        vec((0..4_usize, time(), declared()), 0..3),
        vec((0..6_usize, option::of(filled())), 0..3),
    );
    let event = (
        0..4_usize,
        time(),
        declared(),
        vec((0..6_usize, option::of(filled())), 0..4),
    );
    (types.clone(), types, vec(object, 0..6), vec(event, 0..6)).prop_map(
        |(object_types, event_types, objects, events)| {
            let unique = |types: Vec<String>| {
                let mut list: Vec<TypeDecl> = Vec::new();
                for name in types {
                    let attrs = KINDS
                        .map(|(name, kind)| AttrDecl {
                            name: name.into(),
                            kind: kind.into(),
                        })
                        .into();
                    if !list.iter().any(|t| t.name == name) {
                        list.push(TypeDecl { name, attrs });
                    }
                }
                list
            };
            let (object_types, event_types) = (unique(object_types), unique(event_types));
            let count = objects.len();
            let id = |n: usize| format!("o{n} <中>");
            let links = |links: Vec<(usize, Option<String>)>| {
                let mut known = Vec::new();
                for (to, qualifier) in links {
                    let link = (to, qualifier);
                    if to < count && !known.contains(&link) {
                        known.push(link);
                    }
                }
                known
            };
            let mut all = Collected::default();
            for (n, (of, attrs, changes, relations)) in objects.into_iter().enumerate() {
                let mut attrs = attrs;
                for (_, at, changed) in changes {
                    attrs.extend(changed.into_iter().map(|a| Attr {
                        at: Some(at.clone()),
                        ..a
                    }));
                }
                // SQLite holds the first values in one row: they are those that hold from the beginning.
                if attrs.first().is_some_and(|a| a.at.is_some()) {
                    attrs.clear();
                }
                let object_type = object_types[of % object_types.len()].name.clone();
                let relations = links(relations)
                    .into_iter()
                    .map(|(to, qualifier)| Relation {
                        object: id(to),
                        qualifier,
                    })
                    .collect();
                all.objects.push(Object {
                    id: id(n),
                    object_type,
                    attrs,
                    relations,
                    place: Place::default(),
                });
            }
            for (n, (of, time, attrs, objects)) in events.into_iter().enumerate() {
                let object = |(to, qualifier): (usize, Option<String>)| EventObject {
                    id: id(to),
                    object_type: Some(all.objects[to].object_type.clone()),
                    qualifier,
                };
                let objects = links(objects).into_iter().map(object).collect();
                let activity = event_types[of % event_types.len()].name.clone();
                all.events.push(Event {
                    id: Some(format!("e{n}")),
                    activity,
                    time,
                    objects,
                    attrs,
                    ordinal: None,
                    place: Place::default(),
                });
            }
            all.log = LogMeta {
                event_types,
                object_types,
                ..LogMeta::default()
            };
            all
        },
    )
}

fn same(of: &Collected, format: Format) {
    let (bytes, written) = write(of, format, &WriteOptions::default()).unwrap();
    let found = read_bytes(&bytes, &Options::default());
    let of = of.clone().without_places();
    assert_eq!(written.events, of.events.len() as u64);
    assert_eq!(found.rejects, []);
    let found = found.without_places();
    assert_eq!(
        found.objects,
        of.objects,
        "{}",
        String::from_utf8_lossy(&bytes)
    );
    assert_eq!(
        found.events,
        of.events,
        "{}",
        String::from_utf8_lossy(&bytes)
    );
    assert_eq!(found.log, of.log);
    let again = convert(
        Source::Bytes(&bytes),
        &Options::default(),
        format,
        &WriteOptions::default(),
    );
    assert!(again == bytes || format == Format::OcelSqlite);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn xes_is_the_same(of in xes()) {
        same(&of, Format::Xes);
    }

    #[test]
    fn ocel_json_is_the_same(of in ocel()) {
        same(&of, Format::OcelJson);
    }

    #[test]
    fn ocel_xml_is_the_same(of in ocel()) {
        same(&of, Format::OcelXml);
    }

    /// From one format of OCEL to another, and back.
    #[test]
    fn ocel_through_another(of in ocel()) {
        let (json, _) = write(&of, Format::OcelJson, &WriteOptions::default()).unwrap();
        let xml = convert(Source::Bytes(&json), &Options::default(), Format::OcelXml, &WriteOptions::default());
        let back = convert(Source::Bytes(&xml), &Options::default(), Format::OcelJson, &WriteOptions::default());
        prop_assert_eq!(String::from_utf8(back).unwrap(), String::from_utf8(json).unwrap());
    }

    /// A file cut anywhere is an error (or, cut behind its end, the same), and never more than was there.
    #[test]
    fn every_cut_is_noticed(of in ocel(), format in prop_oneof![Just(Format::OcelJson), Just(Format::OcelXml)], at in 0.0..1.0_f64) {
        let (bytes, _) = write(&of, format, &WriteOptions::default()).unwrap();
        let cut = &bytes[..(at * (bytes.len() - 2) as f64) as usize];
        let (found, done) = collect(Source::Bytes(cut), &Options::default());
        prop_assert!(done.is_err());
        prop_assert!(found.events.len() <= of.events.len() && found.rejects.is_empty());
    }

    /// No bytes make any reader panic, and there is an end.
    #[test]
    fn any_change_is_survived(of in ocel(), log in xes(), format in 0..4_usize, at in vec((0.0..1.0_f64, any::<u8>()), 1..6)) {
        let format = [Format::OcelJson, Format::OcelXml, Format::Xes, Format::Csv][format];
        let of = if format == Format::Xes { log } else { of };
        let (mut bytes, _) = write(&of, format, &WriteOptions::default()).unwrap();
        for (at, byte) in at {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        let _ = collect(Source::Bytes(&bytes), &Options::default());
    }

    #[test]
    fn json_as_serde_json_reads_it(value in json(), pretty in any::<bool>()) {
        let file = serde_json::json!({"x": value, "events": [{"id": "e", "type": "a", "time": "2026-01-01T00:00:00Z", "attributes": [{"name": "n", "value": value}]}]});
        let text = if pretty { serde_json::to_string_pretty(&file) } else { serde_json::to_string(&file) }.unwrap();
        let found = read_bytes(text.as_bytes(), &Options::default());
        prop_assert_eq!(back(&found.events[0].attrs[0].value), value);
    }

    #[test]
    fn csv_as_the_csv_crate_reads_it(body in "([ab ;]|\"|\n|\r\n|,|2026-01-01T00:00:00Z,){0,60}") {
        let text = format!("activity,time,x\n{body}");
        let mapping: Mapping = "rest = 'keep'\ndelimiter = ','\n[event]\nactivity = 'activity'\ntime = 'time'".parse().unwrap();
        let (found, done) = collect(Source::Bytes(text.as_bytes()), &Options { mapping: Some(mapping), format: Some(Format::Csv), ..Options::default() });
        let rows: Vec<csv::StringRecord> =
            csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
        if done.is_ok() {
            let good = rows.iter().filter(|r| r.len() == 3 && !r[0].trim().is_empty() && r[1].trim() == "2026-01-01T00:00:00Z");
            let good: Vec<(&str, Option<&str>)> = good.map(|r| (&r[0], Some(&r[2]).filter(|x| !x.trim().is_empty()))).collect();
            let ours: Vec<(&str, Option<&str>)> =
                found.events.iter().map(|e| (e.activity.as_str(), e.attrs.first().and_then(|a| a.value.as_str()))).collect();
            prop_assert_eq!(ours, good);
            prop_assert_eq!(found.events.len() + found.rejects.len(), rows.len());
        }
    }

    #[test]
    fn xml_as_quick_xml_reads_it(attrs in vec((name(), text(), any::<[bool; 4]>()), 0..6)) {
        let mut file = String::from("<?xml version=\"1.0\"?><log><trace><event><string key='concept:name' value='a'/><date key='time:timestamp' value='2026-01-01T00:00:00Z'/>");
        for (key, value, [single, spaced, comment, reference]) in &attrs {
            let escaped = |s: &str| {
                let mut out = quick_xml::escape::escape(s).into_owned();
                if *reference {
                    out = out.replace('é', "&#233;").replace('中', "&#x4E2d;");
                }
                out.replace('\r', "&#13;")
            };
            let quote = if *single { '\'' } else { '"' };
            let (a, b) = if *spaced { ("\n ", " = ") } else { (" ", "=") };
            file += &format!("<string{a}key{b}{quote}{}{quote}{a}value{b}{quote}{}{quote}", escaped(key), escaped(value));
            file += if *spaced { " />" } else { "></string>" };
            file += if *comment { "<!-- a > b -- --><?x y?>" } else { "" };
        }
        file += "</event></trace></log>";
        let mut theirs = Vec::new();
        let mut reader = quick_xml::Reader::from_str(&file);
        loop {
            use quick_xml::events::Event as E;
            match reader.read_event().unwrap() {
                E::Start(e) | E::Empty(e) if e.name().as_ref() == "string" => {
                    let all: Vec<String> = e
                        .attributes()
                        .map(|a| quick_xml::escape::unescape(&a.unwrap().value).unwrap().into_owned())
                        .collect();
                    theirs.push((all[0].clone(), all[1].clone()));
                }
                E::Eof => break,
                _ => {}
            }
        }
        // The library leaves literal line ends and tabs in values to its caller; XML makes blanks of them.
        let blank = |s: &str| s.replace(['\n', '\t'], " ");
        let theirs: Vec<_> = theirs.iter().skip(1).map(|(k, v)| (blank(k), blank(v))).collect();
        let found = read_bytes(file.as_bytes(), &Options::default());
        let ours: Vec<_> = found.events[0].attrs.iter().map(|a| (a.key.clone(), a.value.as_str().unwrap().to_owned())).collect();
        prop_assert_eq!(ours, theirs);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ocel_sqlite_is_the_same(of in ocel()) {
        same(&of, Format::OcelSqlite);
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        text().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        prop::num::f64::NORMAL.prop_map(serde_json::Value::from),
        any::<bool>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    leaf.prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|m| m.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn back(value: &Value) -> serde_json::Value {
    match value {
        Value::List(list) => list.iter().map(|a| back(&a.value)).collect(),
        Value::Container(list) => list
            .iter()
            .map(|a| (a.key.clone(), back(&a.value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::String(s) => s.clone().into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Bool(b) => (*b).into(),
        Value::Null => serde_json::Value::Null,
        other => panic!("{other:?}"),
    }
}
