//! What `#[pipeline_stage]` makes of a function, and which stage may follow which: types only, and their errors.

use std::any::type_name;
use std::error::Error;
use std::pin::Pin;

/// Any error that a stage may return.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// What `#[pipeline_stage]` makes of a function. Not written by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stage of a pipeline",
    note = "`#[pipeline_stage(layer.name)]` on `async fn fund(..)` makes the stage `FundStage`"
)]
pub trait Stage {
    /// Its declared name.
    const NAME: &'static str;
    /// The function that undoes it, without its path; empty for none.
    const COMPENSATION: &'static str = "";
    /// What it takes.
    type In;
    /// What its function returns, a `Result`.
    type Returned: StageOutput;

    /// Runs the function.
    #[doc(hidden)]
    fn call(input: Self::In) -> impl Future<Output = Self::Returned>;

    /// How what it has done can be undone.
    #[doc(hidden)]
    fn undo(_out: &Out<Self>) -> Option<Undo> {
        None
    }
}

/// What a stage gives to the next one: the value inside the `Result` of its function.
pub type Out<S> = <<S as Stage>::Returned as StageOutput>::Ok;

/// The error of a stage, with the name of the type that it had.
#[doc(hidden)]
#[derive(Debug)]
pub struct Failure {
    pub(super) error_type: &'static str,
    pub(super) source: BoxError,
}

#[doc(hidden)]
pub type Undo = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>> + Send>;

/// Keeps a compensation until it is needed, if it ever is.
#[doc(hidden)]
pub fn undo_by<R: StageOutput<Ok = ()>>(compensation: impl Future<Output = R> + Send + 'static) -> Undo {
    Box::new(move || Box::pin(async move { compensation.await.into_result() }))
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

/// What a stage's function returns.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a stage, and what undoes one, returns a `Result`, and this returns `{Self}`",
    label = "no `Result`"
)]
pub trait StageOutput {
    type Ok;
    fn into_result(self) -> Result<Self::Ok, Failure>;
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

    fn into_result(self) -> Result<T, Failure> {
        self.map_err(|error| Failure { error_type: type_name::<E>(), source: error.boxed() })
    }
}
