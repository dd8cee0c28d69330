//! What was counted while the program traced itself enters; a sentence about what the trace database does not have leaves.

use tense_layer::Health;

/// Nothing when it has everything; `is_complete` says whether all that was told is stored by now.
pub(crate) fn sentence(is_complete: bool, health: &Health) -> Option<String> {
    let counts = [
        (health.queue_full, "events that found the queue full"),
        (health.sink_failed, "events that could not be stored"),
        (health.ring_full, "records for which a thread had no room"),
        (health.records_lost, "records whose beginning was lost"),
        (health.drainer_panics, "passes over the records that were broken off"),
        (if is_complete { 0 } else { health.queued }, "events that were not stored in time"),
    ];
    let lost: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    match lost.as_slice() {
        [] if is_complete => None,
        [] => Some("the trace database does not have everything: it was not ready in time".to_owned()),
        lost => Some(format!("the trace database does not have everything: it lacks {}", lost.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_a_sentence_with_counts() {
        let mut health = tense_layer::health();
        let set = |health: &mut Health, ring_full, sink_failed, queued| {
            (health.queue_full, health.records_lost, health.drainer_panics) = (0, 0, 0);
            (health.ring_full, health.sink_failed, health.queued) = (ring_full, sink_failed, queued);
        };
        let begin = "the trace database does not have everything:";
        set(&mut health, 0, 0, 0);
        assert_eq!(sentence(true, &health), None);
        assert_eq!(sentence(false, &health).unwrap(), format!("{begin} it was not ready in time"));
        set(&mut health, 7, 1, 2);
        let lost = "it lacks 1 events that could not be stored, 7 records for which a thread had no room";
        assert_eq!(sentence(true, &health).unwrap(), format!("{begin} {lost}"));
        let late = "2 events that were not stored in time";
        assert_eq!(sentence(false, &health).unwrap(), format!("{begin} {lost}, {late}"));
    }
}
