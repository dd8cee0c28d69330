//! Stages that ran and left no span of their name are counted here, for the layer's health.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

static UNSEEN: AtomicU64 = AtomicU64::new(0);

#[cold]
pub(super) fn count() {
    UNSEEN.fetch_add(1, Relaxed);
}

/// How many there were, ever.
pub fn stages_unseen() -> u64 {
    UNSEEN.load(Relaxed)
}
