//! A clean event enters; it leaves with no more bytes of JSON than the limit. What is largest goes first.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::Value;

use super::limits::Limits;
use super::rules::Rules;
use super::text::{self, Homes, Room};
use super::walk::{MORE, Spent, note};
use crate::Event;

/// Characters that are left of a text that was in the way.
const SHORT: usize = 100;
/// And of a name, when nothing else is left to shorten.
const STUB: usize = 24;
/// Names in `cut` that are left in the end.
const NOTES: usize = 8;

/// Shortens or leaves out until the event fits.
pub(super) fn fit(event: &mut Event, spent: Spent, limits: &Limits, rules: &Rules) {
    // Measuring costs as much as writing the JSON. A byte becomes six at most (`\u0000`), a number has at most 24
    // digits, and the fixed keys with their ids and times are below a kilobyte: nearly all events need no measuring.
    if spent.bytes.saturating_mul(6).saturating_add(spent.values.saturating_mul(32)) + 1024 <= limits.event_bytes {
        return;
    }
    let over = |event: &Event| json_bytes(event).saturating_sub(limits.event_bytes);
    loop {
        match over(event) {
            0 => return,
            _ if event.data.is_empty() => break,
            excess => shrink_data(event, excess, limits, rules),
        }
    }
    for step in STEPS {
        step(event, limits, rules);
        if over(event) == 0 {
            return;
        }
    }
}

/// What goes when no data is left; the names that say what happened go last.
const STEPS: &[fn(&mut Event, &Limits, &Rules)] = &[
    |event, limits, _| {
        if let Some(error) = &mut event.error
            && !error.stack_frames.is_empty()
        {
            error.stack_frames.clear();
            note(&mut event.cut, "stack_frames", limits);
        }
    },
    |event, limits, _| {
        if let Some(error) = &mut event.error
            && error.input_preview.take().is_some()
        {
            note(&mut event.cut, "input_preview", limits);
        }
    },
    |event, limits, _| {
        if !event.tags.is_empty() {
            event.tags.clear();
            note(&mut event.cut, "tags", limits);
        }
    },
    |event, limits, _| {
        if !event.absent.is_empty() {
            event.absent.clear();
            note(&mut event.cut, "absent", limits);
        }
    },
    |event, limits, rules| {
        if let Some(error) = &mut event.error
            && let Some(short) = shorter(&error.error_message, SHORT, limits, rules)
        {
            error.error_message = short;
            note(&mut event.cut, "error_message", limits);
        }
    },
    |event, limits, rules| {
        event.cut.truncate(NOTES);
        for name in &mut event.cut {
            if let Some(short) = shorter(name, STUB, limits, rules) {
                *name = short;
            }
        }
        event.cut.push(MORE.to_owned());
    },
    |event, limits, rules| {
        let ids = [&mut event.job_id, &mut event.worker_id, &mut event.machine_id, &mut event.user_id];
        for id in ids.into_iter().chain([&mut event.correlation_key]).flatten() {
            if let Some(short) = shorter(id, STUB, limits, rules) {
                *id = short;
            }
        }
        let mut names = vec![&mut event.event_type, &mut event.span_name, &mut event.service, &mut event.source];
        if let Some(error) = &mut event.error {
            names.extend([&mut error.error_type, &mut error.processor]);
        }
        for name in names {
            if let Some(short) = shorter(name, STUB, limits, rules) {
                *name = Cow::Owned(short);
            }
        }
    },
];

/// Shortens texts and leaves out the rest, the largest values first, until about so many bytes are gone.
fn shrink_data(event: &mut Event, excess: usize, limits: &Limits, rules: &Rules) {
    let mut sizes: Vec<usize> = event.data.iter().map(|(_, value)| json_bytes(value)).collect();
    let mut gone = vec![false; sizes.len()];
    let mut freed = 0;
    let mut fields: Vec<(&mut Cow<'static, str>, &mut Value)> = event.data.iter_mut().collect();
    while freed < excess {
        let Some(at) = (0..sizes.len()).filter(|at| !gone[*at]).max_by_key(|at| (sizes[*at], usize::MAX - at)) else {
            break;
        };
        let (name, value) = &mut fields[at];
        note(&mut event.cut, name, limits);
        match value.as_str().and_then(|text| shorter(text, SHORT, limits, rules)) {
            Some(short) => {
                **value = Value::String(short);
                let size = json_bytes(&**value);
                freed += sizes[at].saturating_sub(size);
                sizes[at] = size;
            }
            None => {
                freed += sizes[at] + name.len();
                gone[at] = true;
            }
        }
    }
    let mut gone = gone.into_iter();
    event.data.retain(|_, _| !gone.next().unwrap_or(false));
}

/// The text with so many characters; `None` when it is short enough. Cleaned again, because a cut can make something
/// new.
fn shorter(text: &str, chars: usize, limits: &Limits, rules: &Rules) -> Option<String> {
    let cleaned = text::clean(text, Room { bytes: limits.input_bytes, chars, homes: Homes::Kept, torn: false }, rules);
    cleaned.text.filter(|_| cleaned.cut)
}

/// How long the JSON of a value is.
fn json_bytes(value: &impl Serialize) -> usize {
    struct Count(usize);

    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let mut count = Count(0);
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => count.0,
        // Not reachable: keys are texts. What cannot be written would not fit anywhere.
        Err(_) => usize::MAX,
    }
}
