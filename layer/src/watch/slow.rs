//! The call site of a span goes in; how long such a span takes until it is slow comes out.
//!
//! `slow_ms` of the registry says so for the event that tells of the span's end, else for the one that tells of its
//! begin; of what the registry says nothing, one setting holds for all. A call site is looked up once.

use std::time::Duration;

use tense::__private::Spec;
use tense::__private::layer::Listed;
use tense::registry::Registry;
use tense_grammar::SettingSpec;

/// How long a span takes that is slow where nothing says otherwise.
pub(crate) const UNLESS_SET: Duration = SettingSpec::at("watch", "slow_from").time();

/// Stands for a call site that was not asked for yet. Nothing is open for centuries.
const UNKNOWN: u64 = u64::MAX;

/// What is slow in a layer, in every process that has it.
#[derive(Clone, Copy)]
pub(crate) struct Slowness {
    pub(crate) registry: Option<&'static Registry>,
    /// What is slow where the registry does not say.
    pub(crate) unless_set: Duration,
}

impl Slowness {
    /// As it is where nothing is set.
    #[cfg(test)]
    pub(crate) fn unless_set(registry: Option<&'static Registry>) -> Self {
        Self { registry, unless_set: UNLESS_SET }
    }

    /// From how many nanoseconds on a span of such a call site is slow: one that takes as long is.
    pub(crate) fn of_spec(self, spec: Option<&Spec>) -> u64 {
        let names = spec.map_or([""; 3], |spec| [spec.done, spec.start, spec.span_name]);
        let declared = names.iter().find_map(|name| self.registry?.event(name)?.slow_ms);
        nanos(declared.map_or(self.unless_set, Duration::from_millis))
    }
}

pub(crate) struct Thresholds {
    slowness: Slowness,
    /// In nanoseconds, by the numbers of the call sites.
    by_site: Vec<u64>,
}

impl Thresholds {
    pub(crate) fn new(slowness: Slowness) -> Self {
        Self { slowness, by_site: Vec::new() }
    }

    /// The same by its call site.
    #[inline]
    pub(crate) fn of(&mut self, number: u32, site: Listed) -> u64 {
        match self.by_site.get(number as usize) {
            Some(&threshold) if threshold != UNKNOWN => threshold,
            _ => self.find_out(number, site),
        }
    }

    #[cold]
    fn find_out(&mut self, number: u32, site: Listed) -> u64 {
        let threshold = self.slowness.of_spec(site.spec());
        let place = number as usize;
        if place >= self.by_site.len() {
            self.by_site.resize(place + 1, UNKNOWN);
        }
        if let Some(known) = self.by_site.get_mut(place) {
            *known = threshold;
        }
        threshold
    }

    /// What the table takes, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.by_site.capacity() * size_of::<u64>()
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(UNKNOWN).min(UNKNOWN - 1)
}

#[cfg(test)]
mod tests {
    use tense::registry::Event;

    use super::*;

    const MS: u64 = 1_000_000;

    const EVENTS: &[Event] = &[
        Event::new("dispatch.batch.complete", "dispatch.batch.fail"),
        Event::new("dispatch.batch.start", "").slow_ms(5_000),
        Event::new("dispatch.quick.done", "").slow_ms(0),
        Event::new("sql.query", "sql.query_fail").slow_ms(50),
        Event::new("sql.scan", "sql.scan_fail"),
    ];
    static REGISTRY: Registry = Registry::new().events(EVENTS);

    fn of(registry: Option<&'static Registry>, spec: Spec) -> u64 {
        Slowness { registry, unless_set: Duration::from_millis(300) }.of_spec(Some(&spec))
    }

    #[test]
    fn the_registry_says_what_is_slow_and_where_it_does_not_the_setting_does() {
        assert_eq!(of(Some(&REGISTRY), Spec::action("sql.query", &[])), 50 * MS);
        assert_eq!(of(Some(&REGISTRY), Spec::action("sql.scan", &[])), 300 * MS, "declared, and nothing is said");
        assert_eq!(of(Some(&REGISTRY), Spec::action("sql.drop", &[])), 300 * MS, "not declared");
        assert_eq!(of(None, Spec::action("sql.query", &[])), 300 * MS);
        assert_eq!(of(Some(&REGISTRY), Spec::action("dispatch.quick.done", &[])), 0);
        assert_eq!(Slowness::unless_set(Some(&REGISTRY)).of_spec(None), 100 * MS, "a span of another crate");
    }

    #[test]
    fn a_life_is_slow_as_its_end_or_its_begin_says() {
        let life = Spec { start: "dispatch.batch.start", ..Spec::action("dispatch.batch.complete", &[]) };
        assert_eq!(of(Some(&REGISTRY), life), 5_000 * MS);
    }

    #[test]
    fn a_threshold_without_an_end_is_never_reached() {
        let never = Slowness { registry: None, unless_set: Duration::MAX };
        assert_eq!(never.of_spec(None), UNKNOWN - 1);
    }
}
