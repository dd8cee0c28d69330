//! Numbers and durations as a person writes them enter; something to compare with leaves.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `=`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    More,
}

/// The longer ones first, since the shorter ones begin them.
const SIGNS: [(&str, Operator); 5] = [
    ("<=", Operator::AtMost),
    (">=", Operator::AtLeast),
    ("<", Operator::Less),
    (">", Operator::More),
    ("=", Operator::Equal),
];

impl Operator {
    /// The operator that a text begins with, and what stands behind it.
    pub(super) fn read(text: &str) -> Option<(Self, &str)> {
        SIGNS.iter().find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)))
    }

    /// The sign for it: `>=`.
    pub fn as_str(self) -> &'static str {
        SIGNS.iter().find(|(_, operator)| *operator == self).map_or("", |(sign, _)| sign)
    }

    /// Whether it holds of what stands in that order to what it is compared with.
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        }
    }
}

/// A number of a field, or one to compare it with. Whole numbers are compared exactly; with a fraction, as an `f64`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i128),
    /// One with a fraction or an exponent; finite.
    Real(f64),
}

impl Number {
    /// Reads `100`, `-0.5` or `1e6`; `None` for anything else, infinity and `NaN` among it.
    pub fn read(text: &str) -> Option<Self> {
        // What Rust reads as a number and nobody else does: `inf`, `nan`.
        if !text.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        if let Ok(whole) = text.parse() {
            return Some(Self::Whole(whole));
        }
        text.parse().ok().filter(|real: &f64| real.is_finite()).map(Self::Real)
    }

    /// The number in a field; a text that is a number counts as one, since many are recorded by `Display`.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => Some(Self::Whole(whole.into())),
                (None, Some(whole)) => Some(Self::Whole(whole.into())),
                (None, None) => number.as_f64().filter(|real| real.is_finite()).map(Self::Real),
            },
            Value::String(text) => Self::read(text),
            _ => None,
        }
    }

    /// How it stands to another one.
    pub fn order(self, other: Self) -> Ordering {
        match (self, other) {
            (Self::Whole(one), Self::Whole(other)) => one.cmp(&other),
            // Neither is `NaN`, and zero has one sign here.
            _ => self.real().partial_cmp(&other.real()).unwrap_or(Ordering::Equal),
        }
    }

    const fn real(self) -> f64 {
        match self {
            Self::Whole(whole) => whole as f64,
            Self::Real(real) => real,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(whole) => whole.fmt(f),
            // With a point or an exponent, so that it is read as what it was.
            Self::Real(real) => write!(f, "{real:?}"),
        }
    }
}

/// The units of a duration in nanoseconds, the longest first.
const UNITS: [(&str, u64); 9] = [
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    // The Greek letter, which most keyboards have, beside the sign of old character sets.
    ("μs", 1_000),
    ("ns", 1),
];

/// Reads `100ms`, `1.5s`, `2h30m` or `7 d`: whole numbers or decimals, each with its unit of `ns`, `us`, `ms`, `s`,
/// `m`, `h` and `d`. What is less than a nanosecond is left out. `None` for anything else, and for more than 584 years.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(tense_store::query::duration("1.5s"), Some(Duration::from_millis(1500)));
/// // Written with the sign for micro, with the Greek letter that most keyboards have, or without either.
/// assert_eq!(["3µs", "3μs", "3us"].map(tense_store::query::duration), [Some(Duration::from_micros(3)); 3]);
/// assert_eq!(tense_store::query::duration("100"), None); // of what?
/// ```
pub fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut nanos) = (text.trim(), 0_u64);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let (count, behind) = rest.split_at(number);
        let behind = behind.trim_start();
        let word = behind.len() - behind.trim_start_matches(char::is_alphabetic).len();
        let (word, behind) = behind.split_at(word);
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == word)?;
        nanos = nanos.checked_add(decimal(count, *unit)?)?;
        rest = behind.trim_start();
    }
    Some(Duration::from_nanos(nanos))
}

/// So many times a unit, without a rounding in between.
fn decimal(count: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = count.split_once('.').unwrap_or((count, "0"));
    let whole: u64 = whole.parse().ok()?;
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Twelve digits of an hour are a picosecond.
    let digits = &fraction[..fraction.len().min(12)];
    let scale = 10_u128.pow(u32::try_from(digits.len()).ok()?);
    let part = digits.parse::<u128>().ok()? * u128::from(unit) / scale;
    whole.checked_mul(unit)?.checked_add(u64::try_from(part).ok()?)
}

/// A duration in the largest unit that has no fraction: `1500ms`.
pub(super) fn write_duration(duration: Duration, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    let whole = UNITS.iter().find(|(_, unit)| nanos >= *unit && nanos % unit == 0);
    let (name, unit) = whole.unwrap_or(&("ns", 1));
    write!(f, "{}{name}", nanos / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_and_lose_nothing() {
        let check =
            |text: &str, nanos: Option<u64>| assert_eq!(duration(text), nanos.map(Duration::from_nanos), "{text}");
        check("100ms", Some(100_000_000));
        check("0.000001s", Some(1_000));
        check("1.9999999999999999ns", Some(1));
        check("2h30m", Some(9_000_000_000_000));
        check(" 1 d 1 ns ", Some(86_400_000_000_001));
        check("18446744073709551615ns", Some(u64::MAX));
        for wrong in ["", "ms", "100", "-1s", "1,5s", "1.s", ".5s", "1.2.3s", "1 min", "600000 d", "1e3s", "١s"] {
            check(wrong, None);
        }
    }

    #[test]
    fn whole_numbers_are_compared_exactly() {
        let read = |text| Number::read(text).unwrap();
        assert_eq!(read("9007199254740993").order(read("9007199254740992")), Ordering::Greater);
        assert_eq!(read("-0.0").order(read("0")), Ordering::Equal);
        assert_eq!(read("1e3").order(read("1000")), Ordering::Equal);
        for wrong in ["", "inf", "nan", "-infinity", "1e999", "0x10", "1 0", "ten"] {
            assert_eq!(Number::read(wrong), None, "{wrong}");
        }
    }
}
