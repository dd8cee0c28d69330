//! Old names and attributes enter; the sources are rewritten, each at once, and what was done to each place leaves.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::finding::{Finding, Level};
use super::instrument::{Rewriting, Rewritten};
use super::judge::Judged;
use super::renamed::Rename;
use crate::sources::{File, Instrument, Place, Sources, shown};

/// One place to rewrite.
#[derive(Debug)]
pub(super) struct Edit {
    place: Place,
    /// Bytes of the file with what shall stand there, in order.
    pieces: Vec<(Range<usize>, String)>,
    rule: &'static str,
    old: String,
    new: String,
    /// What is to be known beside it.
    note: String,
}

/// What is to be rewritten, by file.
pub(super) type Edits = BTreeMap<PathBuf, Vec<Edit>>;

/// Finds what can be rewritten: old names, and on request `#[tracing::instrument]`.
pub(super) fn edits(sources: &Sources, judged: &[Judged], names: bool, instruments: bool) -> Edits {
    let mut edits = Edits::new();
    for judged in judged {
        for rename in judged.renames.iter().filter(|_| names) {
            let edit = renaming(rename);
            edits.entry(rename.path.clone()).or_default().extend(edit);
        }
        let rewriting = Rewriting::of(judged);
        let on_request = sources.files.iter().filter(|source| instruments && judged.crates.contains(&source.krate));
        for source in on_request {
            let of_file = source.instruments.iter().filter_map(|found| instrumenting(&rewriting, source, found));
            edits.entry(source.path.clone()).or_default().extend(of_file);
        }
    }
    for of_file in edits.values_mut() {
        of_file.sort_by_key(|edit| edit.place.bytes.start);
        // of two annotations on one place the second has nothing left to do
        let mut taken = 0;
        of_file.retain(|edit| {
            let is_free = edit.pieces.iter().all(|(bytes, _)| bytes.start >= taken);
            taken = edit.pieces.iter().filter(|_| is_free).map(|(bytes, _)| bytes.end).fold(taken, usize::max);
            is_free
        });
    }
    edits.retain(|_, of_file| !of_file.is_empty());
    edits
}

fn renaming(rename: &Rename) -> Option<Edit> {
    let (old, new, place) = (rename.name.dotted(), rename.new.clone(), rename.name.place.clone());
    let pieces = rename.pieces.clone()?;
    Some(Edit { place, pieces, rule: "lint/renamed", old, new, note: String::new() })
}

fn instrumenting(rewriting: &Rewriting<'_>, source: &File, found: &Instrument) -> Option<Edit> {
    let (_, Rewritten { text: new, note }) = rewriting.rewritten(source, found).ok()?;
    let old = source.text.get(found.place.bytes.clone())?.to_owned();
    let pieces = vec![(found.place.bytes.clone(), new.clone())];
    Some(Edit { place: found.place.clone(), pieces, rule: "lint/instrument", old, new, note })
}

/// Rewrites the files. What was done is told place by place; a file that could not be written is told with the reason.
pub(super) fn apply(sources: &Sources, edits: Edits) -> Vec<Finding> {
    let mut told = Vec::new();
    for source in &sources.files {
        let Some(edits) = edits.get(&source.path) else { continue };
        let file = shown(&source.path);
        match write(&source.path, &source.text, &edited(source, edits)) {
            Ok(()) => told.extend(edits.iter().map(|edit| {
                let message = format!("{} -> {}{}", edit.old, edit.new, edit.note);
                let place = edit.place.in_file(&file);
                let finding = Finding::at(edit.rule, Level::Fixed, place, Some(edit.old.clone()), message);
                finding.suggesting(Some(edit.new.clone()))
            })),
            Err(reason) => {
                let message = format!("this file was left as it is: {reason} [lint/unwritten]");
                told.push(Finding::at("lint/unwritten", Level::Error, (&file, 1, 1), None, message));
            }
        }
    }
    told
}

/// The text with all pieces in their places.
fn edited(source: &File, edits: &[Edit]) -> String {
    let mut pieces: Vec<_> = edits.iter().flat_map(|edit| &edit.pieces).collect();
    pieces.sort_by_key(|(bytes, _)| bytes.start);
    let (mut text, mut taken) = (String::with_capacity(source.text.len() + 64), 0);
    for (bytes, new) in pieces {
        text += source.text.get(taken..bytes.start).unwrap_or_default();
        text += new;
        taken = bytes.end;
    }
    text += source.text.get(taken..).unwrap_or_default();
    text
}

/// Puts a new file in the place of the old one, if that is still what was read. Whoever reads meanwhile sees one of the
/// two.
fn write(path: &Path, before: &str, after: &str) -> Result<(), String> {
    let permissions = std::fs::metadata(path).map_err(|error| error.to_string())?.permissions();
    if permissions.readonly() {
        return Err("it may not be written; make it writable and ask again".to_owned());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let replace = || -> std::io::Result<bool> {
        let mut beside = tempfile::Builder::new().prefix(".tense-").tempfile_in(folder)?;
        beside.write_all(after.as_bytes())?;
        beside.as_file().set_permissions(permissions.clone())?;
        beside.as_file().sync_all()?;
        // as late as can be: between this look and the next line nobody is likely to write
        let is_unchanged = std::fs::read(path)? == before.as_bytes();
        if is_unchanged {
            beside.persist(path)?;
        }
        Ok(is_unchanged)
    };
    match replace() {
        Ok(true) => Ok(()),
        Ok(false) => Err("it has changed since it was read; ask again".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn a_file_that_has_changed_or_is_protected_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.rs");
        std::fs::write(&path, "changed").unwrap();
        assert!(write(&path, "read", "written").unwrap_err().contains("changed since"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "changed");

        let mut permissions = path.metadata().unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        assert!(write(&path, "changed", "written").unwrap_err().contains("may not be written"));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "changed");
        // nothing is left beside it
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
