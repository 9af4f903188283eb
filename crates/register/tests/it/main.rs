//! The register from entries made by hand: the same rows whatever the batches, order is insisted on, erasing is replaying
//! without.

use model::{
    Activity, Actor, Attr, Body, EventId, Header, Micros, ObjectRef, ObjectType, OrganCode,
    Pseudonym, PseudonymKey, RoleId,
};
use register::{
    Applied, CaseQuery, CaseSort, Error, EventsQuery, PersonQuery, Register, Scope, Tree,
};

const ORGAN: &str = "A330100";

fn at(n: u64) -> Micros {
    Micros::new(1_790_000_000_000_000 + n as i64 * 60_000_000).unwrap()
}

fn key() -> PseudonymKey {
    PseudonymKey::new([3; 32])
}

fn pseudonym(kind: &str, id: &str) -> Pseudonym {
    key().pseudonym(&ObjectType::new(kind).unwrap(), "", id)
}

/// A log made by hand.
#[derive(Default)]
struct Log(Vec<Applied>);

impl Log {
    fn push(
        &mut self,
        activity: &str,
        objects: &[(&str, &str)],
        actor: Option<&str>,
        body: Option<Body>,
    ) -> u64 {
        let index = self.0.len() as u64;
        let object = |(kind, id): &(&str, &str)| ObjectRef {
            object_type: ObjectType::new(*kind).unwrap(),
            id: pseudonym(kind, id),
            qualifier: None,
        };
        let header = Header {
            id: EventId::v7(at(index), [index as u8; 10]),
            activity: Activity::new(activity).unwrap(),
            occurred: at(1000 - index),
            recorded: at(index),
            organ: OrganCode::new(ORGAN).unwrap(),
            actor: actor
                .map(|a| Actor {
                    p: pseudonym("staff", a),
                    role: RoleId::new("officer").unwrap(),
                })
                .into_iter()
                .collect(),
            objects: objects.iter().map(object).collect(),
            basis: Vec::new(),
            correction_of: None,
            body: None,
            to: Vec::new(),
        };
        self.0.push(Applied {
            index,
            header,
            body,
        });
        index
    }
}

fn body(attrs: &[(&str, &str)]) -> Body {
    let mut body = Body::new([0; 16]);
    body.attrs = attrs.iter().map(|(k, v)| Attr::text(*k, *v)).collect();
    body
}

fn named(mut body: Body, names: &[(&str, &str, &str)]) -> Body {
    body.names = names
        .iter()
        .map(|(kind, id, name)| (pseudonym(kind, id), (*name).to_owned()))
        .collect();
    body
}

/// A log with something of everything.
fn log() -> Log {
    let mut log = Log::default();
    log.push(
        "lh.organ",
        &[("organ", ORGAN)],
        None,
        Some(body(&[("code", ORGAN), ("name", "市局")])),
    );
    log.push(
        "lh.organ",
        &[("organ", "B1")],
        None,
        Some(body(&[("code", "B1"), ("name", "分局"), ("parent", ORGAN)])),
    );
    let person = [
        ("number", "1"),
        ("name", "王小明"),
        ("initials", "wxm"),
        ("organ", "B1"),
        ("post", "民警"),
    ];
    log.push("lh.person", &[("staff", "1")], None, Some(body(&person)));
    log.push(
        "lh.role",
        &[("staff", "1")],
        None,
        Some(body(&[("role", "officer"), ("organ", "B1")])),
    );
    for n in 0..40_u64 {
        let (case, person) = (format!("C{}", n % 7), format!("P{}", n % 11));
        let names = named(
            body(&[]),
            &[
                ("case", &case, &format!("案{}", n % 7)),
                ("person", &person, &format!("人{n}")),
            ],
        );
        log.push(
            "cr.detain",
            &[("case", &case), ("person", &person), ("case", &case)],
            Some("1"),
            Some(names),
        );
    }
    let recorder = pseudonym("staff", "1").to_string();
    let record = body(&[
        ("recorder", &recorder),
        ("named", &pseudonym("staff", "9").to_string()),
        ("tile", "pleaded"),
    ]);
    let record = log.push("itf.record", &[], None, Some(record));
    let id = log.0[record as usize].header.id.to_string();
    log.push(
        "itf.read",
        &[],
        None,
        Some(body(&[
            ("reader", &pseudonym("staff", "5").to_string()),
            ("record", &id),
        ])),
    );
    log.push("lh.read", &[("case", "C1")], Some("1"), None);
    log.push(
        "lh.import",
        &[("import", "x")],
        None,
        Some(body(&[("source", "s"), ("sha256", "aa")])),
    );
    log.push(
        "lh.person",
        &[("staff", "1")],
        None,
        Some(body(&[
            ("number", "1"),
            ("name", "王大明"),
            ("organ", "B1"),
        ])),
    );
    log
}

async fn filled(log: &[Applied], batch: usize) -> (tempfile::TempDir, Register) {
    let dir = tempfile::tempdir().unwrap();
    let (register, mut writer) = Register::open(&dir.path().join("r.sqlite")).await.unwrap();
    for chunk in log.chunks(batch) {
        writer.apply(chunk).await.unwrap();
    }
    writer.close().await.unwrap();
    (dir, register)
}

#[tokio::test]
async fn batches_do_not_matter() {
    let log = log();
    let (_dir, whole) = filled(&log.0, 1000).await;
    let dump = whole.dump().await.unwrap();
    assert!(dump.contains("案3") && dump.contains("王大明"));
    for batch in [1, 2, 7, 43] {
        let (_dir, pieces) = filled(&log.0, batch).await;
        assert!(pieces.dump().await.unwrap() == dump, "batches of {batch}");
        assert_eq!(
            pieces.digest().await.unwrap(),
            whole.digest().await.unwrap()
        );
    }
}

#[tokio::test]
async fn erasing_is_replaying_without_the_body() {
    let mut log = log();
    let count = log.0.len() as u64;
    for gone in 0..count {
        if log.0[gone as usize]
            .header
            .activity
            .as_str()
            .starts_with("lh.")
        {
            continue;
        }
        let recorder = pseudonym("staff", "1").to_string();
        let mut attrs = vec![("index", gone.to_string())];
        if log.0[gone as usize].header.activity.as_str() == "itf.record" {
            attrs.push(("recorder", recorder));
        }
        let attrs: Vec<(&str, &str)> = attrs.iter().map(|(k, v)| (*k, v.as_str())).collect();
        log.push(
            "lh.erase",
            &[("entry", &gone.to_string())],
            Some("1"),
            Some(body(&attrs)),
        );
    }
    let (_dir, as_it_came) = filled(&log.0, 10).await;
    let mut without = log.0;
    for entry in &mut without[..count as usize] {
        if !entry.header.activity.as_str().starts_with("lh.") {
            entry.body = None;
        }
    }
    let (_dir, replayed) = filled(&without, 10).await;
    let dump = as_it_came.dump().await.unwrap();
    // Openings say who opened what; their bodies are not erasable and were blanked here only with the rest.
    let comparable = |d: &str| d.split("[inquiry_read]").next().unwrap().to_owned();
    assert_eq!(
        comparable(&dump),
        comparable(&replayed.dump().await.unwrap())
    );
    assert!(!dump.contains("案3") && !dump.contains("人3"));
}

#[tokio::test]
async fn entries_out_of_order_are_refused_and_change_nothing() {
    let log = log();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("r.sqlite");
    let (register, mut writer) = Register::open(&path).await.unwrap();
    writer.apply(&log.0[..5]).await.unwrap();
    let before = register.dump().await.unwrap();
    for wrong in [
        &log.0[6..8],
        &log.0[4..6],
        &[log.0[5].clone(), log.0[7].clone()],
    ] {
        assert!(matches!(
            writer.apply(wrong).await,
            Err(Error::Order { .. })
        ));
    }
    // An id that is there already: the whole batch goes back, and the right one still fits.
    let mut twice = vec![log.0[5].clone(), log.0[6].clone()];
    twice[1].header.id = twice[0].header.id;
    assert!(matches!(writer.apply(&twice).await, Err(Error::Sql(_))));
    assert_eq!(register.dump().await.unwrap(), before);
    writer.apply(&log.0[5..]).await.unwrap();
    assert_eq!(writer.next(), log.0.len() as u64);
    drop(writer);
    let (_again, writer) = Register::open(&path).await.unwrap();
    assert_eq!(writer.next(), log.0.len() as u64, "the position is kept");
    let (_dir, fresh) = filled(&log.0, 1000).await;
    assert!(
        register.dump().await.unwrap() == fresh.dump().await.unwrap(),
        "a batch that failed left no gap in the ids"
    );
}

#[tokio::test]
async fn what_pages_ask() {
    let log = log();
    let (_dir, r) = filled(&log.0, 1000).await;
    let case = |q: &str, scope: Scope| CaseQuery {
        q: q.into(),
        object_type: ObjectType::new("case").unwrap(),
        scope,
        from: None,
        to: None,
        sort: CaseSort::Last,
        ascending: false,
        limit: 3,
        offset: 0,
    };
    let (rows, total) = r.objects(&case("", Scope::All)).await.unwrap();
    assert_eq!((rows.len(), total), (3, 7));
    for sort in [
        CaseSort::Last,
        CaseSort::First,
        CaseSort::Number,
        CaseSort::Organ,
        CaseSort::Events,
    ] {
        // The whole list is the same both ways; what is sorted by rises or falls from row to row.
        let mut ways = Vec::new();
        for ascending in [true, false] {
            let query = CaseQuery {
                sort,
                ascending,
                limit: 100,
                ..case("", Scope::All)
            };
            let (rows, _) = r.objects(&query).await.unwrap();
            let key = |row: &register::ObjectRow| match sort {
                CaseSort::Last => format!("{:020}", row.last.get()),
                CaseSort::First => format!("{:020}", row.first.get()),
                CaseSort::Number => row.name.clone().unwrap_or_default(),
                CaseSort::Organ => row.organ.to_string(),
                CaseSort::Events => format!("{:020}", row.events),
            };
            let keys: Vec<String> = rows.iter().map(key).collect();
            let mut sorted = keys.clone();
            sorted.sort();
            if !ascending {
                sorted.reverse();
            }
            assert_eq!(keys, sorted, "{sort:?}, ascending: {ascending}");
            let mut ids: Vec<String> = rows.iter().map(|r| r.id.to_string()).collect();
            ids.sort();
            ways.push(ids);
        }
        assert_eq!(ways[0], ways[1]);
    }
    assert!(
        rows.windows(2).all(|w| w[0].last >= w[1].last),
        "last act first"
    );
    assert_eq!(r.objects(&case("案3", Scope::All)).await.unwrap().1, 1);
    assert_eq!(
        r.objects(&case("3", Scope::All)).await.unwrap().1,
        1,
        "within the name"
    );
    assert_eq!(
        r.objects(&case(
            "",
            Scope::Only([OrganCode::new("B1").unwrap()].into())
        ))
        .await
        .unwrap()
        .1,
        0
    );

    let c1 = pseudonym("case", "C1");
    let row = r.object(c1).await.unwrap().unwrap();
    assert_eq!(
        (row.events, row.name.as_deref(), row.last_activity.as_str()),
        (6, Some("案1"), "cr.detain"),
        "reading is no act"
    );
    let (timeline, total) = r.timeline(c1, 100, 0).await.unwrap();
    assert_eq!((timeline.len(), total), (6, 6));
    assert!(timeline.windows(2).all(|w| w[0].occurred <= w[1].occurred));
    assert_eq!(r.elements(c1, 100).await.unwrap().len(), 6);
    assert_eq!(r.looks(c1, 100).await.unwrap().len(), 1);
    assert_eq!(r.officers(c1).await.unwrap()[0].events, 6);

    let query = EventsQuery {
        after: Some(10),
        activity: None,
        organ: None,
        object: None,
        from: None,
        to: None,
        scope: Scope::All,
        limit: 5,
    };
    assert_eq!(r.events(&query).await.unwrap(), [11, 12, 13, 14, 15]);
    let (people, _) = r
        .people(&PersonQuery {
            q: "王".into(),
            scope: Scope::All,
            ended: false,
            limit: 9,
            offset: 0,
        })
        .await
        .unwrap();
    assert_eq!(people[0].name, "王大明", "the newest word counts");
    let tree: std::sync::Arc<Tree> = r.tree();
    let (top, below) = (
        OrganCode::new(ORGAN).unwrap(),
        OrganCode::new("B1").unwrap(),
    );
    assert!(tree.within(&below, &top) && !tree.within(&top, &below));
    assert_eq!(tree.line_up(&below), [below.clone(), top.clone()]);
    assert_eq!(tree.subtree([&top]).len(), 2);

    let (me, named, above) = (
        pseudonym("staff", "1"),
        pseudonym("staff", "9"),
        pseudonym("staff", "8"),
    );
    let reader = pseudonym("staff", "5");
    let count = |who: Pseudonym, above: Vec<Pseudonym>| {
        let r = r.clone();
        async move {
            r.inquiries_for(who, &Scope::All, &above, 10, 0)
                .await
                .unwrap()
                .1
        }
    };
    assert_eq!(r.inquiries_by(me, 10, 0).await.unwrap().1, 1);
    assert_eq!(
        [
            count(reader, vec![above]).await,
            count(named, vec![]).await,
            count(me, vec![]).await,
            count(reader, vec![named]).await
        ],
        [1, 0, 0, 0]
    );
    let id = r.inquiries_by(me, 10, 0).await.unwrap().0[0].event;
    assert_eq!(r.reads_of(id).await.unwrap()[0].reader, reader);
    assert!(
        r.event(id).await.unwrap().is_none(),
        "no event like the others"
    );
}

#[test]
fn of_foreign_events_only_bodies_with_names_are_wanted() {
    let mut log = log();
    let plain = body(&[("names", "x")]);
    let with_names = named(plain.clone(), &[("case", "C1", "案")]);
    for (activity, body, wanted) in [
        ("x:a", &plain, false),
        ("x:a", &with_names, true),
        ("cr.detain", &plain, true),
    ] {
        let at = log.push(activity, &[], None, None) as usize;
        assert_eq!(
            register::wants_body(&log.0[at].header, &body.bytes()),
            wanted,
            "{activity}"
        );
    }
}
