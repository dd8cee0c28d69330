//! Standard error that is closed or that nobody reads, while events are to go there: nobody waits for it.

use std::time::{Duration, Instant};

use tense_layer::{Delivery, builder};

use crate::host::{adds_up_to, calls, failing, flush, is_quick, p99, sink};

const CLOSED: &str = "exec 2>&-";

/// A pipe whose reading end this process has itself, and never reads.
const STUCK: &str = "pipe=$(mktemp -u) && mkfifo $pipe && exec 9<>$pipe 2>&9 && rm $pipe";

/// Prints all that comes while its breaker is open.
fn loud() -> Delivery {
    Delivery::new().name("closed").retry_for(Duration::ZERO).failures(1).print_rate(1_000_000)
}

faults! {
    fn that_is_closed_prints_nothing() under CLOSED {
        let _guard = builder().sink_with(failing(), loud()).init().unwrap();
        calls(1);
        assert!(flush());
        calls(10_000);
        is_quick(p99(10_000));
        let began = Instant::now();
        tense_layer::shutdown(Duration::from_secs(20));
        assert!(began.elapsed() < Duration::from_secs(10));
        let health = adds_up_to(20_001);
        assert_eq!((health.breaker_open, health.queued), (health.emitted, 0), "{health:#?}");
    }

    /// What waits for it is bounded.
    fn that_nobody_reads_keeps_no_call_and_no_shutdown() under STUCK {
        let _guard = builder().sink_with(failing(), loud()).init().unwrap();
        calls(1);
        assert!(!tense_layer::flush(Duration::ZERO).is_complete || sink("closed").opened == 1);
        for _ in 0..20 {
            is_quick(p99(10_000));
            tense_layer::flush(Duration::from_millis(20));
        }
        let began = Instant::now();
        tense_layer::shutdown(Duration::from_millis(300));
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        let health = crate::host::drained(200_001);
        let is_full = health.printed < health.breaker_open;
        assert!(is_full && crate::host::peak() < 200 << 20, "{health:#?}");
    }
}
