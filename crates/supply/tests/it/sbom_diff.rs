//! What changed between two bills, and what the draft of the national standard finds in them.

use supply::sbom::{diff, gb47020, read};

fn bill(components: &str) -> supply::sbom::Sbom {
    read(format!(r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"type":"application","name":"app","version":"1"}}}},"components":[{components}]}}"#).as_bytes()).unwrap()
}

#[test]
fn changes_are_told_by_package() {
    let old = bill(
        r#"{"type":"library","name":"gone","version":"1","purl":"pkg:npm/gone@1"},
        {"type":"library","name":"up","version":"1","purl":"pkg:npm/%40x/up@1?arch=a"},
        {"type":"library","name":"two","version":"1","purl":"pkg:npm/two@1"},
        {"type":"library","name":"same","version":"1","purl":"pkg:npm/same@1"},
        {"type":"library","name":"Folded","version":"1","purl":"pkg:pypi/My_.Folded@1"},
        {"type":"library","group":"g","name":"sold","version":"1","supplier":{"name":"A"},"licenses":[{"license":{"id":"MIT"}}]}"#,
    );
    let new = bill(
        r#"{"type":"library","name":"same","version":"1","purl":"pkg:npm/same@1"},
        {"type":"library","name":"up","version":"2","purl":"pkg:npm/@x/up@2"},
        {"type":"library","name":"folded","version":"1","purl":"pkg:pypi/my-folded@1"},
        {"type":"library","name":"two","version":"1","purl":"pkg:npm/two@1"},
        {"type":"library","name":"two","version":"2","purl":"pkg:npm/two@2"},
        {"type":"library","group":"g","name":"sold","version":"1","supplier":{"name":"B"},"licenses":[{"expression":"MIT OR Apache-2.0"}]},
        {"type":"library"},
        {"type":"library","name":"new"}"#,
    );
    insta::assert_debug_snapshot!(diff(&old, &new));
    let same = diff(&new, &new);
    assert_eq!(
        (same.unchanged, same.added.len() + same.removed.len()),
        (6, 0)
    );
}

#[test]
fn the_draft_profile_counts_fields() {
    let sbom = bill(
        r#"{"type":"library","name":"a","version":"1","properties":[{"name":"自研比例","value":"80%"}]},{"type":"library","name":"b"}"#,
    );
    assert_eq!(sbom.component(1).unwrap().self_developed(), Some("80%"));
    let lines = gb47020::coverage(&sbom).into_iter();
    let lines: Vec<_> = lines
        .map(|c| format!("{} {} {}/{}", c.field.zh(), c.field.en(), c.there, c.of))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
