//! The registry enters; the names that are not what they would be leave: exempt, renamed, removed, each with its
//! reason.

use std::collections::BTreeMap;

use tense_grammar::Registry;

use crate::markdown::{code, inline, sentence};

pub(super) fn exempt(page: &mut String, registry: &Registry) {
    let exempt: Vec<_> = registry.events().filter_map(|event| Some((event, event.exempt.as_deref()?))).collect();
    if exempt.is_empty() {
        return;
    }
    *page += &format!(
        "## Exempt: {}\n\nThese names are not in the tense of their layer. Let there never be more.\n\n",
        exempt.len()
    );
    for (event, reason) in exempt {
        *page += &format!("- {}: {}\n", code(&event.name), sentence(reason));
    }
    *page += "\n";
}

pub(super) fn renamed(page: &mut String, registry: &Registry) {
    let old: BTreeMap<&str, &str> =
        registry.events().flat_map(|event| event.was.iter().map(|was| (was.as_str(), event.name.as_str()))).collect();
    if old.is_empty() {
        return;
    }
    *page += "## Old names\n\nThey stay reserved.\n\n";
    for (was, is) in old {
        *page += &format!("- {} is {}\n", code(was), code(is));
    }
    *page += "\n";
}

pub(super) fn removed(page: &mut String, registry: &Registry) {
    let mut removed = registry.removals().peekable();
    if removed.peek().is_none() {
        return;
    }
    *page += "## Removed names\n\nThey stay reserved.\n\n";
    for (name, reason) in removed {
        *page += &format!("- {}: {}\n", code(name), inline(reason));
    }
    *page += "\n";
}
