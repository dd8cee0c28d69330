//! What programs have counted enters; findings leave: what they dropped, which of their sinks fail, what of their
//! settings makes no sense, and which ended without a last word.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;
use tense_event::Timestamp;
use tense_store::{Program, SqliteStore, text};

use super::finding::{Finding, Mark};
use crate::commands::health::{LOSSES, list};
use crate::database;
use crate::layout::{ZONED, counted, moment_in};

const ABOUT: &str = "programs";
/// What a program said longer ago is history.
const RECENT: Duration = Duration::from_secs(24 * 3600);
/// Of a name, or of what a sink said.
const TEXT: usize = 200;

/// What to do about a loss, by its counter.
const ADVICE: [(&str, &str); 12] = [
    ("breaker_open", "look at what the sink said last: a full disk, a lock, a closed port"),
    ("drainer_panics", "a bug of tense: please report it"),
    ("lost_at_fork", "call `tense_layer::forked()` right behind the fork"),
    (
        "queue_full",
        "record less (sampling), or give a larger `delivery.queue_events`; the sink is slower than the program",
    ),
    ("records_lost", "record less in hot loops, or give a larger `recording.ring_bytes`"),
    ("ring_full", "record less in hot loops, or give a larger `recording.ring_bytes`"),
    ("shut_down", "shut the layer down last"),
    ("sink_failed", "look at what the sink said last: a full disk, a lock, a closed port"),
    ("sink_refused", "look at the limits of the sink"),
    ("spans_given_up", "see whether spans are ever ended, or give a larger `limits.open_spans`"),
    ("values_lost", "record smaller values, or fewer spans that stay open"),
    ("worker_dead", "look at its standard error, which names a thread that has died, and at the limit of threads"),
];

pub(super) fn findings(store: &SqliteStore, now: Timestamp, zone: &TimeZone) -> Vec<Finding> {
    let programs = match store.programs() {
        Ok(programs) => programs,
        Err(error) => {
            let advice = database::advice_on(&error).unwrap_or("look at the findings about the file");
            let what = format!("what they counted cannot be read: {:#}", anyhow::Error::from(error));
            return vec![Finding::problem(ABOUT, "the database", what).advice(advice)];
        }
    };
    if programs.is_empty() {
        let what =
            "no program has said what it counted; whatever is here was imported, or written before there were counters";
        return vec![Finding::note(ABOUT, "the database", what)];
    }
    let mut findings: Vec<Finding> =
        programs.iter().flat_map(|program| Seen::of(program, now, zone).findings()).collect();
    if findings.is_empty() {
        let delivered =
            programs.iter().map(|program| count(&program.health, "delivered")).fold(0_u64, u64::saturating_add);
        let what = format!("{delivered} events of {} delivered, nothing dropped", counted(programs.len(), "program"));
        findings.push(Finding::ok(ABOUT, "the database", what));
    }
    findings
}

struct Seen<'p> {
    health: &'p Value,
    place: String,
    /// When it said so last, as it is shown.
    at: String,
    is_recent: bool,
    /// Whether its process is there, where the system says so.
    runs: Option<bool>,
}

impl<'p> Seen<'p> {
    fn of(program: &'p Program, now: Timestamp, zone: &TimeZone) -> Self {
        let Program { pid, at, service, health, .. } = program;
        let service = if service.is_empty() { "a program" } else { &text::excerpt(service, TEXT) };
        let runs = Path::new("/proc/self").exists().then(|| Path::new(&format!("/proc/{pid}")).exists());
        let age = u64::try_from(now.unix_nanos().saturating_sub(at.unix_nanos())).unwrap_or(0);
        let is_recent = runs == Some(true) || Duration::from_nanos(age) < RECENT;
        Self { health, place: format!("{service}, process {pid}"), at: moment_in(*at, ZONED, zone), is_recent, runs }
    }

    /// What is over for long is no problem any more.
    fn problem(&self, what: impl Into<String>) -> Finding {
        let mark = if self.is_recent { Mark::Problem } else { Mark::Note };
        let when = if self.is_recent { String::new() } else { format!(", as of {}", self.at) };
        Finding::of(mark, ABOUT, self.place.clone(), what.into() + &when)
    }

    fn note(&self, what: impl Into<String>) -> Finding {
        Finding::note(ABOUT, self.place.clone(), what)
    }

    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (name, what) in LOSSES {
            let lost = count(self.health, name);
            if lost > 0 {
                let advice =
                    ADVICE.iter().find(|(known, _)| *known == name).map_or("see docs/reliability.md", |known| known.1);
                findings.push(self.problem(format!("lost: {lost} {what}")).advice(advice));
            }
        }
        findings.extend(list(self.health, "sinks").filter_map(|sink| self.sink(sink)));
        findings.extend(self.settings());
        for (name, what, advice) in [
            ("hook_panics", "alarms at which the hook panicked", "mend the function that `watch` was given"),
            ("alarms_lost", "alarms for which the hook had no time", "let it hand an alarm on and return"),
            ("subscriber_panics", "panics of filters or layers of the program's own", "mend them"),
            (
                "stages_unseen",
                "stages that went well and left no span",
                "give `stage_method` the name of a method that is recorded, at a level that is",
            ),
            (
                "fields_absent",
                "fields that tense.toml declares as always there, and that events came without",
                "record them, or declare them with `?`",
            ),
        ] {
            let times = count(self.health, name);
            if times > 0 {
                findings.push(self.note(format!("{times} {what}")).advice(advice));
            }
        }
        if let Some(ratio) = self.health["failure_ratio"].as_f64().filter(|ratio| *ratio < 1.0) {
            let what = format!("of its failures and slow spans sampling keeps only {:.3} %", ratio * 100.0);
            findings.push(self.note(what).advice("give a larger `sampling.max_events_per_second`"));
        }
        if self.health["other_versions"] == true {
            let what = "it has annotated functions of another version of tense, whose spans say less here";
            findings.push(self.note(what).advice("`cargo tree -i tense` says who brings it"));
        }
        let (waiting, open) = (count(self.health, "queued"), count(self.health, "open_spans"));
        if self.runs == Some(false) && (waiting, open) != (0, 0) {
            let what = format!(
                "it ended without a last word: when it reported last, {} waited and {} open",
                counted(usize::try_from(waiting).unwrap_or(usize::MAX), "event"),
                match open {
                    1 => "1 span was".to_owned(),
                    more => format!("{more} spans were"),
                },
            );
            findings.push(
                self.note(what)
                    .advice("keep the guard of `init()` to the end of `main`, or call `tense_layer::shutdown`"),
            );
        }
        findings
    }

    fn sink(&self, sink: &Value) -> Option<Finding> {
        let text = |of: &Value| text::excerpt(of.as_str().unwrap_or_default(), TEXT);
        let name = text(&sink["name"]);
        let said =
            sink["last_error"]["text"].as_str().map(|said| format!("; it last said: {}", text::excerpt(said, TEXT)));
        if sink["is_alive"] == false {
            let advice = "look at its standard error, which names a thread that has died, and at the limit of threads";
            return Some(self.problem(format!("sink {name} has no thread")).advice(advice));
        }
        let advice = "look at what the sink said: a full disk, a lock, a closed port";
        match sink["state"].as_str() {
            Some("resting" | "probing") => {
                let what = format!("sink {name} is left alone because it failed{}", said.unwrap_or_default());
                Some(self.problem(what).advice(advice))
            }
            _ => said.map(|said| self.note(format!("sink {name} is well, and was not always{said}")).advice(advice)),
        }
    }

    fn settings(&self) -> Vec<Finding> {
        let is_off = self.health["switched_off"] == true;
        let sentences = list(self.health, "settings").filter_map(Value::as_str);
        let finding = |sentence: &str| {
            let sentence = text::excerpt(sentence, TEXT * 2);
            if is_off { self.note(sentence) } else { self.problem(sentence).advice("docs/settings.md has all of them") }
        };
        sentences.map(finding).collect()
    }
}

fn count(health: &Value, name: &str) -> u64 {
    health[name].as_u64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_loss_has_its_advice() {
        assert!(ADVICE.is_sorted_by_key(|(name, _)| name));
        for (name, _) in LOSSES {
            assert!(ADVICE.iter().any(|(known, _)| *known == name), "{name}");
        }
    }
}
