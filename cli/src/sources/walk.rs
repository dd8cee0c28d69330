//! A folder enters; the Rust sources of its crates leave, each with the folder of its manifest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

#[derive(Default)]
pub(super) struct Walked {
    /// The sources in the order of their paths, each with the folder of its crate.
    pub(super) found: Vec<(PathBuf, PathBuf)>,
    /// What could not be looked into, with the reason.
    pub(super) failed: Vec<(PathBuf, String)>,
}

/// The sources below a folder, but for hidden ones, what was built, what was vendored, and what `.gitignore` or
/// `.ignore` leaves out.
pub(super) fn files(root: &Path) -> Walked {
    let mut walked = Walked::default();
    let mut crates = BTreeMap::new();
    for entry in WalkBuilder::new(root).require_git(false).filter_entry(is_ours).build() {
        match entry {
            Ok(entry) => {
                let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
                if is_file && entry.path().extension().is_some_and(|ending| ending == "rs") {
                    let folder = entry.path().parent().unwrap_or(root);
                    let krate = crates.entry(folder.to_owned()).or_insert_with(|| crate_of(folder)).clone();
                    walked.found.push((entry.into_path(), krate));
                }
            }
            Err(error) => walked.failed.push((root.to_owned(), error.to_string())),
        }
    }
    walked.found.sort();
    walked
}

/// A folder `target` beside a manifest holds what was built; one with checksums holds somebody else's crate.
fn is_ours(entry: &DirEntry) -> bool {
    if entry.depth() == 0 || !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return true;
    }
    let path = entry.path();
    let is_built = entry.file_name() == "target" && path.with_file_name("Cargo.toml").is_file();
    !is_built && !path.join(".cargo-checksum.json").exists()
}

/// The folder of the nearest manifest, which is what the macros are told when they are compiled; without one its own.
fn crate_of(folder: &Path) -> PathBuf {
    folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file()).unwrap_or(folder).to_owned()
}
