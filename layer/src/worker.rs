//! Batches come out of the queue and go into a sink, on a thread of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tense_event::CleanEvent;

use crate::foreign::deafen_thread;
use crate::queue::Queue;
use crate::sink::{Sink, SinkError};

/// Events in one transaction.
const BATCH: usize = 1000;
/// Rests before a batch is tried again of which nothing was written.
const RESTS: [Duration; 3] = [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(500)];

/// Starts the thread.
pub(crate) fn start(queue: Arc<Queue>, sink: Box<dyn Sink>) -> std::io::Result<()> {
    thread::Builder::new().name("tense-sink".to_owned()).spawn(move || run(&queue, sink)).map(drop)
}

fn run(queue: &Queue, mut sink: Box<dyn Sink>) {
    // What the sink traces is not the host's work.
    deafen_thread();
    while let Some(batch) = queue.take(BATCH) {
        queue.done(deliver(&mut *sink, &batch, thread::sleep));
    }
}

/// Delivers a batch, if need be in several tries. A sink that panics has failed, and is asked again with the next
/// batch.
fn deliver(sink: &mut dyn Sink, batch: &[CleanEvent], mut rest: impl FnMut(Duration)) -> bool {
    let mut rests = RESTS.iter();
    loop {
        match catch_unwind(AssertUnwindSafe(|| sink.deliver(batch))) {
            Ok(Ok(())) => return true,
            Ok(Err(SinkError::NothingWritten(_))) => match rests.next() {
                Some(pause) => rest(*pause),
                None => return false,
            },
            Ok(Err(SinkError::Failed(_) | SinkError::Refused(_))) | Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scripted(Vec<Option<SinkError>>, u32);

    impl Sink for Scripted {
        fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
            self.1 += 1;
            match self.0.pop() {
                Some(Some(error)) => Err(error),
                Some(None) => panic!("a sink of somebody else's"),
                None => Ok(()),
            }
        }
    }

    fn nothing() -> Option<SinkError> {
        Some(SinkError::NothingWritten("busy".into()))
    }

    #[test]
    fn only_what_was_not_written_is_tried_again() {
        let check = |script: Vec<Option<SinkError>>, delivered, tries, pauses| {
            let (mut sink, mut rested) = (Scripted(script, 0), 0);
            assert_eq!(deliver(&mut sink, &[], |_| rested += 1), delivered);
            assert_eq!((sink.1, rested), (tries, pauses));
        };
        check(vec![], true, 1, 0);
        check(vec![nothing(), nothing()], true, 3, 2);
        check(vec![nothing(), nothing(), nothing(), nothing()], false, 4, 3);
        check(vec![Some(SinkError::Failed("torn".into()))], false, 1, 0);
        check(vec![None], false, 1, 0);
    }
}
