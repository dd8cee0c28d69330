//! Words of many threads go in, ring by ring; their records come out one by one in the order of their moments,
//! whichever thread wrote them.
//!
//! A thread writes its own records in order, so this is a merge of as many runs as there are threads. A cause is in its
//! ring before its effect takes a moment, so of what happened before the rings were drained all causes are there; what
//! was written meanwhile is kept until they are drained again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tense::__private::layer::{self as runtime, Line, Record, first_len_and_ticks};

/// Records that wait for their turn, in words: 32 MiB. With more the rings are left as they are, and drop and count.
const BACKLOG: usize = 4 << 20;
/// Passes in which a thread's buffer is far too large before it is made smaller: about a second.
const PATIENCE: u32 = 20;
/// A buffer of that many words is small: 8 KiB.
const SMALL: usize = 1024;

pub(crate) struct Order {
    threads: Vec<Thread>,
    /// The threads that have a record whose turn may be next, by its ticks.
    next: BinaryHeap<Reverse<(u64, usize)>>,
    /// When the rings were drained the last time, in ticks.
    drained_from: u64,
}

/// What was drained of one thread.
#[derive(Default)]
struct Thread {
    words: Vec<u64>,
    /// The words before it have been read.
    read: usize,
    /// The words before it were there when the rings were drained again: whatever their moments say, their causes are
    /// there.
    due: usize,
    /// The most that was in it since the last rest, in words; and in how many of these times that was little.
    most: usize,
    spared: u32,
}

impl Order {
    pub(crate) const fn new() -> Self {
        Self { threads: Vec::new(), next: BinaryHeap::new(), drained_from: 0 }
    }

    /// Takes out what the rings hold.
    pub(crate) fn drain(&mut self) {
        self.refill(runtime::ticks(), |threads| {
            if threads.iter().map(|thread| thread.words.len() - thread.read).sum::<usize>() < BACKLOG {
                runtime::drain(threads, |thread| &mut thread.words);
            }
        });
    }

    fn refill(&mut self, drained_from: u64, fill: impl FnOnce(&mut Vec<Thread>)) {
        self.drained_from = drained_from;
        for thread in &mut self.threads {
            thread.make_room();
        }
        fill(&mut self.threads);
        self.next.clear();
        for (number, thread) in self.threads.iter().enumerate() {
            if let Some((_, ticks)) = thread.first(drained_from) {
                self.next.push(Reverse((ticks, number)));
            }
        }
    }

    /// A pass is over: gives back what a burst took.
    pub(crate) fn rest(&mut self) {
        self.threads.iter_mut().for_each(Thread::rest);
    }

    /// What it takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        let words = self.threads.iter().map(|thread| thread.words.capacity()).sum::<usize>() * size_of::<u64>();
        words + self.threads.capacity() * size_of::<Thread>() + self.next.capacity() * size_of::<(u64, usize)>()
    }

    /// How many threads there ever were at one time.
    pub(crate) fn threads(&self) -> usize {
        self.threads.len()
    }

    /// Hands over up to that many records. Says whether there are more whose turn it is.
    pub(crate) fn take(&mut self, most: usize, line: &Line, mut take: impl FnMut(&Record<'_>)) -> bool {
        let mut left = most;
        while left > 0 {
            let Some(Reverse((_, number))) = self.next.pop() else { return false };
            // As long as no other thread has anything older, it is this one's turn.
            let until = self.next.peek().map_or(u64::MAX, |Reverse((ticks, _))| *ticks);
            let Some(thread) = self.threads.get_mut(number) else { continue };
            while let Some((len, ticks)) = thread.first(self.drained_from) {
                if ticks > until || left == 0 {
                    self.next.push(Reverse((ticks, number)));
                    break;
                }
                let record = thread.words.get(thread.read..).and_then(|words| Record::first(words, line));
                // Before it is taken: one that makes us panic must not come again.
                thread.read += len;
                left -= 1;
                if let Some(record) = &record {
                    take(record);
                }
            }
        }
        !self.next.is_empty()
    }

    /// Whether records are left, those whose turn it is not yet among them.
    #[cfg(test)]
    pub(crate) fn is_waiting(&self) -> bool {
        self.threads.iter().any(|thread| thread.read < thread.words.len())
    }

    /// What it keeps, in words.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.threads.iter().map(|thread| thread.words.capacity()).sum()
    }
}

impl Thread {
    /// How many words the next record takes, and its moment in ticks, when it may be read now.
    #[inline]
    fn first(&self, drained_from: u64) -> Option<(usize, u64)> {
        let (len, ticks) = first_len_and_ticks(self.words.get(self.read..)?)?;
        (ticks <= drained_from || self.read < self.due).then_some((len, ticks))
    }

    /// Forgets what was read, as soon as that is half of what is there. What makes no sense, which only a bug of ours
    /// can cause, would stay for ever; it goes as well.
    fn make_room(&mut self) {
        self.most = self.most.max(self.words.len());
        let rest = self.words.get(self.read..).unwrap_or_default();
        if rest.is_empty() || first_len_and_ticks(rest).is_none() {
            self.words.clear();
            self.read = 0;
        } else if self.read > rest.len() {
            self.words.drain(..self.read);
            self.read = 0;
        }
        self.due = self.words.len();
    }

    fn rest(&mut self) {
        let is_far_too_large = self.words.capacity() > SMALL.max(8 * self.most);
        self.spared = if is_far_too_large { self.spared + 1 } else { 0 };
        self.most = self.words.len();
        if self.spared > PATIENCE {
            self.spared = 0;
            self.words.shrink_to(SMALL.max(2 * self.most));
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    impl Order {
        /// As if the rings of so many threads had held that.
        pub(crate) fn drain_of(&mut self, drained_from: u64, rings: &[Vec<u64>]) {
            self.refill(drained_from, |threads| {
                threads.resize_with(threads.len().max(rings.len()), Thread::default);
                for (thread, words) in threads.iter_mut().zip(rings) {
                    thread.words.extend_from_slice(words);
                }
            });
        }
    }

    /// The end of a span at a moment, as a ring holds it.
    fn end(ticks: u64, span: u64) -> [u64; 3] {
        [3 | 2 << 16, ticks, span]
    }

    fn spans(order: &mut Order, most: usize) -> Vec<u64> {
        let mut spans = Vec::new();
        order.take(most, &Line::SAME, |record| spans.push(record.span));
        spans
    }

    #[test]
    fn the_records_of_all_threads_come_in_one_order() {
        let mut order = Order::new();
        order.drain_of(100, &[[end(1, 1), end(4, 4), end(5, 5)].concat(), [end(2, 2), end(3, 3), end(6, 6)].concat()]);
        assert_eq!(spans(&mut order, 4), [1, 2, 3, 4]);
        order.drain_of(200, &[vec![], end(7, 7).to_vec(), [end(0, 70), end(8, 8)].concat()]);
        assert_eq!(spans(&mut order, 100), [70, 5, 6, 7, 8]);
        assert!(!order.is_waiting());
    }

    #[test]
    fn what_was_written_while_the_rings_were_drained_comes_when_they_are_drained_again() {
        let mut order = Order::new();
        order.drain_of(10, &[[end(1, 1), end(12, 12)].concat(), end(11, 11).to_vec()]);
        assert_eq!(spans(&mut order, 100), [1]);
        assert!(order.is_waiting());
        // Its clock is far ahead of that of the drainer, or began anew: that is no reason to keep a record for ever.
        order.drain_of(3, &[end(13, 13).to_vec()]);
        assert_eq!(spans(&mut order, 100), [11, 12]);
        order.drain_of(4, &[]);
        assert_eq!(spans(&mut order, 100), [13]);
    }

    #[test]
    fn words_without_sense_cost_themselves_and_nothing_else() {
        let mut order = Order::new();
        let nonsense = vec![7 | 9 << 16, 1];
        order.drain_of(10, &[nonsense, end(2, 2).to_vec()]);
        assert_eq!(spans(&mut order, 100), [2]);
        order.drain_of(20, &[end(11, 11).to_vec()]);
        assert_eq!(spans(&mut order, 100), [11]);
    }

    #[test]
    fn a_record_that_makes_us_panic_does_not_come_again() {
        let mut order = Order::new();
        order.drain_of(10, &[[end(1, 1), end(2, 2)].concat(), end(3, 3).to_vec()]);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            order.take(9, &Line::SAME, |_| panic!("a bug of ours"));
        }));
        assert!(panicked.is_err());
        order.drain_of(10, &[]);
        assert_eq!(spans(&mut order, 9), [2, 3]);
    }

    #[test]
    fn a_backlog_is_worked_off_while_more_comes() {
        let (mut order, mut next, mut seen) = (Order::new(), 1, Vec::new());
        while seen.len() < 5000 {
            let ring = |next: &mut u64, most| {
                let burst = (*next..10_000.min(*next + most)).flat_map(|n| end(n, n)).collect();
                *next = 10_000.min(*next + most);
                burst
            };
            let rings = [ring(&mut next, 70), ring(&mut next, 30), ring(&mut next, 1)];
            order.drain_of(next, &rings);
            seen.extend(spans(&mut order, 64));
            order.rest();
        }
        seen.extend(spans(&mut order, usize::MAX));
        assert!(seen.iter().copied().eq(1..next), "none is lost, none comes twice, and all in their order");
    }

    #[test]
    fn memory_is_given_back_after_a_burst() {
        let mut order = Order::new();
        let burst: Vec<u64> = (1..100_000).flat_map(|n| end(n, n)).collect();
        order.drain_of(u64::MAX, &[burst]);
        assert_eq!(spans(&mut order, usize::MAX).len(), 99_999);
        order.rest();
        let full = order.capacity();
        for _ in 0..2 * PATIENCE {
            order.drain_of(u64::MAX, &[end(1, 1).to_vec()]);
            assert_eq!(spans(&mut order, 100), [1]);
            order.rest();
        }
        assert!(full > 250_000 && order.capacity() <= SMALL, "{full} words, and then {}", order.capacity());
    }

    /// What `docs/reliability.md` says of it: four times the backlog, and two rings for each thread.
    #[test]
    fn a_backlog_takes_a_bounded_memory() {
        const RING: usize = 1 << 18;
        let (mut order, ring): (_, Vec<u64>) = (Order::new(), (1..=RING as u64 / 3).flat_map(|n| end(n, n)).collect());
        let rings = vec![ring; 8];
        let mut most = 0;
        // Never enough is read for what was read to be forgotten, until all is.
        for taken in [0, 0, 200_000, 0, 300_000, 0, 0, 400_000, 0, 900_000, 0, 0, usize::MAX, 0] {
            let unread = order.threads.iter().map(|thread| thread.words.len() - thread.read).sum::<usize>();
            order.drain_of(u64::MAX, if unread < BACKLOG { &rings } else { &[] });
            most = most.max(order.bytes());
            order.take(taken, &Line::SAME, |_| {});
            order.rest();
        }
        let bound = (4 * BACKLOG + 2 * 8 * RING) * size_of::<u64>();
        assert!(most > BACKLOG * size_of::<u64>() && most < bound, "{most} of {bound}");
    }
}
