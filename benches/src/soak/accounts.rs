//! What a program has recorded, by its own count, and what the layer says of it go in; what does not add up comes out.

use std::ops::Add;

use tense_layer::Health;

/// Spans that were begun, and moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Made {
    pub(crate) spans: u64,
    pub(crate) moments: u64,
}

impl Add for Made {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self { spans: self.spans + more.spans, moments: self.moments + more.moments }
    }
}

pub(crate) fn wrong(made: &Made, health: &Health, delivered: u64) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, left: u64, right: u64| {
        if left != right {
            wrong.push(format!("{what}: {left} are not {right}"));
        }
    };
    let recorded = made.spans + made.moments;
    let left_out = health.sampled_out + health.limited;
    let drained = health.emitted - health.pending;
    same(
        "recorded, left out, drained or dropped",
        recorded,
        left_out + drained + health.ring_full + health.records_lost,
    );
    let settled = health.delivered + health.dropped() + health.queued;
    same("events, delivered or dropped", health.offered, settled);
    same("events for the one sink", health.emitted, health.offered);
    same("events that were delivered", health.delivered, delivered);
    same("events that wait", health.queued, 0);
    same("passes that were broken off", health.drainer_panics, 0);
    if health.ring_full == 0 {
        same("spans that are left open", health.open_spans + health.spans_given_up, 0);
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_span_that_nobody_has_counted_is_seen() {
        let health = tense_layer::health();
        assert_eq!(wrong(&Made::default(), &health, 0), [""; 0]);
        assert_eq!(
            wrong(&Made { spans: 1, moments: 0 }, &health, 0),
            ["recorded, left out, drained or dropped: 1 are not 0"]
        );
    }
}
