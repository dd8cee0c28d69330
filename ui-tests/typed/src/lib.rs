//! A crate that refuses every warning takes what `registry!` writes, public and private, used and unused.

#![deny(warnings, missing_docs, unused_qualifications, unused_results, unreachable_pub, unused_lifetimes)]
#![deny(rust_2018_idioms, let_underscore_drop, single_use_lifetimes, elided_lifetimes_in_paths)]
#![deny(missing_copy_implementations, missing_debug_implementations)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]
#![forbid(unsafe_code)]

/// The events of this crate.
pub mod events {
    // With a layer called `tense` among its modules, the crate has to be named by its full path.
    ::tense::registry!();
}

/// By another path, which is a relative one, and used by nobody.
mod elsewhere {
    mod renamed {
        pub(super) use ::tense as other;
    }
    mod events {
        ::tense::registry!(crate = super::renamed::other);
    }
}
