//! A text goes in, as it stands in the environment; the value of a setting comes out, or what it should have been.

use std::fmt;

use super::units::{bytes, count, size, time, written};
use super::{SettingKind, SettingSpec, SettingValue};
use crate::nearest::nearest;
use crate::violation::short;

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
/// A value that makes no sense, and what would: `` `2` is not a number from 0 to 1, such as `0.1` ``.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError(pub(super) String);

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
            SettingKind::Count { least, most } => {
                count(text).filter(|n| (least..=most).contains(&n)).map(SettingValue::Count)
            }
            SettingKind::Bytes { least, most } => {
                bytes(text).filter(|n| (least..=most).contains(&n)).map(SettingValue::Count)
            }
            SettingKind::Share => share(text).map(SettingValue::Share),
            SettingKind::Time { least, most } => {
                time(text).filter(|time| (least..=most).contains(&time)).map(SettingValue::Time)
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

    pub(super) fn wrong(&self, text: &str) -> SettingError {
        if let SettingKind::Word(words) = &self.kind {
            return none_of(text, words);
        }
        let wanted = match &self.kind {
            SettingKind::Switch => "`true` or `false`".to_owned(),
            SettingKind::Count { least, most } => format!("a whole number from {least} to {most}"),
            SettingKind::Share => "a number from 0 to 1, such as `0.1`".to_owned(),
            SettingKind::Time { least, most } => format!(
                "a whole number and a unit, from {} to {}, such as `500ms`, `10s`, `2m` or `1h`",
                written(*least),
                written(*most)
            ),
            SettingKind::Bytes { least, most } => {
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

pub(super) fn none_of(text: &str, words: &[&str]) -> SettingError {
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

fn switch(text: &str) -> Option<bool> {
    SWITCHES.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, on)| *on)
}

pub(super) fn share(text: &str) -> Option<f64> {
    text.parse().ok().filter(|share| (0.0..=1.0).contains(share))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
            SettingKind::Count { least: 1, most: 1000 },
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
            SettingKind::Time { least: Duration::from_millis(1), most: Duration::from_hours(24) },
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
            SettingKind::Bytes { least: 4096, most: 1 << 30 },
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
