//! Finds the database that is meant: a flag, a variable and a folder enter, an open store leaves, or what was tried.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use tense_grammar::SettingSpec;
use tense_store::{SqliteStore, StoreError};

/// The name that is looked for when none is given.
const NAME: &str = SettingSpec::at("recording", "database").unless_set;
const VARIABLE: &str = "TENSE_DB";

fn variable() -> Option<PathBuf> {
    env::var_os(VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Opens the database that is meant, to write: it is made where there is none, by default in the current folder.
pub(crate) fn open_to_write(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let here = env::current_dir().context("failed to find out the current folder")?;
    let path = flag.or_else(variable).or_else(|| upwards(&here).ok()).unwrap_or_else(|| here.join(NAME));
    SqliteStore::open(&path).with_context(|| format!("failed to open the database {}", path.display()))
}

/// Opens the database that is meant, to read.
pub(crate) fn open(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let (path, named_by) = meant(flag)?;
    match SqliteStore::open_read_only(&path) {
        Err(StoreError::Missing { .. }) => Err(nothing_at(&path, named_by)),
        opened => opened.with_context(|| format!("failed to read the database that {named_by} names")),
    }
}

/// Opens the database that is meant, to take something away; it is not made where there is none.
pub(crate) fn open_to_change(flag: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let (path, named_by) = meant(flag)?;
    // Says what is wrong with a file that is not there, and with one of another kind, before anything is changed.
    match SqliteStore::open_read_only(&path) {
        Err(StoreError::Missing { .. }) => return Err(nothing_at(&path, named_by)),
        Err(StoreError::Older { .. }) | Ok(_) => {}
        Err(error) => {
            return Err(error).with_context(|| format!("failed to read the database that {named_by} names"));
        }
    }
    SqliteStore::open(&path).with_context(|| format!("failed to open the database that {named_by} names"))
}

/// The file, and what names it.
fn meant(flag: Option<PathBuf>) -> anyhow::Result<(PathBuf, &'static str)> {
    Ok(match (flag, variable()) {
        (Some(path), _) => (path, "--db"),
        (None, Some(path)) => (path, VARIABLE),
        (None, None) => (upwards(&env::current_dir().context("failed to find out the current folder")?)?, "its name"),
    })
}

fn nothing_at(path: &Path, named_by: &str) -> anyhow::Error {
    anyhow!(
        "no database at {}, which {named_by} names; is the path right, and has the program run yet?",
        path.display()
    )
}

fn upwards(folder: &Path) -> anyhow::Result<PathBuf> {
    let found = folder.ancestors().map(|folder| folder.join(NAME)).find(|path| path.is_file());
    found.with_context(|| {
        format!(
            "no database found: there is no {NAME} in {} or a folder above it; name one with --db PATH or the variable \
             {VARIABLE}",
            folder.display()
        )
    })
}
