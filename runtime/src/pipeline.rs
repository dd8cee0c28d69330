//! Stages are put in a row before anything runs; an input enters, and the last stage's output leaves, or the reason why not.
//!
//! The pipeline's span says at its start which stages it has, which is how anyone later knows what never ran. When a stage
//! fails, the finished ones are undone in reverse; a run that is dropped in the middle can undo nothing.

pub(crate) mod stage;
pub(crate) mod run;
pub(crate) mod report;

use std::marker::PhantomData;

pub use report::{PipelineError, Report, StageEnding, StageReport};
use run::{Run, Stopped};
pub use stage::{Accepts, BoxError, Failure, Follows, Out, Stage, StageOutput, Undo, undo_by};

use crate::call::Open;
use crate::future::{first, traced};
use crate::json::Json;
use crate::outcome::{self, Outcome};
use crate::site::Site;
use crate::value::{Field as _, Raw};

/// The name of a pipeline, checked by the compiler: made by [`name!`](crate::name).
#[derive(Debug, Clone, Copy)]
pub struct Name<F> {
    #[doc(hidden)]
    pub site: &'static Site,
    #[doc(hidden)]
    pub fields: F,
}

/// The fields that a pipeline records of its input.
#[doc(hidden)]
pub trait InputFields<In> {
    fn visit(&self, input: &In, take: &mut dyn FnMut(&[Raw<'_>]));
}

/// A pipeline that records nothing of its input.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct NoFields;

impl<In> InputFields<In> for NoFields {
    fn visit(&self, _: &In, take: &mut dyn FnMut(&[Raw<'_>])) {
        take(&[]);
    }
}

/// The closure of `name!(dispatch.loan, |input: &Input| fields(..))`.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Recorded<F>(pub F);

impl<In, F: Fn(&In, &mut dyn FnMut(&[Raw<'_>]))> InputFields<In> for Recorded<F> {
    fn visit(&self, input: &In, take: &mut dyn FnMut(&[Raw<'_>])) {
        (self.0)(input, take);
    }
}

/// Stages in a row, under a name: twenty of them at most, because the compiler gives up on deeper types. A longer row is two
/// pipelines, the second called by a stage of the first.
///
/// ```
/// use tense::{Pipeline, name, pipeline_stage};
///
/// #[pipeline_stage(dispatch.parse)]
/// async fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// #[pipeline_stage(dispatch.double)]
/// fn double(number: u32) -> Result<u32, String> {
///     number.checked_mul(2).ok_or_else(|| format!("{number} is too large"))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage(DoubleStage);
/// assert_eq!(pipeline.run("21".to_owned()).await?, 42);
///
/// let error = pipeline.run("many".to_owned()).await.unwrap_err();
/// assert_eq!(error.stage, "dispatch.parse");
/// assert_eq!(error.report.never_ran().collect::<Vec<_>>(), ["dispatch.double"]);
/// # Ok::<(), tense::PipelineError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pipeline<C, F> {
    name: Name<F>,
    chain: C,
}

/// A pipeline without stages.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Empty;

/// A pipeline's first stage.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct First<S>(PhantomData<fn() -> S>);

/// Stages, and one more behind them. That it fits is proved once, when it is added, and kept as the function that hands
/// over; so a stage that does not fit is one error, whatever is done with the pipeline afterwards.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Then<C, S, Given, Taken> {
    before: C,
    last: PhantomData<fn() -> S>,
    feed: fn(Given) -> Taken,
}

/// A chain with one more stage behind it.
type Longer<C, S> = Then<C, S, Out<<C as Chain>::Last>, <S as Stage>::In>;

impl<F> Pipeline<Empty, F> {
    /// A pipeline of that name, without stages.
    pub const fn named(name: Name<F>) -> Self {
        Self { name, chain: Empty }
    }

    /// Its first stage.
    pub fn stage<S: Stage>(self, _stage: S) -> Pipeline<First<S>, F> {
        Pipeline { name: self.name, chain: First(PhantomData) }
    }
}

impl<C: Chain, F> Pipeline<C, F> {
    /// One more stage, which takes what the last one gives.
    pub fn stage<S: Follows<C::Last>>(self, _stage: S) -> Pipeline<Longer<C, S>, F> {
        Pipeline { name: self.name, chain: Then { before: self.chain, last: PhantomData, feed: S::feed } }
    }
}

impl<C: Chain, F: InputFields<C::In>> Pipeline<C, F> {
    /// Runs the stages one after the other. `Send` when the stages' futures are.
    ///
    /// # Errors
    /// The error of the first stage that fails; the finished stages have been undone then, the last one first.
    pub fn run(&self, input: C::In) -> impl Future<Output = Result<Out<C::Last>, PipelineError>> {
        let Self { name, chain } = self;
        let body = async move {
            let open = begin(name, &input, &C::names());
            let mut run = Run::new(open);
            match chain.go(input, &mut run).await {
                Ok(out) => Ok(out),
                Err(stopped) => Err(run.compensate(stopped, &C::names()).await),
            }
        };
        traced(name.site, body, |out: &Result<Out<C::Last>, PipelineError>| match out {
            Ok(_) => Outcome::SUCCESS,
            Err(error) => Outcome::error(error.error_type, outcome::chain(&error.source, error.source.source())),
        })
    }
}

fn begin<In, F: InputFields<In>>(name: &Name<F>, input: &In, stages: &[&'static str]) -> Open {
    let first = first();
    if !first.is_on() {
        return Open::OFF;
    }
    let list = Json::list(stages);
    let (mut first, mut open) = (Some(first), Open::OFF);
    name.fields.visit(input, &mut |values| {
        let all: Vec<_> = values.iter().copied().chain([list.raw()]).collect();
        open = first.take().map_or(Open::OFF, |first| first.begin(&all));
    });
    open
}

/// Stages in a row, as types.
#[doc(hidden)]
pub trait Chain {
    type In;
    type Last: Stage;
    fn names() -> Vec<&'static str>;
    fn go(&self, input: Self::In, run: &mut Run) -> impl Future<Output = Result<Out<Self::Last>, Stopped>>;
}

impl<S: Stage> Chain for First<S> {
    type In = S::In;
    type Last = S;

    fn names() -> Vec<&'static str> {
        vec![S::NAME]
    }

    async fn go(&self, input: S::In, run: &mut Run) -> Result<Out<S>, Stopped> {
        run.stage::<S>(input).await
    }
}

impl<C: Chain, S: Stage> Chain for Longer<C, S> {
    type In = C::In;
    type Last = S;

    fn names() -> Vec<&'static str> {
        let mut names = C::names();
        names.push(S::NAME);
        names
    }

    async fn go(&self, input: C::In, run: &mut Run) -> Result<Out<S>, Stopped> {
        let out = self.before.go(input, run).await?;
        run.stage::<S>((self.feed)(out)).await
    }
}
