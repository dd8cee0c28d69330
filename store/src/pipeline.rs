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

impl<'t> Row<'t> {
    /// Stages without a span that the pipeline has come past.
    fn passed(&self) -> impl Iterator<Item = &'t str> + use<'_, 't> {
        self.absent.iter().filter(|(place, _)| *place < self.come_to).map(|(_, stage)| *stage)
    }
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
    pub(crate) fn unseen_stages(&self) -> impl Iterator<Item = &str> {
        self.stages_in("unseen")
    }

    fn stages_in(&self, field: &str) -> impl Iterator<Item = &str> + use<'_> {
        let stages = self.declared_stages().and_then(|_| self.data.get(field));
        stages.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// Whether it is a pipeline and had no room, in one field, for all the stages that it declared, or left out.
    pub fn stages_are_cut(&self) -> bool {
        self.declared_stages().is_some()
            && self.cut().iter().any(|field| ["stages", "skipped"].contains(&field.as_str()))
    }

    /// The compensation that it declared, when it is a stage that has one.
    pub fn declared_compensation(&self) -> Option<&str> {
        self.data.get("compensate")?.as_str()
    }
}

impl Trace {
    /// The pipelines whose lists of stages are not all that they declared: what else never ran there, nobody knows.
    pub fn stages_cut(&self) -> Vec<&Span> {
        self.pipelines().filter(|span| span.stages_are_cut()).collect()
    }

    /// The stages that the pipelines of this trace declared and did not come to, in the order of their declaration.
    /// Those of the pipelines whose lists [were cut](Trace::stages_cut) are not all here.
    pub fn never_ran(&self) -> Vec<NeverRan<'_>> {
        self.pipelines().flat_map(|span| self.never_ran_below(span)).collect()
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
        let pipelines = self.pipelines().filter(|span| span.declared_stages().is_some());
        let unseen = pipelines.flat_map(|pipeline| {
            let row = self.row(pipeline);
            // What it left out, a pipeline says at its end.
            let passed = row.passed().filter(|_| pipeline.outcome != Outcome::Open);
            row.unseen.iter().copied().chain(passed).collect::<Vec<_>>()
        });
        unseen.collect()
    }

    /// The stages that a pipeline without an end has come past, and of which there is no span: left out because their
    /// condition did not hold, which it says at its end alone, or run unseen.
    pub fn skipped_or_unseen(&self) -> Vec<&str> {
        self.pipelines().flat_map(|span| self.skipped_or_unseen_below(span)).collect()
    }

    /// The same, of one pipeline.
    pub fn skipped_or_unseen_below<'t>(&'t self, pipeline: &'t Span) -> Vec<&'t str> {
        if pipeline.outcome == Outcome::Open { self.row(pipeline).passed().collect() } else { Vec::new() }
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
        for compensation in self.undoing().filter(has_panicked) {
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
        for compensation in self.undoing() {
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
        let pipelines = self.pipelines().filter(|span| span.declared_stages().is_some());
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
mod tests;
