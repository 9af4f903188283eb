//! Every example log is read; what comes of it is held in a snapshot.

use std::collections::BTreeSet;

use interchange::{Collected, Options, Source};
use model::{Attr, Value};

use crate::support::{china, collect, files};

fn count(attrs: &[Attr]) -> usize {
    attrs
        .iter()
        .map(|a| {
            let inner = match &a.value {
                Value::List(list) | Value::Container(list) => count(list),
                _ => 0,
            };
            1 + inner + count(&a.children)
        })
        .sum()
}

fn line(of: &Collected) -> String {
    let types: BTreeSet<&str> = of.objects.iter().map(|o| o.object_type.as_str()).collect();
    let activities: BTreeSet<&str> = of.events.iter().map(|e| e.activity.as_str()).collect();
    let event_attrs: usize = of.events.iter().map(|e| count(&e.attrs)).sum();
    let object_attrs: usize = of.objects.iter().map(|o| count(&o.attrs)).sum();
    let changes = of
        .objects
        .iter()
        .flat_map(|o| &o.attrs)
        .filter(|a| a.at.is_some())
        .count();
    let links: usize = of.events.iter().map(|e| e.objects.len()).sum();
    let untyped = of
        .events
        .iter()
        .flat_map(|e| &e.objects)
        .filter(|o| o.object_type.is_none())
        .count();
    let relations: usize = of.objects.iter().map(|o| o.relations.len()).sum();
    format!(
        "events {} of {} activities with {event_attrs} attributes and {links} objects ({untyped} undeclared); \
         objects {} of {} types with {object_attrs} attributes ({changes} since) and {relations} relations; \
         log attributes {}, globals {}, classifiers {}, extensions {}, declared types {}; rejects {}",
        of.events.len(),
        activities.len(),
        of.objects.len(),
        types.len(),
        count(&of.log.attrs),
        of.log.globals.len(),
        of.log.classifiers.len(),
        of.log.extensions.len(),
        of.log.event_types.len() + of.log.object_types.len(),
        of.rejects.len(),
    )
}

#[test]
fn every_example_log() {
    let files = files();
    if files.is_empty() {
        return;
    }
    let mut shown = String::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (found, done) = collect(Source::Path(&path), &china());
        let summary = done.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(summary.events, found.events.len() as u64);
        assert_eq!(summary.objects, found.objects.len() as u64);
        shown.push_str(&format!(
            "{name}: {}\n  {}\n",
            summary.format.unwrap(),
            line(&found)
        ));
        if let Some(first) = found.rejects.first() {
            shown.push_str(&format!("  first reject: {first}\n"));
        }
        if summary.times_without_zone > 0 {
            let (strict, _) = collect(Source::Path(&path), &Options::default());
            let (n, first) = (strict.rejects.len(), &strict.rejects[0]);
            shown.push_str(&format!("  without a zone: {n} rejects; first: {first}\n"));
        }
    }
    insta::assert_snapshot!(shown);
}
