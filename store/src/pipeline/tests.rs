//! Pipelines whose stages never ran, were left out, were lost, or were undone.

use super::*;
use crate::fixture::{TRACE, action, id, loan};
use tense_event::{Event, Status};

#[test]
fn declared_stages_without_a_span_never_ran() {
    let trace = Trace::from_events(TRACE, loan());
    assert_eq!(trace.never_ran().iter().map(|absent| absent.stage).collect::<Vec<_>>(), ["dispatch.notify"]);
}

#[test]
fn what_must_have_run_is_not_said_to_have_never_run() {
    let without = |span: u64| loan().into_iter().filter(move |event| event.span_id != id(span));
    // The first stage is lost; a later one is here.
    let trace = Trace::from_events(TRACE, without(2));
    assert_eq!(trace.never_ran().iter().map(|absent| absent.stage).collect::<Vec<_>>(), ["dispatch.notify"]);
    assert_eq!(trace.ran_unseen(), ["dispatch.validate"]);
    // The pipeline succeeded, so it has come to its last stage too.
    let mut succeeded = loan();
    for event in succeeded.iter_mut().filter(|event| event.span_id == id(1) && event.status == Status::Failed) {
        event.status = Status::Success;
    }
    let trace = Trace::from_events(TRACE, succeeded);
    assert_eq!(trace.never_ran(), []);
    assert_eq!(trace.ran_unseen(), ["dispatch.notify"]);
}

/// A pipeline of those stages, and below it the named spans, all of which went well.
fn pipeline(
    span: u64,
    parent: u64,
    declared: &[&str],
    skipped: &[&str],
    status: Status,
    here: &[&'static str],
) -> Vec<Event> {
    let mut pipeline = action(span, parent, "dispatch.run", status, 0..100);
    pipeline.data.insert("stages", declared.to_vec());
    if !skipped.is_empty() {
        pipeline.data.insert("skipped", skipped.to_vec());
    }
    let stages = (1..).zip(here).map(|(n, name)| action(span * 10 + n, span, name, Status::Success, n..n + 1));
    std::iter::once(pipeline).chain(stages).collect()
}

fn never_ran(events: Vec<Event>) -> (Vec<String>, Vec<String>) {
    let trace = Trace::from_events(TRACE, events);
    let never = trace.never_ran().iter().map(|absent| absent.stage.to_owned()).collect();
    (never, trace.ran_unseen().iter().map(ToString::to_string).collect())
}

#[test]
fn a_stage_that_was_left_out_did_neither_run_nor_miss() {
    let declared = ["a.take", "a.wrap", "a.pack", "a.wrap", "a.ship"];
    let (never, unseen) = never_ran(pipeline(1, 0, &declared, &["a.wrap"], Status::Failed, &["a.take", "a.pack"]));
    assert_eq!((never.as_slice(), unseen.len()), (["a.wrap", "a.ship"].map(str::to_owned).as_slice(), 0));
    let all = ["a.take", "a.pack", "a.ship"];
    let (never, unseen) = never_ran(pipeline(1, 0, &declared, &["a.wrap", "a.wrap"], Status::Success, &all));
    assert_eq!((never.len(), unseen.len()), (0, 0));
}

#[test]
fn what_a_pipeline_without_an_end_came_past_may_have_been_left_out() {
    let declared = ["a.take", "a.wrap", "a.pack", "a.ship"];
    let of = |status| {
        let trace = Trace::from_events(TRACE, pipeline(1, 0, &declared, &[], status, &["a.take", "a.pack"]));
        let texts = |stages: Vec<&str>| stages.into_iter().map(ToOwned::to_owned).collect::<Vec<_>>();
        let notes = trace.tree().into_iter().flat_map(|line| line.notes).map(|note| note.word).collect::<Vec<_>>();
        (texts(trace.ran_unseen()), texts(trace.skipped_or_unseen()), notes)
    };
    let (unseen, either, notes) = of(Status::Pending);
    assert_eq!((unseen.len(), either), (0, vec!["a.wrap".to_owned()]));
    assert_eq!(notes, ["not finished", "skipped or not seen", "has not run"]);
    // One that has ended has said what it left out.
    let (unseen, either, _) = of(Status::Failed);
    assert_eq!((unseen, either.len()), (vec!["a.wrap".to_owned()], 0));
}

#[test]
fn the_second_of_two_equal_stages_that_did_not_run_is_not_unseen() {
    let (never, unseen) =
        never_ran(pipeline(1, 0, &["a.wrap", "a.pack", "a.wrap"], &[], Status::Failed, &["a.wrap", "a.pack"]));
    assert_eq!((never.as_slice(), unseen.len()), (["a.wrap".to_owned()].as_slice(), 0));
}

#[test]
fn a_stage_whose_way_up_is_lost_is_not_said_to_have_never_run() {
    let mut events = pipeline(1, 0, &["a.take", "a.pack", "a.ship"], &[], Status::Failed, &["a.take"]);
    let lost = |span, ms| action(span, 77, "a.pack", Status::Failed, ms);
    events.push(lost(50, 5..9));
    assert_eq!(never_ran(events.clone()).0, ["a.ship"]);
    // One that ran before it began is none of its own.
    events[0].duration = Some(std::time::Duration::from_millis(90));
    events.pop();
    events.push(lost(50, 1..2));
    assert_eq!(never_ran(events).0, ["a.pack", "a.ship"]);
}

#[test]
fn a_pipeline_within_another_tells_of_its_own_stages() {
    let outer = |status, here: &[&'static str]| {
        pipeline(1, 0, &["a.take", "dispatch.run", "a.pack", "a.seal", "a.ship"], &[], status, here)
    };
    // It did not begin.
    let (never, unseen) = never_ran(outer(Status::Failed, &["a.take"]));
    assert_eq!((never.len(), unseen.len()), (4, 0));
    // It failed: each of the two tells what is its own.
    let inner = |status, here: &[&'static str]| pipeline(2, 1, &["a.pack", "a.seal"], &[], status, here);
    let events = [outer(Status::Failed, &["a.take"]), inner(Status::Failed, &["a.pack"])].concat();
    let (never, unseen) = never_ran(events);
    assert_eq!((never.as_slice(), unseen.len()), (["a.ship", "a.seal"].map(str::to_owned).as_slice(), 0));
    let events =
        [outer(Status::Success, &["a.take", "a.ship"]), inner(Status::Success, &["a.pack", "a.seal"])].concat();
    assert_eq!(never_ran(events), (Vec::new(), Vec::new()));
}

#[test]
fn a_list_that_was_cut_within_a_pipeline_within_is_not_told_twice() {
    // There was room for one stage of the inner one, and for none behind it.
    let mut events = pipeline(1, 0, &["a.take", "dispatch.run", "a.pack"], &[], Status::Failed, &["a.take"]);
    events[0].cut.push("stages".to_owned());
    events.extend(pipeline(2, 1, &["a.pack", "a.seal"], &[], Status::Failed, &["a.pack"]));
    let trace = Trace::from_events(TRACE, events.clone());
    assert_eq!(trace.stages_cut().iter().map(|span| span.id).collect::<Vec<_>>(), [id(1)]);
    assert_eq!(never_ran(events), (vec!["a.seal".to_owned()], vec![]));
}

#[test]
fn a_stage_of_which_the_pipeline_knows_that_it_ran_has_run() {
    let mut events = pipeline(1, 0, &["a.take", "a.lend", "a.ship"], &[], Status::Failed, &["a.take"]);
    events[0].data.insert("unseen", vec!["a.lend"]);
    assert_eq!(never_ran(events.clone()), (vec!["a.ship".to_owned()], vec!["a.lend".to_owned()]));
    // It is the pipeline's word in a pipeline alone.
    events[0].data = tense_event::Fields::new();
    events[0].data.insert("unseen", vec!["a.lend"]);
    assert_eq!(Trace::from_events(TRACE, events).spans()[0].unseen_stages().count(), 0);
}

#[test]
fn what_a_pipeline_within_did_is_missing_too_when_nobody_undid_it() {
    let mut events = pipeline(1, 0, &["dispatch.run", "a.pack", "a.ship"], &[], Status::Failed, &[]);
    events[0].error = Some(tense_event::ErrorInfo::new(tense_event::ErrorKind::Cancelled));
    let mut inner = pipeline(2, 1, &["a.pack"], &[], Status::Success, &["a.pack"]);
    inner[1].data.insert("compensate", "unpack");
    events.extend(inner);
    let trace = Trace::from_events(TRACE, events);
    let missing = &trace.compensations().missing[0];
    assert_eq!((missing.stage.name.as_ref(), missing.because), ("a.pack", NotUndoneBecause::Cancelled));
}

#[test]
fn a_step_is_paired_with_what_undid_it() {
    let trace = Trace::from_events(TRACE, loan());
    let found = trace.compensations();
    assert_eq!(found.pairs[0].original.map(|step| step.id), Some(id(3)));
    assert_eq!(found.pairs[0].compensation.id, id(7));
    assert_eq!((found.done().count(), found.failed().count(), found.missing.len()), (1, 0, 0));
}

#[test]
fn a_step_of_a_pipeline_without_an_end_is_not_undone_yet() {
    let mut events = loan();
    events.retain(|event| event.span_id != id(7) && !(event.span_id == id(1) && event.status == Status::Failed));
    let trace = Trace::from_events(TRACE, events);
    let found = trace.compensations();
    assert_eq!(found.missing.len(), 1);
    assert_eq!(found.missing[0].stage.name, "dispatch.credit");
    assert_eq!(found.missing[0].because, NotUndoneBecause::NotFinished);
}

#[test]
fn a_panic_while_something_is_undone_leaves_the_other_steps_as_they_are() {
    let panicked = |mut event: Event| {
        event.status = Status::Failed;
        event.error = Some(tense_event::ErrorInfo::new(tense_event::ErrorKind::Panic));
        event
    };
    let mut events = pipeline(1, 0, &["a.pack", "dispatch.run"], &[], Status::Failed, &["a.pack"]);
    events[0] = panicked(events[0].clone());
    events[1].data.insert("compensate", "unpack");
    let mut inner = pipeline(2, 1, &["a.seal", "a.ship"], &[], Status::Failed, &["a.seal"]);
    inner[0] = panicked(inner[0].clone());
    let mut undo = panicked(action(30, 2, "a.unseal", Status::Failed, 5..6));
    undo.tags.push("compensation".into());
    let because = |events: Vec<Event>| Trace::from_events(TRACE, events).compensations().missing[0].because;
    let with_stage = [events.clone(), inner.clone()].concat();
    assert_eq!(because(with_stage), NotUndoneBecause::Panicked);
    assert_eq!(because([events, inner, vec![undo]].concat()), NotUndoneBecause::CompensationPanicked);
}

/// A step from 10 to 100 ms, and what undoes it: how many times it was undone, which failed again, whether too early.
fn undone(undo: &[(Status, std::ops::Range<u64>)]) -> (usize, Option<SpanId>, bool) {
    let step = action(2, 1, "a.charge", Status::Success, 10..100);
    let undo = (3..).zip(undo).map(|(span, (status, ms))| {
        let mut event = action(span, 1, "a.refund", *status, ms.clone());
        event.tags.push("compensation".into());
        event.data.insert("original_span_id", id(2).to_string());
        event
    });
    let trace = Trace::from_events(TRACE, undo.chain([step]));
    let found = trace.compensations();
    let [pair] = found.pairs.as_slice() else { panic!("{found:?}") };
    assert_eq!(found.others.len() + 1, trace.spans().len() - 1);
    (pair.times, pair.failed_again.map(|span| span.id), pair.too_early)
}

#[test]
fn what_is_undone_twice_or_too_early_is_told() {
    let (ill, well) = (Status::Failed, Status::Success);
    assert_eq!(undone(&[(well, 110..120)]), (1, None, false));
    assert_eq!(undone(&[(well, 110..120), (well, 130..140)]), (2, None, false));
    assert_eq!(undone(&[(well, 110..120), (ill, 130..140)]), (1, Some(id(4)), false));
    assert_eq!(undone(&[(ill, 110..120), (well, 130..140)]), (1, None, false));
    assert_eq!(undone(&[(ill, 110..120), (ill, 130..140)]), (0, None, false));
    assert_eq!(undone(&[(well, 40..50)]), (1, None, true));
    // The first one was, and the other had nothing left to undo.
    assert_eq!(undone(&[(well, 40..50), (well, 110..120)]), (2, None, false));
}

#[test]
fn a_compensation_that_succeeds_in_the_end_is_done() {
    let mut events = loan();
    let mut early = action(20, 1, "dispatch.release_credit", Status::Failed, 5010..5011);
    early.tags.push("compensation".into());
    early.data.insert("original_span_id", id(3).to_string());
    events.push(early);
    let trace = Trace::from_events(TRACE, events);
    let found = trace.compensations();
    assert_eq!((found.done().count(), found.failed().count()), (1, 0));
}
