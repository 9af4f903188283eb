//! What is wrong with a pack, in Chinese: the same faults as [`crate::fault`], said as a pack's author here would say them.
//!
//! Kinds of fault are matched one by one, so that a new one cannot be forgotten. What stands within them (what was expected,
//! why two rules exclude each other) is looked up in a list of phrases; what has no Chinese there stays as it is rather than
//! being lost, and a test says which. The words of the reader of TOML are in
//! [`crate::toml_zh`].

use model::IdError;

use crate::rule::Outcome;
use crate::words::Lang;
use crate::{Fault, What, toml_zh};

impl Fault {
    /// File, line, item, key and what is wrong, in that language. English is what `Display` gives.
    pub fn said(&self, lang: Lang) -> String {
        match lang {
            Lang::En => self.to_string(),
            Lang::Zh => format!("{}{}", self.place(), self.what.in_chinese()),
        }
    }
}

impl What {
    fn in_chinese(&self) -> String {
        match self {
            Self::MissingFile => "缺少该文件".to_owned(),
            Self::UnknownFile => "规则包中没有这个名称的文件".to_owned(),
            Self::Syntax(message) => phrase(message).unwrap_or_else(|| toml_zh::said(message)),
            Self::Id(e) => id(e),
            Self::Folder { folder } => format!("规则包所在文件夹名为 `{folder}`，与其编号不一致"),
            Self::Version(version) => {
                format!("版本号 `{version}` 应为三个数字，例如 1.0.0")
            }
            Self::Empty(field) => format!("`{field}` 为空"),
            Self::Duplicate { kind, first } => {
                format!("该{}已在 {} 中定义", kind_of(kind), said(first))
            }
            Self::Unresolved { kind, id, near } => {
                let near = nearest(near);
                format!("任何规则包中都没有{} `{id}`{near}", kind_of(kind))
            }
            Self::UnknownKey { near } => format!("此处没有这个键{}", nearest(near)),
            Self::Missing(expected) => format!("缺少：应为{}", said(expected)),
            Self::Expected { expected, found } => {
                format!("应为{}，实为{}", said(expected), said(found))
            }
            Self::Guard {
                guard,
                column,
                message,
            } => format!("`{guard}` 第 {column} 字：{}", said(message)),
            Self::Limit(text) => {
                format!("`{text}` 不是期限：应为数字加单位，如 30min、24h、3d、2wd、2mo、1y")
            }
            Self::Advisory { marks, grade } => {
                format!("依据只有 {marks}，只能为蓝色（blue），不能为 {grade}")
            }
            Self::NoTrace(what) => format!("缺少示例：{}", said(what)),
            Self::Versions { other, day } => format!("{day} 当日版本 {other} 也在适用"),
            Self::NeverStarts(why) => format!("永远不会适用：{}", said(why)),
            Self::NeverBroken(why) => format!("永远不会被违反：{}", said(why)),
            Self::NeverKept(why) => format!("永远无法遵守：{}", said(why)),
            Self::Contradiction { rules, why } => {
                format!("{} 无法同时遵守：{}", rules.join("、"), said(why))
            }
            Self::Overlay(what) => format!("本地调整{}", said(what)),
            Self::Source(part) => {
                format!("依据 `{part}`：每一部分应以 pack.toml 中的代码或可信度标记开头")
            }
            Self::Mark(mark) => format!("`{mark}` 不是可信度标记：应为 T、S、G 或 D"),
            Self::NoConfidence => "没有注明可信度".to_owned(),
            Self::Unmarked(part) => {
                format!("`{part}` 之后没有可信度标记：[T]、[S]、[G] 或 [D]")
            }
            Self::Confidence { given, found } => {
                format!("可信度为 {given}，而依据中为 {found}")
            }
            Self::Number {
                field,
                got,
                expected,
            } => format!("{field} 为 {got}，应为 {}", said(expected)),
            Self::Date { field, got } => {
                format!("{field} `{got}` 不是日期，日期形如 2026-01-01")
            }
            Self::Without { field, needs } => {
                let field = if *field == "this" { "本键" } else { field };
                format!("有{field}而没有 {needs}")
            }
        }
    }
}

fn nearest(near: &Option<String>) -> String {
    (near.as_ref()).map_or(String::new(), |near| format!("；最相近的是 `{near}`"))
}

fn id(e: &IdError) -> String {
    match e {
        IdError::Empty { what } => format!("{}为空", kind_of(what)),
        IdError::TooLong { what, got, max } => {
            format!("{}长 {got} 字节，最多 {max} 字节", kind_of(what))
        }
        IdError::BadCharacter { what, found } => {
            format!("{}中有不允许的字符 {found:?}", kind_of(what))
        }
        IdError::NotOne { what, found } => format!("`{found}` 不是{}", kind_of(what)),
    }
}

/// Kinds of things that have ids.
fn kind_of(kind: &str) -> &str {
    let kind = (kind.strip_prefix("a ").or(kind.strip_prefix("an "))).unwrap_or(kind);
    match kind {
        "activity" => "活动",
        "attribute" => "属性",
        "role" | "role id" => "角色",
        "role with a rank" => "有级别的角色",
        "rule" | "rule id" => "规则",
        "this version of rule" => "此版本的规则",
        "version" => "版本",
        "violation" => "违规类型",
        "table" => "清单",
        "template" => "模板",
        "source" => "依据代码",
        "object type" => "对象类型",
        "object" => "对象",
        "qualifier" => "对象身份",
        "organ code" => "机关代码",
        "group" => "分组",
        "pack" => "规则包",
        "tile" => "按键",
        "digit" => "数字键",
        "manner" => "方式",
        "key step" => "重点环节",
        "act of a key step" => "重点环节中的活动",
        "separation" => "回避设置",
        other => other,
    }
}

/// A phrase in Chinese; itself where the list has none, such as names and numbers.
fn said(english: &str) -> String {
    phrase(english).unwrap_or_else(|| english.to_owned())
}

fn phrase(english: &str) -> Option<String> {
    let outcome = Outcome::ALL.iter().any(|o| o.name() == english);
    let exact = EXACT.iter().find(|(en, _)| *en == english);
    match exact {
        Some((_, zh)) => Some((*zh).to_owned()),
        None if outcome => None,
        None => WITH_HOLES
            .iter()
            .find_map(|(en, zh)| filled(english, en, zh)),
    }
}

/// The Chinese of a phrase with holes, each hole said in its turn; the holes stand in the same order in both languages.
fn filled(english: &str, en: &str, zh: &str) -> Option<String> {
    let mut pieces = en.split("{}");
    let mut rest = english.strip_prefix(pieces.next()?)?;
    let mut holes = Vec::new();
    let pieces: Vec<&str> = pieces.collect();
    for (n, piece) in pieces.iter().enumerate() {
        let end = match (n + 1 == pieces.len(), piece.is_empty()) {
            (true, true) => rest.len(),
            (true, false) => rest.strip_suffix(piece)?.len(),
            (false, _) => rest.find(piece)?,
        };
        holes.push(&rest[..end]);
        rest = &rest[end + piece.len()..];
    }
    let mut parts = zh.split("{}");
    let mut text = parts.next()?.to_owned();
    for (hole, part) in holes.into_iter().zip(parts) {
        text += &said(hole);
        text += part;
    }
    Some(text)
}

const EXACT: &[(&str, &str)] = &[
    // What may stand there.
    ("a text", "文字"),
    ("a text in quotes", "引号内的文字"),
    ("a long text", "一段长文字"),
    ("a list", "列表"),
    ("an empty list", "空列表"),
    ("a table", "表"),
    ("a limit", "期限"),
    ("a role", "角色"),
    ("a number", "数字"),
    ("an id", "编号"),
    ("an outcome", "结果"),
    ("a time", "时间"),
    ("the end", "结尾"),
    ("true", "true"),
    ("true or false", "true 或 false"),
    ("each value once", "各值不重复"),
    ("an id without blanks and signs", "不含空格和符号的编号"),
    ("the id of a role", "角色的编号"),
    ("the code of an organ", "机关代码"),
    ("a date such as 2026-01-01", "日期，如 2026-01-01"),
    (
        "a day without quotes, such as 2026-01-01",
        "不加引号的日期，如 2026-01-01",
    ),
    (
        "a time, to be compared with another time of the event",
        "时间，只能与事件的另一时间比较",
    ),
    (
        "a local time such as \"2026-04-30T15:00\"",
        "当地时间，如 \"2026-04-30T15:00\"",
    ),
    (
        "a local time such as 2026-04-30T15:00, or a day such as 2026-04-30",
        "当地时间（如 2026-04-30T15:00）或日期（如 2026-04-30）",
    ),
    (
        "a name that guards and traces do not use for something else",
        "条件和示例中未作他用的名称",
    ),
    (
        "bool, number, text, time or a list of texts",
        "bool、number、text、time 或文字列表",
    ),
    ("red, amber or blue", "red（红）、amber（黄）或 blue（蓝）"),
    ("A, B or C", "A、B 或 C"),
    ("at least one activity", "至少一项活动"),
    ("at least one event", "至少一个事件"),
    (
        "[time, activity] or [time, activity, { … }]",
        "[时间, 活动] 或 [时间, 活动, { … }]",
    ),
    ("a table of attributes", "属性表"),
    (
        "a name and a role, such as \"a:R_OFFICER\"",
        "代称和角色，如 \"a:R_OFFICER\"",
    ),
    (
        "a type, an id and perhaps a part, such as \"person:p2:suspect\"",
        "类型、编号，可加身份，如 \"person:p2:suspect\"",
    ),
    (
        "a share such as 90% or a time before such as 7d",
        "比例（如 90%）或提前时间（如 7d）",
    ),
    (
        "a limit, or a list of { if, is }",
        "期限，或 { if, is } 的列表",
    ),
    (
        "activities under one condition; another condition is another change",
        "同一条件下的活动；条件不同的另列一项 change",
    ),
    (
        "activation, event or due",
        "activation（触发时）、event（该事件时）或 due（到期时）",
    ),
    (
        "a role with a rank, or a list of { if, is }",
        "有级别的角色，或 { if, is } 的列表",
    ),
    ("a role with a rank", "有级别的角色"),
    ("before, after or any", "before、after 或 any"),
    // What must be there.
    ("a Chinese text", "中文文字"),
    ("an English text", "英文文字"),
    ("a number from 1", "从 1 起的数字"),
    ("a list of activities", "活动列表"),
    (
        "{ zh, en }: what is wrong when it is broken",
        "{ zh, en }：违反时有何问题",
    ),
    (
        "codes with articles and marks, such as \"PSC 126 [T]\"",
        "代码、条文和可信度标记，如 \"PSC 126 [T]\"",
    ),
    ("the first day on which it applies", "适用的第一天"),
    ("an object type, or \"actor\"", "对象类型，或 \"actor\""),
    ("a list of events", "事件列表"),
    (
        "a list of texts, empty where a place fills it in",
        "文字列表；由本地填写的留空",
    ),
    ("the name of a template", "模板名称"),
    ("the most that is allowed", "允许的最多次数"),
    ("the fewest persons", "最少人数"),
    ("what the event must carry", "事件必须记载的内容"),
    ("the longest that is not asked about", "无需说明的最长时间"),
    ("how many signs make a finding", "几项迹象构成一项发现"),
    (
        "{ zh, en }: why events do not show it",
        "{ zh, en }：事件为何不能反映",
    ),
    (
        "a limit, or `by`: what it must come before",
        "期限，或 `by`：须在何事之前",
    ),
    (
        "`any` or `if`: what makes the sign",
        "`any` 或 `if`：何为迹象",
    ),
    (
        "{ zh, en }: why the place changes the rule",
        "{ zh, en }：本地为何调整该规则",
    ),
    (
        "where the change stands, with a mark",
        "调整的依据，附可信度标记",
    ),
    ("somebody who reviews or approves", "审核人或审批人"),
    ("states, each { from, to }", "状态，每项为 { from, to }"),
    (
        "signs, each { zh, en, any, … }",
        "迹象，每项为 { zh, en, any, … }",
    ),
    ("{ if, is }", "{ if, is }"),
    // Lists of.
    ("texts", "文字"),
    ("roles", "角色"),
    ("activities", "活动"),
    ("attributes", "属性"),
    ("tables", "表"),
    ("needs", "先决事项"),
    ("signs", "迹象"),
    ("ids of violations", "违规类型编号"),
    ("activities, each a text", "活动，每项为文字"),
    ("clauses, each a text in quotes", "条件，每项为引号内的文字"),
    (
        "traces, each { expect, events }",
        "示例，每项为 { expect, events }",
    ),
    ("events, each [time, activity]", "事件，每项为 [时间, 活动]"),
    (
        "time, activity and perhaps a table",
        "时间、活动，可加属性表",
    ),
    (
        "actors such as \"a:R_OFFICER\"",
        "行为人，如 \"a:R_OFFICER\"",
    ),
    ("objects such as \"item:i1\"", "对象，如 \"item:i1\""),
    (
        "warnings such as \"90%\" or \"7d\"",
        "预警，如 \"90%\"、\"7d\"",
    ),
    (
        "minutes or hours such as \"30min\" or \"24h\", or false",
        "分钟或小时，如 \"30min\"、\"24h\"，或 false",
    ),
    (
        "no such key: a breach of this template is not cleared by what is recorded later",
        "不写此项：这一模板的违规不因其后补录而消除",
    ),
    // Guards.
    ("an attribute", "属性"),
    ("a value", "值"),
    ("the name of a table", "清单名称"),
    ("the quote is not closed", "引号没有闭合"),
    ("`in`", "`in`"),
    ("`,` or `]`", "`,` 或 `]`"),
    (
        "a list in [ ] or @ and the name of a table",
        "[ ] 内的列表，或 @ 加清单名称",
    ),
    (
        "one of = != < <= > >= in, not in",
        "= != < <= > >= in、not in 之一",
    ),
    (
        "`|` and another comparison, or the end",
        "`|` 加另一比较，或到此为止",
    ),
    // Examples.
    ("`satisfied`", "符合规则的（`satisfied`）"),
    ("`breached`", "违反规则的（`breached`）"),
    (
        "`not_checkable`, though an attribute may be missing",
        "无法核查的（`not_checkable`），因属性可能缺失",
    ),
    // What makes no sense.
    (
        "it ends before the day on which it begins",
        "终止日早于起始日",
    ),
    (
        "no event of it is one of `on`",
        "示例中没有 `on` 所列的事件",
    ),
    (
        "what makes the rule matter excuses it at once",
        "触发规则的事件同时免除了它",
    ),
    ("nothing is required", "没有任何要求"),
    ("there is one state only", "只有一种状态"),
    (
        "everybody is the same person as himself; name `against`, or other roles",
        "同一人总是本人；请写明 `against` 或另一角色",
    ),
    // Overlays.
    ("that changes nothing", "没有改变任何内容"),
    // Explanations.
    ("stands twice", "重复出现"),
    ("expected a source with its marks", "应为附可信度标记的依据"),
    (
        "expected with `related`, and only there",
        "只能且必须与 `related` 同用",
    ),
    ("only with `acted`", "只能与 `acted` 同用"),
    (
        "expected words for where it is missing",
        "应写明缺失时的说明",
    ),
    (
        "expected two hours from 0 to 23",
        "应为 0 至 23 之间的两个时刻",
    ),
    ("expected templates and reasons", "应有解释模板和理由"),
];

const WITH_HOLES: &[(&str, &str)] = &[
    (
        "expected {}, found `{}`; the nearest is `{}`",
        "应为{}，实为 `{}`；最相近的是 `{}`",
    ),
    ("expected {}, found {}", "应为{}，实为{}"),
    ("expected {}, but `{}` is {}", "应为{}，而 `{}` 是{}"),
    (
        "`{}` has no order: only = != in, not in",
        "`{}` 没有大小之分：只能用 = != in、not in",
    ),
    (
        "activity `{}` is not in any pack; the nearest is `{}`",
        "任何规则包中都没有活动 `{}`；最相近的是 `{}`",
    ),
    (
        "attribute `{}` is not in any pack; the nearest is `{}`",
        "任何规则包中都没有属性 `{}`；最相近的是 `{}`",
    ),
    (
        "role `{}` is not in any pack; the nearest is `{}`",
        "任何规则包中都没有角色 `{}`；最相近的是 `{}`",
    ),
    (
        "object type `{}` is not in any pack; the nearest is `{}`",
        "任何规则包中都没有对象类型 `{}`；最相近的是 `{}`",
    ),
    (
        "table `{}` is not in any pack; the nearest is `{}`",
        "任何规则包中都没有清单 `{}`；最相近的是 `{}`",
    ),
    (
        "attribute `{}` is not in any pack",
        "任何规则包中都没有属性 `{}`",
    ),
    (
        "role `{}` is not in any pack",
        "任何规则包中都没有角色 `{}`",
    ),
    (
        "object type `{}` is not in any pack",
        "任何规则包中都没有对象类型 `{}`",
    ),
    (
        "table `{}` is not in any pack",
        "任何规则包中都没有清单 `{}`",
    ),
    ("longer than {} bytes", "长于 {} 字节"),
    ("more than {} comparisons", "多于 {} 个比较"),
    ("a whole number up to {}", "不大于 {} 的整数"),
    ("a number from {} to {}", "{} 至 {} 之间的数字"),
    ("one of {}", "{} 之一"),
    ("a table with {}", "含 {} 的表"),
    ("a list of {}", "列表：{}"),
    ("rows, each under {}", "每行写在 {} 之下"),
    (
        "\"{}\", whose `role` its guards look at",
        "\"{}\"：条件中用到其 `role`",
    ),
    ("no value of {} meets `{}", "{} 没有一个值符合 `{}"),
    ("no limit ever applies: {}", "没有一个期限会适用：{}"),
    ("nothing is ever needed: {}", "没有一项先决事项会适用：{}"),
    ("no rank is ever asked for: {}", "没有一个级别会适用：{}"),
    (
        "it has {} signs, and {} make a finding",
        "共有 {} 项迹象，而构成发现需要 {} 项",
    ),
    // Rules beside one another.
    (
        "{} expects {} and {} forbids it always",
        "{} 要求 {}，而 {} 始终禁止",
    ),
    (
        "{} needs {} and {} forbids it always",
        "{} 须先有 {}，而 {} 始终禁止",
    ),
    (
        "{} expects {} after {}, where {} forbids it",
        "{} 要求 {} 在 {} 之后进行，而 {} 此时禁止",
    ),
    (
        "{} expects {} within {}, {} forbids it before {}",
        "{} 要求 {} 在 {} 内进行，{} 禁止早于 {}",
    ),
    (
        "{} expects {} within {}, {} not before {}",
        "{} 要求 {} 在 {} 内进行，{} 要求不早于 {}",
    ),
    (
        "{} wants {} before {}, {} forbids {} after it",
        "{} 要求先有 {} 再有 {}，{} 禁止其后再有 {}",
    ),
    ("each waits for the next: {}", "各自等待下一项：{}"),
    // Overlays.
    (
        "cannot change `{}`: a {} has none",
        "不能改 `{}`：{} 模板没有此键",
    ),
    (
        "may begin a rule not before {} and not after {}",
        "只能使规则自 {} 起、不迟于 {} 开始适用",
    ),
    (
        "may begin a rule not before {}",
        "不能使规则早于 {} 开始适用",
    ),
    (
        "may not raise a rule from {} to {} on [G] or [D] alone",
        "不能仅凭 [G] 或 [D] 将规则由 {} 提为 {}",
    ),
    // Explanations.
    ("this path leads to no case: {}", "此路径不通向任何案件：{}"),
    ("unknown role {}", "未知角色 {}"),
    ("unknown activity {}", "未知活动 {}"),
    // The shortest last: what is more exact goes before.
    ("pack {}", "规则包 {}"),
    ("a {}", "{}"),
    ("{} to {}", "{} 至 {}"),
];
