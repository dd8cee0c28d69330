//! What a program wants goes in; a layer, or a whole subscriber that is the global default, comes out, and at the end
//! of the program everything that is on its way is delivered.

mod builder;
mod settled;
mod built;
mod guard;

use tracing_core::{LevelFilter, Subscriber};
use tracing_subscriber::filter::Filtered;
use tracing_subscriber::registry::LookupSpan;

use crate::delivery::Delivery;
use crate::filter::OwnFilter;
use crate::foreign::Recorder;
use crate::sampling::{Limits, Sampling};
pub use builder::Builder;
pub use built::InitError;
pub use guard::{FlushReport, Guard, flush, forked, guard, shutdown};

/// The layer, for a subscriber with a registry: `registry().with(tense_layer::layer())`.
///
/// `F` is the filter that [`Builder::filter`] was given.
pub type Layer<S, F = LevelFilter> = Filtered<Recorder, OwnFilter<F>, S>;

/// Makes this crate's layer the global subscriber, with an SQLite file behind it: `TENSE_DB`, else `tense.db` in the
/// current folder.
///
/// A process that is forked off afterwards records on its own: see [`forked`].
///
/// # Errors
/// When there is a global subscriber already, when the file cannot be opened, or when no thread can be started. The
/// program can go on without.
pub fn init() -> Result<Guard, InitError> {
    builder().init()
}

/// The layer with an SQLite file behind it, opened when the first event comes.
///
/// ```no_run
/// use tracing_subscriber::prelude::*;
///
/// tracing_subscriber::registry().with(tense_layer::layer()).init();
/// let _guard = tense_layer::guard(); // flushes when `main` ends
/// ```
pub fn layer<S: Subscriber + for<'a> LookupSpan<'a>>() -> Layer<S> {
    builder().layer()
}

/// Settings, for programs that want other ones. The environment goes before each of them, and the program's
/// `tense.toml` behind: `docs/settings.md`.
///
/// ```no_run
/// let _guard = tense_layer::builder().service("checkout").database("/var/lib/checkout/trace.db").init()?;
/// # Ok::<(), tense_layer::InitError>(())
/// ```
pub fn builder() -> Builder {
    Builder {
        enabled: None,
        service: None,
        sanitizer: None,
        database: None,
        sinks: Vec::new(),
        delivery: Delivery::new(),
        filter: LevelFilter::TRACE,
        has_filter: false,
        max_level: None,
        level_unless_set: LevelFilter::INFO,
        real_spans: false,
        panic_hook: true,
        error_texts: false,
        ring_bytes: None,
        registry: None,
        sampling: Sampling::new(),
        limits: Limits::new(),
        slow_from: None,
        watch: None,
    }
}
