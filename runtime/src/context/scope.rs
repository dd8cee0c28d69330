//! What a scope is under, where that is no span of this process: nothing, silence, or what a [`TraceContext`] says; and
//! what `context!` was given in it.
//!
//! The scopes that a thread is in stand in a list of its own, beside its stack: they are rare, and hold what has no
//! place in a row of numbers. An entry of the stack says by a number which scope it belongs to.

use std::cell::RefCell;
use std::sync::Arc;

use super::TraceContext;
use super::given::{Given, Names};
use super::sampled::SAMPLED;
use crate::call::Open;
use crate::record;
use crate::stack::{EVERY, Entry};
use crate::thread::Local;
use crate::value::Raw;

/// What the spans of a context stand on.
#[derive(Debug, Clone, Default)]
pub(crate) enum Base {
    /// What begins there is the root of a trace.
    #[default]
    Nothing,
    Silence,
    Under(Arc<TraceContext>),
}

/// A scope, while work runs in it.
struct Scope {
    base: Base,
    given: Given,
}

thread_local! {
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

/// How the drainer is told of the key that a trace was begun with. No field can be called so.
pub const CORRELATION_KEY: &str = "tense.correlation_key";

static CORRELATION: Names = Names::new(&[CORRELATION_KEY]);
static DECIDED: Names = Names::new(&[SAMPLED]);
static DECIDED_AND_CORRELATION: Names = Names::new(&[SAMPLED, CORRELATION_KEY]);
/// For a record that names nothing.
static NOTHING: Names = Names::new(&[]);

impl Base {
    pub(super) fn under(above: TraceContext) -> Self {
        Self::Under(Arc::new(above))
    }

    /// The innermost one of this thread.
    pub(super) fn current() -> Self {
        current(|scope| scope.base.clone()).unwrap_or_default()
    }

    /// As it stands on the stack: for every layer.
    pub(super) fn open(&self) -> Open {
        match self {
            Self::Under(above) => Open { trace: above.trace, span: above.parent, layer: EVERY, is_real: false },
            Self::Nothing | Self::Silence => Open { layer: EVERY, ..Open::OFF },
        }
    }

    /// What leaves from right below it.
    pub(super) fn above(&self) -> Option<&TraceContext> {
        match self {
            Self::Under(above) => Some(above),
            Self::Nothing | Self::Silence => None,
        }
    }
}

fn current<T>(look: impl FnOnce(&Scope) -> T) -> Option<T> {
    SCOPES.try_with(|scopes| scopes.try_borrow().ok()?.last().map(look)).ok().flatten()
}

/// What the innermost scope of this thread is under, and what it was given for those layers.
pub(super) fn handed_on(is_for: impl Fn(u8) -> bool) -> (Base, Given) {
    current(|scope| (scope.base.clone(), scope.given.only(is_for))).unwrap_or_default()
}

/// Puts one on the list, and says its number, from 1 on. While the thread is torn down there is none.
pub(super) fn push(base: &Base, given: &mut Given) -> u64 {
    let pushed = SCOPES.try_with(|scopes| {
        let mut scopes = scopes.try_borrow_mut().ok()?;
        scopes.push(Scope { base: base.clone(), given: std::mem::take(given) });
        Some(scopes.len() as u64)
    });
    pushed.ok().flatten().unwrap_or(0)
}

/// Takes that one off, and those that came behind; gives back what it was given.
pub(super) fn pop(number: u64) -> Option<Given> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    // What goes with them is ours, so nobody looks at the list meanwhile.
    let popped = SCOPES.try_with(|scopes| {
        let mut scopes = scopes.try_borrow_mut().ok()?;
        scopes.truncate(index + 1);
        // One that has gone already leaves those before it alone.
        if scopes.len() > index { scopes.pop() } else { None }
    });
    popped.ok().flatten().map(|scope| scope.given)
}

fn numbered<T>(number: u64, work: impl FnOnce(&mut Scope) -> T) -> Option<T> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    SCOPES.try_with(|scopes| scopes.try_borrow_mut().ok()?.get_mut(index).map(work)).ok().flatten()
}

/// Tells of a span or point that is about to begin right below an entry of a scope: it gets what the scope hands down,
/// and in a trace of elsewhere the drainer need not wait for the span above it. Elsewhere there is nothing to tell.
#[inline]
pub(crate) fn tell(local: &Local, around: Option<Entry>, ticks: u64, this: Open) {
    if let Some(around) = around
        && let Some(number) = around.scope
    {
        tell_of_scope(local, around, number, ticks, this);
    }
}

#[cold]
#[inline(never)]
fn tell_of_scope(local: &Local, around: Entry, number: u64, ticks: u64, this: Open) {
    numbered(number, |scope| {
        if let Some(above) = scope.base.above().filter(|_| around.layer == EVERY) {
            match (&above.correlation_key, above.decided()) {
                (None, None) => record::announce(local, NOTHING.number(), ticks, this, &[]),
                (Some(key), None) => record::announce(local, CORRELATION.number(), ticks, this, &[Raw::Str(key)]),
                (None, Some(by)) => record::announce(local, DECIDED.number(), ticks, this, &[Raw::U64(by)]),
                (Some(key), Some(by)) => {
                    let values = [Raw::U64(by), Raw::Str(key)];
                    record::announce(local, DECIDED_AND_CORRELATION.number(), ticks, this, &values)
                }
            };
        }
        scope.given.tell(local, around.layer, ticks, this);
    });
}

/// Keeps what `context!` names for what begins right below that entry of a scope.
pub(super) fn give(around: Entry, number: u64, names: u32, values: &[Raw<'_>]) {
    numbered(number, |scope| {
        if !matches!(scope.base, Base::Silence) {
            scope.given.give(around.layer, names, values);
        }
    });
}
