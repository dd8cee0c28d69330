//! `tense init`: a workspace without a `tense.toml` enters; one that declares what its sources emit leaves.
//!
//! Walk: [`crate::sources`] reads what was written; [`found`] makes events of it, as they are called today; [`layers`]
//! looks for the tense that each layer keeps; [`proposal`] writes the file, and tries it until it has no mistake and
//! changes no name.

mod found;
mod layers;
mod proposal;

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail};
use tense_grammar::Registry;

use crate::commands::Answer;
use crate::layout::counted;
use crate::say;
use crate::sources::{Sources, shown};
use found::Found;

const EXAMPLES: &str = "\
Examples:
  tense init --dry-run        shows what would be written
  tense init                  writes tense.toml at the root of this workspace

Every event that the sources name is declared under the name that it has today, so the workspace builds as it did. What breaks \
a rule stands there as a comment, with the name that the grammar proposes. The manifests of crates with annotations are touched, \
so that the next build reads the new file.

Exit codes: 0 written, 2 there is a tense.toml already, or nothing could be read or written.";

/// Writes a first tense.toml for a workspace, from the names in its sources
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// A folder of the workspace
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,

    /// Writes the file to standard output, and nothing to the disk
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn answer(arguments: &Arguments, out: &mut impl Write) -> anyhow::Result<Answer> {
    let path = &arguments.path;
    let here = path.canonicalize().with_context(|| format!("failed to open {}", path.display()))?;
    let root = Registry::home(&here).with_context(|| {
        format!(
            "there is no Cargo.toml in {} or above, so nobody would read the file: name a folder of a crate",
            shown(&here)
        )
    })?;
    let file = root.join("tense.toml");
    if file.exists() {
        bail!("there is a file already, {}: `tense lint` says which names it does not declare", shown(&file));
    }
    let sources = Sources::read(&root)?;
    // a crate with a file of its own, or in a workspace of its own, is not judged by this one
    let crates: BTreeSet<_> = sources.crates.iter().filter(|krate| is_judged_by(krate, &root)).cloned().collect();
    let found = Found::of(&sources, &crates);
    let proposal = proposal::make(&found)?;
    for (path, reason) in &sources.unread {
        say(&format!("{}: this file was not read, so its names are missing: {reason}", shown(path)));
    }
    if arguments.dry_run {
        out.write_all(proposal.text.as_bytes())?;
        return Ok(Answer::Found);
    }
    write_new(&file, &proposal.text).with_context(|| format!("failed to write {}", file.display()))?;
    for krate in &found.crates {
        touch(&krate.join("Cargo.toml"));
    }
    writeln!(
        out,
        "{}: {} in {} declared, {} to look at; from {} of {}",
        tense_store::text::escape(&shown(&file)),
        counted(proposal.declared, "event"),
        counted(proposal.layers, "layer"),
        counted(proposal.remarks, "remark"),
        counted(sources.read, "file"),
        counted(crates.len(), "crate"),
    )?;
    if found.unknown > 0 {
        say(&format!(
            "{} could not be read, most likely since a macro puts them together",
            counted(found.unknown, "name")
        ));
    }
    Ok(Answer::Found)
}

fn is_judged_by(krate: &Path, root: &Path) -> bool {
    Registry::locate(krate).is_none() && Registry::home(krate).as_deref() == Some(root)
}

/// Nobody's file is overwritten, also not one that has come since we looked.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // half a file would stop every build
        fs::remove_file(path).ok();
    }
    written
}

/// Makes a manifest newer, so that the macros are asked again: without a file they had only the manifest to depend on.
fn touch(manifest: &Path) {
    let touched = OpenOptions::new().append(true).open(manifest).and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(error) = touched {
        say(&format!("{} could not be touched, so build it anew by hand: {error}", shown(manifest)));
    }
}
