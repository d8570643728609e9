//! A disk that fails one call, and that knows what a power cut would leave.

use std::{
    collections::{HashMap, HashSet},
    fs::{self, File},
    io,
    os::{
        fd::{AsRawFd, RawFd},
        unix::fs::{FileExt, MetadataExt},
    },
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard},
};

use crate::audit::media::{Disk, How, Media};

/// What happens at one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It does nothing, or a half, and fails with this number.
    Fails(i32),
    /// It does all of it and fails.
    DoneButFails(i32),
    /// The power is cut before it.
    PowerCut,
}

/// What may be on the disk after a power cut, beside what was synced.
#[derive(Clone, Copy, Debug)]
pub enum Unsynced {
    /// Nothing.
    Gone,
    /// All names, but no content.
    Names,
    /// All names, and half of the content.
    Half,
}

/// See the module. Clones are one disk.
#[derive(Clone, Debug)]
pub struct Model(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    folder: PathBuf,
    what: What,
    calls_left: usize,
    /// Descriptors of which a sync failed.
    bad: HashSet<RawFd>,
    synced: HashMap<u64, Vec<u8>>,
    names: HashMap<String, u64>,
    told: Vec<(u64, u64)>,
    cut: Option<Cut>,
}

/// The moment of a power cut.
#[derive(Clone, Debug)]
struct Cut {
    images: [HashMap<String, Vec<u8>>; 3],
    told: Vec<(u64, u64)>,
}

impl Model {
    /// A disk where `what` happens at the call after `calls` others.
    pub fn new(folder: &Path, what: What, calls: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            folder: folder.to_owned(),
            what,
            calls_left: calls + 1,
            bad: HashSet::new(),
            synced: HashMap::new(),
            names: HashMap::new(),
            told: Vec::new(),
            cut: None,
        })))
    }

    /// Someone was told that the record with this time is durable under this sequence.
    pub fn told(&self, mono_ns: u64, sequence: u64) {
        self.state().told.push((mono_ns, sequence));
    }

    /// All that was told, by now.
    pub fn all_told(&self) -> Vec<(u64, u64)> {
        self.state().told.clone()
    }

    /// Whether it has happened.
    pub fn happened(&self) -> bool {
        self.state().calls_left == 0
    }

    /// Makes in `to` what the power cut left, and says what had been told by then.
    pub fn after_power_cut(&self, unsynced: Unsynced, to: &Path) -> Vec<(u64, u64)> {
        let cut = self.state().cut.clone().unwrap();
        fs::create_dir(to).unwrap();
        for (name, content) in &cut.images[unsynced as usize] {
            fs::write(to.join(name), content).unwrap();
        }
        cut.told
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Does a call, or half of it and fails.
    fn call<T>(&self, half: impl FnOnce(), all: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        let now = state.calls_left == 1;
        state.calls_left = state.calls_left.saturating_sub(1);
        match state.what {
            What::Fails(number) if now => {
                half();
                Err(io::Error::from_raw_os_error(number))
            }
            What::DoneButFails(number) if now => {
                all()?;
                Err(io::Error::from_raw_os_error(number))
            }
            What::PowerCut if now => {
                state.cut = Some(state.cut());
                all()
            }
            _ => all(),
        }
    }
}

impl State {
    fn cut(&self) -> Cut {
        let now = listed(&self.folder);
        let synced = |inode: &u64| self.synced.get(inode).cloned().unwrap_or_default();
        let image = |names: &HashMap<String, u64>| {
            names.iter().map(|(name, inode)| (name.clone(), synced(inode))).collect()
        };
        let half = |(name, inode): (&String, &u64)| {
            let (mut content, all) =
                (synced(inode), fs::read(self.folder.join(name)).unwrap_or_default());
            let more = all.get(content.len()..).unwrap_or_default();
            content.extend_from_slice(&more[..more.len() / 2]);
            (name.clone(), content)
        };
        let images = [image(&self.names), image(&now), now.iter().map(half).collect()];
        Cut { images, told: self.told.clone() }
    }
}

fn listed(folder: &Path) -> HashMap<String, u64> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().ino())).collect()
}

impl Media for Model {
    fn open(&self, path: &Path, how: How) -> io::Result<File> {
        let file = self.call(|| {}, || Disk.open(path, how))?;
        let mut state = self.state();
        state.bad.remove(&file.as_raw_fd());
        if how == How::New {
            // Of an inode that is used again, nothing was synced.
            state.synced.remove(&file.metadata()?.ino());
        }
        Ok(file)
    }

    fn write(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        let half = || file.write_all_at(&bytes[..bytes.len() / 2], offset).unwrap();
        self.call(half, || Disk.write(file, bytes, offset))
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        let fd = file.as_raw_fd();
        assert!(!self.state().bad.contains(&fd), "a failed sync is retried on its descriptor");
        let done = self.call(|| {}, || Ok(()));
        let mut state = self.state();
        if done.is_err() {
            state.bad.insert(fd);
            return done;
        }
        let mut content = vec![0; file.metadata()?.len() as usize];
        file.read_exact_at(&mut content, 0)?;
        state.synced.insert(file.metadata()?.ino(), content);
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> io::Result<()> {
        self.call(|| {}, || Ok(()))?;
        self.state().names = listed(path);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.call(|| {}, || Disk.rename(from, to))
    }

    fn cut(&self, file: &File, length: u64) -> io::Result<()> {
        self.call(|| {}, || Disk.cut(file, length))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.call(|| {}, || Disk.remove(path))
    }
}
