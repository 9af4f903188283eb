//! The example client in Python against a real node: events in, findings and clocks by stream, a webhook with its signature.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    serve::{Running, address},
    support::{Place, made},
};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/python");

/// A Python of at least 3.9.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("LIUHEN_PYTHON").map(PathBuf::from);
    let found = named.into_iter().chain(["python3".into()]).find(|python| {
        let test = "import sys; sys.exit(sys.version_info < (3, 9))";
        let out = Command::new(python).args(["-c", test]).output();
        out.is_ok_and(|out| out.status.success())
    });
    if found.is_none() {
        eprintln!("skipped: no Python 3.9");
    }
    found
}

/// One `POST` of JSON; status line and body.
fn post(address: &str, path: &str, token: &str, body: &Value) -> Value {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let body = body.to_string();
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("UTF-8");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).expect("JSON")
}

fn admin(place: &Place, words: &[&str]) -> Value {
    let words: Vec<&str> = [&["admin"], words, &["--json"]].concat();
    let output = place.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", place.tidy(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Lines of a stream as they come, without waiting for its end.
fn lines(from: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    receive
}

fn wait(lines: &mpsc::Receiver<String>, what: &str) -> Value {
    let line = lines.recv_timeout(Duration::from_secs(60));
    let line = line.unwrap_or_else(|e| panic!("no {what}: {e}"));
    serde_json::from_str(&line).unwrap_or_else(|e| panic!("{what}: {e}: {line}"))
}

#[test]
fn the_example_client_sends_listens_and_verifies() {
    let Some(python) = python() else { return };
    let place = made();
    place.write(
        "people.csv",
        "number,name,organ,post\n100001,某甲,A330100,民警\n",
    );
    place.write("roles.csv", "number,role,organ\n100001,officer,A330100\n");
    admin(&place, &["import-people", "people.csv"]);
    admin(&place, &["import-roles", "roles.csv"]);
    admin(&place, &["account", "add", "100001", "cases"]);
    let text = |v: &Value| v["token"].as_str().expect("a token").to_owned();
    let token = text(&admin(&place, &["token", "new", "cases", "办案平台"]));
    let key = text(&admin(&place, &["token", "new", "admin", "test"]));

    let client = |words: &[&str], env: &[(&str, &str)]| -> Command {
        let mut command = Command::new(&python);
        command
            .arg("-B")
            .arg(Path::new(FOLDER).join("liuhen_client.py"))
            .args(words)
            .current_dir(FOLDER)
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    };
    // The port is known before the secret is: a first receiver finds one that is free, with a secret that fits nothing.
    let wrong = [("LIUHEN_HOOK_SECRET", "whsec_bm90IHRoaXMgb25l")];
    let mut refusing = Running::start(&mut client(&["receive", "--port", "0"], &wrong));
    let mut said = BufReader::new(refusing.0.stderr.take().expect("piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("text");
    let port = line.split([':', '/']).nth(4).expect("a port").to_owned();
    let settings = place.path().join("liuhen-data/node.toml");
    let old = std::fs::read_to_string(&settings).expect("settings");
    let hooks = format!("\n[hooks]\nhosts = [\"127.0.0.1:{port}\"]\nhttp = true\n");
    std::fs::write(&settings, old + &hooks).expect("our own file");

    let mut served = Running::start(&mut place.command(&["serve", "--listen", "127.0.0.1:0"]));
    let node = address(served.0.stderr.take().expect("piped"));
    let url = format!("http://{node}");
    let env = [
        ("LIUHEN_URL", url.as_str()),
        ("LIUHEN_TOKEN", token.as_str()),
    ];
    let hook = json!({
        "account": "cases", "label": "办案平台", "url": format!("http://127.0.0.1:{port}/"), "rules": ["CR-042"],
    });
    let made = post(&node, "/api/v1/hooks", &key, &hook);
    let secret = made["secret"].as_str().expect("a secret").to_owned();

    let mut listening: Child = client(&["listen", "--count", "3"], &env)
        .spawn()
        .expect("python");
    let heard = lines(listening.stdout.take().expect("piped"));
    std::thread::sleep(Duration::from_millis(500));
    let sent = client(&["post", "events.ndjson"], &env)
        .output()
        .expect("python");
    let verdicts: Vec<Value> = String::from_utf8_lossy(&sent.stdout)
        .lines()
        .map(|l| serde_json::from_str(l).expect("JSON"))
        .collect();
    assert_eq!(verdicts.len(), 3, "{}", place.tidy(&sent));
    assert_eq!(
        sent.status.code(),
        Some(1),
        "one line is refused on purpose"
    );
    assert!(verdicts[0]["index"].is_u64() && verdicts[1]["index"].is_u64());
    assert_eq!(verdicts[2]["field"], "activity");
    let caused = verdicts[1]["findings"].as_array().expect("findings");
    assert!(
        !caused.is_empty(),
        "a detention in a case that was never filed"
    );
    let again = client(&["post", "events.ndjson"], &env)
        .output()
        .expect("python");
    assert!(String::from_utf8_lossy(&again.stdout).contains("\"duplicate\": true"));

    for _ in 0..3 {
        let told = wait(&heard, "finding");
        assert!(
            told["type"] == "finding" || told["type"] == "clock",
            "{told}"
        );
        assert!(told["finding"]["rule"].is_string(), "{told}");
    }
    assert!(listening.wait().expect("it ends").success());

    // Signed with the node's secret, so a receiver that knows another one refuses it; the one that knows it takes it.
    let refusals = lines(said);
    let refusal = refusals
        .recv_timeout(Duration::from_secs(60))
        .expect("a refusal");
    assert!(refusal.contains("the signature does not fit"), "{refusal}");
    drop(refusing);
    let right = [("LIUHEN_HOOK_SECRET", secret.as_str())];
    let words = ["receive", "--port", &port, "--count", "1"];
    let mut receiving = Running::start(&mut client(&words, &right));
    let told = wait(&lines(receiving.0.stdout.take().expect("piped")), "webhook");
    assert_eq!(told["type"], "finding.breached");
    assert_eq!(told["data"]["rule"], "CR-042");
    assert!(told["id"].as_str().expect("an id").starts_with("msg_"));
    assert!(receiving.0.wait().expect("it ends").success());
    assert_eq!(served.stop(), Some(0));
}
