//! Functions that a `macro_rules!` makes, with names that it puts together or passes on.

#![deny(warnings)]

use tense::traced;

macro_rules! make {
    ($name:ident, $argument:ident, $body:block) => {
        #[traced(operation.macros.expanded, fields($argument))]
        fn $name($argument: u8) -> u8 $body
    };
}

macro_rules! named {
    ($name:ident: $layer:ident.$domain:ident.$action:ident) => {
        #[traced($layer.$domain.$action)]
        fn $name() {}
    };
}

macro_rules! method {
    ($(#[$attr:meta])* $name:ident ($($receiver:tt)*) $body:block) => {
        $(#[$attr])*
        fn $name($($receiver)*) -> u8 $body
    };
}

make!(one, a, { a + 1 });
named!(two: operation.macros.expanded);

#[traced("operation.macros.expanded")]
fn three() {}

macro_rules! whole {
    ($name:ident, $event:literal) => {
        #[traced($event)]
        fn $name() {}
    };
}

whole!(four, "operation.macros.expanded");

struct Thing(u8);

impl Thing {
    method! {
        #[traced(operation.macros.expanded, fields(inside = self.0))]
        get (&self) { self.0 }
    }
}

fn main() {
    assert_eq!(one(1), 2);
    two();
    three();
    four();
    assert_eq!(Thing(1).get(), 1);
}
