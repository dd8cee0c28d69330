//! However a lost span is left, on whatever thread, in whatever order and while whatever panics: it is left, and what
//! was set in it is not set around it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use tense::span;

use super::{lines, once_more, poll, tracked, work};
use crate::full::{Calls, Full, Made, adds_up, layer};
use crate::kept::Kept;
use crate::make_room;

cases! {
    fn a_lost_future_that_wanders_between_threads_is_left_on_each() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            let mut future = Box::pin(span!(operation.work.wandered, async {
                lines();
                once_more().await;
                lines();
                once_more().await;
                lines();
                std::future::pending::<()>().await;
            }));
            assert!(poll(future.as_mut()).is_pending());
            lines();
            let elsewhere = thread::spawn(move || {
                lines();
                assert!(poll(future.as_mut()).is_pending());
                lines();
                future
            });
            let mut future = elsewhere.join().unwrap();
            assert!(poll(future.as_mut()).is_pending());
            lines();
            let elsewhere = thread::spawn(move || {
                drop(future);
                lines();
            });
            elsewhere.join().unwrap();
            lines();
            (full.calls, Made { recorded: 0, lost: 1 + 6 })
        });
    }

    fn lost_spans_that_are_left_out_of_order_are_left() {
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            let [a, b] = [span!(operation.rows.counted).start(), span!(operation.rows.counted).start()];
            let (in_a, in_b, again) = (a.enter(), b.enter(), a.enter());
            lines();
            drop(in_a);
            lines();
            drop(in_b);
            lines();
            drop(again);
            lines();
            let foreign = [tracing::info_span!("a"), tracing::info_span!("b")];
            let (in_a, in_b) = (foreign[0].clone().entered(), foreign[1].clone().entered());
            drop(in_a);
            lines();
            drop(in_b);
            lines();
            (full.calls, Made { recorded: 0, lost: 2 + 6 + 2 + 2 })
        });
    }

    fn what_a_destructor_says_while_a_lost_call_unwinds_is_in_it() {
        struct Says;
        impl Drop for Says {
            fn drop(&mut self) {
                lines();
                work(lines);
                tracked();
                lines();
            }
        }
        std::panic::set_hook(Box::new(|_| {}));
        let _guard = layer(&Kept::default());
        adds_up(1, || {
            let full = Full::new();
            let called = || {
                let _says = Says;
                panic!("within")
            };
            catch_unwind(AssertUnwindSafe(|| work(called))).unwrap_err();
            lines();
            // The same of a future, which is dropped while its thread unwinds.
            let dropped = || {
                let mut future = Box::pin(span!(operation.work.awaited, async {
                    let _says = Says;
                    std::future::pending::<()>().await;
                }));
                assert!(poll(future.as_mut()).is_pending());
                panic!("outside")
            };
            catch_unwind(AssertUnwindSafe(dropped)).unwrap_err();
            lines();
            (full.calls, Made { recorded: 0, lost: 2 * (1 + 4 + 3 + 3) })
        });
    }

    fn what_is_set_in_a_lost_call_is_not_set_around_it() {
        let kept = Kept::default();
        let _guard = layer(&kept);
        adds_up(1, || {
            let mut made = (Calls::default(), Made { recorded: 1 + 2, lost: 1 + 1 });
            work(|| {
                let mut full = Some(Full::new());
                work(|| {
                    made.0 = make_room(&mut full);
                    tense::context!(user_id = 7);
                    work(|| {});
                });
                work(|| {});
            });
            made
        });
        assert_eq!(of_a_user(&kept), 0);
    }

    fn what_is_set_in_the_context_of_a_lost_call_holds_for_what_begins_there() {
        let kept = Kept::default();
        let _guard = layer(&kept);
        adds_up(1, || {
            let (mut full, mut calls) = (Some(Full::new()), Calls::default());
            work(|| {
                let context = tense::current_context();
                calls = make_room(&mut full);
                context.in_scope(|| {
                    tense::context!(user_id = 7);
                    work(|| {});
                });
                work(|| {});
            });
            (calls, Made { recorded: 2, lost: 1 })
        });
        assert_eq!(of_a_user(&kept), 1);
    }
}

/// Events that `context!` has told of a user.
fn of_a_user(kept: &Kept) -> usize {
    kept.0.lock().unwrap().iter().filter(|event| event.user_id.is_some()).count()
}
