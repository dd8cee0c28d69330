//! A call site goes in; from which threshold on its events are kept, by their types and their level, comes out, and how
//! long a span of it takes that is slow. It is looked up once for each site.

use tense::__private::layer::Listed;
use tracing_core::Level;

use super::options::Sampling;
use super::threshold::{EVERY, Threshold, threshold};
use crate::emit::{self, Names};
use crate::watch::Slowness;

/// What is said of the events of one call site.
#[derive(Clone, Copy)]
pub(super) struct OfSite {
    pub(super) start: Threshold,
    pub(super) done: Threshold,
    pub(super) failed: Threshold,
    /// In nanoseconds.
    pub(super) slow: u64,
}

pub(super) struct Rules {
    types: Vec<(String, Threshold)>,
    levels: Vec<(Level, Threshold)>,
    slowness: Slowness,
    /// By the number of the site.
    known: Vec<Option<OfSite>>,
}

impl Rules {
    pub(super) fn new(sampling: &Sampling, slowness: Slowness) -> Self {
        Self {
            types: sampling.types.iter().map(|(pattern, ratio)| (pattern.clone(), threshold(*ratio))).collect(),
            levels: sampling.levels.iter().map(|(level, ratio)| (*level, threshold(*ratio))).collect(),
            slowness,
            known: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn of(&mut self, number: u32, site: Listed) -> OfSite {
        match self.known.get(number as usize) {
            Some(Some(known)) => *known,
            _ => self.look_up(number, site),
        }
    }

    #[cold]
    fn look_up(&mut self, number: u32, site: Listed) -> OfSite {
        let names = emit::names(number, site);
        let of_level = self.levels.iter().filter(|(level, _)| level == site.metadata().level());
        let of_level = of_level.map(|(_, threshold)| *threshold).max().unwrap_or(EVERY);
        let of_type = |event_type: &str| {
            let applies =
                |(pattern, _): &&(String, Threshold)| matches(pattern, event_type) || matches(pattern, names.span_name);
            self.types.iter().filter(applies).map(|(_, threshold)| *threshold).max().unwrap_or(EVERY)
        };
        let Names { start, done, failed, .. } = names;
        let of_site = OfSite {
            start: of_type(start).max(of_level),
            done: of_type(done).max(of_level),
            failed: of_type(failed).max(of_level),
            slow: self.slowness.of_spec(site.spec()),
        };
        let at = number as usize;
        if self.known.len() <= at {
            self.known.resize(at + 1, None);
        }
        if let Some(known) = self.known.get_mut(at) {
            *known = Some(of_site);
        }
        of_site
    }
}

/// Whether the name is one of the pattern, in which each `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, name, is) in [
            ("sql.query", "sql.query", true),
            ("sql.query", "sql.query_fail", false),
            ("sql.*", "sql.query", true),
            ("sql.*", "sql.", true),
            ("sql.*", "nosql.query", false),
            ("*", "anything", true),
            ("*", "", true),
            ("", "", true),
            ("", "x", false),
            ("*.start", "dispatch.batch.start", true),
            ("*.start", "dispatch.batch.started", false),
            ("dispatch.*.start", "dispatch.batch.start", true),
            ("dispatch.*.start", "dispatch.start", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a**c", "abc", true),
            ("*b*c*", "abbcd", true),
            ("*b*c*", "acbd", false),
        ] {
            assert_eq!(matches(pattern, name), is, "{pattern} {name}");
        }
    }
}
