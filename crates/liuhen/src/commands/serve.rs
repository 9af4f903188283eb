//! `liuhen serve`: the node's pages and API, until it is told to stop.

use std::{io::IsTerminal as _, path::Path, time::Duration};

use office::Office;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::node;
use crate::{
    args,
    failure::{Exit, Failure},
    lang::{Lang, tr},
    ui::Ui,
};

/// Serves the node at `dir`.
pub(crate) fn run(ui: &Ui, dir: &Path, arguments: args::Serve) -> Result<Exit, Failure> {
    log_to_stderr("info");
    node::with(ui, dir, async |office| {
        let listen = arguments
            .listen
            .clone()
            .unwrap_or_else(|| office.info().listen.clone());
        let listener = bind(ui.lang, &listen).await?;
        let address = address(&listener)?;
        let options = web::Options {
            behind_tls: arguments.behind_tls,
            ..web::Options::default()
        };
        ui.say(tr!(
            ui.lang,
            "http://{address} 已就绪，按 Ctrl-C 停止",
            "http://{address} is ready, Ctrl-C stops it"
        ));
        until_stopped(ui, office, listener, options).await
    })
}

/// Serves until the process is told to stop.
pub(crate) async fn until_stopped(
    ui: &Ui,
    office: &Office,
    listener: TcpListener,
    options: web::Options,
) -> Result<Exit, Failure> {
    // Beside the first requests, not before them.
    tokio::spawn(check_hash_speed(*ui));
    office
        .started()
        .await
        .map_err(|e| node::failed(ui.lang, e))?;
    web::serve(office.clone(), listener, options, told_to_stop())
        .await
        .map_err(|e| Failure::broken(e.to_string()))?;
    Ok(Exit::Good)
}

/// Hashes for a moment and warns of a build that hashes slowly (docs/adr/0003-no-native-no-fat-lto.md): all else would
/// work, only too slowly, and the reason would be far from the symptom.
async fn check_hash_speed(ui: Ui) {
    const MOMENT: Duration = Duration::from_millis(20);
    let measured = tokio::task::spawn_blocking(|| ledger::hash_speed(MOMENT)).await;
    if let Ok(speed) = measured
        && speed < ledger::SLOW_MB_S
    {
        let least = ledger::SLOW_MB_S;
        ui.say(tr!(
            ui.lang,
            "警告：SHA-256 每秒只有 {speed:.0} MB，应在 {least:.0} MB 以上；这个程序多半是用 target-cpu=native 编译的，请重新编译",
            "warning: SHA-256 runs at {speed:.0} MB/s, expected above {least:.0}; this program was probably built with target-cpu=native, build it again without"
        ));
    }
}

/// A socket that listens, or who has it already.
pub(crate) async fn bind(lang: Lang, listen: &str) -> Result<TcpListener, Failure> {
    TcpListener::bind(listen).await.map_err(|e| {
        let failure = Failure::refused(tr!(
            lang,
            "不能在 {listen} 上监听：{e}",
            "cannot listen on {listen}: {e}"
        ));
        match e.kind() {
            std::io::ErrorKind::AddrInUse => failure.hint(tr!(
                lang,
                "已有程序在用这个端口；换一个",
                "another program has this port; choose another"
            )),
            _ => failure,
        }
    })
}

/// The address that was bound, with the port that the system chose where 0 was asked for.
pub(crate) fn address(listener: &TcpListener) -> Result<std::net::SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|e| Failure::broken(e.to_string()))
}

/// Ends at Ctrl-C or at a polite kill.
async fn told_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}

/// Log lines to stderr, as much as `LIUHEN_LOG` says; `usual` where it says nothing.
pub(crate) fn log_to_stderr(usual: &str) {
    let filter = EnvFilter::try_from_env("LIUHEN_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr)
        // A log line that cannot be written must not take a request with it.
        .log_internal_errors(false)
        .try_init();
}
