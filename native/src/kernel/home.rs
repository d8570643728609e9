//! The home: the kernel's own files. A folder is ours when it holds our marker; any other folder
//! is refused, not adopted.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::base::error::{Code, Error, Result};

const MARKER: &str = "astrid-native-home";
const MARKER_TEXT: &str = "This folder belongs to Astrid Native. Format 1.\n";
const FOLDERS: [&str; 5] = ["audit", "cache", "data", "keys", "tmp"];

/// An opened home.
#[derive(Clone, Debug)]
pub struct Home(PathBuf);

impl Home {
    /// Opens the home at `path`, or makes it where nothing or an empty folder is.
    ///
    /// Fails with `ASTRID_HOME`.
    pub fn open(path: &Path) -> Result<Self> {
        let home = Self(path.to_owned());
        home.open_or_make().map_err(|why| {
            Error::new(Code::Home, format!("{} can't be the home: {why}", path.display()))
        })?;
        Ok(home)
    }

    /// Where `name` lies in the home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The home's own path.
    pub fn root(&self) -> &Path {
        &self.0
    }

    fn open_or_make(&self) -> std::result::Result<(), String> {
        let text = |e: std::io::Error| e.to_string();
        if !self.0.is_absolute() {
            return Err("its path is not absolute".into());
        }
        match fs::symlink_metadata(&self.0) {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(&self.0).map_err(text)?;
            }
            Err(e) => return Err(text(e)),
            Ok(metadata) if !metadata.is_dir() => return Err("it is not a folder".into()),
            Ok(_) => {}
        }
        self.check_marker()?;
        self.check_rights()?;
        for folder in FOLDERS {
            match DirBuilder::new().mode(0o700).create(self.0.join(folder)) {
                Err(e) if e.kind() != ErrorKind::AlreadyExists => {
                    return Err(format!("{folder}: {e}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_rights(&self) -> std::result::Result<(), String> {
        let metadata = fs::metadata(&self.0).map_err(|e| e.to_string())?;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err("it belongs to another user".into());
        }
        if metadata.mode() & 0o077 != 0 {
            return Err("others may read or write it; run chmod 700 on it".into());
        }
        Ok(())
    }

    /// Another process may be making the same home at this moment: a marker that is not whole yet
    /// is written again, with the same bytes.
    fn check_marker(&self) -> std::result::Result<(), String> {
        let marker = self.0.join(MARKER);
        let found = |marker: &Path| match fs::read(marker) {
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e.to_string()),
        };
        let mut text = found(&marker)?;
        if text.is_none() && !self.is_empty()? {
            text = found(&marker)?;
            if text.is_none() {
                let why = "it holds files but not our marker; name an empty or missing folder";
                return Err(why.into());
            }
        }
        let text = text.unwrap_or_default();
        if text == MARKER_TEXT.as_bytes() {
            return Ok(());
        }
        if !MARKER_TEXT.as_bytes().starts_with(&text) {
            return Err("its marker is not one of this version".into());
        }
        // An empty folder becomes ours, and ours alone.
        fs::set_permissions(&self.0, Permissions::from_mode(0o700)).map_err(|e| e.to_string())?;
        self.write_marker(&marker).map_err(|e| e.to_string())
    }

    fn is_empty(&self) -> std::result::Result<bool, String> {
        let mut entries = fs::read_dir(&self.0).map_err(|e| e.to_string())?;
        Ok(entries.next().is_none())
    }

    fn write_marker(&self, marker: &Path) -> std::io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(marker)?;
        file.write_all(MARKER_TEXT.as_bytes())?;
        file.sync_all()
    }
}
