//! Where a future may go: it is `Send`, `Sync`, `Unpin` and safe to unwind past exactly where the plain one is.

use std::cell::Cell;
use std::future::{Future, Ready, ready};
use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::rc::Rc;

use crate::capture;

use super::{rest, run};

/// Whether a type has a trait, without being compiled only if it has.
macro_rules! has {
    ($auto:ident: $value:expr) => {{
        #[allow(dead_code, reason = "only its type is asked for")]
        struct Ask<'a, T>(&'a T);
        #[allow(dead_code, reason = "it is not needed where the answer is yes")]
        trait No {
            fn has(&self) -> bool {
                false
            }
        }
        impl<T> No for &Ask<'_, T> {}
        #[allow(dead_code, reason = "it is not needed where the answer is no")]
        trait Yes {
            fn has(&self) -> bool {
                true
            }
        }
        impl<T: $auto> Yes for Ask<'_, T> {}
        (&Ask($value)).has()
    }};
}

/// The names of those that it has.
macro_rules! autos {
    ($value:expr) => {
        // a match, in which what the value borrows lives as long
        match &$value {
            value => {
        let all = [
            ("Send", has!(Send: value)),
            ("Sync", has!(Sync: value)),
            ("Unpin", has!(Unpin: value)),
            ("UnwindSafe", has!(UnwindSafe: value)),
            ("RefUnwindSafe", has!(RefUnwindSafe: value)),
        ];
        all.into_iter().filter_map(|(name, has)| has.then_some(name)).collect::<Vec<_>>().join(" ")
    }}};
}

twins! {
    {
        pub(super) async fn nothing() {}
    }
    {
        pub(super) async fn waits(n: u32) -> u32 {
            rest().await;
            n
        }
    }
    {
        pub(super) async fn holds_cell(cell: Cell<u32>) -> u32 {
            rest().await;
            cell.get()
        }
    }
    {
        pub(super) async fn borrows_cell(cell: &Cell<u32>) -> u32 {
            rest().await;
            cell.get()
        }
    }
    {
        pub(super) async fn holds_rc(rc: Rc<u32>) -> u32 {
            rest().await;
            *rc
        }
    }
    {
        // It is gone before the first pause, which the type knows.
        pub(super) async fn drops_rc(n: u32) -> u32 {
            let n = *Rc::new(n);
            rest().await;
            n
        }
    }
    {
        pub(super) async fn changes(n: &mut u32) {
            rest().await;
            *n += 1;
        }
    }
    {
        pub(super) async fn generic<T>(one: T) -> T {
            rest().await;
            one
        }
    }
    {
        pub(super) async fn calls(call: impl Fn() -> u32) -> u32 {
            call()
        }
    }
    {
        pub(super) fn hidden(n: u32) -> impl Future<Output = u32> {
            async move {
                rest().await;
                n
            }
        }
    }
    {
        pub(super) fn hidden_rc(rc: Rc<u32>) -> impl Future<Output = u32> {
            async move {
                rest().await;
                *rc
            }
        }
    }
    {
        pub(super) fn readied(n: u32) -> impl Future<Output = u32> {
            ready(n)
        }
    }
    {
        pub(super) fn said(n: u32) -> impl Future<Output = u32> + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe {
            ready(n)
        }
    }
    {
        pub(super) fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
            Box::pin(ready(n))
        }
    }
    {
        pub(super) fn boxed_here(rc: Rc<u32>) -> Pin<Box<dyn Future<Output = u32>>> {
            Box::pin(ready(*rc))
        }
    }
    {
        pub(super) fn movable(n: u32) -> Box<dyn Future<Output = u32> + Unpin + Sync> {
            Box::new(ready(n))
        }
    }
    {
        pub(super) fn passes<F: Future<Output = u32>>(future: F) -> F {
            future
        }
    }
}

/// A method of each form, of a plain block and of an annotated one.
macro_rules! both {
    ($body:tt) => {
        #[derive(Clone, Copy)]
        struct Plain(u32);
        impl Plain $body
        #[derive(Clone, Copy)]
        struct Traced(u32);
        #[tense::traced(operation.twins._)]
        impl Traced $body
    };
}

both! { {
    async fn take_value(self) -> u32 {
        rest().await;
        self.0
    }

    async fn read_value(&self) -> u32 {
        rest().await;
        self.0
    }

    async fn change_value(&mut self, by: u32) -> &mut u32 {
        rest().await;
        self.0 += by;
        &mut self.0
    }

    async fn hold_cell(&self, cell: Cell<u32>) -> u32 {
        rest().await;
        cell.get()
    }

    fn hide_value(&self) -> impl Future<Output = u32> + use<> {
        let n = self.0;
        async move {
            rest().await;
            n
        }
    }

    fn pack_value<'a>(&'a self) -> Pin<Box<dyn Future<Output = u32> + Send + 'a>> {
        Box::pin(async move { self.0 })
    }
} }

#[test]
fn a_future_goes_where_the_plain_one_goes() {
    macro_rules! check {
        ($($function:ident($($argument:expr),*);)*) => { $(
            let plain = autos!(plain::$function($($argument),*));
            assert_eq!(autos!(traced::$function($($argument),*)), plain, "{}", stringify!($function));
        )* };
    }
    let recorded = capture();
    check! {
        nothing();
        waits(1);
        holds_cell(Cell::new(1));
        borrows_cell(&Cell::new(1));
        holds_rc(Rc::new(1));
        drops_rc(1);
        changes(&mut 1);
        generic(1);
        generic(Rc::new(1));
        generic(Cell::new(1));
        generic(&mut 1);
        generic(AssertUnwindSafe(&mut 1));
        calls(|| 1);
        hidden(1);
        hidden_rc(Rc::new(1));
        readied(1);
        said(1);
        boxed(1);
        boxed_here(Rc::new(1));
        movable(1);
        passes(ready(1));
    }
    // What is compared is not the same for all of them.
    assert_eq!(autos!(traced::said(1)), "Send Sync Unpin UnwindSafe RefUnwindSafe");
    assert_eq!(autos!(traced::holds_rc(Rc::new(1))).matches("Send").count(), 0);
    assert_eq!(autos!(traced::boxed(1)), "Send Unpin");
    drop::<Ready<u32>>(traced::passes(ready(1)));
    drop(recorded);
}

#[test]
fn a_future_of_a_method_goes_where_the_plain_one_goes() {
    macro_rules! check {
        ($($method:ident($($argument:expr),*);)*) => { $(
            let plain = autos!(Plain(1).$method($($argument),*));
            assert_eq!(autos!(Traced(1).$method($($argument),*)), plain, "{}", stringify!($method));
            let _recorded = capture();
            let (mut plain, mut traced) = (Plain(1), Traced(1));
            assert_eq!(run((&mut traced).$method($($argument),*)), run((&mut plain).$method($($argument),*)));
        )* };
    }
    check! {
        take_value();
        read_value();
        change_value(1);
        hold_cell(Cell::new(1));
        hide_value();
        pack_value();
    }
}

/// As `catch_unwind` of futures asks for it.
#[test]
fn a_future_that_is_safe_to_unwind_past_stays_so() {
    fn safe<T: UnwindSafe>(value: T) -> T {
        value
    }
    let _recorded = capture();
    assert_eq!(run(safe(traced::nothing())), ());
    assert_eq!(run(safe(traced::said(1))), 1);
    assert_eq!(run(safe(traced::readied(1))), 1);
}
