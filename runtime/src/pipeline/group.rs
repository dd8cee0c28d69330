//! Stages side by side: a tuple of inputs goes in, one for each; a tuple of their outputs comes out, or the first
//! failure.
//!
//! They are polled in turn inside one task; nothing is spawned. When one fails the others are dropped where they are.
//! When one of them, a pipeline, is told to stop, the others are not interrupted.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::run::{Cause, Halted, Run};
use super::stage::{Accepts, Follows, Out, Stage};

/// Stages that run side by side: what [`Pipeline::parallel`](crate::Pipeline::parallel) makes of a tuple of them.
#[derive(Debug, Clone, Copy)]
pub struct Parallel<G>(pub(super) G);

/// Stands before a group that is the first of its pipeline.
#[doc(hidden)]
#[derive(Debug)]
pub struct Input<T>(std::marker::PhantomData<fn() -> T>);

#[diagnostic::do_not_recommend]
impl<T> Stage for Input<T> {
    type In = T;
    type Out = T;
    const COUNT: usize = 0;

    fn declare(&self, _: &mut Vec<&'static str>) {}

    async fn go(&self, input: T, _: Run<'_>) -> Result<T, Halted> {
        Ok(input)
    }
}

/// Stages that can run side by side: a tuple of two to six of them.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of stages",
    label = "two to six stages between parentheses are one: `(CreditStage, FraudStage)`"
)]
pub trait Group {
    /// What its first stage takes.
    type FirstIn;
    /// What each of them takes.
    type Ins;
    /// What each of them gives.
    type Outs;
    const COUNT: usize;
    fn declare(&self, names: &mut Vec<&'static str>);
    fn go(&self, inputs: Self::Ins, run: Run<'_>) -> impl Future<Output = Result<Self::Outs, Halted>>;
}

/// A group whose stages all take what one stage gives. Each gets a clone, the last one the value itself.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no group of stages",
    label = "two to six stages between parentheses are one: `(CreditStage, FraudStage)`"
)]
pub trait FansOut<Previous: Stage>: Group {
    fn feed(out: Out<Previous>) -> Self::Ins;
}

#[diagnostic::do_not_recommend]
impl<G: Group> Stage for Parallel<G> {
    type In = G::Ins;
    type Out = G::Outs;
    const COUNT: usize = G::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        self.0.declare(names);
    }

    async fn go(&self, inputs: G::Ins, run: Run<'_>) -> Result<G::Outs, Halted> {
        let outs = self.0.go(inputs, run).await;
        if outs.is_err() {
            run.ledger.cancel(run.at..run.at + G::COUNT);
        }
        outs
    }
}

impl<G: Group> Accepts<G::Ins> for Parallel<G> {
    fn accept(inputs: G::Ins) -> G::Ins {
        inputs
    }
}

/// What goes to several stages at once.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "each stage of a group gets a clone of its input, and `{Self}` cannot be cloned",
    label = "asks for `Clone`",
    note = "derive `Clone` for `{Self}`, or let the stage before give a tuple with a part for each, and use `parallel_parts`"
)]
pub trait InputOfGroup: Sized {
    fn one_more(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: Clone> InputOfGroup for T {
    fn one_more(&self) -> Self {
        self.clone()
    }
}

pin_project! {
    /// One of them, until it is done.
    struct Member<F, T> {
        #[pin]
        future: F,
        standing: Standing<T>,
    }
}

enum Standing<T> {
    Runs,
    Done(T),
    /// It was told to stop, or its output has been taken.
    Over,
}

impl<F: Future<Output = Result<T, Halted>>, T> Member<F, T> {
    fn new(future: F) -> Self {
        Self { future, standing: Standing::Runs }
    }

    /// Goes on with it; says whether it is over. One that was told to stop leaves word of that, and is no failure: the
    /// others go on to their ends.
    fn go_on(self: Pin<&mut Self>, context: &mut Context<'_>, stop: &mut Option<Halted>) -> Result<bool, Halted> {
        let this = self.project();
        if let Standing::Runs = this.standing
            && let Poll::Ready(out) = this.future.poll(context)
        {
            *this.standing = match out {
                Ok(out) => Standing::Done(out),
                Err(halted) if matches!(halted.cause, Cause::Stopped) => {
                    stop.get_or_insert(halted);
                    Standing::Over
                }
                Err(failed) => return Err(failed),
            };
        }
        Ok(!matches!(this.standing, Standing::Runs))
    }

    fn take(self: Pin<&mut Self>) -> Option<T> {
        match std::mem::replace(self.project().standing, Standing::Over) {
            Standing::Done(out) => Some(out),
            Standing::Runs | Standing::Over => None,
        }
    }
}

macro_rules! groups {
    ($($($stage:ident $name:ident $at:tt),+ => $last:ident $last_name:ident $last_at:tt;)*) => { $(
        impl<$($stage: Stage,)+ $last: Stage> Group for ($($stage,)+ $last) {
            type FirstIn = <A as Stage>::In;
            type Ins = ($($stage::In,)+ $last::In);
            type Outs = ($($stage::Out,)+ $last::Out);
            const COUNT: usize = $($stage::COUNT +)+ $last::COUNT;

            fn declare(&self, names: &mut Vec<&'static str>) {
                $(self.$at.declare(names);)+
                self.$last_at.declare(names);
            }

            async fn go(&self, inputs: Self::Ins, run: Run<'_>) -> Result<Self::Outs, Halted> {
                let place = run;
                $(
                    let mut $name = pin!(Member::new(self.$at.go(inputs.$at, place)));
                    let place = place.further($stage::COUNT);
                )+
                let mut $last_name = pin!(Member::new(self.$last_at.go(inputs.$last_at, place)));
                let mut stop = None;
                poll_fn(|context| {
                    let mut are_over = true;
                    for is_over in [
                        $($name.as_mut().go_on(context, &mut stop),)+
                        $last_name.as_mut().go_on(context, &mut stop),
                    ] {
                        match is_over {
                            Ok(is_over) => are_over &= is_over,
                            Err(failed) => return Poll::Ready(Err(failed)),
                        }
                    }
                    if !are_over {
                        return Poll::Pending;
                    }
                    if let Some(stopped) = stop.take() {
                        return Poll::Ready(Err(stopped));
                    }
                    match ($($name.as_mut().take(),)+ $last_name.as_mut().take()) {
                        ($(Some($name),)+ Some($last_name)) => Poll::Ready(Ok(($($name,)+ $last_name))),
                        _ => Poll::Pending,
                    }
                })
                .await
            }
        }

        impl<P: Stage<Out: InputOfGroup>, $($stage: Follows<P>,)+ $last: Follows<P>> FansOut<P> for ($($stage,)+ $last) {
            fn feed(out: Out<P>) -> Self::Ins {
                ($($stage::feed(out.one_more()),)+ $last::feed(out))
            }
        }
    )* };
}

groups! {
    A a 0 => B b 1;
    A a 0, B b 1 => C c 2;
    A a 0, B b 1, C c 2 => D d 3;
    A a 0, B b 1, C c 2, D d 3 => E e 4;
    A a 0, B b 1, C c 2, D d 3, E e 4 => F f 5;
}
