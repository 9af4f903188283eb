//! How a command speaks: data on stdout, talk on stderr, JSON on request, progress only where somebody watches.
//!
//! No colour of its own, so nothing is lost without it; clap's help honours `NO_COLOR`.

use std::{io::Write, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::{
    failure::Failure,
    lang::{Lang, tr},
};

/// The user's choices about words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ui {
    /// Language of sentences.
    pub(crate) lang: Lang,
    /// Data as JSON.
    pub(crate) json: bool,
}

impl Ui {
    pub(crate) fn new(lang: Lang, json: bool) -> Self {
        Self { lang, json }
    }

    /// The result of a command: `text` for people, or `data` as one JSON document.
    pub(crate) fn result(&self, data: &impl Serialize, text: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that went away (`| head`) is not an error of ours.
        let _ = if self.json {
            serde_json::to_writer_pretty(&mut out, data)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
        } else {
            out.write_all(text.as_bytes())
        };
        let _ = out.flush();
    }

    /// Talk: what is going on. Not part of the result.
    pub(crate) fn say(&self, text: impl AsRef<str>) {
        // Not `eprintln!`: it panics where nobody holds the other end any more.
        let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
    }

    /// Says why a command ended early, and what to do next.
    pub(crate) fn failure(&self, failure: &Failure) {
        let Failure {
            exit,
            message,
            hint,
        } = failure;
        if self.json {
            let error = json!({"error": {"exit": exit.code(), "message": message, "hint": hint}});
            self.say(error.to_string());
            return;
        }
        self.say(tr!(self.lang, "错误：{message}", "error: {message}"));
        if let Some(hint) = hint {
            self.say(tr!(self.lang, "提示：{hint}", "hint: {hint}"));
        }
    }

    /// A bar over `total` bytes on stderr; shows nothing where stderr is not a terminal. `{msg}` is the caller's.
    pub(crate) fn bar(&self, total: u64) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
        let left = tr!(self.lang, "还剩", "left");
        let template = format!("{{bar:30}} {{percent:>3}}% {{msg}} · {left} {{eta}}");
        bar.set_style(
            ProgressStyle::with_template(&template).expect("the template is fixed and well-formed"),
        );
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    }
}
