//! What the reader of TOML and serde say of a file, in Chinese: so that a fault in a pack reads as one sentence.
//!
//! Their messages are a closed list of descriptions with what was expected after them. Neither is part of their promises:
//! what has no Chinese here stays as it is, and a test goes through broken files and says which. Not the faults that this crate
//! finds itself: those are `fault_zh`.

/// A message of the reader, whole.
pub(crate) fn said(message: &str) -> String {
    if let Some(said) = structure(message) {
        return said;
    }
    let (what, expected) = match message.split_once(", expected ") {
        Some((what, expected)) => (what, Some(expected)),
        None => (message, None),
    };
    let what = description(what);
    match expected {
        None => format!("TOML 格式有误：{what}"),
        Some("nothing") => format!("TOML 格式有误：{what}，此处不应有内容"),
        Some(list) => {
            let list: Vec<String> = list.split(", ").map(|one| token(one).to_owned()).collect();
            let list = list.join("、");
            // A sign in backquotes is set off from the words.
            let gap = if list.starts_with('`') { " " } else { "" };
            format!("TOML 格式有误：{what}，应为{gap}{list}")
        }
    }
}

/// Keys and kinds of values: what serde says of a file that is TOML.
fn structure(message: &str) -> Option<String> {
    if let Some(key) = message.strip_prefix("missing field ") {
        return Some(format!("缺少键 {key}"));
    }
    if let Some(key) = message.strip_prefix("duplicate field ") {
        return Some(format!("键 {key} 重复"));
    }
    if let Some(key) = message.strip_prefix("duplicate key") {
        return Some(format!("键{} 重复", key.trim_end()));
    }
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let (key, expected) = rest.split_once(", ")?;
        let expected = match expected.strip_prefix("expected ") {
            Some(list) => list.strip_prefix("one of ").unwrap_or(list),
            None => return Some(format!("此处没有键 {key}，也不能有其他键")),
        };
        let list = expected.replace(" or ", "、").replace(", ", "、");
        return Some(format!("此处没有键 {key}；可用的键：{list}"));
    }
    for (prefix, zh) in [
        ("invalid type: ", "类型不对"),
        ("invalid value: ", "值不对"),
        ("invalid length ", "长度不对"),
    ] {
        if let Some(rest) = message.strip_prefix(prefix) {
            // What was found may hold a comma of its own; what was expected does not.
            let (found, expected) = rest.rsplit_once(", expected ")?;
            let found = kind(found.strip_suffix(" as i128").unwrap_or(found));
            let expected = kind(expected);
            return Some(format!("{zh}：实为{found}，应为{expected}"));
        }
    }
    if let Some(rest) = message.strip_prefix("cannot extend value of type ") {
        let type_ = rest.strip_suffix(" with a dotted key")?;
        return Some(format!("不能用带点的键扩充{}", kind(type_)));
    }
    None
}

/// `string "x"` → `文字 "x"`: the kind said, the value as it stands.
fn kind(text: &str) -> String {
    let (_, zh, rest) = KINDS
        .iter()
        .filter_map(|(en, zh)| Some((en, zh, text.strip_prefix(en)?)))
        .find(|(_, _, rest)| rest.is_empty() || rest.starts_with(' '))
        .unwrap_or((&"", &"", text));
    match *zh {
        // A table of ours under the name that it has in the program.
        "" if text.starts_with("struct ") => "表".to_owned(),
        "表" if text.starts_with("struct ") => "表".to_owned(),
        zh => format!("{zh}{rest}"),
    }
}

const KINDS: &[(&str, &str)] = &[
    ("a string", "文字"),
    ("string", "文字"),
    ("a sequence", "列表"),
    ("sequence", "列表"),
    ("array", "列表"),
    ("a map", "表"),
    ("map", "表"),
    ("inline table", "表"),
    ("table", "表"),
    ("struct", "表"),
    ("a boolean", "true 或 false"),
    ("boolean", "布尔值"),
    ("integer", "整数"),
    ("floating point", "小数"),
    ("float", "小数"),
    ("datetime", "日期"),
    ("u64", "不小于 0 的整数"),
    ("u32", "不小于 0 的整数"),
    ("i64", "整数"),
];

fn description(what: &str) -> String {
    if let Some((_, zh)) = DESCRIPTIONS.iter().find(|(en, _)| *en == what) {
        return (*zh).to_owned();
    }
    match what.strip_prefix("invalid ") {
        Some(rest) => format!("{}写得不对", token(rest)),
        None => what.to_owned(),
    }
}

/// What may stand at a place. What is not here is a sign and stands as it is.
fn token(one: &str) -> &str {
    TOKENS
        .iter()
        .find(|(en, _)| *en == one)
        .map_or(one, |t| t.1)
}

const DESCRIPTIONS: &[(&str, &str)] = &[
    ("`_` may only go between digits", "`_` 只能放在数字之间"),
    (
        "cannot recurse further; max recursion depth met",
        "嵌套层数过多",
    ),
    (
        "carriage return must be followed by newline",
        "回车符之后须有换行符",
    ),
    ("extra `=`", "多了一个 `=`"),
    (
        "extra assignment between key-value pairs",
        "键值对之间多了 `=`",
    ),
    ("extra comma in array", "列表中多了逗号"),
    ("extra comma in inline table", "表中多了逗号"),
    (
        "integers with a radix cannot be signed",
        "带进制前缀的整数不能有正负号",
    ),
    ("invalid comment character", "注释中有不允许的字符"),
    ("invalid inline table element", "表中有无法读取的内容"),
    ("invalid key-value pair", "键值对无法读取"),
    ("invalid unquoted key", "键中有须加引号的字符"),
    ("invalid value", "值无法读取"),
    ("key with no value", "有键而没有值"),
    (
        "keys cannot be multi-line basic strings",
        "键不能是多行文字",
    ),
    (
        "keys cannot be multi-line literal strings",
        "键不能是多行文字",
    ),
    ("missing array opening", "列表缺少开头的 `[`"),
    (
        "missing assignment between key-value pairs",
        "键与值之间缺少 `=`",
    ),
    (
        "missing comma between array elements",
        "列表各项之间缺少逗号",
    ),
    (
        "missing comma between key-value pairs",
        "键值对之间缺少逗号",
    ),
    ("missing comment start", "注释缺少开头的 `#`"),
    ("missing escaped value", "反斜杠之后缺少转义字符"),
    ("missing inline table opening", "表缺少开头的 `{`"),
    ("missing key for inline table element", "表中有值而没有键"),
    ("missing opening quote", "缺少开头的引号"),
    ("missing table open", "表名缺少开头的 `[`"),
    ("missing value for key", "键没有值"),
    ("missing value", "缺少值"),
    ("radix must be lowercase", "进制前缀须用小写"),
    ("redundant integer number prefix", "数字前缀多余"),
    ("redundant numeric sign", "正负号多余"),
    ("string values must be quoted", "文字须加引号"),
    ("too few unicode value digits", "Unicode 编码的位数不足"),
    ("unclosed array table", "表名没有用 `]]` 闭合"),
    ("unclosed array", "列表没有闭合"),
    ("unclosed inline table", "表没有闭合"),
    ("unclosed table", "表名没有用 `]` 闭合"),
    ("unexpected `=` in array", "列表中不能有 `=`"),
    (
        "unexpected content between comment and newline",
        "注释与换行之间有多余内容",
    ),
    ("unexpected content", "有多余内容"),
    ("unexpected key or value", "有多余的键或值"),
    ("unexpected leading zero", "数字不能以 0 开头"),
    ("unexpected sign", "此处不能有正负号"),
    ("unquoted keys cannot be empty", "键不能为空"),
    ("integer number overflowed", "整数过大"),
    ("floating-point number overflowed", "小数过大"),
];

const TOKENS: &[(&str, &str)] = &[
    ("newline", "换行"),
    ("digits", "数字"),
    ("numbers", "数字"),
    ("letters", "字母"),
    ("key", "键"),
    ("value", "值"),
    ("string", "文字"),
    ("characters", "字符"),
    ("basic string", "双引号内的文字"),
    ("multi-line basic string", "三个双引号内的多行文字"),
    ("literal string", "单引号内的文字"),
    ("multi-line literal string", "三个单引号内的多行文字"),
    ("printable characters", "可见字符"),
    (
        "non-double-quote visible characters",
        "双引号以外的可见字符",
    ),
    (
        "non-single-quote visible characters",
        "单引号以外的可见字符",
    ),
    ("non-single-quote characters", "单引号以外的字符"),
    ("unicode hexadecimal value", "十六进制 Unicode 编码"),
    ("unquoted string", "不加引号的文字"),
    ("'`'", "'`'"),
    // Dates and times.
    ("datetime", "日期时间"),
    ("date-time", "日期时间"),
    ("local date", "日期"),
    ("local datetime", "当地日期时间"),
    ("local time", "时间"),
    ("time", "时间"),
    ("date", "日期"),
    ("`T` between date and time", "日期与时间之间的 `T`"),
    ("a four-digit year (YYYY)", "四位年份（YYYY）"),
    ("a two-digit month (MM)", "两位月份（MM）"),
    ("a two-digit day (DD)", "两位日期（DD）"),
    ("a two-digit hour (HH)", "两位小时（HH）"),
    ("a two-digit minute (MM)", "两位分钟（MM）"),
    ("a two-digit second (SS)", "两位秒（SS）"),
    ("month between 01 and 12", "01 至 12 之间的月份"),
    ("day between 01 and 28", "01 至 28 之间的日期"),
    ("day between 01 and 29", "01 至 29 之间的日期"),
    ("day between 01 and 30", "01 至 30 之间的日期"),
    ("day between 01 and 31", "01 至 31 之间的日期"),
    ("hour between 00 and 23", "00 至 23 之间的小时"),
    ("minute between 00 and 59", "00 至 59 之间的分钟"),
];

#[cfg(test)]
mod tests {
    use super::*;

    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read into it matters")]
    struct File {
        text: String,
        number: Option<u64>,
        flag: Option<bool>,
        list: Option<Vec<String>>,
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what cannot be read into it matters")]
    struct Inner {
        zh: String,
    }

    const BROKEN: &[&str] = &[
        "text == 'a'",
        "text = ",
        "text",
        "= 'a'",
        "text = 'a' 'b'",
        "text = 'a",
        "text = \"a",
        "text = \"\"\"a",
        "text = \"a\\q\"",
        "text = \"a\\u00\"",
        "text = a",
        "text = 'a'\ntext = 'b'",
        "list = ['a' 'b']",
        "list = ['a',, 'b']",
        "list = ['a'",
        "inner = { zh = 'a'",
        "inner = { zh 'a' }",
        "inner = { zh = 'a',, }",
        "inner = { = 'a' }",
        "[inner",
        "[[inner]",
        "[]",
        "number = 01",
        "number = 1__0",
        "number = 0x",
        "number = 99999999999999999999999",
        "number = +-1",
        "number = 2026-13-01",
        "number = 2026-02-30",
        "number = 2026-01-01T25:00:00",
        "number = 12:7",
        "text = 'a' # \u{1}",
        "key! = 1",
        "键 = 1",
        "text = 1",
        "text = true",
        "text = []",
        "text = { a = 1 }",
        "text = 2026-01-01",
        "text = 1.5",
        "text = 'a'\nnumber = 'b, c'",
        "text = 'a'\nnumber = -1",
        "text = 'a'\nflag = 'b'",
        "text = 'a'\nlist = 'b'",
        "text = 'a'\nlist = { a = 1 }",
        "text = 'a'\ninner = 'b'",
        "text = 'a'\ninner = {}",
        "text = 'a'\ninner = { en = 'x' }",
        "text = 'a'\nother = 1",
        "number = 1",
        "text = 'a'\n[text.inner]\nzh = 'b'",
        "[inner]\nzh = 'a'\n[inner]\nzh = 'b'",
    ];

    /// What is neither a name, a value nor a sign: those stand in quotes or parentheses.
    fn without_names(text: &str) -> String {
        let mut left = String::new();
        let mut until = None;
        for c in text.chars() {
            match until {
                Some(end) if c == end => until = None,
                Some(_) => {}
                None => match c {
                    '`' | '"' => until = Some(c),
                    '（' => until = Some('）'),
                    _ => left.push(c),
                },
            }
        }
        left.replace("TOML", "")
            .replace("Unicode", "")
            .replace("true 或 false", "")
    }

    #[test]
    fn no_english_is_left_of_what_a_broken_file_is_told() {
        for broken in BROKEN {
            let Err(e) = toml::from_str::<File>(broken) else {
                panic!("{broken:?} is read");
            };
            let (_, what) = crate::read::syntax(&e, broken, &crate::read::Lines::new(broken));
            let message = what.to_string();
            let said = said(&message);
            assert!(
                !without_names(&said).contains(|c: char| c.is_ascii_alphabetic()),
                "{broken:?}: {message}: {said}"
            );
            println!("{broken:?}: {said}");
        }
    }
}
