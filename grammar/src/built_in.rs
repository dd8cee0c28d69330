//! The events that are there without a declaration, in a closed registry as well.

/// Lines of a span: those of `tense::log!`, and what the messages of `tracing` become.
pub const LINES: [&str; 9] = [
    "log.data",
    "log.debug",
    "log.error",
    "log.failure",
    "log.info",
    "log.step",
    "log.success",
    "log.trace",
    "log.warn",
];
