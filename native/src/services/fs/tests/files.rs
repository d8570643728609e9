//! Open files, listings, and what has one name.

use std::{fs, os::unix::fs::PermissionsExt, sync::Barrier};

use super::{super::Kind, world::*};
use crate::base::{
    error::Code,
    limits::{FS_FILE_BYTES, FS_READ_BYTES, FS_WRITE_BYTES},
};

const A: &str = "workspace://a";

#[test]
fn a_file_is_made_written_and_read() {
    for world in World::both() {
        let file = world.open(A, "rwc").expect("opens");
        file.write(2, b"cd").expect("writes");
        assert_eq!(file.read(0, 100), Ok(b"\0\0cd".to_vec()));
        assert_eq!(file.read(3, 1), Ok(b"d".to_vec()));
        assert_eq!(file.read(4, 1), Ok(vec![]));
        assert_eq!(file.read(u64::MAX, 1), Ok(vec![]));
        assert_eq!(file.append(b"ef"), Ok(4));
        file.truncate(5).expect("cuts");
        file.sync().expect("syncs");
        let stat = file.stat().expect("stats");
        assert_eq!((stat.kind, stat.size), (Kind::File, 5));
        assert!(stat.modified > 1_600_000_000_000_000);
        assert_eq!(world.stat(A), Ok(stat));
        assert_eq!(fs::read(world.host("a")).expect("reads"), b"\0\0cde");
        let mode = fs::metadata(world.host("a")).expect("is there").permissions().mode();
        assert_eq!(mode & 0o7133, 0, "{mode:o}");
    }
}

#[test]
fn modes_do_what_they_say() {
    for world in World::both() {
        assert_eq!(code(world.open(A, "r")), Some(Code::NotFound));
        assert_eq!(code(world.open(A, "w")), Some(Code::NotFound));
        world.write(A, "text").expect("creates");
        assert_eq!(code(world.open(A, "wcx")), Some(Code::Exists));
        world.open(A, "wc").expect("keeps");
        assert_eq!(world.text(A).as_deref(), Ok("text"));
        world.open(A, "wt").expect("cuts");
        assert_eq!(world.text(A).as_deref(), Ok(""));
        world.open("workspace://b", "wcx").expect("creates");
        for senseless in ["", "c", "rc", "rt", "wx", "rx"] {
            assert_eq!(code(world.open(A, senseless)), Some(Code::Invalid), "{senseless}");
        }
        let reader = world.open(A, "r").expect("opens");
        assert_eq!(code(reader.write(0, b"x")), Some(Code::Invalid));
        assert_eq!(code(reader.append(b"x")), Some(Code::Invalid));
        assert_eq!(code(reader.truncate(0)), Some(Code::Invalid));
        let writer = world.open(A, "w").expect("opens");
        assert_eq!(code(writer.read(0, 1)), Some(Code::Invalid));
    }
}

#[test]
fn sizes_are_bounded() {
    let world = World::both().next().expect("one");
    let file = world.open(A, "rwc").expect("opens");
    assert_eq!(code(file.read(0, FS_READ_BYTES as u32 + 1)), Some(Code::TooLarge));
    let most = vec![1; FS_WRITE_BYTES as usize + 1];
    assert_eq!(code(file.write(0, &most)), Some(Code::TooLarge));
    file.write(0, &most[1..]).expect("writes");
    assert_eq!(file.read(0, FS_READ_BYTES as u32).expect("reads"), &most[1..]);
    assert_eq!(code(file.write(FS_FILE_BYTES, b"x")), Some(Code::TooLarge));
    assert_eq!(code(file.write(u64::MAX, b"x")), Some(Code::TooLarge));
    assert_eq!(code(file.truncate(FS_FILE_BYTES + 1)), Some(Code::TooLarge));
    file.truncate(FS_FILE_BYTES).expect("a hole");
    assert_eq!(code(file.append(b"x")), Some(Code::TooLarge));
}

#[test]
fn appends_land_one_after_another() {
    const THREADS: usize = 4;
    const EACH: usize = 200;
    let world = World::both().next().expect("one");
    world.write(A, "").expect("creates");
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (world, start) = (&world, &start);
            scope.spawn(move || {
                let file = world.open(A, "rw").expect("opens");
                start.wait();
                for n in 0..EACH {
                    let line = format!("{thread}:{n:04}\n");
                    let at = file.append(line.as_bytes()).expect("appends");
                    assert_eq!(file.read(at, line.len() as u32), Ok(line.into_bytes()));
                }
            });
        }
    });
    assert_eq!(world.stat(A).expect("stats").size, (THREADS * EACH * 7) as u64);
}

#[test]
fn directories_are_made_listed_and_removed() {
    for world in World::both() {
        let d = "workspace://d";
        world.mkdir(d).expect("makes");
        assert_eq!(code(world.mkdir(d)), Some(Code::Exists));
        assert_eq!(code(world.mkdir("workspace://x/y")), Some(Code::NotFound));
        assert_eq!(code(world.mkdir("workspace://")), Some(Code::Exists));
        assert_eq!(world.stat(d).map(|stat| (stat.kind, stat.size)), Ok((Kind::Directory, 0)));
        assert_eq!(world.stat("workspace://").map(|stat| stat.kind), Ok(Kind::Directory));
        world.write("workspace://d/f", "12345").expect("writes");
        let page = world.list(d, None, 10).expect("lists");
        assert_eq!((page.entries[0].name.as_str(), page.entries[0].size), ("f", 5));
        assert_eq!(code(world.remove(d)), Some(Code::NotEmpty));
        world.remove("workspace://d/f").expect("removes");
        world.remove(d).expect("removes");
        assert_eq!(code(world.remove(d)), Some(Code::NotFound));
        assert_eq!(code(world.remove("workspace://")), Some(Code::Invalid));
        assert_eq!(code(world.remove_tree("workspace://")), Some(Code::Invalid));
    }
}

#[test]
fn files_and_directories_are_not_confused() {
    for world in World::both() {
        world.put("d/f", "text");
        assert_eq!(code(world.open("workspace://d", "r")), Some(Code::NotAFile));
        assert_eq!(code(world.open("workspace://d", "wc")), Some(Code::NotAFile));
        assert_eq!(code(world.open("workspace://", "r")), Some(Code::NotAFile));
        assert_eq!(code(world.open("workspace://d/f/x", "wc")), Some(Code::NotAFile));
        assert_eq!(code(world.list("workspace://d/f", None, 1)), Some(Code::NotAFile));
        assert_eq!(code(world.mkdir("workspace://d/f")), Some(Code::Exists));
        assert_eq!(code(world.rename("workspace://d", "workspace://d/f/x")), Some(Code::Invalid));
        assert_eq!(code(world.copy("workspace://d", "workspace://e")), Some(Code::NotAFile));
    }
}

#[test]
fn a_listing_comes_in_pages_in_byte_order() {
    for world in World::both() {
        let mut names: Vec<String> = (0..25).map(|n| format!("n{n}")).collect();
        names.extend(["é", "Z", "a b", "😀", "\u{7f}"].map(str::to_owned));
        for name in &names {
            world.put(&format!("d/{name}"), "");
        }
        names.sort();
        for limit in [1, 7, 30, 1000] {
            let (mut listed, mut after) = (Vec::new(), None::<String>);
            loop {
                let page = world.list("workspace://d", after.as_deref(), limit).expect("lists");
                assert!(page.entries.len() <= limit as usize);
                listed.extend(page.entries.into_iter().map(|entry| entry.name));
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(listed, names, "{limit}");
        }
        for limit in [0, 1001] {
            assert_eq!(code(world.list("workspace://d", None, limit)), Some(Code::Invalid));
        }
    }
}

#[test]
fn a_listing_shows_what_the_grant_shows() {
    let world = World::new(
        BOTH[0],
        &[("fs.read", "workspace://**"), ("!fs.read", "workspace://hidden/**")],
    );
    for name in ["open", "hidden/x", ".env", ".git/config"] {
        world.put(name, "");
    }
    assert_eq!(world.names("workspace://"), [".git", "open"]);
}

#[test]
fn a_file_moves_and_replaces_only_a_file() {
    for world in World::both() {
        world.put("a", "a");
        world.put("b", "b");
        world.put("d/f", "f");
        world.rename(A, "workspace://b").expect("replaces");
        assert_eq!(world.text("workspace://b").as_deref(), Ok("a"));
        assert_eq!(code(world.rename(A, "workspace://b")), Some(Code::NotFound));
        let b = "workspace://b";
        assert_eq!(code(world.rename(b, "workspace://d")), Some(Code::Exists));
        assert_eq!(code(world.rename("workspace://d", b)), Some(Code::NotAFile));
        assert_eq!(code(world.rename("workspace://", "workspace://x")), Some(Code::Invalid));
        assert_eq!(code(world.rename(b, "tmp://b")), Some(Code::Invalid));
        world.rename(b, b).expect("is there already");
        world.rename(b, "workspace://d/g").expect("moves");
        assert_eq!(world.names("workspace://d"), ["f", "g"]);
    }
}

#[test]
fn a_file_is_copied_whole_with_plain_bits() {
    for world in World::both() {
        let big = "0123456789".repeat(20_000);
        world.put("a", &big);
        let bits = fs::Permissions::from_mode(0o6777);
        fs::set_permissions(world.host("a"), bits).expect("sets");
        world.copy(A, "workspace://b").expect("copies");
        assert_eq!(fs::read_to_string(world.host("b")).expect("reads"), big);
        let mode = fs::metadata(world.host("b")).expect("is there").permissions().mode();
        assert_eq!((mode & 0o7022, mode & 0o100), (0, 0o100), "{mode:o}");
        assert_eq!(code(world.copy(A, "workspace://b")), Some(Code::Exists));
        assert_eq!(code(world.copy("workspace://x", "workspace://c")), Some(Code::NotFound));
        assert_eq!(world.names("workspace://"), ["a", "b"]);
    }
}
