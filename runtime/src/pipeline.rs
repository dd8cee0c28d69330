//! Stages are put in a row before anything runs; an input enters, and the last stage's output leaves, or the reason why
//! not.
//!
//! A pipeline is [`named`](Pipeline::named), gets its stages, and is [run](Pipeline::run); what became of each stage
//! stands in the [`Report`], also in that of a [`PipelineError`].
//!
//! The pipeline's span says at its start which stages it has, which is how anyone later knows what never ran. When a
//! stage fails, the finished ones are undone in reverse; a run that is dropped in the middle can undo nothing.

pub(crate) mod name;
pub(crate) mod stage;
pub(crate) mod chain;
pub(crate) mod closure;
pub(crate) mod group;
mod carry_out;
mod and_then;
pub(crate) mod run;
pub(crate) mod retry;
pub(crate) mod lenient;
mod timeout;
mod ledger;
pub(crate) mod unseen;
pub(crate) mod report;

pub use name::Name;
pub use report::{NoTimer, NotUndone, PipelineError, Report, StageEnding, StageReport, Stopped, TimedOut};
pub use stage::{BoxError, Stage};
// They stand in what the compiler says of a pipeline that does not fit together, and nowhere else.
#[doc(hidden)]
pub use closure::Closure;
#[doc(hidden)]
pub use group::Parallel;
#[doc(hidden)]
pub use stage::{Follows, Optional, Out};

use chain::{Behind, Chain, Empty, First, FirstGroup, If, Longer, Maybe, Then, WithClosure};
use group::{FansOut, Group, Input};
use name::InputFields;
use stage::StageOutput;

/// Stages in a row, under a name. Forty of them compile, and can be spawned. Where a longer row is too deep for the
/// compiler, write `#![recursion_limit = "256"]` at the head of the crate, or make a pipeline of some of its stages.
///
/// A stage that panics unwinds through the run, as it would through a function: nothing is undone, and the trace says
/// which stages had finished.
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
///
/// A pipeline is a stage itself. Its span stands below that of the pipeline around it, which lists its stages with its
/// own, and undoes them too when a later stage fails:
///
/// ```
/// # use tense::{Pipeline, name, pipeline_stage};
/// # #[pipeline_stage(dispatch.parse)]
/// # async fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
/// # #[pipeline_stage(dispatch.double)]
/// # fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let twice = Pipeline::named(name!(dispatch.twice)).stage(DoubleStage).stage(DoubleStage);
/// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage(twice);
/// assert_eq!(pipeline.run("5".to_owned()).await?, 20);
/// # Ok::<(), tense::PipelineError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Pipeline<C, F> {
    name: Name<F>,
    chain: C,
}

impl<F> Pipeline<Empty, F> {
    /// A pipeline of that name, without stages.
    pub const fn named(name: Name<F>) -> Self {
        Self { name, chain: Empty }
    }

    /// Its first stage.
    pub fn stage<S: Stage>(self, stage: S) -> Pipeline<First<S>, F> {
        Pipeline { name: self.name, chain: First(stage) }
    }

    /// Its first stage, a closure: see [`stage_fn`](Pipeline::stage_fn) of a pipeline that has stages.
    pub fn stage_fn<In, N, G>(self, name: Name<N>, run: G) -> Pipeline<First<Closure<G, N, In>>, F>
    where
        Closure<G, N, In>: Stage<In = In>,
    {
        self.stage(Closure::new(name, run, false))
    }

    /// Its first stage, a method: see [`stage_method`](Pipeline::stage_method) of a pipeline that has stages.
    pub fn stage_method<In, N, G>(self, name: Name<N>, run: G) -> Pipeline<First<Closure<G, N, In>>, F>
    where
        Closure<G, N, In>: Stage<In = In>,
    {
        self.stage(Closure::new(name, run, true))
    }

    /// Its first stages, side by side: see [`parallel`](Pipeline::parallel) of a pipeline that has stages. The pipeline
    /// takes what the first of them takes.
    pub fn parallel<G: FansOut<Input<<G as Group>::FirstIn>>>(self, group: G) -> Pipeline<FirstGroup<G>, F> {
        Pipeline { name: self.name, chain: FirstGroup(Parallel(group)) }
    }
}

impl<C: Chain, F> Pipeline<C, F> {
    /// One more stage, which takes what the last one gives.
    pub fn stage<S: Follows<C::Last>>(self, stage: S) -> Pipeline<Longer<C, S>, F> {
        Pipeline { name: self.name, chain: Then { before: self.chain, last: stage, feed: S::feed } }
    }

    /// One more stage, which runs when the condition holds of what the last one gives, and is skipped otherwise. It
    /// gives what it takes, so that the next one has an input either way.
    ///
    /// ```
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.parse)]
    /// # fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
    /// # #[pipeline_stage(dispatch.double)]
    /// # fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage).stage_if(|n| *n < 10, DoubleStage);
    /// assert_eq!(pipeline.run("7".to_owned()).await?, 14);
    /// let (out, report) = pipeline.run_reported("70".to_owned()).await?;
    /// assert_eq!(out, 70);
    /// assert_eq!(report.skipped().collect::<Vec<_>>(), ["dispatch.double"]);
    /// # Ok::<(), tense::PipelineError>(())
    /// # }).unwrap();
    /// ```
    pub fn stage_if<P, S>(self, condition: P, stage: S) -> Pipeline<Maybe<C, P, S>, F>
    where
        S: Follows<C::Last> + Optional,
        P: Fn(&S::In) -> bool,
    {
        Pipeline { name: self.name, chain: Then { before: self.chain, last: If { condition, stage }, feed: S::feed } }
    }

    /// Stages side by side, two to six of them as a tuple. Each takes what the last one gives: a clone, the last of
    /// them the value itself. What they give goes on as a tuple.
    ///
    /// They run at the same time in one task; nothing is spawned. The first that fails is the failure: the others are
    /// dropped where they are, and what has finished is undone.
    ///
    /// ```
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.double)]
    /// # async fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
    /// # #[pipeline_stage(dispatch.halve)]
    /// # async fn halve(number: u32) -> Result<u32, String> { Ok(number / 2) }
    /// #[pipeline_stage(dispatch.add)]
    /// fn add((doubled, halved): (u32, u32)) -> Result<u32, String> {
    ///     Ok(doubled + halved)
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).parallel((DoubleStage, HalveStage)).stage(AddStage);
    /// assert_eq!(pipeline.run(10).await?, 25);
    /// # Ok::<(), tense::PipelineError>(())
    /// # }).unwrap();
    /// ```
    pub fn parallel<G: FansOut<C::Last>>(self, group: G) -> Pipeline<Behind<C, G>, F> {
        Pipeline { name: self.name, chain: Then { before: self.chain, last: Parallel(group), feed: G::feed } }
    }

    /// Stages side by side, each of which takes a part: the last stage gives a tuple with a part for each. Otherwise as
    /// [`parallel`](Pipeline::parallel).
    ///
    /// ```
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.double)]
    /// # async fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
    /// # #[pipeline_stage(dispatch.parse)]
    /// # fn parse(text: String) -> Result<u32, std::num::ParseIntError> { text.parse() }
    /// #[pipeline_stage(dispatch.split)]
    /// fn split(text: String) -> Result<(String, u32), String> {
    ///     let length = text.len() as u32;
    ///     Ok((text, length))
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(SplitStage).parallel_parts((ParseStage, DoubleStage));
    /// assert_eq!(pipeline.run("100".to_owned()).await?, (100, 6));
    /// # Ok::<(), tense::PipelineError>(())
    /// # }).unwrap();
    /// ```
    pub fn parallel_parts<G: Group>(self, group: G) -> Pipeline<Longer<C, Parallel<G>>, F>
    where
        Parallel<G>: Follows<C::Last>,
    {
        self.stage(Parallel(group))
    }

    /// One more stage, a closure that returns a future: it can capture what no function has. It is a span of that name,
    /// as an annotated function is.
    ///
    /// ```
    /// # use tense::{Pipeline, name};
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let factor = 3;
    /// let pipeline = Pipeline::named(name!(dispatch.numbers))
    ///     .stage_fn(name!(dispatch.parse), |text: String| async move { text.parse::<u32>() })
    ///     .stage_fn(name!(dispatch.scale, |number: &u32| fields(number)), move |number| async move {
    ///         number.checked_mul(factor).ok_or("too large")
    ///     });
    /// assert_eq!(pipeline.run("7".to_owned()).await?, 21);
    /// # Ok::<(), tense::PipelineError>(())
    /// # }).unwrap();
    /// ```
    pub fn stage_fn<N, G, Fut>(self, name: Name<N>, run: G) -> Pipeline<WithClosure<C, N, G>, F>
    where
        G: Fn(Out<C::Last>) -> Fut,
        Fut: Future<Output: StageOutput>,
        N: InputFields<Out<C::Last>>,
    {
        self.closure(name, run, false)
    }

    /// One more stage, a closure that calls a method with `#[pipeline_stage]` on it, which has the events of the stage.
    /// Write the name here that the method has, so that the pipeline can declare it.
    ///
    /// No compiler holds the two together. When such a stage goes well and there was no span of that name, because the
    /// method has another name, is not recorded at its level, or was not called, the pipeline's span says so: the field
    /// `unseen` lists the stage, `tense tree` shows it as `ran unseen`, and `tense_layer::health().stages_unseen`
    /// counts it.
    ///
    /// ```
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// struct Bank { most: u32 }
    ///
    /// impl Bank {
    ///     #[pipeline_stage(dispatch.lend)]
    ///     async fn lend(&self, amount: u32) -> Result<u32, String> {
    ///         if amount > self.most { Err("too much".to_owned()) } else { Ok(amount) }
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let bank = Bank { most: 100 };
    /// let pipeline = Pipeline::named(name!(dispatch.loan)).stage_method(name!(dispatch.lend), |amount: u32| bank.lend(amount));
    /// assert_eq!(pipeline.run(7).await?, 7);
    /// # Ok::<(), tense::PipelineError>(())
    /// # }).unwrap();
    /// ```
    pub fn stage_method<N, G, Fut>(self, name: Name<N>, run: G) -> Pipeline<WithClosure<C, N, G>, F>
    where
        G: Fn(Out<C::Last>) -> Fut,
        Fut: Future<Output: StageOutput>,
        N: InputFields<Out<C::Last>>,
    {
        self.closure(name, run, true)
    }

    fn closure<N, G, Fut>(self, name: Name<N>, run: G, is_annotated: bool) -> Pipeline<WithClosure<C, N, G>, F>
    where
        G: Fn(Out<C::Last>) -> Fut,
        Fut: Future<Output: StageOutput>,
        N: InputFields<Out<C::Last>>,
    {
        let last = Closure::new(name, run, is_annotated);
        Pipeline { name: self.name, chain: Then { before: self.chain, last, feed: |out| out } }
    }
}
