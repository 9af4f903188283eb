//! Bodies: what a header commits to, and what stays when it is gone.

use model::{Attr, Body, Commitment, FileRef, Relation, Said, SaidValue, Source, TimeText, Value};
use proptest::prelude::*;

use crate::header::pseudonym;

fn full() -> Body {
    let mut body = Body::new([0x5a; 16]);
    body.names
        .insert(pseudonym("person", "1"), "赵某".to_owned());
    body.occurred = Some("2026-11-23T14:05:00.000+08:00".parse().unwrap());
    body.words = Some("打电话来问案子到哪一步了".to_owned());
    body.files.push(FileRef {
        name: "录音.m4a".to_owned(),
        sha256: "ab".repeat(32),
        size: 9,
    });
    body.source = Some(Source {
        name: "road".to_owned(),
        id: "e1".to_owned(),
    });
    body.relations.push(Relation {
        object_type: None,
        target: pseudonym("item", "7"),
        qualifier: None,
    });
    let naive = TimeText::new("23.11.2026 14:05", "2026-11-23T06:05:00Z".parse().unwrap());
    let nested = Attr {
        children: vec![Attr::text("unit", "元")],
        ..Attr::new("amount", Value::Float(3500.0))
    };
    let list = vec![
        Attr::new("x", Value::Int(-3)),
        Attr::new("x", Value::Bool(true)),
    ];
    body.attrs = vec![
        nested,
        Attr {
            at: Some(naive.clone()),
            ..Attr::text("state", "open")
        },
        Attr::new("when", Value::Time(naive)),
        Attr::new("id", Value::Id("0-1".to_owned())),
        Attr::new("list", Value::List(list.clone())),
        Attr::new("container", Value::Container(list)),
        Attr::new("nothing", Value::Null),
        Attr::new("nan", Value::Float(f64::INFINITY)),
        Attr::new("large", Value::Int(i64::MIN)),
    ];
    body
}

#[test]
fn a_body_says_all_that_a_header_may_not() {
    let body = full();
    let bytes = body.bytes();
    insta::assert_snapshot!(String::from_utf8(bytes.clone()).unwrap());
    assert_eq!(Body::open(&bytes, &Commitment::to(&bytes)).unwrap(), body);
    assert_eq!(body.text("state"), Some("open"));
}

#[test]
fn a_body_that_is_not_the_committed_one_is_refused() {
    let bytes = full().bytes();
    let commitment = Commitment::to(&bytes);
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        assert!(Body::open(&bad, &commitment).is_err(), "byte {at}");
    }
    assert!(Body::open(&bytes[1..], &commitment).is_err());
    assert!(
        Body::open(b"{}", &Commitment::to(b"{}")).is_err(),
        "a body without salt could be guessed"
    );
}

fn saying(words: &str, salt: [u8; 16]) -> Body {
    let mut body = Body::new(salt);
    body.words = Some(words.to_owned());
    body
}

#[test]
fn the_same_words_twice_have_two_commitments() {
    let one = |salt| Commitment::to(&saying("是", salt).bytes());
    assert_ne!(one([1; 16]).hash, one([2; 16]).hash);
}

#[test]
fn padding_leaves_only_the_class_of_a_length() {
    for words in [0, 1, 100, 3900, 4000, 4096, 5000] {
        let body = saying(&"x".repeat(words), [9; 16]).padded_to(4096);
        let bytes = body.bytes();
        assert_eq!(bytes.len() % 4096, 0, "{words}");
        assert_eq!(Body::open(&bytes, &Commitment::to(&bytes)).unwrap(), body);
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        ".{0,20}".prop_map(Value::String),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("NaN is not equal to itself", |f| !f.is_nan())
            .prop_map(Value::Float),
        any::<bool>().prop_map(Value::Bool),
        ".{0,20}".prop_map(Value::Id),
        Just(Value::Null),
        (0i64..4_000_000_000_000_000, ".{0,30}")
            .prop_map(|(t, text)| Value::Time(TimeText::new(text, model::Micros::new(t).unwrap()))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let attrs =
            prop::collection::vec((".{0,9}", inner).prop_map(|(k, v)| Attr::new(k, v)), 0..3);
        prop_oneof![
            attrs.clone().prop_map(Value::List),
            attrs.prop_map(Value::Container)
        ]
    })
}

proptest! {
    #[test]
    fn every_attribute_is_read_back_as_what_it_was(values in prop::collection::vec((".{0,12}", values()), 0..5)) {
        let mut body = Body::new([1; 16]);
        body.attrs = values.into_iter().map(|(k, v)| Attr::new(k, v)).collect();
        let bytes = body.bytes();
        prop_assert_eq!(Body::open(&bytes, &Commitment::to(&bytes)).unwrap(), body);
    }

    #[test]
    fn what_rules_hear_of_a_body_is_what_it_says(
        values in prop::collection::vec((".{0,12}", values()), 0..5),
        occurred in prop::option::of("[0-9-]{8,12}"),
    ) {
        let mut body = full();
        body.attrs.extend(values.into_iter().map(|(k, v)| Attr::new(k, v)));
        body.occurred = occurred.map(|text| TimeText::new(text, model::Micros::new(0).unwrap()));
        let bytes = body.bytes();
        let said = Said::open(&bytes, &Commitment::to(&bytes)).unwrap();
        prop_assert_eq!(said.imported, body.source.is_some());
        prop_assert_eq!(said.occurred_len, body.occurred.as_ref().map(|t| t.text().len()));
        let single = |attr: &Attr| {
            let value = match &attr.value {
                Value::String(t) | Value::Id(t) => SaidValue::Text(t.clone().into()),
                Value::Int(n) => SaidValue::Int(*n),
                Value::Float(n) => SaidValue::Float(*n),
                Value::Bool(b) => SaidValue::Bool(*b),
                Value::Time(t) => SaidValue::Time(t.instant()),
                Value::List(_) | Value::Container(_) | Value::Null => return None,
            };
            Some((attr.key.clone().into(), value))
        };
        prop_assert_eq!(said.attrs, body.attrs.iter().filter_map(single).collect::<Vec<_>>());
        prop_assert!(Said::open(&bytes[1..], &Commitment::to(&bytes)).is_err());
    }
}
