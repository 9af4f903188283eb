//! The table of roles and actions, as committed; and that a permit follows it.

use office::{Action, may, permissions};
use testkit::node::TestNode;

#[test]
fn roles_and_actions() {
    let roles: Vec<&str> = permissions::roles().collect();
    let mut table = format!("{:<16}", "");
    for role in &roles {
        table.push_str(&format!(" {role:>14}"));
    }
    for action in Action::ALL {
        table.push_str(&format!("\n{:<16}", action.name()));
        for role in &roles {
            let mark = match (
                permissions::allowed(role, *action),
                permissions::forbidden(role, *action),
            ) {
                (_, true) => "✘✘",
                (true, false) => "✔",
                (false, false) => "✘",
            };
            table.push_str(&format!(" {mark:>14}"));
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn the_table_has_the_roles_of_the_pack() {
    let mut known: Vec<&str> = permissions::roles().collect();
    let mut pack: Vec<&str> = law::Catalogue::shipped()
        .roles()
        .iter()
        .filter(|r| r.pack == "node")
        .map(|r| r.id.as_str())
        .collect();
    known.sort_unstable();
    pack.sort_unstable();
    assert_eq!(known, pack);
}

#[tokio::test]
async fn a_permit_follows_the_table() {
    let node = TestNode::new().await;
    for handle in TestNode::handles() {
        let viewer = node.user(handle).await;
        for action in Action::ALL {
            let by_table = viewer
                .grants
                .iter()
                .any(|g| permissions::allowed(g.role.as_str(), *action))
                && !viewer
                    .grants
                    .iter()
                    .any(|g| permissions::forbidden(g.role.as_str(), *action));
            assert_eq!(
                permissions::may_do(&viewer, *action),
                by_table,
                "{handle} {action:?}"
            );
        }
        assert_eq!(
            node.office.permit::<may::Record>(&viewer).is_ok(),
            permissions::may_do(&viewer, Action::Record)
        );
    }
    let nobody = node.user("nobody").await;
    assert!(
        Action::ALL
            .iter()
            .all(|a| !permissions::may_do(&nobody, *a)),
        "without a role nothing is allowed"
    );
}

#[tokio::test]
async fn whoever_runs_the_node_reads_no_records_even_as_a_supervisor() {
    let node = TestNode::new().await;
    let console = node.office.console();
    let grant = office::NewGrant {
        number: TestNode::number("supervisor").into(),
        role: "admin".into(),
        organ: Some("A330100".into()),
        from: None,
        to: None,
    };
    assert!(
        node.office
            .permit::<may::ReadInquiries>(&node.supervisor().await)
            .is_ok()
    );
    node.office
        .add_grant(&node.permit(&console), grant)
        .await
        .unwrap();
    let both = node
        .office
        .sign_in("supervisor", testkit::node::PASSWORD)
        .await
        .unwrap()
        .viewer;
    assert!(node.office.permit::<may::ReadInquiries>(&both).is_err());
    assert!(node.office.permit::<may::EditRoles>(&both).is_ok());
}
