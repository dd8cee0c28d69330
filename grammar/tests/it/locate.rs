//! Finding the file: up to the root of the workspace, and never out of it.

use std::fs;
use std::path::{Path, PathBuf};

use tense_grammar::Registry;

/// A tree of files below a folder of its own.
struct Tree(PathBuf);

impl Tree {
    fn new(name: &str, files: &[(&str, &str)]) -> Tree {
        let root = std::env::temp_dir().join(format!("tense-locate-{}-{name}", std::process::id()));
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Tree(root)
    }

    fn locate(&self, dir: &str) -> Option<String> {
        let found = Registry::locate(&self.0.join(dir))?;
        Some(found.strip_prefix(&self.0).unwrap_or(Path::new("outside")).to_string_lossy().replace('\\', "/"))
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

const FILE: &str = "version = 1\n";
const ROOT: &str = "[workspace]\nmembers = [\"a\"]\n";
const MEMBER: &str = "[package]\nname = \"a\"\n";

#[test]
fn the_nearest_file_within_the_workspace() {
    let tree = Tree::new(
        "nearest",
        &[
            ("tense.toml", FILE),
            ("ws/Cargo.toml", ROOT),
            ("ws/tense.toml", FILE),
            ("ws/a/Cargo.toml", MEMBER),
            ("ws/b/Cargo.toml", MEMBER),
            ("ws/b/tense.toml", FILE),
        ],
    );
    assert_eq!(tree.locate("ws/a").as_deref(), Some("ws/tense.toml"));
    assert_eq!(tree.locate("ws/b").as_deref(), Some("ws/b/tense.toml"));
    assert_eq!(tree.locate("ws").as_deref(), Some("ws/tense.toml"));
}

#[test]
fn no_further_than_the_workspace() {
    let tree = Tree::new("further", &[("tense.toml", FILE), ("ws/Cargo.toml", ROOT), ("ws/a/Cargo.toml", MEMBER)]);
    assert_eq!(tree.locate("ws/a"), None);
}

#[test]
fn a_crate_without_a_workspace_has_its_own_file_only() {
    let tree = Tree::new(
        "alone",
        &[("tense.toml", FILE), ("a/Cargo.toml", MEMBER), ("b/Cargo.toml", MEMBER), ("b/tense.toml", FILE)],
    );
    assert_eq!(tree.locate("a"), None);
    assert_eq!(tree.locate("b").as_deref(), Some("b/tense.toml"));
}

#[test]
fn an_unpacked_crate_never_meets_its_users_file() {
    let tree = Tree::new(
        "unpacked",
        &[
            ("Cargo.toml", ROOT),
            ("tense.toml", FILE),
            ("vendor/a/Cargo.toml", MEMBER),
            ("vendor/a/.cargo-checksum.json", "{}"),
            ("cache/b/Cargo.toml", MEMBER),
            ("cache/b/.cargo-ok", "{\"v\":1}"),
            ("vendor/c/Cargo.toml", MEMBER),
            ("vendor/c/.cargo-checksum.json", "{}"),
            ("vendor/c/tense.toml", FILE),
        ],
    );
    assert_eq!(tree.locate("vendor/a"), None);
    assert_eq!(tree.locate("cache/b"), None);
    assert_eq!(tree.locate("vendor/c").as_deref(), Some("vendor/c/tense.toml"));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_found_and_cannot_be_read() {
    let tree = Tree::new("dangling", &[("a/Cargo.toml", MEMBER)]);
    std::os::unix::fs::symlink("nowhere.toml", tree.0.join("a/tense.toml")).unwrap();
    assert_eq!(tree.locate("a").as_deref(), Some("a/tense.toml"));
    assert!(Registry::load(&tree.0.join("a/tense.toml")).is_err());
    // neither is a folder a file
    assert!(Registry::load(&tree.0).is_err());
}
