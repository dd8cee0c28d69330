//! The folder of a crate enters; the files that Cargo begins to compile with leave, as its manifest and its folders
//! say.
//!
//! A manifest is read line by line, a key on each, as everybody writes it. `cargo metadata` is not asked: it would have
//! to be installed, and says nothing at all of a workspace in which one manifest has a mistake. Who hides a target from
//! this is told how many files were left out.

use std::fs;
use std::path::{Path, PathBuf};

#[derive(Default)]
pub(super) struct Targets {
    /// Libraries, programs, examples and build scripts.
    pub(super) programs: Vec<PathBuf>,
    /// What is compiled for tests and benchmarks alone.
    pub(super) tests: Vec<PathBuf>,
}

/// Kinds of targets, with the folder that Cargo looks for them in unless a key says that it should not.
const KINDS: [Kind; 4] = [
    Kind { section: "[[bin]]", folder: "src/bin", unless: "autobins", is_test: false },
    Kind { section: "[[example]]", folder: "examples", unless: "autoexamples", is_test: false },
    Kind { section: "[[test]]", folder: "tests", unless: "autotests", is_test: true },
    Kind { section: "[[bench]]", folder: "benches", unless: "autobenches", is_test: true },
];

struct Kind {
    section: &'static str,
    folder: &'static str,
    unless: &'static str,
    is_test: bool,
}

impl Targets {
    /// What the manifest in this folder says; nothing when it cannot be read. One of a workspace alone has no targets.
    pub(super) fn of(krate: &Path) -> Option<Self> {
        let manifest = fs::read_to_string(krate.join("Cargo.toml")).ok()?;
        let mut targets = Self::default();
        if !manifest.lines().any(|line| line.trim().starts_with("[package]")) {
            return Some(targets);
        }
        targets.programs.extend(["src/lib.rs", "src/main.rs", "build.rs"].map(|path| krate.join(path)));
        for (section, key, value) in settings(&manifest) {
            let kind = KINDS.iter().find(|kind| kind.section == section);
            let found = match kind {
                Some(kind) if kind.is_test => &mut targets.tests,
                _ => &mut targets.programs,
            };
            match (key, kind, section) {
                ("path", Some(_), _) | ("path", None, "[lib]") | ("build", None, "[package]") => {
                    found.push(krate.join(value));
                }
                // a target without a path is a file, or a folder with a `main.rs`
                ("name", Some(kind), _) => {
                    let target = krate.join(kind.folder).join(value);
                    found.extend([target.with_added_extension("rs"), target.join("main.rs")]);
                }
                _ => {}
            }
        }
        for kind in KINDS {
            let is_off = settings(&manifest).any(|(_, key, value)| key == kind.unless && value == "false");
            let found = if kind.is_test { &mut targets.tests } else { &mut targets.programs };
            found.extend(lying_in(&krate.join(kind.folder)).filter(|_| !is_off));
        }
        Some(targets)
    }
}

/// The lines `key = value` of a manifest, each with the head of its section, and without the quotes of a text.
fn settings(manifest: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    let mut section = "";
    manifest.lines().map(str::trim).filter_map(move |line| {
        if line.starts_with('[') {
            section = line.split('#').next().unwrap_or_default().trim();
            return None;
        }
        let (key, value) = line.split_once('=')?;
        let value = value.trim();
        let text = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.split(quote).next());
        Some((section, key.trim(), text.or_else(|| value.split_whitespace().next())?))
    })
}

/// What Cargo finds by itself.
fn lying_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| if path.is_dir() { path.join("main.rs") } else { path })
}

#[cfg(test)]
mod tests {
    use super::settings;

    #[test]
    fn a_manifest_is_read_line_by_line() {
        let manifest = "[package] # ours\nname='shop'\nautotests = false # for now\n\n[[test]]\r\n  path = \"a b.rs\" # c\r\n# x = \"y\"\n";
        let read: Vec<_> = settings(manifest).filter(|(_, key, _)| !key.starts_with('#')).collect();
        let expected =
            [("[package]", "name", "shop"), ("[package]", "autotests", "false"), ("[[test]]", "path", "a b.rs")];
        assert_eq!(read, expected);
    }
}
