//! What ails a sink goes in; a sink that has it for as long, and counts what it takes.

use std::panic::panic_any;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tense_benches::bomb::{Bomb, PLANNED};
use tense_benches::random::Random;
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError};

/// How a sink does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ailment {
    Well,
    /// Comes back when it is well again, and has then taken what it was given, or not.
    Hangs,
    /// Nothing was written, and it may be asked again.
    Fails,
    /// Something may be written.
    Tears,
    /// Takes no batch with an event whose number divides by three.
    Refuses,
    Panics,
    /// Takes some milliseconds.
    Slow,
    /// One of the above each time, but for the first.
    Flickers,
    /// Its error panics when it is thrown away.
    Bursts,
}

/// Those that pass.
pub(crate) const PASSING: [Ailment; 7] = [
    Ailment::Hangs,
    Ailment::Fails,
    Ailment::Tears,
    Ailment::Refuses,
    Ailment::Panics,
    Ailment::Slow,
    Ailment::Flickers,
];

/// What changes a sink from outside, and what it has taken.
#[derive(Clone)]
pub(crate) struct Switch(Arc<Inner>);

struct Inner {
    ailment: Mutex<Ailment>,
    changed: Condvar,
    taken: AtomicU64,
}

impl Switch {
    pub(crate) fn new() -> Self {
        let ailment = Mutex::new(Ailment::Well);
        Self(Arc::new(Inner { ailment, changed: Condvar::new(), taken: AtomicU64::new(0) }))
    }

    pub(crate) fn set(&self, ailment: Ailment) {
        *self.ailment() = ailment;
        self.0.changed.notify_all();
    }

    pub(crate) fn taken(&self) -> u64 {
        self.0.taken.load(SeqCst)
    }

    pub(crate) fn sink(&self, seed: u64) -> impl Sink + 'static {
        Ailing { switch: self.clone(), random: Random::new(seed) }
    }

    fn ailment(&self) -> MutexGuard<'_, Ailment> {
        self.0.ailment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until_well(&self) {
        let mut ailment = self.ailment();
        while *ailment == Ailment::Hangs {
            ailment = self.0.changed.wait(ailment).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

struct Ailing {
    switch: Switch,
    random: Random,
}

impl Sink for Ailing {
    fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
        let mut ailment = *self.switch.ailment();
        if ailment == Ailment::Flickers {
            let among = [Ailment::Well, Ailment::Well, Ailment::Fails, Ailment::Tears, Ailment::Panics, Ailment::Slow];
            ailment = among[self.random.below(among.len())];
        }
        match ailment {
            Ailment::Hangs => {
                self.switch.wait_until_well();
                if self.random.below(2) == 0 {
                    return Err(SinkError::Failed("it hung".into()));
                }
            }
            Ailment::Fails => return Err(SinkError::NothingWritten("the port is closed".into())),
            Ailment::Tears => return Err(SinkError::Failed("the connection broke".into())),
            Ailment::Refuses if batch.iter().any(|event| event.span_id.get().is_multiple_of(3)) => {
                return Err(SinkError::Refused("too odd".into()));
            }
            Ailment::Panics => panic_any(PLANNED),
            Ailment::Bursts => return Err(SinkError::Failed(Box::new(Bomb))),
            Ailment::Slow => std::thread::sleep(Duration::from_millis(5)),
            Ailment::Refuses | Ailment::Well | Ailment::Flickers => {}
        }
        self.switch.0.taken.fetch_add(batch.len() as u64, SeqCst);
        Ok(())
    }
}
