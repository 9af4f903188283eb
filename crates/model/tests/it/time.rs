//! Instants, and times as their sources wrote them.

use model::{Micros, TimeText};

#[test]
fn times_are_read_or_refused_with_a_reason() {
    let mut said = String::new();
    for text in [
        "2026-11-23T06:05:00Z",
        "2026-11-23T14:05:00+08:00",
        "2026-11-23 14:05:00.1234567+08:00",
        "2024-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "9999-12-30T22:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-02-29T00:00:00Z",
        "2026-11-23T14:05:00",
        "2026-11-23",
        "23.11.2026",
        "",
    ] {
        match text.parse::<Micros>() {
            Ok(t) => {
                assert_eq!(t.fixed().len(), Micros::FIXED_LEN);
                assert_eq!(t.fixed().parse::<Micros>().unwrap(), t);
                said += &format!("{text:?} = {t} = {}\n", t.fixed());
            }
            Err(e) => said += &format!("{text:?}: {e}\n"),
        }
    }
    for micros in [
        i64::MIN,
        i64::MAX,
        -62_167_219_200_000_001,
        253_402_207_200_000_001,
    ] {
        said += &format!("{}\n", Micros::new(micros).unwrap_err());
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_time_keeps_the_words_of_its_source() {
    let text: TimeText = "2026-11-23T14:05:00.000+08:00".parse().unwrap();
    assert_eq!(text.text(), "2026-11-23T14:05:00.000+08:00");
    assert_eq!(text.instant().to_string(), "2026-11-23T06:05:00Z");
    let odd = TimeText::new("23.11.2026 14:05", text.instant());
    for (time, json) in [
        (&text, r#""2026-11-23T14:05:00.000+08:00""#),
        (&odd, r#"["23.11.2026 14:05","2026-11-23T06:05:00Z"]"#),
    ] {
        assert_eq!(serde_json::to_string(time).unwrap(), json);
        assert_eq!(&serde_json::from_str::<TimeText>(json).unwrap(), time);
    }
}
