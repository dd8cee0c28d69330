//! What `context!` names goes in; records of it come out, one for each layer that records the innermost span.
//!
//! A task or a future that runs in a context is a scope of its own: the span that it is below belongs to others as
//! well. What is given there is kept, and told of each span that begins right below.

use std::sync::{Arc, OnceLock};

use tracing_core::callsite::DefaultCallsite;
use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Level, Metadata, identify_callsite};

use super::scope;
use crate::call::Open;
use crate::clock;
use crate::lasting::Lasting;
use crate::listed::{Listed, enlist};
use crate::record;
use crate::spec::Spec;
use crate::stack::EVERY;
use crate::thread::Local;
use crate::value::Raw;

/// The names of what one `context!` sets, behind which the records of it are found.
#[derive(Debug)]
pub struct Names {
    names: &'static [&'static str],
    number: OnceLock<u32>,
}

static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
static METADATA: Metadata<'static> = Metadata::new(
    "context",
    module_path!(),
    Level::INFO,
    None,
    None,
    None,
    FieldSet::new(&[], identify_callsite!(&CALLSITE)),
    Kind::SPAN,
);

impl Names {
    /// Those of the values, by number.
    pub const fn new(names: &'static [&'static str]) -> Self {
        Self { names, number: OnceLock::new() }
    }

    pub(super) fn number(&self) -> u32 {
        self.number.get().copied().unwrap_or_else(|| {
            let spec = Box::leak(Box::new(Spec::action("", self.names)));
            // Made before, because a cell that is being filled when the process forks stays so in the child.
            let number = enlist(Listed::Mapped(spec, &METADATA));
            *self.number.get_or_init(|| number)
        })
    }
}

/// What was given to a scope: in the order in which it was, of one `context!` the last values.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Vec<One>);

#[derive(Debug, Clone)]
struct One {
    /// For which layer; [`EVERY`] for what begins right below what the scope itself is under.
    layer: u8,
    /// The number of their names.
    names: u32,
    values: Arc<[Lasting]>,
}

impl Given {
    /// The last word counts, and a loop that gives a value each time does not fill the memory.
    pub(super) fn give(&mut self, layer: u8, names: u32, values: &[Raw<'_>]) {
        self.0.retain(|one| (one.layer, one.names) != (layer, names));
        self.0.push(One { layer, names, values: values.iter().copied().map(Lasting::of).collect() });
    }

    /// A copy of what those layers have.
    pub(super) fn only(&self, is_for: impl Fn(u8) -> bool) -> Self {
        Self(self.0.iter().filter(|one| is_for(one.layer)).cloned().collect())
    }

    /// Tells of what that span gets as one that begins right below an entry for that layer.
    pub(super) fn tell(&self, local: &Local, layer: u8, ticks: u64, this: Open) {
        for one in self.0.iter().filter(|one| one.layer == layer) {
            let values: Vec<Raw<'_>> = one.values.iter().map(Lasting::raw).collect();
            record::context(local, one.names, ticks, this.span, this.layer, &values);
        }
    }
}

/// Whether this thread is in anything that something could be given to. One load, where nobody has ever recorded on it.
#[inline]
pub fn is_in_context() -> bool {
    Local::existing().is_some_and(|local| !local.stack.is_empty())
}

/// Gives the values to the innermost span, as every layer sees it, and so to all that begin below; where a scope is
/// innermost, to what begins in that. What is set in a span whose begin was lost is lost with it, and counted: the span
/// around it was not meant.
#[cold]
pub fn give(names: &'static Names, values: &[Raw<'_>]) {
    let Some(local) = Local::existing() else { return };
    let ticks = clock::ticks();
    let (mut layers, mut is_innermost) = ([0_u64; 4], true);
    // Of a scope in a lost span there is the scope itself.
    for entry in local.stack.all().filter(|entry| !entry.is_lost || entry.scope.is_none()) {
        // A bit for every layer, so that each is told of its innermost span only.
        let (word, bit) = (usize::from(entry.layer / 64), 1 << (entry.layer % 64));
        let is_first = layers[word] & bit == 0;
        layers[word] |= bit;
        match entry.scope {
            Some(number) if entry.layer == EVERY => {
                if is_innermost {
                    scope::give(entry, number, names.number(), values);
                }
                return;
            }
            Some(number) if is_first => scope::give(entry, number, names.number(), values),
            None if is_first && entry.is_lost => local.ring.lose_one(),
            None if is_first => {
                record::context(local, names.number(), ticks, entry.span, entry.layer, values);
            }
            _ => {}
        }
        is_innermost = false;
    }
}
