//! What `registry!` writes stands on nothing that a crate could have taken away or called otherwise.

#![no_implicit_prelude]
#![deny(warnings)]

mod events {
    ::tense::registry!();
}

mod same_events {
    mod inner {
        pub(super) use ::tense as renamed;
    }
    ::tense::registry!(crate = self::inner::renamed);
}

use ::tense::registry::TypedEvent;

fn main() {
    ::core::assert_eq!(events::REGISTRY, same_events::REGISTRY);
    let read = events::core::std::tense::Done::read(&[]);
    ::core::assert!(read.is_err_and(|error| error.field == "option"));
    ::core::assert_eq!(<events::core::std::tense::Failed as TypedEvent>::NAME, "core.std.tense.failed");
}
