//! What a scope is under, where that is no span of this process: nothing, silence, or what a [`TraceContext`] says.
//!
//! The scopes that a thread is in stand in a list of its own, beside its stack: they are rare, and hold what has no
//! place in a row of numbers.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError};

use super::TraceContext;
use super::given::{self, Names};
use crate::call::Open;
use crate::lasting::Lasting;
use crate::record;
use crate::stack::{EVERY, Entry};
use crate::thread::Local;
use crate::value::Raw;

/// One, while work runs in it.
#[derive(Debug)]
pub(crate) struct Scope {
    above: TraceContext,
    /// What `context!` was given where no span was around it but this scope: names by their number, and the values.
    given: Mutex<Vec<(u32, Vec<Lasting>)>>,
}

/// What the spans of a context stand on.
#[derive(Debug, Clone, Default)]
pub(crate) enum Base {
    /// What begins there is the root of a trace.
    #[default]
    Nothing,
    Silence,
    Under(Arc<Scope>),
}

thread_local! {
    static SCOPES: RefCell<Vec<Base>> = const { RefCell::new(Vec::new()) };
}

/// How the drainer is told of the key that a trace was begun with. No field can be called so.
pub const CORRELATION_KEY: &str = "tense.correlation_key";

static CORRELATION: Names = Names::new(&[CORRELATION_KEY]);

impl Base {
    pub(super) fn under(above: TraceContext) -> Self {
        Self::Under(Arc::new(Scope { above, given: Mutex::default() }))
    }

    /// The same with what it was given until now: what one piece of work is given from now on, another one in the same
    /// scope, which runs beside it, does not get.
    pub(super) fn for_other_work(&self) -> Self {
        match self {
            Self::Under(scope) => {
                let given = scope.given.lock().unwrap_or_else(PoisonError::into_inner).clone();
                Self::Under(Arc::new(Scope { above: scope.above.clone(), given: Mutex::new(given) }))
            }
            Self::Nothing | Self::Silence => self.clone(),
        }
    }

    /// The innermost one of this thread.
    pub(super) fn current() -> Self {
        let top = SCOPES.try_with(|scopes| scopes.try_borrow().ok()?.last().cloned());
        top.ok().flatten().unwrap_or_default()
    }

    /// As it stands on the stack: for every layer.
    pub(super) fn open(&self) -> Open {
        match self {
            Self::Under(scope) => Open { trace: scope.above.trace, span: scope.above.parent, layer: EVERY },
            Self::Nothing | Self::Silence => Open { layer: EVERY, ..Open::OFF },
        }
    }

    /// What leaves from right below it.
    pub(super) fn above(&self) -> Option<&TraceContext> {
        match self {
            Self::Under(scope) => Some(&scope.above),
            Self::Nothing | Self::Silence => None,
        }
    }
}

/// Puts one on the list, and says how many there were before, and its number, from 1 on.
pub(super) fn push(base: &Base) -> (usize, u64) {
    let pushed = SCOPES.try_with(|scopes| {
        let mut scopes = scopes.try_borrow_mut().ok()?;
        scopes.push(base.clone());
        Some((scopes.len() - 1, scopes.len() as u64))
    });
    pushed.ok().flatten().unwrap_or((usize::MAX, 0))
}

/// Takes those off that came behind.
pub(super) fn truncate(len: usize) {
    // What goes with them is ours, so nobody looks at the list meanwhile.
    let shorten = |scopes: &RefCell<Vec<Base>>| scopes.try_borrow_mut().map(|mut scopes| scopes.truncate(len)).is_ok();
    SCOPES.try_with(shorten).ok();
}

fn numbered(number: u64) -> Option<Arc<Scope>> {
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    let found = SCOPES.try_with(|scopes| match scopes.try_borrow().ok()?.get(index)? {
        Base::Under(scope) => Some(Arc::clone(scope)),
        Base::Nothing | Base::Silence => None,
    });
    found.ok().flatten()
}

/// Tells of a span or point that is about to begin: right below a scope, the drainer need not wait for the span above
/// it, and it gets what the scope hands down. Elsewhere there is nothing to tell.
#[inline]
pub(crate) fn tell(local: &Local, above: Option<Entry>, ticks: u64, this: Open) {
    if let Some(above) = above.filter(|above| above.layer == EVERY) {
        tell_of_scope(local, above, ticks, this);
    }
}

#[cold]
fn tell_of_scope(local: &Local, above: Entry, ticks: u64, this: Open) {
    let Some(scope) = numbered(above.hint.span) else { return };
    match &scope.above.correlation_key {
        Some(key) => record::context(local, CORRELATION.number(), ticks, this.span, this.layer, &[Raw::Str(key)]),
        None => record::context(local, given::NOTHING.number(), ticks, this.span, this.layer, &[]),
    };
    for (names, values) in scope.given.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let values: Vec<Raw<'_>> = values.iter().map(Lasting::raw).collect();
        record::context(local, *names, ticks, this.span, this.layer, &values);
    }
}

/// Keeps what `context!` names for the spans that begin right below that scope.
#[cold]
pub(super) fn give(above: Entry, names: u32, values: &[Raw<'_>]) {
    if let Some(scope) = numbered(above.hint.span) {
        let values = values.iter().copied().map(Lasting::of).collect();
        let mut given = scope.given.lock().unwrap_or_else(PoisonError::into_inner);
        // The last word counts, and a loop that gives a value each time does not fill the memory.
        given.retain(|(known, _)| *known != names);
        given.push((names, values));
    }
}
