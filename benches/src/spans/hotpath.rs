//! hotpath, which sums up times by function: no ids, no parents, no fields, no errors.

use hotpath::{Format, HotpathGuardBuilder};

use super::{Recorder, Work, nothing_to_wait_for, told_by_attribute};

work!(child(id, name): #[hotpath::measure]; root: #[hotpath::measure]; told: told_by_attribute);

pub(super) const HOTPATH: Recorder = Recorder {
    name: "hotpath (times only)",
    set_up: || {
        // Its report would stand among the figures. The server that it would start is kept from it by `burst.rs`.
        std::mem::forget(HotpathGuardBuilder::new("tense_benches").format(Format::None).build());
        Ok(nothing_to_wait_for())
    },
    roots: roots!(),
    delivers: false,
};
