//! Setting up and ending in every order, at every place: an answer, never a panic and never a wait without an end.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use tense_layer::{InitError, builder, flush, health, shutdown};
use tokio::runtime::Builder;

use crate::host::{Kept, adds_up, adds_up_to, calls, hanging, hasty};

const LONG: Duration = Duration::from_secs(30);

faults! {
    fn a_second_init_is_an_error_and_changes_nothing() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let error = builder().sink(Kept::default()).init().unwrap_err();
        assert!(matches!(error, InitError::AlreadySet), "{error}");
        calls(10);
        assert_eq!(kept.take().len(), 10);
        adds_up_to(10);
    }

    fn an_init_behind_calls_records_from_then_on() {
        calls(10);
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        calls(10);
        assert_eq!(kept.take().len(), 10);
        adds_up_to(10);
    }

    fn without_an_init_calls_are_calls() {
        calls(1000);
        let began = Instant::now();
        assert!(flush(LONG).is_complete && shutdown(LONG).is_complete);
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(adds_up_to(0).offered, 0);
        calls(1000);
    }

    fn a_runtime_of_one_thread_may_flush_and_shut_down() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            calls(10);
            assert!(flush(LONG).is_complete);
            assert_eq!(kept.0.lock().unwrap().len(), 10);
            tokio::spawn(async { calls(10) }).await.unwrap();
            assert!(shutdown(LONG).is_complete);
            calls(10);
        });
        assert_eq!(kept.take().len(), 20);
        assert_eq!(adds_up_to(30).shut_down, 10);
    }

    fn a_task_may_flush_and_shut_down() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let tasks: Vec<_> = (0..8).map(|_| runtime.spawn(async { calls(10); flush(LONG).is_complete })).collect();
        for task in tasks {
            assert!(runtime.block_on(task).unwrap());
        }
        assert!(runtime.block_on(async { shutdown(LONG).is_complete }));
        assert_eq!(kept.take().len(), 80);
    }

    fn a_destructor_may_flush_and_shut_down_while_its_thread_panics() {
        struct Last;
        impl Drop for Last {
            fn drop(&mut self) {
                assert!(thread::panicking());
                calls(10);
                assert!(flush(LONG).is_complete && shutdown(LONG).is_complete);
            }
        }
        std::panic::set_hook(Box::new(|_| {}));
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let thread = thread::spawn(|| {
            let _last = Last;
            panic!("the program's own");
        });
        assert_eq!(thread.join().unwrap_err().downcast_ref::<&str>(), Some(&"the program's own"));
        assert_eq!(kept.take().len(), 10);
    }

    fn a_second_shutdown_finds_nothing_left() {
        let kept = Kept::default();
        let guard = builder().sink(kept.clone()).init().unwrap();
        calls(10);
        assert!(shutdown(LONG).is_complete && shutdown(LONG).is_complete);
        calls(10);
        assert!(shutdown(Duration::from_secs(2)).is_complete && flush(LONG).is_complete);
        drop(guard);
        assert_eq!((kept.take().len(), adds_up_to(20).shut_down), (10, 10));
    }

    fn eight_threads_may_shut_down_at_once_while_others_call() {
        let kept = Kept::default();
        let _guard = builder().sink(kept.clone()).init().unwrap();
        let barrier = Barrier::new(12);
        thread::scope(|scope| {
            for nth in 0..12 {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    if nth < 8 { assert!(shutdown(LONG).is_complete) } else { calls(1000) }
                });
            }
        });
        assert!(flush(LONG).is_complete);
        let health = adds_up_to(4000);
        assert_eq!(kept.take().len() as u64, health.delivered);
        assert_eq!(health.delivered + health.shut_down, health.emitted);
    }

    fn a_deadline_holds_for_all_who_wait() {
        let _guard = builder().sink_with(hanging(), hasty("stuck")).init().unwrap();
        calls(10);
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert!(!shutdown(Duration::from_millis(200)).is_complete));
                scope.spawn(|| assert!(!flush(Duration::from_millis(200)).is_complete));
            }
        });
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        assert!(!flush(Duration::ZERO).is_complete);
        assert_eq!(adds_up().delivered, 0);
        assert_eq!(health().queued, 10);
    }
}
