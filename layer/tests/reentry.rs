//! The host's code is called while something is recorded, and records itself: a value's form, a panic hook, a sink,
//! another layer. It comes to an end, what it records is there, and the call that it happened in has its result. Under
//! the global default and under a scoped one, on the direct way and beside a layer that wants real spans.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod apart;
mod kept;

use std::fmt::{self, Debug, Display};
use std::panic::{catch_unwind, set_hook};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use kept::Kept;
use tense::{Json, event, record, traced};
use tense_event::CleanEvent;
use tense_layer::{Sink, SinkError, builder};
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry;

/// Says what it does, in all ways that there are.
struct Chatty;

impl Chatty {
    fn chat(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tracing::info!("formatting");
        let _span = tracing::info_span!("while_formatting", k = 1).entered();
        event!(operation.chat.noted);
        helped();
        f.write_str("chatty")
    }
}

impl Debug for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chat(f)
    }
}

impl Display for Chatty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chat(f)
    }
}

impl serde::Serialize for Chatty {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        helped();
        serializer.collect_str(self)
    }
}

impl std::error::Error for Chatty {}

#[traced(operation.chat.helped)]
fn helped() {
    tracing::info!("helping");
}

#[traced(operation.chat.seen, fields(?value, shown = %value, json = Json::of(value), late = _))]
fn see(value: &Chatty) -> u8 {
    record!(late = format!("{value}"));
    7
}

#[traced(operation.chat.refused)]
fn refuse() -> Result<(), Chatty> {
    Err(Chatty)
}

/// Its form records itself, whose form does so again.
struct Endless;

impl Debug for Endless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        look(self);
        event!(operation.chat.noted, endless = ?self);
        tracing::info!(?self, "{self:?}");
        f.write_str("endless")
    }
}

impl serde::Serialize for Endless {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        event!(operation.chat.noted, endless = Json::of(self));
        serializer.serialize_str("endless")
    }
}

#[traced(operation.chat.looked, fields(?endless))]
fn look(endless: &Endless) {}

fn named<'a>(events: &'a [CleanEvent], name: &str) -> Vec<&'a CleanEvent> {
    events.iter().filter(|event| event.event_type == name).collect()
}

/// All of it, with fields, errors, foreign spans and foreign messages.
fn chat(kept: &Kept) {
    assert_eq!(see(&Chatty), 7);
    let events = kept.take();
    let seen = named(&events, "operation.chat.seen");
    let data = &seen.first().unwrap().data;
    for key in ["value", "shown", "json", "late"] {
        assert_eq!(data.get(key).unwrap().as_str(), Some("chatty"), "{key}");
    }
    assert!(named(&events, "operation.chat.helped").len() >= 4, "what it does meanwhile is recorded too");
    assert!(refuse().is_err());
    let events = kept.take();
    let error = named(&events, "operation.chat.refuse_failed").first().unwrap().error.clone().unwrap();
    assert_eq!(error.error_message, "chatty");

    let span = tracing::info_span!("foreign", value = ?Chatty, shown = %Chatty);
    let _inside = span.enter();
    tracing::info!(value = ?Chatty, "{} {:?}", Chatty, Chatty);
    tracing::error!("{Chatty}");
    assert_eq!(see(&Chatty), 7);
    assert_eq!(named(&kept.take(), "operation.chat.seen").len(), 1);
}

/// A real span is what the other layer wants; it formats every value itself.
struct Formatting(AtomicU64);

impl<S: Subscriber> Layer<S> for Formatting {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        self.0.fetch_add(format!("{attributes:?}").len() as u64, Relaxed);
    }
}

fn scoped(kept: &Kept, work: impl FnOnce()) {
    let subscriber = registry().with(builder().sink(kept.clone()).layer());
    tracing::subscriber::with_default(subscriber, work);
}

cases! {
    fn a_form_that_records_is_recorded_on_the_direct_way() {
        let (kept, _guard) = Kept::init();
        chat(&kept);
    }

    fn a_form_that_records_is_recorded_under_a_scoped_default() {
        let kept = Kept::default();
        scoped(&kept, || chat(&kept));
    }

    fn a_form_that_records_is_recorded_as_real_spans() {
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Formatting(AtomicU64::new(0))).init();
        chat(&kept);
    }

    fn a_form_that_records_is_recorded_under_a_scope_within_the_global_one() {
        let (global, _guard) = Kept::init();
        let kept = Kept::default();
        scoped(&kept, || chat(&kept));
        chat(&global);
    }

    fn a_form_that_records_itself_comes_to_an_end() {
        let (kept, _guard) = Kept::init();
        look(&Endless);
        event!(operation.chat.noted, endless = Json::of(&Endless));
        let _inside = tracing::info_span!("foreign", endless = ?Endless).entered();
        tracing::info!("{Endless:?}");
        assert!(!named(&kept.take(), "operation.chat.looked").is_empty());
    }

    fn a_form_that_records_itself_comes_to_an_end_under_a_scoped_default() {
        let kept = Kept::default();
        scoped(&kept, || {
            look(&Endless);
            let _inside = tracing::info_span!("foreign", endless = ?Endless).entered();
            tracing::info!("{Endless:?}");
            assert!(!named(&kept.take(), "operation.chat.looked").is_empty());
        });
    }

    /// It records while the thread panics, under whatever the panic passes by.
    fn a_panic_hook_may_record() {
        set_hook(Box::new(|info| {
            tracing::error!("{info}");
            event!(operation.chat.noted, info = %info);
            assert_eq!(see(&Chatty), 7);
        }));
        #[traced(operation.work.burnt)]
        fn burn() {
            let _foreign = tracing::info_span!("foreign").entered();
            panic!("the host's own")
        }
        let (kept, _guard) = Kept::init();
        for turn in 0..3 {
            assert!(catch_unwind(burn).is_err());
            let events = kept.take();
            let burnt = named(&events, "operation.work.burn_failed");
            let message = &burnt.first().unwrap().error.as_ref().unwrap().error_message;
            assert!(message.starts_with("the host's own at "), "{turn}: {message}");
            assert_eq!(named(&events, "operation.chat.seen").len(), 1);
        }
        let under = Kept::default();
        scoped(&under, || {
            assert!(catch_unwind(burn).is_err());
            assert_eq!(named(&under.take(), "operation.work.burn_failed").len(), 1);
        });
    }

    fn what_a_sink_does_is_not_recorded() {
        static CALLS: AtomicU64 = AtomicU64::new(0);
        struct Traced(Kept);
        impl Sink for Traced {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                CALLS.fetch_add(1, Relaxed);
                helped();
                event!(operation.chat.noted);
                let _foreign = tracing::info_span!("foreign").entered();
                tracing::info!("delivered");
                self.0.deliver(batch)
            }
        }
        let kept = Kept::default();
        let _guard = builder().sink(Traced(kept.clone())).init().unwrap();
        see(&Chatty);
        assert_eq!(named(&kept.take(), "operation.chat.seen").len(), 1);
        // A few passes of the drainer: what the sink records would come back to it.
        let calls = CALLS.load(Relaxed);
        std::thread::sleep(Duration::from_millis(300));
        assert_eq!((kept.take().len(), CALLS.load(Relaxed)), (0, calls));
    }

    fn a_sink_that_panics_has_failed_and_is_asked_again() {
        set_hook(Box::new(|_| {}));
        struct Panicking(Kept);
        impl Sink for Panicking {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                static ONCE: AtomicBool = AtomicBool::new(true);
                assert!(!ONCE.swap(false, Relaxed), "no more disk");
                self.0.deliver(batch)
            }
        }
        let kept = Kept::default();
        let _guard = builder().sink(Panicking(kept.clone())).init().unwrap();
        helped();
        kept.take();
        assert!(tense_layer::health().sink_failed > 0);
        helped();
        assert!(!kept.take().is_empty());
    }

    /// Neither a call, nor a flush, nor the end of the process waits for it longer than it said.
    fn a_sink_that_never_comes_back_is_not_waited_for() exits 0 {
        struct Stuck;
        impl Sink for Stuck {
            fn deliver(&mut self, _: &[CleanEvent]) -> Result<(), SinkError> {
                loop {
                    std::thread::park();
                }
            }
        }
        let guard = builder().sink(Stuck).queue_events(100).init().unwrap();
        let began = Instant::now();
        (0..5000).for_each(|_| helped());
        let report = tense_layer::flush(Duration::from_millis(100));
        assert!(!report.is_complete && report.health.queued > 0, "{report:?}");
        drop(guard);
        assert!(began.elapsed() < Duration::from_secs(20));
    }

    fn a_sink_may_flush() {
        struct Flushing(Kept);
        impl Sink for Flushing {
            fn deliver(&mut self, batch: &[CleanEvent]) -> Result<(), SinkError> {
                assert!(!tense_layer::flush(Duration::from_millis(10)).is_complete, "its own batch is on its way");
                self.0.deliver(batch)
            }
        }
        let kept = Kept::default();
        let _guard = builder().sink(Flushing(kept.clone())).init().unwrap();
        helped();
        assert!(!kept.take().is_empty());
    }

    /// Its panic is the host's, as it is with `info_span!`; nothing of ours is left behind.
    fn a_layer_that_panics_leaves_nothing_behind() {
        set_hook(Box::new(|_| {}));
        static ARMED: AtomicU64 = AtomicU64::new(0);
        struct Panicking;
        impl Panicking {
            fn turn(turn: u64) {
                assert!(ARMED.compare_exchange(turn, 0, Relaxed, Relaxed).is_err(), "somebody else's layer");
            }
        }
        impl<S: Subscriber> Layer<S> for Panicking {
            fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
                Self::turn(1);
            }
            fn on_enter(&self, _: &Id, _: Context<'_, S>) {
                Self::turn(2);
            }
            fn on_exit(&self, _: &Id, _: Context<'_, S>) {
                Self::turn(3);
            }
        }
        let kept = Kept::default();
        registry().with(builder().sink(kept.clone()).layer()).with(Panicking).init();
        for turn in [1, 2, 3].repeat(5) {
            ARMED.store(turn, Relaxed);
            assert!(catch_unwind(helped).is_err(), "{turn}");
        }
        kept.take();
        assert_eq!(tense_layer::health().open_spans, 0);
        helped();
        let events = kept.take();
        let helped = named(&events, "operation.chat.helped");
        assert!(helped.len() == 1 && helped[0].parent_span_id.is_none(), "{helped:#?}");
        // Foreign spans are still what is below them is put below.
        let foreign = tracing::info_span!("foreign").entered();
        self::helped();
        drop(foreign);
        let events = kept.take();
        let (helped, foreign) = (named(&events, "operation.chat.helped"), named(&events, "foreign.reentry"));
        assert_eq!(helped[0].parent_span_id, Some(foreign[0].span_id));
    }
}
