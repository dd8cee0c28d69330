//! What the environment, the program's code and its `tense.toml` say goes in; one value for each setting comes out, and
//! what had to be left aside is told.
//!
//! Modules in walking order: what stands in the variables (`environment`), also in those of OpenTelemetry (`otel`), and
//! in the file (`file`); which setting lies where (`slot`); what is told of it (`told`). `docs/settings.md` is the same
//! for users.

mod environment;
mod otel;
mod file;
mod slot;
pub(crate) mod told;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use tense::registry::Registry;
use tense_grammar::{SettingSpec, SettingValue};
use tracing_core::LevelFilter;

use crate::delivery::Delivery;
use crate::sampling::{Limits, Sampling};
use crate::watch::Watched;
pub(crate) use environment::Environment;
use slot::Slot;
use told::Told;

/// What one source says. What is `None` it says nothing about.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings {
    pub(crate) enabled: Option<bool>,
    pub(crate) level: Option<LevelFilter>,
    pub(crate) service: Option<String>,
    pub(crate) database: Option<PathBuf>,
    pub(crate) ring_bytes: Option<usize>,
    pub(crate) sampling: Sampling,
    pub(crate) limits: Limits,
    pub(crate) delivery: Delivery,
    pub(crate) watched: Watched,
}

impl Settings {
    /// What this one says nothing about the other one says.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            enabled: self.enabled.or(other.enabled),
            level: self.level.or(other.level),
            service: self.service.or(other.service),
            database: self.database.or(other.database),
            ring_bytes: self.ring_bytes.or(other.ring_bytes),
            sampling: self.sampling.or(other.sampling),
            limits: self.limits.or(other.limits),
            delivery: self.delivery.or(other.delivery),
            watched: self.watched.or(other.watched),
        }
    }

    /// Where a setting lies. One that has no arm here is one that nothing goes by; a test asks for each.
    fn slot(&mut self, spec: &SettingSpec) -> Option<&mut dyn Slot> {
        Some(match (spec.table, spec.key) {
            ("recording", "enabled") => &mut self.enabled,
            ("recording", "level") => &mut self.level,
            ("recording", "service") => &mut self.service,
            ("recording", "database") => &mut self.database,
            ("recording", "ring_bytes") => &mut self.ring_bytes,
            ("sampling", "ratio") => &mut self.sampling.ratio,
            ("sampling", "events") => &mut self.sampling.types,
            ("sampling", "levels") => &mut self.sampling.levels,
            ("sampling", "parent_based") => &mut self.sampling.parent_based,
            ("sampling", "keep_failures") => &mut self.sampling.keep_failures,
            ("sampling", "keep_slow") => &mut self.sampling.keep_slow,
            ("sampling", "keep_cancelled") => &mut self.sampling.keep_cancelled,
            ("sampling", "max_events_per_second") => &mut self.sampling.max_events_per_second,
            ("limits", "events_per_span") => &mut self.limits.events_per_span,
            ("limits", "children_per_span") => &mut self.limits.children_per_span,
            ("limits", "fields_per_span") => &mut self.limits.fields_per_span,
            ("limits", "open_spans") => &mut self.limits.open_spans,
            ("delivery", "queue_events") => &mut self.delivery.queue_events,
            ("delivery", "queue_bytes") => &mut self.delivery.queue_bytes,
            ("delivery", "when_full") => &mut self.delivery.when_full,
            ("delivery", "timeout") => &mut self.delivery.timeout,
            ("delivery", "failures") => &mut self.delivery.failures,
            ("delivery", "rest") => &mut self.delivery.rest,
            ("delivery", "while_resting") => &mut self.delivery.while_resting,
            ("delivery", "print_rate") => &mut self.delivery.print_rate,
            ("delivery", "retry_for") => &mut self.delivery.retry_for,
            ("watch", "slow_from") => &mut self.watched.slow_from,
            ("watch", "failures") => &mut self.watched.failures,
            ("watch", "of_at_least") => &mut self.watched.of_at_least,
            ("watch", "queue") => &mut self.watched.queue,
            _ => return None,
        })
    }

    fn set(&mut self, spec: &SettingSpec, value: &SettingValue) {
        if let Some(slot) = self.slot(spec) {
            slot.set(value);
        }
    }

    /// The value of a setting, in words.
    fn shown(&mut self, spec: &SettingSpec) -> String {
        let set = self.slot(spec).and_then(|slot| slot.get());
        set.map_or_else(|| spec.unless_set.to_owned(), |value| value.to_string())
    }
}

/// What holds; and what the environment says of delivery, which goes before what the code says of a single sink.
pub(crate) struct Settled {
    pub(crate) settings: Settings,
    pub(crate) of_environment: Delivery,
}

/// Puts the environment before what the code says, and the file behind it, and tells what was left aside.
pub(crate) fn settle(code: Settings, registry: Option<&Registry>, environment: &Environment) -> Settled {
    let (settled, told) = weigh(code, registry, environment);
    told::tell(told);
    settled
}

fn weigh(code: Settings, registry: Option<&Registry>, environment: &Environment) -> (Settled, Told) {
    let mut aside = Vec::new();
    let outside = environment.read(&mut aside);
    let file = file::read(registry, outside.config.as_deref(), &mut aside);
    let switch = told::switch(&outside, &code, &file);
    let of_environment = outside.settings.delivery.clone();
    let mut settings = outside.settings.or(code).or(file);
    let aside = aside.iter().map(|aside| aside.sentence(&mut settings)).collect();
    (Settled { settings, of_environment }, Told { switch, aside })
}
