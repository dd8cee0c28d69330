//! Finds the `tense.toml` that names are judged by: a flag or the current folder enters, the project's registry leaves,
//! or what is wrong with it.

use std::env;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use tense_grammar::{Registry, RegistryError};

// Which registry is meant. Not in `///`: clap would take that for what the command does.
#[derive(Debug, clap::Args)]
pub(crate) struct WhichRegistry {
    /// The `tense.toml` to go by [default: that of the project around the current folder]
    #[arg(long, alias = "rules", value_name = "PATH")]
    registry: Option<PathBuf>,
}

impl WhichRegistry {
    /// The registry to judge by; what is built in where the project has no file.
    pub(crate) fn registry(&self) -> anyhow::Result<Registry> {
        match (&self.registry, self.path()?) {
            (Some(named), _) => sound(named),
            (None, Some(found)) => without_mistakes(&found, read(&found)?),
            (None, None) => Ok(Registry::builtin()),
        }
    }

    /// The file that is meant: the one the macros find for the crate around the current folder, or one that lies in the
    /// current folder itself.
    pub(crate) fn path(&self) -> anyhow::Result<Option<PathBuf>> {
        if self.registry.is_some() {
            return Ok(self.registry.clone());
        }
        let here = match env::current_dir() {
            Ok(here) => here,
            // Around a folder that was removed there is no project.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("failed to find out the current folder"),
        };
        let of_crate = || {
            let folder = here.ancestors().find(|folder| folder.join("Cargo.toml").is_file())?;
            Registry::locate(folder)
        };
        let found = Registry::locate(&here).or_else(of_crate);
        // Below the current folder a short path will do.
        Ok(found.map(|path| path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path)))
    }
}

/// Reads a file that somebody names and that has to be without mistakes.
pub(crate) fn sound(path: &Path) -> anyhow::Result<Registry> {
    without_mistakes(path, read_named(path)?)
}

/// A registry with mistakes judges nothing; the first of them is told.
fn without_mistakes(path: &Path, read: Result<Registry, Vec<RegistryError>>) -> anyhow::Result<Registry> {
    read.map_err(|mistakes| {
        let first = mistakes.first().map(ToString::to_string).unwrap_or_default();
        anyhow!("nothing can be judged by {}, where {first}; `tense check` lists all mistakes", path.display())
    })
}

/// Reads a file: its registry leaves, or its mistakes, or why there is nothing to read.
pub(crate) fn read(path: &Path) -> anyhow::Result<Result<Registry, Vec<RegistryError>>> {
    Registry::load(path).map_err(|error| unreadable(path, &error))
}

/// The same for a file that somebody names: that may be a pipe, as in
/// `tense diff <(git show HEAD:tense.toml) tense.toml`.
fn read_named(path: &Path) -> anyhow::Result<Result<Registry, Vec<RegistryError>>> {
    File::open(path).and_then(|mut file| Registry::read(&mut file)).map_err(|error| unreadable(path, &error))
}

/// In the words of the macros, which may meet the same.
fn unreadable(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow!("{}: this file cannot be read: {error} [file/unreadable]", path.display())
}
