//! One event, one spelling.

use model::{
    Activity, Actor, Commitment, EventId, Header, Micros, ObjectRef, ObjectType, OrganCode,
    Pseudonym, PseudonymKey, Qualifier, RoleId, RuleId,
};
use proptest::prelude::*;

pub(crate) fn key() -> PseudonymKey {
    PseudonymKey::new([5; 32])
}

pub(crate) fn pseudonym(object_type: &str, id: &str) -> Pseudonym {
    key().pseudonym(&ObjectType::new(object_type).unwrap(), "", id)
}

pub(crate) fn detention() -> Header {
    let recorded: Micros = "2026-11-23T06:07:12.345678Z".parse().unwrap();
    Header {
        id: EventId::v7(recorded, [0xab; 10]),
        activity: Activity::new("cr.detain").unwrap(),
        occurred: "2026-11-23T14:05:00+08:00".parse().unwrap(),
        recorded,
        organ: OrganCode::new("A330100").unwrap(),
        actor: vec![Actor {
            p: pseudonym("staff", "013301"),
            role: RoleId::new("officer").unwrap(),
        }],
        objects: vec![
            ObjectRef {
                object_type: ObjectType::new("case").unwrap(),
                id: pseudonym("case", "A3301-2026-000123"),
                qualifier: None,
            },
            ObjectRef {
                object_type: ObjectType::new("person").unwrap(),
                id: pseudonym("person", "1"),
                qualifier: Some(Qualifier::new("犯罪嫌疑人 \"甲\"").unwrap()),
            },
        ],
        basis: vec![RuleId::new("CR-030").unwrap()],
        correction_of: Some(EventId::v7(recorded, [1; 10])),
        body: Some(Commitment::to(b"salted")),
        to: vec![OrganCode::new("A330000").unwrap()],
    }
}

#[test]
fn a_header_is_one_line_of_json() {
    insta::assert_snapshot!(detention().line());
    let bare = Header {
        actor: vec![],
        objects: vec![],
        basis: vec![],
        correction_of: None,
        body: None,
        to: vec![],
        ..detention()
    };
    insta::assert_snapshot!(bare.line(), @r#"{"v":1,"id":"01a20703-ffd9-7bab-abab-abababababab","activity":"cr.detain","occurred":"2026-11-23T06:05:00Z","recorded":"2026-11-23T06:07:12.345678Z","organ":"A330100"}"#);
    for header in [detention(), bare] {
        assert_eq!(Header::parse(header.line().as_bytes()).unwrap(), header);
        let (before, after) = header.line_around_recorded();
        assert_eq!(
            format!("{before}{}{after}", header.recorded.fixed()),
            header.line()
        );
    }
}

#[test]
fn another_spelling_is_refused_where_it_differs() {
    let line = detention().line();
    let mut said = String::new();
    for (from, to) in [
        ("{\"v\":1,", "{ \"v\":1,"),
        ("\"v\":1,", ""),
        ("\"v\":1,", "\"v\":2,"),
        ("\"v\":1,", "\"v\":1,\"v\":1,"),
        ("\"organ\":\"A330100\"", "\"organ\":\"\\u0041330100\""),
        ("\"organ\":\"A330100\"", "\"organ\":\"A 330100\""),
        ("T06:05:00Z", "T14:05:00+08:00"),
        ("T06:05:00Z", "T06:05:00.000Z"),
        ("T06:05:00Z", "T06:05:00"),
        (
            "\"to\":[\"A330000\"]",
            "\"to\":[\"A330000\"],\"name\":\"某某\"",
        ),
        (",\"to\":[\"A330000\"]", ",\"to\":[]"),
        ("[\"case\",", "[\"case\",\"case\","),
        ("\"basis\":[\"CR-030\"]", "\"basis\":[\"CR-\\u0000\"]"),
        ("sha256:", "sha512:"),
    ] {
        let bad = line.replacen(from, to, 1);
        assert_ne!(bad, line, "{from}");
        said += &format!("{to}\n  {}\n", Header::parse(bad.as_bytes()).unwrap_err());
    }
    insta::assert_snapshot!(said);
}

fn headers() -> impl Strategy<Value = Header> {
    let token = "[A-Za-z0-9._-]{1,30}";
    let words = "[^\\p{Cc}]{1,25}";
    let object = (words, words, proptest::option::of(words)).prop_map(|(kind, id, qualifier)| {
        let object_type = ObjectType::new(kind).unwrap();
        let id = key().pseudonym(&object_type, "s", &id);
        ObjectRef {
            object_type,
            id,
            qualifier: qualifier.map(|q| Qualifier::new(q).unwrap()),
        }
    });
    let times = (0i64..253_000_000_000_000_000, 0i64..253_000_000_000_000_000);
    let who = proptest::collection::vec((words, token), 0..3);
    let rest = (
        any::<[u8; 10]>(),
        proptest::option::of(any::<Vec<u8>>()),
        proptest::option::of(any::<[u8; 10]>()),
    );
    (
        words,
        times,
        token,
        who,
        proptest::collection::vec(object, 0..5),
        proptest::collection::vec(token, 0..3),
        rest,
    )
        .prop_map(
            |(
                activity,
                (occurred, recorded),
                organ,
                who,
                objects,
                codes,
                (random, body, correction),
            )| {
                let recorded = Micros::new(recorded).unwrap();
                let who = who.into_iter().map(|(id, role)| Actor {
                    p: pseudonym("staff", &id),
                    role: RoleId::new(role).unwrap(),
                });
                Header {
                    id: EventId::v7(recorded, random),
                    activity: Activity::new(activity).unwrap(),
                    occurred: Micros::new(occurred).unwrap(),
                    recorded,
                    organ: OrganCode::new(organ).unwrap(),
                    actor: who.collect(),
                    objects,
                    basis: codes
                        .iter()
                        .map(|c| RuleId::new(c.as_str()).unwrap())
                        .collect(),
                    correction_of: correction.map(|random| EventId::v7(recorded, random)),
                    body: body.map(|bytes| Commitment::to(&bytes)),
                    to: codes
                        .into_iter()
                        .map(|c| OrganCode::new(c).unwrap())
                        .collect(),
                }
            },
        )
}

proptest! {
    #[test]
    fn every_header_is_read_back_and_can_be_stamped(header in headers()) {
        let line = header.line();
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(&Header::parse(line.as_bytes()).unwrap(), &header);
        let (before, after) = header.line_around_recorded();
        prop_assert_eq!(format!("{before}{}{after}", header.recorded.fixed()), line);
    }

    #[test]
    fn whatever_is_read_has_this_one_spelling(header in headers(), at: prop::sample::Index, with: u8) {
        let mut line = header.line().into_bytes();
        let at = at.index(line.len());
        line[at] = with;
        if let Ok(read) = Header::parse(&line) {
            prop_assert_eq!(read.line().into_bytes(), line);
        }
    }
}
