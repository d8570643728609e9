//! Links, special files, hard links, the home: what must not be reached.

use std::{
    fs,
    os::unix::{fs::symlink, net::UnixListener},
};

use rustix::fs::{CWD, FileType, Mode, makedev, mknodat};

use super::{
    super::{beneath::Purpose, partial},
    world::*,
};
use crate::base::error::Code;

#[test]
fn no_link_is_followed() {
    for world in World::both() {
        let outside = world.dir.0.join("outside");
        symlink(&outside, world.host("dir")).expect("links");
        symlink(outside.join("secret"), world.host("file")).expect("links");
        symlink("/proc/self", world.host("self")).expect("links");
        world.put("inside/f", "f");
        world.put("inside/deep/f", "f");
        symlink("inside", world.host("within")).expect("links");
        symlink("nowhere", world.host("broken")).expect("links");
        let none = Some(Code::NotAFile);
        for path in
            ["dir/secret", "file", "self/environ", "within/f", "within/deep/f", "within", "broken"]
        {
            let path = format!("workspace://{path}");
            assert_eq!(code(world.open(&path, "r")), none, "{path}");
            assert_eq!(code(world.open(&path, "wct")), none, "{path}");
            assert_eq!(code(world.list(&path, None, 1)), none, "{path}");
            assert_eq!(code(world.stat(&path)), none, "{path}");
            assert!(world.rename(&path, "workspace://x").is_err(), "{path}");
            assert_eq!(code(world.copy(&path, "workspace://x")), none, "{path}");
            assert_eq!(code(world.remove(&path)), none, "{path}");
        }
        assert_eq!(code(world.mkdir("workspace://dir/new")), none);
        assert_eq!(code(world.mkdir("workspace://broken")), Some(Code::Exists));
        assert_eq!(code(world.open("workspace://broken", "wcx")), Some(Code::Exists));
        assert_eq!(code(world.rename("workspace://inside/f", "workspace://file")), none);
        assert_eq!(
            code(world.copy("workspace://inside/f", "workspace://file")),
            Some(Code::Exists)
        );
        assert_eq!(world.names("workspace://"), ["inside"]);
        assert_eq!(fs::read_to_string(outside.join("secret")).expect("is there"), "secret");
        assert!(!world.host("nowhere").exists());
    }
}

#[test]
fn special_files_are_refused_and_nobody_waits() {
    for world in World::both() {
        let node =
            |name: &str, kind, device| mknodat(CWD, world.host(name), kind, Mode::RWXU, device);
        node("fifo", FileType::Fifo, 0).expect("makes a FIFO");
        let _listener = UnixListener::bind(world.host("socket")).expect("binds");
        // Making a device needs a privilege that tests may lack.
        let device = node("null", FileType::CharacterDevice, makedev(1, 3)).is_ok();
        let names = ["fifo", "socket", "null"];
        for name in &names[..if device { 3 } else { 2 }] {
            let path = format!("workspace://{name}");
            for mode in ["r", "w", "rw", "wct"] {
                assert_eq!(code(world.open(&path, mode)), Some(Code::NotAFile), "{name} {mode}");
            }
            assert_eq!(code(world.stat(&path)), Some(Code::NotAFile));
            assert_eq!(code(world.copy(&path, "workspace://x")), Some(Code::NotAFile));
            assert_eq!(code(world.remove(&path)), Some(Code::NotAFile));
            assert_eq!(code(world.rename(&path, "workspace://x")), Some(Code::NotAFile));
        }
        assert_eq!(world.names("workspace://"), [""; 0]);
    }
}

/// Opening a device can do something by itself: what is refused is not opened first.
#[cfg(target_os = "linux")]
#[test]
fn a_special_file_is_not_even_opened() {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};

    for world in World::both() {
        mknodat(CWD, world.host("fifo"), FileType::Fifo, Mode::RWXU, 0).expect("makes a FIFO");
        world.put("plain", "");
        let watch = init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).expect("watches");
        let opened = || rustix::io::read(&watch, &mut [0; 1024]).is_ok();
        for name in ["fifo", "plain"] {
            add_watch(&watch, world.host(name), WatchFlags::OPEN).expect("watches");
        }
        for mode in ["r", "w", "rw"] {
            assert_eq!(code(world.open("workspace://fifo", mode)), Some(Code::NotAFile));
        }
        assert!(!opened());
        world.open("workspace://plain", "r").expect("opens");
        assert!(opened(), "the watch sees nothing");
    }
}

#[test]
fn a_second_hard_link_makes_a_file_read_only() {
    for world in World::both() {
        let target = world.dir.0.join("store");
        fs::write(&target, "shared").expect("writes");
        fs::hard_link(&target, world.host("a")).expect("links");
        for mode in ["w", "rw", "wt", "wct"] {
            let error = world.open("workspace://a", mode).expect_err("is refused");
            assert_eq!(error.code, Code::NotAFile);
            assert!(error.message.contains("hard link"), "{}", error.message);
        }
        assert_eq!(world.text("workspace://a").as_deref(), Ok("shared"));
        // A copy is a file of its own.
        world.copy("workspace://a", "workspace://b").expect("copies");
        world.write("workspace://b", "own").expect("writes");
        assert_eq!(fs::read_to_string(target).expect("reads"), "shared");
    }
}

#[test]
fn the_home_is_not_entered_under_any_name() {
    for world in World::both() {
        // What the root forbids, moved into it after it was checked.
        fs::rename(world.dir.0.join("outside"), world.host("home")).expect("moves");
        let denied = Some(Code::Denied);
        assert_eq!(code(world.open("workspace://home/secret", "r")), denied);
        assert_eq!(code(world.open("workspace://home/new", "wc")), denied);
        assert_eq!(code(world.mkdir("workspace://home/new")), denied);
        assert_eq!(code(world.list("workspace://home", None, 1)), denied);
        assert_eq!(code(world.stat("workspace://home")), denied);
        assert_eq!(code(world.rename("workspace://home", "workspace://x")), denied);
        assert_eq!(code(world.rename("workspace://home/secret", "workspace://x")), denied);
        assert_eq!(code(world.copy_tree("workspace://home", "workspace://x")), denied);
        assert_eq!(code(world.remove_tree("workspace://home")), denied);
        assert_eq!(world.names("workspace://"), [""; 0]);
        assert!(world.host("home/secret").exists());
        fs::create_dir(world.host("d")).expect("makes");
        fs::rename(world.host("home"), world.host("d/home")).expect("moves");
        assert_eq!(code(world.remove_tree("workspace://d")), denied);
        assert_eq!(code(world.rename("workspace://d", "workspace://e")), denied);
        assert_eq!(code(world.copy_tree("workspace://d", "workspace://e")), denied);
        assert!(world.host("d/home/secret").exists());
    }
}

#[test]
fn what_is_no_component_opens_nothing_even_past_the_gate() {
    for world in World::both() {
        world.put("d/f", "f");
        let root = world.files.workspace.as_ref().expect("has one");
        for names in [&[".."][..], &["d", ".."], &["."], &[""], &["d/f"], &["a\0b"], &["/"]] {
            let opened = root.anchor().directory(names, Purpose::Pass);
            assert_eq!(code(opened), Some(Code::Invalid), "{names:?}");
        }
        assert!(root.anchor().directory(&["d"], Purpose::Read).is_ok());
    }
}

#[test]
fn a_half_made_copy_does_not_exist() {
    for world in World::both() {
        world.put(".astrid-partial-0/f", "f");
        world.put(".ASTRID-Partial-1", "f");
        assert!(partial::is_partial(".astrid-partial-0"));
        for path in ["workspace://.astrid-partial-0", "workspace://.ASTRID-Partial-1"] {
            assert_eq!(code(world.open(path, "rw")), Some(Code::NotFound));
            assert_eq!(code(world.open(path, "wc")), Some(Code::NotFound));
            assert_eq!(code(world.mkdir(path)), Some(Code::NotFound));
            assert_eq!(code(world.list(path, None, 1)), Some(Code::NotFound));
            assert_eq!(code(world.remove_tree(path)), Some(Code::NotFound));
        }
        assert_eq!(world.names("workspace://"), [""; 0]);
    }
}

#[test]
fn names_that_are_not_text_are_not_shown() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    for world in World::both() {
        let raw = world.host("").join(OsStr::from_bytes(b"\xff"));
        // Some file systems take no such names.
        drop(fs::write(raw, ""));
        world.put("back\\slash", "");
        world.put("plain", "");
        assert_eq!(world.names("workspace://"), ["plain"]);
    }
}
