//! A run under way: a stage begins, and finishes or fails; when one fails, what the finished ones did is undone in
//! reverse.

use std::any::type_name;
use std::future::poll_fn;
use std::ops::Range;
use std::pin::pin;
use std::task::Poll;

use super::ledger::{Finished, Ledger};
use super::report::{NotUndone, StageEnding, Stopped};
use super::stage::{Failure, Given, StageFn, StageOutput};
use super::timeout::{Limit, within};
use super::unseen;
use crate::bounded::Bounded;
use crate::call::Open;
use crate::json::Json;
use crate::outcome::Outcome;
use crate::site::Site;
use crate::stack::Hint;
use crate::thread::Local;

/// The field of a pipeline's span that names the stages that were left out, and the one that names those whose methods
/// left no span of that name.
const SKIPPED: &str = "skipped";
const UNSEEN: &str = "unseen";

/// Where a run stands: in which pipeline, at which place of the row.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Run<'r> {
    /// The pipeline's span.
    pub(super) open: Open,
    pub(super) ledger: &'r Ledger,
    /// The place of the stage that is to run.
    pub(super) at: usize,
    /// The place of the pipeline's first stage; it tells one pipeline from another.
    pub(super) first: usize,
    /// The call site of the pipeline's span.
    pub(super) site: &'static Site,
}

/// A run does not go on: a stage has failed, or somebody has said so.
#[doc(hidden)]
#[derive(Debug)]
pub struct Halted {
    /// The stage that has failed, or that does not begin, or is not tried again.
    pub(super) stage: &'static str,
    pub(super) cause: Cause,
}

#[derive(Debug)]
pub(super) enum Cause {
    Failed(Failure),
    /// [`run_until`](crate::Pipeline::run_until) was told to stop.
    Stopped,
}

impl Cause {
    /// How a span ends that does not go on for it.
    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Failed(failure) => failure.outcome(),
            Self::Stopped => Outcome::cancelled(type_name::<Stopped>(), Bounded::of(&Stopped)),
        }
    }
}

impl<'r> Run<'r> {
    pub(super) fn of(open: Open, site: &'static Site, ledger: &'r Ledger, first: usize) -> Self {
        Self { open, ledger, at: first, first, site }
    }

    /// The same run, so many places further down the row.
    pub(super) fn further(self, places: usize) -> Self {
        Self { at: self.at + places, ..self }
    }

    /// Before a stage begins: whether the run goes on.
    pub(super) async fn go_on(self) -> Result<(), Halted> {
        if self.is_to_stop().await {
            return Err(Halted { stage: self.ledger.name(self.at), cause: Cause::Stopped });
        }
        Ok(())
    }

    /// Where nothing runs, between two stages or two attempts of one: whether somebody has said that it is enough.
    pub(super) async fn is_to_stop(self) -> bool {
        if !self.ledger.can_be_stopped {
            return false;
        }
        // Whoever polls the run looks first whether it is to stop, so it is made to look again.
        let mut has_waited = false;
        poll_fn(|context| {
            if std::mem::replace(&mut has_waited, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.ledger.is_stopping()
    }

    /// Runs the function of a stage once.
    pub(super) async fn once<S: StageFn>(self, input: S::In) -> Result<Given<S>, Halted> {
        let limit = limit_of::<S>()?;
        let span = self.begin();
        let hint = Hint { to: Hint::addressee(S::NAME), span, ..Hint::NONE };
        let result = within(limit, span, told(self.open, hint, S::call(input))).await;
        let result = result.and_then(|returned| returned.into_result().map_err(Failure::of));
        self.end::<S>(span, result.map_err(Cause::Failed))
    }

    /// A stage begins. The id of its span is chosen here, so that a compensation can say later which span it undoes.
    pub(super) fn begin(self) -> u64 {
        self.ledger.begin(self.at);
        if self.open.span == 0 { 0 } else { Local::current().map_or(0, Local::span_id) }
    }

    pub(super) fn end<S: StageFn>(self, span: u64, result: Result<Given<S>, Cause>) -> Result<Given<S>, Halted> {
        self.ledger.end(self.at, result.as_ref().err());
        let out = result.map_err(|cause| Halted { stage: S::NAME, cause })?;
        if let Some(undo) = S::undo(&out) {
            self.ledger.keep(Finished { at: self.at, span, by: S::COMPENSATION, undo });
        }
        Ok(out)
    }

    /// Leaves so many stages out.
    pub(super) fn skip(self, count: usize) {
        let skipped = self.ledger.skip(self.at..self.at + count, self.first);
        self.record(SKIPPED, &skipped);
    }

    /// A method that is this stage has run, and left no span of its name.
    pub(super) fn note_unseen(self) {
        let unseen = self.ledger.note_unseen(self.at, self.first);
        unseen::count();
        self.record(UNSEEN, &unseen);
    }

    /// Gives the pipeline's span a list of stages.
    fn record(self, field: &str, stages: &[&'static str]) {
        let number = (0_u8..).zip(self.site.fields()).find(|(_, name)| **name == field);
        if let Some((number, _)) = number.filter(|_| self.open.is_recorded()) {
            self.open.record(number, &Json::list(stages));
        }
    }

    /// Undoes what these stages did, the last to finish first.
    pub(super) async fn compensate(self, stages: Range<usize>) {
        while let Some(Finished { at, span, by, undo }) = self.ledger.take_last(&stages) {
            // One that fails is an event of its own, and does not keep the others from running.
            let hint = Hint { to: Hint::addressee(by), undoes: span, ..Hint::NONE };
            let ending = match told(self.open, hint, undo()).await {
                Ok(()) => StageEnding::Compensated,
                Err(failure) => {
                    StageEnding::NotCompensated(NotUndone::Failed { message: failure.message().text().to_owned() })
                }
            };
            self.ledger.undone(at, ending);
        }
    }
}

/// The time that a stage has, from now on. Asked before it begins: where nobody measures time, it never does.
pub(super) fn limit_of<S: StageFn>() -> Result<Option<Limit>, Halted> {
    Limit::of(S::TIMEOUT).map_err(|failure| Halted { stage: S::NAME, cause: Cause::Failed(failure) })
}

/// How a span ends whose work gave that.
pub(super) fn outcome_of<T>(result: &Result<T, Cause>) -> Outcome {
    result.as_ref().map_or_else(Cause::outcome, |_| Outcome::Success)
}

/// Runs a future whose first span is told something by the pipeline.
pub(super) async fn told<T>(above: Open, hint: Hint, future: impl Future<Output = T>) -> T {
    told_or_not(above, hint, future).await.0
}

/// The same, and says whether that span came: one of the name that the word is for.
pub(super) async fn told_or_not<T>(above: Open, mut hint: Hint, future: impl Future<Output = T>) -> (T, bool) {
    let mut future = pin!(future);
    poll_fn(move |context| {
        if above.span == 0 || hint == Hint::NONE {
            return future.as_mut().poll(context).map(|out| (out, true));
        }
        let Some(told) = Told::new(above, &mut hint) else {
            // As deep as this thread is not followed. What cannot be told cannot be missed either.
            hint = Hint::NONE;
            return future.as_mut().poll(context).map(|out| (out, true));
        };
        let out = future.as_mut().poll(context);
        drop(told);
        out.map(|out| (out, hint == Hint::NONE))
    })
    .await
}

/// The word stands on the stack during a poll; what nobody took goes with the next one.
struct Told<'a> {
    above: Open,
    hint: &'a mut Hint,
}

impl<'a> Told<'a> {
    /// `None` where there is no room for it: then there is nothing to take off again.
    fn new(above: Open, hint: &'a mut Hint) -> Option<Self> {
        let is_there = Local::current()?.stack.enter_with(above, *hint);
        is_there.then(|| Self { above, hint })
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if let Some(local) = Local::current() {
            *self.hint = local.stack.take_hint(self.above.layer);
            local.stack.exit(self.above.span);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn a_pipeline_as_deep_as_a_thread_is_followed_stays_what_it_is_in() {
        let stack = &Local::current().unwrap().stack;
        let open = |span| Open { trace: (1, 1), span, layer: 1, is_real: false };
        while stack.enter_with(open(stack.top(1).map_or(1, |top| top.span + 1)), Hint::NONE) {}
        let deepest = stack.top(1).unwrap();
        let hint = Hint { to: 7, span: 8, ..Hint::NONE };
        let mut told = pin!(told_or_not(open(deepest.span), hint, ready(())));
        let Poll::Ready(((), is_seen)) = told.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it waits for nothing")
        };
        // Nobody can be told there, so nothing is said of whoever was not.
        assert!(is_seen);
        assert_eq!(stack.top(1), Some(deepest));
        stack.clear();
    }
}
