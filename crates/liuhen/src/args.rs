//! The command line: commands, arguments, help in both languages.
//!
//! English stands in the doc comments, Chinese in [`crate::zh`]; a test holds the two together.

use std::{ffi::OsString, io::Write as _, path::PathBuf};

use clap::{
    Arg, ArgAction, ArgGroup, Args, CommandFactory, FromArgMatches, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind},
};

use crate::{
    failure::Exit,
    lang::{Lang, tr},
    zh,
};

const AFTER: &str = "\
Exit codes:
  0  done, and what was checked holds
  1  done, but something that was checked does not hold, or lines were rejected
  2  the command line was not understood
  3  refused, people are needed (node busy, missing, or recovery refuses to start)
  4  reading or writing failed, or a fault of the program
  check has its own, by what it found: liuhen check --help

Data go to stdout, talk to stderr. The language is that of LANG; --lang chooses another.";

const CHECK_AFTER: &str = "\
Exit codes:
  0  nothing was found
  1  nothing was found, but lines were rejected, or the packs know no event of the log
  2  the command line, a pack or the log cannot be used
  3  something amber or blue was found
  4  something red was found";

/// Liuhen: acts in a case, and interference with it, recorded for good and provable to anybody
#[derive(Debug, Parser)]
#[command(
    name = "liuhen",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    disable_help_flag = true,
    disable_version_flag = true
)]
pub(crate) struct Cli {
    /// Folder of the node [default: ./liuhen-data]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "./liuhen-data",
        hide_default_value = true,
        display_order = 100
    )]
    pub(crate) node: PathBuf,
    /// Print the result as JSON
    #[arg(long, global = true, display_order = 101)]
    pub(crate) json: bool,
    /// Language: zh-CN or en [default: from LANG]
    #[arg(long, global = true, value_name = "LANG", display_order = 102)]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a node with generated casework and serve it: the quickest way to see Liuhen
    Demo(Demo),
    /// Make a node: keys, an empty log, the first administrator
    Init(Init),
    /// Serve the node's pages and its API
    Serve(Serve),
    /// Take in event logs: XES, OCEL 2.0 (JSON, XML, SQLite), older .jsonocel, CSV
    Import(Import),
    /// Write events out as an event log that other tools read
    Export(Export),
    /// Verify a receipt: needs the receipt, the entry and the public key, and no node
    Verify(Verify),
    /// Check a whole log: tree, signatures, bodies
    Audit(Audit),
    /// Check an event log against packs: needs no node
    #[command(after_help = CHECK_AFTER)]
    Check(Check),
    /// Packs: check one, show its rules, compare two, draft one from a log
    #[command(subcommand)]
    Pack(Pack),
    /// Make the register anew from the log
    Rebuild(Rebuild),
    /// Give out the receipt of an entry
    Receipt(Receipt),
    /// Accounts, tokens, the public key, organs, people and roles
    #[command(subcommand)]
    Admin(Admin),
    /// Measure against the targets
    Bench(Bench),
    /// Print the API's description
    #[command(hide = true)]
    Openapi,
    /// Append to a log in DIR without an end, and say what was acknowledged: the victim of tests that kill this process
    #[command(hide = true)]
    Hammer(Hammer),
}

/// Arguments of `hammer`.
#[derive(Debug, Args)]
pub(crate) struct Hammer {
    /// Folder of the log; made if there is none
    pub(crate) dir: PathBuf,
    /// Entries after which it ends
    pub(crate) limit: Option<u64>,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Port on 127.0.0.1 [default: 7878]
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 7878,
        hide_default_value = true
    )]
    pub(crate) port: u16,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Number of cases to generate [default: 200]
    #[arg(
        long,
        value_name = "N",
        default_value_t = 200,
        hide_default_value = true
    )]
    pub(crate) cases: usize,
    /// Keep the node in this folder [default: a temporary one, removed at the end]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Seed of the generator: the same seed gives the same casework [default: 1]
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true)]
    pub(crate) seed: u64,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Folder to make [default: that of --node]
    pub(crate) dir: Option<PathBuf>,
    /// Code of the organ that runs the node, e.g. A330100
    #[arg(long, value_name = "CODE")]
    pub(crate) organ: Option<String>,
    /// Name of the organ
    #[arg(long, value_name = "NAME")]
    pub(crate) organ_name: Option<String>,
    /// Origin of the log: a host and the organ's code, for good [default: liuhen.local/CODE]
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Option<String>,
    /// Name of the first administrator
    #[arg(long, value_name = "NAME")]
    pub(crate) admin_name: Option<String>,
    /// Account of the first administrator [default: admin]
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) admin_account: Option<String>,
    /// Read the administrator's password from standard input [default: one is made up and shown once]
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Address on which the server listens [default: 127.0.0.1:7878]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// Serve the headers of the log to everybody, not only to those who may copy it
    #[arg(long)]
    pub(crate) public_log: bool,
}

/// Arguments of `serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on [default: that of node.toml]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// A reverse proxy in front speaks TLS: cookies become Secure
    #[arg(long)]
    pub(crate) behind_tls: bool,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Files to take in
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Mapping of a CSV file [default: guessed, and printed]
    #[arg(long, value_name = "MAP.toml")]
    pub(crate) map: Option<PathBuf>,
    /// Name of the system that the log comes from [default: the log's or the file's own name]
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// Zone of times that name none, e.g. +08:00; refuse rejects them [default: zone of node.toml]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) zone: Option<String>,
    /// Format, where the content does not tell: xes, ocel-json, ocel-xml, ocel-sqlite, csv
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Encoding of a text file that does not say it, e.g. gb18030 [default: UTF-8]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// Where rejected lines go, one JSON a line [default: FILE.rejects.jsonl in this folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
}

/// Arguments of `export`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("selection")))]
pub(crate) struct Export {
    /// ocel-json, ocel-xml, ocel-sqlite, xes or csv
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: String,
    /// File to write; one that exists is not overwritten
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Only the import with this index
    #[arg(long, value_name = "INDEX", group = "selection")]
    pub(crate) import: Option<u64>,
    /// Only this source
    #[arg(long, value_name = "NAME", group = "selection")]
    pub(crate) source: Option<String>,
    /// Only the case with this number
    #[arg(long, value_name = "NUMBER", group = "selection")]
    pub(crate) case: Option<String>,
    /// Objects that become the cases of XES and CSV [default: case]
    #[arg(long, value_name = "TYPE")]
    pub(crate) case_type: Option<String>,
}

/// Arguments of `verify`.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("trust").required(true)))]
pub(crate) struct Verify {
    /// The receipt (.tlog-proof)
    pub(crate) receipt: PathBuf,
    /// Verifier key of the log, or a file that holds it
    #[arg(long, value_name = "VKEY", group = "trust")]
    pub(crate) key: Option<String>,
    /// Policy file: which logs are known, how many witnesses are needed
    #[arg(long, value_name = "FILE", group = "trust")]
    pub(crate) policy: Option<PathBuf>,
    /// The entry [default: the one that the receipt carries]
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,
    /// Body of the entry: check that it is the one committed to
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
}

/// Arguments of `audit`.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Node, or a copy of its log alone [default: that of --node]
    pub(crate) dir: Option<PathBuf>,
    /// Only the tree and the checkpoints, not what the entries say
    #[arg(long)]
    pub(crate) structure_only: bool,
    /// Verifier key of the log [default: the node's own]
    #[arg(long, value_name = "VKEY")]
    pub(crate) key: Option<String>,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Event log: XES, OCEL 1.0 or 2.0, CSV; may be packed with gzip
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Folder of a pack; several are taken together
    #[arg(long, value_name = "DIR", required = true)]
    pub(crate) pack: Vec<PathBuf>,
    /// Moment at which the log is judged, e.g. 2026-04-30 [default: the newest time in the log]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// table, json, sarif or xlsx [default: table]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<OutFormat>,
    /// Write all findings to this file, and the summary to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Show all findings and all rules, not only the first
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
    /// Threads [default: as many as the machine has]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Rejected lines do not change the exit code
    #[arg(long)]
    pub(crate) allow_rejects: bool,
    /// Say what reading and judging took, at once and event by event, on standard error (as JSON with --json)
    #[arg(long)]
    pub(crate) timings: bool,
}

/// How a log is read that is checked.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Zone of the organ: its days, and times that name no zone [default: Asia/Shanghai]
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) zone: Option<String>,
    /// A time at midnight sharp is a day of which the hour is not known
    #[arg(long)]
    pub(crate) days: bool,
    /// Mapping of a CSV file [default: guessed, and printed]
    #[arg(long, value_name = "MAP.toml")]
    pub(crate) map: Option<PathBuf>,
    /// Encoding of a text file that does not say it, e.g. gb18030 [default: UTF-8]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
    /// An object type of the log and what the packs call it, e.g. case=fine
    #[arg(long, value_name = "LOG=PACK")]
    pub(crate) object_type_map: Vec<String>,
    /// Attribute that names who acted [default: org:resource, resource, actor]
    #[arg(long, value_name = "KEY")]
    pub(crate) actor: Option<String>,
    /// Attribute that names the role of who acted [default: org:role, role]
    #[arg(long, value_name = "KEY")]
    pub(crate) role: Option<String>,
}

/// What `check` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutFormat {
    /// For people.
    Table,
    /// One document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// A workbook.
    Xlsx,
}

impl std::str::FromStr for OutFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "table" => Ok(Self::Table),
            "json" => Ok(Self::Json),
            "sarif" => Ok(Self::Sarif),
            "xlsx" => Ok(Self::Xlsx),
            other => Err(format!("`{other}`: table, json, sarif, xlsx")),
        }
    }
}

/// What is done with packs.
#[derive(Debug, Subcommand)]
pub(crate) enum Pack {
    /// Check packs as a whole: every fault with file, line and key; run the examples of the rules
    Check {
        /// Folders of packs
        #[arg(required = true, value_name = "DIR")]
        dirs: Vec<PathBuf>,
    },
    /// Show the rules of a pack in both languages, and what cannot be checked
    Show {
        /// Folder of the pack
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Only this rule
        #[arg(value_name = "RULE")]
        rule: Option<String>,
        /// Folders of further packs that it builds on
        #[arg(long, value_name = "DIR")]
        with: Vec<PathBuf>,
    },
    /// Compare two versions of a pack: what changes in rules, and in findings on a log
    Diff(PackDiff),
    /// Put a pack into force at a node that is not running, after showing what changes in its rules and findings
    Adopt {
        /// Folder of the pack
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// Confirm: the hash that was shown with the difference [default: it is asked for at a terminal]
        #[arg(long, value_name = "HASH")]
        yes: Option<String>,
    },
    /// Draft a pack from an event log: activities, object types, candidate rules with their support, for a person to edit
    Draft(PackDraft),
}

/// Arguments of `pack diff`.
#[derive(Debug, Args)]
pub(crate) struct PackDiff {
    /// Folder of the pack as it is
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// Folder of the pack as it would be
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Folders of further packs that both build on
    #[arg(long, value_name = "DIR")]
    pub(crate) with: Vec<PathBuf>,
    /// Event log on which both are run: which findings appear and disappear
    #[arg(long, value_name = "FILE")]
    pub(crate) on: Option<PathBuf>,
    /// Moment at which the log is judged [default: the newest time in the log]
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Arguments of `pack draft`.
#[derive(Debug, Args)]
pub(crate) struct PackDraft {
    /// Event log
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Folder to make; it must not exist
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// Arguments of `rebuild`.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {}

/// Arguments of `receipt`.
#[derive(Debug, Args)]
pub(crate) struct Receipt {
    /// Index of the entry, or id of the event
    #[arg(value_name = "INDEX|EVENT-ID")]
    pub(crate) entry: String,
    /// File to write [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// What an administrator does at the machine.
#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Print the key with which others verify this log
    Key,
    /// Accounts: who signs in
    #[command(subcommand)]
    Account(Account),
    /// Tokens: other systems that speak for an account
    #[command(subcommand)]
    Token(Token),
    /// Take organs in from a CSV file: code,name,parent
    ImportOrgans(Table),
    /// Take people in from a CSV file: number,name,organ,post
    ImportPeople(Table),
    /// Take roles in from a CSV file: number,role and optionally organ,from,to
    ImportRoles(Table),
}

/// `admin account`.
#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// List accounts
    List,
    /// Make an account for somebody on the roster
    Add {
        /// Number of the person on the roster
        number: String,
        /// Name of the account
        account: String,
        /// Read the password from standard input [default: one is made up and shown once]
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account a new password, shown once; its sessions end
    Reset {
        /// Name of the account
        account: String,
    },
    /// Lift the lock of an account
    Unlock {
        /// Name of the account
        account: String,
    },
}

/// `admin token`.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// List tokens
    List,
    /// Make a token, shown once
    New {
        /// Account that it speaks for
        account: String,
        /// What it is called, e.g. the other system
        label: String,
        /// Days until it ends [default: it does not end by itself]
        #[arg(long, value_name = "N")]
        days: Option<u32>,
    },
    /// End a token
    End {
        /// Number of the token
        id: i64,
    },
}

/// A table to take in.
#[derive(Debug, Args)]
pub(crate) struct Table {
    /// The file
    pub(crate) file: PathBuf,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure; all for everything
    #[arg(value_name = "NAME", default_value = "all", hide_default_value = true)]
    pub(crate) names: Vec<String>,
    /// Measure on the disk of this folder [default: the current one]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Generated cases of each seed, for score [default: 10000]
    #[arg(long, value_name = "N")]
    pub(crate) cases: Option<usize>,
    /// Seeds of generated cases, for score [default: 7,8,9]
    #[arg(long, value_name = "SEED,…", value_delimiter = ',')]
    pub(crate) seeds: Vec<u64>,
    /// XES log that the parser is measured on too, repeated until it has five million events
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Only parse this file and say how long it took: what `xes` starts as a process of its own
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) parse: Option<PathBuf>,
}

/// Reads the words of the command line; what clap has to say is said here, in the user's language.
pub(crate) fn parse(lang: Lang, words: &[OsString]) -> Result<Cli, Exit> {
    let mut command = command(lang);
    let matches = command.try_get_matches_from_mut(words);
    let error = match matches.and_then(|mut m| Cli::from_arg_matches_mut(&mut m)) {
        Ok(cli) => return Ok(cli),
        Err(error) => error,
    };
    // A reader that went away is not an error of ours.
    let _ = match (lang, error.use_stderr()) {
        (Lang::En, _) => error.print(),
        (Lang::Zh, true) => writeln!(std::io::stderr(), "{}", chinese(&error)),
        (Lang::Zh, false) => write!(std::io::stdout(), "{}", chinese_help(&error)),
    };
    Err(if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Good
    })
}

/// The command with its texts in `lang`.
pub(crate) fn command(lang: Lang) -> clap::Command {
    let help = |command: clap::Command| {
        command.arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .display_order(103)
                .help("Print help"),
        )
    };
    let mut command = help(Cli::command()).after_help(AFTER).arg(
        Arg::new("version")
            .short('V')
            .long("version")
            .action(ArgAction::Version)
            .display_order(104)
            .help("Print version"),
    );
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    for name in names {
        command = command.mut_subcommand(name, |c| nested(c, &help));
    }
    match lang {
        Lang::En => command,
        Lang::Zh => translated(command, "").after_help(zh::AFTER),
    }
}

/// Gives a command and those below it the flag `--help`, which clap would describe in English only.
fn nested(command: clap::Command, help: &impl Fn(clap::Command) -> clap::Command) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    let command = help(
        command
            .disable_help_flag(true)
            .disable_help_subcommand(true),
    );
    names.into_iter().fold(command, |c, name| {
        c.mut_subcommand(name, |c| nested(c, help))
    })
}

/// Puts the Chinese texts in, below `path` (`admin account`, or nothing at the top).
fn translated(command: clap::Command, path: &str) -> clap::Command {
    let text = |key: &str| zh::TEXTS.iter().find(|(k, _)| *k == key).map(|(_, t)| *t);
    let ids: Vec<String> = command
        .get_arguments()
        .map(|a| a.get_id().to_string())
        .collect();
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    let mut command = command
        .subcommand_help_heading("命令")
        .help_template("{about}\n\n用法：{usage}\n\n{all-args}{after-help}");
    if let Some(about) = text(path) {
        command = command.about(about);
    }
    if path == "check" {
        command = command.after_help(zh::CHECK_AFTER);
    }
    for id in ids {
        let key = format!("{path}.{id}");
        let words = text(&key).or_else(|| text(&format!(".{id}")));
        command = command.mut_arg(id, |arg| {
            let heading = if arg.is_positional() {
                "参数"
            } else {
                "选项"
            };
            let arg = arg.help_heading(heading);
            match words {
                Some(words) => arg.help(words),
                None => arg,
            }
        });
    }
    for name in names {
        let below = format!("{path} {name}").trim_start().to_owned();
        command = command.mut_subcommand(name, |c| translated(c, &below));
    }
    command
}

/// Help as clap laid it out, without the English words that it does not let us choose.
fn chinese_help(help: &clap::Error) -> String {
    help.to_string()
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>")
        .replace("命令:\n", "命令：\n")
        .replace("参数:\n", "参数：\n")
        .replace("选项:\n", "选项：\n")
}

/// What is wrong with the command line, in Chinese. Unknown kinds fall back on clap's own words.
fn chinese(error: &clap::Error) -> String {
    let get = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => String::new(),
    };
    let argument = get(ContextKind::InvalidArg);
    let value = get(ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::UnknownArgument => format!("没有这个参数：{argument}"),
        ErrorKind::InvalidSubcommand => {
            format!("没有这个命令：{}", get(ContextKind::InvalidSubcommand))
        }
        ErrorKind::MissingRequiredArgument => format!("缺少参数：{argument}"),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return chinese_help(error),
        ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
        ErrorKind::ArgumentConflict => {
            format!("{argument} 不能与 {} 同时使用", get(ContextKind::PriorArg))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => {
            format!("{argument} 需要一个值")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let valid = get(ContextKind::ValidValue);
            let valid = match valid.as_str() {
                "" => valid,
                _ => format!("；可用：{valid}"),
            };
            format!("{argument} 的值 {value} 不对{valid}")
        }
        _ => return error.to_string(),
    };
    let hint = tr!(Lang::Zh, "liuhen --help 或 liuhen 命令 --help 查看用法", "");
    format!("错误：{message}\n提示：{hint}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn keys(command: &clap::Command, path: &str, found: &mut BTreeSet<String>) {
        found.insert(path.to_owned());
        for argument in command.get_arguments() {
            let id = argument.get_id().as_str();
            let shared = ["node", "json", "lang", "help", "version"].contains(&id);
            found.insert(format!("{}.{id}", if shared { "" } else { path }));
        }
        for below in command.get_subcommands().filter(|c| !c.is_hide_set()) {
            keys(
                below,
                format!("{path} {}", below.get_name()).trim_start(),
                found,
            );
        }
    }

    #[test]
    fn every_text_is_there_in_chinese_and_none_is_left_over() {
        let mut english = BTreeSet::new();
        keys(&command(Lang::En), "", &mut english);
        let chinese: BTreeSet<String> = zh::TEXTS.iter().map(|(k, _)| (*k).to_owned()).collect();
        assert_eq!(zh::TEXTS.len(), chinese.len(), "a key stands twice");
        assert_eq!(english, chinese);
    }

    #[test]
    fn the_command_line_is_well_formed() {
        command(Lang::En).debug_assert();
        command(Lang::Zh).debug_assert();
    }
}
