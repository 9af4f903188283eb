//! The server loop under peers that are slow, many, or both; and its end.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use testkit::node::TestNode;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use web::{Limits, Options};

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn serve(node: &TestNode, limits: Limits) -> Server {
    // All of 127.0.0.0/8 is this machine: peers may come from several addresses.
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (stop, stopped) = oneshot::channel::<()>();
    let options = Options {
        limits,
        ..Options::default()
    };
    let served = web::serve(node.office.clone(), listener, options, async {
        let _ = stopped.await;
    });
    Server {
        address: ([127, 0, 0, 1], port).into(),
        stop,
        ended: tokio::spawn(served),
    }
}

async fn connect(to: SocketAddr, from: [u8; 4]) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// Asks for a page and reads the whole answer.
async fn ask(to: SocketAddr, from: [u8; 4]) -> String {
    let mut stream = connect(to, from).await.expect("a connection");
    let request = "GET /sign-in HTTP/1.1\r\nhost: node\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

/// Whether the other side closes within a time.
async fn closed(stream: &mut TcpStream, within: Duration) -> bool {
    let mut rest = Vec::new();
    tokio::time::timeout(within, stream.read_to_end(&mut rest))
        .await
        .is_ok()
}

/// Bytes of memory that this process holds.
fn memory() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    statm
        .split(' ')
        .nth(1)
        .expect("resident pages")
        .parse::<u64>()
        .expect("a number")
        * 4096
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_slow_peers_cost_neither_memory_nor_anybody_s_turn() {
    let node = TestNode::bare().await;
    let limits = Limits {
        connections: 256,
        per_address: 400,
        head: Duration::from_secs(2),
        ..Limits::default()
    };
    let server = serve(&node, limits).await;
    let before = memory();
    let (mut slow, mut longest) = (std::collections::VecDeque::new(), Duration::ZERO);
    for n in 0..10_000u32 {
        let from = [127, 0, 1, (n % 50 + 1) as u8];
        if let Ok(mut stream) = connect(server.address, from).await {
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: no").await;
            slow.push_back(stream);
        }
        // Their own ends are closed late, so that the server must do without.
        if slow.len() > 400 {
            slow.pop_front();
        }
        if n % 500 == 499 {
            let began = Instant::now();
            assert!(
                ask(server.address, [127, 0, 0, 2])
                    .await
                    .starts_with("HTTP/1.1 200"),
                "after {n} slow ones"
            );
            longest = longest.max(began.elapsed());
        }
    }
    assert!(
        longest < Duration::from_secs(2),
        "an honest request took {longest:?}"
    );
    let grown = memory().saturating_sub(before);
    assert!(grown < 96 * 1024 * 1024, "memory grew by {grown} bytes");
    let _ = server.stop.send(());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_has_its_share_and_no_more() {
    let node = TestNode::bare().await;
    let server = serve(
        &node,
        Limits {
            per_address: 4,
            ..Limits::default()
        },
    )
    .await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(
            connect(server.address, [127, 0, 0, 3])
                .await
                .expect("a connection"),
        );
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut fifth = connect(server.address, [127, 0, 0, 3])
        .await
        .expect("accepted by the system");
    assert!(
        closed(&mut fifth, Duration::from_secs(2)).await,
        "the fifth is closed at once"
    );
    assert!(
        ask(server.address, [127, 0, 0, 4])
            .await
            .starts_with("HTTP/1.1 200"),
        "others are served"
    );
    held.pop();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(
        ask(server.address, [127, 0, 0, 3])
            .await
            .starts_with("HTTP/1.1 200"),
        "a place that is given back is free"
    );
    let _ = server.stop.send(());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_a_body_or_an_answer_that_stands_still_ends_the_connection() {
    let node = TestNode::bare().await;
    let limits = Limits {
        head: Duration::from_millis(400),
        idle: Duration::from_millis(800),
        ..Limits::default()
    };
    let server = serve(&node, limits).await;
    for start in [
        "GET / HTTP/1.1\r\nhost:",
        "POST /sign-in HTTP/1.1\r\nhost: node\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 1000\r\n\r\naccount=",
        "GET /sign-in HTTP/1.1\r\nhost: node\r\n\r\n",
    ] {
        let mut stream = connect(server.address, [127, 0, 0, 5])
            .await
            .expect("a connection");
        stream.write_all(start.as_bytes()).await.expect("sent");
        assert!(closed(&mut stream, Duration::from_secs(5)).await, "{start}");
    }
    let _ = server.stop.send(());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_are_no_heads_are_refused() {
    let node = TestNode::bare().await;
    let server = serve(&node, Limits::default()).await;
    let long = format!(
        "GET /{} HTTP/1.1\r\nhost: node\r\n\r\n",
        "x".repeat(100_000)
    );
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(100));
    for (what, request) in [
        ("a long line", long.as_str()),
        ("many headers", &many),
        ("no HTTP", "\u{16}\u{3}\u{1}hello\r\n\r\n"),
    ] {
        let mut stream = connect(server.address, [127, 0, 0, 6])
            .await
            .expect("a connection");
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer))
            .await
            .expect("an end");
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{what}: {answer}"
        );
    }
    let _ = server.stop.send(());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_the_end_idle_connections_close_and_nobody_waits_for_them() {
    let node = TestNode::bare().await;
    let server = serve(
        &node,
        Limits {
            grace: Duration::from_secs(3),
            ..Limits::default()
        },
    )
    .await;
    let mut idle = connect(server.address, [127, 0, 0, 7])
        .await
        .expect("a connection");
    idle.write_all(b"GET /sign-in HTTP/1.1\r\nhost: node\r\n\r\n")
        .await
        .expect("sent");
    let mut some = [0; 12];
    idle.read_exact(&mut some).await.expect("an answer");
    assert_eq!(&some, b"HTTP/1.1 200");
    let began = Instant::now();
    let _ = server.stop.send(());
    server.ended.await.expect("no panic").expect("no error");
    assert!(
        began.elapsed() < Duration::from_secs(2),
        "{:?}",
        began.elapsed()
    );
    assert!(
        TcpStream::connect(server.address).await.is_err(),
        "nobody listens any more"
    );
}
