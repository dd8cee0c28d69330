//! The folder of a crate enters; the files that Cargo begins to compile with leave, as its manifest and its folders say.
//!
//! The manifest is read here and `cargo metadata` is not asked: it would have to be installed, and it says nothing at all of a
//! workspace in which one manifest has a mistake.

use std::fs;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

#[derive(Default)]
pub(super) struct Targets {
    /// Libraries, programs, examples and build scripts.
    pub(super) programs: Vec<PathBuf>,
    /// What is compiled for tests and benchmarks alone.
    pub(super) tests: Vec<PathBuf>,
}

impl Targets {
    /// What the manifest in this folder says; nothing when it cannot be read. One of a workspace alone has no targets.
    pub(super) fn of(krate: &Path) -> Option<Self> {
        let text = fs::read_to_string(krate.join("Cargo.toml")).ok()?;
        let manifest = DeTable::parse(&text).ok()?;
        let manifest = manifest.get_ref();
        let mut targets = Self::default();
        let Some(package) = manifest.get("package").and_then(|package| package.get_ref().as_table()) else {
            return Some(targets);
        };
        let programs = &mut targets.programs;
        let lib = manifest.get("lib").and_then(|lib| text_of(lib.get_ref().as_table()?, "path"));
        programs.push(krate.join(lib.unwrap_or("src/lib.rs")));
        programs.push(krate.join(text_of(package, "build").unwrap_or("build.rs")));
        programs.push(krate.join("src/main.rs"));
        for (key, folder, looked_for, of_tests) in [
            ("bin", "src/bin", "autobins", false),
            ("example", "examples", "autoexamples", false),
            ("test", "tests", "autotests", true),
            ("bench", "benches", "autobenches", true),
        ] {
            let found = if of_tests { &mut targets.tests } else { &mut targets.programs };
            let folder = krate.join(folder);
            found.extend(declared(manifest, key, &folder).map(|path| krate.join(path)));
            if package.get(looked_for).and_then(|looked_for| looked_for.get_ref().as_bool()) != Some(false) {
                found.extend(lying_in(&folder));
            }
        }
        Some(targets)
    }
}

/// The targets that a manifest lists, with their path, or with where their name leads.
fn declared<'m>(manifest: &'m DeTable<'_>, key: &str, folder: &Path) -> impl Iterator<Item = PathBuf> + use<'m> {
    let folder = folder.to_owned();
    let tables = manifest.get(key).and_then(|list| list.get_ref().as_array()).into_iter().flatten();
    tables.filter_map(|table| table.get_ref().as_table()).flat_map(move |target| {
        let path = text_of(target, "path").map(PathBuf::from);
        let by_name = text_of(target, "name").filter(|_| path.is_none()).map(|name| both_forms(&folder.join(name)));
        path.into_iter().chain(by_name.into_iter().flatten())
    })
}

/// A target without a path is a file, or a folder with a `main.rs`.
fn both_forms(target: &Path) -> [PathBuf; 2] {
    [target.with_added_extension("rs"), target.join("main.rs")]
}

/// What Cargo finds by itself.
fn lying_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| if path.is_dir() { path.join("main.rs") } else { path }).collect()
}

fn text_of<'m>(table: &'m DeTable<'_>, key: &str) -> Option<&'m str> {
    table.get(key).and_then(|value| match value.get_ref() {
        DeValue::String(text) => Some(text.as_ref()),
        _ => None,
    })
}
