//! Row "second writer": the second refuses, changes nothing, and may come once the first has gone.

use ledger::{Ledger, OpenError, store::Disk};

use super::lab::{Book, Lab};

#[test]
fn the_second_refuses_and_changes_nothing() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (first, _) = lab.open(disk.clone()).unwrap();
    book.append(&first, 0..100, 10).unwrap();
    super::lab::wait_published(&first);
    std::thread::sleep(std::time::Duration::from_millis(300));
    let before: Vec<_> = disk.paths().iter().map(|p| disk.get(p)).collect();
    for _ in 0..3 {
        let refused = lab.open(disk.clone()).map(|_| ()).unwrap_err();
        assert!(matches!(refused, OpenError::InUse), "{refused}");
    }
    let after: Vec<_> = disk.paths().iter().map(|p| disk.get(p)).collect();
    assert!(before == after, "the second writer changed something");
    book.append(&first, 100..200, 10).unwrap();
    book.check(&first, &disk);
    drop(first);
    let (second, _) = lab.open(disk.clone()).unwrap();
    book.check_and_audit(second, &disk);
}

/// On a real disk, many at once: exactly one gets it.
#[test]
fn of_many_at_once_one_gets_it() {
    let lab = Lab::new();
    let dir = tempfile::tempdir().unwrap();
    Ledger::create_on(&Disk::new(dir.path()), &lab.config()).unwrap();
    let open: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| Ledger::open(dir.path(), lab.config())))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    let (mut opened, mut in_use) = (0, 0);
    for result in &open {
        match result {
            Ok(_) => opened += 1,
            Err(OpenError::InUse) => in_use += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((opened, in_use), (1, 7));
}
