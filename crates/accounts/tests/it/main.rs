//! Accounts through their public functions, on a file, with times as arguments.

use accounts::{ABSOLUTE, AccountError, Accounts, IDLE, SignInError};
use model::{Micros, ObjectType, Pseudonym, PseudonymKey};

const MINUTE: i64 = 60_000_000;

fn at(micros: i64) -> Micros {
    Micros::new(1_800_000_000_000_000 + micros).unwrap()
}

fn person(number: &str) -> Pseudonym {
    PseudonymKey::new([7; 32]).pseudonym(&ObjectType::new("staff").unwrap(), "", number)
}

async fn open() -> (tempfile::TempDir, Accounts) {
    let dir = tempfile::tempdir().unwrap();
    let accounts = Accounts::open(&dir.path().join("accounts.sqlite"))
        .await
        .unwrap();
    accounts
        .add("wang", person("1"), "correct horse", false, at(0))
        .await
        .unwrap();
    (dir, accounts)
}

#[tokio::test]
async fn a_session_lasts_half_an_hour_idle_and_twelve_hours_in_all() {
    let (_dir, a) = open().await;
    let signed = a.sign_in("wang", "correct horse", at(0)).await.unwrap();
    assert_eq!(signed.who.person, person("1"));
    assert!(
        a.session(&signed.token, at(IDLE - 1))
            .await
            .unwrap()
            .is_some()
    );
    let mut now = IDLE - 1;
    while now + IDLE - MINUTE < ABSOLUTE {
        now += IDLE - MINUTE;
        assert!(
            a.session(&signed.token, at(now)).await.unwrap().is_some(),
            "{} min",
            now / MINUTE
        );
    }
    assert!(
        a.session(&signed.token, at(ABSOLUTE))
            .await
            .unwrap()
            .is_none(),
        "twelve hours are over"
    );

    let idle = a
        .sign_in("wang", "correct horse", at(ABSOLUTE))
        .await
        .unwrap();
    assert!(
        a.session(&idle.token, at(ABSOLUTE + IDLE))
            .await
            .unwrap()
            .is_none(),
        "half an hour without a request"
    );
    let out = a
        .sign_in("wang", "correct horse", at(ABSOLUTE))
        .await
        .unwrap();
    a.sign_out(&out.token).await.unwrap();
    assert!(a.session(&out.token, at(ABSOLUTE)).await.unwrap().is_none());
    for forged in ["", "x", &"0".repeat(64), &out.token[..63]] {
        assert!(a.session(forged, at(ABSOLUTE)).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn five_failures_lock_known_and_unknown_names_alike_and_ever_longer() {
    let (_dir, a) = open().await;
    for name in ["wang", "nobody"] {
        let mut now = 0;
        let mut waits = Vec::new();
        for _ in 0..4 {
            let e = a.sign_in(name, "wrong wrong", at(now)).await.unwrap_err();
            assert!(matches!(e, SignInError::Wrong), "{name}: {e}");
        }
        for _ in 0..4 {
            let Err(SignInError::Locked { until }) = a.sign_in(name, "wrong wrong", at(now)).await
            else {
                panic!("{name}")
            };
            waits.push((until.get() - at(now).get()) / MINUTE);
            let held = a
                .sign_in(name, "correct horse", at(now + MINUTE))
                .await
                .unwrap_err();
            assert!(
                matches!(held, SignInError::Locked { until: u } if u == until),
                "{name}: {held}"
            );
            now = until.get() - at(0).get();
        }
        assert_eq!(waits, [15, 30, 60, 120], "{name}");
    }
    a.unlock("wang").await.unwrap();
    a.sign_in("wang", "correct horse", at(0)).await.unwrap();
    let e = a.sign_in("wang", "wrong wrong", at(0)).await.unwrap_err();
    assert!(
        matches!(e, SignInError::Wrong),
        "a success forgets the failures"
    );
}

#[tokio::test]
async fn tries_side_by_side_get_no_more_than_the_free_ones() {
    let (_dir, a) = open().await;
    let tries = (0..12).map(|_| {
        let a = a.clone();
        tokio::spawn(async move {
            a.sign_in("wang", "wrong wrong", at(0))
                .await
                .map(drop)
                .map_err(|e| matches!(e, SignInError::Wrong))
        })
    });
    let mut wrong = 0;
    for t in tries.collect::<Vec<_>>() {
        if t.await.unwrap() == Err(true) {
            wrong += 1;
        }
    }
    assert_eq!(wrong, 4);
}

#[tokio::test]
async fn passwords_change_and_end_the_other_sessions() {
    let (_dir, a) = open().await;
    let here = a.sign_in("wang", "correct horse", at(0)).await.unwrap();
    let there = a.sign_in("wang", "correct horse", at(0)).await.unwrap();
    for weak in ["short", "my wang password", &"x".repeat(257)] {
        let e = a
            .change("wang", "correct horse", weak, &here.token, at(0))
            .await
            .unwrap_err();
        assert!(matches!(e, AccountError::Weak(_)), "{weak}: {e}");
    }
    let e = a
        .change(
            "wang",
            "not it at all",
            "battery staple",
            &here.token,
            at(0),
        )
        .await
        .unwrap_err();
    assert!(matches!(e, AccountError::SignIn(SignInError::Wrong)));
    a.change(
        "wang",
        "correct horse",
        "battery staple",
        &here.token,
        at(0),
    )
    .await
    .unwrap();
    assert!(a.session(&here.token, at(0)).await.unwrap().is_some());
    assert!(a.session(&there.token, at(0)).await.unwrap().is_none());
    assert!(a.sign_in("wang", "correct horse", at(0)).await.is_err());

    a.reset("wang", "given by hand").await.unwrap();
    assert!(
        a.session(&here.token, at(0)).await.unwrap().is_none(),
        "a reset ends every session"
    );
    assert!(
        a.sign_in("wang", "given by hand", at(0))
            .await
            .unwrap()
            .who
            .must_change
    );
    assert!(matches!(
        a.add("wang", person("2"), "another one", false, at(0))
            .await,
        Err(AccountError::Taken)
    ));
    assert!(matches!(
        a.add("w x", person("2"), "another one", false, at(0)).await,
        Err(AccountError::Name)
    ));
}

#[tokio::test]
async fn tokens_speak_for_an_account_until_they_end() {
    let (_dir, a) = open().await;
    let token = a
        .new_token("wang", "case system", Some(at(10)), at(0))
        .await
        .unwrap();
    assert_eq!(
        a.token(&token, at(9)).await.unwrap().unwrap().account,
        "wang"
    );
    assert!(a.token(&token, at(10)).await.unwrap().is_none());
    assert!(
        a.session(&token, at(0)).await.unwrap().is_none(),
        "a token is no session"
    );
    let other = a.new_token("wang", "other", None, at(0)).await.unwrap();
    let id = a.tokens().await.unwrap()[1].id;
    assert!(a.end_token(id).await.unwrap());
    assert!(a.token(&other, at(0)).await.unwrap().is_none());
    a.end_all(person("1")).await.unwrap();
    assert!(a.tokens().await.unwrap().is_empty());
}

#[tokio::test]
async fn nobody_else_can_read_the_file_and_it_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, a) = open().await;
    let signed = a.sign_in("wang", "correct horse", at(0)).await.unwrap();
    let token = a.new_token("wang", "x", None, at(0)).await.unwrap();
    let mut all = Vec::new();
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o077,
            0,
            "{:?}",
            file.file_name()
        );
        all.extend(std::fs::read(file.path()).unwrap());
    }
    assert!(all.windows(4).any(|w| w == b"wang"), "the account is there");
    for secret in ["correct horse", &signed.token, &token] {
        assert!(!all.windows(secret.len()).any(|w| w == secret.as_bytes()));
    }
    assert!(!format!("{signed:?}").contains(&signed.token));
}
