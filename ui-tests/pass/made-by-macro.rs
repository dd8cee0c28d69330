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

macro_rules! everything {
    ($(#[$attr:meta])* $vis:vis fn $name:ident<$($generic:ident: $bound:path),*>($($argument:pat => $type:ty),*) -> $output:ty { $($body:tt)* } $tail:expr) => {
        $(#[$attr])*
        $vis fn $name<$($generic: $bound),*>($($argument: $type),*) -> $output { $($body)* $tail }
    };
}

mod made {
    use tense::traced;

    everything! {
        #[traced(operation.macros.expanded, fields(len = text.len()))]
        #[must_use]
        pub(crate) fn count<T: Into<usize>>(text => &str, (more, _) => (T, T)) -> usize { let more: usize = more.into(); } more + text.len()
    }

    everything! {
        #[traced(operation.macros.expanded)]
        pub(crate) fn later<>(n => u8) -> std::pin::Pin<Box<dyn Future<Output = u8>>> {} Box::pin(async move { n })
    }
}

macro_rules! awaited {
    ([$($asyncness:ident)?] $name:ident($($argument:ident: $type:ty),*) $body:block) => {
        #[traced("operation.macros.expanded", fields($($argument),*))]
        $($asyncness)? fn $name($($argument: $type),*) -> Option<u8> $body
    };
}

awaited!([async] waiting(n: u8) {
    let more = core::future::ready(n).await;
    more.checked_add(n)
});
awaited!([] not_waiting(n: u8) { n.checked_sub(1) });

struct Thing(u8);

impl Thing {
    method! {
        #[traced(operation.macros.expanded, fields(inside = self.0))]
        get (&self) { self.0 }
    }

    method! {
        #[traced(operation.macros.expanded)]
        take (mut self) { self.0 += 1; self.0 }
    }
}

fn main() {
    assert_eq!(one(1), 2);
    two();
    three();
    four();
    assert_eq!((Thing(1).get(), Thing(1).take()), (1, 2));
    assert_eq!((made::count("a", (1_u8, 2)), not_waiting(0)), (2, None));
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        assert_eq!((waiting(1).await, made::later(7).await), (Some(2), 7));
    });
}
