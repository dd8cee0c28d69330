//! The end of every answer: what it could not see, in one line, or no line when nothing is missing; before it that the
//! trace was not sampled, because then most of it is.

use std::collections::BTreeSet;

use tense_store::Trace;
use tense_store::text::excerpt;

use crate::layout::NAME;

/// What a service is called that has no name.
pub(crate) const UNNAMED: &str = "a program without a name";

/// What is missing from the trace, or wrong with it.
pub(crate) fn of(trace: &Trace) -> Option<String> {
    let gaps = trace.gaps();
    let cut = trace.spans().iter().filter(|span| !span.cut().is_empty()).count();
    let absent = trace.spans().iter().filter(|span| !span.absent().is_empty()).count();
    let sampled = trace.spans().iter().filter(|span| span.sample_weight > 1).count();
    let crowded = trace.spans().iter().filter(|span| span.left_out() > 0).count();
    let said: Vec<String> = [
        count(gaps.missing_parents.len(), "span without its parent", "spans without their parents"),
        count(trace.ran_unseen().len(), "stage that ran unseen", "stages that ran unseen"),
        count(trace.skipped_or_unseen().len(), "stage skipped or not seen", "stages skipped or not seen"),
        count(gaps.open.len(), "span that has not ended", "spans that have not ended"),
        count(gaps.circles.len(), "circle of parents, cut", "circles of parents, cut"),
        count(gaps.conflicts.len(), "span with contradicting events", "spans with contradicting events"),
        count(
            gaps.durations.len(),
            "span whose duration contradicts its begin and end",
            "spans whose durations contradict their begins and ends",
        ),
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
    ]
    .into_iter()
    .flatten()
    .collect();
    let said = (!said.is_empty()).then(|| format!("not seen in full: {}", said.join(" · ")));
    match (unsampled(trace), said) {
        (Some(unsampled), Some(said)) => Some(format!("{unsampled}\n{said}")),
        (unsampled, said) => unsampled.or(said),
    }
}

/// That only some of it was kept, and not by chance. Of several services each samples for itself.
fn unsampled(trace: &Trace) -> Option<String> {
    if trace.gaps().unsampled.is_empty() {
        return None;
    }
    let services = |is_unsampled: bool| -> BTreeSet<&str> {
        let spans = trace.spans().iter().filter(|span| span.is_unsampled() == is_unsampled);
        spans.map(|span| span.service.as_ref()).collect()
    };
    let (not_sampled, others) = (services(true), services(false));
    let place = if others.is_subset(&not_sampled) {
        String::new()
    } else {
        let named = |name: &&str| if name.is_empty() { UNNAMED.to_owned() } else { excerpt(name, NAME) };
        format!(" in {}", not_sampled.iter().map(named).collect::<Vec<_>>().join(", "))
    };
    Some(format!("this trace was not sampled{place}: only what failed or was slow, and what is above it, was kept"))
}

fn count(number: usize, one: &str, many: &str) -> Option<String> {
    match number {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{number} {many}")),
    }
}
