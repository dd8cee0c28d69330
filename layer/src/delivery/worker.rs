//! Batches come out of a lane and go into its sink, on a thread of their own.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tense_event::CleanEvent;

use super::fallback;
use super::lane::Lane;
use super::retry::Pauses;
use crate::foreign::deafen_thread;
use crate::sink::{Sink, SinkError};

/// Events that are handed over in one call: a transaction of a database.
const BATCH: usize = 1000;

/// Starts the thread. Where there is none, everything for this sink is dropped and counted.
pub(super) fn start(lane: &Arc<Lane>, sink: Box<dyn Sink>) -> std::io::Result<()> {
    let its_lane = Arc::clone(lane);
    let worker = move || {
        let death = Death(&its_lane);
        // What the sink traces is not the host's work.
        deafen_thread();
        let mut worker = Worker { lane: &its_lane, sink, clock: Instant::now };
        while worker.step() {}
        // A database is closed, before anybody is told that it is.
        catch_unwind(AssertUnwindSafe(|| drop(worker))).unwrap_or_else(discard);
        its_lane.ended();
        std::mem::forget(death);
    };
    let started = thread::Builder::new().name("tense-sink".to_owned()).spawn(worker).map(drop);
    if started.is_err() {
        lane.died(Instant::now());
    }
    started
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

/// Tells of a thread that ends before its time.
struct Death<'a>(&'a Lane);

impl Drop for Death<'_> {
    fn drop(&mut self) {
        self.0.died(Instant::now());
        let name = self.0.health().name;
        fallback::say(&format!("the thread of the sink `{name}` has died; its events are dropped from now on"));
    }
}

/// A sink and who serves it.
pub(super) struct Worker<'a, C> {
    pub(super) lane: &'a Lane,
    pub(super) sink: Box<dyn Sink>,
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
        let batch = self.lane.take(BATCH, &mut self.clock);
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
        let at = (self.clock)();
        match result {
            Ok(Ok(())) => Answer::Taken,
            Ok(Err(SinkError::Refused(_))) => Answer::Refused,
            Ok(Err(SinkError::NothingWritten(_))) if self.lane.failed(false, at) => Answer::Resting,
            Ok(Err(SinkError::NothingWritten(_))) => Answer::Again,
            Ok(Err(SinkError::Failed(_))) => {
                self.lane.failed(false, at);
                Answer::Torn
            }
            Err(panic) => {
                self.lane.failed(true, at);
                discard(panic);
                Answer::Torn
            }
        }
    }
}
