//! Somebody swaps what a path goes through while it is used. Many rounds of a real race; what is
//! asserted holds however each round ends.

use std::{
    fs,
    os::unix::fs::symlink,
    sync::atomic::{AtomicBool, Ordering},
};

use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};

use super::world::*;
use crate::base::error::Code;

const ROUNDS: usize = 3_000;

/// Runs `calls` so many times while two names of the workspace change places without a pause.
fn while_swapping(world: &World, names: (&str, &str), rounds: usize, mut calls: impl FnMut()) {
    /// Set also when an assertion fails, so that the other thread ends.
    struct Done<'a>(&'a AtomicBool);

    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _done = Done(&done);
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let (one, other) = (world.host(names.0), world.host(names.1));
                // One of them may be missing for a moment.
                let _ = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
            }
        });
        for _ in 0..rounds {
            calls();
        }
    });
}

#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    for world in World::both() {
        let outside = world.dir.0.join("outside");
        world.put("d/secret", "inside");
        symlink(&outside, world.host("link")).expect("links");
        let before = snapshot(&outside);
        let mut reached = 0;
        while_swapping(&world, ("d", "link"), ROUNDS, || {
            match world.text("workspace://d/secret") {
                Ok(text) => {
                    assert_eq!(text, "inside");
                    reached += 1;
                }
                Err(error) => assert_eq!(error.code, Code::NotAFile, "{error}"),
            }
            drop(world.write("workspace://d/new", "new"));
            drop(world.mkdir("workspace://d/dir"));
            drop(world.rename("workspace://d/new", "workspace://d/moved"));
            drop(world.copy("workspace://d/secret", "workspace://d/copy"));
            drop(world.remove("workspace://d/moved"));
            drop(world.remove("workspace://d/copy"));
            drop(world.remove("workspace://d/dir"));
        });
        assert!(reached > 0, "the right one was never seen");
        assert_eq!(snapshot(&outside), before);
    }
}

#[test]
fn a_file_swapped_for_a_link_a_fifo_or_a_hard_link_is_not_used() {
    for other in ["link", "fifo", "hard"] {
        for world in World::both() {
            let secret = world.dir.0.join("outside/secret");
            world.put("f", "inside");
            match other {
                "link" => symlink(&secret, world.host(other)).expect("links"),
                "hard" => fs::hard_link(&secret, world.host(other)).expect("links"),
                _ => mknodat(CWD, world.host(other), FileType::Fifo, Mode::RWXU, 0).expect("makes"),
            }
            while_swapping(&world, ("f", other), ROUNDS, || {
                for mode in ["w", "wt", "wct"] {
                    if let Ok(file) = world.open("workspace://f", mode) {
                        file.write(0, b"inside").expect("writes");
                    }
                }
                let text = world.text("workspace://f").unwrap_or_default();
                // A second name of a file may be read, never written.
                let read = if other == "hard" { "secret" } else { "" };
                assert!(["", "inside", read].contains(&&*text), "{text}");
            });
            assert_eq!(fs::read_to_string(&secret).expect("is there"), "secret", "{other}");
        }
    }
}

#[test]
fn a_tree_that_changes_while_it_is_used_takes_nothing_else_along() {
    for world in World::both() {
        let outside = world.dir.0.join("outside");
        symlink(&outside, world.host("link")).expect("links");
        while_swapping(&world, ("d/sub", "link"), ROUNDS / 10, || {
            // May land outside through the link, but never touches the secret.
            drop(fs::create_dir_all(world.host("d/sub/more")));
            drop(fs::write(world.host("d/sub/inner"), "inside"));
            drop(world.copy_tree("workspace://d", "workspace://e"));
            assert!(!world.host("e/sub/secret").exists());
            drop(world.remove_tree("workspace://e"));
            drop(world.remove_tree("workspace://d"));
        });
        assert_eq!(fs::read_to_string(outside.join("secret")).expect("is there"), "secret");
    }
}
