//! A definition whose parts are right enters; whether they hang together leaves: every name is known, every mapping that is
//! needed is there, and from everywhere there is a way to an end.

use std::collections::BTreeSet;

use super::{Definition, When};
use crate::mapping::Path;

/// A mistake, and whom it is about.
pub(super) enum Mistake {
    /// The workflow itself.
    Start { what: String },
    /// The node of this id.
    Node { id: String, what: String },
    /// The transition of this id.
    Transition { id: String, what: String },
}

impl Mistake {
    pub(super) fn into_what(self) -> String {
        match self {
            Self::Start { what } | Self::Node { what, .. } => what,
            Self::Transition { id, what } => format!("transition `{id}`: {what}"),
        }
    }
}

/// The first mistake, in the order in which a person would mend them.
pub(super) fn check(definition: &Definition) -> Result<(), Mistake> {
    nodes_are_known(definition)?;
    inputs_are_mapped(definition)?;
    groups_are_known(definition)?;
    every_cycle_has_an_exit(definition)
}

fn nodes_are_known(definition: &Definition) -> Result<(), Mistake> {
    if definition.node(&definition.start).is_none() {
        return Err(Mistake::Start { what: format!("`start` names the unknown node `{}`", definition.start) });
    }
    for transition in &definition.transitions {
        for end in [&transition.from, &transition.to] {
            if definition.node(end).is_none() {
                let what = format!("there is no node `{end}`");
                return Err(Mistake::Transition { id: transition.id.clone(), what });
            }
        }
    }
    Ok(())
}

fn inputs_are_mapped(definition: &Definition) -> Result<(), Mistake> {
    for node in &definition.nodes {
        for group in node.task.needs() {
            if !node.input.iter().any(|(name, _)| group.contains(&name.as_str())) {
                let what = format!("missing mapping: its task needs the input `{}`", group.join("` or `"));
                return Err(Mistake::Node { id: node.id.clone(), what });
            }
        }
    }
    Ok(())
}

fn groups_are_known(definition: &Definition) -> Result<(), Mistake> {
    let groups: BTreeSet<&str> = definition
        .transitions
        .iter()
        .filter_map(|transition| transition.fan_out.as_ref().map(|fan_out| fan_out.group.as_str()))
        .collect();
    for transition in &definition.transitions {
        let wrong = |what: String| Err(Mistake::Transition { id: transition.id.clone(), what });
        let Some(fan_in) = &transition.fan_in else { continue };
        if transition.fan_out.is_some() {
            return wrong("it fans in and out at once: put a node between the two".to_owned());
        }
        if !groups.contains(fan_in.group.as_str()) {
            return wrong(format!("it waits for the group `{}`, and no transition fans out into it", fan_in.group));
        }
        let Some(merge) = &fan_in.merge else { continue };
        let is_written = |path: &Path| path.root() == "branch" && path.words().first() == merge.source.words().first();
        let written = definition.nodes.iter().flat_map(|node| node.output.iter().map(|(target, _)| target));
        let merged = definition.transitions.iter().filter_map(|other| other.fan_in.as_ref()?.merge.as_ref());
        if !written.chain(merged.map(|merge| &merge.target)).any(is_written) {
            return wrong(format!("missing mapping: it merges `{}`, which no node writes", merge.source));
        }
    }
    Ok(())
}

/// A token that comes to a node without a way out, or whose ways all have conditions, may end there. From every node that can
/// be reached such a one has to be in reach.
fn every_cycle_has_an_exit(definition: &Definition) -> Result<(), Mistake> {
    let may_end = |node: &str| definition.leaving(node).all(|transition| matches!(transition.when, When::Holds(_)));
    let reached = |mut known: BTreeSet<String>, is_forward: bool| loop {
        let before = known.len();
        for transition in &definition.transitions {
            let (here, there) =
                if is_forward { (&transition.from, &transition.to) } else { (&transition.to, &transition.from) };
            if known.contains(here) {
                known.insert(there.clone());
            }
        }
        if known.len() == before {
            break known;
        }
    };
    let from_start = reached(BTreeSet::from([definition.start.clone()]), true);
    let ends = definition.nodes.iter().filter(|node| may_end(&node.id)).map(|node| node.id.clone()).collect();
    let to_an_end = reached(ends, false);
    let is_lost = |node: &str| from_start.contains(node) && !to_an_end.contains(node);
    let Some(first) = definition.nodes.iter().find(|node| is_lost(&node.id)) else { return Ok(()) };
    let cycle = follow(definition, &first.id);
    let id = cycle.first().copied().unwrap_or_default().to_owned();
    Err(Mistake::Node { id, what: format!("a cycle without exit: {}", cycle.join(" > ")) })
}

/// From a node that leads to no end always the first way, until a node comes a second time. What leads there is left out.
fn follow<'d>(definition: &'d Definition, first: &'d str) -> Vec<&'d str> {
    let mut way = vec![first];
    while let Some(next) = definition.leaving(way.last().copied().unwrap_or_default()).next() {
        let seen = way.iter().position(|node| *node == next.to);
        way.push(&next.to);
        if let Some(seen) = seen {
            return way.split_off(seen);
        }
    }
    way
}
