//! Addresses that are refused, and pauses that end.

use super::{GIVE_UP, HookAddress, HookRules, LONGEST_PAUSE, pause};

#[test]
fn an_address_is_plain_or_refused() {
    let rules = HookRules {
        hosts: vec!["cases.example".into(), "10.1.2.3:8443".into(), "::1".into()],
        http: false,
        ca: None,
    };
    for (url, what) in [
        ("https://cases.example", "cases.example 443 / yes"),
        (
            "https://Cases.Example:444/a?b=c",
            "cases.example:444 444 /a?b=c yes",
        ),
        ("https://cases.example?x", "cases.example 443 /?x yes"),
        ("http://cases.example/", "cases.example 80 / no"),
        ("https://10.1.2.3:8443/x", "10.1.2.3:8443 8443 /x yes"),
        ("https://10.1.2.3/x", "10.1.2.3 443 /x no"),
        ("https://[::1]:9/x", "[::1]:9 9 /x yes"),
        (
            "https://cases.example.evil.example/",
            "cases.example.evil.example 443 / no",
        ),
        ("https://user:pw@cases.example/", "refused"),
        ("https://cases.example@evil.example/", "refused"),
        ("https://cases.example\\@evil.example/", "refused"),
        ("https://cases.example/a\r\nx: y", "refused"),
        ("https://cases.example/a b", "refused"),
        ("https://cases.example:0/", "refused"),
        ("https://cases.example:99999/", "refused"),
        ("https://cases.example:+80/", "refused"),
        ("https://cases.example/#x", "refused"),
        ("https://", "refused"),
        ("ftp://cases.example/", "refused"),
        ("file:///etc/passwd", "refused"),
        ("https://例子.example/", "refused"),
    ] {
        let parsed = HookAddress::parse(url).map_or("refused".to_owned(), |a| {
            let allowed = if a.allowed(&rules) { "yes" } else { "no" };
            format!("{} {} {} {allowed}", a.authority, a.port, a.path)
        });
        assert_eq!(parsed, what, "{url}");
    }
}

#[test]
fn pauses_grow_and_a_day_is_enough_for_a_dozen_tries() {
    let mut before = 0;
    let (mut all, mut tries) = (0, 0);
    while all <= GIVE_UP {
        let (least, most) = (pause(tries, 0), pause(tries, 65_535));
        assert!(least < most && least >= before && most <= LONGEST_PAUSE * 6 / 5);
        before = least;
        all += most;
        tries += 1;
    }
    assert!((10..20).contains(&tries), "{tries}");
    assert!(pause(u32::MAX, 0) > 0);
}
