//! Collects what annotated functions and `tracing` record, makes events of it, sanitizes them and delivers them.
//!
//! ```no_run
//! fn main() -> Result<(), tense_layer::InitError> {
//!     let _guard = tense_layer::init()?; // writes to `TENSE_DB`, else to `tense.db` in the current folder
//!     // .. the program ..
//!     Ok(())
//! }
//! ```
//!
//! A program with a subscriber of its own adds [`layer()`] to it: `registry().with(tense_layer::layer())`. The same
//! events come out; what differs:
//!
//! | | [`init()`] | [`layer()`] |
//! |---|---|---|
//! | the subscriber | is made and set: ours is the only layer | is the program's, which sets it |
//! | where one is set already | an [`InitError`] that says what to do | nothing, until it is added to that one |
//! | a database that cannot be opened | an [`InitError`] | counted in [`mod@health`], when the first event comes |
//! | delivery at the end of `main` | by the [`Guard`] that it returns | by that of [`guard()`] |
//! | annotated calls at full speed | at once | within 50 ms of the subscriber's being set, if no other layer wants to see them |
//!
//! `docs/filters.md` says what levels, filters and other layers make of that.
//!
//! Settings come from the environment, from code ([`Builder`]) and from `tense.toml`, and go before each other in this
//! order; `docs/settings.md` lists them. `TENSE_ENABLED=false` turns everything off. What makes no sense is left aside,
//! and [`Health::settings`] tells of it.
//!
//! Modules in walking order. Records come in through the rings of the crate `tense`, also those of foreign spans, which
//! the [`Layer`] itself writes (`foreign`). One thread of ours drains them (`drainer`), puts them in order (`order`),
//! joins begins and ends (`join`), tells the program what is slow or fails (`watch`), decides what is kept
//! (`sampling`), makes events of it (`emit`), cleans those, and puts them into the bounded queue of each [`Sink`],
//! whose own thread takes them out (`delivery`). Nothing here makes the program wait, and what did not arrive is
//! counted in [`mod@health`].

mod setup;
mod settings;
mod redaction;
mod mark;
mod filter;
mod scopes;
mod foreign;
mod mapping;
mod drainer;
mod order;
mod join;
mod watch;
mod sampling;
mod emit;
mod outlet;
mod delivery;
#[cfg(all(unix, feature = "signals"))]
mod termination;
mod typed;
pub mod sink;
pub mod health;
pub mod testing;
#[doc(hidden)]
pub mod measured;
#[cfg(test)]
mod random;

pub use delivery::{BreakerState, Delivery, LastError, SinkHealth, WhenFull, WhileResting};
pub use filter::OwnFilter;
pub use foreign::Recorder;
pub use health::{Health, health};
pub use mark::set_max_level;
pub use sampling::{Limits, Sampling};
pub use setup::{Builder, FlushReport, Guard, InitError, Layer, builder, flush, forked, guard, init, layer, shutdown};
pub use sink::{Sink, SinkError};
#[cfg(all(unix, feature = "signals"))]
pub use termination::flush_on_termination;
/// A level up to which something is recorded, or none.
pub use tracing_core::LevelFilter;
/// Which targets are recorded up to which level: `"info,hyper=warn".parse::<Targets>()`.
pub use tracing_subscriber::filter::Targets;
pub use typed::typed;
pub use watch::{Alarm, AlarmKind, TypeHealth, Watch};
