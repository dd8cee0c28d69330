//! What happened, in one shape for everyone: raw values become an [`Event`] of schema 1, and [`Sanitizer::clean`] turns
//! it into a [`CleanEvent`], the only thing that can be queued, stored, sent or printed.
//!
//! Modules in the order an event walks through them: its [`id`]s, its [`time`], its [`fields`], the [`event`] itself,
//! and the [`sanitize`]r that it has to pass.
//!
//! ```
//! use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
//!
//! let event = Event::new(
//!     TraceId::from_bytes([7; 16]),
//!     SpanId::new(1).unwrap(),
//!     "operation.tokens.created",
//!     Status::Success,
//!     Timestamp::from_unix_nanos(1_795_255_200_000_123_000),
//! );
//! let clean = Sanitizer::default().clean(event);
//! assert_eq!(clean.event_type, "operation.tokens.created");
//! ```

pub mod id;
pub mod time;
pub mod fields;
pub mod event;
pub mod sanitize;

pub use event::{ErrorInfo, ErrorKind, Event, Level, SCHEMA_VERSION, Status, UNSAMPLED};
pub use fields::Fields;
pub use id::{IdError, SpanId, TraceId};
pub use sanitize::{CleanEvent, Family, Limits, Rule, RuleError, Sanitizer, SanitizerBuilder};
pub use time::{Timestamp, duration_ms, duration_nanos};
