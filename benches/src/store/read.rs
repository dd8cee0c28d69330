//! A file that was filled goes in; how long each question takes comes out.

use std::path::Path;
use std::time::Duration;

use tense_benches::cpu::of_this_process;
use tense_benches::random::Random;
use tense_benches::runs::BEGIN;
use tense_event::{Timestamp, TraceId};
use tense_store::query::{Key, Query, Term};
use tense_store::statistics::Statistics;
use tense_store::{Selector, SqliteStore, Store as _, TraceFilter};

/// How long something took by the clock, and how long this program worked on it: others may be at work as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Took {
    cpu: Duration,
    clock: Duration,
}

impl std::fmt::Debug for Took {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1?} (clock {:.1?})", self.cpu, self.clock)
    }
}

struct Watch(Duration, std::time::Instant);

impl Watch {
    fn start() -> Self {
        Self(of_this_process(), std::time::Instant::now())
    }

    fn elapsed(&self) -> Took {
        Took { cpu: of_this_process() - self.0, clock: self.1.elapsed() }
    }
}

/// The half and the 99th of a hundred of these.
fn both(mut took: Vec<Took>) -> (Took, Took) {
    took.sort_unstable();
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    (at(0.5), at(0.99))
}

/// Asks everything that a person asks.
///
/// # Errors
/// A file that cannot be read, or a term that cannot.
pub(crate) fn read(file: &Path) -> anyhow::Result<()> {
    let began = Watch::start();
    let store = SqliteStore::open_read_only(file)?;
    println!("open: {:?}", began.elapsed());
    let mut random = Random::new(7);
    let newest = store.traces(&TraceFilter::newest(usize::MAX))?;
    let total: u64 = newest.iter().map(|trace| trace.events).sum();
    println!("{} traces, {total} events", newest.len());
    let some: Vec<TraceId> = (0..2000).map(|_| newest[random.below(newest.len())].id).collect();
    for round in ["first", "again"] {
        let took = some.iter().map(|id| {
            let began = Watch::start();
            store.trace(*id).map(|_| began.elapsed())
        });
        let (half, most) = both(took.collect::<Result<_, _>>()?);
        println!("one trace, {round}: p50 {half:?}, p99 {most:?}");
    }
    let took = some.iter().take(200).map(|id| {
        let began = Watch::start();
        store.find(&Selector::Suffix(id.short())).map(|_| began.elapsed())
    });
    println!("by its last digits: p50 {:?}", both(took.collect::<Result<_, _>>()?).0);
    let began = Watch::start();
    store.find(&Selector::LastFailed)?;
    println!("last-failed: {:?}", began.elapsed());

    let mut jobs = Vec::new();
    let mut tokens = Vec::new();
    for id in some.iter().take(50) {
        let Some(trace) = store.trace(*id)? else { continue };
        jobs.extend(trace.spans()[0].context.iter().find(|(key, _)| *key == "job_id").map(|(_, job)| job.clone()));
        let token = trace.spans().iter().find_map(|span| span.data.get("token_id")?.as_str().map(str::to_owned));
        tokens.extend(token);
    }
    let first = |query: &Query| -> anyhow::Result<(Took, usize, u64)> {
        let (began, mut from, mut looked_at) = (Watch::start(), None, 0);
        loop {
            let page = store.search(query, from.as_ref(), 50)?;
            looked_at += page.progress.looked_at;
            if !page.events.is_empty() || page.next.is_none() {
                return Ok((began.elapsed(), page.events.len(), looked_at));
            }
            from = page.next;
        }
    };
    let each = |key: Key, texts: &[String]| -> anyhow::Result<(Took, Took)> {
        let took =
            texts.iter().map(|text| first(&Query::new().with(Term::is(key.clone(), text.as_str()))).map(|one| one.0));
        Ok(both(took.collect::<anyhow::Result<_>>()?))
    };
    println!("first page by job: {:?}", each(Key::Job, &jobs)?);
    println!("first page by indexed field: {:?}", each(Key::Field("token_id".to_owned()), &tokens)?);
    let last = newest.first().map_or(BEGIN, |trace| trace.ended.unix_nanos());
    let hours = |hours: i64| Timestamp::from_unix_nanos(last - hours * 3_600_000_000_000);
    let queries = [
        ("type", Query::new().with("type:sql.query".parse()?)),
        ("rare type", Query::new().with("type:operation.context.field_set_failed".parse()?)),
        ("types by a star, failed", Query::new().with("type:operation.*".parse()?).with("status:failed".parse()?)),
        ("type that never was", Query::new().with("type:operation.never.seen".parse()?)),
        ("type and time, an hour", Query::new().with("type:sql.query".parse()?).since(hours(1))),
        ("type and time, long ago", Query::new().with("type:sql.query".parse()?).since(hours(20)).until(hours(19))),
        ("user", Query::new().with("user:user-77".parse()?)),
        ("worker, failed", Query::new().with("worker:worker-03".parse()?).with("status:failed".parse()?)),
    ];
    for (name, query) in &queries {
        let (took, found, looked_at) = first(query)?;
        println!("first page by {name}: {took:?}, {found} found, {looked_at} looked at");
    }
    let scans = [
        ("a number that never was", Query::new().with("rows:=4711".parse()?)),
        ("a text that never was", Query::new().with("statement:*nowhere*".parse()?)),
        ("a text in errors", Query::new().with("error.message:*nowhere*".parse()?)),
        ("a number, an hour", Query::new().with("rows:=4711".parse()?).since(hours(1))),
    ];
    for (name, query) in &scans {
        let (took, _, looked_at) = first(query)?;
        let rate = looked_at as f64 / took.cpu.as_secs_f64() / 1e6;
        println!("scan for {name}: {took:?}, {looked_at} looked at, {rate:.2} M/s");
    }
    let counts = [
        ("all", Query::new()),
        ("--since 24h", Query::new().since(hours(24))),
        ("--since 1h", Query::new().since(hours(1))),
        ("by type", Query::new().with("type:dispatch.*".parse()?)),
    ];
    for (name, query) in &counts {
        let (began, mut from, mut all, mut looked_at) = (Watch::start(), None, Statistics::default(), 0);
        loop {
            let count = store.statistics(query, from.as_ref())?;
            all.merge(count.statistics);
            looked_at += count.progress.looked_at;
            from = count.next;
            if from.is_none() {
                break;
            }
        }
        let took = began.elapsed();
        println!(
            "stats {name}: {took:?}, {looked_at} looked at, {:.2} M/s, {} operations",
            looked_at as f64 / took.cpu.as_secs_f64() / 1e6,
            all.operations().count()
        );
    }
    Ok(())
}
