//! How roots are made, checked and cleaned.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    sync::Arc,
};

use rustix::fs::{FlockOperation, flock};

use super::{
    super::{workspace::workspace_check, *},
    world::*,
};
use crate::base::error::{Code, Result};

/// More than any test here makes.
const INSTANCES: u32 = 8;

fn open(home: &Path) -> Arc<Roots> {
    Arc::new(Roots::open(home, INSTANCES).expect("opens"))
}

/// On one thread: what waited for a lock or for the disk there would never end.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

fn data(roots: &Arc<Roots>, owner: &Owner) -> Result<Arc<RootDir>> {
    run(roots.data(owner, || Ok(())))
}

fn owner(capsule: &str, principal: &str) -> Owner {
    Owner { capsule: capsule.to_owned(), principal: principal.to_owned() }
}

#[test]
fn a_workspace_and_the_home_are_apart() {
    let dir = TempDir::new();
    let path = |name: &str| dir.0.join(name);
    for name in ["home/data", "work/inner", "work-2"] {
        fs::create_dir_all(path(name)).expect("makes");
    }
    fs::write(path("file"), "").expect("writes");
    symlink(path("home"), path("alias")).expect("links");
    symlink(path("work"), path("work-alias")).expect("links");
    let home = path("home");
    let check = |workspace: &Path| code(workspace_check(workspace, &home));
    for name in ["work", "work/inner", "work-2", "work-alias", "work/../work"] {
        assert_eq!(check(&path(name)), None, "{name}");
    }
    for name in ["home", "home/data", ".", "alias", "alias/data", "work/..", "missing", "file"] {
        assert_eq!(check(&path(name)), Some(Code::Workspace), "{name}");
    }
    assert_eq!(check(Path::new("/")), Some(Code::Workspace));
    let roots = open(&home);
    let id = workspace_check(&path("work"), &home).expect("may be one");
    let work = WorkspaceDir { path: path("work"), id };
    assert!(roots.workspace(&work).is_ok());
    for other in ["alias", "work-alias", "work-2", "home"] {
        let error = roots.workspace(&WorkspaceDir { path: path(other), id });
        assert_eq!(code(error), Some(Code::Workspace), "{other}");
    }
    fs::rename(path("work"), path("moved")).expect("moves");
    fs::rename(path("work-2"), path("work")).expect("takes its place");
    let error = roots.workspace(&work).expect_err("is refused");
    assert_eq!(error.code, Code::Workspace);
    let told = dir.0.to_str().expect("is text");
    assert!(!error.message.contains(told), "{}", error.message);
    assert_eq!(code(Roots::open(&path("missing"), INSTANCES)), Some(Code::Home));
}

#[test]
fn each_owner_has_a_folder_of_its_own() {
    let home = TempDir::new();
    let roots = open(&home.0);
    let one = data(&roots, &owner("aa", "01")).expect("makes");
    assert!(Arc::ptr_eq(&one, &data(&roots, &owner("aa", "01")).expect("the same")));
    assert!(!Arc::ptr_eq(&one, &data(&roots, &owner("aa", "02")).expect("another")));
    let mode = fs::metadata(home.0.join("data/aa/01")).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    for id in ["", ".", "..", "a/b", "A", "g", "../aa", &"a".repeat(65)] {
        assert_eq!(code(data(&roots, &owner(id, "01"))), Some(Code::Invalid), "{id:?}");
        assert_eq!(code(data(&roots, &owner("aa", id))), Some(Code::Invalid), "{id:?}");
    }
    symlink("/", home.0.join("data/bb")).expect("links");
    assert_eq!(code(data(&roots, &owner("bb", "01"))), Some(Code::NotAFile));
}

#[test]
fn data_counts_what_is_there_already() {
    let home = TempDir::new();
    let folder = home.0.join("data/aa/01");
    fs::create_dir_all(folder.join("d")).expect("makes");
    fs::write(folder.join("d/f"), [0; 1000]).expect("writes");
    let roots = open(&home.0);
    let root = data(&roots, &owner("aa", "01")).expect("opens");
    assert_eq!(root.account().used(), 2 * crate::base::limits::FS_ENTRY_BYTES + 1000);
}

#[test]
fn scratch_space_goes_with_its_owner() {
    let home = TempDir::new();
    let roots = open(&home.0);
    let (one, two) = (run(roots.tmp()).expect("makes"), run(roots.tmp()).expect("makes"));
    let count = || {
        let own = fs::read_dir(home.0.join("tmp")).expect("lists").filter_map(|entry| {
            let path = entry.expect("an entry").path();
            path.is_dir().then(|| fs::read_dir(path).expect("lists").count())
        });
        own.sum::<usize>()
    };
    assert_eq!(count(), 2);
    let outside = home.0.join("kept");
    fs::create_dir(&outside).expect("makes");
    fs::write(outside.join("f"), "").expect("writes");
    for process in fs::read_dir(home.0.join("tmp")).expect("lists") {
        let folder = process.expect("an entry").path().join("0");
        if folder.exists() {
            symlink(&outside, folder.join("link")).expect("links");
            fs::create_dir_all(folder.join("a/b/c")).expect("makes");
        }
    }
    drop((one, two));
    roots.close();
    assert_eq!(fs::read_dir(home.0.join("tmp")).expect("lists").count(), 0);
    assert!(outside.join("f").exists());
}

/// A lock that nobody holds is what a process leaves that was killed.
#[test]
fn what_a_dead_process_left_is_removed_and_a_living_ones_is_not() {
    let home = TempDir::new();
    let tmp = home.0.join("tmp");
    for name in ["dead/0/x", "unlocked/0", "alive/0"] {
        fs::create_dir_all(tmp.join(name)).expect("makes");
    }
    fs::write(tmp.join("dead.lock"), "").expect("writes");
    fs::write(tmp.join("gone.lock"), "").expect("writes");
    let held = fs::File::create(tmp.join("alive.lock")).expect("makes");
    flock(&held, FlockOperation::LockExclusive).expect("locks");
    let roots = open(&home.0);
    // A second one in the same home leaves the first alone.
    let first = run(roots.tmp()).expect("makes");
    let second = open(&home.0);
    assert!(run(second.tmp()).is_ok());
    second.close();
    let folders = fs::metadata(&tmp).expect("is there").nlink() - 2;
    assert!(folders >= 2, "the first one's folder is gone");
    drop(first);
    roots.close();
    for name in ["dead", "dead.lock", "gone.lock", "unlocked", "unlocked.lock"] {
        assert!(!tmp.join(name).exists(), "{name}");
    }
    assert!(tmp.join("alive/0").exists());
}
