#![no_main]
//! Any bytes said to be an advisory of some format: refused with a place, or read; and its classes hold together.

use libfuzzer_sys::fuzz_target;
use supply::advisory::{Classes, Format, read};

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    // One choice more: recognised by the content.
    let format = Format::ALL.get(usize::from(*first) % (Format::ALL.len() + 1)).copied();
    let Ok(batch) = read(rest, format) else {
        return;
    };
    assert!(batch.faults.list().len() <= batch.faults.count());
    let mut classes = Classes::default();
    for record in &batch.records {
        classes.put(record);
        assert!(classes.class(&record.own_name()).is_some_and(|c| c.records.contains(&record.key())));
        for statement in &record.statements {
            assert!(statement.affected.iter().all(|i| (*i as usize) < record.affected.len()));
        }
    }
});
