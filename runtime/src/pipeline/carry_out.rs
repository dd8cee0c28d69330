//! A pipeline and an input go in; the stages run, alone or as one stage of another pipeline, and the output comes out.

use std::future::{Pending, poll_fn};
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;

use super::Pipeline;
use super::chain::Chain;
use super::ledger::Ledger;
use super::name::{InputFields, begin};
use super::report::{PipelineError, Report, Stopped};
use super::run::{Cause, Halted, Run};
use super::stage::{Accepts, Out, Stage};
use crate::future::traced;
use crate::outcome::Outcome;

impl<C: Chain, F: InputFields<C::In>> Pipeline<C, F> {
    /// Runs the stages one after the other. `Send` when the stages' futures are. Dropped before it is finished, it can
    /// undo nothing; the trace says then what was not compensated.
    ///
    /// # Errors
    /// The error of the first stage that fails; the finished stages have been undone then, the last one first.
    pub fn run(&self, input: C::In) -> impl Future<Output = Result<Out<C::Last>, PipelineError>> {
        let run = self.carry_out(input, None::<Pending<()>>);
        async move { run.await.map(|(out, _)| out) }
    }

    /// The same, and tells also of a run that went well what became of every stage.
    ///
    /// # Errors
    /// As those of [`run`](Pipeline::run).
    pub fn run_reported(&self, input: C::In) -> impl Future<Output = Result<(Out<C::Last>, Report), PipelineError>> {
        self.carry_out(input, None::<Pending<()>>)
    }

    /// Runs the stages until that future is ready: then no further stage begins, and the finished ones are undone. A
    /// stage that runs is not interrupted, also beside others; one that has failed is not tried again, and does not
    /// wait for it. The future is whatever says that it is enough: `token.cancelled()` of tokio-util's
    /// `CancellationToken`, the receiver of a oneshot channel, a signal.
    ///
    /// The pipeline's span ends as cancelled then, and as no error.
    ///
    /// ```
    /// # use tense::pipeline::Stopped;
    /// # use tense::{Pipeline, name, pipeline_stage};
    /// # #[pipeline_stage(dispatch.double)]
    /// # async fn double(number: u32) -> Result<u32, String> { Ok(number * 2) }
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(DoubleStage);
    /// let error = pipeline.run_until(21, std::future::ready(())).await.unwrap_err();
    /// assert!(error.source.is::<Stopped>());
    /// assert_eq!(error.to_string(), "stopped at stage dispatch.double");
    /// # });
    /// ```
    ///
    /// # Errors
    /// As those of [`run`](Pipeline::run); with [`Stopped`] as the source when it was stopped.
    pub fn run_until(
        &self,
        input: C::In,
        enough: impl Future,
    ) -> impl Future<Output = Result<Out<C::Last>, PipelineError>> {
        let run = self.carry_out(input, Some(enough));
        async move { run.await.map(|(out, _)| out) }
    }

    fn carry_out(
        &self,
        input: C::In,
        enough: Option<impl Future>,
    ) -> impl Future<Output = Result<(Out<C::Last>, Report), PipelineError>> {
        let Self { name, chain } = self;
        let body = async move {
            let names = self.names();
            let open = begin(name, &input, &names);
            let ledger = Ledger::new(names, enough.is_some());
            let run = Run::of(open, name.site, &ledger, 0);
            let result = {
                let mut enough = pin!(enough);
                let mut chain = pin!(chain.go(input, run));
                poll_fn(|context| {
                    if !ledger.is_stopping()
                        && let Some(enough) = enough.as_mut().as_pin_mut()
                        && enough.poll(context).is_ready()
                    {
                        ledger.is_told_to_stop.store(true, Relaxed);
                    }
                    chain.as_mut().poll(context)
                })
                .await
            };
            match result {
                Ok(out) => Ok((out, ledger.report())),
                Err(Halted { stage, cause }) => {
                    run.compensate(0..C::COUNT).await;
                    let outcome = cause.outcome();
                    let source = match cause {
                        Cause::Failed(failure) => failure.source,
                        Cause::Stopped => Stopped.into(),
                    };
                    Err(PipelineError { stage, source, report: ledger.report(), outcome })
                }
            }
        };
        traced(name.site, body, |out: &Result<_, PipelineError>| {
            out.as_ref().map_or_else(|error| error.outcome.clone(), |_| Outcome::Success)
        })
    }
}

impl<C: Chain, F> Pipeline<C, F> {
    fn names(&self) -> Vec<&'static str> {
        let mut names = Vec::with_capacity(C::COUNT);
        self.chain.declare(&mut names);
        names
    }
}

/// A pipeline as a stage of another: the book is that of the outer one, the span its own.
#[diagnostic::do_not_recommend]
impl<C: Chain, F: InputFields<C::In>> Stage for Pipeline<C, F> {
    type In = C::In;
    type Out = Out<C::Last>;
    const COUNT: usize = 1 + C::COUNT;

    fn declare(&self, names: &mut Vec<&'static str>) {
        names.push(self.name.site.span_name());
        self.chain.declare(names);
    }

    async fn go(&self, input: C::In, outer: Run<'_>) -> Result<Out<C::Last>, Halted> {
        let Self { name, chain } = self;
        outer.ledger.begin(outer.at);
        let body = async move {
            let open = begin(name, &input, &self.names());
            let first = outer.at + 1;
            let run = Run::of(open, name.site, outer.ledger, first);
            let result = chain.go(input, run).await;
            if result.is_err() {
                run.compensate(first..first + C::COUNT).await;
            }
            result
        };
        let result = traced(name.site, body, |out: &Result<_, Halted>| {
            out.as_ref().map_or_else(|halted| halted.cause.outcome(), |_| Outcome::Success)
        })
        .await;
        outer.ledger.end(outer.at, result.as_ref().err().map(|halted| &halted.cause));
        result
    }
}

impl<C: Chain, F: InputFields<C::In>> Accepts<C::In> for Pipeline<C, F> {
    fn accept(input: C::In) -> C::In {
        input
    }
}
