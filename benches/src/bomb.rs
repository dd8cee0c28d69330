//! For sinks that are ill: an error that panics when it is thrown away, which nobody expects of one.

use std::fmt;
use std::panic::panic_any;

/// What such a panic carries, so that a hook can tell it from one that nobody planned.
pub const PLANNED: &str = "planned";

/// Panics with [`PLANNED`] when it goes.
#[derive(Debug)]
pub struct Bomb;

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the last one")
    }
}

impl std::error::Error for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic_any(PLANNED);
    }
}
