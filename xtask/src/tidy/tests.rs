//! Each rule, on a text that breaks it and on one that does not; and all rules on this repository.

use std::collections::BTreeSet;

use super::{Fault, File, check_files, crates};

/// A dependencies page and nothing else: the smallest tree that holds every rule.
fn tree(files: &[(&str, &str)]) -> Vec<File> {
    let mut all = vec![("docs/dependencies.md", "# Dependencies\n")];
    all.extend(files);
    all.into_iter()
        .map(|(path, text)| File {
            path: path.to_owned(),
            text: text.to_owned(),
        })
        .collect()
}

fn rules(files: &[(&str, &str)]) -> BTreeSet<&'static str> {
    check_files(&tree(files)).iter().map(|f| f.rule).collect()
}

#[test]
fn each_rule_finds_its_fault() {
    let long = "//! Long.\n".repeat(901);
    let cases: &[(&str, &str, &str)] = &[
        ("module-docs", "crates/a/src/b.rs", "use std::fmt;\n"),
        ("machine-path", "a.md", concat!("see /wo", "rk/main/x\n")),
        ("machine-path", "a.sh", concat!("cd \"/ro", "ot/x\"\n")),
        ("machine-path", "a.sh", concat!("cd /tm", "p/x\n")),
        ("registry-host", "pip.txt", concat!("--index", "-url=x\n")),
        (
            "registry-host",
            "Cargo.lock",
            "source = \"git+https://example.com/x\"\n",
        ),
        ("open-end", "a.md", concat!("TO", "DO: write\n")),
        (
            "open-end",
            "crates/a/src/b.rs",
            concat!("//! B.\nfn f() { to", "do!() }\n"),
        ),
        (
            "open-end",
            "crates/a/src/b.rs",
            concat!("//! B.\n#[ig", "nore]\n"),
        ),
        ("long-file", "crates/a/src/b.rs", &long),
        ("whitespace", "a.md", "blank \n"),
        ("whitespace", "a.md", "no end"),
        ("whitespace", "a.md", "two ends\n\n"),
        (
            "personal-data",
            "a.md",
            concat!("call 139", "12345678 now\n"),
        ),
        (
            "personal-data",
            "a.csv",
            concat!("x,110101", "199003071233,y\n"),
        ),
        (
            "personal-data",
            "a.csv",
            concat!("x,11010119900307", "123X,y\n"),
        ),
        (
            "personal-data",
            "a.md",
            concat!("write to someone@", "police.cn\n"),
        ),
        (
            "pure-crate",
            "crates/tlog/src/a.rs",
            "//! A.\nuse std::fs;\n",
        ),
        (
            "pure-crate",
            "crates/model/src/a.rs",
            "//! A.\nlet t = SystemTime::now();\n",
        ),
        (
            "pure-crate",
            "crates/law/src/a.rs",
            "//! A.\ngetrandom::fill(&mut b);\n",
        ),
        (
            "personal-log",
            "crates/web/src/a.rs",
            "//! A.\ninfo!(login, \"in\");\n",
        ),
        (
            "personal-log",
            "crates/web/src/a.rs",
            "//! A.\ninfo!(\n  %words,\n  \"in\"\n);\n",
        ),
        (
            "personal-log",
            "crates/web/src/a.rs",
            "//! A.\nwarn!(\"for {password}\");\n",
        ),
        (
            "adr",
            "docs/adr/0009-x.md",
            "# X\n## Context\n## Decision\n",
        ),
        (
            "adr",
            "crates/a/src/b.rs",
            "//! See `docs/adr/0042-none.md`.\n",
        ),
        ("lints", "crates/a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("link", "docs/a.md", "see [there](../b.md)\n"),
        ("link", "docs/a.md", "see [there](../../b.md)\n"),
        ("link", "docs/a.md", "# One\nsee [two](#two)\n"),
        (
            "dependencies",
            "Cargo.toml",
            "[workspace.dependencies]\nserde = \"1\"\n",
        ),
        (
            "dependencies",
            "docs/dependencies.md",
            "| `serde` | unused |\n",
        ),
        (
            "pack-text",
            "packs/p/roles.toml",
            "[[role]]\nid = \"x\"\nzh = \"岗位\"\n",
        ),
        (
            "pack-text",
            "packs/p/roles.toml",
            "[[role]]\nid = \"x\"\nzh = \"\"\nen = \"Post\"\n",
        ),
        ("pack-text", "crates/web/i18n/en.ftl", "save = Save\n"),
    ];
    for (rule, path, text) in cases {
        let mut files = tree(&[]);
        files.retain(|f| f.path != *path);
        files.push(File {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        });
        let found: BTreeSet<_> = check_files(&files).iter().map(|f| f.rule).collect();
        assert_eq!(found, BTreeSet::from([*rule]), "{path}: {text}");
    }
}

#[test]
fn what_only_looks_like_a_fault_passes() {
    let cases: &[(&str, &str)] = &[
        ("crates/a/src/b.rs", "\n//! B.\nfn f() {}\n"),
        (
            "a.md",
            "the folder target/wo\u{72}k/x, https://example.com/wo\u{72}k/x\n",
        ),
        (
            "a.md",
            "1479312345678 µs, 1234567890123 and 13000000000 bytes, x@example.com\n",
        ),
        (
            "a.md",
            "a hash 0x13912345678abcdef and a time 2026-11-23T13912345678\n",
        ),
        ("a.ts", "import x from 'axe@4.10.js'\n"),
        (
            "crates/tlog/src/a.rs",
            "//! A.\n// no SystemTime here, see std::fs\n",
        ),
        ("crates/tlog/tests/it/a.rs", "//! A.\nuse std::fs;\n"),
        (
            "crates/web/src/a.rs",
            "//! A.\ninfo!(index, \"the words and the password are safe\");\n",
        ),
        (
            "crates/web/src/a.rs",
            "//! A.\ninfo!(index);\nlet words = 1;\n",
        ),
        (
            "docs/adr/0009-x.md",
            "# X\n\n## Context\n\n## Decision\n\n## Consequences\n",
        ),
        (
            "docs/a.md",
            "# A thing, twice\n[up](../docs/a.md#a-thing-twice) [out](https://x.example) `[no](x.md)`\n",
        ),
        ("docs/a.md", "```\n[no](x.md)\n```\n"),
        (
            "packs/p/roles.toml",
            "[[role]]\nid = \"x\"\nzh = \"岗位\"\nen = \"Post\"\n",
        ),
        ("crates/a/Cargo.toml", "[lints]\nworkspace = true\n"),
    ];
    for (path, text) in cases {
        let faults = check_files(&tree(&[(path, text)]));
        assert_eq!(faults, [], "{path}: {text}");
    }
    let both = [
        ("i18n/en.ftl", "save = Save\n"),
        ("i18n/zh-CN.ftl", "save = 保存\n"),
    ];
    assert_eq!(rules(&both), BTreeSet::new());
    let explained = [(
        "Cargo.toml",
        "[workspace.dependencies]\nserde = \"1\"\nown = { path = \"own\" }\n",
    )];
    let mut files = tree(&explained);
    files[0]
        .text
        .push_str("| `serde` | reading and writing JSON |\n");
    assert_eq!(check_files(&files), []);
}

#[test]
fn faults_between_files_are_named() {
    let two = [
        ("i18n/en.ftl", "save = Save\nopen = Open\n"),
        ("i18n/zh-CN.ftl", "save = 保存\n"),
    ];
    let decision = "# X\n\n## Context\n\n## Decision\n\n## Consequences\n";
    let same = [
        ("docs/adr/0001-a.md", decision),
        ("docs/adr/0001-b.md", decision),
    ];
    let all: Vec<String> = [tree(&two), tree(&same)]
        .iter()
        .flat_map(|t| check_files(t))
        .map(|f| f.to_string())
        .collect();
    insta::assert_snapshot!(all.join("\n"), @r"
    i18n/en.ftl: [pack-text] `open` is not in i18n/zh-CN.ftl
    docs/adr/0001-b.md: [adr] two decisions have the number 0001
    ");
}

#[test]
fn dependencies_point_one_way() {
    let metadata = serde_json::json!({"packages": [
        {"name": "tlog", "dependencies": [
            {"name": "model", "kind": null},
            {"name": "tokio", "kind": null},
            {"name": "tempfile", "kind": "dev"},
        ]},
        {"name": "model", "dependencies": [{"name": "tlog", "kind": null}]},
        {"name": "office", "dependencies": [
            {"name": "axum", "kind": null},
            {"name": "testkit", "kind": "dev"},
        ]},
        {"name": "testkit", "dependencies": [{"name": "office", "kind": null}]},
        {"name": "web", "dependencies": [
            {"name": "testkit", "kind": null},
            {"name": "sqlx", "kind": null},
        ]},
        {"name": "stranger", "dependencies": []},
    ]});
    let mut faults: Vec<Fault> = Vec::new();
    crates::dependencies_point_down(&metadata, &mut faults);
    let text: Vec<String> = faults.iter().map(Fault::to_string).collect();
    insta::assert_snapshot!(text.join("\n"), @r"
    crates/tlog/Cargo.toml: [edge] tlog → model is not an allowed edge
    crates/tlog/Cargo.toml: [edge] tlog uses tokio: a pure crate does no I/O and has no clock or randomness
    crates/office/Cargo.toml: [edge] office uses axum: use cases know neither HTTP nor SQL text
    crates/web/Cargo.toml: [edge] web → testkit is not an allowed edge
    crates/web/Cargo.toml: [edge] web uses sqlx: pages do not decide and do not query
    crates/stranger/Cargo.toml: [edge] not in the table of allowed edges (xtask/src/tidy/crates.rs)
    ");
}

#[test]
fn the_repository_holds_its_rules() {
    let faults = super::check(&crate::root()).expect("git and cargo answer");
    let text: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert!(faults.is_empty(), "{}", text.join("\n"));
}
