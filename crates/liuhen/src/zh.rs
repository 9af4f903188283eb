//! Chinese texts of the help: for each command and argument the words that `args` has in English.
//!
//! Keys are `command`, `command.argument` and, for arguments of all commands, `.argument`. A test compares both sides.

/// What `--help` ends with.
pub(crate) const AFTER: &str = "\
退出码：
  0  完成；所核查的都成立
  1  完成；但核查有不成立的，或有行被退回
  2  命令写错了
  3  被拒绝，需要人来处理（节点正在使用、不存在、恢复时拒绝启动）
  4  读写失败，或程序内部错误

数据写到标准输出，提示写到标准错误。语言取自 LANG，可用 --lang 指定。";

/// Key and text.
pub(crate) const TEXTS: &[(&str, &str)] = &[
    (
        "",
        "留痕：办案全程留痕、记录过问，一经记下不可改，可向任何人证明",
    ),
    (".node", "节点目录 [默认：./liuhen-data]"),
    (".json", "以 JSON 输出结果"),
    (".lang", "语言：zh-CN 或 en [默认取自 LANG]"),
    (".help", "显示帮助"),
    (".version", "显示版本"),
    ("verify", "验证回执：只需要回执、记录和公钥，不需要节点"),
    ("verify.receipt", "回执文件（.tlog-proof）"),
    ("verify.key", "账本公钥，或存放公钥的文件"),
    ("verify.policy", "策略文件：承认哪些账本、需要多少见证"),
    ("verify.event", "记录原文 [默认取回执所带的一份]"),
    ("verify.body", "记录的正文：核对它是否就是当时承诺的那一份"),
    ("bench", "测量性能，与目标对照"),
    ("bench.names", "要测的项目；all 为全部"),
];
