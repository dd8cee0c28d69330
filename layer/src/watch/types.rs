//! Spans that have ended go in, by their call sites; what is known of each event type comes out.

use std::time::Duration;

use serde::Serialize;
use tense::__private::layer::{Ending, Listed};
use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};

use super::alarm::{Alarm, AlarmKind};
use super::fold::{Case, Fold, SECOND};
use super::settings::Limits;
use super::window::Window;
use crate::emit::foreign_name;

/// So many types have numbers of their own; a program names them in its source, so there are never very many.
const TYPES: usize = 512;

/// All others.
const OTHERS: &str = "(other types)";

/// How often too many failures are told while it goes on, in nanoseconds.
const AGAIN: u64 = 60 * SECOND;

/// One type of event: how many of its spans have ended, and how. Part of [`Health::types`](crate::Health::types).
///
/// ```
/// for of_type in tense_layer::health().types {
///     println!("{}: {} of {} were slow", of_type.event_type, of_type.slow, of_type.ended);
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TypeHealth {
    /// The event that says that such a span went well. `(other types)` for all that came when there were 512 already.
    pub event_type: String,
    /// Spans that have ended, sampled or not.
    pub ended: u64,
    /// Those of them that failed or panicked.
    pub failed: u64,
    /// Those that were dropped before they were done.
    pub cancelled: u64,
    /// Those that were slow: see [`Watch`](crate::Watch). One that goes on counts here already.
    pub slow: u64,
    /// Those that have ended within the last minute, of the layers that are there.
    pub ended_lately: u64,
    /// Those of these that failed or panicked.
    pub failed_lately: u64,
}

impl TypeHealth {
    /// The share of the spans of the last minute that failed; 0 where none has ended.
    ///
    /// ```
    /// let worst = tense_layer::health().types.into_iter().max_by(|a, b| a.failure_rate().total_cmp(&b.failure_rate()));
    /// ```
    pub fn failure_rate(&self) -> f64 {
        if self.ended_lately == 0 { 0.0 } else { self.failed_lately as f64 / self.ended_lately as f64 }
    }

    pub(crate) fn forget_last_minute(&mut self) {
        (self.ended_lately, self.failed_lately) = (0, 0);
    }
}

/// Puts what was counted elsewhere to what was counted here.
pub(crate) fn merge(all: &mut Vec<TypeHealth>, more: Vec<TypeHealth>) {
    for one in more {
        let at = |name: &str| all.iter().position(|known| known.event_type == name);
        let room = all.len() < TYPES || one.event_type == OTHERS;
        let known = at(&one.event_type).or_else(|| if room { None } else { at(OTHERS) });
        match known.and_then(|known| all.get_mut(known)) {
            Some(known) => {
                known.ended += one.ended;
                known.failed += one.failed;
                known.cancelled += one.cancelled;
                known.slow += one.slow;
                known.ended_lately += one.ended_lately;
                known.failed_lately += one.failed_lately;
            }
            None if room => all.push(one),
            None => all.push(TypeHealth { event_type: OTHERS.to_owned(), ..one }),
        }
    }
}

struct Type {
    name: Box<str>,
    ended: u64,
    failed: u64,
    cancelled: u64,
    slow: u64,
    window: Window,
    fold: Fold,
    failures: Failures,
}

/// What was told of the failures of a type.
#[derive(Default)]
struct Failures {
    told: Option<u64>,
    /// There were too many when the last one failed.
    are_many: bool,
    /// Those since that were not told.
    more: u64,
}

pub(super) struct Types {
    sanitizer: Sanitizer,
    /// By the numbers of call sites: one more than the place of the type; 0 where it is not known yet.
    by_site: Vec<u16>,
    types: Vec<Type>,
    /// Where alarms wait.
    folded: Vec<u16>,
}

impl Types {
    pub(super) fn new(sanitizer: Sanitizer) -> Self {
        Self { sanitizer, by_site: Vec::new(), types: Vec::new(), folded: Vec::new() }
    }

    /// The type of a call site, from 1 on.
    #[inline]
    pub(super) fn number(&mut self, number: u32, site: Listed) -> u16 {
        match self.by_site.get(number as usize) {
            Some(&known) if known != 0 => known,
            _ => self.find_out(number, site),
        }
    }

    #[cold]
    fn find_out(&mut self, number: u32, site: Listed) -> u16 {
        let name = match site.spec() {
            Some(spec) => spec.done,
            None => foreign_name(number),
        };
        let of_type = self.enlist(&self.clean(name));
        let place = number as usize;
        if place >= self.by_site.len() {
            self.by_site.resize(place + 1, 0);
        }
        if let Some(known) = self.by_site.get_mut(place) {
            *known = of_type;
        }
        of_type
    }

    /// The name as its events have it.
    fn clean(&self, name: &'static str) -> String {
        let Some(span) = SpanId::new(1) else { return String::new() };
        let at = Timestamp::from_unix_nanos(0);
        let event = Event::new(TraceId::from_halves(0, 1), span, name, Status::Success, at);
        self.sanitizer.clean(event).event_type.clone().into_owned()
    }

    fn enlist(&mut self, name: &str) -> u16 {
        let at = |name: &str| self.types.iter().position(|known| *known.name == *name);
        // The last place is for all that come later.
        let has_room = self.types.len() < TYPES;
        let known = at(name).or_else(|| if has_room { None } else { at(OTHERS) });
        let place = known.unwrap_or_else(|| {
            let name = if has_room { name } else { OTHERS };
            self.types.push(Type {
                name: name.into(),
                ended: 0,
                failed: 0,
                cancelled: 0,
                slow: 0,
                window: Window::default(),
                fold: Fold::default(),
                failures: Failures::default(),
            });
            self.types.len() - 1
        });
        place as u16 + 1
    }

    fn get(&mut self, number: u16) -> Option<&mut Type> {
        self.types.get_mut(usize::from(number).checked_sub(1)?)
    }

    /// A span has ended.
    #[inline]
    pub(super) fn count(&mut self, number: u16, at: u64, ending: Ending, is_slow: bool) {
        let Some(of_type) = self.get(number) else { return };
        let has_failed = matches!(ending, Ending::Error | Ending::Panic);
        of_type.ended += 1;
        of_type.failed += u64::from(has_failed);
        of_type.cancelled += u64::from(ending == Ending::Cancelled);
        of_type.slow += u64::from(is_slow);
        of_type.window.count(at, has_failed);
    }

    /// A span that goes on is slow.
    pub(super) fn count_slow(&mut self, number: u16) {
        if let Some(of_type) = self.get(number) {
            of_type.slow += 1;
        }
    }

    /// What is to be told of a slow span, now.
    pub(super) fn slow(&mut self, number: u16, case: Case, at: u64) -> Option<Alarm> {
        let of_type = self.get(number)?;
        let due = of_type.fold.take(case, at);
        let alarm = due.map(|(case, more)| slow(&of_type.name, case, more));
        if alarm.is_none() && !self.folded.contains(&number) {
            self.folded.push(number);
        }
        alarm
    }

    /// What is to be told of one that has failed, now.
    pub(super) fn failed(&mut self, number: u16, case: Case, limits: &Limits, at: u64) -> Option<Alarm> {
        let of_type = self.get(number)?;
        let (ended, failed) = of_type.window.sum(at);
        let told = &mut of_type.failures;
        let were_many = std::mem::replace(&mut told.are_many, limits.are_passed(ended, failed));
        if !told.are_many {
            told.more = 0;
            return None;
        }
        let pause = if were_many { AGAIN } else { SECOND };
        if told.told.is_some_and(|told| at.saturating_sub(told) < pause) {
            told.more += 1;
            // It is told when the second is over, if it goes on.
            told.are_many = were_many;
            return None;
        }
        told.told = Some(at);
        let more = std::mem::take(&mut told.more);
        let kind = AlarmKind::Failures { failed, ended, limit: limits.share };
        Some(alarm(kind, &of_type.name, case, more))
    }

    /// Tells what waits and whose second is over.
    pub(super) fn due(&mut self, at: u64, put: impl FnMut(Alarm)) {
        self.unfold(|fold| fold.due(at), put);
    }

    /// Tells all that waits.
    pub(super) fn rest(&mut self, put: impl FnMut(Alarm)) {
        self.unfold(Fold::rest, put);
    }

    fn unfold(&mut self, take: impl Fn(&mut Fold) -> Option<(Case, u64)>, mut put: impl FnMut(Alarm)) {
        let types = &mut self.types;
        self.folded.retain(|number| {
            let Some(of_type) = usize::from(*number).checked_sub(1).and_then(|at| types.get_mut(at)) else {
                return false;
            };
            if let Some((case, more)) = take(&mut of_type.fold) {
                put(slow(&of_type.name, case, more));
            }
            of_type.fold.is_waiting()
        });
    }

    pub(super) fn health(&self, at: u64) -> Vec<TypeHealth> {
        let health = |of_type: &Type| {
            let (ended_lately, failed_lately) = of_type.window.sum(at);
            TypeHealth {
                event_type: of_type.name.to_string(),
                ended: of_type.ended,
                failed: of_type.failed,
                cancelled: of_type.cancelled,
                slow: of_type.slow,
                ended_lately,
                failed_lately,
            }
        };
        self.types.iter().map(health).collect()
    }

    pub(super) fn bytes(&self) -> usize {
        let names = self.types.iter().map(|of_type| of_type.name.len()).sum::<usize>();
        self.by_site.capacity() * 2 + self.types.capacity() * size_of::<Type>() + names + self.folded.capacity() * 2
    }
}

fn slow(name: &str, case: Case, more: u64) -> Alarm {
    let (took, threshold) = (Duration::from_nanos(case.took), Duration::from_nanos(case.threshold));
    alarm(AlarmKind::Slow { took, threshold, is_over: case.is_over }, name, case, more)
}

fn alarm(kind: AlarmKind, name: &str, case: Case, more: u64) -> Alarm {
    Alarm { kind, event_type: name.to_owned(), trace_id: case.trace, span_id: case.span, at: case.at, more }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_types_than_there_is_room_for_are_counted_together() {
        let mut types = Types::new(Sanitizer::default());
        for n in 0..TYPES + 100 {
            let number = types.enlist(&format!("operation.work.done_{n}"));
            assert_eq!(number, types.enlist(&format!("operation.work.done_{n}")), "a second call site of it");
            types.count(number, 0, Ending::Success, false);
        }
        let health = types.health(0);
        assert_eq!((health.len(), health.last().unwrap().event_type.as_str()), (TYPES + 1, OTHERS));
        assert_eq!((health[7].ended, health.last().unwrap().ended), (1, 100));
        // And where the types of several layers come together.
        let mut all = health.clone();
        merge(&mut all, health);
        assert_eq!((all.len(), all[7].ended, all.last().unwrap().ended), (TYPES + 1, 2, 200));
        let other = TypeHealth { event_type: "sql.query".to_owned(), ..all[7].clone() };
        merge(&mut all, vec![other]);
        assert_eq!((all.len(), all.last().unwrap().ended), (TYPES + 1, 202));
    }

    #[test]
    fn a_name_that_holds_a_secret_is_told_as_its_events_are() {
        let types = Types::new(Sanitizer::default());
        let name = types.clean("foreign.jane@example.com");
        assert!(!name.contains("jane"), "{name}");
    }
}
