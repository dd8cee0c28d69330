//! The last line of every answer: what it could not see, in one line, or no line when nothing is missing.

use tense_store::Trace;

/// What is missing from the trace, or wrong with it.
pub(crate) fn of(trace: &Trace) -> Option<String> {
    let gaps = trace.gaps();
    let cut = trace.spans().iter().filter(|span| !span.cut.is_empty()).count();
    let absent = trace.spans().iter().filter(|span| !span.absent.is_empty()).count();
    let sampled = trace.spans().iter().filter(|span| span.sample_weight > 1).count();
    let crowded = trace.spans().iter().filter(|span| span.left_out > 0).count();
    let for_others = trace.spans().iter().filter(|span| span.is_for_others).count();
    let said: Vec<String> = [
        count(gaps.missing_parents.len(), "span without its parent", "spans without their parents"),
        count(trace.ran_unseen().len(), "stage that ran unseen", "stages that ran unseen"),
        count(gaps.open.len(), "span that has not ended", "spans that have not ended"),
        count(gaps.circles.len(), "circle of parents, cut", "circles of parents, cut"),
        count(gaps.conflicts.len(), "span with contradicting events", "spans with contradicting events"),
        count(gaps.clocks.len(), "span whose clock disagrees", "spans whose clocks disagree"),
        count(gaps.unreadable, "row that cannot be read", "rows that cannot be read"),
        count(absent, "span without a field that tense.toml declares", "spans without fields that tense.toml declares"),
        count(cut, "span with shortened values", "spans with shortened values"),
        count(
            crowded,
            "span with more below it than its limits let in",
            "spans with more below them than limits let in",
        ),
        count(sampled, "span that stands for several", "spans that stand for several"),
        count(for_others, "span of a trace that is not sampled", "spans of a trace that is not sampled"),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| format!("not seen in full: {}", said.join(" · ")))
}

fn count(number: usize, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    }
}
