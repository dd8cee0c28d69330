//! What other systems have written enters, as JSON; events leave, which have yet to be cleaned.
//!
//! [`ids`] makes ids of whatever names a trace or a span, `moment` times of whatever says when, and `words` knows
//! what others call success. [`foreign`] reads a line of a log, and [`otlp`] a span of OpenTelemetry.

mod error;
pub mod ids;
mod moment;
mod words;
pub mod foreign;
pub mod otlp;

pub use error::ImportError;

/// So many fields are read of an event. One that is clean has far fewer, and says which it has lost; without a limit a
/// line of a hundred thousand would take all day.
const MOST_FIELDS: usize = 256;

/// Enough of what somebody has written to find it.
fn excerpt(text: &str) -> String {
    text.chars().take(60).collect()
}
