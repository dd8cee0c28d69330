//! `fail!`: a span is told that it failed; a record of its own goes out, and the span goes on.
//!
//! Nothing is kept in the call, so that one that fails in no such way pays nothing for it: whoever joins the records
//! holds the reason until the span ends. What the call ends with decides: an error that it returns and a panic are told
//! instead, because they are what its caller saw; a success and a future that is dropped become this failure. Of
//! several reasons the first stands, because those behind it are likely to follow from it.

use std::fmt::Display;

use crate::bounded::Bounded;
use crate::call::{Open, late};
use crate::clock;
use crate::kept;
use crate::outcome::Outcome;
use crate::record;
use crate::thread::Local;
use crate::value::Raw;

/// What stands in place of an error's type, as `panic` does for a panic.
const TYPE: &str = "fail";

impl Open {
    /// The span has failed, and goes on. Formats the reason: at most 4 KiB of it, and a form that panics is survived.
    #[cold]
    pub fn fail(self, reason: &dyn Display) {
        if self.is_recorded() {
            self.failed_because(Bounded::of(reason).raw());
        }
    }

    /// The same with a reason that is formatted.
    pub(crate) fn failed_because(self, reason: Raw<'_>) {
        if self.is_real {
            let (Raw::Str(text) | Raw::CutStr(text)) = reason else { return };
            late::fail(self.span, Outcome::error(TYPE, Bounded::of(&text)));
        }
        let Some(local) = Local::current().filter(|_| self.is_recorded()) else { return };
        // As in `record`: a call that begins later gets its layer then.
        let layer = if self.layer == 0 { local.stack.layer_of(self.span) } else { Some(self.layer) };
        match layer {
            Some(layer) => {
                record::failed(local, clock::ticks(), self.span, layer, &[Raw::Str(TYPE), reason]);
            }
            None => kept::fail(self.span, reason),
        }
    }
}
