//! The same events go into a table as others keep them, a row of JSON each with an index on the trace, written by
//! SQLite with the same settings; rate, size and one look-up come out.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use serde_json::json;
use tense_benches::cpu::of_this_process;
use tense_benches::random::Random;
use tense_benches::runs::Runs;
use tense_event::{CleanEvent, Sanitizer};

/// Fills the file with so many events.
///
/// # Errors
/// A file that cannot be written.
pub(crate) fn fill(file: &Path, events: usize, hours: f64, batch: usize) -> anyhow::Result<()> {
    let mut db = Connection::open(file)?;
    db.pragma_update(None, "page_size", 8192)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", "NORMAL")?;
    db.pragma_update(None, "cache_size", -8 * 1024)?;
    db.execute_batch("CREATE TABLE spans (trace BLOB, payload TEXT); CREATE INDEX by_trace ON spans (trace)")?;
    let mut runs = Runs::new(1, Duration::from_secs_f64(hours * 3600.0 / events as f64));
    let (sanitizer, mut took, mut worked, mut done) = (Sanitizer::default(), Duration::ZERO, Duration::ZERO, 0);
    let mut traces = Vec::new();
    while done < events {
        let clean: Vec<CleanEvent> =
            runs.by_ref().take(batch.min(events - done)).map(|event| sanitizer.clean(event)).collect();
        traces.extend(clean.first().map(|event| event.trace_id));
        let (began, cpu) = (Instant::now(), of_this_process());
        let tx = db.transaction()?;
        {
            let mut insert = tx.prepare_cached("INSERT INTO spans (trace, payload) VALUES (?1, ?2)")?;
            for event in &clean {
                insert.execute(params![event.trace_id.to_bytes().as_slice(), otlp(event)])?;
            }
        }
        tx.commit()?;
        done += clean.len();
        took += began.elapsed();
        worked += of_this_process() - cpu;
    }
    let rate = |took: Duration| done as f64 / took.as_secs_f64();
    println!("{done:>12} events, {:>7.0}/s by the clock, {:>7.0}/s by the processor", rate(took), rate(worked));
    let mut random = Random::new(7);
    let mut found: Vec<Duration> = Vec::new();
    for _ in 0..2000 {
        let trace = traces[random.below(traces.len())].to_bytes();
        let cpu = of_this_process();
        let mut select = db.prepare_cached("SELECT payload FROM spans WHERE trace = ?1")?;
        let rows = select.query_map([trace.as_slice()], |row| row.get::<_, String>(0))?;
        for row in rows {
            std::hint::black_box(serde_json::from_str::<serde_json::Value>(&row?)?);
        }
        found.push(of_this_process() - cpu);
    }
    found.sort_unstable();
    println!("one trace: p50 {:?}", found[found.len() / 2]);
    drop(db);
    println!("closed: {:.1} bytes an event", file.metadata()?.len() as f64 / done as f64);
    Ok(())
}

/// A span as OpenTelemetry's JSON has it.
fn otlp(event: &CleanEvent) -> String {
    let attribute = |(key, value): (&str, &serde_json::Value)| json!({ "key": key, "value": { "stringValue": value } });
    let mut attributes: Vec<_> = event.data.iter().map(attribute).collect();
    for (key, value) in [("job_id", &event.job_id), ("user_id", &event.user_id), ("worker_id", &event.worker_id)] {
        attributes.extend(value.iter().map(|value| json!({ "key": key, "value": { "stringValue": value } })));
    }
    let ended = event.timestamp.unix_nanos();
    let took = event.duration.map_or(0, |took| took.as_nanos() as i64);
    json!({
        "traceId": event.trace_id, "spanId": event.span_id, "parentSpanId": event.parent_span_id,
        "name": event.event_type, "kind": 1, "status": { "code": event.status },
        "startTimeUnixNano": (ended - took).to_string(), "endTimeUnixNano": ended.to_string(),
        "attributes": attributes,
    })
    .to_string()
}
