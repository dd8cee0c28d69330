//! Sixteen bytes name a trace, eight a span; text comes in as hex and leaves as hex.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is no trace or span id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Another number of characters than 32 (trace) or 16 (span).
    #[error("an id of {expected} hex digits was expected, got {got} characters")]
    Length {
        /// Digits that the id has.
        expected: usize,
        /// Characters that were given.
        got: usize,
    },
    /// A character that is no hex digit.
    #[error("`{0}` is not a hex digit")]
    Digit(char),
    /// All zeros, which W3C Trace Context reserves for "no id".
    #[error("an id of zeros means that there is none")]
    Zero,
}

/// Names a trace: a UUIDv7 (RFC 9562) when made here, any non-zero 16 bytes when it came from outside.
///
/// People type its last eight digits ([`TraceId::short`]).
///
/// ```
/// let id: tense_event::TraceId = "0190163d8694739b96b6f0a7b0c1d2e3".parse()?;
/// assert_eq!(id.short(), "b0c1d2e3");
/// # Ok::<(), tense_event::IdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; 16]);

impl TraceId {
    /// Takes the sixteen bytes as they are, in network order.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Puts the id together from its two halves, as the recorder keeps them.
    pub const fn from_halves(high: u64, low: u64) -> Self {
        Self((((high as u128) << 64) | low as u128).to_be_bytes())
    }

    /// The sixteen bytes, in network order.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The last eight hex digits: what people see and type.
    pub fn short(&self) -> String {
        let [.., a, b, c, d] = self.0;
        format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TraceId {
    type Err = IdError;

    /// Reads 32 hex digits of either case.
    fn from_str(text: &str) -> Result<Self, IdError> {
        match hex(text, 32)? {
            0 => Err(IdError::Zero),
            id => Ok(Self(id.to_be_bytes())),
        }
    }
}

/// Names a span within its trace: eight bytes that are not all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// Takes the number; zero means "no span" and gives `None`.
    pub const fn new(id: u64) -> Option<Self> {
        match NonZeroU64::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The eight bytes, in network order.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for SpanId {
    type Err = IdError;

    /// Reads 16 hex digits of either case.
    fn from_str(text: &str) -> Result<Self, IdError> {
        // Sixteen digits fit into the low half, so the cast loses nothing.
        Self::new(hex(text, 16)? as u64).ok_or(IdError::Zero)
    }
}

fn hex(text: &str, expected: usize) -> Result<u128, IdError> {
    if let Some(odd) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(IdError::Digit(odd));
    }
    if text.len() != expected {
        return Err(IdError::Length { expected, got: text.len() });
    }
    // Only hex digits, at most 32 of them: this cannot fail, and zero is refused by the callers.
    Ok(u128::from_str_radix(text, 16).unwrap_or(0))
}

macro_rules! serde_as_text {
    ($($id:ty),*) => { $(
        impl Serialize for $id {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $id {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )* };
}

serde_as_text!(TraceId, SpanId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_what_they_write() {
        let trace = TraceId::from_halves(0x0190_163d_8694_739b, 0x96b6_f0a7_b0c1_d2e3);
        assert_eq!(trace.to_string(), "0190163d8694739b96b6f0a7b0c1d2e3");
        assert_eq!(trace.to_string().parse(), Ok(trace));
        let span = SpanId::new(0xab).unwrap();
        assert_eq!(span.to_string().parse(), Ok(span));
    }

    #[test]
    fn wrong_ids_say_what_is_wrong() {
        assert_eq!("12".parse::<SpanId>(), Err(IdError::Length { expected: 16, got: 2 }));
        assert_eq!("é".parse::<TraceId>(), Err(IdError::Digit('é')));
        assert_eq!("0".repeat(32).parse::<TraceId>(), Err(IdError::Zero));
        assert_eq!("+0000000000000001".parse::<SpanId>(), Err(IdError::Digit('+')));
    }
}
