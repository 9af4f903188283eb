//! A node that runs: ready, alone with its log, audited meanwhile, stopped politely.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use crate::support::{Place, made};

/// A child that is killed if a test fails before it has ended.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the binary starts"),
        )
    }

    /// Asks it to stop, and waits until it has. The exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        let kill = Command::new("kill").args(["-TERM", &id]).status();
        assert!(kill.is_ok_and(|s| s.success()));
        self.0.wait().expect("it ends").code()
    }
}

/// The first `http://host:port` in the lines of `out`.
pub(crate) fn address(out: impl std::io::Read) -> String {
    for line in BufReader::new(out).lines() {
        let line = line.expect("text");
        if let Some(at) = line.find("http://") {
            let rest = &line[at + 7..];
            let end = rest.find(|c: char| !(c.is_ascii_digit() || ".:".contains(c)));
            return rest[..end.unwrap_or(rest.len())].to_owned();
        }
    }
    panic!("it ended without an address");
}

fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("it reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("it answers in UTF-8");
    answer
}

#[test]
fn a_node_serves_and_is_alone_with_its_log() {
    let place = made();
    let mut served = Running::start(&mut place.command(&["serve", "--listen", "127.0.0.1:0"]));
    let address = address(served.0.stderr.take().expect("piped"));
    assert!(get(&address, "/sign-in").starts_with("HTTP/1.1 200"));
    let checkpoint = get(&address, "/checkpoint");
    assert!(checkpoint.contains("liuhen.local/A330100"), "{checkpoint}");

    let busy = place.shown(&["rebuild"]);
    insta::assert_snapshot!(busy);
    let taken = place.run(&["serve", "--listen", &address]);
    assert_eq!(taken.status.code(), Some(3), "{}", place.tidy(&taken));
    // What needs no lock goes on beside it.
    assert_eq!(place.run(&["audit"]).status.code(), Some(0));
    assert_eq!(place.run(&["admin", "key"]).status.code(), Some(0));

    assert_eq!(served.stop(), Some(0));
    assert_eq!(place.run(&["audit"]).status.code(), Some(0));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let place = made();
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = other.local_addr().expect("bound").port().to_string();
    let output = place.run(&["serve", "--listen", &format!("127.0.0.1:{port}")]);
    let shown = place.tidy(&output);
    assert_eq!(output.status.code(), Some(3), "{shown}");
    assert!(shown.contains("another program has this port"), "{shown}");
}

#[test]
fn a_demo_shows_itself_and_leaves_nothing_behind() {
    let place = Place::new();
    let mut demo =
        Running::start(&mut place.command(&["demo", "--port", "0", "--cases", "12", "--no-open"]));
    let mut out = BufReader::new(demo.0.stdout.take().expect("piped"));
    let mut text = String::new();
    while !text.contains("Ctrl-C") {
        assert_ne!(
            out.read_line(&mut text).expect("text"),
            0,
            "it ended early: {text}"
        );
    }
    let address = address(text.as_bytes());
    assert!(get(&address, "/sign-in").starts_with("HTTP/1.1 200"));
    for role in [
        "officer",
        "supervisor",
        "unit-head",
        "legal-reviewer",
        "inspector",
        "leader",
        "chief-leader",
        "city-leader",
        "admin",
    ] {
        assert!(text.contains(role), "no account of {role}: {text}");
    }
    assert_eq!(demo.stop(), Some(0));
    let left: Vec<_> = std::fs::read_dir(place.path())
        .expect("our own folder")
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_demo_can_be_kept() {
    let place = Place::new();
    let words = [
        "demo",
        "--port",
        "0",
        "--cases",
        "2",
        "--no-open",
        "--dir",
        "kept",
        "--json",
    ];
    for _ in 0..2 {
        let mut demo = Running::start(&mut place.command(&words));
        let address = address(demo.0.stdout.take().expect("piped"));
        assert!(get(&address, "/sign-in").starts_with("HTTP/1.1 200"));
        assert_eq!(demo.stop(), Some(0));
    }
    assert_eq!(place.run(&["audit", "kept"]).status.code(), Some(0));
}
