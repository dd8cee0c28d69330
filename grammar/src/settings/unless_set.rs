//! What holds where nobody says anything, for whoever goes by it: a setting goes in, by its table and key, and its
//! `unless_set` comes out as what it means.
//!
//! So each default is written once. All of it is for constants: a name that is none, or a default that is no such
//! value, is an error of the compiler.

use std::time::Duration;

use super::units::{SIZES, TIMES};
use super::{SETTINGS, SettingSpec};

impl SettingSpec {
    /// The setting of that table and key, in a constant.
    ///
    /// # Panics
    /// When there is none; in a constant that is an error of the compiler.
    ///
    /// ```
    /// use tense_grammar::SettingSpec;
    ///
    /// const QUEUE: u64 = SettingSpec::at("delivery", "queue_bytes").count();
    /// assert_eq!(QUEUE, 64 << 20);
    /// ```
    pub const fn at(table: &str, key: &str) -> &'static Self {
        let mut at = 0;
        while at < SETTINGS.len() {
            let spec = &SETTINGS[at];
            if is_same(spec.table.as_bytes(), table.as_bytes()) && is_same(spec.key.as_bytes(), key.as_bytes()) {
                return spec;
            }
            at += 1;
        }
        panic!("there is no such setting")
    }

    /// The number, or the bytes, that hold where nobody says anything.
    ///
    /// # Panics
    /// When these are words; in a constant that is an error of the compiler. So for all of these.
    pub const fn count(&self) -> u64 {
        number(self.unless_set.as_bytes(), &SIZES)
    }

    /// The time that holds where nobody says anything.
    ///
    /// # Panics
    /// See [`count`](Self::count).
    ///
    /// ```
    /// use std::time::Duration;
    /// use tense_grammar::SettingSpec;
    ///
    /// const REST: Duration = SettingSpec::at("delivery", "rest").time();
    /// assert_eq!(REST, Duration::from_secs(30));
    /// ```
    pub const fn time(&self) -> Duration {
        Duration::from_millis(number(self.unless_set.as_bytes(), &TIMES))
    }

    /// The share that holds where nobody says anything.
    ///
    /// # Panics
    /// See [`count`](Self::count).
    ///
    /// ```
    /// const FAILURES: f64 = tense_grammar::SettingSpec::at("watch", "failures").share();
    /// assert_eq!(FAILURES, 0.1);
    /// ```
    pub const fn share(&self) -> f64 {
        let text = self.unless_set.as_bytes();
        let (mut digits, mut parts, mut is_behind, mut at) = (0_u64, 1_u64, false, 0);
        while at < text.len() {
            if text[at] == b'.' && !is_behind {
                is_behind = true;
            } else {
                digits = 10 * digits + digit(text[at]);
                parts *= if is_behind { 10 } else { 1 };
            }
            at += 1;
        }
        digits as f64 / parts as f64
    }

    /// The switch that holds where nobody says anything.
    ///
    /// # Panics
    /// See [`count`](Self::count).
    ///
    /// ```
    /// const KEPT: bool = tense_grammar::SettingSpec::at("sampling", "keep_failures").is_on();
    /// assert!(KEPT);
    /// ```
    pub const fn is_on(&self) -> bool {
        let is_on = is_same(self.unless_set.as_bytes(), b"true");
        assert!(is_on || is_same(self.unless_set.as_bytes(), b"false"), "it is no switch");
        is_on
    }
}

/// A whole number, and a unit unless it counts things.
const fn number(text: &[u8], units: &[(&str, u64)]) -> u64 {
    let (mut number, mut rest) = (0, text);
    while let [first, behind @ ..] = rest {
        if !first.is_ascii_digit() {
            break;
        }
        number = 10 * number + digit(*first);
        rest = behind;
    }
    assert!(rest.len() < text.len(), "it is no number");
    if rest.is_empty() {
        return number;
    }
    let mut at = 0;
    while at < units.len() {
        if is_same(units[at].0.as_bytes(), rest) {
            return number * units[at].1;
        }
        at += 1;
    }
    panic!("it has no such unit")
}

const fn digit(byte: u8) -> u64 {
    assert!(byte.is_ascii_digit(), "it is no number");
    (byte - b'0') as u64
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use crate::settings::{SETTINGS, SettingKind, SettingSpec, SettingValue};

    /// What a constant is given is what a text of the same words is read as.
    #[test]
    fn a_default_is_the_same_in_a_constant_and_read() {
        let mut seen = 0;
        for spec in SETTINGS {
            assert_eq!(SettingSpec::at(spec.table, spec.key), spec);
            let Ok(read) = spec.read(spec.unless_set) else { continue };
            let constant = match spec.kind {
                SettingKind::Switch => SettingValue::Switch(spec.is_on()),
                SettingKind::Count { .. } | SettingKind::Bytes { .. } => SettingValue::Count(spec.count()),
                SettingKind::Share => SettingValue::Share(spec.share()),
                SettingKind::Time { .. } => SettingValue::Time(spec.time()),
                _ => continue,
            };
            assert_eq!(constant, read, "{spec}");
            seen += 1;
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn what_is_no_such_value_is_refused() {
        let refused = |ask: fn()| std::panic::catch_unwind(ask).is_err();
        assert!(refused(|| assert!(SettingSpec::at("delivery", "tiemout").key.is_empty())));
        assert!(refused(|| assert!(SettingSpec::at("recording", "service").count() > 0)));
        assert!(refused(|| assert!(SettingSpec::at("delivery", "timeout").count() > 0)));
        assert!(refused(|| assert!(SettingSpec::at("delivery", "when_full").is_on())));
        assert!(refused(|| assert!(SettingSpec::at("recording", "level").share() > 0.0)));
    }
}
