//! The work itself, without anybody who records it.

use super::{Recorder, Work, nothing_to_wait_for, told_by_attribute};

work!(child(id, name): ; root: ; told: told_by_attribute);

pub(super) const PLAIN: Recorder =
    Recorder { name: super::PLAIN, set_up: || Ok(nothing_to_wait_for()), roots: roots!(), delivers: false };
