//! Policy files: the example of the specification, quorums, every refusal.

use tlog::note::{KeyKind, VerifierKey};
use tlog::policy::{Policy, PolicyError};

use crate::support::key;

fn log_key(seed: u8) -> VerifierKey {
    key("log.example/1", seed, KeyKind::Log).verifier().clone()
}

fn witness_key(name: &str, seed: u8) -> VerifierKey {
    key(&format!("{name}.example"), seed, KeyKind::Cosigner)
        .verifier()
        .clone()
}

/// The example of tlog-policy: two of X, one of Y.
fn example() -> String {
    let mut file = format!(
        "# two organisations\nlog {} https://log.example/1\n\n",
        log_key(1)
    );
    for (n, name) in ["X1", "X2", "X3"].iter().enumerate() {
        file += &format!("witness {name} {}\n", witness_key(name, 10 + n as u8));
    }
    file += "group X-witnesses 2 X1 X2 X3\n\n";
    for (n, name) in ["Y1", "Y2", "Y3"].iter().enumerate() {
        file += &format!(
            "\t witness\t{name}  {} https://{name}.example/ \n",
            witness_key(name, 20 + n as u8)
        );
    }
    file + "group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\n  # done\nquorum X-and-Y\n"
}

fn quorum(policy: &Policy, names: &[&str]) -> bool {
    policy.is_quorum(|witness| names.iter().any(|name| name.as_bytes() == witness.name))
}

#[test]
fn the_example_needs_two_of_x_and_one_of_y() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    assert_eq!(
        (
            policy.logs().len(),
            policy.witnesses().len(),
            policy.keys().len()
        ),
        (1, 6, 7)
    );
    assert_eq!(
        policy.logs()[0].url.as_deref(),
        Some(&b"https://log.example/1"[..])
    );
    assert!(quorum(&policy, &["X1", "X3", "Y2"]));
    assert!(quorum(&policy, &["X1", "X2", "X3", "Y1", "Y2", "Y3"]));
    assert!(!quorum(&policy, &["X1", "Y1", "Y2", "Y3"]));
    assert!(!quorum(&policy, &["X1", "X2", "X3"]));
    assert!(!quorum(&policy, &[]));
}

#[test]
fn a_quorum_may_be_one_witness_or_none() {
    let witness = format!("witness W {}\n", witness_key("w", 9));
    let one = Policy::parse(format!("{witness}quorum W\n").as_bytes()).unwrap();
    assert!(quorum(&one, &["W"]) && !quorum(&one, &[]));
    let none = Policy::parse(b"quorum none\n").unwrap();
    assert!(quorum(&none, &[]) && none.logs().is_empty());
    assert!(quorum(&Policy::of_log(log_key(1)).unwrap(), &[]));
    assert!(Policy::of_log(witness_key("w", 9)).is_err());
}

#[test]
fn names_are_bytes() {
    // LATIN CAPITAL K and KELVIN SIGN are two names, and a name need not be UTF-8.
    let mut file = format!("witness K {}\n", witness_key("k", 1)).into_bytes();
    file.extend_from_slice(b"witness \xe2\x84\xaa ");
    file.extend_from_slice(format!("{}\nwitness ", witness_key("kelvin", 2)).as_bytes());
    file.extend_from_slice(b"\xff ");
    file.extend_from_slice(format!("{}\n", witness_key("raw", 3)).as_bytes());
    file.extend_from_slice(b"group g 1 \xff K\nquorum g\n");
    let policy = Policy::parse(&file).unwrap();
    assert!(policy.is_quorum(|witness| witness.name == b"\xff"));
    assert!(!policy.is_quorum(|witness| witness.name == "\u{212a}".as_bytes()));
}

#[test]
fn thirty_two_of_each_are_read() {
    let mut file = String::new();
    for n in 0..40u8 {
        file += &format!(
            "log {}\n",
            key(&format!("l{n}.example"), n, KeyKind::Log).verifier()
        );
        file += &format!("witness w{n} {}\n", witness_key("w", 100 + n));
        let below = if n == 0 {
            String::new()
        } else {
            format!(" g{}", n - 1)
        };
        file += &format!("group g{n} all w{n}{below}\n");
    }
    let policy = Policy::parse((file + "quorum g39\n").as_bytes()).unwrap();
    assert!(policy.is_quorum(|_| true));
    assert!(
        !policy.is_quorum(|witness| witness.name != b"w0"),
        "forty groups deep"
    );
}

#[test]
fn every_refusal_names_its_line() {
    let (l, a, b) = (log_key(1), witness_key("a", 2), witness_key("b", 3));
    let two = format!("witness A {a}\nwitness B {b}\n");
    let same_as_log =
        VerifierKey::from_ed25519("c.example", l.public(), tlog::note::Algorithm::Cosignature)
            .unwrap();
    let cases = [
        String::new(),
        "quorum none".to_owned(),
        format!("log {l}\n"),
        "quorum none\nquorum none\n".to_owned(),
        "quorum nobody\n".to_owned(),
        "quorum none none\n".to_owned(),
        "Quorum none\n".to_owned(),
        "\rquorum none\n".to_owned(),
        "quorum none\x7f\n".to_owned(),
        format!("quorum A\n{two}"),
        format!("log {a}\nquorum none\n"),
        format!("witness A {l}\nquorum none\n"),
        "log nonsense\nquorum none\n".to_owned(),
        format!("log {l}\nlog {l}\nquorum none\n"),
        format!("log {l}\nwitness C {same_as_log}\nquorum none\n"),
        format!("witness A {a}\nwitness A {b}\nquorum none\n"),
        format!("witness A {a}\nwitness B {a}\nquorum none\n"),
        format!("witness none {a}\nquorum none\n"),
        format!("{two}group A any B\nquorum A\n"),
        format!("{two}group g any\nquorum g\n"),
        format!("{two}group g any none\nquorum g\n"),
        format!("{two}group g any A A\nquorum g\n"),
        format!("{two}group g any A\ngroup h any A B\nquorum h\n"),
        format!("{two}group g any g\nquorum g\n"),
        format!("{two}group g 0 A B\nquorum g\n"),
        format!("{two}group g 3 A B\nquorum g\n"),
        format!("{two}group g 01 A B\nquorum g\n"),
        format!("{two}group g most A B\nquorum g\n"),
        format!("{two}group g any h\ngroup h any A\nquorum g\n"),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|file| {
            let short = file
                .replace(&l.to_string(), "L")
                .replace(&a.to_string(), "KA")
                .replace(&b.to_string(), "KB");
            let short = short.replace(&same_as_log.to_string(), "KL");
            format!(
                "{short:?}\n    {}",
                Policy::parse(file.as_bytes()).unwrap_err()
            )
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
    let long = vec![b'\n'; tlog::policy::MAX_POLICY + 1];
    assert_eq!(
        Policy::parse(&long),
        Err(PolicyError::TooLong { len: long.len() })
    );
}
