//! Batches come out of a lane and go into its sink, on a thread of their own.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tense_event::CleanEvent;

use super::fallback;
use super::lane::Lane;
use super::last_error::LastError;
use super::retry::Pauses;
use crate::foreign::deafen_thread;
use crate::sink::{Sink, SinkError};

thread_local! {
    static SERVED: RefCell<Option<Arc<Lane>>> = const { RefCell::new(None) };
}

/// This thread serves that lane from now on.
pub(crate) fn serves(lane: &Arc<Lane>) {
    SERVED.with_borrow_mut(|served| *served = Some(Arc::clone(lane)));
}

/// Events that wait in the lane which this thread serves, behind the batch that it has; 0 on any other thread. Takes
/// the lane's lock alone, which nobody holds for long.
#[cfg(feature = "sqlite")]
pub(crate) fn waiting_here() -> usize {
    SERVED.with_borrow(|served| served.as_ref().map_or(0, |lane| lane.waiting()))
}

/// Starts the thread. Where there is none, everything for this sink is dropped and counted.
pub(super) fn start(lane: &Arc<Lane>, sink: Box<dyn Sink>) -> std::io::Result<()> {
    let its_lane = Arc::clone(lane);
    let worker = move || {
        serves(&its_lane);
        serve(&its_lane, sink, Instant::now, fallback::say);
    };
    let started = thread::Builder::new().name("tense-sink".to_owned()).spawn(worker).map(drop);
    if started.is_err() {
        lane.died(Instant::now());
    }
    started
}

/// What the thread does from its begin to its end.
pub(super) fn serve(lane: &Lane, sink: Box<dyn Sink>, clock: impl FnMut() -> Instant, say: impl Fn(&str)) {
    let death = Death { lane, say };
    // What the sink traces is not the host's work.
    deafen_thread();
    let most = most(sink.as_ref());
    let mut worker = Worker { lane, sink, most, clock };
    while worker.step() {}
    // A database is closed, before anybody is told that it is.
    catch_unwind(AssertUnwindSafe(|| drop(worker))).unwrap_or_else(discard);
    lane.ended();
    std::mem::forget(death);
}

/// What a panic of the sink carries is the sink's, and may panic once more when it goes.
fn discard(panic: Box<dyn Any + Send>) {
    catch_unwind(AssertUnwindSafe(|| drop(panic))).unwrap_or_else(std::mem::forget);
}

/// Its name, for which it is asked on the program's own thread.
pub(super) fn name(sink: &dyn Sink) -> &str {
    catch_unwind(AssertUnwindSafe(|| sink.name())).unwrap_or_else(|panic| {
        discard(panic);
        "sink"
    })
}

/// How many events it takes in one call.
fn most(sink: &dyn Sink) -> usize {
    let most = catch_unwind(AssertUnwindSafe(|| sink.most()));
    most.unwrap_or_else(|panic| {
        discard(panic);
        1
    })
    .max(1)
}

/// Tells of a thread that ends before its time.
struct Death<'a, S: Fn(&str)> {
    lane: &'a Lane,
    say: S,
}

impl<S: Fn(&str)> Drop for Death<'_, S> {
    fn drop(&mut self) {
        self.lane.died(Instant::now());
        let name = self.lane.health().name;
        (self.say)(&format!("the thread of the sink `{name}` has died; its events are dropped from now on"));
    }
}

/// A sink and who serves it.
pub(super) struct Worker<'a, C> {
    pub(super) lane: &'a Lane,
    pub(super) sink: Box<dyn Sink>,
    /// Events that are handed over in one call.
    pub(super) most: usize,
    pub(super) clock: C,
}

/// What became of a call.
enum Answer {
    Taken,
    /// Nothing was written, and the sink may be asked again.
    Again,
    Refused,
    /// The sink failed, and something may be written.
    Torn,
    /// Nothing was written, and the sink is to be left alone.
    Resting,
}

impl<C: FnMut() -> Instant> Worker<'_, C> {
    /// Waits for a batch, and delivers it. Says whether there may be another one.
    pub(super) fn step(&mut self) -> bool {
        let batch = self.lane.take(self.most, &mut self.clock);
        batch.inspect(|batch| self.deliver(batch)).is_some()
    }

    /// A batch that is refused is halved until it is known which of its events are.
    fn deliver(&mut self, batch: &[CleanEvent]) {
        let mut parts = vec![batch];
        while let Some(part) = parts.pop() {
            if part.is_empty() {
                continue;
            }
            match self.try_for_a_while(part) {
                Answer::Taken => self.lane.delivered(part.len()),
                Answer::Refused if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                Answer::Refused => self.lane.refused(1),
                Answer::Torn | Answer::Again => self.lane.lost(part.len()),
                Answer::Resting => {
                    let at = (self.clock)();
                    self.lane.gave_up(part, at);
                    parts.drain(..).for_each(|part| self.lane.gave_up(part, at));
                }
            }
        }
    }

    fn try_for_a_while(&mut self, part: &[CleanEvent]) -> Answer {
        let mut pauses: Option<Pauses> = None;
        loop {
            let answer = self.try_once(part);
            if !matches!(answer, Answer::Again) {
                return answer;
            }
            let at = (self.clock)();
            let pauses = pauses.get_or_insert_with(|| self.lane.pauses(at));
            match pauses.next(at) {
                Some(pause) if self.lane.pause(pause) => {}
                _ => return Answer::Again,
            }
        }
    }

    fn try_once(&mut self, part: &[CleanEvent]) -> Answer {
        self.lane.calls((self.clock)());
        let result = catch_unwind(AssertUnwindSafe(|| self.sink.deliver(part)));
        let error = match result {
            Ok(Ok(())) => return Answer::Taken,
            Ok(Err(error)) => error,
            Err(panic) => {
                self.lane.said(LastError::of_panic(panic.as_ref(), self.lane.sanitizer()));
                self.lane.failed(true, (self.clock)());
                discard(panic);
                return Answer::Torn;
            }
        };
        self.tell(&error);
        let at = (self.clock)();
        let answer = match &error {
            SinkError::Refused(_) => Answer::Refused,
            SinkError::NothingWritten(_) if self.lane.failed(false, at) => Answer::Resting,
            SinkError::NothingWritten(_) => Answer::Again,
            SinkError::Failed(_) => {
                self.lane.failed(false, at);
                Answer::Torn
            }
        };
        // What an error carries is the sink's as well.
        catch_unwind(AssertUnwindSafe(|| drop(error))).unwrap_or_else(discard);
        answer
    }

    /// Keeps what the sink said. Its text is made by code of the sink's.
    fn tell(&self, error: &SinkError) {
        let said = catch_unwind(AssertUnwindSafe(|| LastError::of_error(error, self.lane.sanitizer())));
        let said = said.unwrap_or_else(|panic| {
            discard(panic);
            LastError::of_text(&"an error whose text panics", self.lane.sanitizer())
        });
        self.lane.said(said);
    }
}
