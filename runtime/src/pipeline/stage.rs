//! What can stand in a pipeline, and which stage may follow which: types only, and their errors.

use std::any::type_name;
use std::error::Error;
use std::pin::Pin;
use std::time::Duration;

use super::run::{Halted, Run};
use crate::bounded::Bounded;
use crate::outcome::{self, Outcome};

/// Any error that a stage may return.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What can stand in a pipeline: what `#[pipeline_stage]` makes of a function, a closure under a name, a group of
/// stages side by side, or another [`Pipeline`](crate::Pipeline). Not implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stage of a pipeline",
    note = "`#[pipeline_stage(layer.name)]` on `async fn fund(..)` makes the stage `FundStage`"
)]
pub trait Stage {
    /// What it takes.
    type In;
    /// What it gives to the next one: the value inside the `Result` of its function.
    type Out;

    /// How many names it declares.
    #[doc(hidden)]
    const COUNT: usize;

    /// The names that it declares.
    #[doc(hidden)]
    fn declare(&self, names: &mut Vec<&'static str>);

    /// Runs it, at its place in the row.
    #[doc(hidden)]
    fn go(&self, input: Self::In, run: Run<'_>) -> impl Future<Output = Result<Self::Out, Halted>>;
}

/// What a stage gives to the next one.
pub type Out<S> = <S as Stage>::Out;

/// What `#[pipeline_stage]` makes of a function.
#[doc(hidden)]
pub trait StageFn: Sized {
    /// Its declared name.
    const NAME: &'static str;
    /// The function that undoes it, without its path; empty for none.
    const COMPENSATION: &'static str = "";
    /// How long it may take, all of its attempts together.
    const TIMEOUT: Option<Duration> = None;
    /// What it takes.
    type In;
    /// What its function returns, a `Result`.
    type Returned: StageOutput;

    /// Runs the function.
    fn call(input: Self::In) -> impl Future<Output = Self::Returned>;

    /// Runs the function as often as it takes.
    fn perform(input: Self::In, run: Run<'_>) -> impl Future<Output = Result<Given<Self>, Halted>> {
        run.once::<Self>(input)
    }

    /// How what it has done can be undone.
    fn undo(_out: &Given<Self>) -> Option<Undo> {
        None
    }
}

/// The value inside the `Result` of a stage's function.
#[doc(hidden)]
pub type Given<S> = <<S as StageFn>::Returned as StageOutput>::Ok;

#[diagnostic::do_not_recommend]
impl<S: StageFn> Stage for S {
    type In = S::In;
    type Out = Given<S>;
    const COUNT: usize = 1;

    fn declare(&self, names: &mut Vec<&'static str>) {
        names.push(S::NAME);
    }

    fn go(&self, input: S::In, run: Run<'_>) -> impl Future<Output = Result<Given<S>, Halted>> {
        S::perform(input, run)
    }
}

/// The error of a stage, with the name of the type that it had.
#[doc(hidden)]
#[derive(Debug)]
pub struct Failure {
    pub(super) error_type: &'static str,
    pub(super) source: BoxError,
}

impl Failure {
    pub(super) fn of<E: StageError>(error: E) -> Self {
        Self { error_type: type_name::<E>(), source: error.boxed() }
    }

    /// What it says, with its sources.
    pub(super) fn message(&self) -> Bounded {
        outcome::message_of(&*self.source)
    }

    /// How a span ends that failed so.
    pub(super) fn outcome(&self) -> Outcome {
        Outcome::error(self.error_type, self.message())
    }
}

#[doc(hidden)]
pub type Undo = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send>;

/// Keeps a compensation until it is needed, if it ever is.
#[doc(hidden)]
pub fn undo_by<R: StageOutput<Ok = ()>>(compensation: impl Future<Output = R> + Send + 'static) -> Undo {
    Box::new(move || Box::pin(async move { compensation.await.into_result().map_err(Failure::of) }))
}

/// A stage that takes what another one gives. Implemented by the compiler for every pair that fits.
#[diagnostic::on_unimplemented(
    message = "the stage `{Self}` cannot follow `{Previous}`",
    label = "it does not take what `{Previous}` gives",
    note = "compare the input type of `{Self}` with the type inside the `Result` of `{Previous}`"
)]
pub trait Follows<Previous: Stage>: Stage {
    #[doc(hidden)]
    fn feed(out: Out<Previous>) -> Self::In;
}

/// Written beside every [`Stage`], so that [`Follows`] can be refused in our words.
#[doc(hidden)]
pub trait Accepts<Input>: Stage {
    fn accept(input: Input) -> Self::In;
}

#[diagnostic::do_not_recommend]
impl<S: Accepts<Out<P>>, P: Stage> Follows<P> for S {
    fn feed(out: Out<P>) -> S::In {
        S::accept(out)
    }
}

/// A stage that can be left out, because it gives what it takes. Implemented by the compiler for every one that does.
#[diagnostic::on_unimplemented(
    message = "the stage `{Self}` cannot be left out: it does not give what it takes",
    label = "without it, the next stage would get another type",
    note = "let it take and give one type, that of the stage before it"
)]
pub trait Optional: Stage {
    #[doc(hidden)]
    fn back(out: Out<Self>) -> Self::In;
}

#[diagnostic::do_not_recommend]
impl<S: Accepts<Out<S>>> Optional for S {
    fn back(out: Out<S>) -> S::In {
        S::accept(out)
    }
}

/// What a stage's function returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a stage, and what undoes one, returns a `Result`, and this returns `{Self}`",
    label = "no `Result`"
)]
pub trait StageOutput {
    type Ok;
    type Err: StageError;
    fn into_result(self) -> Result<Self::Ok, Self::Err>;
}

/// An error that a stage may return: whatever can become a `Box<dyn Error + Send + Sync>`, texts included.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a stage cannot fail with `{Self}`, which is no error",
    label = "no error",
    note = "implement `std::error::Error` for `{Self}`, and make it `Send + Sync`; a `String` will do as well"
)]
pub trait StageError {
    fn boxed(self) -> BoxError;
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> StageError for E {
    fn boxed(self) -> BoxError {
        self.into()
    }
}

impl<T, E: StageError> StageOutput for Result<T, E> {
    type Ok = T;
    type Err = E;

    fn into_result(self) -> Self {
        self
    }
}
