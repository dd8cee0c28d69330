//! What pipelines undid, left undone and did not come to, held against what was drawn for each of their stages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tense_event::{ErrorInfo, ErrorKind, Event, SpanId, Status};
use tense_store::Trace;
use tense_store::pipeline::NotUndoneBecause;

use super::drawn::{TRACE, call};

/// What became of a stage.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Absent,
    Skipped,
    /// The pipeline knows that it ran; there is no span of it.
    Unseen,
    Succeeded,
    Failed,
    Open,
    /// It is here, and the span above it is not.
    Lost,
}

/// What is known of its compensation.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Undoing {
    Undeclared,
    Declared,
    Done,
    Failed,
    FailedThenDone,
    DoneThenFailed,
}

#[derive(Debug, Clone, Copy)]
struct Stage {
    fate: Fate,
    undoing: Undoing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Success,
    Failed,
    Panicked,
    Dropped,
    ToldToStop,
    Open,
}

/// A pipeline, and one that is called from its second stage and is no stage of it.
#[derive(Debug, Clone)]
struct Drawn {
    ending: Ending,
    stages: Vec<Stage>,
    inner: Option<(Ending, Vec<Stage>)>,
}

const STAGES: [&str; 4] = ["dispatch.validate", "dispatch.credit", "dispatch.funding", "dispatch.notify"];
const INNER: [&str; 4] = ["dispatch.inner.ask", "dispatch.inner.sign", "dispatch.inner.pay", "dispatch.inner.tell"];

fn drawn() -> impl Strategy<Value = Drawn> {
    use Fate::{Absent, Failed, Lost, Open, Skipped, Succeeded, Unseen};
    let fate = prop::sample::select(vec![Absent, Absent, Skipped, Unseen, Succeeded, Succeeded, Failed, Open, Lost]);
    let undoing = prop::sample::select(vec![
        Undoing::Undeclared,
        Undoing::Declared,
        Undoing::Done,
        Undoing::Failed,
        Undoing::FailedThenDone,
        Undoing::DoneThenFailed,
    ]);
    let ending = prop::sample::select(vec![
        Ending::Success,
        Ending::Failed,
        Ending::Panicked,
        Ending::Dropped,
        Ending::ToldToStop,
        Ending::Open,
    ]);
    let stage = (fate, undoing).prop_map(|(fate, undoing)| Stage { fate, undoing });
    let pipeline = || (ending.clone(), prop::collection::vec(stage.clone(), 1..=4));
    (pipeline(), prop::option::of(pipeline())).prop_map(|((ending, stages), inner)| Drawn { ending, stages, inner })
}

fn ended(mut event: Event, ending: Ending) -> Event {
    let kind = match ending {
        Ending::Success => return event,
        Ending::Open => {
            (event.status, event.duration) = (Status::Pending, None);
            return event;
        }
        Ending::Failed => ErrorKind::Error,
        Ending::Panicked => ErrorKind::Panic,
        Ending::Dropped | Ending::ToldToStop => ErrorKind::Cancelled,
    };
    let mut error = ErrorInfo::new(kind);
    if ending != Ending::Dropped {
        error.error_message = "told".to_owned();
    }
    (event.status, event.error) = (Status::Failed, Some(error));
    event
}

/// The events of one pipeline; the ids of its spans begin behind `id`, which is its own.
fn pipeline(
    id: u64,
    parent: u64,
    name: &'static str,
    names: &[&'static str],
    ending: Ending,
    stages: &[Stage],
) -> Vec<Event> {
    let listed = |fate| {
        let those = names.iter().zip(stages).filter(|(_, stage)| stage.fate == fate);
        those.map(|(name, _)| *name).collect::<Vec<_>>()
    };
    let mut above = ended(call(id, parent, name, 0..1_000), ending);
    if ending == Ending::Open {
        // When it began; the others come by their durations.
        above.timestamp = call(id, parent, name, 0..0).timestamp;
    }
    above.data.insert("stages", names[..stages.len()].to_vec());
    above.data.insert("skipped", listed(Fate::Skipped));
    above.data.insert("unseen", listed(Fate::Unseen));
    let mut events = vec![above];
    for (nth, (stage, name)) in (1..).zip(stages.iter().zip(names)) {
        let (own, at) = (id + 10 * nth, nth as i64 * 10);
        let span = call(own, id, name, at..at + 5);
        let mut span = match stage.fate {
            Fate::Absent | Fate::Skipped | Fate::Unseen => continue,
            Fate::Succeeded => span,
            Fate::Failed => ended(span, Ending::Failed),
            Fate::Open => ended(span, Ending::Open),
            Fate::Lost => call(own, 9_999, name, at..at + 5),
        };
        if stage.undoing != Undoing::Undeclared {
            span.data.insert("compensate", format!("{name}.undo"));
        }
        events.push(span);
        let undo = |number: u64, ending| {
            let at = 500 + number as i64 * 10;
            let mut undo = ended(call(own + number, id, "dispatch.undo", at..at + 5), ending);
            undo.tags.push("compensation".into());
            undo.data.insert("original_span_id", SpanId::new(own).unwrap().to_string());
            undo
        };
        match stage.undoing {
            Undoing::Undeclared | Undoing::Declared => {}
            Undoing::Done => events.push(undo(1, Ending::Success)),
            Undoing::Failed => events.push(undo(1, Ending::Failed)),
            Undoing::FailedThenDone => events.extend([undo(1, Ending::Failed), undo(2, Ending::Success)]),
            Undoing::DoneThenFailed => events.extend([undo(1, Ending::Success), undo(2, Ending::Failed)]),
        }
    }
    events
}

fn trace(drawn: &Drawn) -> Trace {
    let mut events = pipeline(100, 0, "dispatch.loan", &STAGES, drawn.ending, &drawn.stages);
    if let Some((ending, stages)) = &drawn.inner {
        events.extend(pipeline(200, 100, "dispatch.inner", &INNER, *ending, stages));
    }
    Trace::from_events(TRACE, events)
}

/// Each pipeline with its names, its id, how it ended, and what was drawn for its stages.
fn pipelines(drawn: &Drawn) -> Vec<(&'static [&'static str], u64, Ending, &[Stage])> {
    let outer = (&STAGES[..], 100, drawn.ending, &drawn.stages[..]);
    let inner = drawn.inner.as_ref().map(|(ending, stages)| (&INNER[..], 200, *ending, &stages[..]));
    [outer].into_iter().chain(inner).collect()
}

fn has_run(stage: &Stage) -> bool {
    !matches!(stage.fate, Fate::Absent | Fate::Skipped)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Not here, not left out, and nothing that comes later is here either; and the pipeline has not come to its end.
    #[test]
    fn what_never_ran_is_what_was_not_come_to(drawn in drawn()) {
        let trace = trace(&drawn);
        let mut expected = Vec::new();
        let (mut passed, mut either) = (BTreeSet::new(), BTreeSet::new());
        for (names, id, ending, stages) in pipelines(&drawn) {
            for (nth, (stage, name)) in stages.iter().zip(names).enumerate() {
                let is_passed = ending == Ending::Success || stages[nth..].iter().any(has_run);
                match stage.fate {
                    // What it left out, a pipeline says at its end.
                    Fate::Absent if is_passed && ending == Ending::Open => drop(either.insert(*name)),
                    Fate::Absent if is_passed => drop(passed.insert(*name)),
                    Fate::Absent => expected.push((id, *name)),
                    Fate::Unseen => drop(passed.insert(*name)),
                    _ => {}
                }
            }
        }
        let told: Vec<_> = trace.never_ran().iter().map(|never| (never.pipeline.id.get(), never.stage)).collect();
        prop_assert_eq!(&told, &expected);
        prop_assert_eq!(trace.ran_unseen().into_iter().collect::<BTreeSet<_>>(), passed);
        prop_assert_eq!(trace.skipped_or_unseen().into_iter().collect::<BTreeSet<_>>(), either);
        prop_assert_eq!(trace.why().never_ran.len(), told.len());
        // A line of the tree each.
        let words = ["never ran", "has not run"];
        let lines = trace.tree().into_iter().filter(|line| line.notes.iter().any(|note| words.contains(&note.word)));
        prop_assert_eq!(lines.map(|line| line.label).collect::<BTreeSet<_>>(),
            expected.iter().map(|(_, name)| (*name).to_owned()).collect::<BTreeSet<_>>());
    }

    #[test]
    fn what_was_undone_and_what_was_not_is_what_became_of_each_stage(drawn in drawn()) {
        let trace = trace(&drawn);
        let (mut pairs, mut missing) = (BTreeSet::new(), BTreeSet::new());
        let whole = pipelines(&drawn);
        for (_, id, ending, stages) in &whole {
            // Who failed undoes what is done; what a pipeline within did that went well stands and falls with the one
            // around it.
            let responsible = if *ending == Ending::Success && *id == 200 { drawn.ending } else { *ending };
            for (nth, stage) in (1..).zip(*stages) {
                let own = id + 10 * nth;
                let is_here = matches!(stage.fate, Fate::Succeeded | Fate::Failed | Fate::Open | Fate::Lost);
                let pair = match stage.undoing {
                    Undoing::Undeclared | Undoing::Declared => None,
                    Undoing::Done | Undoing::DoneThenFailed => Some((own, own + 1, true)),
                    Undoing::Failed => Some((own, own + 1, false)),
                    Undoing::FailedThenDone => Some((own, own + 2, true)),
                };
                pairs.extend(pair.filter(|_| is_here));
                if stage.fate == Fate::Succeeded && stage.undoing == Undoing::Declared {
                    missing.extend(match responsible {
                        Ending::Success => None,
                        Ending::Failed | Ending::ToldToStop => Some((own, NotUndoneBecause::NotSeen as u8)),
                        Ending::Panicked => Some((own, NotUndoneBecause::Panicked as u8)),
                        Ending::Dropped => Some((own, NotUndoneBecause::Cancelled as u8)),
                        Ending::Open => Some((own, NotUndoneBecause::NotFinished as u8)),
                    });
                }
            }
        }
        let found = trace.compensations();
        let is_done = |id| found.done().any(|pair| pair.compensation.id == id);
        let told: Vec<_> = found
            .pairs
            .iter()
            .map(|pair| (pair.original.unwrap().id.get(), pair.compensation.id.get(), is_done(pair.compensation.id)))
            .collect();
        prop_assert_eq!(told.len(), pairs.len(), "each step has one");
        prop_assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), pairs);
        prop_assert_eq!(found.done().count() + found.failed().count(), found.pairs.len());
        let told: Vec<_> = found.missing.iter().map(|step| (step.stage.id.get(), step.because as u8)).collect();
        prop_assert_eq!(told.len(), missing.len());
        prop_assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), missing);
        for step in &found.missing {
            prop_assert_eq!(step.declared, format!("{}.undo", step.stage.name));
        }
    }
}
