//! Durations enter, any number of them; what half of them stayed below leaves, from a few kilobytes.

use std::time::Duration;

/// Bits of a value that are kept: a bucket is at most a 128th of the values in it wide.
const BITS: u32 = 7;
/// Buckets of one power of two.
const CHUNK: usize = 1 << BITS;
/// Values below this have a bucket each; from there on there is one chunk for each power of two.
const CHUNKS: usize = 64 - BITS as usize + 1;
/// Buckets of all of them.
pub(crate) const PLACES: u16 = (CHUNKS * CHUNK) as u16;

/// How often durations of each length occurred, in at most 58 KiB, however many there were.
///
/// Log-linear buckets as in HdrHistogram (<https://hdrhistogram.github.io/HdrHistogram/>): a value of more than 7 bits
/// keeps its highest 8, the first of which is always 1. A bucket from `2^e * m` on is `2^e` wide, with `128 <= m <
/// 256`; its middle, which is what is told, is at most `2^e / 2` from any value in it: a relative error of at most
/// 1/256, 0.4 %. Below 256 ns values are exact, and so are the least and the largest. Quantiles are nearest ranks: of n
/// durations, the `ceil(q * n)`th.
///
/// ```
/// use std::time::Duration;
/// use tense_store::statistics::Histogram;
///
/// let mut histogram = Histogram::default();
/// (1..=100).for_each(|ms| histogram.add(Duration::from_millis(ms), 1));
/// let median = histogram.quantile(0.5).unwrap();
/// assert!(median.abs_diff(Duration::from_millis(50)) < Duration::from_micros(200));
/// assert_eq!(histogram.max(), Some(Duration::from_millis(100)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Made when a duration falls there: most operations know a few powers of two.
    chunks: Vec<Option<Box<[u64; CHUNK]>>>,
    count: u64,
    least: u64,
    largest: u64,
    total: u128,
}

impl Histogram {
    /// Takes a duration that stands for so many; longer than 584 years counts as that.
    pub fn add(&mut self, duration: Duration, times: u64) {
        if times == 0 {
            return;
        }
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        let (chunk, place) = bucket(nanos);
        let counts = self.chunk(chunk);
        counts[place] = counts[place].saturating_add(times);
        self.least = if self.count == 0 { nanos } else { self.least.min(nanos) };
        self.largest = self.largest.max(nanos);
        self.count = self.count.saturating_add(times);
        self.total = self.total.saturating_add(u128::from(nanos) * u128::from(times));
    }

    /// Takes durations that were counted by their [`place_of`]; their least, their largest and all of them together are
    /// known exactly.
    pub(crate) fn absorb(&mut self, places: &[(u16, u64)], (least, largest): (u64, u64), total: u128) {
        if places.is_empty() {
            return;
        }
        for (place, times) in places {
            let (chunk, place) = (usize::from(*place) / CHUNK, usize::from(*place) % CHUNK);
            let count = &mut self.chunk(chunk)[place];
            *count = count.saturating_add(*times);
        }
        let times = places.iter().fold(0_u64, |all, (_, times)| all.saturating_add(*times));
        self.least = if self.count == 0 { least } else { self.least.min(least) };
        self.largest = self.largest.max(largest);
        self.count = self.count.saturating_add(times);
        self.total = self.total.saturating_add(total);
    }

    /// Takes all durations of another one.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        for (at, more) in other.chunks.iter().enumerate() {
            let Some(more) = more else { continue };
            for (count, more) in self.chunk(at).iter_mut().zip(more.iter()) {
                *count = count.saturating_add(*more);
            }
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.largest = self.largest.max(other.largest);
        self.count = self.count.saturating_add(other.count);
        self.total = self.total.saturating_add(other.total);
    }

    /// How many durations there were.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, exactly; `None` when there is none.
    pub fn min(&self) -> Option<Duration> {
        (self.count > 0).then(|| Duration::from_nanos(self.least))
    }

    /// The longest, exactly; `None` when there is none.
    pub fn max(&self) -> Option<Duration> {
        (self.count > 0).then(|| Duration::from_nanos(self.largest))
    }

    /// All of them together, exactly up to 584 years.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(u64::try_from(self.total).unwrap_or(u64::MAX))
    }

    /// The duration that this part of all, from 0 to 1, did not exceed; `None` when there is none. Off by 0.4 % at
    /// most.
    pub fn quantile(&self, part: f64) -> Option<Duration> {
        let rank = (part.clamp(0.0, 1.0) * self.count as f64).ceil() as u64;
        let mut left = rank.clamp(1, self.count.max(1));
        for (middle, count) in self.middles() {
            match left.checked_sub(count) {
                Some(more) if more > 0 => left = more,
                _ => return Some(Duration::from_nanos(middle.clamp(self.least, self.largest))),
            }
        }
        // Counts that have reached their limit no longer add up.
        self.max()
    }

    /// The buckets in which something is, each with its first duration, the first one behind it, and how many are in
    /// it.
    pub fn buckets(&self) -> impl Iterator<Item = (Duration, Duration, u64)> {
        self.filled().map(|(first, width, count)| {
            (Duration::from_nanos(first), Duration::from_nanos(first.saturating_add(width)), count)
        })
    }

    fn middles(&self) -> impl Iterator<Item = (u64, u64)> {
        self.filled().map(|(first, width, count)| (first.saturating_add((width - 1) / 2), count))
    }

    /// First value, width and count of the buckets in which something is.
    fn filled(&self) -> impl Iterator<Item = (u64, u64, u64)> {
        let chunks = self.chunks.iter().enumerate().filter_map(|(at, chunk)| Some((at, chunk.as_ref()?)));
        chunks.flat_map(|(at, chunk)| {
            let counts = chunk.iter().enumerate().filter(|(_, count)| **count > 0);
            counts.map(move |(place, count)| {
                let (first, width) = extent(at, place);
                (first, width, *count)
            })
        })
    }

    fn chunk(&mut self, at: usize) -> &mut [u64; CHUNK] {
        if self.chunks.len() <= at {
            self.chunks.resize_with(at + 1, || None);
        }
        self.chunks[at].get_or_insert_with(|| Box::new([0; CHUNK]))
    }
}

/// The number of the bucket of so many nanoseconds, below [`PLACES`]. Files hold it: it stays what it is.
pub(crate) const fn place_of(nanos: u64) -> u16 {
    let (chunk, place) = bucket(nanos);
    (chunk * CHUNK + place) as u16
}

/// The chunk of a value, and the place in it.
const fn bucket(value: u64) -> (usize, usize) {
    if value < CHUNK as u64 {
        return (0, value as usize);
    }
    let shift = 63 - value.leading_zeros() - BITS;
    (shift as usize + 1, (value >> shift) as usize - CHUNK)
}

/// The first value of a bucket, and how many values it has.
const fn extent(chunk: usize, place: usize) -> (u64, u64) {
    match chunk {
        0 => (place as u64, 1),
        chunk => (((CHUNK + place) as u64) << (chunk - 1), 1 << (chunk - 1)),
    }
}

const _: () = assert!(bucket(u64::MAX).0 + 1 == CHUNKS, "58 chunks of 1 KiB");
const _: () = assert!(place_of(u64::MAX) + 1 == PLACES && place_of(3_000_000) == 1975, "as files hold it");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_its_bucket_and_near_the_middle_of_it() {
        let powers = (0..64).map(|bit| 1_u64 << bit);
        let around = powers.flat_map(|power| [power - 1, power, power.saturating_add(power / 3), power | (power - 1)]);
        for value in around.chain([u64::MAX]) {
            let (chunk, place) = bucket(value);
            let (first, width) = extent(chunk, place);
            assert!(value >= first && value - first < width, "{value} in {first} + {width}");
            assert!((first + (width - 1) / 2).abs_diff(value) <= value / 256, "{value}");
        }
    }
}
