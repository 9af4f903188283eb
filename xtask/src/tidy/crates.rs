//! Rules for crates: which may depend on which, and what each must not know.

use serde_json::Value;

use super::{Fault, File};

/// Which crates of the workspace a crate may use. What is not here may use none.
const EDGES: &[(&str, &[&str])] = &[
    ("tlog", &[]),
    ("model", &["tlog"]),
    ("ledger", &["tlog"]),
    ("law", &["model"]),
    ("watch", &["calendar", "law", "model"]),
    ("calendar", &["model"]),
    ("supply", &[]),
    ("interchange", &["model"]),
    ("register", &["model"]),
    ("accounts", &["model"]),
    (
        "office",
        &[
            "accounts",
            "calendar",
            "interchange",
            "law",
            "ledger",
            "model",
            "register",
            "tlog",
            "watch",
        ],
    ),
    ("web", &["law", "ledger", "model", "office", "tlog"]),
    (
        "testkit",
        &[
            "calendar",
            "interchange",
            "law",
            "ledger",
            "model",
            "office",
            "tlog",
            "watch",
        ],
    ),
    (
        "liuhen",
        &[
            "calendar",
            "interchange",
            "law",
            "ledger",
            "model",
            "office",
            "testkit",
            "tlog",
            "watch",
            "web",
        ],
    ),
    ("xtask", &[]),
];

/// What a crate must not know, in the words of ARCHITECTURE.md, as crates from outside.
const FORBIDDEN: &[(&[&str], &[&str], &str)] = &[
    (
        super::source::PURE,
        &[
            "tokio",
            "sqlx",
            "rusqlite",
            "axum",
            "hyper",
            "getrandom",
            "rand",
            "tempfile",
        ],
        "a pure crate does no I/O and has no clock or randomness",
    ),
    (
        &["ledger"],
        &["sqlx", "rusqlite", "axum", "hyper", "serde_json"],
        "the ledger does not know events, SQL or HTTP",
    ),
    (
        &["interchange"],
        &["tokio", "sqlx", "axum", "hyper"],
        "readers and writers of formats know no store and no server",
    ),
    (
        &["register", "accounts"],
        &["axum", "hyper", "tower"],
        "a store does not know HTTP",
    ),
    (
        &["office"],
        &["axum", "hyper", "tower", "sqlx", "rusqlite"],
        "use cases know neither HTTP nor SQL text",
    ),
    (
        &["web"],
        &["sqlx", "rusqlite"],
        "pages do not decide and do not query",
    ),
];

/// Checks `cargo metadata` against the tables above: what is shipped points one way. Tests may look sideways and up.
pub(super) fn dependencies_point_down(metadata: &Value, faults: &mut Vec<Fault>) {
    let none = Vec::new();
    let list = |v: &Value, key: &str| v.get(key).and_then(Value::as_array).cloned();
    let packages = list(metadata, "packages").unwrap_or_default();
    let name_of = |v: &Value| v["name"].as_str().unwrap_or_default().to_owned();
    let ours: Vec<String> = packages.iter().map(name_of).collect();
    for package in &packages {
        let name = name_of(package);
        let file = File {
            path: format!("crates/{name}/Cargo.toml"),
            text: String::new(),
        };
        let Some((_, allowed)) = EDGES.iter().find(|(n, _)| *n == name) else {
            let message = "not in the table of allowed edges (xtask/src/tidy/crates.rs)";
            faults.push(Fault::new(&file, 0, "edge", message));
            continue;
        };
        for dependency in package["dependencies"].as_array().unwrap_or(&none) {
            let target = name_of(dependency);
            let in_tests = dependency["kind"] == "dev";
            if ours.contains(&target) {
                let fits = in_tests || allowed.contains(&target.as_str());
                if !fits {
                    let message = format!("{name} → {target} is not an allowed edge");
                    faults.push(Fault::new(&file, 0, "edge", message));
                }
                continue;
            }
            for (crates, forbidden, why) in FORBIDDEN {
                if !in_tests
                    && crates.contains(&name.as_str())
                    && forbidden.contains(&target.as_str())
                {
                    let message = format!("{name} uses {target}: {why}");
                    faults.push(Fault::new(&file, 0, "edge", message));
                }
            }
        }
    }
}

pub(super) fn manifests_take_the_lints(file: &File, faults: &mut Vec<Fault>) {
    let is_crate = file.path.starts_with("crates/") || file.path.starts_with("xtask/");
    if !is_crate || !file.path.ends_with("Cargo.toml") {
        return;
    }
    let takes = file
        .text
        .parse::<toml::Table>()
        .ok()
        .and_then(|t| t.get("lints")?.get("workspace")?.as_bool());
    if takes != Some(true) {
        let message = "`[lints] workspace = true` is missing";
        faults.push(Fault::new(file, 0, "lints", message));
    }
}
