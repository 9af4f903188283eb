//! The node as its users meet it: this very binary, started as a process of its own and spoken to over HTTP or by command.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{Bench, Figure, Target, number, percentile};
use crate::failure::{Failure, io};

fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::broken(error.to_string())
}

fn liuhen(node: &Path) -> Result<Command, Failure> {
    let mut command = Command::new(std::env::current_exe().map_err(broken)?);
    command
        .arg("--node")
        .arg(node)
        .args(["--lang", "en"])
        .stdin(Stdio::null());
    Ok(command)
}

fn init(node: &Path) -> Result<(), Failure> {
    let words = [
        "init",
        "--organ",
        "A330100",
        "--organ-name",
        "bench",
        "--admin-name",
        "bench",
    ];
    let status = liuhen(node)?
        .args(words)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(broken)?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::broken("a node could not be made"))
    }
}

/// A field of /proc/PID/status in MB.
pub(super) fn memory_mb(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix(field)?.strip_prefix(':'));
    let kb = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok());
    kb.unwrap_or(0.0) / 1024.0
}

fn xes(dir: &Path, events: u64) -> Result<PathBuf, Failure> {
    let path = dir.join(format!("{events}.xes"));
    let mut file = std::io::BufWriter::new(fs::File::create(&path).map_err(|e| io(&path, e))?);
    let made = interchange::synthetic::xes(&mut file, 1, events / 20, events);
    made.and_then(|()| file.flush()).map_err(|e| io(&path, e))?;
    Ok(path)
}

/// Imports with a process of its own; gives events per second from its start to its end, and the most memory it had.
fn run_import(node: &Path, file: &Path, events: u64) -> Result<(f64, f64), Failure> {
    let started = Instant::now();
    let rejects = node.join("rejects.jsonl");
    let mut child = liuhen(node)?
        .args(["--json", "import"])
        .arg(file)
        .arg("--rejects")
        .arg(rejects)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(broken)?;
    let (mut peak, pid) = (0.0, child.id());
    let status = loop {
        peak = memory_mb(pid, "VmHWM").max(peak);
        if let Some(status) = child.try_wait().map_err(broken)? {
            break status;
        }
        thread::sleep(Duration::from_millis(20));
    };
    let seconds = started.elapsed().as_secs_f64();
    let mut said = String::new();
    child
        .stdout
        .take()
        .expect("it was piped")
        .read_to_string(&mut said)
        .map_err(broken)?;
    let report: Value = serde_json::from_str(&said).map_err(broken)?;
    if !status.success() || report[0]["events"] != events {
        return Err(Failure::broken(format!("the import went wrong: {report}")));
    }
    Ok((events as f64 / seconds, peak))
}

/// Parse → ledger → register, one million events; then starts of that node, and what it needs when idle.
pub(super) fn import_and_start(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const EVENTS: u64 = 1_000_000;
    let node = bench.dir.join("node");
    init(&node)?;
    let file = xes(bench.dir, EVENTS)?;
    let (rate, peak) = run_import(&node, &file, EVENTS)?;
    fs::remove_file(&file).map_err(|e| io(&file, e))?;
    let mut figures = vec![
        Figure::new(
            "import",
            "XES of 1 million events, parse → ledger → register, whole process",
            rate,
            "events/s",
        )
        .target(Target::AtLeast(40_000.0))
        .ratio(format!(
            "{} % of what one core hashes",
            number(100.0 * rate / bench.machine.leaves_s)
        )),
        Figure::new("import", "the same, most memory", peak, "MB"),
    ];
    let mut starts = Vec::new();
    for _ in 0..5 {
        let server = Server::start(&node)?;
        starts.push(server.ready);
        server.stop()?;
    }
    starts.sort_unstable();
    let median = percentile(&starts, 0.5).as_secs_f64() * 1e3;
    figures.push(
        Figure::new(
            "start",
            "node with 1 million events, start of the process to first page, median of 5",
            median,
            "ms",
        )
        .target(Target::AtMost(200.0)),
    );
    let mut server = Server::start(&node)?;
    server.child.kill().map_err(broken)?;
    server.child.wait().map_err(broken)?;
    let server = Server::start(&node)?;
    figures.push(Figure::new(
        "start",
        "the same after kill -9",
        server.ready.as_secs_f64() * 1e3,
        "ms",
    ));
    thread::sleep(Duration::from_secs(5));
    let idle = memory_mb(server.child.id(), "VmRSS");
    figures.push(
        Figure::new(
            "memory",
            "idle server on a node with 1 million events",
            idle,
            "MB",
        )
        .target(Target::AtMost(60.0)),
    );
    server.stop()?;
    let exe = std::env::current_exe().map_err(broken)?;
    let size = fs::metadata(&exe).map_err(|e| io(&exe, e))?.len() as f64 / 1e6;
    figures
        .push(Figure::new("memory", "size of the binary", size, "MB").target(Target::AtMost(40.0)));
    fs::remove_dir_all(&node).map_err(|e| io(&node, e))?;
    Ok(figures)
}

/// Five million events: does memory grow with the file?
pub(super) fn import_large(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const EVENTS: u64 = 5_000_000;
    let node = bench.dir.join("large-node");
    init(&node)?;
    let file = xes(bench.dir, EVENTS)?;
    let bytes = fs::metadata(&file).map_err(|e| io(&file, e))?.len() as f64 / 1e6;
    let (rate, peak) = run_import(&node, &file, EVENTS)?;
    fs::remove_file(&file).map_err(|e| io(&file, e))?;
    fs::remove_dir_all(&node).map_err(|e| io(&node, e))?;
    Ok(vec![
        Figure::new(
            "import",
            format!(
                "XES of 5 million events ({} MB), most memory",
                number(bytes)
            ),
            peak,
            "MB",
        )
        .target(Target::AtMost(300.0)),
        Figure::new("import", "the same, whole process", rate, "events/s"),
    ])
}

/// A running server.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
    ready: Duration,
}

impl Server {
    /// Starts one and waits for its first page.
    pub(super) fn start(node: &Path) -> Result<Self, Failure> {
        let started = Instant::now();
        let mut child = liuhen(node)?
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(broken)?;
        let mut lines = BufReader::new(child.stderr.take().expect("it was piped")).lines();
        let address = loop {
            let line = lines
                .next()
                .ok_or_else(|| Failure::broken("the server ended"))?
                .map_err(broken)?;
            if let Some(rest) = line.split("http://").nth(1) {
                break rest
                    .split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned();
            }
        };
        // What it says from now on must be read, or it would wait for somebody to read it.
        thread::spawn(move || lines.for_each(drop));
        let mut client = Client::new(&address);
        client.get("/sign-in")?;
        Ok(Self {
            child,
            address,
            ready: started.elapsed(),
        })
    }

    pub(super) fn stop(mut self) -> Result<(), Failure> {
        let pid = self.child.id().to_string();
        Command::new("kill").arg(&pid).status().map_err(broken)?;
        self.child.wait().map_err(broken)?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A browser's worth of HTTP/1.1: one connection, one cookie.
pub(super) struct Client {
    address: String,
    cookie: String,
    stream: Option<BufReader<TcpStream>>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: String,
    pub(super) body: String,
}

impl Client {
    pub(super) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            cookie: String::new(),
            stream: None,
        }
    }

    pub(super) fn get(&mut self, path: &str) -> Result<Answer, Failure> {
        self.ask("GET", path, "", "")
    }

    fn post(&mut self, path: &str, kind: &str, body: &str) -> Result<Answer, Failure> {
        self.ask("POST", path, kind, body)
    }

    fn ask(&mut self, method: &str, path: &str, kind: &str, body: &str) -> Result<Answer, Failure> {
        let Self {
            address, cookie, ..
        } = self;
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\nSec-Fetch-Site: same-origin\r\nCookie: {cookie}\r\n"
        );
        if method == "POST" {
            request += &format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => BufReader::new(TcpStream::connect(&self.address).map_err(broken)?),
        };
        stream
            .get_mut()
            .write_all(request.as_bytes())
            .map_err(broken)?;
        let mut line = String::new();
        stream.read_line(&mut line).map_err(broken)?;
        let status = line
            .split(' ')
            .nth(1)
            .and_then(|s| s.parse().ok())
            .unwrap_or(0);
        let (mut location, mut length, mut chunked, mut close) = (String::new(), 0, false, false);
        loop {
            line.clear();
            stream.read_line(&mut line).map_err(broken)?;
            let Some((name, value)) = line.trim_end().split_once(':') else {
                break;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "location" => value.clone_into(&mut location),
                "content-length" => length = value.parse().map_err(broken)?,
                "transfer-encoding" => chunked = value == "chunked",
                "connection" => close = value == "close",
                "set-cookie" => {
                    let pair = value.split(';').next().unwrap_or_default();
                    let name = pair.split('=').next().unwrap_or_default();
                    let others = self
                        .cookie
                        .split("; ")
                        .filter(|c| !c.is_empty() && c.split('=').next() != Some(name));
                    self.cookie = others.chain([pair]).collect::<Vec<_>>().join("; ");
                }
                _ => {}
            }
        }
        let mut bytes = vec![0; length];
        if chunked {
            loop {
                line.clear();
                stream.read_line(&mut line).map_err(broken)?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(broken)?;
                let from = bytes.len();
                bytes.resize(from + size, 0);
                stream.read_exact(&mut bytes[from..]).map_err(broken)?;
                line.clear();
                stream.read_line(&mut line).map_err(broken)?;
                if size == 0 {
                    break;
                }
            }
        } else {
            stream.read_exact(&mut bytes).map_err(broken)?;
        }
        if !close {
            self.stream = Some(stream);
        }
        Ok(Answer {
            status,
            location,
            body: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    pub(super) fn sign_in(&mut self, account: &str, password: &str) -> Result<(), Failure> {
        let body = format!("account={account}&password={password}");
        let answer = self.post("/sign-in", "application/x-www-form-urlencoded", &body)?;
        if answer.status == 303 {
            Ok(())
        } else {
            Err(Failure::broken(format!(
                "sign-in answered {}",
                answer.status
            )))
        }
    }

    /// Sends the form of three answers, and reads the page with the receipt.
    fn record(&mut self, n: u64) -> Result<Duration, Failure> {
        const BOUNDARY: &str = "liuhen-bench-boundary";
        let key = format!("bench-{n}-{}", std::process::id());
        let fields = [
            ("key", key.as_str()),
            ("who", "某某"),
            ("who_id", "free"),
            ("tile", "asked"),
            ("case", "unknown"),
        ];
        let mut body = String::new();
        for (name, value) in fields {
            body += &format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
        }
        body += &format!("--{BOUNDARY}--\r\n");
        let started = Instant::now();
        let answer = self.post(
            "/record",
            &format!("multipart/form-data; boundary={BOUNDARY}"),
            &body,
        )?;
        if answer.status != 303 {
            return Err(Failure::broken(format!(
                "recording answered {}",
                answer.status
            )));
        }
        let page = self.get(&answer.location)?;
        let time = started.elapsed();
        if page.status != 200 || !page.body.contains("receipt") {
            return Err(Failure::broken(format!(
                "the page of the record answered {}",
                page.status
            )));
        }
        Ok(time)
    }
}

/// A demo node that serves: process, address, account and password of an officer.
fn demo(bench: &Bench<'_>) -> Result<(Child, String, String, String), Failure> {
    let dir = bench.dir.join("demo");
    let mut child = liuhen(&dir)?
        .args(["--json", "demo", "--no-open", "--port", "0", "--dir"])
        .arg(&dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(broken)?;
    let out = child.stdout.take().expect("it was piped");
    let mut said = serde_json::Deserializer::from_reader(out).into_iter::<Value>();
    let ready = said
        .next()
        .ok_or_else(|| Failure::broken("the demo ended"))?
        .map_err(broken)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let address = text(&ready["url"]).trim_start_matches("http://").to_owned();
    let account = &ready["accounts"][0];
    Ok((
        child,
        address,
        text(&account["account"]),
        text(&account["password"]),
    ))
}

/// Fifty people at once record an inquiry, from sending the form to the page with the receipt.
pub(super) fn http(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const USERS: u64 = 50;
    const EACH: u64 = 20;
    let (child, address, account, password) = demo(bench)?;
    let server = Server {
        child,
        address,
        ready: Duration::ZERO,
    };
    let mut figures = Vec::new();
    let mut clients = Vec::new();
    for _ in 0..USERS {
        let mut client = Client::new(&server.address);
        client.sign_in(&account, &password)?;
        clients.push(client);
    }
    for (what, pause) in [
        ("a second of thought between two", Duration::from_secs(1)),
        ("without a pause", Duration::ZERO),
    ] {
        let number_of = AtomicU64::new(figures.len() as u64 * 1_000_000);
        let failed = AtomicBool::new(false);
        let started = Instant::now();
        let results: Vec<Result<Vec<Duration>, Failure>> = thread::scope(|scope| {
            let (number_of, failed) = (&number_of, &failed);
            let users: Vec<_> = clients
                .iter_mut()
                .zip(0u32..)
                .map(|(client, user)| {
                    scope.spawn(move || {
                        // Users do not think in step.
                        thread::sleep(pause * user / USERS as u32);
                        let mut times = Vec::new();
                        for _ in 0..EACH {
                            if failed.load(Ordering::Relaxed) {
                                break;
                            }
                            client.get("/record")?;
                            let time = client.record(number_of.fetch_add(1, Ordering::Relaxed));
                            failed.fetch_or(time.is_err(), Ordering::Relaxed);
                            times.push(time?);
                            thread::sleep(pause);
                        }
                        Ok(times)
                    })
                })
                .collect();
            users
                .into_iter()
                .map(|user| user.join().expect("a user does not panic"))
                .collect()
        });
        let took = started.elapsed().as_secs_f64();
        let mut times: Vec<Duration> = results.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        times.sort_unstable();
        let ms = |share| percentile(&times, share).as_secs_f64() * 1e3;
        let rate = times.len() as f64 / took;
        let figure = Figure::new(
            "http",
            format!("Record to receipt, {USERS} users at once, {what}, p99"),
            ms(0.99),
            "ms",
        )
        .ratio(format!(
            "p50 {} ms, {} records/s",
            number(ms(0.5)),
            number(rate)
        ));
        figures.push(if pause.is_zero() {
            figure
        } else {
            figure.target(Target::AtMost(150.0))
        });
    }
    let busy = memory_mb(server.child.id(), "VmHWM");
    figures.push(Figure::new(
        "http",
        "most memory of that server",
        busy,
        "MB",
    ));
    server.stop()?;
    Ok(figures)
}
