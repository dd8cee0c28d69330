//! A signal that ends the program goes in; the program ends, behind everything that it has recorded.

use std::io;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::foreign::deafen_thread;
use crate::setup::shutdown;

/// From now on SIGTERM and SIGINT first deliver what was recorded and close the sinks, for at most that long, and then
/// end the program as they do by default. A second one during that time ends it at once.
///
/// For programs that have no handlers of their own. One that has, such as a server that first answers what it was
/// asked, calls [`shutdown`](crate::shutdown) when it is done instead: handlers of both would run beside each other.
///
/// A process that ends otherwise loses what is not delivered yet: by `std::process::exit` without a flush, by an abort,
/// or by SIGKILL, at most what the rings and the queues hold, which is what was recorded within the last 50 ms when the
/// sinks are healthy.
///
/// # Errors
/// When the system gives no handler or no thread.
///
/// ```no_run
/// let _guard = tense_layer::init()?;
/// tense_layer::flush_on_termination(std::time::Duration::from_secs(5))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn flush_on_termination(timeout: Duration) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    let waiter = move || {
        deafen_thread();
        let Some(first) = signals.forever().next() else { return };
        let flusher = thread::Builder::new().name("tense-flush".to_owned()).spawn(move || {
            deafen_thread();
            shutdown(timeout);
            emulate_default_handler(first).ok();
        });
        let next = if flusher.is_ok() { signals.forever().next() } else { Some(first) };
        emulate_default_handler(next.unwrap_or(first)).ok();
    };
    thread::Builder::new().name("tense-signals".to_owned()).spawn(waiter).map(drop)
}
