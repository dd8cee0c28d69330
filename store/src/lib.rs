//! Keeps clean events and answers questions about the traces that they make.
//!
//! What every program needs stands here: the [`Store`] trait with [`SqliteStore`], which writes to a file that needs
//! nothing installed, and [`MemoryStore`], the most obvious one; what goes in and out of them; and the [`Trace`] with
//! its [`Span`]s. Whatever is asked has a module of its own, with all that its answer is made of.
//!
//! Files in walking order. Writing: a batch enters by the `store` trait, a [`StoreError`] says what a caller can do
//! when it cannot, and `sqlite` writes it; what each [`Program`] has counted goes in beside it, and what is older or
//! more than a [`Retention`] lets be is taken away. Reading: a [`Selector`] understands how a person names a trace, a
//! [`TraceSummary`] is what a list shows of one, `sqlite` fetches its rows, and `trace` folds them into spans, whatever
//! their order, with `tangle` to cut what is no tree. Asking all of them: a [`query`] says which events are meant,
//! `sqlite` walks to them, a [`Page`] at a time, and [`statistics`] counts them. Asking a [`Trace`]: [`pipeline`] knows
//! what never ran and what was undone, [`why`] finds the first cause, [`timing`] where the time went, [`timeline`] what
//! happened in which order, [`idle`] when nothing did, [`concurrency`] how much at once, [`handoffs`] in which process,
//! `find` the spans that somebody means and the way to one, [`performance`] what it cost, [`errors`] what failed, in
//! groups whose messages are [`alike`](mod@alike); [`compare`] holds it against another one, and [`baseline`] against
//! earlier ones, by `robust` statistics. Asking several of one [`job`]: when it ran, and when nothing did. Showing:
//! [`tree`] makes lines for people, [`waterfall`] rows to draw, [`json`] answers for programs, and [`text`] keeps all
//! of them free of control characters. Abroad: [`export`] writes what other programs read, and [`import`] reads what
//! they write. Other stores: [`conformance()`] holds any of them to what is promised.
//!
//! Structs of answers, and enums that may grow, are non-exhaustive. Exhaustive are the types that a store of yours
//! makes or has to know in full, such as [`Appended`], [`TraceEvents`], [`Failures`] and [`TraceStatus`], and those
//! that cannot grow: [`Outcome`], [`query::Operator`], [`query::Number`].
//!
//! ```
//! use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
//! use tense_store::{SqliteStore, Store};
//!
//! let folder = tempfile::tempdir()?;
//! let mut store = SqliteStore::open(folder.path().join("tense.db"))?;
//!
//! let trace = TraceId::from_bytes([7; 16]);
//! let at = Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
//! let event = Event::new(trace, SpanId::new(1).unwrap(), "operation.tokens.created", Status::Success, at);
//! let clean = Sanitizer::default().clean(event);
//!
//! assert_eq!(store.append(&[clean.clone()])?.stored, 1);
//! assert_eq!(store.append(&[clean])?.known, 1); // the same event again
//! assert_eq!(store.trace(trace)?.unwrap().spans().len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![warn(clippy::missing_errors_doc)]

mod store;
mod summary;
mod error;
mod sqlite;
mod select;
pub mod query;
mod page;
pub mod statistics;
mod retention;
mod memory;
mod trace;
mod span;
mod places;
mod tangle;
mod outcome;
pub mod pipeline;
mod retries;
pub mod why;
pub mod timing;
pub mod job;
pub mod timeline;
pub mod idle;
pub mod concurrency;
pub mod handoffs;
pub mod waterfall;
mod find;
pub mod performance;
pub mod alike;
mod dropped;
pub mod errors;
pub mod compare;
mod robust;
pub mod baseline;
pub mod tree;
pub mod json;
pub mod text;
pub mod export;
pub mod import;
mod conformance;
#[cfg(test)]
mod fixture;

pub use conformance::conformance;
pub use error::StoreError;
pub use memory::MemoryStore;
pub use page::{Count, Cursor, CursorError, Page, Progress, Tail};
pub use retention::{DEFAULT_RETENTION, Purged, Retention};
pub use select::{CANDIDATES, Found, Selector, SelectorError};
pub use span::{Context, Outcome, Span};
pub use sqlite::SqliteStore;
pub use sqlite::examine::rows::{ExaminedRows, Flaw, Flawed};
pub use sqlite::examine::{Examination, Integrity};
pub use sqlite::programs::Program;
pub use sqlite::wal::{LockHolder, LockState, Wal};
pub use store::{Appended, Store, TraceEvents};
pub use summary::{Failures, TraceFilter, TraceStatus, TraceSummary};
pub use trace::{Gaps, Trace};
