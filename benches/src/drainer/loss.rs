//! How much one busy thread loses, with a ring of the usual size and the drainer beside it, at several paces.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// Takes every event and drops it.
struct Void;

impl tense_layer::Sink for Void {
    fn deliver(&mut self, batch: &[tense_event::CleanEvent]) -> Result<(), tense_layer::SinkError> {
        black_box(batch);
        Ok(())
    }
}

/// Spans at every pace, and from one to the next how many microseconds.
const PACES: [(u64, u64); 5] = [(2_000, 0), (20_000, 0), (1_000_000, 0), (300_000, 2), (100_000, 10)];

pub(crate) fn compare() {
    let guard = tense_layer::builder().sink(Void).init();
    std::thread::sleep(Duration::from_millis(300));
    println!("{:<32} {:>10} {:>10} {:>10} {:>10}", "", "spans", "ring full", "queue full", "lost");
    for (spans, pause) in PACES {
        let before = tense_layer::flush(Duration::from_secs(60)).health;
        let began = Instant::now();
        for span in 0..spans {
            black_box(super::child(black_box(span), black_box("a name")).unwrap_or(0));
            while began.elapsed() < Duration::from_micros((span + 1) * pause) {
                std::hint::spin_loop();
            }
        }
        let after = tense_layer::flush(Duration::from_secs(60)).health;
        let arrived = after.delivered - before.delivered;
        println!(
            "{:<32} {spans:>10} {:>10} {:>10} {:>9.1}%",
            if pause == 0 { format!("{spans} at full speed") } else { format!("one in {pause} µs") },
            after.ring_full - before.ring_full,
            after.queue_full - before.queue_full,
            100.0 * (1.0 - arrived as f64 / spans as f64)
        );
    }
    drop(guard);
}
