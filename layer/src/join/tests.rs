//! Threads that begin, fill in and end each other's spans, with rings that are drained while they write.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use tense::__private::layer::{Ending, enlist_foreign};
use tense::__private::{MARK, More, Site, Spec};

use super::*;

/// One site for all spans: field 0 is handed down, field 1 is not.
static SITE: Site = Site::action(&SITE, module_path!(), "", "", "", &["job_id", "count", MARK]);
static SPEC: Spec =
    Spec { more: More { inherited: 1, ..More::NONE }, ..Spec::action("operation.work.done", &["job_id", "count"]) };
static NUMBER: LazyLock<u32> = LazyLock::new(|| enlist_foreign(SITE.metadata(), Some(&SPEC)));

fn record(kind: Kind, moment: u64, span: u64, other: u64, values: &[(u8, u64)]) -> Record {
    Record {
        kind,
        ending: Ending::Success,
        layer: 0,
        site: *NUMBER,
        moment,
        span,
        other,
        trace: (1, 1),
        values: values.iter().map(|(field, value)| (*field, Value::U64(*value))).collect(),
        cut: Vec::new(),
    }
}

/// What came out of the passes.
#[derive(Default)]
struct Seen {
    /// By span: how often it ended, with which count.
    ended: BTreeMap<u64, Vec<Option<Value>>>,
    /// Spans that were not given the job of the root.
    without_job: Vec<u64>,
}

impl Seen {
    fn pass(&mut self, joiner: &mut Joiner, records: Vec<Record>, drained_from: u64) {
        joiner.pass(records, drained_from, 0, |_, step| {
            if let Step::Ended(span, _) = step {
                let count = span.values.iter().find(|(field, _)| *field == 1).map(|(_, value)| value.clone());
                self.ended.entry(span.id).or_default().push(count);
                if !span.inherited.iter().any(|(name, _)| *name == "job_id") {
                    self.without_job.push(span.id);
                }
            }
        });
    }
}

#[test]
fn an_end_waits_as_long_as_its_begin_does() {
    let (mut joiner, mut seen) = (Joiner::default(), Seen::default());
    // On the way into their rings when these were drained: the parent, and then what the child's thread wrote.
    seen.pass(&mut joiner, vec![record(Kind::End, 30, 2, 0, &[]), record(Kind::Begin, 20, 2, 1, &[])], 100);
    seen.pass(&mut joiner, vec![record(Kind::Begin, 10, 1, 0, &[(0, 7)])], 200);
    assert_eq!((joiner.lost, joiner.open(), joiner.is_waiting()), (0, 1, false));
    assert_eq!((seen.ended.len(), seen.without_job.len()), (1, 0));
}

#[test]
fn a_failure_waits_as_long_as_its_begin_does_and_the_first_stands() {
    let (mut joiner, mut reasons) = (Joiner::default(), Vec::new());
    let late = vec![
        record(Kind::Failed, 20, 2, 0, &[(1, 7)]),
        record(Kind::Failed, 25, 2, 0, &[(1, 8)]),
        record(Kind::End, 30, 2, 0, &[]),
    ];
    joiner.pass(late, 100, 0, |_, _| unreachable!("the begin is not there"));
    joiner.pass(vec![record(Kind::Begin, 10, 2, 0, &[])], 200, 0, |_, step| {
        if let Step::Ended(_, end) = step {
            reasons.push((end.ending, end.values.clone()));
        }
    });
    assert_eq!(reasons, [(Ending::Error, vec![(1, Value::U64(7))])]);
    assert_eq!((joiner.lost, joiner.open()), (0, 0));
}

#[test]
fn a_span_inherits_of_one_that_ended_long_before_in_the_same_pass() {
    let (mut joiner, mut seen) = (Joiner::default(), Seen::default());
    let many = 2 * ENDED_LIMIT as u64;
    let mut records = vec![record(Kind::Begin, 1, 1, 0, &[(0, 7)]), record(Kind::End, 2, 1, 0, &[])];
    for span in 2..many {
        records.extend([record(Kind::Begin, span + 1, span, 0, &[(0, 7)]), record(Kind::End, span + 1, span, 0, &[])]);
    }
    records.extend([record(Kind::Begin, 3 * many, many, 1, &[]), record(Kind::End, 3 * many, many, 0, &[])]);
    seen.pass(&mut joiner, records, u64::MAX);
    assert_eq!((joiner.lost, joiner.open(), seen.without_job.len()), (0, 0, 0));
    // Later they are forgotten, so that memory has a bound.
    (0..3).for_each(|_| seen.pass(&mut joiner, Vec::new(), u64::MAX));
    assert_eq!((joiner.ended.len(), joiner.ended_order.len()), (ENDED_LIMIT, ENDED_LIMIT));
}

#[test]
fn what_is_never_explained_is_taken_as_it_is() {
    let (mut joiner, mut seen) = (Joiner::default(), Seen::default());
    let orphan =
        vec![record(Kind::Begin, 1, 2, 1, &[]), record(Kind::End, 2, 2, 0, &[]), record(Kind::End, 3, 9, 0, &[])];
    seen.pass(&mut joiner, orphan, 100);
    assert!(joiner.is_waiting());
    seen.pass(&mut joiner, Vec::new(), 200);
    assert_eq!((joiner.lost, joiner.open(), seen.ended.len()), (1, 0, 1), "the end of nothing is lost");
}

#[test]
fn nothing_is_lost_between_threads() {
    for seed in 0..300 {
        let (joiner, seen, spans) = history(seed, |drained_from| drained_from);
        assert_eq!((joiner.lost, joiner.open(), joiner.is_waiting()), (0, 0, false), "seed {seed}");
        assert_eq!(seen.without_job, [0; 0], "seed {seed}");
        assert_eq!(seen.ended.len(), spans, "seed {seed}");
        for (span, ends) in &seen.ended {
            assert_eq!(ends.as_slice(), [Some(Value::U64(*span))], "seed {seed}, span {span}");
        }
    }
}

#[test]
fn the_test_sees_what_a_drain_loses_that_goes_by_what_it_finds() {
    let loses = |seed| {
        let (joiner, seen, spans) = history(seed, |_| u64::MAX);
        let whole = |(span, ends): (&u64, &Vec<Option<Value>>)| *ends == [Some(Value::U64(*span))];
        joiner.lost > 0 || seen.ended.len() < spans || !seen.ended.iter().all(whole)
    };
    assert!((0..300).any(loses), "the seeded bug was not seen");
}

const THREADS: usize = 4;

/// Spans of one trace on several threads: each is begun on one, filled in on a second and ended on a third. A drain takes one
/// ring after the other while the threads go on, and now and then a record is in its ring only a little after its moment;
/// what it causes happens after that.
fn history(seed: u64, drained_from: impl Fn(u64) -> u64) -> (Joiner, Seen, usize) {
    let mut random = Random(seed);
    let mut written: Vec<(usize, usize, Record)> = Vec::new();
    let mut in_ring_at = [0; THREADS];
    // Says when the record is in its ring; a thread writes one after the other.
    let mut write = |random: &mut Random, record: Record| {
        let (thread, at) = (random.below(THREADS), record.moment as usize);
        let late = if random.below(4) == 0 { random.below(6) } else { 0 };
        in_ring_at[thread] = in_ring_at[thread].max(at + late);
        written.push((thread, in_ring_at[thread], record));
        in_ring_at[thread]
    };
    let mut open = vec![(1, write(&mut random, record(Kind::Begin, 0, 1, 0, &[(0, 7)])), false)];
    let (mut spans, mut moment) = (1, 0);
    while !open.is_empty() {
        moment += 1;
        let at = random.below(open.len());
        let (span, ready_at, is_filled) = open[at];
        if ready_at as u64 >= moment {
            continue;
        }
        if spans < 200 && random.below(3) > 0 {
            spans += 1;
            let ready_at = write(&mut random, record(Kind::Begin, moment, spans, span, &[]));
            open.push((spans, ready_at, false));
        } else if !is_filled {
            let ready_at = write(&mut random, record(Kind::Fields, moment, span, 0, &[(1, span)]));
            open[at] = (span, ready_at, true);
        } else {
            write(&mut random, record(Kind::End, moment, span, 0, &[]));
            open.swap_remove(at);
        }
    }
    let (mut joiner, mut seen) = (Joiner::default(), Seen::default());
    let mut from = 0;
    while !written.is_empty() || joiner.is_waiting() {
        from += 20 + random.below(40);
        let mut until = from;
        let mut records = Vec::new();
        for ring in 0..THREADS {
            records.extend(
                written.extract_if(.., |(thread, at, _)| *thread == ring && *at <= until).map(|(.., record)| record),
            );
            until += random.below(10);
        }
        seen.pass(&mut joiner, records, drained_from(from as u64));
    }
    (joiner, seen, spans as usize)
}

/// Numbers that look random, the same for the same seed: SplitMix64 (Steele, Lea and Flood, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}
