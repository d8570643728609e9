//! Tiles: proofs that are made of them alone, as c2sp.org/tlog-tiles says, lead to the log's roots.

use std::{fs, path::Path};

use super::check::included;
use crate::{
    audit::{
        Archive, Log, Options,
        tests::{Scratch, read_all, write_calls},
        tree::{Frontier, Hash, node},
    },
    base::error::Code,
};

/// One full tile of the second level, and partial ones on three.
const RECORDS: u64 = 256 * 256 + 700;

/// A hash of the tree of `size` leaves by the tiles: the subtree of 2^height leaves number `index`.
fn subtree(tiles: &Path, size: u64, height: u32, index: u64) -> Hash {
    let level = height / 8;
    // The tile's hashes are roots of 256^level leaves; those above them are made of them.
    let below = height % 8;
    let first = index << below;
    let hashes: Vec<Hash> = (first..first + (1 << below))
        .map(|at| {
            let (number, inside) = (at / 256, at as usize % 256);
            let of_level = size >> (8 * level);
            let width = (of_level - number * 256).min(256);
            let mut name = format!("{:03}", number % 1000);
            if width < 256 {
                name = format!("{name}.p/{width}");
            }
            let tile = fs::read(tiles.join(format!("tile/{level}/{name}"))).unwrap();
            assert_eq!(tile.len() as u64, 32 * width);
            *tile[32 * inside..].first_chunk().unwrap()
        })
        .collect();
    fold(&hashes)
}

fn fold(hashes: &[Hash]) -> Hash {
    match hashes {
        [one] => *one,
        more => {
            let (left, right) = more.split_at(more.len() / 2);
            node(&fold(left), &fold(right))
        }
    }
}

/// Root of leaves `from..to` as RFC 6962 splits them.
fn range(tiles: &Path, size: u64, from: u64, to: u64) -> Hash {
    let length = to - from;
    if length.is_power_of_two() {
        return subtree(tiles, size, length.ilog2(), from / length);
    }
    let middle = from + (1 << length.ilog2());
    node(&range(tiles, size, from, middle), &range(tiles, size, middle, to))
}

/// The inclusion proof of a leaf, leaf to root.
fn proof(tiles: &Path, index: u64, size: u64) -> Vec<Hash> {
    let (mut from, mut to, mut hashes) = (0, size, Vec::new());
    while to - from > 1 {
        let middle = from + (1 << (to - from - 1).ilog2());
        if index < middle {
            hashes.insert(0, range(tiles, size, middle, to));
            to = middle;
        } else {
            hashes.insert(0, range(tiles, size, from, middle));
            from = middle;
        }
    }
    hashes
}

#[test]
fn proofs_can_be_made_of_tiles_alone() {
    let scratch = Scratch::new();
    write_calls(&Log::open(&scratch.log(), &Options::default()).unwrap(), RECORDS);
    let archive = Archive::open(&scratch.log()).unwrap();
    let entries: Vec<_> = read_all(&scratch.log()).iter().map(|item| item.hash).collect();
    for size in [1, 256, 257, 65_535, RECORDS] {
        let mut tree = Frontier::default();
        entries[..size as usize].iter().for_each(|entry| tree.push(entry));
        let (root, tiles) = (tree.root(), scratch.0.join(format!("tiles-{size}")));
        archive.tiles(size, &root, &tiles).unwrap();
        assert_eq!(range(&tiles, size, 0, size), root);
        for index in [0, size / 2, size - 1] {
            let made = proof(&tiles, index, size);
            assert_eq!(made, archive.prove(index + 1, size, &root).unwrap().proof);
            assert!(included(&entries[index as usize], (index, size), &made, &root));
        }
    }
    let bundle = fs::read(scratch.0.join("tiles-257/tile/entries/001.p/1")).unwrap();
    assert_eq!(bundle, [&[0, 32][..], &entries[256]].concat());
    assert_eq!(fs::read(scratch.0.join("tiles-256/tile/entries/000")).unwrap().len(), 256 * 34);
}

#[test]
fn tiles_of_other_roots_sizes_and_folders_are_refused() {
    let scratch = Scratch::new();
    write_calls(&Log::open(&scratch.log(), &Options::default()).unwrap(), 3);
    let archive = Archive::open(&scratch.log()).unwrap();
    let root = archive.verify(&[]).unwrap().root;
    let code =
        |size, root, name: &str| archive.tiles(size, root, &scratch.0.join(name)).unwrap_err().code;
    assert_eq!(code(2, &root, "a"), Code::AuditRoot);
    assert_eq!(code(4, &root, "b"), Code::NotFound);
    assert_eq!(code(3, &root, "audit"), Code::Exists);
    assert_eq!(code(3, &root, "no/folder"), Code::Io);
}
