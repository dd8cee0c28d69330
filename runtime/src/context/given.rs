//! What `context!` names goes in; records of it come out, one for each layer that records the innermost span.

use std::sync::OnceLock;

use tracing_core::callsite::DefaultCallsite;
use tracing_core::field::FieldSet;
use tracing_core::metadata::Kind;
use tracing_core::{Level, Metadata, identify_callsite};

use super::scope;
use crate::clock;
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

/// For a record that names nothing.
pub(super) static NOTHING: Names = Names::new(&[]);

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
        *self.number.get_or_init(|| {
            let spec = Box::leak(Box::new(Spec::action("", self.names)));
            enlist(Listed::Mapped(spec, &METADATA))
        })
    }
}

/// Whether this thread is in anything that something could be given to. One load, where nobody has ever recorded on it.
#[inline]
pub fn is_in_context() -> bool {
    Local::existing().is_some_and(|local| local.stack.entries().next().is_some())
}

/// Gives the values to the innermost span, as every layer sees it, and so to all that begin below; where a scope is
/// innermost, to what begins in that.
#[cold]
pub fn give(names: &'static Names, values: &[Raw<'_>]) {
    let Some(local) = Local::existing() else { return };
    let ticks = clock::ticks();
    let (mut layers, mut innermost) = ([0_u64; 4], true);
    for entry in local.stack.entries() {
        if entry.layer == EVERY {
            if innermost {
                scope::give(entry, names.number(), values);
            }
            return;
        }
        innermost = false;
        // A bit for every layer, so that each is told of its innermost span only.
        let (word, bit) = (usize::from(entry.layer / 64), 1 << (entry.layer % 64));
        if layers[word] & bit == 0 {
            layers[word] |= bit;
            record::context(local, names.number(), ticks, entry.span, entry.layer, values);
        }
    }
}
