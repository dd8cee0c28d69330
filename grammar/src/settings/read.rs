//! A text goes in, as it stands in the environment; the value of a setting comes out, or what it should have been.

use std::fmt;
use std::time::Duration;

use super::{MIB, SettingKind, SettingSpec, SettingValue};
use crate::nearest::nearest;
use crate::violation::short;

const TIMES: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
const SIZES: [(&str, u64); 4] = [("B", 1), ("KiB", 1 << 10), ("MiB", MIB), ("GiB", 1 << 30)];
const SWITCHES: [(&str, bool); 8] = [
    ("true", true),
    ("false", false),
    ("1", true),
    ("0", false),
    ("on", true),
    ("off", false),
    ("yes", true),
    ("no", false),
];

/// A path of the longest kind that systems have.
const LONGEST: usize = 4096;
/// What is asked of each event is held against all of these.
const MOST_SHARES: usize = 256;

/// A value that makes no sense, and what would: `` `2` is not a number from 0 to 1, such as `0.1` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError(String);

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingError {}

impl SettingSpec {
    /// The value that this text is.
    ///
    /// # Errors
    /// When it is none, in a sentence that says what would be one and shows what was written, in at most 120 bytes.
    pub fn read(&self, text: &str) -> Result<SettingValue, SettingError> {
        let text = text.trim();
        let value = match &self.kind {
            SettingKind::Switch => switch(text).map(SettingValue::Switch),
            SettingKind::Count(least, most) => {
                number(text, &[]).filter(|n| (least..=most).contains(&n)).map(SettingValue::Count)
            }
            SettingKind::Bytes(least, most) => {
                number(text, &SIZES).filter(|n| (least..=most).contains(&n)).map(SettingValue::Count)
            }
            SettingKind::Share => share(text).map(SettingValue::Share),
            SettingKind::Time(least, hours) => {
                let time = unit(text, &TIMES).map(Duration::from_millis);
                time.filter(|time| (*least..=hours_of(*hours)).contains(time)).map(SettingValue::Time)
            }
            SettingKind::Word(words) => {
                let word = words.iter().find(|word| word.eq_ignore_ascii_case(text));
                word.map(|word| SettingValue::Text((*word).to_owned()))
            }
            SettingKind::Text => {
                let is_text = !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_control);
                is_text.then(|| SettingValue::Text(text.to_owned()))
            }
            SettingKind::SharesOfEvents | SettingKind::SharesOf(_) => return self.shares_in(text),
        };
        value.ok_or_else(|| self.wrong(text))
    }

    /// `sql.query=0.1,log.*=0.01`
    fn shares_in(&self, text: &str) -> Result<SettingValue, SettingError> {
        let mut shares = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, share) = part.rsplit_once('=').ok_or_else(|| self.wrong(part))?;
            shares.push(self.share_of(name.trim(), share.trim())?);
        }
        self.shares(shares)
    }

    /// The share of one name. A mistake shows both as one text, in which whoever passes it on can see what is secret.
    pub(crate) fn share_of(&self, name: &str, text: &str) -> Result<(String, f64), SettingError> {
        let name = self.name(name)?;
        let share = share(text).ok_or_else(|| {
            let written = format!("{name}={text}");
            SettingError(format!("`{}` does not end in a number from 0 to 1, such as `0.1`", short(&written)))
        })?;
        Ok((name.to_owned(), share))
    }

    /// The name, if something can be set for it. One of several words is read in any case, as everywhere.
    fn name<'a>(&self, name: &'a str) -> Result<&'a str, SettingError> {
        match &self.kind {
            SettingKind::SharesOf(names) => {
                let known = names.iter().find(|known| known.eq_ignore_ascii_case(name));
                known.copied().ok_or_else(|| none_of(name, names))
            }
            SettingKind::SharesOfEvents if !is_pattern(name) => Err(SettingError(format!(
                "`{}` is not the name of events: write `sql.query`, or `log.*` for all that begin so",
                short(name)
            ))),
            _ => Ok(name),
        }
    }

    /// All shares of a table.
    pub(crate) fn shares(&self, mut shares: Vec<(String, f64)>) -> Result<SettingValue, SettingError> {
        shares.sort_by(|(one, _), (other, _)| one.cmp(other));
        if let Some([(name, _), _]) = shares.array_windows().find(|[(one, _), (other, _)]| one == other) {
            return Err(SettingError(format!("`{}` is there twice", short(name))));
        }
        if shares.len() > MOST_SHARES {
            let sentence = format!(
                "{} names are more than {MOST_SHARES}, the most that are held against each event",
                shares.len()
            );
            return Err(SettingError(sentence));
        }
        Ok(SettingValue::Shares(shares))
    }

    fn wrong(&self, text: &str) -> SettingError {
        if let SettingKind::Word(words) = &self.kind {
            return none_of(text, words);
        }
        let wanted = match &self.kind {
            SettingKind::Switch => "`true` or `false`".to_owned(),
            SettingKind::Count(least, most) => format!("a whole number from {least} to {most}"),
            SettingKind::Share => "a number from 0 to 1, such as `0.1`".to_owned(),
            SettingKind::Time(least, hours) => format!(
                "a whole number and a unit, from {} to {}, such as `500ms`, `10s`, `2m` or `1h`",
                time(*least),
                time(hours_of(*hours))
            ),
            SettingKind::Bytes(least, most) => {
                format!("a size from {} to {}, such as `512KiB`, `64MiB` or `1GiB`", size(*least), size(*most))
            }
            SettingKind::Text => format!("a text of 1 to {LONGEST} bytes without line breaks"),
            SettingKind::Word(_) | SettingKind::SharesOfEvents | SettingKind::SharesOf(_) => {
                "a name and a number from 0 to 1, such as `sql.query=0.1`, several with commas between them".to_owned()
            }
        };
        SettingError(format!("`{}` is not {wanted}", short(text)))
    }
}

fn none_of(text: &str, words: &[&str]) -> SettingError {
    let lower = text.to_ascii_lowercase();
    let fact = format!("`{}` is none of them", short(text));
    let all: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let all = all.join(", ");
    let near = nearest(&lower, words.iter().copied());
    SettingError(near.map_or_else(
        || format!("`{}` is none of {all}", short(text)),
        |near| format!("{fact} ({all}): did you mean `{near}`?"),
    ))
}

/// The type of an event, also one of a foreign span, or several by `*`: `sql.query`, `log.*`, `*`.
fn is_pattern(name: &str) -> bool {
    let is_whole = name.contains('.') || name.contains('*');
    is_whole && name.len() <= crate::name::LONGEST && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'`')
}

fn switch(text: &str) -> Option<bool> {
    SWITCHES.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, on)| *on)
}

fn share(text: &str) -> Option<f64> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
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

const fn hours_of(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

/// In the largest unit that it is a whole number of.
fn written(number: u64, units: &[(&str, u64)]) -> String {
    let unit = units.iter().rev().find(|(_, times)| number > 0 && number.is_multiple_of(*times));
    let (unit, times) = unit.or(units.first()).copied().unwrap_or(("", 1));
    format!("{}{unit}", number / times)
}

pub(super) fn time(time: Duration) -> String {
    written(u64::try_from(time.as_millis()).unwrap_or(u64::MAX), &TIMES)
}

fn size(bytes: u64) -> String {
    written(bytes, &SIZES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: SettingKind) -> SettingSpec {
        SettingSpec { table: "delivery", key: "test", variable: "TENSE_TEST", kind, unless_set: "" }
    }

    /// What each text is read as: its value, or what is wrong with it.
    fn check(kind: SettingKind, expected: &[(&str, &str)]) {
        let spec = of(kind);
        for (text, expected) in expected {
            let read = spec.read(text).map_or_else(|error| error.to_string(), |value| value.to_string());
            assert_eq!(read, *expected, "{text}");
        }
    }

    #[test]
    fn switches_have_four_names_each() {
        check(
            SettingKind::Switch,
            &[
                ("FALSE", "false"),
                (" 0 ", "false"),
                ("Off", "false"),
                ("no", "false"),
                ("yes", "true"),
                ("1", "true"),
                ("2", "`2` is not `true` or `false`"),
                ("", "`` is not `true` or `false`"),
            ],
        );
    }

    #[test]
    fn numbers_have_a_range() {
        let wrong = |text: &str| format!("`{text}` is not a whole number from 1 to 1000");
        let [zero, large, negative, huge] = ["0", "1001", "-1", "99999999999999999999999"].map(wrong);
        check(
            SettingKind::Count(1, 1000),
            &[
                ("1", "1"),
                ("1_000", "1000"),
                ("0", &zero),
                ("1001", &large),
                ("-1", &negative),
                ("99999999999999999999999", &huge),
            ],
        );
        let wrong = |text: &str| format!("`{text}` is not a number from 0 to 1, such as `0.1`");
        let [large, nan, infinite, percent] = ["1.1", "NaN", "inf", "10%"].map(wrong);
        check(
            SettingKind::Share,
            &[
                ("0.10", "0.1"),
                ("1", "1"),
                ("1e-3", "0.001"),
                ("1.1", &large),
                ("NaN", &nan),
                ("inf", &infinite),
                ("10%", &percent),
            ],
        );
    }

    #[test]
    fn times_and_sizes_have_units() {
        let wrong = |text: &str| {
            format!("`{text}` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, `2m` or `1h`")
        };
        let [bare, zero, long, fraction, overflow] = ["5", "0s", "25h", "1.5s", "99999999999999999h"].map(wrong);
        check(
            SettingKind::Time(Duration::from_millis(1), 24),
            &[
                ("1500ms", "1500ms"),
                ("60 s", "1m"),
                ("24h", "24h"),
                ("5", &bare),
                ("0s", &zero),
                ("25h", &long),
                ("1.5s", &fraction),
                ("99999999999999999h", &overflow),
            ],
        );
        let small = "`1KiB` is not a size from 4KiB to 1GiB, such as `512KiB`, `64MiB` or `1GiB`";
        check(
            SettingKind::Bytes(4096, 1 << 30),
            &[("64MiB", "67108864"), ("8kib", "8192"), ("4096", "4096"), ("1KiB", small)],
        );
    }

    #[test]
    fn words_are_proposed() {
        let level = SettingKind::Word(&["off", "info", "debug"]);
        check(
            level,
            &[
                ("DEBUG", "debug"),
                ("debgu", "`debgu` is none of them (`off`, `info`, `debug`): did you mean `debug`?"),
                ("loud and clear", "`loud and clear` is none of `off`, `info`, `debug`"),
            ],
        );
    }

    #[test]
    fn shares_have_names() {
        let events = SettingKind::SharesOfEvents;
        check(
            events,
            &[
                ("", ""),
                ("sql.query=0.5, log.*=0.01,", "log.*=0.01,sql.query=0.5"),
                ("*=0", "*=0"),
                ("sql.query=2", "`sql.query=2` does not end in a number from 0 to 1, such as `0.1`"),
                ("Sql=1", "`Sql` is not the name of events: write `sql.query`, or `log.*` for all that begin so"),
                ("sql =1", "`sql` is not the name of events: write `sql.query`, or `log.*` for all that begin so"),
                ("foreign.hyper::client=1", "foreign.hyper::client=1"),
                ("log.*=1,log.*=0", "`log.*` is there twice"),
                (
                    "sql.query",
                    "`sql.query` is not a name and a number from 0 to 1, such as `sql.query=0.1`, several with commas \
                     between them",
                ),
            ],
        );
        check(
            SettingKind::SharesOf(&["info", "debug"]),
            &[
                ("debug=0.1", "debug=0.1"),
                ("DEBUG=0.1, Info=1", "debug=0.1,info=1"),
                ("DEBUG=0.1, debug=1", "`debug` is there twice"),
                ("debgu=0.1", "`debgu` is none of them (`info`, `debug`): did you mean `debug`?"),
            ],
        );
    }

    #[test]
    fn what_is_shown_of_a_value_is_short() {
        let error = of(SettingKind::Switch).read(&"x".repeat(100_000)).unwrap_err();
        assert!(error.to_string().len() < 200, "{error}");
        let error = of(SettingKind::Text).read("a\u{1b}[31m").unwrap_err();
        assert!(error.to_string().starts_with("`a\\u{1b}[31m` is not a text"), "{error}");
    }
}
