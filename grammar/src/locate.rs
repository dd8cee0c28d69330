//! Finds `tense.toml`: the folder of a crate enters, the path of the file that holds for it leaves.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::registry::Registry;

impl Registry {
    /// Finds the `tense.toml` that holds for a crate, given the full path of its manifest's folder: its own, or the
    /// nearest one above it up to the root of its workspace.
    ///
    /// A crate that was published or vendored never meets the file of whoever uses it.
    ///
    /// ```no_run
    /// # use std::path::Path;
    /// # fn of_this_crate() -> Option<std::path::PathBuf> {
    /// let dir = std::env::var_os("CARGO_MANIFEST_DIR")?;
    /// tense_grammar::Registry::locate(Path::new(&dir))
    /// # }
    /// ```
    pub fn locate(dir: &Path) -> Option<PathBuf> {
        let mut found = None;
        for (height, folder) in dir.ancestors().enumerate() {
            let file = folder.join("tense.toml");
            // a link that leads nowhere is there as well: who reads it is told so, and judges by nothing else instead
            if found.is_none() && file.symlink_metadata().is_ok() {
                found = Some(file);
            }
            // its own file needs no workspace around it
            if height == 0 && found.is_some() {
                return found;
            }
            // left there by whatever unpacked the crate; above it is somebody else's project
            let unpacked = [".cargo-checksum.json", ".cargo-ok"].iter().any(|marker| folder.join(marker).exists());
            if is_workspace(&folder.join("Cargo.toml")) {
                return found;
            }
            if unpacked {
                return None;
            }
        }
        // a file above a crate without a workspace is somebody else's
        None
    }

    /// The folder in which a `tense.toml` holds for all of a project, given the full path of a folder in it: the root
    /// of its workspace, or else the nearest folder with a manifest. Nothing where there is no manifest.
    ///
    /// ```no_run
    /// # use tense_grammar::Registry;
    /// # fn home(here: &std::path::Path) -> Option<std::path::PathBuf> {
    /// Some(Registry::home(here)?.join("tense.toml"))
    /// # }
    /// ```
    pub fn home(dir: &Path) -> Option<PathBuf> {
        let mut with_manifest = dir.ancestors().filter(|folder| folder.join("Cargo.toml").is_file());
        let nearest = with_manifest.next()?;
        let root = dir.ancestors().find(|folder| is_workspace(&folder.join("Cargo.toml")));
        Some(root.unwrap_or(nearest).to_owned())
    }
}

fn is_workspace(manifest: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(manifest) else { return false };
    let (document, _) = DeTable::parse_recoverable(&text);
    document.get_ref().get("workspace").is_some_and(|workspace| workspace.get_ref().is_table())
}
