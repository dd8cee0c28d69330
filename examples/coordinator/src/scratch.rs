//! Nothing enters; a folder leaves that is there as long as its process, for what nobody named a place for.
//!
//! It holds a file that its process has locked. The system gives a lock back when the process ends, however that ends:
//! so whoever starts next knows which folders are dead, and removes them.

use std::fs::{self, File};
use std::path::Path;
use std::{env, io};

use tempfile::TempDir;

/// How the folders begin.
const PREFIX: &str = "coordinator-";
/// The file that is locked.
const IN_USE: &str = "in-use";

/// A folder of this process.
#[derive(Debug)]
pub(crate) struct Scratch {
    folder: TempDir,
    /// Held, and never looked at.
    _lock: File,
}

impl Scratch {
    pub(crate) fn new() -> io::Result<Self> {
        remove_dead(&env::temp_dir());
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        // It gets its name when it is locked: a file of this name that is not is that of a dead process.
        let new = folder.path().join("new");
        let lock = File::create(&new)?;
        lock.lock()?;
        fs::rename(new, folder.path().join(IN_USE))?;
        Ok(Self { folder, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what killed processes have left. What cannot be removed is let be: it disturbs nobody.
fn remove_dead(within: &Path) {
    let Ok(entries) = fs::read_dir(within) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if !is_ours || !is_folder {
            continue;
        }
        // That of another user cannot even be opened.
        let Ok(lock) = File::open(entry.path().join(IN_USE)) else { continue };
        if lock.try_lock().is_ok() {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
