//! Whatever says when enters; nanoseconds since 1970 leave.

use serde_json::Value;
use tense_event::Timestamp;

/// The moment that a value says: RFC 3339 (with `T` or a blank, and UTC where there is no zone), or a number of
/// seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size: in seconds every moment
/// from 1970 to 5138 has at most 11 digits, and in milliseconds any but those of the first three years has more.
pub(crate) fn moment(said: &Value) -> Option<Timestamp> {
    match said {
        Value::Number(number) => of_number(&number.to_string()),
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

fn of_text(text: &str) -> Option<Timestamp> {
    let read = |text: String| serde_json::from_value(Value::String(text)).ok();
    // `2026-11-21 10:00:00 UTC`, as some languages write it
    let zoneless = text.strip_suffix(" UTC").unwrap_or(text);
    of_number(text).or_else(|| read(text.to_owned())).or_else(|| read(format!("{zoneless}Z")))
}

/// Seconds, milliseconds, microseconds or nanoseconds, with decimals.
fn of_number(text: &str) -> Option<Timestamp> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
        // `1.7952552e9`, as some write floats
        let float: f64 = text.parse().ok().filter(|_| digits.contains(['e', 'E']))?;
        return (float.abs() < 1e30).then(|| of_number(&format!("{float:.9}")))?;
    }
    let whole: i128 = whole.parse().ok()?;
    let unit = match whole {
        0..100_000_000_000 => 9,
        100_000_000_000..100_000_000_000_000 => 6,
        100_000_000_000_000..100_000_000_000_000_000 => 3,
        _ => 0,
    };
    let decimals: String = decimals.chars().chain(std::iter::repeat('0')).take(unit).collect();
    let nanos = whole.checked_mul(10_i128.pow(unit as u32))? + decimals.parse::<i128>().unwrap_or(0);
    i64::try_from(if negative { -nanos } else { nanos }).ok().map(Timestamp::from_unix_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_told_apart_by_their_size() {
        let check =
            |said: Value, nanos: i64| assert_eq!(moment(&said), Some(Timestamp::from_unix_nanos(nanos)), "{said}");
        check(json!(1_795_255_200), 1_795_255_200_000_000_000);
        check(json!(1_795_255_200_123_i64), 1_795_255_200_123_000_000);
        check(json!(1_795_255_200_123_456_i64), 1_795_255_200_123_456_000);
        check(json!(1_795_255_200_123_456_789_i64), 1_795_255_200_123_456_789);
        check(json!("1795255200.123456789"), 1_795_255_200_123_456_789);
        check(json!(1_795_255_200_123.25), 1_795_255_200_123_250_000);
        check(json!("1.7952552e9"), 1_795_255_200_000_000_000);
        check(json!("1795255200123456789.9"), 1_795_255_200_123_456_789);
        check(json!(-1.5), -1_500_000_000);
        check(json!(0), 0);
        check(json!("1970-01-01T00:00:01"), 1_000_000_000);
        check(json!("1970-01-01 00:00:01.5 UTC"), 1_500_000_000);
    }

    #[test]
    fn a_moment_is_the_same_however_it_is_written() {
        let written = [
            json!("2026-11-21T10:00:00.5Z"),
            json!("2026-11-21 11:00:00.5+01:00"),
            json!(1_795_255_200.5),
            json!("1795255200500"),
            json!(1_795_255_200_500_000_u64),
        ];
        for said in written {
            let at = moment(&said).map(Timestamp::unix_nanos);
            assert_eq!(at, Some(1_795_255_200_500_000_000), "{said}");
        }
    }

    #[test]
    fn what_says_no_moment_says_none() {
        for said in [
            json!(""),
            json!("."),
            json!("-"),
            json!("yesterday"),
            json!("12 UTC"),
            json!(true),
            json!([1]),
            json!(1e300),
            json!("1e"),
            json!("9".repeat(60)),
        ] {
            assert_eq!(moment(&said), None, "{said}");
        }
        assert_eq!(moment(&json!("9223372036854775808")), None);
    }
}
