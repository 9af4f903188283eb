//! What a command ends with: an exit code, and for a failure what happened and what to do next.

use std::{io, path::Path, process::ExitCode};

use crate::lang::{Lang, tr};

/// Exit codes; part of the interface, listed by `liuhen --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and what was checked holds.
    Good = 0,
    /// Done, but what was checked does not hold, or some lines were rejected.
    NotGood = 1,
    /// The command line was not understood.
    Usage = 2,
    /// Refused: the node is busy, is missing, or needs a decision by people.
    Refused = 3,
    /// Input or output failed, or a fault of the program.
    Broken = 4,
    /// `check`: something amber or blue was found. Code 3.
    Noted,
    /// `check`: something red was found. Code 4.
    Red,
}

impl Exit {
    /// The number. `check` has numbers of its own, by severity; all that goes wrong in it is 2.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Noted => 3,
            Self::Red => 4,
            other => other as u8,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A command that did not come to its end.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Its exit code.
    pub(crate) exit: Exit,
    /// What happened, one sentence.
    pub(crate) message: String,
    /// What to do next.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// Wrong arguments.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message.into())
    }

    /// The state of the node, or a rule, stands against it.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(Exit::Refused, message.into())
    }

    /// A file, the disk or the network did not do what was asked.
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::new(Exit::Broken, message.into())
    }

    /// The same with a way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(exit: Exit, message: String) -> Self {
        Self {
            exit,
            message,
            hint: None,
        }
    }
}

/// Names the file that an error of the system is about, and says the common ones in the user's language.
pub(crate) fn file_error(lang: Lang, path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::broken(match error.kind() {
        io::ErrorKind::NotFound => tr!(lang, "{path}：没有这个文件", "{path}: no such file"),
        io::ErrorKind::PermissionDenied => {
            tr!(lang, "{path}：没有权限", "{path}: not permitted")
        }
        io::ErrorKind::StorageFull => tr!(lang, "{path}：磁盘已满", "{path}: the disk is full"),
        _ => tr!(lang, "{path}：{error}", "{path}: {error}"),
    })
}

/// The same where the language is English anyhow, as in tables of measurements.
pub(crate) fn io(path: &Path, error: impl std::fmt::Display) -> Failure {
    Failure::broken(format!("{}: {error}", path.display()))
}
