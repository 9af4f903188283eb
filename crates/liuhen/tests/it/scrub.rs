//! Takes out of a text what differs from run to run: keys, ids, hashes, times of today, measured speed.
//!
//! Times before 2026 stay: those are the tests' own and must be shown right.

/// The text with `[ID]`, `[HASH]`, … in place of what differs.
pub(crate) fn scrub(text: &str) -> String {
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        match measured(line) {
            Some(head) => out.push_str(&format!("{head}[MEASURED]\n")),
            None => words(line, &mut out),
        }
    }
    out
}

/// The part of a line of JSON before a measured figure, if it has one.
fn measured(line: &str) -> Option<String> {
    ["\"seconds\": ", "\"events_per_second\": "]
        .iter()
        .find_map(|key| Some(line[..line.find(key)?].to_owned() + key))
}

fn words(line: &str, out: &mut String) {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "+/=:._-,".contains(c);
    let mut rest = line;
    let mut before = "";
    while !rest.is_empty() {
        let start = rest.find(is_word).unwrap_or(rest.len());
        out.push_str(&rest[..start]);
        let gap = &rest[..start];
        rest = &rest[start..];
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let whole = &rest[..end];
        let word = whole.trim_end_matches([',', '.', ':']);
        let tail = &whole[word.len()..];
        // A comma between two words parts them.
        let before_this = std::mem::replace(&mut before, whole);
        let speed =
            gap.ends_with("每秒 ") || gap.ends_with("用时 ") || (before_this == "in" && gap == " ");
        let after = &rest[end..];
        let seconds = after.starts_with(" s") || after.starts_with(" 秒");
        match replaced(word, speed || seconds) {
            Some(put) => out.push_str(&put),
            None => out.push_str(word),
        }
        out.push_str(tail);
        rest = &rest[end..];
    }
}

fn replaced(word: &str, is_speed: bool) -> Option<String> {
    let hex = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_hexdigit());
    let figure = |s: &str| {
        s.bytes()
            .all(|b| b.is_ascii_digit() || b == b'.' || b == b',')
    };
    if is_speed && figure(word) {
        return Some("[MEASURED]".to_owned());
    }
    if let Some(rate) = word.strip_suffix("/s")
        && figure(rate)
    {
        return Some("[MEASURED]/s".to_owned());
    }
    if word.len() == 36 && word.split('-').all(hex) && word.matches('-').count() == 4 {
        return Some("[ID]".to_owned());
    }
    if word.len() == 64 && hex(word) {
        return Some("[HASH]".to_owned());
    }
    if let Some((kind, hash)) = word.split_once(':')
        && hash.len() == 32
        && hex(hash)
    {
        return Some(format!("{kind}:[PSEUDONYM]"));
    }
    if let Some((name, rest)) = word.split_once('+')
        && let Some((id, key)) = rest.split_once('+')
        && id.len() == 8
        && hex(id)
        && key.len() == 44
    {
        return Some(format!("{name}+[KEY]"));
    }
    if let Some((name, id)) = word.split_once('+')
        && name.contains('/')
        && id.len() == 8
        && hex(id)
    {
        return Some(format!("{name}+[KEYID]"));
    }
    if word.ends_with('Z') && word.starts_with("20") && &word[..4] >= "2026" && word.contains('T') {
        return Some("[TIME]".to_owned());
    }
    let groups: Vec<&str> = word.split('-').collect();
    if groups.len() == 4 && groups.iter().all(|g| g.len() == 4) {
        return Some("[PASSWORD]".to_owned());
    }
    (word.len() >= 40 && !word.contains('/')
        || word.len() >= 40 && word.bytes().any(|b| b == b'=' || b == b'+'))
    .then(|| "[BASE64]".to_owned())
}

#[test]
fn only_what_differs_is_taken_out() {
    let cases = [
        ("id 01a2121d-6653-7161-b4ef-2e6452cf2651.", "id [ID]."),
        (
            "from 2021-01-01T00:00:00Z, to 2026-11-25T09:50:46.342956Z",
            "from 2021-01-01T00:00:00Z, to [TIME]",
        ),
        (
            "a+1e15cbe2+AX40v5mhSp8JSdIuQgbefSmeAIe3CYAWPvWaIBzYrOYP",
            "a+[KEY]",
        ),
        (
            "42 events, 0.1 s, 1,234/s",
            "42 events, [MEASURED] s, [MEASURED]/s",
        ),
        (
            "收下 42 个，用时 12.5 秒，每秒 1,234 个",
            "收下 42 个，用时 [MEASURED] 秒，每秒 [MEASURED] 个",
        ),
        ("OCEL 1.0 in order", "OCEL 1.0 in order"),
        ("made anew in 12.5 s", "made anew in [MEASURED] s"),
        (
            "taken in, 0 unchanged (signing in): x",
            "taken in, 0 unchanged (signing in): x",
        ),
        ("password ab3d-efgh-2345-mnpq", "password [PASSWORD]"),
        ("p:31cbd1a39e0c51fffa9b583f89a8fba4", "p:[PSEUDONYM]"),
        ("  \"seconds\": 0.0123,\n", "  \"seconds\": [MEASURED]\n"),
    ];
    for (text, scrubbed) in cases {
        assert_eq!(scrub(text), scrubbed);
    }
}
