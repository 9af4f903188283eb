//! Organs, people and roles: by hand, and from CSV with bad lines.

use office::{
    Error, FieldError, NewGrant, NewOrgan, NewPerson, PageRequest, PersonFilter, TableSummary,
};
use testkit::node::TestNode;

fn told(s: &TableSummary) -> String {
    let rejects = s.rejects.iter().map(|r| {
        format!(
            "\nline {} {:?}: expected {} (found {:?})",
            r.line, r.field, r.expected, r.found
        )
    });
    format!(
        "taken {} unchanged {}{}",
        s.taken,
        s.unchanged,
        rejects.collect::<String>()
    )
}

#[tokio::test]
async fn tables_with_bad_lines() {
    let node = TestNode::new().await;
    let admin = node.admin().await;
    let mut out = String::new();
    let organs = "code,name,parent\nB2,孙机关,B1\nB1,子机关,A330100\nB3,无上级,\nB4,上级不明,X9\nB 5,错码,A330100\nB6,环一,B7\nB7,环二,B6\nB1,又一次,A330100\nB8,少一列\nA330103,城东分局,A330100\nA330100,甲市公安局,B1\n,,\n";
    let s = node
        .office
        .import_organs(&node.permit(&admin), organs.as_bytes())
        .await
        .unwrap();
    out.push_str(&format!("organs: {}\n", told(&s)));
    let people = "\u{feff}Number,Name,Organ,Post,Initials\n200001,钱一,B1,民警,\n200002,孙二,X9,民警,\n,李三,B1,民警,\n200001,又一人,B1,民警,\n200003,\"周\u{0}四\",B1,民警,\n200004,吴五,B2,民警,WW\n100001,王小明,A33010301,办案民警,\n200005,".to_owned()
        + &"长".repeat(65)
        + ",B1,民警,\n";
    let s = node
        .office
        .import_people(&node.permit(&admin), people.as_bytes())
        .await
        .unwrap();
    out.push_str(&format!("people: {}\n", told(&s)));
    let roles = "number,role,organ,from,to\n200001,officer,,,\n200001,officer,,,\n200001,emperor,,,\n999999,officer,,,\n200004,supervisor,B1,2026-11-01,2027-01-01\n200004,unit-head,B1,2027-01-01,2026-01-01\n200004,inspector,X9,yesterday,\n200004,R_OFFICER,,,\n";
    let s = node
        .office
        .import_roles(&node.permit(&admin), roles.as_bytes())
        .await
        .unwrap();
    out.push_str(&format!("roles: {}\n", told(&s)));
    for (what, csv) in [
        ("missing column", "number,name\n1,x\n".as_bytes().to_vec()),
        (
            "unknown column",
            "number,name,organ,post,shoe\n1,x,B1,y,z\n"
                .as_bytes()
                .to_vec(),
        ),
        (
            "GBK",
            encoding_rs::GBK
                .encode("number,name,organ,post\n1,王五,B1,民警\n")
                .0
                .into_owned(),
        ),
        ("not text", b"number,name,organ,post\n\xff\xff,a\n".to_vec()),
        ("empty", Vec::new()),
    ] {
        let Err(Error::Invalid(wrong)) =
            node.office.import_people(&node.permit(&admin), &csv).await
        else {
            panic!("{what}")
        };
        out.push_str(&format!(
            "{what}: {} {}\n",
            wrong[0].field, wrong[0].expected
        ));
    }
    insta::assert_snapshot!(out);

    let again = node
        .office
        .import_people(
            &node.permit(&admin),
            "number,name,organ,post,initials\n200004,吴五,B2,民警,ww\n".as_bytes(),
        )
        .await
        .unwrap();
    assert_eq!(
        (again.taken, again.unchanged),
        (0, 1),
        "the same again is no event"
    );
    let organs = node.office.organs(&node.permit(&admin)).await.unwrap();
    let tree: Vec<String> = organs
        .iter()
        .map(|o| format!("{}{} {}", "  ".repeat(o.depth as usize), o.code, o.people))
        .collect();
    assert_eq!(
        tree,
        [
            "A330100 10",
            "  A330103 2",
            "    A33010301 3",
            "  A330104 2",
            "  B1 1",
            "    B2 1"
        ]
    );
}

#[tokio::test]
async fn people_are_found_by_name_initials_number_and_post() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    for (q, hits) in [
        ("王小明", &["王小明"][..]),
        ("wxm", &["王小明"]),
        ("WX", &["王小明"]),
        ("10000", &["李文静"]),
        ("大队长", &["赵刚"]),
        ("明", &["王小明"]),
        ("", &[]),
        ("%", &[]),
    ] {
        let found = node
            .office
            .roster_search(&node.permit(&officer), q)
            .await
            .unwrap();
        let names: Vec<&str> = found.iter().map(|h| h.name.as_str()).collect();
        assert!(
            hits.iter().all(|h| names.contains(h)) && names.is_empty() == hits.is_empty(),
            "{q}: {names:?}"
        );
    }
}

#[tokio::test]
async fn changes_by_hand_are_entries_and_nonsense_is_refused() {
    let node = TestNode::new().await;
    let admin = node.admin().await;
    let field = |e: Error| match e {
        Error::Invalid(w) => w
            .iter()
            .map(|FieldError { field, problem, .. }| format!("{field} {problem}"))
            .collect::<Vec<_>>()
            .join(", "),
        e => e.to_string(),
    };
    let organ = |code: &str, parent: Option<&str>| NewOrgan {
        code: code.into(),
        name: "某机关".into(),
        parent: parent.map(Into::into),
    };
    let edit = node.permit(&admin);
    let mut out = Vec::new();
    for new in [
        organ("", None),
        organ("A330103", Some("A330100")),
        organ("C1", None),
        organ("C1", Some("C1")),
        organ("C1", Some("X9")),
    ] {
        out.push(field(node.office.add_organ(&edit, new).await.unwrap_err()));
    }
    out.push(field(
        node.office
            .change_organ(&edit, organ("A330103", Some("A33010301")))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office
            .change_organ(&edit, organ("A330100", Some("A330103")))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office.end_organ(&edit, "A330103").await.unwrap_err(),
    ));
    out.push(field(node.office.end_organ(&edit, "X9").await.unwrap_err()));
    node.office
        .add_organ(&edit, organ("C1", Some("A330100")))
        .await
        .unwrap();
    node.office.end_organ(&edit, "C1").await.unwrap();
    out.push(field(node.office.end_organ(&edit, "C1").await.unwrap_err()));

    let people = node.permit(&admin);
    let person = |number: &str, organ: &str| NewPerson {
        number: number.into(),
        name: "某人".into(),
        organ: organ.into(),
        ..NewPerson::default()
    };
    out.push(field(
        node.office
            .add_person(&people, person("100001", "A330100"))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office
            .add_person(&people, person("", "C1"))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office
            .change_person(&people, person("999999", "A330100"))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office
            .end_person(&people, admin.person)
            .await
            .unwrap_err(),
    ));
    node.office
        .change_person(
            &people,
            NewPerson {
                name: "王大明".into(),
                ..person("100001", "A330104")
            },
        )
        .await
        .unwrap();

    let roles = node.permit(&admin);
    let grant = |number: &str, role: &str| NewGrant {
        number: number.into(),
        role: role.into(),
        organ: None,
        from: None,
        to: None,
    };
    out.push(field(
        node.office
            .add_grant(&roles, grant("100002", "officer"))
            .await
            .unwrap_err(),
    ));
    out.push(field(
        node.office
            .add_grant(&roles, grant("999999", "R_OFFICER"))
            .await
            .unwrap_err(),
    ));
    let rows = node
        .office
        .grants(&node.permit(&admin), "admin", PageRequest::default())
        .await
        .unwrap()
        .rows;
    out.push(field(
        node.office
            .end_grant(&roles, rows[0].grant)
            .await
            .unwrap_err(),
    ));
    let rows = node
        .office
        .grants(&node.permit(&admin), "100001", PageRequest::default())
        .await
        .unwrap()
        .rows;
    node.office.end_grant(&roles, rows[0].grant).await.unwrap();
    out.push(field(
        node.office
            .end_grant(&roles, rows[0].grant)
            .await
            .unwrap_err(),
    ));
    insta::assert_snapshot!(out.join("\n"));

    let filter = PersonFilter {
        q: "100001".into(),
        ..PersonFilter::default()
    };
    let page = node
        .office
        .people(&node.permit(&admin), &filter, PageRequest::default())
        .await
        .unwrap();
    let row = &page.rows[0];
    assert_eq!(
        (
            row.name.as_str(),
            row.organ_name.as_str(),
            row.initials.as_str(),
            row.roles.len()
        ),
        ("王大明", "城西分局", "wdm", 0)
    );
}
