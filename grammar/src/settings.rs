//! What a program can be told from outside: the list of all settings; a text as the value of one (`read`, also of
//! several names in `shares`, with the units of `units`); and what holds where nobody says anything (`unless_set`).
//!
//! Tables of `tense.toml`, variables of the environment and `tense check` go by this list, so that each setting has one
//! name, one unit and one range wherever it is written. A new one is a line in [`SETTINGS`], and an arm where the layer
//! takes its value.

mod read;
mod shares;
mod units;
mod unless_set;

use std::fmt;
use std::time::Duration;

pub use read::SettingError;

/// A setting: where it is written, and what it may be.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub struct SettingSpec {
    /// The table of `tense.toml`: `delivery`.
    pub table: &'static str,
    /// Its key in there: `timeout`.
    pub key: &'static str,
    /// The variable of the environment: `TENSE_DELIVERY_TIMEOUT`.
    pub variable: &'static str,
    /// What it may be.
    pub kind: SettingKind,
    /// What holds where nobody says anything, in words.
    pub unless_set: &'static str,
}

/// What a setting may be. Both limits are allowed.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum SettingKind {
    /// `true` or `false`.
    Switch,
    /// A whole number.
    Count {
        /// The smallest one.
        least: u64,
        /// The largest one.
        most: u64,
    },
    /// A number from 0 to 1.
    Share,
    /// A whole number and a unit: `500ms`, `10s`, `2m`, `1h`.
    Time {
        /// The shortest one.
        least: Duration,
        /// The longest one.
        most: Duration,
    },
    /// A whole number and a unit: `64MiB`; without one it is in bytes.
    Bytes {
        /// The smallest size, in bytes.
        least: u64,
        /// The largest one.
        most: u64,
    },
    /// One of these.
    Word(&'static [&'static str]),
    /// Whatever is not empty.
    Text,
    /// A number from 0 to 1 for each of several event types, in which `*` stands for the rest of a name.
    SharesOfEvents,
    /// A number from 0 to 1 for each of these.
    SharesOf(&'static [&'static str]),
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SettingValue {
    /// Of a [`SettingKind::Switch`].
    Switch(bool),
    /// Of a [`SettingKind::Count`] or [`SettingKind::Bytes`].
    Count(u64),
    /// Of a [`SettingKind::Share`].
    Share(f64),
    /// Of a [`SettingKind::Time`].
    Time(Duration),
    /// Of a [`SettingKind::Word`] or [`SettingKind::Text`].
    Text(String),
    /// Of what has a share for each of several names, in the order of the names.
    Shares(Vec<(String, f64)>),
}

/// A setting that is set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Setting {
    /// Which.
    pub spec: &'static SettingSpec,
    /// To what.
    pub value: SettingValue,
}

const LEVELS: &[&str] = &["off", "error", "warn", "info", "debug", "trace"];
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const MS: Duration = Duration::from_millis(1);

/// All settings, by table, in the order of their documentation.
///
/// ```
/// let timeout = tense_grammar::SETTINGS.iter().find(|spec| spec.to_string() == "delivery.timeout").unwrap();
/// assert_eq!((timeout.variable, timeout.unless_set), ("TENSE_DELIVERY_TIMEOUT", "10s"));
/// ```
#[rustfmt::skip]
pub const SETTINGS: &[SettingSpec] = {
    use SettingKind::{Share, SharesOf, SharesOfEvents, Switch, Text, Word};
    &[
        spec("recording", "enabled", "TENSE_ENABLED", Switch, "true"),
        spec("recording", "level", "TENSE_LEVEL", Word(LEVELS), "info"),
        spec("recording", "service", "TENSE_SERVICE", Text, "the name of the executable"),
        spec("recording", "database", "TENSE_DB", Text, "tense.db"),
        spec("recording", "ring_bytes", "TENSE_RING_BYTES", bytes(4096, GIB), "256KiB"),
        spec("sampling", "ratio", "TENSE_SAMPLE", Share, "1"),
        spec("sampling", "events", "TENSE_SAMPLING_EVENTS", SharesOfEvents, "no ratio of its own for any type"),
        spec("sampling", "levels", "TENSE_SAMPLING_LEVELS", SharesOf(&["error", "warn", "info", "debug", "trace"]), "no ratio of its own for any level"),
        spec("sampling", "parent_based", "TENSE_SAMPLING_PARENT_BASED", Switch, "true"),
        spec("sampling", "keep_failures", "TENSE_SAMPLING_KEEP_FAILURES", Switch, "true"),
        spec("sampling", "keep_slow", "TENSE_SAMPLING_KEEP_SLOW", Switch, "true"),
        spec("sampling", "keep_cancelled", "TENSE_SAMPLING_KEEP_CANCELLED", Switch, "false"),
        spec("sampling", "max_events_per_second", "TENSE_MAX_EVENTS_PER_SECOND", count(1, 1_000_000_000), "no ceiling"),
        spec("limits", "events_per_span", "TENSE_LIMITS_EVENTS_PER_SPAN", count(0, 1 << 30), "1000"),
        spec("limits", "children_per_span", "TENSE_LIMITS_CHILDREN_PER_SPAN", count(0, 1 << 30), "10000"),
        spec("limits", "fields_per_span", "TENSE_LIMITS_FIELDS_PER_SPAN", count(0, 1 << 20), "128"),
        spec("limits", "open_spans", "TENSE_LIMITS_OPEN_SPANS", count(16, 1 << 24), "65536"),
        spec("delivery", "queue_events", "TENSE_DELIVERY_QUEUE_EVENTS", count(1, 1 << 30), "65536"),
        spec("delivery", "queue_bytes", "TENSE_DELIVERY_QUEUE_BYTES", bytes(65_536, 64 * GIB), "64MiB"),
        spec("delivery", "when_full", "TENSE_DELIVERY_WHEN_FULL", Word(&["drop_newest", "drop_oldest"]), "drop_newest"),
        spec("delivery", "timeout", "TENSE_DELIVERY_TIMEOUT", time(MS), "10s"),
        spec("delivery", "failures", "TENSE_DELIVERY_FAILURES", count(1, 1_000_000), "5"),
        spec("delivery", "rest", "TENSE_DELIVERY_REST", time(Duration::ZERO), "30s"),
        spec("delivery", "while_resting", "TENSE_DELIVERY_WHILE_RESTING", Word(&["print", "keep"]), "print"),
        spec("delivery", "print_rate", "TENSE_DELIVERY_PRINT_RATE", count(0, 1_000_000), "100"),
        spec("delivery", "retry_for", "TENSE_DELIVERY_RETRY_FOR", time(Duration::ZERO), "5s"),
        spec("watch", "slow_from", "TENSE_WATCH_SLOW_FROM", time(Duration::ZERO), "100ms"),
        spec("watch", "failures", "TENSE_WATCH_FAILURES", Share, "0.1"),
        spec("watch", "of_at_least", "TENSE_WATCH_OF_AT_LEAST", count(1, 1_000_000_000), "20"),
        spec("watch", "queue", "TENSE_WATCH_QUEUE", count(1, 1 << 20), "256"),
    ]
};

const fn count(least: u64, most: u64) -> SettingKind {
    SettingKind::Count { least, most }
}

const fn bytes(least: u64, most: u64) -> SettingKind {
    SettingKind::Bytes { least, most }
}

/// Up to a day.
const fn time(least: Duration) -> SettingKind {
    SettingKind::Time { least, most: Duration::from_hours(24) }
}

const fn spec(
    table: &'static str,
    key: &'static str,
    variable: &'static str,
    kind: SettingKind,
    unless_set: &'static str,
) -> SettingSpec {
    SettingSpec { table, key, variable, kind, unless_set }
}

impl SettingSpec {
    /// The setting of that name, as it is shown: `delivery.timeout`.
    ///
    /// ```
    /// let spec = tense_grammar::SettingSpec::named("delivery.timeout").unwrap();
    /// assert_eq!(spec.read("2 m").unwrap().to_string(), "2m");
    /// assert_eq!(
    ///     spec.read("2").unwrap_err().to_string(),
    ///     "`2` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, `2m` or `1h`"
    /// );
    /// ```
    pub fn named(name: &str) -> Option<&'static Self> {
        let (table, key) = name.split_once('.')?;
        SETTINGS.iter().find(|spec| spec.table == table && spec.key == key)
    }
}

impl fmt::Display for SettingSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.key)
    }
}

/// As it can be read again.
impl fmt::Display for SettingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(on) => write!(f, "{on}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Share(share) => write!(f, "{share}"),
            Self::Time(time) => f.write_str(&units::written(*time)),
            Self::Text(text) => f.write_str(text),
            Self::Shares(shares) => {
                let all: Vec<String> = shares.iter().map(|(name, share)| format!("{name}={share}")).collect();
                f.write_str(&all.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_variables_and_defaults_are_sound() {
        for spec in SETTINGS {
            let table = SETTINGS.iter().filter(|other| other.table == spec.table);
            assert_eq!(table.filter(|other| other.key == spec.key).count(), 1, "{spec}");
            assert_eq!(SETTINGS.iter().filter(|other| other.variable == spec.variable).count(), 1, "{spec}");
            assert!(spec.variable.starts_with("TENSE_"), "{spec}");
            let is_value = spec.unless_set.contains(' ') || spec.read(spec.unless_set).is_ok();
            assert!(is_value, "{spec}: {}", spec.unless_set);
        }
        assert!(SETTINGS.chunk_by(|a, b| a.table == b.table).count() < 8, "the tables lie together");
    }

    #[test]
    fn a_variable_is_called_after_its_table_and_key_or_is_one_of_a_few_short_ones() {
        let short = ["TENSE_DB", "TENSE_SAMPLE", "TENSE_MAX_EVENTS_PER_SECOND"];
        for spec in SETTINGS.iter().filter(|spec| !short.contains(&spec.variable)) {
            let table = if spec.table == "recording" { String::new() } else { format!("{}_", spec.table) };
            assert_eq!(spec.variable, format!("TENSE_{table}{}", spec.key).to_uppercase());
        }
    }
}
