//! Annotate functions; know why a run failed, where the time went, what was undone and what never ran.
//!
//! ```
//! use tense::traced;
//!
//! # struct NewToken { node_id: String }
//! # struct Token { id: String }
//! # #[derive(Debug)] struct StoreError;
//! #[traced(operation.tokens.created, fields(node_id = params.node_id, token_id = _))]
//! fn create_token(params: &NewToken) -> Result<Token, StoreError> {
//!     let token = Token { id: "t1".to_owned() };
//!     tense::record!(token_id = token.id);
//!     Ok(token)
//! }
//! # create_token(&NewToken { node_id: "n4".to_owned() }).unwrap();
//! ```
//!
//! This crate is what an annotated program calls: light, without storage and without a runtime of its own. Nothing is
//! recorded until a program adds the layer (`tense_layer::init()`), and then only what is named.
//!
//! With the feature `tokio` there is `tense::spawn`, and a stage of a [`Pipeline`] may have a `timeout`, and a wait
//! between its attempts; nothing else needs an async runtime, and none is started.
//!
//! The modules below stand in groups, in the order in which a call comes to them: its call site; the call, its future
//! and how it ends; the values of its fields; where and when all that is written, and read again; what goes along with
//! work that is done elsewhere; what is built of calls.
//!
//! With `--cfg tense_off` the annotations are compiled out; names are still checked.

mod spec;
mod site;
mod listed;
mod routing;
mod real;

mod call;
mod future;
mod returned;
mod outcome;
mod fail;
mod panics;
mod span;

mod value;
mod shown;
mod list;
mod bounded;
mod declared;
mod json;
mod lasting;
mod kept;

mod sync;
mod process;
mod clock;
mod id;
mod stack;
mod record;
mod ring;
mod thread;
mod foreign;
mod drain;
mod context;

mod prepared;
mod log;
pub mod pipeline;
pub mod registry;

#[cfg(all(test, tense_loom))]
mod models;

#[cfg(feature = "tokio")]
pub use context::spawn;
pub use context::{Context, InContext, TraceContext, TraceparentError, WithContext, current_context, suppress};
pub use json::Json;
#[doc(inline)]
pub use pipeline::{Pipeline, PipelineError};
pub use prepared::Prepared;
pub use span::{Entered, Instrumented, MayFail, NewSpan, NoFieldsLeftOpen, StartedSpan};
pub use tense_macros::{context, event, fail, log, name, pipeline_stage, prepared, record, registry, span, traced};
pub use value::Field;

/// What the macros and the layer call. Nobody else: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::bounded::{Formatted, debug, display, percent, show};
    pub use crate::call::{InPlace, Open, point, run};
    pub use crate::context::above::{below, is_above};
    pub use crate::context::given::{Names, give, is_in_context};
    pub use crate::context::placed::{Placing, placed};
    pub use crate::future::{Traced, first, traced};
    pub use crate::log::log;
    pub use crate::returned::{Constructed, Returned, construct, run_as};
    /// Traits alone, without their names, so that a user's type of the same name is the user's.
    pub mod ways {
        pub use crate::returned::{ViaBoxed as _, ViaFuture as _, ViaValue as _};
    }
    pub mod ways_of_associated {
        pub use crate::returned::{ViaBoxed as _, ViaValue as _};
    }
    pub mod outcome {
        pub use crate::outcome::{Outcome, Probe, none_failed};
    }
    pub mod lenient {
        pub use crate::pipeline::lenient::*;
    }
    pub use crate::pipeline::name::{Name, NoFields, Recorded};
    pub use crate::pipeline::retry::{Again, Retry, input_again};
    pub use crate::pipeline::run::{Halted, Run};
    pub use crate::pipeline::stage::{Accepts, Failure, Given, StageError, StageFn, StageOutput, Undo, undo_by};
    pub use crate::prepared::prepared;
    pub mod declared {
        pub use crate::declared::*;
    }
    pub use crate::registry::typed::read_field;
    pub use crate::shown::MOST_BYTES;
    pub use crate::site::{Route, Site};
    pub use crate::span::{Expected, left_open_of, open_of, span};
    pub use crate::spec::{Carried, CarriedBy, Form, MARK, More, Spec};
    pub use crate::value::Raw;
    pub use tracing_core::Level;

    /// Stands for a value of that type where the compiler has to know it; never called.
    pub fn never<T>() -> T {
        unreachable!()
    }

    /// For the layer: where records leave, and where it says what it is.
    pub mod layer {
        pub use crate::clock::{Line, follow, is_counter, line, now, ticks, unix_nanos};
        pub use crate::context::sampled::{
            NO_TRACE, SAMPLED, began_ms, randomness, sample_from, sampler_gone, sampler_made,
        };
        pub use crate::context::scope::CORRELATION_KEY;
        pub use crate::drain::{
            arrive, drain, dropped, forked, lost_at_fork, ring_memory, rings, set_drainer, set_ring_bytes,
        };
        pub use crate::foreign::*;
        pub use crate::listed::{Listed, listed, named, source};
        pub use crate::panics::install_hook;
        pub use crate::pipeline::unseen::stages_unseen;
        pub use crate::process::{Apiece, GENERATIONS};
        pub use crate::real::show_error_texts;
        pub use crate::record::{Ending, Kind, Record, Text, Value, Valued, Values, first_len_and_ticks};
        pub use crate::routing::{
            claim, has_global, is_own_move, layer_made, layer_placed, set_global, set_global_of_real_spans,
        };
        pub use crate::site::{
            Asked, ask_again, begin_rebuild, catch_up, changes_of_interest, is_any_wanted_elsewhere,
            is_of_another_version, is_ours, panics_of_subscribers, put_off_asking, survive_asking, take_put_off,
        };
        pub use crate::stack::entered_too_deep;
        pub use crate::thread::RING_BYTES_UNLESS_SET;
        pub use crate::thread::close as close_thread;
    }
}
