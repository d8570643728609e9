//! Runs one ignored test of this binary as a process of its own, the log's folder in its
//! environment.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const FOLDER: &str = "ASTRID_TEST_LOG";

/// Starts `test` (a path with the crate's name). There, a write over the file-size limit fails and
/// doesn't kill the process.
pub fn start(test: &str, folder: &Path) -> Child {
    let (_, test) = test.split_once("::").unwrap();
    // An ignored signal stays ignored across exec.
    Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env(FOLDER, folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// In the child: where the log is. None when someone runs the ignored test by hand.
pub fn folder() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}
