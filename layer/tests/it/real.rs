//! Beside another layer of `tracing` our spans are real ones, and what goes along with work goes along there as well.

#![allow(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use crate::kept::Kept;
use tense::{InContext, TraceContext, current_context, suppress, traced};
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

#[traced(operation.page.fetched)]
async fn fetch() {
    tokio::task::yield_now().await;
    parse();
}

#[traced(operation.page.parsed)]
fn parse() {}

/// Writes down every span with the one that it is under, and when one closes.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Seen {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context.span(id).and_then(|span| Some(span.parent()?.name()));
        let name = attributes.metadata().name();
        self.0.lock().unwrap().push(format!("{name} < {}", parent.unwrap_or("-")));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        self.0.lock().unwrap().push(format!("event {}", event.metadata().name()));
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        if let Some(span) = context.span(&id) {
            self.0.lock().unwrap().push(format!("{} closed", span.name()));
        }
    }
}

/// What the other layer has seen, and the events of ours, as a tree.
fn both(work: impl FnOnce()) -> (Vec<String>, String) {
    let (seen, kept) = (Seen::default(), Kept::default());
    let layer = tense_layer::builder().sink(kept.clone()).layer();
    let subscriber = tracing_subscriber::registry().with(layer).with(seen.clone());
    tracing::subscriber::with_default(subscriber, || {
        work();
        tense_layer::flush(std::time::Duration::MAX);
    });
    let seen = std::mem::take(&mut *seen.0.lock().unwrap());
    let events = kept.0.lock().unwrap();
    (seen, crate::tree::tree(&events))
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_spawned_task_is_below_the_real_span_too_which_lives_as_long() {
    #[traced(operation.pages.queued)]
    fn queue() -> tokio::task::JoinHandle<()> {
        tense::spawn(fetch())
    }
    let (seen, tree) = both(|| block_on(async { queue().await.unwrap() }));
    assert_eq!(
        seen,
        [
            "operation.pages.queued < -",
            "operation.page.fetched < operation.pages.queued",
            "operation.page.parsed < operation.page.fetched",
            "operation.page.parsed closed",
            "operation.page.fetched closed",
            "operation.pages.queued closed",
        ]
    );
    assert_eq!(tree, "operation.pages.queued\n  operation.page.fetched\n    operation.page.parsed\n");
}

#[test]
fn a_context_of_nothing_leaves_the_real_spans_of_its_thread_alone() {
    #[traced(operation.loop.turned)]
    fn turn(work: impl FnOnce()) {
        work();
    }
    let (_, tree) = both(|| {
        let outside = current_context();
        turn(|| outside.in_scope(parse));
    });
    assert_eq!(tree, "operation.page.parsed\noperation.loop.turned\n");
}

#[test]
fn what_is_silenced_nobody_sees_and_context_is_no_event_of_theirs() {
    #[traced(operation.round.made)]
    fn round() {
        tense::context!(job_id = "j1");
        suppress(|| {
            parse();
            tense::event!(operation.page.skipped);
            block_on(fetch().in_current_context());
        });
        tense::event!(operation.page.kept, parent = TraceContext::begin("order-7"));
    }
    let (seen, tree) = both(round);
    assert_eq!(seen, ["operation.round.made < -", "event operation.page.kept", "operation.round.made closed"]);
    assert_eq!(tree, "operation.page.kept\noperation.round.made\n");
}

/// Panics where a span of that name is entered, or left, for the first time, or when its counter comes to 0.
struct Broken(&'static str, AtomicU32);

impl Broken {
    fn see<S: tracing::Subscriber + for<'a> LookupSpan<'a>>(&self, moves: &str, id: &Id, context: &Context<'_, S>) {
        let is_meant = context.span(id).is_some_and(|span| self.0 == format!("{moves} {}", span.name()));
        assert!(!is_meant || self.1.fetch_add(1, Relaxed) != 0, "a bug of another layer");
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Broken {
    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.see("enter", id, &context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.see("exit", id, &context);
    }
}

#[test]
fn another_layer_that_panics_disturbs_nothing_that_comes_later() {
    for broken in ["enter operation.page.parsed", "exit operation.page.parsed"] {
        let kept = Kept::default();
        let layer = tense_layer::builder().sink(kept.clone()).layer();
        let subscriber = tracing_subscriber::registry().with(layer).with(Broken(broken, AtomicU32::new(0)));
        tracing::subscriber::with_default(subscriber, || {
            catch_unwind(AssertUnwindSafe(parse)).unwrap_err();
            let later = tracing::info_span!("later");
            later.in_scope(parse);
            drop(later);
            tense_layer::flush(std::time::Duration::MAX);
        });
        let events = kept.0.lock().unwrap();
        let all = crate::tree::tree(&events);
        assert!(all.ends_with("foreign.it.real name=\"later\"\n  operation.page.parsed\n"), "{broken}:\n{all}");
    }
}

#[test]
fn another_layer_that_panics_leaves_the_thread_in_nothing() {
    type Work = fn();
    let kept_for_later: Work = || {
        #[traced(operation.pages.kept, returns = value)]
        fn keep() -> tense::Context {
            current_context()
        }
        keep().in_scope(parse);
    };
    let polled: Work = || block_on(fetch());
    let polled_again: Work = || {
        let mut future: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(fetch());
        let poll = |future: &mut std::pin::Pin<Box<dyn Future<Output = ()>>>| {
            future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_pending()
        };
        assert!(poll(&mut future));
        assert!(poll(&mut future));
    };
    let cases: [(&str, u32, Work); 7] = [
        ("enter operation.page.parsed", 0, parse),
        ("exit operation.page.parsed", 0, parse),
        ("enter operation.page.fetched", 0, polled),
        ("enter operation.page.fetched", 1, polled_again),
        ("exit operation.page.fetched", 1, polled_again),
        ("enter operation.pages.kept", 1, kept_for_later),
        ("exit operation.pages.kept", 1, kept_for_later),
    ];
    for (broken, at, work) in cases {
        let kept = Kept::default();
        let layer = tense_layer::builder().sink(kept.clone()).layer();
        // The counter runs over once the time has come.
        let broken_layer = Broken(broken, AtomicU32::new(0u32.wrapping_sub(at)));
        let subscriber = tracing_subscriber::registry().with(layer).with(broken_layer);
        tracing::subscriber::with_default(subscriber, || {
            catch_unwind(AssertUnwindSafe(work)).unwrap_err();
            assert_eq!(TraceContext::current(), None, "{broken}");
            assert_eq!(tracing::Span::current().id(), None, "{broken}");
            tense::event!(operation.page.skipped);
            tense_layer::flush(std::time::Duration::MAX);
        });
        let events = kept.0.lock().unwrap();
        let skipped = events.iter().find(|event| event.event_type == "operation.page.skipped").unwrap();
        assert_eq!(skipped.parent_span_id, None, "{broken}");
    }
}
