//! The server loop: connections in, limits on each, and a calm end.
//!
//! What slow or idle peers may hold is bounded: heads must be there within [`Limits::head`], a connection on which nothing
//! moves for [`Limits::idle`] is closed, one address has at most [`Limits::per_address`] connections, and when all
//! [`Limits::connections`] are taken, the one that has waited longest for a request makes room. So ten thousand slow peers
//! cost neither memory nor anybody else's turn.
//!
//! **Is not:** TLS and not HTTP/2; a reverse proxy in front has both.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use office::Office;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::Instant,
};
use tower::ServiceExt as _;

use crate::{
    app::{self, Options},
    hooks::{HookTimes, Hooks},
};

/// Limits of the server loop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections of one address at once. Behind a proxy all come from one: raise it to [`Limits::connections`].
    pub per_address: usize,
    /// Until the head of a request must be there.
    pub head: Duration,
    /// How long nothing may move on a connection.
    pub idle: Duration,
    /// How long requests may take to end once the server is to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1024,
            per_address: 256,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// Serves a node until `stop` ends; requests that run then may finish.
///
/// # Errors
/// The listener's address cannot be read. Errors of single connections end only those.
pub async fn serve(
    office: Office,
    listener: TcpListener,
    options: Options,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let limits = options.limits;
    let address = listener.local_addr()?;
    let hooks = Hooks::new(office.clone(), HookTimes::default());
    let sending = tokio::spawn(hooks.run());
    let router = app::router(office, options);
    let open = Arc::new(Open::new(limits));
    tracing::info!(%address, "listening");
    let sweeper = tokio::spawn(sweep(Arc::clone(&open)));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                if let Some(guard) = open.enter(peer.ip()) {
                    tokio::spawn(connection(stream, guard, router.clone(), limits));
                }
            }
            // Out of file descriptors, or a peer that left: neither is a reason to end, the first one to breathe.
            Err(error) => {
                tracing::warn!(%error, "accept");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    sweeper.abort();
    sending.abort();
    open.stop();
    let end = Instant::now() + limits.grace;
    while open.count() > 0 && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tracing::info!(left = open.count(), "stopped listening");
    Ok(())
}

/// One connection to its end.
async fn connection(stream: TcpStream, guard: Guard, router: Router, limits: Limits) {
    let state = Arc::clone(&guard.state);
    // Small answers must not wait for the acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Watched {
        stream,
        state: Arc::clone(&state),
    });
    let busy = Arc::clone(&state);
    let service = service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        let busy = Busy::new(Arc::clone(&busy));
        async move {
            let response = router.oneshot(request.map(Body::new)).await;
            drop(busy);
            response
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(64 * 1024)
        .max_headers(64)
        .serve_connection(io, service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = state.close.notified() => return,
        () = state.finish.notified() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection");
    }
}

/// What is known of one connection.
#[derive(Debug)]
struct State {
    /// Drop it now.
    close: Notify,
    /// Let its request finish.
    finish: Notify,
    /// A request is being answered.
    busy: AtomicBool,
    /// When a byte last moved, milliseconds since the server began.
    moved: AtomicU64,
    began: Instant,
}

impl State {
    fn moved(&self) {
        self.moved
            .store(millis(self.began.elapsed()), Ordering::Relaxed);
    }

    fn still(&self) -> Duration {
        self.began
            .elapsed()
            .saturating_sub(Duration::from_millis(self.moved.load(Ordering::Relaxed)))
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// While a request is being answered.
struct Busy(Arc<State>);

impl Busy {
    fn new(state: Arc<State>) -> Self {
        state.busy.store(true, Ordering::Relaxed);
        Self(state)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.store(false, Ordering::Relaxed);
        self.0.moved();
    }
}

/// The connections that are open.
struct Open {
    limits: Limits,
    began: Instant,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    next: u64,
    by_id: HashMap<u64, (IpAddr, Arc<State>)>,
    by_address: HashMap<IpAddr, usize>,
}

impl Table {
    /// Takes a connection out, if it is still there.
    fn remove(&mut self, id: u64) -> Option<Arc<State>> {
        let (address, state) = self.by_id.remove(&id)?;
        if let Some(count) = self.by_address.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.by_address.remove(&address);
            }
        }
        Some(state)
    }
}

impl Open {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            began: Instant::now(),
            table: Mutex::default(),
        }
    }

    /// A place for a connection from that address, or none. A lock that a panic has poisoned still guards a sound table:
    /// every change below is complete or not begun.
    fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Guard> {
        let mut table = self.table.lock().unwrap_or_else(|e| e.into_inner());
        let here = table.by_address.get(&address).copied().unwrap_or(0);
        if here >= self.limits.per_address {
            return None;
        }
        if table.by_id.len() >= self.limits.connections {
            let longest = table
                .by_id
                .iter()
                .filter(|(_, (_, state))| !state.busy.load(Ordering::Relaxed))
                .max_by_key(|(_, (_, state))| state.still())
                .map(|(id, _)| *id)?;
            // Its place is free at once; its task ends as soon as it runs.
            if let Some(state) = table.remove(longest) {
                state.close.notify_one();
            }
        }
        let id = table.next;
        table.next += 1;
        let state = Arc::new(State {
            close: Notify::new(),
            finish: Notify::new(),
            busy: AtomicBool::new(false),
            moved: AtomicU64::new(millis(self.began.elapsed())),
            began: self.began,
        });
        table.by_id.insert(id, (address, Arc::clone(&state)));
        *table.by_address.entry(address).or_default() += 1;
        Some(Guard {
            id,
            open: Arc::clone(self),
            state,
        })
    }

    fn leave(&self, id: u64) {
        self.table
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .remove(id);
    }

    fn count(&self) -> usize {
        self.table
            .lock()
            .unwrap_or_else(|e| e.into_inner())
            .by_id
            .len()
    }

    fn stop(&self) {
        let table = self.table.lock().unwrap_or_else(|e| e.into_inner());
        table
            .by_id
            .values()
            .for_each(|(_, state)| state.finish.notify_one());
    }

    fn close_still(&self) {
        let table = self.table.lock().unwrap_or_else(|e| e.into_inner());
        for (_, state) in table.by_id.values() {
            if state.still() > self.limits.idle {
                state.close.notify_one();
            }
        }
    }
}

/// A place in the table, given back when the connection ends.
struct Guard {
    id: u64,
    open: Arc<Open>,
    state: Arc<State>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.open.leave(self.id);
    }
}

/// Closes connections on which nothing moves: idle ones, and peers that stop in the middle of a body or an answer.
async fn sweep(open: Arc<Open>) {
    let mut tick = tokio::time::interval(open.limits.idle.min(Duration::from_secs(4)) / 4);
    loop {
        tick.tick().await;
        open.close_still();
    }
}

/// A socket that remembers when a byte last moved.
struct Watched {
    stream: TcpStream,
    state: Arc<State>,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if polled.is_ready() {
            self.state.moved();
        }
        polled
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if polled.is_ready() {
            self.state.moved();
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if polled.is_ready() {
            self.state.moved();
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
