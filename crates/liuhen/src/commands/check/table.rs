//! Columns of text that stand under one another, whatever their script.

/// How wide a text is on a terminal: what is Chinese, Japanese or Korean takes two cells.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c,
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe6f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{20000}'..='\u{3fffd}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

/// Rows under a head. Columns of `right` are numbers and stand to the right; the last column is never filled up.
pub(crate) fn table(head: &[String], rows: &[Vec<String>], right: &[usize]) -> String {
    let lines = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let widest = |at: usize| lines().filter_map(|l| l.get(at)).map(|t| width(t)).max();
    let widths: Vec<usize> = (0..head.len()).map(|at| widest(at).unwrap_or(0)).collect();
    let mut text = String::new();
    for line in lines() {
        let mut row = String::from(" ");
        for (at, cell) in line.iter().enumerate() {
            let fill = " ".repeat(widths[at].saturating_sub(width(cell)));
            row.push(' ');
            if right.contains(&at) {
                row += &fill;
                row += cell;
            } else {
                row += cell;
                row += &fill;
            }
            row.push(' ');
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}
