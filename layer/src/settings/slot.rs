//! The value of a setting goes in, of whatever type it is where it lies, and comes out again to be shown.

use std::path::PathBuf;
use std::time::Duration;

use tense_grammar::SettingValue;
use tracing_core::{Level, LevelFilter};

use crate::delivery::{WhenFull, WhileResting};

/// A place that a setting may lie in, or nothing.
pub(super) trait Slot {
    fn set(&mut self, value: &SettingValue);
    fn get(&self) -> Option<SettingValue>;
}

/// What can be set. The grammar has held the value against its range; one of another kind is none.
trait Settable: Sized {
    fn from(value: &SettingValue) -> Option<Self>;
    fn to(&self) -> SettingValue;
}

impl<T: Settable> Slot for Option<T> {
    fn set(&mut self, value: &SettingValue) {
        if let Some(value) = T::from(value) {
            *self = Some(value);
        }
    }

    fn get(&self) -> Option<SettingValue> {
        self.as_ref().map(T::to)
    }
}

/// The kinds that hold the value as it is.
macro_rules! as_it_is {
    ($($type:ty: $kind:ident),*) => { $(
        impl Settable for $type {
            fn from(value: &SettingValue) -> Option<Self> {
                if let SettingValue::$kind(value) = value { Some(value.clone()) } else { None }
            }

            fn to(&self) -> SettingValue {
                SettingValue::$kind(self.clone())
            }
        }
    )* };
}

as_it_is!(bool: Switch, u64: Count, f64: Share, Duration: Time, String: Text);

macro_rules! counts {
    ($($type:ty),*) => { $(
        impl Settable for $type {
            fn from(value: &SettingValue) -> Option<Self> {
                // A machine with smaller words has no room for more either.
                if let SettingValue::Count(count) = value { Some(Self::try_from(*count).unwrap_or(Self::MAX)) } else { None }
            }

            fn to(&self) -> SettingValue {
                SettingValue::Count(u64::try_from(*self).unwrap_or(u64::MAX))
            }
        }
    )* };
}

counts!(u32, usize);

impl Settable for PathBuf {
    fn from(value: &SettingValue) -> Option<Self> {
        <String as Settable>::from(value).map(Into::into)
    }

    fn to(&self) -> SettingValue {
        SettingValue::Text(self.to_string_lossy().into_owned())
    }
}

/// What is one of several words.
macro_rules! words {
    ($($type:ty { $($word:literal: $value:expr),* $(,)? })*) => { $(
        impl Settable for $type {
            fn from(value: &SettingValue) -> Option<Self> {
                let SettingValue::Text(word) = value else { return None };
                [$(($word, $value)),*].into_iter().find(|(known, _)| known == word).map(|(_, value)| value)
            }

            fn to(&self) -> SettingValue {
                let word = [$(($word, $value)),*].into_iter().find(|(_, value)| value == self);
                SettingValue::Text(word.map_or_else(String::new, |(word, _)| word.to_owned()))
            }
        }
    )* };
}

words! {
    LevelFilter {
        "off": Self::OFF,
        "error": Self::ERROR,
        "warn": Self::WARN,
        "info": Self::INFO,
        "debug": Self::DEBUG,
        "trace": Self::TRACE,
    }
    Level {
        "error": Self::ERROR,
        "warn": Self::WARN,
        "info": Self::INFO,
        "debug": Self::DEBUG,
        "trace": Self::TRACE,
    }
    WhenFull { "drop_newest": Self::DropNewest, "drop_oldest": Self::DropOldest }
    WhileResting { "print": Self::Print, "keep": Self::Keep }
}

/// A list is one setting a name, so nothing in it is nothing said.
macro_rules! shares {
    ($($of:ty),*) => { $(
        impl Slot for Vec<($of, f64)> {
            fn set(&mut self, value: &SettingValue) {
                let SettingValue::Shares(shares) = value else { return };
                let named = |(name, share): &(String, f64)| {
                    Some((<$of as Settable>::from(&SettingValue::Text(name.clone()))?, *share))
                };
                *self = shares.iter().filter_map(named).collect();
            }

            fn get(&self) -> Option<SettingValue> {
                let shares = self.iter().map(|(name, share)| (name.to().to_string(), *share));
                let mut shares: Vec<_> = shares.collect();
                shares.sort_by(|(one, _), (other, _)| one.cmp(other));
                (!shares.is_empty()).then_some(SettingValue::Shares(shares))
            }
        }
    )* };
}

shares!(String, Level);
