//! Clean events of one layer go in; each of its sinks gets them, from a queue of its own and on a thread of its own.
//!
//! Nothing here makes whoever puts events in wait, and what a sink did not get is counted by reason. Modules in walking
//! order: how a sink is served (`options`), its queue and what is known of it (`lane`), how much memory an event takes
//! (`weight`), the thread that hands batches over (`worker`), what a sink says that does not take one
//! (`last_error`), when a batch is tried again (`retry`) and when a sink is
//! left alone (`breaker`), where events go then (`fallback`), and what was counted (`counts`).

mod options;
mod lane;
mod weight;
mod worker;
mod retry;
mod last_error;
mod breaker;
pub(crate) mod fallback;
mod counts;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Instant;

use tense_event::{CleanEvent, Sanitizer};

pub use breaker::BreakerState;
pub use counts::SinkHealth;
pub(crate) use lane::Lane;
pub use last_error::LastError;
pub use options::{Delivery, WhenFull, WhileResting};
#[cfg(all(test, feature = "sqlite"))]
pub(crate) use worker::serves;
#[cfg(feature = "sqlite")]
pub(crate) use worker::waiting_here;

use crate::sink::Sink;

/// All sinks of a layer.
#[derive(Clone)]
pub(crate) struct Lanes(Arc<[Arc<Lane>]>);

impl Lanes {
    /// Starts a thread for each. Says what went wrong where one could not be had; events for that sink are then dropped
    /// and counted.
    pub(crate) fn start(sinks: Vec<(Box<dyn Sink>, Delivery)>) -> (Self, std::io::Result<()>) {
        fallback::prepare();
        let mut started = Ok(());
        let lanes = sinks.into_iter().map(|(sink, options)| {
            let lane = Arc::new(Lane::new(worker::name(sink.as_ref()), options));
            if let Err(error) = worker::start(&lane, sink) {
                started = Err(error);
            }
            lane
        });
        let mut lanes: Vec<_> = lanes.collect();
        if lanes.is_empty() {
            // One that nobody serves, so that what is lost is counted.
            let nobody = Lane::new("none", Delivery::new().print_rate(0));
            nobody.died(Instant::now());
            lanes.push(Arc::new(nobody));
        }
        (Self(lanes.into()), started)
    }

    /// What their sinks say of their failures is cleaned by that. To be told before the first event.
    pub(crate) fn clean_with(&self, sanitizer: &Sanitizer) {
        self.0.iter().for_each(|lane| lane.clean_with(sanitizer));
    }

    /// Puts in all events of a batch, for every sink, and leaves it empty.
    pub(crate) fn put(&self, batch: &mut Vec<CleanEvent>) {
        let at = Instant::now();
        if let Some((last, others)) = self.0.split_last() {
            for lane in others {
                lane.push_all(&mut batch.clone(), at);
            }
            last.push_all(batch, at);
        }
        batch.clear();
    }

    /// Looks whether one of them is stuck.
    pub(crate) fn watch(&self) {
        let at = Instant::now();
        self.0.iter().for_each(|lane| lane.watch(at));
    }

    pub(crate) fn close(&self) {
        self.0.iter().for_each(|lane| lane.close());
    }

    /// Waits until the threads of all of them have ended, which they do once they are closed; each has let go of its
    /// sink then. Says whether they had before the deadline.
    pub(crate) fn wait_for_the_end(&self, deadline: Option<Instant>) -> bool {
        let late = self.0.iter().filter(|lane| !lane.wait_for_the_end(deadline)).count();
        late == 0
    }

    pub(crate) fn health(&self) -> impl Iterator<Item = SinkHealth> {
        self.0.iter().map(|lane| lane.health())
    }

    /// What their queues take, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.0.iter().map(|lane| lane.memory()).sum()
    }

    /// See [`Lane::wait_for_what_is_here`]. All of them are waited for, also behind one that does not make it.
    pub(crate) fn wait_for_what_is_here(&self, deadline: Option<Instant>) -> bool {
        let late = self.0.iter().filter(|lane| !lane.wait_for_what_is_here(deadline)).count();
        late == 0
    }
}
