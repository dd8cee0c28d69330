//! Stages are put in a row before anything runs; an input enters, and the last stage's output leaves, or the reason why not.
//!
//! The pipeline's span says at its start which stages it has, which is how anyone later knows what never ran. When a stage
//! fails, the finished ones are undone in reverse; a run that is dropped in the middle can undo nothing.

use std::any::type_name;
use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::{Pin, pin};
use std::time::{Duration, Instant};

use crate::call::Open;
use crate::future::{begin_first, keep, traced};
use crate::outcome::{self, Outcome};
use crate::site::Site;
use crate::stack::Hint;
use crate::thread::Local;
use crate::value::Raw;

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
    error_type: &'static str,
    source: BoxError,
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

/// Stages in a row, under a name.
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
            let mut run = Run { open, finished: Vec::new(), stages: Vec::new() };
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
    let Some(mut call) = begin_first() else { return Open::OFF };
    // Names are dotted words: nothing in them has to be escaped.
    let list = format!("[{}]", stages.iter().map(|stage| format!("\"{stage}\"")).collect::<Vec<_>>().join(","));
    let mut open = Open::OFF;
    name.fields.visit(input, &mut |values| {
        let all: Vec<_> = values.iter().copied().chain([Raw::Json(&list)]).collect();
        open = call.begin(&all);
    });
    keep(call);
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

/// A run that is under way.
#[doc(hidden)]
pub struct Run {
    open: Open,
    finished: Vec<(usize, u64, Undo)>,
    stages: Vec<StageReport>,
}

/// A stage has failed.
#[doc(hidden)]
#[derive(Debug)]
pub struct Stopped {
    stage: &'static str,
    failure: Failure,
}

impl Run {
    async fn stage<S: Stage>(&mut self, input: S::In) -> Result<Out<S>, Stopped> {
        // The id is chosen here, so that a compensation can say later which span it undoes.
        let span = if self.open.span == 0 { 0 } else { Local::current().map_or(0, Local::span_id) };
        let began = Instant::now();
        let result = told(self.open, Hint { span, undoes: 0 }, S::call(input)).await.into_result();
        let ending = if result.is_ok() { StageEnding::Ran } else { StageEnding::Failed };
        self.stages.push(StageReport { name: S::NAME, ending, duration: Some(began.elapsed()) });
        let out = result.map_err(|failure| Stopped { stage: S::NAME, failure })?;
        if let Some(undo) = S::undo(&out) {
            self.finished.push((self.stages.len() - 1, span, undo));
        }
        Ok(out)
    }

    async fn compensate(mut self, stopped: Stopped, declared: &[&'static str]) -> PipelineError {
        for (stage, span, undo) in self.finished.into_iter().rev() {
            // One that fails is an event of its own, and does not keep the others from running.
            let undone = told(self.open, Hint { span: 0, undoes: span }, undo()).await;
            if let Some(stage) = self.stages.get_mut(stage) {
                stage.ending = match undone {
                    Ok(()) => StageEnding::Compensated,
                    Err(failure) => StageEnding::NotCompensated(failure.source),
                };
            }
        }
        let never = declared.iter().skip(self.stages.len());
        self.stages.extend(never.map(|name| StageReport { name, ending: StageEnding::NeverRan, duration: None }));
        PipelineError {
            stage: stopped.stage,
            source: stopped.failure.source,
            report: Report { stages: self.stages },
            error_type: stopped.failure.error_type,
        }
    }
}

/// Runs a future whose first span is told something by the pipeline.
async fn told<T>(pipeline: Open, mut hint: Hint, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if pipeline.span == 0 || hint == Hint::NONE {
            return future.as_mut().poll(context);
        }
        let told = Told::new(pipeline, &mut hint);
        let out = future.as_mut().poll(context);
        drop(told);
        out
    })
    .await
}

/// The word stands on the stack during a poll; what nobody took goes with the next one.
struct Told<'a> {
    pipeline: Open,
    hint: &'a mut Hint,
}

impl<'a> Told<'a> {
    fn new(pipeline: Open, hint: &'a mut Hint) -> Self {
        if let Some(local) = Local::current() {
            local.stack.enter(pipeline.entry(*hint));
        }
        Self { pipeline, hint }
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if let Some(local) = Local::current() {
            *self.hint = local.stack.take_hint(self.pipeline.layer);
            local.stack.exit(self.pipeline.span);
        }
    }
}

/// Why a pipeline did not give its output, and what became of every stage.
#[derive(Debug)]
#[non_exhaustive]
pub struct PipelineError {
    /// The declared name of the stage that failed.
    pub stage: &'static str,
    /// Its error.
    pub source: BoxError,
    /// What became of every declared stage.
    pub report: Report,
    error_type: &'static str,
}

impl fmt::Display for PipelineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stage {} failed", self.stage)
    }
}

impl Error for PipelineError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.source)
    }
}

/// The declared stages in their order, and what became of each.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// One entry for every declared stage.
    pub stages: Vec<StageReport>,
}

impl Report {
    /// Names of the stages that were undone.
    pub fn compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::Compensated))
    }

    /// Names of the stages whose compensation failed.
    pub fn not_compensated(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::NotCompensated(_)))
    }

    /// Names of the stages that did not begin.
    pub fn never_ran(&self) -> impl Iterator<Item = &'static str> {
        self.names(|ending| matches!(ending, StageEnding::NeverRan))
    }

    fn names(&self, which: impl Fn(&StageEnding) -> bool) -> impl Iterator<Item = &'static str> {
        self.stages.iter().filter(move |stage| which(&stage.ending)).map(|stage| stage.name)
    }
}

/// What became of one stage.
#[derive(Debug)]
#[non_exhaustive]
pub struct StageReport {
    /// Its declared name.
    pub name: &'static str,
    /// What became of it.
    pub ending: StageEnding,
    /// How long its function ran; `None` when it never did.
    pub duration: Option<Duration>,
}

/// What can become of a stage.
#[derive(Debug)]
#[non_exhaustive]
pub enum StageEnding {
    /// It finished, and nothing undid it.
    Ran,
    /// It failed.
    Failed,
    /// It finished, and was undone.
    Compensated,
    /// It finished, and undoing it failed with this error.
    NotCompensated(BoxError),
    /// It did not begin.
    NeverRan,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run").field("stages", &self.stages).finish_non_exhaustive()
    }
}
