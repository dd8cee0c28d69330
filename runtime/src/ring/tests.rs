//! Records cross a ring, alone and between two threads.

use std::sync::atomic::AtomicBool;

use super::*;
use crate::record::Header;

fn write(ring: &Ring, body: &[u64]) -> bool {
    let Some((draft, rest)) = ring.draft(Claim::Last) else { return false };
    let rest = body.iter().try_fold(rest, |rest, word| rest.words([*word]));
    rest.map_or_else(|| draft.give_up(), |rest| draft.commit(rest, Header(0)));
    rest.is_some()
}

/// Records as (length, words) with their framing checked.
fn read(words: &[u64]) -> Vec<Vec<u64>> {
    let (mut at, mut records) = (0, Vec::new());
    while at < words.len() {
        let len = usize::try_from(words[at]).unwrap();
        assert!(len >= 1 && at + len <= words.len(), "a torn record: {len} words at {at} of {}", words.len());
        records.push(words[at + 1..at + len].to_vec());
        at += len;
    }
    records
}

#[test]
fn records_come_out_as_they_went_in_also_around_the_end() {
    let ring = Ring::new(0);
    let mut words = Vec::new();
    for turn in 0..10_000_u64 {
        let body: Vec<u64> = (0..turn % 40).map(|n| turn * 100 + n).collect();
        assert!(write(&ring, &body));
        words.clear();
        ring.drain(&mut words);
        assert_eq!(read(&words), [body]);
    }
}

#[test]
fn a_full_ring_drops_and_counts_and_keeps_room_for_ends() {
    let ring = Ring::new(0);
    let mut begun = 0;
    while let Some((draft, rest)) = ring.draft(Claim::Polite) {
        draft.commit(rest.words([1; 7]).expect("a draft has room for eight words"), Header(0));
        begun += 1;
    }
    let refused = ring.dropped();
    assert_eq!(refused, 1);
    assert!(write(&ring, &[1; 9]), "what has begun can still end");
    let mut words = Vec::new();
    ring.drain(&mut words);
    assert_eq!(read(&words).len() as u64, begun + 1);
    assert_eq!(ring.dropped(), refused);
}

#[test]
fn a_record_that_does_not_fit_is_dropped_whole() {
    let ring = Ring::new(0);
    assert!(!write(&ring, &[1; MAX_RECORD + 1]));
    assert_eq!(ring.dropped(), 1);
    assert!(write(&ring, &[2]));
    let mut words = Vec::new();
    ring.drain(&mut words);
    assert_eq!(read(&words), [[2]]);
}

/// Two threads pass 300,000 records; every one comes out whole and in order. That the orders of the accesses are
/// right, and what a wrong one would do, the models show (`models.rs`); this is how it goes on a real machine.
fn race() -> Result<(), String> {
    let (ring, enough) = (Ring::new(0), AtomicBool::new(false));
    let sent = 300_000_u64;
    std::thread::scope(|threads| {
        let producer = threads.spawn(|| {
            let mut n = 0;
            while n < sent && !enough.load(Relaxed) {
                let Some((draft, rest)) = ring.draft(Claim::Last) else {
                    std::thread::yield_now();
                    continue;
                };
                draft.commit(rest.words([n, !n, n, !n]).unwrap(), Header(0));
                n += 1;
            }
        });
        // However the consumer leaves, the producer must not wait for room for ever.
        struct Enough<'a>(&'a AtomicBool);
        impl Drop for Enough<'_> {
            fn drop(&mut self) {
                self.0.store(true, Relaxed);
            }
        }
        let _enough = Enough(&enough);
        let (mut words, mut next) = (Vec::new(), 0);
        while next < sent {
            words.clear();
            ring.drain(&mut words);
            let mut at = 0;
            while at < words.len() {
                let record = words.get(at..at + 5).ok_or("a torn record")?;
                if record != [5, next, !next, next, !next] {
                    return Err(format!("record {next} came out as {record:x?}"));
                }
                (at, next) = (at + 5, next + 1);
            }
            if words.is_empty() {
                if producer.is_finished() && ring.is_empty() {
                    return Err(format!("{next} of {sent} records came out"));
                }
                std::thread::yield_now();
            }
        }
        Ok(())
    })
}

#[test]
fn records_cross_threads_whole_and_in_order() {
    assert_eq!(race(), Ok(()));
}
