//! Names of tiles: the two sizes of tlog-tiles, the sweep over 256^k, strict paths.

use proptest::prelude::*;
use tlog::tile::*;

fn names(size: u64) -> Vec<String> {
    tiles_of(size).map(|tile| tile.path()).collect()
}

#[test]
fn size_256_has_one_full_tile_and_one_partial_above() {
    assert_eq!(
        names(256),
        ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]
    );
}

#[test]
fn size_70_000_has_the_tiles_of_the_specification() {
    let tiles: Vec<TileRef> = tiles_of(70_000).collect();
    let of = |level: Option<u8>| -> (usize, Vec<u16>) {
        let of: Vec<_> = tiles.iter().filter(|tile| tile.level == level).collect();
        let partial = of
            .iter()
            .filter(|tile| !tile.is_full())
            .map(|tile| tile.width)
            .collect();
        (of.iter().filter(|tile| tile.is_full()).count(), partial)
    };
    assert_eq!(of(None), (273, vec![112]));
    assert_eq!(of(Some(0)), (273, vec![112]));
    assert_eq!(of(Some(1)), (1, vec![17]));
    assert_eq!(of(Some(2)), (0, vec![1]));
    assert_eq!(tiles.len(), 274 + 274 + 2 + 1);
    assert_eq!(
        [0, 1, 2, 3].map(|level| partial_width(level, 70_000)),
        [112, 17, 1, 0]
    );
}

#[test]
fn paths_of_the_specification() {
    let path = |level, index, width| {
        TileRef {
            level,
            index,
            width,
        }
        .path()
    };
    assert_eq!(path(Some(0), 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(path(None, 0, 5), "tile/entries/000.p/5");
    assert_eq!(path(Some(63), 999, 255), "tile/63/999.p/255");
    assert_eq!(path(Some(1), 1000, 256), "tile/1/x001/000");
    assert_eq!(
        path(None, u64::MAX, 256),
        "tile/entries/x018/x446/x744/x073/x709/x551/615"
    );
}

#[test]
fn other_spellings_of_a_path_are_refused() {
    let refused = [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "/tile/0/000",
        "tile//000",
        "Tile/0/000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/256/000",
        "tile/data/000",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000",
        "tile/0/x000/000",
        "tile/0/x000/x001/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/X001/000",
        "tile/0/x01/000",
        "tile/0/000/",
        "tile/0//000",
        "tile/0/0a0",
        "tile/0/000.p",
        "tile/0/000.p/",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/1/",
        "tile/0/000.p/1.p/1",
        "tile/0/000 ",
        "tile/0/000\n",
        "tile/0/０００",
        "tile/entries/x018/x446/x744/x073/x709/x551/616",
        "tile/entries/x001/x000/x000/x000/x000/x000/x000/000",
    ];
    let verdicts: Vec<String> = refused
        .iter()
        .map(|path| match TileRef::parse(path) {
            Ok(tile) => panic!("{path:?} was read as {tile:?}"),
            Err(error) => format!("{path:?}: {error}"),
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

/// Every size around the borders of the first three levels, and whole sizes by a stride.
#[test]
fn widths_add_up_to_the_nodes_of_each_level() {
    let borders = [256u64, 65_536, 16_777_216];
    let near = borders.iter().flat_map(|b| b - 2..=b + 2);
    for size in (0..=1100)
        .chain((0..=70_000).step_by(487))
        .chain(near)
        .chain([70_000])
    {
        for level in 0..=3 {
            let nodes: u64 = tiles_of(size)
                .filter(|t| t.level == Some(level))
                .map(|t| u64::from(t.width))
                .sum();
            assert_eq!(
                nodes,
                size / WIDTH.pow(level.into()),
                "level {level} of size {size}"
            );
        }
        let entries: u64 = tiles_of(size)
            .filter(|t| t.level.is_none())
            .map(|t| u64::from(t.width))
            .sum();
        assert_eq!(entries, size);
    }
}

#[test]
fn highest_sizes_do_not_overflow() {
    let last = TileRef {
        level: Some(0),
        index: u64::MAX / 256,
        width: 255,
    };
    assert!(is_implied_by(&last, u64::MAX));
    assert!(is_covered_by(&last, u64::MAX));
    assert!(!is_covered_by(&TileRef { width: 256, ..last }, u64::MAX));
    assert!(!is_covered_by(
        &TileRef {
            index: u64::MAX,
            ..last
        },
        u64::MAX
    ));
    assert_eq!(partial_width(8, u64::MAX), 0);
    assert_eq!(partial_width(63, u64::MAX), 0);
}

fn any_tile() -> impl Strategy<Value = TileRef> {
    let index = prop_oneof![0..3000u64, any::<u64>(), 0..300_000_000u64];
    (prop::option::of(0..=MAX_LEVEL), index, 1..=256u16).prop_map(|(level, index, width)| TileRef {
        level,
        index,
        width,
    })
}

proptest! {
    #[test]
    fn a_path_is_read_back_as_its_tile(tile in any_tile()) {
        prop_assert_eq!(TileRef::parse(&tile.path()), Ok(tile));
    }

    #[test]
    fn what_is_read_is_written_back_as_the_same_path(path in "tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = TileRef::parse(&path) {
            prop_assert_eq!(tile.path(), path);
        }
    }

    #[test]
    fn a_tile_is_implied_exactly_when_it_is_listed(size in 0u64..70_000, level in prop::option::of(0u8..4), index in 0u64..300, width in 1u16..=256) {
        let tile = TileRef { level, index, width };
        prop_assert_eq!(is_implied_by(&tile, size), tiles_of(size).any(|t| t == tile));
    }

    #[test]
    fn a_tile_is_covered_exactly_when_some_size_up_to_this_one_implies_it(size in 0u64..1500, level in prop::option::of(0u8..2), index in 0u64..7, width in 1u16..=256) {
        let tile = TileRef { level, index, width };
        prop_assert_eq!(is_covered_by(&tile, size), (0..=size).any(|s| is_implied_by(&tile, s)));
    }
}
