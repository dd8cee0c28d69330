//! A folder enters; every name that its Rust sources write leaves, with its place and the crate that it is compiled in.
//!
//! Walk: [`walk`] finds the files, and the crate of each; [`compiled`] keeps those that the [`targets`] of their crates
//! lead to; [`site`] looks through the tokens of one for annotations, whose [`name`] and [`arguments`] it takes apart,
//! with the help of its [`imports`] and of what is for [`tests`] alone; [`instrument`] does so with
//! `#[tracing::instrument]`, [`module`] with what leads to other files. Tokens and not items are read, so that names
//! inside of macros count, and code that is switched off. What cannot be read is told, never skipped.

mod walk;
mod targets;
mod compiled;
mod place;
mod name;
mod arguments;
mod imports;
mod tests;
mod instrument;
mod module;
mod block;
mod site;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Context;

pub(crate) use arguments::{Exemption, Field};
pub(crate) use instrument::{Instrument, Setting};
pub(crate) use name::Name;
pub(crate) use place::Place;
pub(crate) use site::{Macro, Site};

/// What was found in a folder.
#[derive(Default)]
pub(crate) struct Sources {
    /// The files that write names, in the order of their paths.
    pub(crate) files: Vec<File>,
    /// The folders of all crates that have sources here.
    pub(crate) crates: BTreeSet<PathBuf>,
    /// How many files were read.
    pub(crate) read: usize,
    /// How many files were left out, since no target of their crates leads to them.
    pub(crate) left_out: usize,
    /// The files that could not be read, with the reason.
    pub(crate) unread: Vec<(PathBuf, String)>,
    /// The folder, or the file, that was looked through.
    pub(crate) root: PathBuf,
}

/// A source file with at least one annotation.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    /// The folder of its crate's manifest.
    pub(crate) krate: PathBuf,
    /// Its text, as it was read.
    pub(crate) text: String,
    /// Whether it is compiled for tests alone.
    pub(crate) is_test: bool,
    pub(crate) sites: Vec<Site>,
    /// The fields that `context!` sets.
    pub(crate) set: Vec<Field>,
    pub(crate) instruments: Vec<Instrument>,
}

impl Sources {
    /// Reads the Rust sources below a folder that Cargo would compile, or one file.
    ///
    /// # Errors
    /// When there is no such folder. A file that cannot be read is among `unread`.
    pub(crate) fn read(root: &Path) -> anyhow::Result<Self> {
        let root = root.canonicalize().with_context(|| format!("failed to open {}", root.display()))?;
        let mut sources = Self { root, ..Self::default() };
        let walked = walk::files(&sources.root);
        sources.unread = walked.failed;
        let mut compiled = compiled::follow(&sources.root, &walked.found, read);
        for (path, krate) in walked.found {
            let Some(compiled::Compiled { read, is_test }) = compiled.remove(&path) else {
                sources.left_out += 1;
                continue;
            };
            match read {
                Err(reason) => sources.unread.push((path, reason)),
                Ok((text, found)) => {
                    sources.read += 1;
                    if !found.sites.is_empty() || !found.set.is_empty() || !found.instruments.is_empty() {
                        let (krate, site::Found { sites, set, instruments, .. }) = (krate.clone(), found);
                        sources.files.push(File { path, krate, text, is_test, sites, set, instruments });
                    }
                }
            }
            sources.crates.insert(krate);
        }
        sources.unread.sort();
        Ok(sources)
    }
}

fn read(path: &Path) -> Result<(String, site::Found), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text = String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let found = site::find(&text)?;
    Ok((text, found))
}

/// A path as it is shown: from the current folder, where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    static HERE: OnceLock<Option<PathBuf>> = OnceLock::new();
    let here = HERE.get_or_init(|| std::env::current_dir().and_then(|here| here.canonicalize()).ok());
    let below = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    let below = below.filter(|below| !below.as_os_str().is_empty());
    below.unwrap_or(path).display().to_string()
}
