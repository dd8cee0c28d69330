//! The process may have no more memory: the program finds that out in its own way, as it would without us, and what we
//! keep stays within its bound.

use std::thread;
use std::time::Duration;

use tense_layer::{InitError, WhileResting, builder, health};

use crate::host::{adds_up, adds_up_to, calls, drained, fine, flush, hanging, hasty, is_quick, p99, until};

/// A gigabyte for everything: the address space of the threads, the rings, the queues.
const WITH_LITTLE_MEMORY: &str = "ulimit -v 1000000";

const MIB: usize = 1 << 20;

const LEAST: usize = 64 << 10;

/// Takes all memory that can be had, in pieces down to 64 KiB and none of it by a panic, and gives back so much.
fn take_all_but(spared: usize) -> Vec<Vec<u8>> {
    let spare = Vec::<u8>::with_capacity(spared);
    let (mut held, mut piece) = (Vec::with_capacity(10_000), 256 * MIB);
    while piece >= LEAST {
        let mut next = Vec::<u8>::new();
        match next.try_reserve_exact(piece) {
            Ok(()) => held.push(next),
            Err(_) => piece /= 2,
        }
    }
    assert!(held.iter().map(Vec::capacity).sum::<usize>() > 100 * MIB, "there was some");
    assert!(Vec::<u8>::new().try_reserve_exact(4 * LEAST).is_err(), "the limit is reached");
    drop(spare);
    held
}

faults! {
    /// With a full queue, and a program that takes all the rest and gives a little of it back.
    fn that_is_used_up_is_the_programs_to_notice() under WITH_LITTLE_MEMORY {
        let stuck = hasty("stuck").while_resting(WhileResting::Keep).queue_bytes(16 * MIB);
        let _guard = builder().sink_with(hanging(), stuck).init().unwrap();
        let mut recorded = 0;
        until("the queue is full", || {
            calls(10_000);
            recorded += 10_000;
            tense_layer::flush(Duration::from_millis(10));
            health().queue_full > 0
        });
        for _ in 0..20 {
            let held = take_all_but(4 * MIB);
            is_quick(p99(5_000));
            recorded += 5_000;
            drop(held);
            tense_layer::flush(Duration::from_millis(10));
        }
        let health = drained(recorded);
        assert!(health.sinks[0].queued_bytes <= 17 << 20, "{health:#?}");
    }

    /// No thread can be had, and that is an error; once there is room again everything is as if nothing had been.
    fn that_is_used_up_from_the_beginning_is_an_error_of_init() under WITH_LITTLE_MEMORY {
        let held = take_all_but(MIB);
        let error = builder().sink_with(fine(), hasty("well")).init().unwrap_err();
        assert!(matches!(error, InitError::Thread(_)), "{error:?}");
        calls(1000);
        assert_eq!(adds_up().emitted, 0);
        drop(held);
        let _guard = builder().sink_with(fine(), hasty("well")).init().unwrap();
        calls(1000);
        assert!(flush());
        assert_eq!(adds_up_to(1000).delivered, 1000);
    }

    /// What the first call of a thread finds no room for goes without; other threads record.
    fn that_is_used_up_where_a_thread_begins_leaves_it_without_a_ring() under WITH_LITTLE_MEMORY {
        let _guard = builder().ring_bytes(8 * MIB).sink_with(fine(), hasty("well")).init().unwrap();
        let held = take_all_but(MIB);
        calls(1000);
        drop(held);
        calls(1000);
        thread::spawn(|| calls(1000)).join().unwrap();
        assert!(flush());
        let health = adds_up_to(3000);
        assert_eq!((health.delivered, health.ring_full), (1000, 2000), "{health:#?}");
    }
}
