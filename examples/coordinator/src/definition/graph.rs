//! A definition whose parts are right enters; whether they hang together leaves: every name is known, every mapping
//! that is needed is there, and from everywhere there is a way to an end. The cost grows with the definition, and no
//! faster.

use std::collections::{HashMap, HashSet};

use super::{Definition, Transition, When};

/// So many nodes of a cycle are named.
const MOST_NAMED: usize = 8;

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
    let graph = Graph::of(definition)?;
    inputs_are_mapped(definition)?;
    groups_are_known(definition)?;
    every_cycle_has_an_exit(&graph)?;
    no_cycle_is_always_taken(&graph)
}

/// The nodes by their numbers, in the order of the file.
struct Graph<'d> {
    definition: &'d Definition,
    start: usize,
    /// Of each node, the ways out: each transition, and the number of the node that it leads to.
    leaving: Vec<Vec<(&'d Transition, usize)>>,
}

impl<'d> Graph<'d> {
    /// Every name is known.
    fn of(definition: &'d Definition) -> Result<Self, Mistake> {
        let numbers: HashMap<&str, usize> =
            definition.nodes.iter().enumerate().map(|(number, node)| (node.id.as_str(), number)).collect();
        let Some(start) = numbers.get(definition.start.as_str()) else {
            return Err(Mistake::Start { what: format!("`start` names the unknown node `{}`", definition.start) });
        };
        let mut leaving = vec![Vec::new(); definition.nodes.len()];
        for transition in &definition.transitions {
            let number = |end: &str| {
                let what = || format!("there is no node `{end}`");
                numbers.get(end).copied().ok_or_else(|| Mistake::Transition { id: transition.id.clone(), what: what() })
            };
            let from = number(&transition.from)?;
            leaving[from].push((transition, number(&transition.to)?));
        }
        Ok(Self { definition, start: *start, leaving })
    }

    fn id(&self, node: usize) -> &'d str {
        &self.definition.nodes[node].id
    }

    /// Which nodes a token may come to.
    fn reachable(&self) -> Vec<bool> {
        reached(vec![self.start], &self.forward())
    }

    /// Of each node, those that its ways lead to.
    fn forward(&self) -> Vec<Vec<usize>> {
        self.leaving.iter().map(|ways| ways.iter().map(|(_, to)| *to).collect()).collect()
    }

    /// The cycle of these nodes is one that no token ever leaves.
    fn without_exit(&self, cycle: &[usize], why: &str) -> Mistake {
        let ids = || cycle.iter().map(|node| self.id(*node));
        let id = ids().next().unwrap_or_default();
        let named: Vec<&str> = ids().take(MOST_NAMED).collect();
        let more = match cycle.len() - named.len() {
            0 => String::new(),
            more => format!("({more} more) > "),
        };
        let what = format!("a cycle without exit: {} > {more}{id}{why}", named.join(" > "));
        Mistake::Node { id: id.to_owned(), what }
    }

    /// A token that comes to a node without a way out, or whose ways all have conditions, may end there.
    fn may_end(&self, node: usize) -> bool {
        self.leaving[node].iter().all(|(transition, _)| matches!(transition.when, When::Holds(_)))
    }
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
    let fan_outs = definition.transitions.iter().filter_map(|transition| transition.fan_out.as_ref());
    let groups: HashSet<&str> = fan_outs.map(|fan_out| fan_out.group.as_str()).collect();
    // What branches write, by its first word.
    let written = definition.nodes.iter().flat_map(|node| node.output.iter().map(|(target, _)| target));
    let merged = definition.transitions.iter().filter_map(|other| other.fan_in.as_ref()?.merge.as_ref());
    let targets = written.chain(merged.map(|merge| &merge.target)).filter(|target| target.root() == "branch");
    let written: HashSet<_> = targets.map(|target| target.words().first()).collect();
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
        if !written.contains(&merge.source.words().first()) {
            return wrong(format!("missing mapping: it merges `{}`, which no node writes", merge.source));
        }
    }
    Ok(())
}

/// From every node that can be reached one where a token may end has to be in reach.
fn every_cycle_has_an_exit(graph: &Graph<'_>) -> Result<(), Mistake> {
    let nodes = 0..graph.leaving.len();
    let forward = graph.forward();
    let backward = turned(&forward);
    let from_start = graph.reachable();
    let to_an_end = reached(nodes.clone().filter(|node| graph.may_end(*node)).collect(), &backward);
    let Some(first) = nodes.clone().find(|node| from_start[*node] && !to_an_end[*node]) else { return Ok(()) };
    Err(graph.without_exit(&follow(&forward, first), ""))
}

/// No cycle may be made of ways that are always taken: whatever is taken beside it, a token goes on around in it.
fn no_cycle_is_always_taken(graph: &Graph<'_>) -> Result<(), Mistake> {
    let always = |ways: &Vec<(&Transition, usize)>| -> Vec<usize> {
        let taken = ways.iter().enumerate().filter(|(place, (transition, _))| is_always_taken(transition, *place));
        taken.map(|(_, (_, to))| *to).collect()
    };
    let mut forward: Vec<Vec<usize>> = graph.leaving.iter().map(always).collect();
    let backward = turned(&forward);
    // What leads nowhere is taken away until nothing does; what is left leads to a cycle.
    let mut left: Vec<usize> = forward.iter().map(Vec::len).collect();
    let mut gone: Vec<usize> = (0..left.len()).filter(|node| left[*node] == 0).collect();
    while let Some(node) = gone.pop() {
        for from in &backward[node] {
            left[*from] -= 1;
            if left[*from] == 0 {
                gone.push(*from);
            }
        }
    }
    forward.iter_mut().for_each(|ways| ways.retain(|to| left[*to] > 0));
    let from_start = graph.reachable();
    let Some(first) = (0..left.len()).find(|node| from_start[*node] && left[*node] > 0) else { return Ok(()) };
    Err(graph.without_exit(&follow(&forward, first), " is always taken"))
}

/// Whether the way, which has this place among those that leave its node, is taken whatever the values are. Behind a
/// fan-in it may be waited in vain, and a list may be empty.
fn is_always_taken(transition: &Transition, place: usize) -> bool {
    let has_no_condition = match transition.when {
        When::Always => true,
        When::Otherwise => place == 0,
        When::Holds(_) => false,
    };
    let may_be_empty = transition.fan_out.as_ref().is_some_and(|fan_out| fan_out.over.is_some());
    has_no_condition && transition.fan_in.is_none() && !may_be_empty
}

/// The same ways, from where they lead to.
fn turned(forward: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut backward = vec![Vec::new(); forward.len()];
    for (from, ways) in forward.iter().enumerate() {
        ways.iter().for_each(|to| backward[*to].push(from));
    }
    backward
}

/// Which nodes the ways lead to.
fn reached(mut next: Vec<usize>, ways: &[Vec<usize>]) -> Vec<bool> {
    let mut is_reached = vec![false; ways.len()];
    while let Some(node) = next.pop() {
        if !is_reached[node] {
            is_reached[node] = true;
            next.extend(&ways[node]);
        }
    }
    is_reached
}

/// From a node that leads to no end always the first way, until a node comes a second time; each node of the cycle
/// once. What leads there is left out.
fn follow(forward: &[Vec<usize>], first: usize) -> Vec<usize> {
    let mut place = vec![None; forward.len()];
    let mut way = Vec::new();
    let mut at = first;
    loop {
        if let Some(seen) = place[at] {
            return way.split_off(seen);
        }
        place[at] = Some(way.len());
        way.push(at);
        match forward[at].first() {
            Some(next) => at = *next,
            None => return way,
        }
    }
}
