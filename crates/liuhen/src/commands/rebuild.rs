//! `liuhen rebuild`: the register anew from the log. Nothing of the log is touched.

use std::{path::Path, sync::Arc, time::Instant};

use office::{Office, SystemClock};
use serde_json::json;

use super::node;
use crate::{
    failure::{Exit, Failure},
    lang::{count, tr},
    ui::Ui,
};

/// Rebuilds the register of the node at `dir`.
pub(crate) fn run(ui: &Ui, dir: &Path) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let bar = ui.bar(0);
    let started = Instant::now();
    let result = node::runtime()?.block_on(async {
        let mut step = |done, total| {
            bar.set_length(total);
            bar.set_position(done);
            let done = count(done);
            bar.set_message(tr!(lang, "{done} 条", "{done} entries"));
        };
        Office::rebuild(dir, Arc::new(SystemClock), &mut step).await
    });
    bar.finish_and_clear();
    let entries = result.map_err(|e| node::not_opened(lang, dir, &e))?;
    let seconds = started.elapsed().as_secs_f64();
    let n = count(entries);
    ui.result(
        &json!({"entries": entries, "seconds": seconds}),
        &tr!(
            lang,
            "查询库已从账本的 {n} 条重新生成，用时 {seconds:.1} 秒\n",
            "the register was made anew from {n} entries of the log in {seconds:.1} s\n"
        ),
    );
    Ok(Exit::Good)
}
