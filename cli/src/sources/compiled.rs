//! The sources of a folder enter, unread; those of them that Cargo would compile leave, read, and whether for tests
//! alone.
//!
//! From each target it goes from `mod` to `mod`, as the compiler does. What lies below `src` and is reached by no `mod`
//! that tokens show is read as well: a macro may lead there. What lies elsewhere and is not reached is no part of the
//! crate: programs that must not compile, templates, fixtures. A folder within a crate that is named itself is read
//! whole, and so is one without a manifest.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::module::Module;
use super::site::Found;
use super::targets::Targets;

/// A source that is compiled: its text and what was found in it, or why it cannot be read.
pub(super) struct Compiled {
    pub(super) read: Result<(String, Found), String>,
    pub(super) is_test: bool,
}

/// `sources` are the files with the folders of their crates; `read` reads one.
pub(super) fn follow(
    root: &Path,
    sources: &[(PathBuf, PathBuf)],
    read: impl Fn(&Path) -> Result<(String, Found), String>,
) -> BTreeMap<PathBuf, Compiled> {
    let known: BTreeSet<&Path> = sources.iter().map(|(path, _)| path.as_path()).collect();
    let mut way = Way { known, read, compiled: BTreeMap::new() };
    let crates: BTreeSet<&PathBuf> = sources.iter().map(|(_, krate)| krate).collect();
    let (mut whole, mut tests) = (BTreeSet::new(), Vec::new());
    for krate in crates {
        match Targets::of(krate).filter(|_| krate.starts_with(root)) {
            Some(targets) => {
                tests.extend(way.from(roots(targets.programs), false));
                tests.extend(roots(targets.tests));
            }
            None => {
                whole.insert(krate);
            }
        }
    }
    // what a program has is no test, whatever tests lead there as well
    way.from(tests, true);
    // who says that a file is for tests alone stands above it
    let mut rest: Vec<&(PathBuf, PathBuf)> = sources.iter().collect();
    rest.sort_by_key(|(path, _)| (path.components().count(), !owns_its_folder(path)));
    for (path, krate) in rest {
        let is_whole = whole.contains(krate);
        if is_whole || path.starts_with(krate.join("src")) && krate.join("Cargo.toml").is_file() {
            let is_test = ["tests", "benches"].iter().any(|folder| path.starts_with(krate.join(folder)));
            let tests = way.from([(path.clone(), false)], is_test);
            way.from(tests, true);
        }
    }
    way.compiled
}

/// A file, and whether a target begins with it.
type Step = (PathBuf, bool);

fn roots(targets: Vec<PathBuf>) -> impl Iterator<Item = Step> {
    targets.into_iter().map(|path| (path, true))
}

struct Way<'s, R> {
    known: BTreeSet<&'s Path>,
    read: R,
    compiled: BTreeMap<PathBuf, Compiled>,
}

impl<R: Fn(&Path) -> Result<(String, Found), String>> Way<'_, R> {
    /// Reads files and what they lead to; where they lead to tests leaves, unless they are tests themselves.
    fn from(&mut self, files: impl IntoIterator<Item = Step>, is_test: bool) -> Vec<Step> {
        let mut waiting: Vec<Step> = files.into_iter().collect();
        let mut tests = Vec::new();
        while let Some((path, is_root)) = waiting.pop() {
            if !self.known.contains(path.as_path()) || self.compiled.contains_key(&path) {
                continue;
            }
            let read = (self.read)(&path);
            for module in read.iter().flat_map(|(_, found)| &found.modules) {
                let leads_to = files_of(module, &path, is_root).into_iter().map(|path| (path, false));
                if module.is_test && !is_test { tests.extend(leads_to) } else { waiting.extend(leads_to) }
            }
            self.compiled.insert(path, Compiled { read, is_test });
        }
        tests
    }
}

/// Whether the modules of a file lie beside it; those of others lie in a folder with its name.
fn owns_its_folder(file: &Path) -> bool {
    ["lib.rs", "main.rs", "mod.rs", "build.rs"].iter().any(|name| file.ends_with(name))
}

/// The files that a `mod` without a body may stand for.
fn files_of(module: &Module, file: &Path, is_root: bool) -> Vec<PathBuf> {
    let (Some(beside), Some(stem)) = (file.parent(), file.file_stem()) else { return Vec::new() };
    let own = if is_root || owns_its_folder(file) { beside.to_owned() } else { beside.join(stem) };
    let inside = module.inside.iter().fold(own, |folder, name| folder.join(name));
    match (&module.path, &module.name) {
        (Some(path), _) if module.inside.is_empty() => vec![normal(&beside.join(path))],
        (Some(path), _) => vec![normal(&inside.join(path))],
        (None, Some(name)) => vec![inside.join(format!("{name}.rs")), inside.join(name).join("mod.rs")],
        (None, None) => Vec::new(),
    }
}

/// Without `..`, so that it can be compared.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, part| {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            part => whole.push(part),
        }
        whole
    })
}
