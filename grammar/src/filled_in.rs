//! The fields that nobody writes: pipelines, stages and the recorder fill them in, and trees and tables read them by
//! these names.
//!
//! `runtime` finds them by number or spells them itself (`pipeline/run.rs`), and `store` reads them out of rows,
//! because neither of the two needs this crate for anything else.

/// Of a pipeline: the names of its stages, in their order.
pub const STAGES: &str = "stages";

/// Of a pipeline: the names of the stages that were left out, because their condition did not hold. In other events the
/// word is free.
pub const SKIPPED: &str = "skipped";

/// Of a pipeline: the names of stages that went well without a span of their name. In other events the word is free.
pub const UNSEEN: &str = "unseen";

/// Of a stage: what undoes it.
pub const COMPENSATE: &str = "compensate";

/// Of what undoes a stage: the span of that stage.
pub const ORIGINAL_SPAN_ID: &str = "original_span_id";

/// Of an attempt at a stage: which one it is, from 1 on.
pub const ATTEMPT: &str = "attempt";

/// Of an attempt at a stage: how long was waited before it, in milliseconds.
pub const BACKOFF_MS: &str = "backoff_ms";

/// Those that no annotation may have as fields of its own.
pub const RESERVED: [&str; 3] = [COMPENSATE, ORIGINAL_SPAN_ID, STAGES];
