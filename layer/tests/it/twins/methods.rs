//! Methods twice: of a plain block, and of one with an attribute.

use std::panic::Location;

use crate::capture;

use super::{Noisy, Pair, abandoned, n, outcome, rest, run, say};

macro_rules! methods {
    ($plain:ident $traced:ident $body:tt) => {
        struct $plain(Pair);
        impl $plain $body
        struct $traced(Pair);
        #[tense::traced(operation.twins._)]
        impl $traced $body
    };
}

methods! { Plain Traced {
    fn take_left(self, a: Noisy) -> Noisy {
        let _l = Noisy("local");
        let _a = &a;
        self.0.left
    }

    fn take_apart(self) {
        let Pair { left, right: _ } = self.0;
        let _l = Noisy("local");
        say(left.0);
    }

    fn take_nothing(self) {
        let _l = Noisy("local");
    }

    async fn await_left(self, a: Noisy) -> Noisy {
        let _l = Noisy("local");
        rest().await;
        let _a = &a;
        self.0.left
    }

    async fn await_nothing(self) {
        let _l = Noisy("local");
    }

    fn change(&mut self, by: Noisy) -> &mut Noisy {
        self.0.right = by;
        &mut self.0.right
    }

    #[track_caller]
    fn locate(&self) -> &'static Location<'static> {
        Location::caller()
    }
} }

#[test]
fn methods_are_the_same() {
    let pair = || Pair { left: n("left"), right: n("right") };
    macro_rules! same_method {
        ($($method:ident($($argument:expr),*) $(=> $then:expr)?;)*) => { $(
            let recorded = capture();
            let traced = outcome(|| { let out = Traced(pair()).$method($($argument),*); $( let out = $then(out); )? out });
            assert!(!recorded.events().is_empty(), "{} is recorded", stringify!($method));
            let plain = outcome(|| { let out = Plain(pair()).$method($($argument),*); $( let out = $then(out); )? out });
            assert_eq!(traced, plain, "{}", stringify!($method));
        )* };
    }
    same_method! {
        take_left(n("a"));
        take_apart();
        take_nothing();
        await_left(n("a")) => run;
        await_nothing() => run;
        await_left(n("a")) => abandoned;
    }
    assert_eq!(Plain(pair()).locate().line(), Traced(pair()).locate().line());
    let (mut plain, mut traced) = (Plain(pair()), Traced(pair()));
    assert_eq!(traced.change(n("new")), plain.change(n("new")));
}
