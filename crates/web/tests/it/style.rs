//! The tokens of the design system: dark said twice alike, contrast of every text colour on every ground.

const CSS: &str = include_str!("../../assets/liuhen.css");

/// Value of a token in a block.
fn token(block: &str, name: &str) -> [f64; 3] {
    let mark = format!("--{name}: #");
    let at = block.find(&mark).unwrap_or_else(|| panic!("no {name}")) + mark.len();
    let channel = |i: usize| {
        let value =
            u8::from_str_radix(&block[at + i..at + i + 2], 16).expect("two hexadecimal digits");
        let c = f64::from(value) / 255.0;
        if c <= 0.040_45 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    };
    [channel(0), channel(2), channel(4)]
}

/// Contrast of two colours after WCAG 2.2.
fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let luminance = |[r, g, b]: [f64; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn block(from: &str) -> &'static str {
    let start = CSS.find(from).unwrap_or_else(|| panic!("no {from}")) + from.len();
    &CSS[start..start + CSS[start..].find('}').expect("an end")]
}

const LIGHT: &str = ":root {\n";
const DARK: [&str; 2] = [
    ":root:not([data-theme=\"light\"]) {",
    ":root[data-theme=\"dark\"] {",
];

#[test]
fn dark_is_the_same_for_who_asks_the_system_and_who_asks_us() {
    let words = |block: &str| block.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words(block(DARK[0])), words(block(DARK[1])));
}

#[test]
fn every_text_colour_stands_out_from_every_ground() {
    for block in [block(LIGHT), block(DARK[1])] {
        for text in ["ink", "ink-soft", "accent", "ok", "amber", "red", "note"] {
            for ground in ["paper", "panel", "accent-soft"] {
                let found = contrast(token(block, text), token(block, ground));
                assert!(found >= 4.5, "{text} on {ground}: {found:.2} : 1");
            }
        }
        let button = contrast(token(block, "accent-ink"), token(block, "accent"));
        assert!(button >= 4.5, "a button: {button:.2} : 1");
        // Lines of controls and the focus: 3 : 1 is asked of what is not text.
        for line in ["line-strong", "focus"] {
            let found = contrast(token(block, line), token(block, "panel"));
            assert!(found >= 3.0, "{line}: {found:.2} : 1");
        }
    }
}

#[test]
fn sizes_keep_to_the_grid() {
    for line in CSS.lines().filter(|l| l.trim_start().starts_with("--s")) {
        if let Some((name, value)) = line.trim().trim_end_matches(';').split_once(": ")
            && let Some(px) = value.strip_suffix("px")
        {
            let px: u32 = px.parse().expect("a number");
            assert_eq!(px % 4, 0, "{name}");
        }
    }
}
