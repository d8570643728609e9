//! What a root may hold, counted exactly.

use super::world::*;
use crate::base::{error::Code, limits::FS_ENTRY_BYTES};

#[test]
fn growth_counts_and_removal_gives_back() {
    for world in World::both() {
        let file = world.open("tmp://a", "rwc").expect("opens");
        assert_eq!(world.tmp_used(), FS_ENTRY_BYTES);
        file.write(10, b"x").expect("writes");
        file.write(0, b"xxx").expect("writes over");
        assert_eq!(world.tmp_used(), FS_ENTRY_BYTES + 11);
        file.append(b"yy").expect("appends");
        file.truncate(5).expect("cuts");
        assert_eq!(world.tmp_used(), FS_ENTRY_BYTES + 5);
        world.mkdir("tmp://d").expect("makes");
        world.copy("tmp://a", "tmp://d/b").expect("copies");
        assert_eq!(world.tmp_used(), 3 * FS_ENTRY_BYTES + 10);
        drop(file);
        world.open("tmp://a", "wt").expect("cuts");
        assert_eq!(world.tmp_used(), 3 * FS_ENTRY_BYTES + 5);
        world.rename("tmp://a", "tmp://d/b").expect("replaces");
        assert_eq!(world.tmp_used(), 2 * FS_ENTRY_BYTES);
        world.remove_tree("tmp://d").expect("removes");
        assert_eq!(world.tmp_used(), 0);
    }
}

#[test]
fn a_full_root_takes_nothing_more() {
    for world in World::both() {
        let file = world.open("tmp://a", "rwc").expect("opens");
        let room = TMP_BYTES - FS_ENTRY_BYTES;
        assert_eq!(code(file.truncate(room + 1)), Some(Code::Quota));
        file.truncate(room).expect("fills it");
        assert_eq!(code(file.append(b"x")), Some(Code::Quota));
        assert_eq!(code(file.write(room, b"x")), Some(Code::Quota));
        assert_eq!(code(world.mkdir("tmp://d")), Some(Code::Quota));
        assert_eq!(code(world.open("tmp://b", "wc")), Some(Code::Quota));
        assert_eq!(code(world.copy("tmp://a", "tmp://b")), Some(Code::Quota));
        file.write(0, b"over").expect("no growth");
        assert_eq!(world.tmp_used(), TMP_BYTES);
        assert_eq!(world.names("tmp://"), ["a"]);
    }
}

#[test]
fn empty_files_are_bounded_too() {
    let world = World::both().next().expect("one");
    let fit = TMP_BYTES / FS_ENTRY_BYTES;
    for n in 0..fit {
        world.open(&format!("tmp://{n}"), "wc").expect("fits");
    }
    assert_eq!(code(world.open("tmp://more", "wc")), Some(Code::Quota));
}

/// Otherwise each handle could hide a file of the whole quota.
#[test]
fn a_removed_file_counts_until_it_is_closed() {
    for world in World::both() {
        let (one, two) = (world.open("tmp://a", "wc"), world.open("tmp://a", "w"));
        let (one, two) = (one.expect("opens"), two.expect("opens"));
        one.truncate(30_000).expect("fills");
        world.remove("tmp://a").expect("removes");
        assert_eq!(world.tmp_used(), FS_ENTRY_BYTES + 30_000);
        one.truncate(40_000).expect("grows unseen");
        assert_eq!(
            code(world.open("tmp://b", "wc").expect("opens").truncate(30_000)),
            Some(Code::Quota)
        );
        drop(one);
        assert_eq!(world.tmp_used(), 2 * FS_ENTRY_BYTES + 40_000);
        drop(two);
        assert_eq!(world.tmp_used(), FS_ENTRY_BYTES);
    }
}

#[test]
fn threads_do_not_overdraw() {
    const THREADS: usize = 4;
    let world = World::both().next().expect("one");
    let file = world.open("tmp://a", "wc").expect("opens");
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| while file.append(&[1; 100]).is_ok() {});
        }
    });
    let size = file.stat().expect("stats").size;
    assert_eq!(world.tmp_used(), FS_ENTRY_BYTES + size);
    assert!(world.tmp_used() <= TMP_BYTES && world.tmp_used() + 100 > TMP_BYTES);
}
