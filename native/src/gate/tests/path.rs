//! Paths: one text for one path, and nothing that leaves its root.

use proptest::prelude::*;

use super::{config, path};
use crate::{
    base::{
        error::Code,
        limits::{PATH_BYTES, PATH_DEPTH},
    },
    gate::path::{ResourcePath, Root, Tree},
};

#[test]
fn texts_that_are_not_canonical_are_refused() {
    let texts = [
        "",
        "/",
        "a",
        "/etc/passwd",
        "file:///etc/passwd",
        "workspace:/a",
        "workspace:a",
        "Workspace://a",
        " workspace://a",
        "home://a",
        "workspace:///",
        "workspace:///a",
        "workspace://a/",
        "workspace://a//b",
        "workspace://.",
        "workspace://..",
        "workspace://a/../b",
        "workspace://a/./b",
        "workspace://a/..",
        "workspace://a\0b",
        "workspace://\0",
        "workspace://a\\..\\b",
        "workspace://..\\b",
        "tmp://data://a",
        "data://a/b/",
    ];
    for text in texts {
        let code = ResourcePath::parse(text).map_err(|e| e.code);
        assert_eq!(code, Err(Code::Invalid), "{text:?}");
    }
}

#[test]
fn a_refusal_names_what_is_wrong() {
    let message = |text| ResourcePath::parse(text).map_err(|e| e.message);
    assert_eq!(message("workspace://a/.."), Err("a path can't have the component \"..\"".into()));
    let nul = "a path can't have the character '\\0' in a component";
    assert_eq!(message("workspace://a\0"), Err(nul.into()));
}

#[test]
fn names_that_only_look_special_are_ordinary() {
    for text in ["workspace://...", "data://%2e%2e/%2F", "tmp://a b/~/ü/C:", "workspace://．．"]
    {
        assert_eq!(path(text).to_string(), text);
    }
}

#[test]
fn spellings_of_one_name_are_different_paths() {
    assert_ne!(path("workspace://é"), path("workspace://e\u{301}"));
    assert_ne!(path("workspace://A"), path("workspace://a"));
}

#[test]
fn bytes_and_depth_are_bounded_exactly() {
    let most = PATH_BYTES as usize - "tmp://".len();
    assert!(ResourcePath::parse(&format!("tmp://{}", "a".repeat(most))).is_ok());
    assert!(ResourcePath::parse(&format!("tmp://{}", "a".repeat(most + 1))).is_err());
    let deepest = path(&format!("tmp://{}", vec!["a"; PATH_DEPTH as usize].join("/")));
    assert_eq!(deepest.depth() as u64, PATH_DEPTH);
    assert_eq!(deepest.join("b").map_err(|e| e.code), Err(Code::Invalid));
    assert!(deepest.parent().expect("is not a root").join("b").is_ok());
}

#[test]
fn the_parts_of_a_path() {
    let asked = path("data://a/b.txt");
    assert_eq!(asked.root(), Root::Data);
    assert_eq!(asked.relative(), "a/b.txt");
    assert_eq!(asked.components().collect::<Vec<_>>(), ["a", "b.txt"]);
    assert_eq!(asked.file_name(), Some("b.txt"));
    assert_eq!(asked.parent(), Some(path("data://a")));
    let root = path("data://");
    assert!(root.is_root() && root == ResourcePath::of_root(Root::Data));
    assert_eq!(path("data://a").parent(), Some(root.clone()));
    assert_eq!((root.file_name(), root.parent(), root.components().count()), (None, None, 0));
    assert_eq!(Tree(root).to_string(), "data://**");
    assert_eq!(Tree(asked).to_string(), "data://a/b.txt/**");
}

#[test]
fn a_joined_name_is_one_component() {
    let directory = path("workspace://a");
    assert_eq!(directory.join("b"), Ok(path("workspace://a/b")));
    assert_eq!(ResourcePath::of_root(Root::Tmp).join("b"), Ok(path("tmp://b")));
    for name in ["", ".", "..", "b/c", "/b", "b/", "b\\c", "b\0"] {
        assert_eq!(directory.join(name).map_err(|e| e.code), Err(Code::Invalid), "{name:?}");
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_parses_is_shown_as_it_was_written(text in "(workspace|data|tmp)://[a./\\\\\0é]{0,8}") {
        if let Ok(parsed) = ResourcePath::parse(&text) {
            prop_assert_eq!(parsed.to_string(), &*text);
            for name in parsed.components() {
                prop_assert!(!matches!(name, "" | "." | "..") && !name.contains(['\\', '\0']));
            }
            if let (Some(above), Some(name)) = (parsed.parent(), parsed.file_name()) {
                prop_assert_eq!(above.join(name), Ok(parsed.clone()));
            }
        }
    }
}
