//! Decides about a life: its name without the action enters, the names of both of its ends and of its failure leave.

use super::{Resolved, differs_at};
use crate::life;
use crate::registry::Registry;
use crate::tense::Action;
use crate::violation::{self, Violation};

impl Registry {
    pub(super) fn life(
        &self,
        segments: &[&str],
        layer: &str,
        reason: Option<&str>,
        at: usize,
        violations: &mut Vec<Violation>,
    ) -> Option<Resolved> {
        if reason.is_some() {
            let why = "the words of a life follow their layer's tense by themselves";
            violations.push(violation::stale_exemption(at, segments.last().copied().unwrap_or_default(), why));
        }
        let whole = violations.iter().all(|violation| !violation.rule.starts_with("name/"));
        let span_name = segments.join(".");
        if let Some(successor) = self.life_successor(&span_name, layer).filter(|_| whole) {
            let (before, last) = segments.split_at(segments.len().saturating_sub(1));
            let differs = differs_at(before, last.first().copied().unwrap_or_default(), &successor);
            let renamed = violation::renamed(differs, &span_name, &successor);
            if self.migrating {
                return Some(self.life_named(successor, Some(renamed)));
            }
            violations.push(renamed);
            return None;
        }

        let words = life::words_of(self.tense_of(layer));
        if whole {
            for word in [words.start, words.complete] {
                let event = format!("{span_name}.{word}");
                if let Some(reason) = self.removed(&event) {
                    violations.push(violation::removed(at, &event, reason));
                } else if let Some(successor) = self.successor(&event) {
                    violations.push(violation::renamed(differs_at(segments, word, successor), &event, successor));
                } else if self.closed && self.event(&event).is_none() {
                    violations.push(self.unknown(&event, segments, word, &Action::split(word), None));
                } else {
                    continue;
                }
                // both ends of a life go wrong for the same reason
                break;
            }
        }
        Some(self.life_named(span_name, None))
    }

    /// The names of a life.
    fn life_named(&self, span_name: String, renamed: Option<Violation>) -> Resolved {
        let words = life::words_of(self.tense_of(span_name.split('.').next().unwrap_or_default()));
        let start = format!("{span_name}.{}", words.start);
        let complete = format!("{span_name}.{}", words.complete);
        let fail = match self.event(&complete).and_then(|event| event.failed.clone()) {
            Some(named) => named,
            None => format!("{span_name}.{}", words.fail),
        };
        let [attempted, attempt_failed] =
            [words.attempted, words.attempt_failed].map(|word| format!("{span_name}.{word}"));
        Resolved::Life { span_name, start, complete, fail, attempted, attempt_failed, renamed }
    }

    /// The life that an old one was given up for: both of its ends have to lead to the ends of one new life.
    fn life_successor(&self, span_name: &str, layer: &str) -> Option<String> {
        let words = life::words_of(self.tense_of(layer));
        let start = self.successor(&format!("{span_name}.{}", words.start))?;
        let complete = self.successor(&format!("{span_name}.{}", words.complete))?;
        let (new, _) = start.rsplit_once('.')?;
        let new_words = life::words_of(self.tense_of(new.split('.').next().unwrap_or_default()));
        let is_life =
            start == format!("{new}.{}", new_words.start) && complete == format!("{new}.{}", new_words.complete);
        is_life.then(|| new.to_owned())
    }
}
