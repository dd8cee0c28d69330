//! emit, with an emitter that drops, and where it was not set up.

use std::hint::black_box;

use super::{Recorder, Work, arrived_with, nothing_to_wait_for, told_by_attribute};

work!(
    child(id, name): #[emit::span(err_lvl: "error", "child", id, name)];
    root: #[emit::span("root")];
    told: told_by_attribute,
);

const ROOTS: &[(Work, super::Root)] = roots!();

pub(super) const EMIT: Recorder = Recorder {
    name: "emit",
    set_up: || {
        let emitter = emit::emitter::from_fn(|event| {
            black_box(event);
            arrived_with(1);
        });
        // It emits at once, on the thread of the caller, so there is nothing to flush.
        let _init = emit::setup().emit_to(emitter).init();
        Ok(nothing_to_wait_for())
    },
    roots: ROOTS,
    delivers: true,
};

pub(super) const OFF: Recorder =
    Recorder { name: "emit, not set up", set_up: || Ok(nothing_to_wait_for()), roots: ROOTS, delivers: false };
