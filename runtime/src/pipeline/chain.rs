//! Stages in a row, as types: each is polled inside the one behind it, and hands its output over.

use super::and_then::AndThen;
use super::closure::Closure;
use super::group::{FansOut, Group, Input, Parallel};
use super::run::{Halted, Run};
use super::stage::{Optional, Out, Stage};

/// A pipeline without stages.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Empty;

/// A pipeline's first stage.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct First<S>(pub(super) S);

/// A pipeline's first stages, side by side.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct FirstGroup<G>(pub(super) Parallel<G>);

/// Stages, and one more behind them. That it fits is proved once, when it is added, and kept as the function that hands
/// over; so a stage that does not fit is one error, whatever is done with the pipeline afterwards.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Then<C, S, Given, Taken> {
    pub(super) before: C,
    pub(super) last: S,
    pub(super) feed: fn(Given) -> Taken,
}

/// A chain with one more stage behind it.
pub(super) type Longer<C, S> = Then<C, S, Out<<C as Chain>::Last>, <S as Stage>::In>;

/// A chain with a stage behind it that may be left out.
pub(super) type Maybe<C, P, S> = Then<C, If<P, S>, Out<<C as Chain>::Last>, <S as Stage>::In>;

/// A chain with a group behind it.
pub(super) type Behind<C, G> = Then<C, Parallel<G>, Out<<C as Chain>::Last>, <G as Group>::Ins>;

/// A chain with a closure behind it.
pub(super) type WithClosure<C, N, F> = Longer<C, Closure<F, N, Out<<C as Chain>::Last>>>;

#[doc(hidden)]
pub trait Chain {
    type In;
    type Last: Stage;
    const COUNT: usize;
    fn declare(&self, names: &mut Vec<&'static str>);
    fn go(&self, input: Self::In, run: Run<'_>) -> impl Future<Output = Result<Out<Self::Last>, Halted>>;
}

impl<S: Stage> Chain for First<S> {
    type In = S::In;
    type Last = S;
    const COUNT: usize = S::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        self.0.declare(names);
    }

    fn go(&self, input: S::In, run: Run<'_>) -> impl Future<Output = Result<Out<S>, Halted>> {
        AndThen::new(run.go_on(), move |()| self.0.go(input, run))
    }
}

impl<G: FansOut<Input<<G as Group>::FirstIn>>> Chain for FirstGroup<G> {
    type In = G::FirstIn;
    type Last = Parallel<G>;
    const COUNT: usize = G::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        self.0.declare(names);
    }

    fn go(&self, input: G::FirstIn, run: Run<'_>) -> impl Future<Output = Result<G::Outs, Halted>> {
        AndThen::new(run.go_on(), move |()| self.0.go(G::feed(input), run))
    }
}

impl<C: Chain, S: Stage> Chain for Longer<C, S> {
    type In = C::In;
    type Last = S;
    const COUNT: usize = C::COUNT + S::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        self.before.declare(names);
        self.last.declare(names);
    }

    fn go(&self, input: C::In, run: Run<'_>) -> impl Future<Output = Result<Out<S>, Halted>> {
        AndThen::new(self.before.go(input, run), move |out| {
            let run = run.further(C::COUNT);
            AndThen::new(run.go_on(), move |()| self.last.go((self.feed)(out), run))
        })
    }
}

/// A stage that runs when its input is such that it should, and is left out otherwise.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct If<P, S> {
    pub(super) condition: P,
    pub(super) stage: S,
}

#[diagnostic::do_not_recommend]
impl<P: Fn(&S::In) -> bool, S: Optional> Stage for If<P, S> {
    type In = S::In;
    type Out = S::In;
    const COUNT: usize = S::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        self.stage.declare(names);
    }

    async fn go(&self, input: S::In, run: Run<'_>) -> Result<S::In, Halted> {
        if (self.condition)(&input) {
            return self.stage.go(input, run).await.map(S::back);
        }
        run.skip(S::COUNT);
        Ok(input)
    }
}
