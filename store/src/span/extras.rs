//! What few events say enters, three lists and a number; one place for it leaves, or none where an event says nothing.

use std::borrow::Cow;
use std::mem::take;

use tense_event::Event;

/// What few spans have. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Extras {
    pub(super) tags: Vec<Cow<'static, str>>,
    pub(super) cut: Vec<String>,
    pub(super) absent: Vec<Cow<'static, str>>,
    pub(super) left_out: u64,
}

impl Extras {
    /// What an event says of it, which is taken out.
    pub(super) fn taken(event: &mut Event) -> Option<Box<Self>> {
        let Event { tags, cut, absent, left_out, .. } = event;
        if tags.is_empty() && cut.is_empty() && absent.is_empty() && *left_out == 0 {
            return None;
        }
        let (tags, cut, absent) = (take(tags), take(cut), take(absent));
        Some(Box::new(Self { tags, cut, absent, left_out: *left_out }))
    }

    /// Adds to what a later event says what an earlier one has said.
    pub(super) fn join(later: &mut Option<Box<Self>>, earlier: Option<Box<Self>>) {
        let (Some(later), Some(earlier)) = (&mut *later, &earlier) else {
            *later = later.take().or(earlier);
            return;
        };
        union(&mut later.tags, &earlier.tags);
        union(&mut later.cut, &earlier.cut);
        union(&mut later.absent, &earlier.absent);
        later.left_out = later.left_out.max(earlier.left_out);
    }
}

fn union<T: Clone + PartialEq>(into: &mut Vec<T>, more: &[T]) {
    for item in more {
        if !into.contains(item) {
            into.push(item.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use tense_event::Status;

    use crate::Trace;
    use crate::fixture::{TRACE, action};

    /// Begin and end of one span, each of which may say something.
    fn check(begin: Option<(&'static str, u64)>, end: Option<(&'static str, u64)>, expected: &str) {
        let event = |status, name, said: Option<(&'static str, u64)>| {
            let mut event = action(1, 0, name, status, 0..10);
            event.span_name = "dispatch.batch".into();
            if let Some((word, left_out)) = said {
                event.tags = vec!["saga".into(), word.into()];
                (event.cut, event.absent, event.left_out) = (vec![word.to_owned()], vec![word.into()], left_out);
            }
            event
        };
        let begin = event(Status::Pending, "dispatch.batch.start", begin);
        let end = event(Status::Success, "dispatch.batch.completed", end);
        let trace = Trace::from_events(TRACE, [end, begin]);
        let told = trace
            .spans()
            .iter()
            .map(|span| format!("{:?} {:?} {:?} {}", span.tags(), span.cut(), span.absent(), span.left_out()));
        assert_eq!(told.collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn what_either_event_says_is_said_of_the_span() {
        check(None, None, "[] [] [] 0");
        check(Some(("a", 3)), None, r#"["saga", "a"] ["a"] ["a"] 3"#);
        check(None, Some(("b", 2)), r#"["saga", "b"] ["b"] ["b"] 2"#);
        check(Some(("a", 3)), Some(("b", 2)), r#"["saga", "b", "a"] ["b", "a"] ["b", "a"] 3"#);
    }
}
