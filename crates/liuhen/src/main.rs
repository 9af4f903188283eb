//! `liuhen`, the one binary: makes a node, runs it, fills it, checks what it gave out.
//!
//! A thin layer: arguments in, one use case of `office` (or a check that needs no node), words out. What a page would need
//! too belongs in `office`; what needs only a receipt and a key is in [`commands::verify`] and touches no node at all.
//!
//! Data go to stdout, talk to stderr, exit codes are those of [`failure::Exit`].

mod args;
mod bench;
mod commands;
mod failure;
mod lang;
mod ui;
mod zh;

use std::process::ExitCode;

use crate::{
    args::Command,
    failure::{Exit, Failure},
    lang::Lang,
    ui::Ui,
};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let lang = Lang::choose(&words, |name| std::env::var(name).ok());
    let cli = match args::parse(lang, &words) {
        Ok(cli) => cli,
        Err(exit) => return exit.into(),
    };
    let ui = Ui::new(lang, cli.json);
    match run(&ui, cli.node, cli.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            ui.failure(&failure);
            failure.exit.into()
        }
    }
}

fn run(ui: &Ui, node: std::path::PathBuf, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Demo(a) => commands::demo::run(ui, &a),
        Command::Init(a) => commands::init::run(ui, &node, a),
        Command::Serve(a) => commands::serve::run(ui, &node, a),
        Command::Import(a) => commands::import::run(ui, &node, a),
        Command::Export(a) => commands::export::run(ui, &node, a),
        Command::Verify(a) => commands::verify::run(ui, &a),
        Command::Audit(a) => commands::audit::run(ui, &node, &a),
        Command::Check(a) => commands::check::run(ui, a),
        Command::Pack(a) => commands::pack::run(ui, &node, a),
        Command::Rebuild(args::Rebuild {}) => commands::rebuild::run(ui, &node),
        Command::Receipt(a) => commands::receipt::run(ui, &node, &a),
        Command::Admin(a) => commands::admin::run(ui, &node, a),
        Command::Bench(a) => bench::run(ui, &a),
        Command::Openapi => commands::openapi::run(ui),
        Command::Hammer(a) => commands::hammer::run(&a),
    }
}
