//! Old names in sources enter; what to write instead leaves, or that a line has to go, since another layer reports the
//! same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use tense_grammar::layer_of;

use super::finding::{Finding, Level};
use super::judge::Emitted;
use crate::sources::Name;

/// An old name in a source.
pub(super) struct Rename {
    pub(super) path: PathBuf,
    /// The same as it is shown.
    pub(super) file: String,
    pub(super) name: Name,
    /// What to write, wildcards included.
    pub(super) new: String,
    /// Where to write what; nothing where that is left to a person.
    pub(super) pieces: Option<Vec<(Range<usize>, String)>>,
    /// What is emitted under the new name; nothing by a test.
    pub(super) events: Vec<String>,
    /// Whether it compiles as it is.
    pub(super) level: Level,
}

/// Who reports an event, the best first: under its own name, under an old one of its layer, under another old one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    New,
    OfLayer,
    Moved,
}

/// The line that an event is left to.
struct Owner<'a> {
    rank: Rank,
    /// As it is written there.
    layer: &'a str,
    file: &'a str,
    line: usize,
    column: usize,
}

/// Tells of all renames, and keeps those that may be written: where two layers have reported one operation, the new
/// name in both would only tell it twice, in a way that nobody can see any more.
pub(super) fn settle(renames: Vec<Rename>, emitted: &Emitted, findings: &mut Vec<Finding>) -> Vec<Rename> {
    let owners = owners(&renames, emitted);
    let told: Vec<Option<Finding>> = renames.iter().map(|rename| twice(rename, &owners)).collect();
    let mut kept = Vec::new();
    for (rename, twice) in renames.into_iter().zip(told) {
        let is_kept = twice.is_none();
        findings.push(twice.unwrap_or_else(|| renamed(&rename)));
        kept.extend(is_kept.then_some(rename));
    }
    kept
}

fn owners<'a>(renames: &'a [Rename], emitted: &'a Emitted) -> BTreeMap<&'a str, Owner<'a>> {
    let mut owners: BTreeMap<&str, Owner<'_>> = BTreeMap::new();
    let mut offer = |event: &'a str, owner: Owner<'a>| match owners.get(event) {
        Some(first) if first.rank <= owner.rank => {}
        _ => drop(owners.insert(event, owner)),
    };
    // while the file is migrating, an old name emits the new event
    let old: BTreeSet<(&str, usize)> =
        renames.iter().map(|rename| (rename.file.as_str(), rename.name.place.bytes.start)).collect();
    for rename in renames {
        let (layer, place) = (rename.name.layer(), &rename.name.place);
        for event in &rename.events {
            let rank = if layer == layer_of(event) { Rank::OfLayer } else { Rank::Moved };
            offer(event, Owner { rank, layer, file: &rename.file, line: place.line, column: place.column });
            let under_new = emitted.get(event).into_iter().flatten();
            if let Some((file, place)) = under_new.into_iter().find(|(file, at)| !old.contains(&(file, at.bytes.start)))
            {
                let (line, column) = (place.line, place.column);
                offer(event, Owner { rank: Rank::New, layer: layer_of(event), file, line, column });
            }
        }
    }
    owners
}

/// That an event is another line's, which stands in another layer. In one layer it may be emitted in several places.
fn twice(rename: &Rename, owners: &BTreeMap<&str, Owner<'_>>) -> Option<Finding> {
    let others = rename.events.iter().filter_map(|event| Some((event, owners.get(event.as_str())?)));
    let (event, owner) = others.into_iter().find(|(_, owner)| owner.layer != rename.name.layer())?;
    let old = rename.name.dotted();
    let message = format!(
        "`{old}` is an old name of `{event}`, which another layer reports at {}:{}:{}, and an operation has one event: take this \
         one out [lint/two-layers]",
        owner.file, owner.line, owner.column
    );
    Some(Finding::at("lint/two-layers", rename.level, rename.name.place.in_file(&rename.file), Some(old), message))
}

fn renamed(rename: &Rename) -> Finding {
    let (old, new) = (rename.name.dotted(), &rename.new);
    let how = match rename.pieces {
        Some(_) => ", or let `tense lint --fix` write it",
        None => " by hand, since something stands between its words",
    };
    let message = format!("`{old}` has a new name: write `{new}`{how} [lint/renamed]");
    let place = rename.name.place.in_file(&rename.file);
    Finding::at("lint/renamed", rename.level, place, Some(old), message).suggesting(Some(new.clone()))
}
