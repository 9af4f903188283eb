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

Data go to stdout, talk to stderr. The language is that of LANG; --lang chooses another.";

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
    /// Verify a receipt: needs the receipt, the entry and the public key, and no node
    Verify(Verify),
    /// Measure against the targets
    Bench(Bench),
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

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// What to measure; all for everything
    #[arg(value_name = "NAME", default_value = "all", hide_default_value = true)]
    pub(crate) names: Vec<String>,
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
