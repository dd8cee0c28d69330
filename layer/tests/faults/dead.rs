//! A sink that does what it can to take its thread with it: it goes on, or ends, and is nobody else's affair.

use std::fmt;
use std::panic::{panic_any, set_hook};
use std::time::{Duration, Instant};

use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};

use crate::host::{Does, adds_up, adds_up_to, calls, fine, flush, hanging, hasty, sink, until};

/// Panics when it is thrown away.
#[derive(Debug)]
struct Bomb;

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an error of the program's own")
    }
}

impl std::error::Error for Bomb {}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("when it is thrown away")
    }
}

/// A sink that goes in that way.
struct Going<F: FnMut() + Send>(F);

impl<F: FnMut() + Send> Sink for Going<F> {
    fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
        Ok(())
    }
}

impl<F: FnMut() + Send> Drop for Going<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

faults! {
    fn one_whose_error_panics_when_it_is_thrown_away_is_called_again() {
        set_hook(Box::new(|_| {}));
        let armed = Does(|_: &[CleanEvent]| Err(SinkError::Failed(Box::new(Bomb))));
        let armed_as = hasty("armed").failures(u32::MAX);
        let _guard = builder().sink_with(armed, armed_as).sink_with(fine(), hasty("well")).init().unwrap();
        calls(10);
        until("it is asked twice", || {
            calls(1);
            flush() && sink("armed").failures > 1
        });
        calls(1000);
        assert!(flush());
        let (armed, health) = (sink("armed"), adds_up());
        assert_eq!((armed.failed, armed.worker_dead, armed.is_alive), (health.emitted, 0, true), "{armed:#?}");
        assert_eq!(armed.last_error.unwrap().text, "the batch may be written in part: an error of the program's own");
        assert_eq!((sink("well").delivered, health.queued), (health.emitted, 0));
        assert!(tense_layer::shutdown(Duration::from_secs(20)).is_complete);
    }

    /// What it was given it has delivered, so there is nothing to tell.
    fn one_that_panics_when_it_goes_has_ended() {
        set_hook(Box::new(|_| {}));
        struct Again;
        impl Drop for Again {
            fn drop(&mut self) {
                panic!("once more")
            }
        }
        let _guard = builder().sink_with(Going(|| panic_any(Again)), hasty("loud")).init().unwrap();
        calls(10);
        assert!(tense_layer::shutdown(Duration::from_secs(20)).is_complete);
        assert_eq!(adds_up_to(10).delivered, 10);
        calls(10);
        assert!(flush());
        assert_eq!(adds_up_to(20).shut_down, 10);
    }

    fn one_that_hangs_when_it_goes_keeps_the_shutdown_until_its_deadline() {
        let going = Going(|| loop { std::thread::park() });
        let _guard = builder().sink_with(going, hasty("clinging")).init().unwrap();
        calls(10);
        let began = Instant::now();
        assert!(!tense_layer::shutdown(Duration::from_millis(300)).is_complete);
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(adds_up_to(10).delivered, 10);
    }

    /// The end of `main` takes two seconds at most.
    fn one_that_hangs_keeps_the_end_of_main_for_two_seconds() {
        let guard = builder().sink_with(hanging(), hasty("stuck")).init().unwrap();
        calls(10);
        let began = Instant::now();
        drop(guard);
        assert!((2..6).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    }
}
