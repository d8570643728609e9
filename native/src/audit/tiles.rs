//! The tree as files that other logs' tools read (c2sp.org/tlog-tiles): hashes 256 a tile, and the
//! entries under the lowest of them.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    chain::Digest,
    reader::Reader,
    tree::{Frontier, Hash, leaf},
};
use crate::base::error::{Code, Error, Result};

const TILE_HEIGHT: u32 = 8;
const TILE_HASHES: usize = 1 << TILE_HEIGHT;

/// See [`super::Archive::tiles`].
pub fn write(log: &Path, size: u64, root: &Hash, target: &Path) -> Result<()> {
    DirBuilder::new().create(target).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => Error::new(Code::Exists, "the folder for tiles exists"),
        _ => failed(e),
    })?;
    let mut reader = Reader::open(log)?;
    let mut tiles = Tiles { target: target.to_owned(), levels: Vec::new(), entries: Vec::new() };
    let mut tree = Frontier::default();
    while tree.size() < size {
        let few = || {
            let message = format!("the log has only {} records", tree.size());
            Error::new(Code::NotFound, message)
        };
        let entry = reader.next_hash()?.ok_or_else(few)?;
        tree.push(&entry);
        tiles.push(&entry).map_err(failed)?;
    }
    if tree.root() != *root {
        let message = format!("the first {size} records are not those of that root");
        return Err(Error::new(Code::AuditRoot, message));
    }
    tiles.end().map_err(failed)
}

fn failed(error: io::Error) -> Error {
    Error::new(Code::Io, format!("can't write the tiles: {error}"))
}

/// The right edge of the tree, a tile a level.
struct Tiles {
    target: PathBuf,
    levels: Vec<Level>,
    entries: Vec<Digest>,
}

#[derive(Default)]
struct Level {
    /// Hashes of the tile that is being filled.
    hashes: Vec<Hash>,
    /// Tiles before it.
    full: u64,
}

impl Tiles {
    fn push(&mut self, entry: &Digest) -> io::Result<()> {
        self.entries.push(*entry);
        let mut hash = leaf(entry);
        for at in 0.. {
            if at == self.levels.len() {
                self.levels.push(Level::default());
            }
            let level = &mut self.levels[at];
            level.hashes.push(hash);
            if level.hashes.len() < TILE_HASHES {
                break;
            }
            let mut tree = Frontier::default();
            level.hashes.iter().for_each(|hash| tree.push_subtree(*hash, 0));
            hash = tree.root();
            self.write(at)?;
            let level = &mut self.levels[at];
            level.hashes.clear();
            level.full += 1;
        }
        Ok(())
    }

    /// What is left becomes partial tiles.
    fn end(&mut self) -> io::Result<()> {
        let started = |at: &usize| !self.levels[*at].hashes.is_empty();
        let started: Vec<_> = (0..self.levels.len()).filter(started).collect();
        started.into_iter().try_for_each(|at| self.write(at))
    }

    /// Writes the tile of one level, and for the lowest its entries.
    fn write(&mut self, at: usize) -> io::Result<()> {
        let Level { hashes, full } = &self.levels[at];
        let place = place(*full, hashes.len());
        if at == 0 {
            // Each entry behind its length, big-endian.
            let entries = self.entries.iter().flat_map(|entry| [&[0, 32][..], entry].concat());
            create(&self.target.join("tile/entries").join(&place), &entries.collect::<Vec<_>>())?;
            self.entries.clear();
        }
        create(&self.target.join(format!("tile/{at}")).join(place), hashes.as_flattened())
    }
}

/// Where the tile of this number with so many hashes is: `x001/x234/067`, `067.p/12`.
fn place(mut number: u64, hashes: usize) -> String {
    let mut place = format!("{:03}", number % 1000);
    while number >= 1000 {
        number /= 1000;
        place = format!("x{:03}/{place}", number % 1000);
    }
    if hashes < TILE_HASHES { format!("{place}.p/{hashes}") } else { place }
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create_new(path)?.write_all(bytes)
}
