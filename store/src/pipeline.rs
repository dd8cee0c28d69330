//! A trace enters; what its pipelines declared and did not do leaves: stages that never ran, steps that were or were
//! not undone.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::Value;
use tense_event::SpanId;

use crate::tangle::CLOCK_TOLERANCE;
use crate::{Outcome, Span, Trace};

/// For each pipeline so many spans are looked at whose parents are lost: there may be many of both.
const LOST: usize = 1_000;

/// A stage that a pipeline declared and did not come to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NeverRan<'t> {
    /// The pipeline. While it is open, the stage may still run.
    pub pipeline: &'t Span,
    /// The name of the stage's span.
    pub stage: &'t str,
}

/// What was undone in a trace, and what was not.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Compensations<'t> {
    /// Every span that undoes another; of several for one step, the first that succeeded or the last one.
    pub pairs: Vec<Undone<'t>>,
    /// Those of several for one step that are not in [`pairs`](Self::pairs), each behind its step: earlier ones that
    /// failed, and whatever came when it was undone.
    pub others: Vec<(&'t Span, &'t Span)>,
    /// Finished steps of a pipeline that did not succeed, which declared a compensation and did not get it.
    pub missing: Vec<NotUndone<'t>>,
}

/// A compensation and what it undoes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Undone<'t> {
    /// The step that was to be undone; none when it is not in the trace.
    pub original: Option<&'t Span>,
    /// The span that undoes it; it may have failed, or still be open.
    pub compensation: &'t Span,
    /// How many spans that undo it ended well: with more than one, it was undone more than once.
    pub times: usize,
    /// The last that failed though the step had been undone.
    pub failed_again: Option<&'t Span>,
    /// Whether what undoes the step ended before the step did, by more than a millisecond: what was left of the step
    /// nobody undid. Not said of steps in another process, whose clock may differ.
    pub too_early: bool,
}

/// A finished step that nobody undid.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NotUndone<'t> {
    /// The step.
    pub stage: &'t Span,
    /// The name of the compensation that it declared.
    pub declared: &'t str,
    /// Why, as far as the trace tells.
    pub because: NotUndoneBecause,
}

/// Why a step was not undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotUndoneBecause {
    /// The pipeline was dropped before it finished: nobody was left to do it.
    Cancelled,
    /// A stage panicked, and took the pipeline with it.
    Panicked,
    /// What undoes another step panicked, and took the pipeline with it.
    CompensationPanicked,
    /// The pipeline has not ended, as far as the trace tells: it may still go well, or be undone.
    NotFinished,
    /// The pipeline failed or was told to stop, and then undoes what is done; but no span of the compensation is here:
    /// it was dropped, or is not recorded.
    NotSeen,
}

/// What a pipeline declared, held against what is below it.
struct Row<'t> {
    /// Stages without a span that were not left out, with their places.
    absent: Vec<(usize, &'t str)>,
    /// Those of which the pipeline knows that they ran, and under another name.
    unseen: Vec<&'t str>,
    /// How far the pipeline has demonstrably come: the place behind the last stage that is here.
    come_to: usize,
}

impl<'t> Compensations<'t> {
    /// The pairs whose compensation succeeded.
    pub fn done(&self) -> impl Iterator<Item = &Undone<'t>> {
        self.pairs.iter().filter(|pair| pair.compensation.outcome == Outcome::Success)
    }

    /// The pairs whose compensation failed.
    pub fn failed(&self) -> impl Iterator<Item = &Undone<'t>> {
        self.pairs.iter().filter(|pair| pair.compensation.outcome.is_failure())
    }
}

impl Span {
    /// The stages that it declared, when it is a pipeline.
    pub fn declared_stages(&self) -> Option<impl Iterator<Item = &str>> {
        if !self.has_stages() {
            return None;
        }
        let stages = self.data.get("stages")?.as_array()?.iter().filter_map(Value::as_str);
        Some(stages.filter(|stage| !stage.is_empty()))
    }

    /// The stages that it left out, because their condition did not hold, when it is a pipeline.
    pub fn skipped_stages(&self) -> impl Iterator<Item = &str> {
        self.stages_in("skipped")
    }

    /// The stages that ran without a span of their name, as far as the pipeline itself has noticed.
    pub fn unseen_stages(&self) -> impl Iterator<Item = &str> {
        self.stages_in("unseen")
    }

    fn stages_in(&self, field: &str) -> impl Iterator<Item = &str> + use<'_> {
        let stages = self.declared_stages().and_then(|_| self.data.get(field));
        stages.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether it is a pipeline and had no room, in one field, for all the stages that it declared, or left out.
    pub fn stages_are_cut(&self) -> bool {
        self.declared_stages().is_some() && self.cut.iter().any(|field| ["stages", "skipped"].contains(&field.as_str()))
    }

    /// The compensation that it declared, when it is a stage that has one.
    pub fn declared_compensation(&self) -> Option<&str> {
        self.data.get("compensate")?.as_str()
    }
}

impl Trace {
    /// The pipelines whose lists of stages are not all that they declared: what else never ran there, nobody knows.
    pub fn stages_cut(&self) -> Vec<&Span> {
        self.spans().iter().filter(|span| span.stages_are_cut()).collect()
    }

    /// The stages that the pipelines of this trace declared and did not come to, in the order of their declaration.
    /// Those of the pipelines whose lists [were cut](Trace::stages_cut) are not all here.
    pub fn never_ran(&self) -> Vec<NeverRan<'_>> {
        self.spans().iter().flat_map(|span| self.never_ran_below(span)).collect()
    }

    /// The same, of one pipeline.
    pub fn never_ran_below<'t>(&'t self, pipeline: &'t Span) -> Vec<NeverRan<'t>> {
        let row = self.row(pipeline);
        let absent = row.absent.into_iter().filter(|(place, _)| *place >= row.come_to);
        absent.map(|(_, stage)| NeverRan { pipeline, stage }).collect()
    }

    /// The stages that must have run, because the pipeline says so or succeeded, or a later stage is here, and left no
    /// span of that name: dropped, not recorded at their level, or methods of another name.
    pub fn ran_unseen(&self) -> Vec<&str> {
        let pipelines = self.spans().iter().filter(|span| span.declared_stages().is_some());
        let unseen = pipelines.flat_map(|pipeline| {
            let row = self.row(pipeline);
            let passed = row.absent.into_iter().filter(move |(place, _)| *place < row.come_to);
            row.unseen.into_iter().chain(passed.map(|(_, stage)| stage))
        });
        unseen.collect()
    }

    /// Holds what a pipeline declared against what is below it.
    fn row<'t>(&'t self, pipeline: &'t Span) -> Row<'t> {
        let mut row = Row { absent: Vec::new(), unseen: Vec::new(), come_to: 0 };
        let Some(stages) = pipeline.declared_stages() else { return row };
        let stages: Vec<&str> = stages.collect();
        // One for one: a pipeline may have the same stage twice.
        let mut here: HashMap<&str, VecDeque<&Span>> = HashMap::new();
        for child in self.children(pipeline).chain(self.perhaps_below(pipeline)) {
            here.entry(&child.name).or_default().push_back(child);
        }
        let mut skipped: Vec<&str> = pipeline.skipped_stages().collect();
        let mut unseen: Vec<&str> = pipeline.unseen_stages().collect();
        let mut place = 0;
        while let Some(stage) = stages.get(place) {
            place += 1;
            if let Some(child) = here.get_mut(stage).and_then(VecDeque::pop_front) {
                // A pipeline that is a stage tells itself what became of its own, which stand behind it.
                let own: Vec<&str> = child.declared_stages().into_iter().flatten().collect();
                let behind = stages.get(place..).unwrap_or_default();
                if behind.starts_with(&own) || pipeline.stages_are_cut() && own.starts_with(behind) {
                    place += own.len();
                }
                row.come_to = place;
            } else if let Some(at) = skipped.iter().position(|skipped| skipped == stage) {
                skipped.remove(at);
            } else if let Some(at) = unseen.iter().position(|unseen| unseen == stage) {
                row.unseen.push(unseen.remove(at));
                row.come_to = place;
            } else {
                row.absent.push((place - 1, stage));
            }
        }
        if pipeline.outcome == Outcome::Success {
            // It has come to all of its stages.
            row.come_to = usize::MAX;
        }
        row
    }

    /// Spans whose parent is lost, and that ran while the pipeline did: of a stage among them nobody can say that it
    /// never ran.
    fn perhaps_below<'t>(&'t self, pipeline: &'t Span) -> impl Iterator<Item = &'t Span> {
        let lost = self.gaps().missing_parents.iter().take(LOST).filter_map(|id| self.get(*id));
        lost.filter(|span| span.began >= pipeline.began && pipeline.ended.is_none_or(|ended| span.began <= ended))
    }

    /// The stages of a pipeline, and those of pipelines among them that went well: what they did stands and falls with
    /// it.
    fn stages_of<'t>(&'t self, pipeline: &'t Span) -> Vec<&'t Span> {
        let mut found: Vec<&Span> = self.children(pipeline).collect();
        let mut at = 0;
        while let Some(stage) = found.get(at) {
            if stage.outcome == Outcome::Success && stage.declared_stages().is_some() {
                found.extend(self.children(stage));
            }
            at += 1;
        }
        found
    }

    /// The spans that a panic of a compensation has come through.
    fn panicked_while_undoing(&self) -> HashSet<SpanId> {
        let mut found = HashSet::new();
        let has_panicked = |span: &&Span| span.outcome == Outcome::Panicked;
        for compensation in self.spans().iter().filter(has_panicked).filter(|span| span.is_compensation()) {
            let mut above = self.parent(compensation);
            // Where one was come through before, so were all above it.
            while let Some(span) = above.filter(has_panicked).filter(|span| found.insert(span.id)) {
                above = self.parent(span);
            }
        }
        found
    }

    /// What was undone in this trace, and what was not.
    pub fn compensations(&self) -> Compensations<'_> {
        let mut found = Compensations::default();
        let mut pair_of: HashMap<SpanId, usize> = HashMap::new();
        for compensation in self.spans().iter().filter(|span| span.is_compensation()) {
            let original = compensation.data.get("original_span_id").and_then(Value::as_str);
            let original = original.and_then(|id| self.get(id.parse().ok()?));
            let pair = Undone {
                original,
                compensation,
                times: usize::from(compensation.outcome == Outcome::Success),
                failed_again: None,
                too_early: original.is_some_and(|step| is_too_early(step, compensation)),
            };
            match original.and_then(|span| pair_of.get(&span.id)) {
                // It was undone already.
                Some(at) if found.pairs[*at].times > 0 => {
                    let held = &mut found.pairs[*at];
                    held.times += pair.times;
                    held.too_early &= pair.times == 0 || pair.too_early;
                    if compensation.outcome.is_failure() {
                        held.failed_again = Some(compensation);
                    }
                    found.others.extend(original.map(|step| (step, compensation)));
                }
                // Tried again: what came of it in the end counts.
                Some(at) => {
                    let earlier = std::mem::replace(&mut found.pairs[*at], pair).compensation;
                    found.others.extend(original.map(|step| (step, earlier)));
                }
                None => {
                    if let Some(span) = original {
                        pair_of.insert(span.id, found.pairs.len());
                    }
                    found.pairs.push(pair);
                }
            }
        }
        let while_undoing = self.panicked_while_undoing();
        let pipelines = self.spans().iter().filter(|span| span.declared_stages().is_some());
        for pipeline in pipelines.filter(|span| span.outcome != Outcome::Success) {
            let because = match pipeline.outcome {
                // Told to stop, which it says, it undoes what is done as if it had failed.
                Outcome::Cancelled if !pipeline.error_message().is_empty() => NotUndoneBecause::NotSeen,
                Outcome::Cancelled => NotUndoneBecause::Cancelled,
                Outcome::Panicked if while_undoing.contains(&pipeline.id) => NotUndoneBecause::CompensationPanicked,
                Outcome::Panicked => NotUndoneBecause::Panicked,
                Outcome::Open => NotUndoneBecause::NotFinished,
                Outcome::Failed | Outcome::Success => NotUndoneBecause::NotSeen,
            };
            let finished = self.stages_of(pipeline).into_iter().filter(|stage| stage.outcome == Outcome::Success);
            found.missing.extend(
                finished
                    .filter(|stage| !pair_of.contains_key(&stage.id))
                    .filter_map(|stage| Some(NotUndone { stage, declared: stage.declared_compensation()?, because })),
            );
        }
        found
    }
}

/// Whether a step went on when what undoes it had ended.
fn is_too_early(step: &Span, compensation: &Span) -> bool {
    let clocks_may_differ = step.hands_off_to(compensation);
    let ends = step.ended.zip(compensation.ended).filter(|_| !clocks_may_differ);
    ends.is_some_and(|(step, undone)| undone.unix_nanos() < step.unix_nanos().saturating_sub(CLOCK_TOLERANCE))
}

#[cfg(test)]
mod tests {
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
}
