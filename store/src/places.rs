//! Ids of spans enter, with where each is; a place is found by its id.
//!
//! A list in the order of ids, not a hash map: a program counts its ids up, so that the list is made without sorting,
//! and where an id is can be guessed. It takes half the memory, and no id that somebody made up makes it slow.

use tense_event::SpanId;

/// Where each span is, in the order of their ids.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Places(Vec<(SpanId, u32)>);

impl Places {
    /// Of a list that is in order, with each id once.
    pub(crate) fn of_sorted(list: Vec<(SpanId, u32)>) -> Self {
        Self(list)
    }

    /// Where the span is. Where ids are without holes this looks once or twice, whatever they are log *n* times.
    pub(crate) fn get(&self, id: SpanId) -> Option<u32> {
        let [(first, _), .., (last, _)] = self.0.as_slice() else { return self.get_near(id, &mut 0) };
        let from_first = |id: SpanId| id.get().saturating_sub(first.get()) as f64;
        // Where it would be if all were equally far from each other. It is a guess: what a float loses does not matter.
        let guess = from_first(id) / from_first(*last).max(1.0) * (self.0.len() - 1) as f64;
        self.get_near(id, &mut (guess as usize))
    }

    /// The same, for many that are near each other: begins at the hint and leaves there where the next one is likely.
    pub(crate) fn get_near(&self, id: SpanId, hint: &mut usize) -> Option<u32> {
        let list = self.0.as_slice();
        let from = (*hint).min(list.len().checked_sub(1)?);
        // In steps that double, away from the hint until the id lies in between.
        let mut step = 1;
        let (low, high) = if list[from].0 <= id {
            let mut low = from;
            while low + step < list.len() && list[low + step].0 <= id {
                low += step;
                step *= 2;
            }
            (low, (low + step).min(list.len()))
        } else {
            let mut high = from;
            while high >= step && list[high - step].0 > id {
                high -= step;
                step *= 2;
            }
            (high.saturating_sub(step), high)
        };
        let at = low + list[low..high].partition_point(|(known, _)| *known < id);
        let (known, place) = list.get(at)?;
        (*known == id).then(|| {
            *hint = at;
            *place
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_id_is_found_and_no_other(
            ids in proptest::collection::btree_set(prop_oneof![1_u64..40, any::<u64>()], 0..40),
            asked in proptest::collection::vec(prop_oneof![0_u64..44, any::<u64>()], 0..40),
            mut hint in 0_usize..50,
        ) {
            let ids: Vec<SpanId> = ids.into_iter().filter_map(SpanId::new).collect();
            let places = Places::of_sorted(ids.iter().copied().zip(100..).collect());
            for id in ids.iter().copied().chain(asked.into_iter().filter_map(SpanId::new)) {
                let expected = ids.iter().position(|known| *known == id).map(|at| at as u32 + 100);
                prop_assert_eq!(places.get(id), expected);
                prop_assert_eq!(places.get_near(id, &mut hint), expected);
            }
        }
    }
}
