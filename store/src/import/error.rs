//! Why what another system has written is no event.

/// Why what another system has written is no event. As text it is a sentence for whoever has the file, without the
/// place in it.
///
/// ```
/// use tense_store::import::{ImportError, foreign};
///
/// let line = r#"{"event":"job:started"}"#;
/// let error = foreign::event(serde_json::from_str(line)?, line.as_bytes()).unwrap_err();
/// assert_eq!(error, ImportError::NoTime);
/// assert!(error.to_string().starts_with("this is no event: it says no time"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A line of a log says nowhere when it happened.
    #[error(
        "this is no event: it says no time, under `timestamp`, `time` or `ts`; and it is none of schema 1, which has a \
         `schema_version`"
    )]
    NoTime,
    /// A line of a log has a key for the time, and no time there.
    #[error(
        "this is no event: its `{key}` is no time: {value}; RFC 3339 is read, and seconds, milliseconds, microseconds or \
         nanoseconds since 1970, up to the year 2262"
    )]
    NotATime {
        /// The key.
        key: &'static str,
        /// What stands there, as JSON; the first 60 characters.
        value: String,
    },
    /// A line of a log says nowhere what happened.
    #[error("this is no event: it says no name, under `event_type`, `event`, `type` or `name`, and no `message`")]
    NoName,
    /// What should be a span of OTLP is no object.
    #[error("a span is an object")]
    NoSpan,
    /// What should be an event of a span of OTLP is no object.
    #[error("an event of a span is an object")]
    NoEventOfSpan,
    /// A span of OTLP has no `traceId`, or one of zeros.
    #[error("its `traceId` is missing")]
    NoTraceId,
    /// A span of OTLP has a `traceId` that is none.
    #[error("its `traceId` is neither 32 digits in hex nor 16 bytes in Base64: {0}")]
    NotATraceId(
        /// The first 60 characters of it.
        String,
    ),
    /// A span of OTLP has no `spanId`, or one of zeros.
    #[error("its `spanId` is missing")]
    NoSpanId,
    /// A span of OTLP has a `spanId`, or a `parentSpanId`, that is none.
    #[error("a span id is neither 16 digits in hex nor 8 bytes in Base64: {0}")]
    NotASpanId(
        /// The first 60 characters of it.
        String,
    ),
    /// A span of OTLP has neither a begin nor an end.
    #[error("it says neither when it began nor when it ended")]
    NoBeginOrEnd,
    /// A time of a span of OTLP, or of one of its events, is none.
    #[error("its `{0}` is no number of nanoseconds since 1970, up to the year 2262")]
    NotNanoseconds(
        /// The key.
        &'static str,
    ),
}
