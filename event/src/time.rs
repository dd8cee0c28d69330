//! A moment, in nanoseconds since 1970; it leaves as RFC 3339 text in UTC.

use std::fmt;

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted, from the year 1677 to 2262.
///
/// ```
/// let at = tense_event::Timestamp::from_unix_nanos(1_795_255_200_000_123_000);
/// assert_eq!(at.to_string(), "2026-11-21T10:00:00.000123Z");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes nanoseconds since 1970.
    pub const fn from_unix_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970.
    pub const fn unix_nanos(self) -> i64 {
        self.0
    }

    /// The moment so long after this one; the last that there is where that is later.
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_event::Timestamp;
    /// let at = Timestamp::from_unix_nanos(5);
    /// assert_eq!(at.saturating_add(Duration::from_nanos(2)), Timestamp::from_unix_nanos(7));
    /// assert_eq!(at.saturating_add(Duration::MAX), Timestamp::from_unix_nanos(i64::MAX));
    /// ```
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration_nanos(duration)))
    }
}

/// A duration as [`Timestamp`] counts: in nanoseconds, of which 292 years are the most.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(tense_event::duration_nanos(Duration::from_micros(3)), 3_000);
/// assert_eq!(tense_event::duration_nanos(Duration::MAX), i64::MAX);
/// ```
pub fn duration_nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// A duration as the key `duration_ms` of an event has it: in milliseconds, exact to the nanosecond up to 99 days
/// (2^33 ms: from there on neighbouring numbers are more than a nanosecond apart).
///
/// ```
/// use std::time::Duration;
/// assert_eq!(tense_event::duration_ms(Duration::from_micros(1_500)), 1.5);
/// ```
pub const fn duration_ms(duration: Duration) -> f64 {
    duration.as_nanos() as f64 / 1e6
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_nanosecond(self.0.into()) {
            Ok(at) => fmt::Display::fmt(&at, f),
            // Not reachable: jiff's range is wider than that of 64 bits of nanoseconds.
            Err(_) => write!(f, "{} ns", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let at: jiff::Timestamp = text.parse().map_err(de::Error::custom)?;
        let nanos = i64::try_from(at.as_nanosecond())
            .map_err(|_| de::Error::custom("a timestamp between the years 1677 and 2262 was expected"))?;
        Ok(Self(nanos))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_read_what_they_write() {
        for nanos in [0, 1, -1, 1_795_255_200_000_123_000, i64::MIN, i64::MAX] {
            let text = serde_json::to_string(&Timestamp::from_unix_nanos(nanos)).unwrap();
            assert_eq!(serde_json::from_str::<Timestamp>(&text).unwrap().unix_nanos(), nanos, "{text}");
        }
        assert_eq!(Timestamp::from_unix_nanos(0).to_string(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn other_zones_are_read_and_other_centuries_are_not() {
        let at: Timestamp = serde_json::from_str(r#""1970-01-01T01:00:00+01:00""#).unwrap();
        assert_eq!(at.unix_nanos(), 0);
        for text in [r#""9999-01-01T00:00:00Z""#, r#""yesterday""#, "5"] {
            assert!(serde_json::from_str::<Timestamp>(text).is_err(), "{text}");
        }
    }
}
