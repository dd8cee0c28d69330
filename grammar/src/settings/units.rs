//! Numbers with units: a text goes in, and milliseconds or bytes come out, and the other way round.

use std::time::Duration;

use super::MIB;

pub(super) const TIMES: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
pub(super) const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", MIB), ("GiB", 1 << 30)];

pub(super) fn count(text: &str) -> Option<u64> {
    number(text, &[])
}

pub(super) fn bytes(text: &str) -> Option<u64> {
    number(text, &SIZES)
}

pub(super) fn time(text: &str) -> Option<Duration> {
    unit(text, &TIMES).map(Duration::from_millis)
}

/// A number of digits alone, or one with a unit.
fn number(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_').then(|| text.replace('_', ""));
    digits.map_or_else(|| unit(text, units), |digits| digits.parse().ok())
}

fn unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let (_, times) = units.iter().find(|(known, _)| known.eq_ignore_ascii_case(unit.trim_start()))?;
    number.parse::<u64>().ok()?.checked_mul(*times)
}

/// In the largest unit that it is a whole number of.
fn in_largest(number: u64, units: &[(&str, u64)]) -> String {
    let unit = units.iter().rev().find(|(_, times)| number > 0 && number.is_multiple_of(*times));
    let (unit, times) = unit.or(units.first()).copied().unwrap_or(("", 1));
    format!("{}{unit}", number / times)
}

pub(super) fn written(time: Duration) -> String {
    in_largest(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), &TIMES)
}

pub(super) fn size(bytes: u64) -> String {
    in_largest(bytes, &SIZES)
}
