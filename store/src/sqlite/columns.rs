//! Ids of spans, moments and statuses as columns hold them.

use std::time::Duration;

/// Nanoseconds as a column holds them: 292 years are the longest.
pub(crate) use tense_event::duration_nanos as nanos;
use tense_event::{SpanId, Status};

/// A span's id as its distance from its trace's base, in 64 bits that wrap around: most programs give numbers in a row.
pub(crate) const fn span(base: i64, id: SpanId) -> i64 {
    (id.get() as i64).wrapping_sub(base)
}

/// The id at that distance; zero is none.
pub(crate) const fn span_id(base: i64, span: i64) -> Option<SpanId> {
    SpanId::new(base.wrapping_add(span) as u64)
}

pub(crate) const fn status_number(status: Status) -> i64 {
    match status {
        Status::Pending => 0,
        Status::Success => 1,
        Status::Failed => 2,
    }
}

pub(crate) const fn status_of(number: i64) -> Option<Status> {
    match number {
        0 => Some(Status::Pending),
        1 => Some(Status::Success),
        2 => Some(Status::Failed),
        _ => None,
    }
}

/// A column's nanoseconds; a negative number, which only a damaged file has, is none.
pub(crate) fn duration(nanos: i64) -> Duration {
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

/// The names of an operation as one number: of its type, of its span's name, which is 0 where it is the type, and of
/// its service, which is 0 where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ids(u64);

impl Ids {
    /// `names.id` has 17 bits at most.
    const BITS: u32 = 17;
    const MASK: u64 = (1 << Self::BITS) - 1;

    /// None where one of the numbers is no name's.
    #[inline]
    pub(crate) fn new(kind: i64, name: i64, service: i64) -> Option<Self> {
        let id = |id: i64| u64::try_from(id).ok().filter(|id| *id <= Self::MASK);
        Some(Self(id(kind).filter(|kind| *kind > 0)? << (2 * Self::BITS) | id(name)? << Self::BITS | id(service)?))
    }

    /// As it was packed; the other bits mean nothing.
    pub(crate) const fn of_number(number: u64) -> Self {
        Self(number)
    }

    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    pub(crate) const fn kind(self) -> i64 {
        (self.0 >> (2 * Self::BITS) & Self::MASK) as i64
    }

    pub(crate) const fn name(self) -> i64 {
        (self.0 >> Self::BITS & Self::MASK) as i64
    }

    pub(crate) const fn service(self) -> i64 {
        (self.0 & Self::MASK) as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_span_id_comes_back() {
        for base in [1, 5, u64::MAX, 1 << 63] {
            for id in [1, 2, u64::MAX, 1 << 63, (1 << 63) - 1] {
                let id = SpanId::new(id).unwrap();
                assert_eq!(span_id(base as i64, span(base as i64, id)), Some(id));
            }
        }
    }
}
