//! A hook that is told of what is slow and what fails, in whole programs: what it is told, what it records itself, and
//! what it can do to the program that it is called in.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod apart;
mod kept;

use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use kept::Kept;
use tense::registry::{Event, Registry};
use tense::{event, traced};
use tense_event::Status;
use tense_layer::{Alarm, AlarmKind, Watch, builder, flush, health, shutdown};

const LONG: Duration = Duration::from_secs(20);

/// A query is slow however long it takes, and nothing else ever is.
static REGISTRY: Registry = Registry::new().events(&[Event::new("sql.query", "sql.query_fail").slow_ms(0)]);

#[traced(sql.query)]
fn query() {}

#[traced(operation.cards.charged, fields(token))]
fn charge(token: &str) -> Result<(), String> {
    if token.is_empty() { Ok(()) } else { Err(format!("declined: password={token}")) }
}

#[traced(operation.hooks.called)]
fn called() {}

/// A watch that hands on what it is told.
fn handed_on() -> (Watch, Receiver<Alarm>) {
    let (sender, told) = channel();
    (Watch::new(move |alarm: &Alarm| drop(sender.send(alarm.clone()))), told)
}

/// Drops what it holds with that, on whatever thread that is.
struct Dropping<F: FnMut()>(F);

impl<F: FnMut()> Drop for Dropping<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// How many traces the database holds.
fn kept_traces(path: &std::path::Path) -> usize {
    let store = tense_store::SqliteStore::open_read_only(path).unwrap();
    tense_store::Store::traces(&store, &tense_store::TraceFilter::newest(10_000)).unwrap().len()
}

cases! {
    fn what_is_counted_lies_beside_the_events_for_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trace.db");
        let _guard = builder().service("shop").registry(&REGISTRY).database(&path).init().unwrap();
        for _ in 0..3000 {
            query();
        }
        assert!(flush(LONG).is_complete);
        let [program] = tense_store::SqliteStore::open_read_only(&path).unwrap().programs().unwrap().try_into().unwrap();
        assert_eq!((program.pid, program.service.as_str()), (std::process::id(), "shop"));
        // As it was when the last batch had arrived.
        let count = |name: &str| program.health[name].as_u64().unwrap();
        assert_eq!(["emitted", "delivered", "queued"].map(count), [3000, 3000, 0]);
        let told = (&program.health["sinks"][0]["delivered"], &program.health["types"][0]["slow"]);
        assert_eq!(told, (&3000.into(), &3000.into()));
        assert_eq!(kept_traces(&path), 3000, "nothing of it is an event");
    }

    fn what_is_slow_by_the_registry_is_told_with_its_trace() {
        let ((watch, told), kept) = (handed_on(), Kept::default());
        let _guard = builder().registry(&REGISTRY).slow_from(Duration::MAX).watch(watch).sink(kept.clone()).init().unwrap();
        charge("").unwrap();
        query();
        let events = kept.take();
        let [alarm] = told.try_iter().collect::<Vec<_>>().try_into().unwrap();
        let event = events.iter().find(|event| event.event_type == "sql.query").unwrap();
        assert_eq!((alarm.event_type.as_str(), alarm.trace_id, alarm.span_id), ("sql.query", event.trace_id, Some(event.span_id)));
        assert!(matches!(alarm.kind, AlarmKind::Slow { took, is_over: true, .. } if Some(took) == event.duration));
        let health = health();
        let of = |name: &str| health.types.iter().find(|of_type| of_type.event_type == name).unwrap();
        assert_eq!((of("sql.query").slow, of("operation.cards.charged").slow, health.alarms), (1, 0, 1));
    }

    fn what_fails_too_often_is_told_and_what_the_error_says_is_not() {
        let ((watch, told), kept) = (handed_on(), Kept::default());
        let watch = watch.failures(0.5, 10);
        let _guard = builder().slow_from(Duration::MAX).watch(watch).sink(kept.clone()).init().unwrap();
        for n in 0..10 {
            assert_eq!(charge(if n < 5 { "" } else { "hunter2" }).is_ok(), n < 5);
        }
        let events = kept.take();
        let [alarm] = told.try_iter().collect::<Vec<_>>().try_into().unwrap();
        let kind = alarm.kind;
        assert!(matches!(kind, AlarmKind::Failures { failed: 5, ended: 10, limit: 0.5, .. }), "{kind:?}");
        let last = events.last().unwrap();
        assert_eq!((last.status, Some(last.span_id), last.trace_id), (Status::Failed, alarm.span_id, alarm.trace_id));
        let sentence = alarm.to_string();
        assert!(sentence.starts_with("operation.cards.charged failed 5 of 10 times"), "{sentence}");
        assert!(!format!("{sentence} {alarm:?}").contains("hunter2"), "{alarm:?}");
        assert_eq!(health().types[0].failure_rate(), 0.5);
    }

    fn what_a_hook_does_is_no_event_of_the_program() {
        let kept = Kept::default();
        let (sender, told) = channel();
        let hook = move |_: &Alarm| {
            called();
            event!(operation.hooks.noted);
            tracing::info_span!("in_a_hook").in_scope(|| tracing::info!("told"));
            assert!(health().drainer_panics == 0 && flush(LONG).is_complete, "and it does not wait for itself");
            sender.send(()).unwrap();
        };
        let _guard = builder().registry(&REGISTRY).watch(hook).sink(kept.clone()).init().unwrap();
        query();
        let mut events = kept.take();
        told.recv_timeout(LONG).unwrap();
        events.extend(kept.take());
        assert_eq!(events.iter().map(|event| event.event_type.as_ref()).collect::<Vec<_>>(), ["sql.query"]);
        assert_eq!(health().hook_panics, 0);
    }

    /// Everything is delivered, and whoever ends the program waits until its deadline and no longer.
    fn a_hook_that_hangs_keeps_nothing_but_its_own_thread() {
        let kept = Kept::default();
        let (sender, arrived) = channel();
        let hook = move |_: &Alarm| {
            sender.send(()).unwrap();
            loop {
                std::thread::park();
            }
        };
        let watch = Watch::new(hook).queue(1).failures(0.0, 1);
        let guard = builder().slow_from(Duration::MAX).watch(watch).sink(kept.clone()).init().unwrap();
        charge("no").unwrap_err();
        assert!(flush(Duration::from_millis(200)).is_complete, "a hook is nothing that is missing");
        arrived.recv_timeout(LONG).unwrap();
        (0..1000).for_each(|_| charge("").unwrap());
        let began = Instant::now();
        assert!(shutdown(Duration::from_millis(300)).is_complete);
        drop(guard);
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        let health = health();
        assert_eq!((kept.0.lock().unwrap().len(), health.delivered, health.alarms), (1001, 1001, 0));
    }

    fn a_hook_that_panics_even_when_it_goes_harms_nobody() {
        std::panic::set_hook(Box::new(|_| {}));
        let (kept, (sender, gone)) = (Kept::default(), channel());
        let last = Dropping(move || {
            sender.send(()).unwrap();
            panic!("when it goes");
        });
        let last = std::sync::Mutex::new(last);
        let hook = move |_: &Alarm| {
            let _last = &last;
            panic!("a hook of the program's own");
        };
        let _guard = builder().registry(&REGISTRY).watch(hook).sink(kept.clone()).init().unwrap();
        query();
        assert_eq!(kept.take().len(), 1);
        assert_eq!((health().alarms, health().hook_panics), (1, 1));
        assert!(shutdown(LONG).is_complete);
        gone.recv_timeout(LONG).unwrap();
        query();
        assert!(flush(LONG).is_complete);
    }

    /// Everything that is told of the second that was under way comes before the end.
    fn a_shutdown_tells_what_was_folded() {
        let (watch, told) = handed_on();
        let _guard = builder().registry(&REGISTRY).watch(watch).sink(Kept::default()).init().unwrap();
        (0..100).for_each(|_| query());
        assert!(shutdown(LONG).is_complete);
        let told: Vec<Alarm> = told.try_iter().collect();
        assert_eq!(told.iter().map(|alarm| alarm.more + 1).sum::<u64>(), 100, "{told:?}");
        query();
        assert!(flush(LONG).is_complete);
        assert_eq!((health().alarms, health().shut_down), (told.len() as u64, 1));
    }

    /// What is asked of it is the same whether somebody wants to be told or not.
    fn without_a_hook_health_counts_all_the_same() {
        let (kept, _guard) = Kept::init();
        (0..10).for_each(|n| {
            query();
            charge(if n < 3 { "no" } else { "" }).ok();
        });
        assert_eq!(kept.take().len(), 20);
        let types = health().types;
        let told = |name: &str| {
            let of_type = types.iter().find(|of_type| of_type.event_type == name).unwrap();
            (of_type.ended, of_type.failed, of_type.slow)
        };
        assert_eq!((told("sql.query"), told("operation.cards.charged")), ((10, 0, 0), (10, 3, 0)));
    }

    fn several_layers_have_a_hook_each() {
        use tracing_subscriber::prelude::*;
        let ((first, told_first), (second, told_second)) = (handed_on(), handed_on());
        let (one, other) = (Kept::default(), Kept::default());
        let layer = |watch, kept: &Kept| builder().registry(&REGISTRY).watch(watch).sink(kept.clone());
        tracing_subscriber::registry().with(layer(first, &one).layer()).with(layer(second, &other).layer()).init();
        query();
        assert_eq!((one.take().len(), other.take().len()), (1, 1));
        assert_eq!((told_first.try_iter().count(), told_second.try_iter().count()), (1, 1));
        assert_eq!(health().types.iter().map(|of_type| of_type.ended).collect::<Vec<_>>(), [2]);
    }

    /// What was counted stays; the last minute is one of the layers that are there.
    fn of_a_layer_that_is_gone_nothing_has_happened_lately() {
        use tracing_subscriber::prelude::*;
        let kept = Kept::default();
        let subscriber = tracing_subscriber::registry().with(builder().sink(kept.clone()).layer());
        tracing::subscriber::with_default(subscriber, || charge("no").unwrap_err());
        let until = Instant::now() + LONG;
        while !health().sinks.is_empty() {
            assert!(flush(LONG).is_complete && Instant::now() < until, "{:#?}", health());
        }
        assert_eq!(kept.take().len(), 1);
        let [of_type] = health().types.try_into().unwrap();
        assert_eq!((of_type.ended, of_type.failed, of_type.ended_lately, of_type.failed_lately), (1, 1, 0, 0));
    }
}
