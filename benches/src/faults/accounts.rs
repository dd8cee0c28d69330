//! What was recorded, what the layer says of it, and what sinks and files have go in; what does not add up comes out.

use tense_layer::{Health, SinkHealth};

/// What holds at any moment.
pub(crate) fn wrong_now(health: &Health) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut same = |what: &str, left: u64, right: u64| {
        if left != right {
            wrong.push(format!("{what}: {left} are not {right}"));
        }
    };
    same("events, delivered or dropped or queued", health.offered, health.delivered + health.dropped() + health.queued);
    for sink in &health.sinks {
        let settled = sink.delivered + sink.dropped() + sink.queued;
        same(&format!("events for `{}`, delivered or dropped or queued", sink.name), sink.offered, settled);
    }
    same("passes that were broken off", health.drainer_panics, 0);
    wrong
}

/// What holds besides, once nobody records any more and everything is flushed.
pub(crate) fn wrong_at_rest(recorded: u64, health: &Health) -> Vec<String> {
    let mut wrong = wrong_now(health);
    let left_out = health.sampled_out + health.limited;
    let found = health.emitted - health.pending + left_out + health.ring_full + health.records_lost;
    if found != recorded {
        wrong.push(format!("recorded, drained or dropped: {recorded} are not {found}"));
    }
    if health.queued != 0 {
        wrong.push(format!("{} events wait, though all is flushed", health.queued));
    }
    for sink in health.sinks.iter().filter(|sink| sink.offered != health.emitted) {
        wrong.push(format!("`{}` was offered {} of {} events", sink.name, sink.offered, health.emitted));
    }
    wrong
}

/// A sink has what counts as delivered to it, or, where what it had was destroyed on purpose, no more than that.
pub(crate) fn wrong_in(sink: &SinkHealth, delivered: u64, has: u64, is_destroyed: bool) -> Option<String> {
    let is_wrong = if is_destroyed { has > delivered } else { has != delivered };
    is_wrong.then(|| format!("`{}` has {has} events, and {delivered} count as delivered", sink.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_event_that_nobody_has_counted_is_seen() {
        let health = tense_layer::health();
        assert_eq!(wrong_at_rest(0, &health), [""; 0]);
        assert_eq!(wrong_at_rest(1, &health), ["recorded, drained or dropped: 1 are not 0"]);
    }
}
