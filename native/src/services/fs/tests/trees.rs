//! What happens to a whole directory: decided first, then done, or not at all.

use std::{fs, os::unix::fs::symlink};

use super::world::*;
use crate::base::error::Code;

fn fill(world: &World) {
    for (name, text) in [("d/a", "a"), ("d/b/c", "c"), ("d/b/e/f", "f"), ("d/b/x", "x")] {
        world.put(name, text);
    }
    fs::create_dir(world.host("d/empty")).expect("makes");
}

#[test]
fn a_directory_is_removed_with_all_in_it() {
    for world in World::both() {
        fill(&world);
        // A link goes, what it leads to stays.
        symlink(world.dir.0.join("outside"), world.host("d/b/link")).expect("links");
        // Left by a process that died while it copied.
        world.put("d/b/.astrid-partial-1/deep/f", "f");
        world.remove_tree("workspace://d").expect("removes");
        assert_eq!(snapshot(&world.host("")), []);
        assert!(world.dir.0.join("outside/secret").exists());
        world.put("file", "");
        world.remove_tree("workspace://file").expect("removes a file too");
    }
}

#[test]
fn a_directory_is_copied_and_moved_with_all_in_it() {
    for world in World::both() {
        fill(&world);
        world.copy_tree("workspace://d", "workspace://e").expect("copies");
        let below = |name: &str| -> Vec<_> {
            let root = world.host(name);
            let strip = |(path, text): (std::path::PathBuf, _)| {
                (path.strip_prefix(&root).expect("is below").to_owned(), text)
            };
            snapshot(&root).into_iter().map(strip).collect()
        };
        assert_eq!(below("d"), below("e"));
        assert_eq!(below("d").len(), 7);
        world.rename("workspace://e", "workspace://g").expect("moves");
        assert_eq!(below("d"), below("g"));
        assert_eq!(world.names("workspace://"), ["d", "g"]);
        assert_eq!(code(world.copy_tree("workspace://d", "workspace://g")), Some(Code::Exists));
        assert_eq!(code(world.rename("workspace://d", "workspace://g")), Some(Code::Exists));
        assert_eq!(
            code(world.copy_tree("workspace://d", "workspace://d/b/n")),
            Some(Code::Invalid)
        );
        assert_eq!(code(world.rename("workspace://d", "workspace://d/n")), Some(Code::Invalid));
    }
}

/// Each is refused for one entry far below, and changes nothing.
#[test]
fn one_refusal_refuses_the_whole() {
    let cases: [&[(&str, &str)]; 3] = [
        &[("!fs.write", "workspace://d/b/e/f")],
        &[("!fs.write", "workspace://to/b/e/f"), ("!fs.write", "workspace://d/b/e/f")],
        &[("!fs.read", "workspace://d/b/e/f"), ("!fs.write", "workspace://d/b/e/f")],
    ];
    for reach in BOTH {
        for (number, denied) in cases.iter().enumerate() {
            let world = World::new(reach, &[ALL, *denied].concat());
            fill(&world);
            let before = snapshot(&world.host(""));
            let mut results = vec![
                world.remove_tree("workspace://d"),
                world.rename("workspace://d", "workspace://to"),
            ];
            if number > 0 {
                results.push(world.copy_tree("workspace://d", "workspace://to"));
            }
            for result in results {
                let error = result.expect_err("is refused");
                assert_eq!(error.code, Code::Denied);
                let refusal = error.refusal.expect("says what");
                assert!(!refusal.resource.contains("/b"), "tells of {}", refusal.resource);
                assert_eq!(refusal.number, 7);
            }
            assert_eq!(snapshot(&world.host("")), before, "case {number}");
        }
    }
}

#[test]
fn a_protected_name_inside_refuses_the_whole() {
    for world in World::both() {
        fill(&world);
        world.put("d/b/.git/hooks/pre-commit", "#!/bin/sh");
        let before = snapshot(&world.host(""));
        assert_eq!(code(world.remove_tree("workspace://d")), Some(Code::Denied));
        assert_eq!(code(world.rename("workspace://d", "workspace://e")), Some(Code::Denied));
        assert_eq!(code(world.copy_tree("workspace://d", "workspace://e")), Some(Code::Denied));
        assert_eq!(snapshot(&world.host("")), before);
    }
}

/// Rows about files that don't exist yet count too: they would not move along.
#[test]
fn a_rule_inside_keeps_a_directory_where_it_is() {
    for reach in BOTH {
        let world = World::new(reach, &[ALL, &[("!fs.write", "workspace://d/later")]].concat());
        fill(&world);
        assert_eq!(code(world.rename("workspace://d", "workspace://e")), Some(Code::Denied));
        assert!(world.host("d/a").exists());
    }
}

#[test]
fn a_copy_that_fails_leaves_nothing() {
    for world in World::both() {
        fill(&world);
        symlink("a", world.host("d/b/link")).expect("links");
        assert_eq!(code(world.copy_tree("workspace://d", "workspace://e")), Some(Code::NotAFile));
        fs::remove_file(world.host("d/b/link")).expect("removes");
        world.put("d/b/big", &"x".repeat(TMP_BYTES as usize));
        // Some of it is copied before the quota ends it.
        assert_eq!(code(world.copy_tree("workspace://d", "tmp://e")), Some(Code::Quota));
        assert_eq!(code(world.copy("workspace://d/b/big", "tmp://e")), Some(Code::Quota));
        assert_eq!(snapshot(&world.dir.0.join("tmp")), []);
        assert_eq!(world.tmp_used(), 0);
        assert_eq!(world.names("workspace://"), ["d"]);
    }
}

#[test]
fn a_name_nobody_can_decide_refuses_the_whole() {
    for world in World::both() {
        world.put("d/back\\slash", "");
        world.put("d/a", "");
        let before = snapshot(&world.host(""));
        assert_eq!(code(world.remove_tree("workspace://d")), Some(Code::NotAFile));
        assert_eq!(code(world.rename("workspace://d", "workspace://e")), Some(Code::NotAFile));
        assert_eq!(code(world.copy_tree("workspace://d", "workspace://e")), Some(Code::NotAFile));
        assert_eq!(snapshot(&world.host("")), before);
    }
}
