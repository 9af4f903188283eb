//! Sign in, lock-out, sessions, leaving, passwords set by others.

use office::{Error, NewGrant, PasswordError, SignInError, may};
use testkit::node::{PASSWORD, TestNode};

#[tokio::test]
async fn roles_follow_their_periods_and_whoever_left_is_out() {
    let node = TestNode::new().await;
    let console = node.office.console();
    let officer = node.officer().await;
    assert_eq!(
        officer
            .roles()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["officer"]
    );
    assert_eq!(
        (officer.name.as_str(), officer.organ_name.as_str()),
        ("王小明", "城东分局刑侦大队")
    );

    let day = 24 * 60 * 60 * 1_000_000;
    let later = |days: i64| Some(office::Micros::new(node.now().get() + days * day).unwrap());
    let grant = NewGrant {
        number: TestNode::number("officer").into(),
        role: "inspector".into(),
        organ: Some("A330100".into()),
        from: later(1),
        to: later(3),
    };
    node.office
        .add_grant(&node.permit(&console), grant)
        .await
        .unwrap();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let viewer = node
            .office
            .sign_in("officer", PASSWORD)
            .await
            .unwrap()
            .viewer;
        seen.push(node.office.permit::<may::Export>(&viewer).is_ok());
        node.clock.advance_minutes(24 * 60);
    }
    assert_eq!(seen, [false, true, true, false, false]);

    let session = node.office.sign_in("officer", PASSWORD).await.unwrap();
    assert!(node.office.viewer(&session.token).await.unwrap().is_some());
    node.office
        .end_person(&node.permit(&console), node.person("officer"))
        .await
        .unwrap();
    assert!(node.office.viewer(&session.token).await.unwrap().is_none());
    assert!(matches!(
        node.office.sign_in("officer", PASSWORD).await,
        Err(SignInError::Wrong)
    ));
}

#[tokio::test]
async fn five_failures_lock_for_a_quarter_of_an_hour() {
    let node = TestNode::new().await;
    node.officer().await;
    for _ in 0..4 {
        assert!(matches!(
            node.office.sign_in("officer", "not this one").await,
            Err(SignInError::Wrong)
        ));
    }
    let Err(SignInError::Locked { until }) = node.office.sign_in("officer", "not this one").await
    else {
        panic!("not locked")
    };
    assert_eq!(until.get() - node.now().get(), 15 * 60 * 1_000_000);
    assert!(matches!(
        node.office.sign_in("officer", PASSWORD).await,
        Err(SignInError::Locked { .. })
    ));
    node.clock.advance_minutes(15);
    node.office.sign_in("officer", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn whoever_resets_a_password_leaves_an_entry() {
    let node = TestNode::new().await;
    let (admin, supervisor) = (node.admin().await, node.supervisor().await);
    let before = node.office.ledger().size();
    let reset = node
        .office
        .reset_account(&node.permit(&admin), "supervisor")
        .await
        .unwrap();
    assert_eq!(node.office.ledger().size(), before + 1);
    let view = node
        .office
        .lookup(&node.permit(&supervisor), &office::Lookup::Index(before))
        .await
        .unwrap();
    assert_eq!(view.header.activity.as_str(), "lh.alarm");
    assert_eq!(view.header.actor[0].p, admin.person);
    assert!(node.office.sign_in("supervisor", PASSWORD).await.is_err());
    let session = node
        .office
        .sign_in("supervisor", &reset.password)
        .await
        .unwrap();
    assert!(session.must_change);
    let weak = node
        .office
        .change_password(&session.viewer, &session.token, &reset.password, "short")
        .await;
    assert!(matches!(weak, Err(PasswordError::Weak)));
    node.office
        .change_password(
            &session.viewer,
            &session.token,
            &reset.password,
            "my own secret",
        )
        .await
        .unwrap();
    assert!(
        !node
            .office
            .session(&session.token)
            .await
            .unwrap()
            .unwrap()
            .must_change
    );
}

#[tokio::test]
async fn tokens_are_shown_once_and_end() {
    let node = TestNode::new().await;
    let admin = node.admin().await;
    node.officer().await;
    let new = node
        .office
        .new_token(&node.permit(&admin), "officer", "办案平台", None)
        .await
        .unwrap();
    let viewer = node
        .office
        .viewer_of_token(&new.token)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(viewer.person, node.person("officer"));
    let rows = node.office.tokens(&node.permit(&admin)).await.unwrap();
    assert_eq!(rows.len(), 1);
    node.office
        .end_token(&node.permit(&admin), rows[0].id)
        .await
        .unwrap();
    assert!(
        node.office
            .viewer_of_token(&new.token)
            .await
            .unwrap()
            .is_none()
    );
    assert!(matches!(
        node.office
            .end_token(&node.permit(&admin), rows[0].id)
            .await,
        Err(Error::NotFound)
    ));
    assert!(matches!(
        node.office
            .new_token(&node.permit(&admin), "nobody-at-all", "x", None)
            .await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn a_clock_that_goes_back_leaves_one_alarm() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    node.clock.advance_minutes(-60);
    for _ in 0..3 {
        node.office.started().await.unwrap();
    }
    node.office.caught_up_all().await.unwrap();
    let mut alarms = 0;
    for index in 0..node.office.ledger().size() {
        let view = node
            .office
            .lookup(&node.permit(&officer), &office::Lookup::Index(index))
            .await
            .unwrap();
        alarms += usize::from(view.header.activity.as_str() == "lh.alarm");
    }
    assert_eq!(alarms, 1);
}
