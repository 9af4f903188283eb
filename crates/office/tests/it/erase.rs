//! Erasing: the names go from log and register, the proof stays, and a rebuilt register is the same.

use std::sync::Arc;

use office::{BodyKept, CaseFilter, Error, Inquiry, LineResult, Lookup, Office, PageRequest, may};
use testkit::node::TestNode;

use crate::{
    event::DETAIN,
    inquiry::{inquiry, outsider},
};

/// Whether any file of the node holds these bytes.
fn on_disk(dir: &std::path::Path, what: &[u8]) -> bool {
    let mut dirs = vec![dir.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if std::fs::read(&path)
                .unwrap()
                .windows(what.len())
                .any(|w| w == what)
            {
                return true;
            }
        }
    }
    false
}

/// Commitments of entries, for the audit.
struct Rules;

impl ledger::audit::EntryRules for Rules {
    fn commitment(&self, entry: &[u8]) -> Result<Option<(tlog::Hash, u64)>, String> {
        let header = model::Entry::parse(entry)
            .map_err(|e| e.to_string())?
            .header;
        Ok(header.body.map(|c| (c.hash, c.size)))
    }
}

#[tokio::test]
async fn names_go_and_the_proof_stays() {
    let mut node = TestNode::new().await;
    let (officer, admin, supervisor) = (
        node.officer().await,
        node.admin().await,
        node.supervisor().await,
    );
    let lines = [
        DETAIN.to_owned(),
        DETAIN
            .replace("k1", "k2")
            .replace("cr.detain", "cr.interrogate"),
    ];
    let results = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await
        .unwrap();
    let events: Vec<_> = results
        .iter()
        .map(|r| match r {
            LineResult::Taken { event, index, .. } => (*event, *index),
            r => panic!("{r:?}"),
        })
        .collect();
    let file = node
        .office
        .attach(
            &node.permit::<may::Record>(&officer),
            "a.txt",
            &b"what was said"[..],
        )
        .await
        .unwrap();
    let record = Inquiry {
        files: vec![file.clone()],
        ..inquiry(outsider(), "k")
    };
    let made = node
        .office
        .record(&node.permit(&officer), record)
        .await
        .unwrap();
    node.office.caught_up_all().await.unwrap();
    let receipt = node
        .office
        .receipt(&node.permit(&officer), events[0].1)
        .await
        .unwrap();

    // The first of two events that name him: the register still finds the name, from the second.
    let gone = node
        .office
        .erase(&node.permit(&admin), events[0].0, "依申请删除")
        .await
        .unwrap();
    assert_eq!(gone.index, events[0].1);
    let key = node
        .office
        .cases(
            &node.permit(&officer),
            &CaseFilter::default(),
            PageRequest::default(),
        )
        .await
        .unwrap()
        .rows[0]
        .key;
    let names = |node: &TestNode| {
        let (office, permit) = (node.office.clone(), node.permit(&officer));
        async move {
            office
                .names(&permit, key)
                .await
                .unwrap()
                .into_iter()
                .map(|n| n.name)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(names(&node).await, [Some("张三".into())]);
    node.office
        .erase(&node.permit(&admin), events[1].0, "依申请删除")
        .await
        .unwrap();
    assert_eq!(names(&node).await, [None]);
    assert!(matches!(
        node.office
            .event_body(&node.permit(&officer), key, events[0].0)
            .await,
        Err(Error::NotFound)
    ));
    assert!(
        matches!(
            node.office
                .erase(&node.permit(&admin), events[0].0, "再删")
                .await,
            Err(Error::NotFound)
        ),
        "once is enough"
    );

    // A record: gone for its receiver, a trace for its recorder, the attachment too.
    node.office
        .erase(&node.permit(&admin), made.event, "依申请删除")
        .await
        .unwrap();
    let mine = node
        .office
        .my_record(&node.permit(&officer), made.event)
        .await
        .unwrap();
    assert!(mine.content.is_none());
    let row = &node
        .office
        .my_records(&node.permit(&officer), PageRequest::default())
        .await
        .unwrap()
        .rows[0];
    assert!(row.erased && row.who.is_none() && row.tile.is_none());
    assert!(matches!(
        node.office
            .read_inquiry(&node.permit(&supervisor), made.event)
            .await,
        Err(Error::NotFound)
    ));
    assert!(!node.dir().join("files").join(&file.sha256).exists());

    // The proof of what is gone still holds.
    let view = node
        .office
        .lookup(&node.permit(&officer), &Lookup::Event(events[0].0))
        .await
        .unwrap();
    assert_eq!(view.body, BodyKept::Erased);
    assert_eq!(view.leaf, receipt.leaf);

    // The rules see the log anew, without what is gone: it is unknown to them, not absent, so nothing new is broken.
    node.office.heartbeat().await.expect("a heartbeat");
    let size = node.office.ledger().size();
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(
        node.office.ledger().size(),
        size,
        "an erasure is no ground for an alert"
    );
    let before = node.office.dump().await.unwrap();
    for name in ["张三", "某局长", "希望从轻处理"] {
        assert!(!before.contains(name), "{name} is in the register");
    }
    node.office.close().await;
    Office::rebuild(&node.dir(), Arc::new(node.clock.clone()), &mut |_, _| {})
        .await
        .unwrap();
    for name in ["张三", "某局长", "希望从轻处理"] {
        assert!(
            !on_disk(&node.dir(), name.as_bytes()),
            "{name} is on the disk"
        );
    }
    let key_of_log = node.office.info().key.clone();
    let options = ledger::audit::Options {
        rules: Some(&Rules),
        threads: 1,
        progress: None,
    };
    let report = ledger::audit::audit(&node.dir().join("log"), &key_of_log, options).unwrap();
    assert!(report.holds(), "{report:?}");
    node.reopen().await;
    assert!(
        node.office.dump().await.unwrap() == before,
        "the rebuilt register differs"
    );
}

#[tokio::test]
async fn what_the_node_stands_on_is_not_erased() {
    let node = TestNode::new().await;
    let (admin, officer) = (node.admin().await, node.officer().await);
    let mut refused = 0;
    for index in 0..node.office.ledger().size() {
        let view = node
            .office
            .lookup(&node.permit(&officer), &Lookup::Index(index))
            .await
            .unwrap();
        let Err(e) = node
            .office
            .erase(&node.permit(&admin), view.header.id, "试")
            .await
        else {
            panic!("{} erased", view.header.activity)
        };
        assert!(matches!(e, Error::Invalid(_)), "{e}");
        refused += 1;
    }
    assert!(refused > 30);
    node.office
        .end_person(&node.permit(&admin), node.person("stranger"))
        .await
        .unwrap();
    let mut person = None;
    for index in 0..node.office.ledger().size() {
        let view = node
            .office
            .lookup(&node.permit(&officer), &Lookup::Index(index))
            .await
            .unwrap();
        if view.header.activity.as_str() == "lh.person"
            && view.header.objects[0].id == node.person("stranger")
        {
            person = Some(view.header.id);
        }
    }
    node.office
        .erase(&node.permit(&admin), person.unwrap(), "已离任")
        .await
        .unwrap();
    assert!(!node.office.dump().await.unwrap().contains("郑海"));
    assert!(matches!(
        node.office
            .erase(&node.permit(&admin), person.unwrap(), " ")
            .await,
        Err(Error::Invalid(_))
    ));
}
