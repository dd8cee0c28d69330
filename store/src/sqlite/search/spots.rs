//! The rows of a large trace enter as they are looked at for a page; the places of those that come behind it leave, so
//! that the next page begins there.
//!
//! A page comes in order of time and rows are in the order of spans, so for a page all rows of the trace are looked at.
//! Whoever asks for one page after the other of a large trace would pay for all of them each time. The places stay good
//! whatever is written meanwhile: a number of arrival is never given twice, and what came later is not promised.

use crate::query::Query;

/// So many places are kept, of 24 bytes each.
const MOST: usize = if cfg!(test) { 64 } else { 1 << 16 };
/// A trace of fewer rows than this is looked at as quickly.
const LARGE: u64 = if cfg!(test) { 16 } else { 2_000 };

/// A moment, a number of arrival, and a span as it is kept.
pub(crate) type Spot = (i64, i64, i64);

/// What comes behind a page of a trace.
#[derive(Debug, Default)]
pub(crate) struct Spots {
    /// Which trace, and what was asked.
    of: Option<(i64, Query)>,
    /// Behind which place they are.
    behind: (i64, i64),
    /// In order; none between them is missing.
    all: Vec<Spot>,
    /// Whether there is nothing behind the last of them.
    is_whole: bool,
}

impl Spots {
    /// What comes behind that place, and whether that is all; nothing where it has to be looked for.
    pub(crate) fn behind(&self, trace: i64, query: &Query, place: (i64, i64)) -> Option<(&[Spot], bool)> {
        let is_of = self.of.as_ref().is_some_and(|(of, asked)| *of == trace && asked == query);
        if !is_of || place < self.behind {
            return None;
        }
        let from = self.all.partition_point(|(at, number, _)| (*at, *number) <= place);
        Some((&self.all[from..], self.is_whole))
    }

    /// Keeps those that were gathered while so many rows of the trace were looked at, behind the last place of a page.
    pub(crate) fn keep(&mut self, trace: i64, query: &Query, place: (i64, i64), rows: u64, gathered: Gathered) {
        if rows < LARGE || gathered.spots.is_empty() {
            return self.forget();
        }
        let (all, is_whole) = gathered.in_order();
        *self = Self { of: Some((trace, query.clone())), behind: place, all, is_whole };
    }

    /// Gives their room back.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Those that come first of what is pushed in any order.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    spots: Vec<Spot>,
    /// What is not before it is left out.
    end: Option<Spot>,
}

impl Gathered {
    pub(crate) fn push(&mut self, spot: Spot) {
        if self.end.is_some_and(|end| spot >= end) {
            return;
        }
        self.spots.push(spot);
        if self.spots.len() >= 2 * MOST {
            self.cut();
        }
    }

    fn cut(&mut self) {
        if self.spots.len() > MOST {
            let (_, end, _) = self.spots.select_nth_unstable(MOST);
            self.end = Some(*end);
            self.spots.truncate(MOST);
        }
    }

    fn in_order(mut self) -> (Vec<Spot>, bool) {
        self.cut();
        self.spots.sort_unstable();
        (self.spots, self.end.is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_that_come_first_are_kept_in_order() {
        for count in [1, MOST, MOST + 1, 2 * MOST - 1, 2 * MOST, 7 * MOST + 3] {
            let mut gathered = Gathered::default();
            // Each once, in no order.
            (0..count).for_each(|nth| gathered.push(((nth * 7919 % count) as i64, 1, 2)));
            let (all, is_whole) = gathered.in_order();
            let expected = (0..count.min(MOST)).map(|nth| (nth as i64, 1, 2)).collect::<Vec<Spot>>();
            assert_eq!((all, is_whole), (expected, count <= MOST), "{count}");
        }
    }

    #[test]
    fn only_whoever_goes_on_from_there_is_given_them() {
        let (mut spots, query) = (Spots::default(), Query::new());
        let gathered = || {
            let mut gathered = Gathered::default();
            (0..10).for_each(|at| gathered.push((at, at, 0)));
            gathered
        };
        spots.keep(7, &query, (-1, 0), LARGE, gathered());
        let given =
            |spots: &Spots, trace, query: &Query, place| spots.behind(trace, query, place).map(|(all, _)| all.len());
        assert_eq!(given(&spots, 7, &query, (-1, 0)), Some(10));
        assert_eq!(given(&spots, 7, &query, (4, 4)), Some(5));
        assert_eq!(given(&spots, 7, &query, (9, 9)), Some(0));
        assert_eq!(given(&spots, 8, &query, (4, 4)), None);
        assert_eq!(given(&spots, 7, &query, (-2, 0)), None);
        assert_eq!(given(&spots, 7, &query.clone().with("a:1".parse().unwrap()), (4, 4)), None);
        spots.keep(7, &query, (-1, 0), LARGE - 1, gathered());
        assert_eq!(given(&spots, 7, &query, (4, 4)), None);
    }
}
