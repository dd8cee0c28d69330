//! A closure under a name goes in; a stage comes out: what captures a value, and what calls a method of one.

use std::marker::PhantomData;

use super::name::{InputFields, Name, begin_with};
use super::run::{Cause, Halted, Run, outcome_of, told, told_or_not};
use super::stage::{Accepts, Failure, Stage, StageOutput};

use crate::future::traced;
use crate::stack::Hint;

/// A closure as a stage: what [`Pipeline::stage_fn`](crate::Pipeline::stage_fn) makes of it.
pub struct Closure<F, N, In> {
    name: Name<N>,
    run: F,
    /// Whether what it calls has the span of that name.
    is_annotated: bool,
    input: PhantomData<fn(In)>,
}

impl<F, N, In> Closure<F, N, In> {
    pub(super) const fn new(name: Name<N>, run: F, is_annotated: bool) -> Self {
        Self { name, run, is_annotated, input: PhantomData }
    }
}

#[diagnostic::do_not_recommend]
impl<F, N, In, Fut> Stage for Closure<F, N, In>
where
    F: Fn(In) -> Fut,
    N: InputFields<In>,
    Fut: Future<Output: StageOutput>,
{
    type In = In;
    type Out = <Fut::Output as StageOutput>::Ok;
    const COUNT: usize = 1;

    fn declare(&self, names: &mut Vec<&'static str>) {
        names.push(self.name.site.span_name());
    }

    async fn go(&self, input: In, run: Run<'_>) -> Result<Self::Out, Halted> {
        let (stage, span) = (self.name.site.span_name(), run.begin());
        let hint = Hint { to: Hint::addressee(stage), span, ..Hint::NONE };
        let body = async {
            if !self.is_annotated {
                begin_with(|take| self.name.fields.visit(&input, take));
            }
            (self.run)(input).await.into_result().map_err(|error| Cause::Failed(Failure::of(error)))
        };
        let result = if self.is_annotated {
            let (result, is_seen) = told_or_not(run.open, hint, body).await;
            // Where it failed, the closure may have done so before it came to its method.
            if result.is_ok() && !is_seen {
                run.note_unseen();
            }
            result
        } else {
            told(run.open, hint, traced(self.name.site, body, outcome_of)).await
        };
        run.ledger.end(run.at, result.as_ref().err());
        result.map_err(|cause| Halted { stage, cause })
    }
}

impl<F, N, In> Accepts<In> for Closure<F, N, In>
where
    Self: Stage<In = In>,
{
    fn accept(input: In) -> In {
        input
    }
}

impl<F: Clone, N: Clone, In> Clone for Closure<F, N, In> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), run: self.run.clone(), is_annotated: self.is_annotated, input: PhantomData }
    }
}

impl<F: Copy, N: Copy, In> Copy for Closure<F, N, In> {}

impl<F, N, In> std::fmt::Debug for Closure<F, N, In> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Closure").field("name", &self.name.site.span_name()).finish_non_exhaustive()
    }
}
