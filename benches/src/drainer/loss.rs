//! How much one busy thread loses, with a ring of the usual size and the drainer beside it, at several paces.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tense_benches::spans::Nowhere;

/// Spans at every pace, and from one to the next how many microseconds.
const PACES: [(u64, u64); 5] = [(2_000, 0), (20_000, 0), (1_000_000, 0), (300_000, 2), (100_000, 10)];

#[tense::traced(operation.cards.charged, fields(id, name))]
#[inline(never)]
fn child(id: u64, name: &str) -> Result<u64, std::fmt::Error> {
    black_box(name);
    Ok(black_box(id))
}

pub(crate) fn compare() -> anyhow::Result<Vec<Value>> {
    let guard = tense_layer::builder().sink(Nowhere).init()?;
    std::thread::sleep(Duration::from_millis(300));
    println!("{:<32} {:>10} {:>10} {:>10} {:>10}", "", "spans", "ring full", "queue full", "lost");
    let paces = PACES.map(|(spans, pause)| {
        let before = guard.flush(Duration::from_secs(60)).health;
        let began = Instant::now();
        for span in 0..spans {
            black_box(child(black_box(span), black_box("a name")).unwrap_or(0));
            while began.elapsed() < Duration::from_micros((span + 1) * pause) {
                std::hint::spin_loop();
            }
        }
        let after = guard.flush(Duration::from_secs(60)).health;
        let lost = 1.0 - (after.delivered - before.delivered) as f64 / spans as f64;
        let (ring_full, queue_full) = (after.ring_full - before.ring_full, after.queue_full - before.queue_full);
        let name = if pause == 0 { format!("{spans} at full speed") } else { format!("one in {pause} µs") };
        println!("{name:<32} {spans:>10} {ring_full:>10} {queue_full:>10} {:>9.1}%", 100.0 * lost);
        json!({
            "spans": spans, "microseconds_between": pause, "ring_full": ring_full, "queue_full": queue_full, "lost": lost,
        })
    });
    Ok(paces.into())
}
