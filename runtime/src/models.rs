//! Models of what threads do to each other in the recorder: loom runs each in every order that the memory model allows.
//!
//! The code that runs is the recorder's own, with tiny rings. What is checked: every record comes out once, whole and
//! in the order of its thread, or is counted; no word is read or written by two threads that nothing orders; nobody
//! waits for a wake-up that does not come. Each has bugs that it is given on purpose, and a test that it finds them:
//! see [`Seed`].
//!
//! `RUSTFLAGS="--cfg tense_loom" cargo test -p tense --lib models`; `cargo xtask test` runs them as well.

#![expect(clippy::unwrap_used, reason = "in a test a panic is how a failure is told")]

use std::cell::Cell;
use std::process::Command;
use std::time::Instant;

use loom::sync::Arc;
use loom::thread;

use crate::call::Open;
use crate::drain::{drain, set_drainer};
use crate::record::Header;
use crate::ring::{Claim, Ring};
use crate::sync::{SEED, Seed, seeded};
use crate::thread::{Local, each, set_ring_bytes};

/// Writes a record of three words, if there is room for it.
fn write(ring: &Ring, body: [u64; 2]) -> bool {
    let Some((draft, rest)) = ring.draft(Claim::Last) else { return false };
    let rest = rest.words(body);
    rest.map_or_else(|| draft.give_up(), |rest| draft.commit(rest, Header(0)));
    rest.is_some()
}

/// The bodies of such records, whose second word says again what the first one says.
fn read(words: &[u64]) -> Vec<u64> {
    let (records, rest) = words.as_chunks::<3>();
    assert!(rest.is_empty(), "a torn record: {words:?}");
    records
        .iter()
        .map(|record| {
            assert_eq!(*record, [3, record[1], !record[1]]);
            record[1]
        })
        .collect()
}

/// What a drain finds, of all threads.
fn drained() -> Vec<u64> {
    let mut threads: Vec<Vec<u64>> = Vec::new();
    drain(&mut threads, |words| words);
    threads.iter().flat_map(|words| read(words)).collect()
}

/// How often something that a model is about has happened in all of its runs: what never happens is not checked.
#[derive(Default)]
struct Seen(Cell<u64>);

impl Seen {
    fn note(&self, happened: bool) {
        self.0.set(self.0.get() + u64::from(happened));
    }

    fn times(&self) -> u64 {
        self.0.get()
    }
}

thread_local! {
    static RUNS: Seen = Seen::default();
    static FULL: Seen = Seen::default();
    static AROUND: Seen = Seen::default();
    static REUSED: Seen = Seen::default();
    static AFRESH: Seen = Seen::default();
    static BY_FLUSH: Seen = Seen::default();
    static BY_DRAINER: Seen = Seen::default();
}

/// Runs a model in every order, with the bug that [`finds`] gives it.
fn holds(name: &str, model: fn()) {
    let seed = std::env::var(SEEDED).ok();
    SEED.set(Seed::ALL.into_iter().find(|known| seed.as_ref().is_some_and(|seed| *seed == format!("{known:?}"))));
    let (began, mut builder) = (Instant::now(), loom::model::Builder::new());
    builder.max_branches = 10_000;
    builder.check(move || {
        RUNS.with(|runs| runs.note(true));
        model();
    });
    println!("{name}: {} orders in {:.1} s", RUNS.with(Seen::times), began.elapsed().as_secs_f64());
}

/// How loom says that a thread reads or writes what another one writes, and nothing orders the two.
const RACE: &str = "Causality violation";

const SEEDED: &str = "TENSE_TEST_SEED";

/// That test has to fail with each of these bugs, and to say this. In a process of its own: loom cannot tidy up behind
/// a deadlock.
fn finds(test: &str, seeds: &[(Seed, &str)]) {
    for (seed, expected) in seeds {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", &format!("models::{test}"), "--nocapture"]).env(SEEDED, format!("{seed:?}"));
        let out = again.env_remove("RUST_BACKTRACE").output().unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(!out.status.success() && said.contains(expected), "{seed:?} was not found: {said}");
    }
}

/// One producer and one consumer, around the end of the ring, which may be full.
fn ring() {
    const SENT: u64 = 5;
    let ring = Arc::new(Ring::new(0));
    let producer = {
        let ring = Arc::clone(&ring);
        thread::spawn(move || (0..SENT).filter(|n| write(&ring, [*n, !*n])).collect::<Vec<u64>>())
    };
    let mut words = Vec::new();
    for _ in 0..3 {
        ring.drain(&mut words);
    }
    let sent = producer.join().unwrap();
    ring.drain(&mut words);
    assert_eq!(read(&words), sent, "whole and in order");
    assert_eq!(sent.len() as u64 + ring.dropped(), SENT, "what is not there is counted");
    FULL.with(|full| full.note(ring.dropped() > 0));
    AROUND.with(|around| around.note(sent.len() * 3 > 8));
}

#[test]
fn a_ring_passes_on_what_is_written_and_nothing_else() {
    holds("ring", ring);
    assert!(FULL.with(|full| full.times()) > 0 && AROUND.with(|around| around.times()) > 0);
}

#[test]
fn what_is_wrong_with_a_ring_is_found() {
    use Seed::{HeadEarly, HeadLoad, HeadStore, TailEarly, TailLoad, TailStore};
    let seeds = [TailStore, TailLoad, TailEarly, HeadStore, HeadLoad, HeadEarly];
    finds("a_ring_passes_on_what_is_written_and_nothing_else", &seeds.map(|seed| (seed, RACE)));
}

/// A thread ends, another one begins, and a drainer reads what both of them write.
fn parking() {
    let span = |span| Open { trace: (0, 1), span, layer: 1, is_real: false };
    let work = move |n: u64| {
        let local = Local::take_up().unwrap();
        let is_used = local.ring.is_used();
        assert!(local.stack.top(1).is_none(), "in a span of a thread that is gone");
        let id = local.span_id();
        local.stack.enter(span(id));
        // In the middle of it, as a thread is that is cancelled.
        assert!(write(&local.ring, [n, !n]));
        local.park();
        (id, is_used)
    };
    let (one, other) = (thread::spawn(move || work(1)), thread::spawn(move || work(2)));
    let mut taken = drained();
    let ((a, a_used), (b, b_used)) = (one.join().unwrap(), other.join().unwrap());
    assert_ne!(a, b, "two spans of one id");
    taken.extend(drained());
    taken.sort_unstable();
    assert_eq!(taken, [1, 2]);
    let mut rings = 0;
    each(|_| rings += 1);
    assert_eq!(rings, if a_used || b_used { 1 } else { 2 }, "a ring is made only where none is parked");
    REUSED.with(|reused| reused.note(rings == 1));
    AFRESH.with(|afresh| afresh.note(rings == 2));
}

#[test]
fn a_place_goes_from_thread_to_thread_while_it_is_drained() {
    holds("parking", parking);
    assert!(REUSED.with(|reused| reused.times()) > 0 && AFRESH.with(|afresh| afresh.times()) > 0);
}

#[test]
fn a_place_that_is_given_away_early_is_found() {
    finds("a_place_goes_from_thread_to_thread_while_it_is_drained", &[(Seed::ParkedEarly, RACE)]);
}

/// Two that drain, as the layers of two versions do, while a third thread writes.
fn hand_over() {
    let own = Local::take_up().unwrap();
    assert!(write(&own.ring, [1, !1]));
    let drainer = thread::spawn(drained);
    let writer = thread::spawn(|| {
        let local = Local::take_up().unwrap();
        [10, 11].iter().for_each(|n| assert!(write(&local.ring, [*n, !*n])));
    });
    let of_flush = if seeded(Seed::DrainedBeside) {
        let mut words = Vec::new();
        own.ring.drain(&mut words);
        read(&words)
    } else {
        drained()
    };
    let of_drainer = drainer.join().unwrap();
    writer.join().unwrap();
    let rest = drained();
    for part in [&of_flush, &of_drainer, &rest] {
        assert!(part.iter().filter(|n| **n >= 10).is_sorted(), "in the order of its thread: {part:?}");
    }
    // What was recorded before the flush was taken before it came back, by it or by the other one.
    assert!(!rest.contains(&1));
    BY_FLUSH.with(|seen| seen.note(of_flush.contains(&1)));
    BY_DRAINER.with(|seen| seen.note(of_drainer.contains(&1)));
    let mut all = [of_flush, of_drainer, rest].concat();
    all.sort_unstable();
    assert_eq!(all, [1, 10, 11], "each once");
}

#[test]
fn two_that_drain_share_the_records_between_them() {
    holds("hand-over", hand_over);
    assert!(BY_DRAINER.with(Seen::times) > 0 && BY_FLUSH.with(Seen::times) > 0);
}

#[test]
fn a_drain_beside_the_lock_is_found() {
    finds("two_that_drain_share_the_records_between_them", &[(Seed::DrainedBeside, "each once")]);
}

/// A drainer that nothing but a wake-up wakes, and a thread that records until its ring is more than a quarter full.
fn wake_up() {
    // 16 words: it is woken when the third record begins. Without that a fourth would have room before anybody looked.
    set_ring_bytes(128);
    let drainer = thread::spawn(|| {
        let mut found = drained().len();
        // What is written before it is woken, it finds.
        while found < 2 {
            thread::park();
            found += drained().len();
        }
    });
    assert!(set_drainer(drainer.thread().clone(), || ()));
    let local = Local::take_up().unwrap();
    (0..4).for_each(|n| assert!(write(&local.ring, [n, !n])));
    drainer.join().unwrap();
}

#[test]
fn the_drainer_is_woken_before_a_ring_is_full() {
    holds("wake-up", wake_up);
}

#[test]
fn a_wake_up_that_does_not_come_is_found() {
    finds("the_drainer_is_woken_before_a_ring_is_full", &[(Seed::WakePassedBy, "deadlock")]);
}
