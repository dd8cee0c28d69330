//! Lines in a span whose begin found no room in the ring: each is counted as lost, as the span is, and one that has a
//! recorded span around it is that one's. To the unit, because whoever drains is held while the ring is full.
//!
//! Every case is the only one of its process, because the counts are those of a process.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

#[macro_use]
mod alone;
mod kept;
mod route;
#[path = "lost/full.rs"]
mod full;
#[path = "lost/left.rs"]
mod left;

use std::cell::Cell;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::thread;

use full::{Calls, Full, Made, adds_up, layer, settled};
use kept::Kept;
use tense::__private::Route;
use tense::{Pipeline, TraceContext, log, name, pipeline_stage, span, traced};
use tense_layer::builder;
use tracing::info;
use tracing_subscriber::prelude::*;

/// Two lines: one by `log!`, one by the macro of another crate.
fn lines() {
    log!(info, "a line");
    info!("another one");
}

#[traced(operation.work.done)]
fn work(inside: impl FnOnce()) {
    inside();
}

/// As futures of other tasks are, it is not ready at once.
async fn once_more() {
    let mut is_first = true;
    std::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
}

#[traced(operation.work.awaited)]
async fn awaited() {
    lines();
    once_more().await;
    lines();
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

fn finish<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    loop {
        if let Poll::Ready(out) = poll(future.as_mut()) {
            return out;
        }
    }
}

/// In the middle of a lost span the ring is drained.
fn make_room(full: &mut Option<Full>) -> Calls {
    let calls = full.take().unwrap().calls;
    settled();
    calls
}

#[pipeline_stage(dispatch.numbers.parsed)]
async fn parse(text: String) -> Result<u32, std::num::ParseIntError> {
    lines();
    once_more().await;
    lines();
    text.parse()
}

thread_local! {
    static FULL: Cell<Option<Full>> = const { Cell::new(None) };
    static CALLS: Cell<Option<Calls>> = const { Cell::new(None) };
}

#[pipeline_stage(dispatch.numbers.awaited)]
async fn wait_for_no_room(number: u32) -> Result<u32, String> {
    FULL.set(Some(Full::new()));
    Ok(number)
}

#[pipeline_stage(dispatch.numbers.reserved, compensate = give_back)]
async fn reserve(number: u32) -> Result<u32, String> {
    CALLS.set(Some(make_room(&mut FULL.take())));
    lines();
    Ok(number)
}

#[traced(operation.number.returned)]
async fn give_back(_: &u32) -> Result<(), String> {
    Ok(())
}

#[pipeline_stage(dispatch.numbers.refused)]
async fn refuse(_: u32) -> Result<u32, String> {
    Err("no".to_owned())
}

#[track_caller]
#[traced(operation.work.tracked)]
fn tracked() {
    lines();
}

#[traced(operation.work.placed, parent = above)]
fn placed(above: &TraceContext) {
    lines();
}

cases! {
    fn lines_of_a_lost_call_are_counted_and_those_behind_it_are_not() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            lines();
            work(|| {
                lines();
                // Whatever it calls is lost as well, and so are lines in there, and those that come behind it.
                work(lines);
                lines();
            });
            tracked();
            lines();
            (full.calls, Made { recorded: 0, lost: 2 + 6 + 1 + 2 })
        });
    }

    fn lines_of_a_lost_call_are_those_of_the_recorded_one_around_it() {
        let kept = Kept::default();
        let _guard = layer(&kept);
        adds_up(1, || {
            let mut made = (Calls::default(), Made { recorded: 1 + 2, lost: 1 });
            work(|| {
                let mut full = Some(Full::new());
                work(|| {
                    made.0 = make_room(&mut full);
                    lines();
                });
            });
            made
        });
        let events = kept.0.lock().unwrap();
        let outer = events.iter().find(|event| event.event_type == "operation.work.done").unwrap();
        let lines: Vec<_> = events.iter().filter(|event| event.event_type == "log.info").collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.parent_span_id == Some(outer.span_id) && line.trace_id == outer.trace_id));
    }

    fn what_a_lost_call_calls_is_recorded_when_there_is_room_again() {
        let kept = Kept::default();
        let _guard = layer(&kept);
        adds_up(1, || {
            let (mut full, mut calls) = (Some(Full::new()), Calls::default());
            work(|| {
                calls = make_room(&mut full);
                // There is room for it, and no span that it could be of.
                lines();
                work(lines);
                tracing::info_span!("foreign").in_scope(lines);
                lines();
            });
            (calls, Made { recorded: 3 + 3, lost: 1 + 4 })
        });
    }

    fn polls_of_a_lost_future_are_counted_alike() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let (full, mut future) = (Full::new(), pin!(awaited()));
            assert!(poll(future.as_mut()).is_pending());
            // Between the polls the thread is in nothing.
            lines();
            finish(future);
            lines();
            // One that is dropped on its way.
            let mut cancelled = Box::pin(awaited());
            assert!(poll(cancelled.as_mut()).is_pending());
            drop(cancelled);
            lines();
            (full.calls, Made { recorded: 0, lost: 1 + 4 + 1 + 2 })
        });
    }

    fn what_is_dropped_with_a_lost_future_is_in_it() {
        struct Says;
        impl Drop for Says {
            fn drop(&mut self) {
                lines();
            }
        }
        #[traced(operation.work.held)]
        async fn hold() {
            let _says = Says;
            std::future::pending::<()>().await;
        }
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let (full, mut future) = (Full::new(), Box::pin(hold()));
            assert!(poll(future.as_mut()).is_pending());
            drop(future);
            let mut future = Box::pin(span!(operation.work.instrumented).instrument(async {
                let _says = Says;
                std::future::pending::<()>().await;
            }));
            assert!(poll(future.as_mut()).is_pending());
            drop(future);
            lines();
            (full.calls, Made { recorded: 0, lost: 2 * (1 + 2) })
        });
    }

    fn blocks_and_stretches_of_time_are_spans_too() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            span!(operation.rows.counted, || lines());
            span!(operation.rows.counted).in_scope(lines);
            finish(pin!(span!(operation.rows.counted).instrument(async {
                lines();
                once_more().await;
                lines();
            })));
            let started = span!(operation.rows.counted).start();
            assert!(!started.is_recorded());
            lines();
            started.in_scope(lines);
            // Also on a thread that has room.
            let started = thread::spawn(move || {
                started.in_scope(lines);
                lines();
                started
            });
            let started = started.join().unwrap();
            let entered = started.enter();
            lines();
            drop(entered);
            lines();
            started.end();
            (full.calls, Made { recorded: 0, lost: 4 + 2 + 2 + 4 + 6 })
        });
    }

    fn a_lost_call_that_panics_is_left() {
        std::panic::set_hook(Box::new(|_| {}));
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            for _ in 0..3 {
                catch_unwind(AssertUnwindSafe(|| work(|| panic!("within")))).unwrap_err();
                let polled = catch_unwind(AssertUnwindSafe(|| {
                    finish(pin!(span!(operation.work.awaited, async {
                        once_more().await;
                        if true {
                            panic!("within");
                        }
                    })));
                }));
                polled.unwrap_err();
                lines();
            }
            (full.calls, Made { recorded: 0, lost: 6 })
        });
    }

    fn a_lost_stage_and_a_lost_pipeline() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            let pipeline = Pipeline::named(name!(dispatch.numbers)).stage(ParseStage);
            assert_eq!(finish(pin!(pipeline.run("7".to_owned()))).unwrap(), 7);
            lines();
            // The pipeline, its stage, and that one's lines.
            (full.calls, Made { recorded: 0, lost: 2 + 4 })
        });
        adds_up(1, || {
            let mut full = None;
            let mut calls = Calls::default();
            work(|| {
                full = Some(Full::new());
                let mut stage = pin!(parse("7".to_owned()));
                assert!(poll(stage.as_mut()).is_pending());
                calls = make_room(&mut full);
                assert_eq!(finish(stage).unwrap(), 7);
            });
            // The lines of the second poll have room below the call.
            (calls, Made { recorded: 1 + 2, lost: 1 + 2 })
        });
    }

    fn a_stage_that_is_lost_is_seen_and_undone() {
        let kept = Kept::default();
        let _guard = layer(&kept);
        adds_up(1, || {
            let pipeline = Pipeline::named(name!(dispatch.numbers));
            let pipeline = pipeline.stage(WaitForNoRoomStage).stage(ReserveStage).stage(RefuseStage);
            let error = finish(pin!(pipeline.run(7))).unwrap_err();
            assert!(error.report.compensated().eq(["dispatch.numbers.reserved"]), "{}", error.report);
            // The end of the stage before it has room: what is there for ends is kept free.
            (CALLS.take().unwrap(), Made { recorded: 4 + 2, lost: 1 })
        });
        assert_eq!(settled().stages_unseen, 0);
        let events = kept.0.lock().unwrap();
        let [pipeline, undone] = ["dispatch.numbers.fail", "operation.number.returned"]
            .map(|name| events.iter().find(|event| event.event_type == name).unwrap());
        assert_eq!((undone.parent_span_id, undone.trace_id), (Some(pipeline.span_id), pipeline.trace_id));
    }

    fn spans_of_other_crates_are_lost_alike() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            let foreign = tracing::info_span!("foreign");
            foreign.in_scope(|| {
                lines();
                work(lines);
            });
            lines();
            info!(parent: &foreign, "by its name");
            foreign.in_scope(|| info!(parent: None, "of nothing"));
            thread::scope(|scope| {
                scope.spawn(|| {
                    foreign.in_scope(lines);
                    lines();
                });
            });
            drop(foreign);
            lines();
            (full.calls, Made { recorded: 0, lost: 1 + 2 + 3 + 1 + 2 })
        });
    }

    fn where_somebody_else_looks_as_well_each_layer_counts_its_own() {
        let _outer = layer(&Kept::default());
        let layers = tracing_subscriber::registry()
            .with(builder().sink(Kept::default()).layer())
            .with(builder().sink(Kept::default()).layer());
        tracing::subscriber::with_default(layers, || {
            assert_eq!(route::route(), Route::Slow);
            adds_up(2, || {
                let full = Full::new();
                lines();
                work(|| {
                    lines();
                    work(lines);
                    tracing::info_span!("foreign").in_scope(lines);
                });
                finish(pin!(awaited()));
                lines();
                (full.calls, Made { recorded: 0, lost: (1 + 2) + (1 + 2) + (1 + 2) + (1 + 4) })
            });
        });
    }

    fn what_is_taken_along_from_a_lost_span_is_in_it() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let (mut full, mut calls) = (Some(Full::new()), Calls::default());
            work(|| {
                let context = tense::current_context();
                assert_eq!(TraceContext::current(), None);
                calls = make_room(&mut full);
                thread::scope(|scope| {
                    scope.spawn(|| {
                        lines();
                        context.in_scope(lines);
                        lines();
                        context.in_scope(|| {
                            let further = tense::current_context();
                            further.in_scope(lines);
                            // That is recorded.
                            work(|| further.in_scope(lines));
                            work(lines);
                        });
                    });
                });
                // Nothing is a place of its own, and so is silence, which holds for what begins in a lost span.
                tense::Context::default().in_scope(lines);
                tense::suppress(|| {
                    lines();
                    work(lines);
                });
            });
            (calls, Made { recorded: 1 + 3, lost: 1 + 2 + 2 + 2 })
        });
    }

    /// The child is in what its parent was in, and counts for itself.
    #[cfg(unix)]
    fn a_process_that_is_forked_off_in_a_lost_span_counts_its_own_lines() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let (mut full, mut calls) = (Some(Full::new()), Calls::default());
            work(|| {
                calls = make_room(&mut full);
                match fork::fork().unwrap() {
                    fork::Fork::Child => {
                        tense_layer::forked();
                        lines();
                        work(lines);
                        let health = settled();
                        let counted = (health.ring_full, health.emitted, health.records_lost, health.lost_at_fork);
                        // Without the destructors of a test harness that has no threads any more.
                        std::process::exit(i32::from(counted != (2, 3, 0, 0)));
                    }
                    fork::Fork::Parent(child) => assert_eq!(fork::waitpid(child).unwrap(), 0),
                }
                lines();
            });
            (calls, Made { recorded: 0, lost: 1 + 2 })
        });
    }

    fn what_has_begun_outside_of_silence_is_heard_in_it() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let mut full = Some(Full::new());
            let started = span!(operation.rows.counted).start();
            let calls = make_room(&mut full);
            tense::suppress(|| {
                started.in_scope(|| {
                    lines();
                    work(lines);
                });
                lines();
            });
            started.end();
            (calls, Made { recorded: 3, lost: 1 + 2 })
        });
    }

    fn lines_of_a_lost_call_below_one_of_another_process_are_that_ones() {
        let above: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            // The word about the place is a record of its own, also of each line.
            placed(&above);
            lines();
            (full.calls, Made { recorded: 0, lost: 2 * (1 + 2) })
        });
    }

    fn deeper_than_there_are_places_nothing_is_mixed_up() {
        fn deep(n: u64) {
            work(|| if n == 0 { lines() } else { deep(n - 1) });
        }
        const DEEP: u64 = 1000;
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            deep(DEEP);
            lines();
            (full.calls, Made { recorded: 0, lost: DEEP + 1 + 2 })
        });
        adds_up(1, || {
            let (mut full, mut calls) = (Some(Full::new()), Calls::default());
            work(|| {
                calls = make_room(&mut full);
                lines();
            });
            lines();
            (calls, Made { recorded: 0, lost: 1 + 2 })
        });
    }
}
