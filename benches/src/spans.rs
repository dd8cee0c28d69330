//! The same work for everybody goes in: a function with an integer and a text, both recorded, that returns a `Result`,
//! called a hundred times below a root. What comes out is a list of those who record it, each in its own way.
//!
//! Each is set up as its documentation says, with somebody behind it who takes what is recorded and drops it. A process
//! has one of them, because there is one global recorder of each kind.

/// Functions of one peer, made from the attributes that it puts on them: a child, sync and async, and a root around so
/// many of them; `ROOTS` is what they are called with. `told` sees the error where there is one, for peers whose
/// attribute does not.
macro_rules! work {
    (child($id:ident, $name:ident): $(#[$child:meta])*; root: $(#[$root:meta])*; told: $told:expr $(,)?) => {
        $(#[$child])*
        #[inline(never)]
        fn child($id: u64, $name: &str) -> Result<u64, $crate::spans::Odd> {
            std::hint::black_box($name);
            if $id == u64::MAX { Err($crate::spans::Odd).inspect_err($told) } else { Ok(std::hint::black_box($id)) }
        }

        $(#[$child])*
        async fn child_later($id: u64, $name: &str) -> Result<u64, $crate::spans::Odd> {
            std::hint::black_box($name);
            $crate::spans::later::once().await;
            if $id == u64::MAX { Err($crate::spans::Odd).inspect_err($told) } else { Ok(std::hint::black_box($id)) }
        }

        $(#[$root])*
        #[inline(never)]
        fn root(children: u64) -> u64 {
            use std::hint::black_box;
            (0..children).map(|id| child(black_box(id), black_box("a name")).unwrap_or(0)).sum()
        }

        $(#[$root])*
        #[inline(never)]
        fn failing_root(children: u64) -> u64 {
            use std::hint::black_box;
            (0..children).map(|_| child(black_box(u64::MAX), black_box("a name")).unwrap_or(0)).sum()
        }

        $(#[$root])*
        async fn root_later(children: u64) -> u64 {
            use std::hint::black_box;
            let mut sum = 0;
            for id in 0..children {
                sum += child_later(black_box(id), black_box("a name")).await.unwrap_or(0);
            }
            sum
        }
    };
}

/// The list of a peer whose roots are what the macro has made.
macro_rules! roots {
    () => {
        &[
            (Work::Sync, root),
            (Work::Async, |children| $crate::spans::later::block_on(root_later(children))),
            (Work::Errors, failing_root),
        ]
    };
}

pub mod later;
mod plain;
mod tense;
mod tracing;
mod opentelemetry;
mod fastrace;
mod hotpath;
mod emit;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

pub use self::tense::Nowhere;
pub use self::tracing::Empty;

/// Spans under one root.
pub const CHILDREN: u64 = 100;

/// What the children of a root do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// They return.
    Sync,
    /// They give way once, and return.
    Async,
    /// They return an error.
    Errors,
}

impl Work {
    /// All of it.
    pub const ALL: [Self; 3] = [Self::Sync, Self::Async, Self::Errors];

    /// Its name, on the command line and in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Async => "async",
            Self::Errors => "errors",
        }
    }
}

/// One root with so many children; what it returns keeps the compiler from leaving it out.
pub type Root = fn(u64) -> u64;

/// Waits until what has been recorded has arrived where it is dropped.
pub type Flush = Box<dyn Fn()>;

/// Somebody who records spans.
#[derive(Debug)]
pub struct Recorder {
    /// Its name in the table.
    pub name: &'static str,
    /// Sets it up, for the rest of the process.
    pub set_up: fn() -> anyhow::Result<Flush>,
    /// What it can do.
    pub roots: &'static [(Work, Root)],
    /// Whether each span arrives somewhere. It does not where nobody records, and where only sums are kept.
    pub delivers: bool,
}

impl Recorder {
    /// Its root for that work, if it does that.
    #[must_use]
    pub fn root(&self, work: Work) -> Option<Root> {
        self.roots.iter().find(|(does, _)| *does == work).map(|(_, root)| *root)
    }
}

/// Those that others are held against.
pub const PLAIN: &str = "plain function";
/// Ours.
pub const TENSE: &str = "tense";
/// Ours, where nobody records.
pub const TENSE_OFF: &str = "tense, no layer";
/// Spans of `tracing`'s attribute through our layer.
pub const FOREIGN: &str = "tracing, through tense's layer";
/// What every layer pays.
pub const REGISTRY: &str = "tracing, registry, empty layer";
/// The fastest that records what we do.
pub const FASTRACE: &str = "fastrace";

/// Everybody.
pub const RECORDERS: [&Recorder; 13] = [
    &plain::PLAIN,
    &tense::OFF,
    &tense::FILTERED,
    &tracing::OFF,
    &tense::ON,
    &tense::BESIDE,
    &tense::FOREIGN,
    &tracing::REGISTRY,
    &opentelemetry::BATCH,
    &fastrace::FASTRACE,
    &hotpath::HOTPATH,
    &emit::EMIT,
    &emit::OFF,
];

/// Finds one by its name.
#[must_use]
pub fn recorder(name: &str) -> Option<&'static Recorder> {
    RECORDERS.into_iter().find(|recorder| recorder.name == name)
}

/// Spans that came to where they are dropped.
static ARRIVED: AtomicU64 = AtomicU64::new(0);

fn arrived_with(spans: usize) {
    ARRIVED.fetch_add(spans as u64, Relaxed);
}

/// How many spans have arrived until now.
#[must_use]
pub fn arrived() -> u64 {
    ARRIVED.load(Relaxed)
}

/// Nobody waits for what is not delivered.
fn nothing_to_wait_for() -> Flush {
    Box::new(|| {})
}

/// The attribute sees the error itself.
fn told_by_attribute(_: &Odd) {}

/// What a child returns when it fails.
#[derive(Debug)]
pub struct Odd;

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("odd")
    }
}

impl std::error::Error for Odd {}
