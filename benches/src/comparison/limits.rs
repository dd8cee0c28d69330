//! Rows go in; what tense may cost comes out beside what it costs. Nothing fails because of a time: a machine that
//! others use has bad moments, so these are told, and instructions and allocations are tests.

use serde::Serialize;

use super::{Both, Row};
use crate::spans::{FOREIGN, TENSE, TENSE_OFF, Work};

/// One limit, and how near to it we are.
#[derive(Debug, Clone, Serialize)]
pub struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// To what.
    pub at_most: f64,
    /// What it was in this run.
    pub found: Both,
}

impl Limit {
    /// Whether a figure is within it.
    #[must_use]
    pub fn keeps(&self, figure: f64) -> bool {
        figure <= self.at_most
    }
}

/// All that these rows have something about.
#[must_use]
pub fn limits(rows: &[Row]) -> Vec<Limit> {
    let row = |recorder, work, threads| {
        rows.iter().find(|row| (row.recorder, row.work, row.threads) == (recorder, work, threads))
    };
    let sync = row(TENSE, Work::Sync, 1);
    let over_plain = |row: &Row| row.over_plain;
    let found = [
        ("a sync span, ns over plain", 25.0, sync.map(over_plain)),
        ("a sync span, of fastrace's", 0.20, sync.and_then(|row| row.of_fastrace)),
        ("an async span that gives way once, ns over plain", 30.0, row(TENSE, Work::Async, 1).map(over_plain)),
        ("without a layer, sync, ns over plain", 1.0, row(TENSE_OFF, Work::Sync, 1).map(over_plain)),
        ("without a layer, async, ns over plain", 5.0, row(TENSE_OFF, Work::Async, 1).map(over_plain)),
        ("a span of `tracing` through our layer, of the registry's", 1.6, foreign(row(FOREIGN, Work::Sync, 1))),
        ("two threads at once, of one's", 1.1, both_at_once(row(TENSE, Work::Sync, 2), sync)),
    ];
    let known = found.into_iter().filter_map(|(what, at_most, found)| Some(Limit { what, at_most, found: found? }));
    known.collect()
}

fn foreign(row: Option<&Row>) -> Option<Both> {
    row?.of_registry
}

fn both_at_once(two: Option<&Row>, one: Option<&Row>) -> Option<Both> {
    Some(two?.nanos.zip(one?.nanos, |two, one| two / one))
}
