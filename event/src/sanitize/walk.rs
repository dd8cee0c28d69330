//! An event with raw texts enters; every text and every key in it leaves clean, and `cut` names what was shortened.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::families::Family;
use super::keys::{self, Secret};
use super::kinds::Class;
use super::known::{Known, Role};
use super::limits::Limits;
use super::recent::Recent;
use super::rules::Rules;
use super::text::{self, Cleaned, Homes, Room};
use super::{MARKER, numbers};
use crate::{ErrorInfo, Event, Fields};

/// Stands where values were nested too deeply.
const TOO_DEEP: &str = "…";

/// Ends a list in `cut` that would have gone on.
pub(super) const MORE: &str = "…";

/// What cleaning has looked at, which bounds the size of what is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spent {
    /// Bytes of texts and keys.
    pub(super) bytes: usize,
    /// Values and keys.
    pub(super) values: usize,
}

/// Cleans every text of an event. Of what is typed (ids, times, numbers) nothing can be secret.
pub(super) fn clean(
    event: &mut Event,
    limits: &Limits,
    rules: &Rules,
    known: &Known,
    recent: Option<&mut Recent>,
) -> Spent {
    let mut walk = Walk {
        limits,
        rules,
        known,
        recent,
        bytes: limits.total_input_bytes(),
        values: limits.values(),
        spent: Spent { bytes: 0, values: 0 },
        cut: Vec::new(),
        torn: std::mem::take(&mut event.torn),
    };
    walk.said_before(std::mem::take(&mut event.cut));
    walk.event_name("event_type", &mut event.event_type);
    walk.event_name("span_name", &mut event.span_name);
    walk.name("service", &mut event.service);
    walk.place("source", &mut event.source);
    walk.id("job_id", &mut event.job_id);
    walk.id("worker_id", &mut event.worker_id);
    walk.id("machine_id", &mut event.machine_id);
    walk.id("user_id", &mut event.user_id);
    walk.id("correlation_key", &mut event.correlation_key);
    walk.names("tags", &mut event.tags);
    walk.names("absent", &mut event.absent);
    if let Some(error) = &mut event.error {
        walk.error(error);
    }
    walk.data(&mut event.data);
    event.cut = walk.cut;
    walk.spent
}

struct Walk<'l> {
    limits: &'l Limits,
    rules: &'l Rules,
    known: &'l Known,
    recent: Option<&'l mut Recent>,
    /// Bytes of text that may still be looked at.
    bytes: usize,
    /// Values that may still be looked at.
    values: usize,
    spent: Spent,
    cut: Vec<String>,
    torn: Vec<String>,
}

impl Walk<'_> {
    /// Names that are valid hold nothing but words.
    fn event_name(&mut self, key: &str, name: &mut Cow<'static, str>) {
        if let Cow::Borrowed(name) = *name
            && self.known.find(name, Role::Event).is_some()
        {
            self.spent.bytes += name.len();
            return;
        }
        let valid = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
        if name.len() > self.limits.name_chars || !name.bytes().all(valid) {
            self.name(key, name);
            return;
        }
        self.spent.bytes += name.len();
        if let Cow::Borrowed(name) = *name {
            self.known.learn(name, Role::Event, None);
        }
    }

    fn name(&mut self, key: &str, name: &mut Cow<'static, str>) {
        self.shared(key, name, Role::Name, Homes::Kept);
    }

    fn place(&mut self, key: &str, place: &mut Cow<'static, str>) {
        self.shared(key, place, Role::Place, Homes::Hidden);
    }

    /// One that most events have in common.
    fn shared(&mut self, key: &str, text: &mut Cow<'static, str>, role: Role, homes: Homes) {
        if let Cow::Borrowed(text) = *text
            && self.is_known(text, role).is_some()
        {
            return;
        }
        let is_whole = self.is_whole(text);
        match (self.text(key, text, self.limits.name_chars, homes), &*text) {
            (Some(new), _) => *text = Cow::Owned(new),
            (None, Cow::Borrowed(text)) if is_whole => self.known.learn(text, role, None),
            (None, _) => {}
        }
    }

    /// What a text of the program says of a value, when it was found clean before.
    fn is_known(&mut self, text: &'static str, role: Role) -> Option<Option<Secret>> {
        let known = if self.is_whole(text) { self.known.find(text, role) } else { None };
        if known.is_some() {
            self.spend(text, text);
        }
        known
    }

    /// Whether what is found in a text depends on it alone: not on what was looked at before it, or lost.
    fn is_whole(&self, text: &str) -> bool {
        self.torn.is_empty() && text.len() <= self.bytes
    }

    fn id(&mut self, key: &str, id: &mut Option<String>) {
        let Some(id) = id else { return };
        if let Some(new) = self.text(key, id, self.limits.name_chars, Homes::Kept) {
            *id = new;
        }
    }

    fn names(&mut self, key: &str, names: &mut Vec<Cow<'static, str>>) {
        if names.len() > self.limits.fields {
            names.truncate(self.limits.fields);
            self.cut(key);
        }
        for name in names {
            self.name(key, name);
        }
    }

    fn error(&mut self, error: &mut ErrorInfo) {
        self.name("error_type", &mut error.error_type);
        let limit = self.limits.error_message_chars;
        if let Some(new) = self.text("error_message", &error.error_message, limit, Homes::Hidden) {
            error.error_message = new;
        }
        if error.stack_frames.len() > self.limits.stack_frames {
            error.stack_frames.truncate(self.limits.stack_frames);
            self.cut("stack_frames");
        }
        for frame in &mut error.stack_frames {
            if let Some(new) = self.text("stack_frames", frame, self.limits.text_chars, Homes::Hidden) {
                *frame = new;
            }
        }
        self.name("processor", &mut error.processor);
        if let Some(preview) = &mut error.input_preview
            && let Some(new) = self.text("input_preview", preview, self.limits.input_preview_chars, Homes::Hidden)
        {
            *preview = new;
        }
    }

    fn data(&mut self, data: &mut Fields) {
        for (name, value) in data.split_off(self.limits.fields) {
            if !self.cut_is_full() {
                let (name, _) = self.key("data", &name);
                self.cut(&name);
            }
            take_apart(value);
        }
        let mut renamed = false;
        for (name, value) in data.iter_mut() {
            if let Cow::Borrowed(name) = *name
                && let Some(secret) = self.is_known(name, Role::Field)
            {
                self.field(name, value, secret, 1);
                continue;
            }
            let is_whole = self.is_whole(name);
            let (clean, secret) = self.key("data", name);
            if let (true, Cow::Borrowed(name), Cow::Borrowed(_)) = (is_whole, &*name, &clean) {
                self.known.learn(name, Role::Field, secret);
            }
            self.field(&clean, value, secret, 1);
            if let Cow::Owned(clean) = clean {
                *name = Cow::Owned(clean);
                renamed = true;
            }
        }
        if renamed {
            // Two names may have become one; the first keeps it.
            for (name, value) in std::mem::take(data) {
                if data.get(&name).is_none() {
                    data.insert(name, value);
                } else {
                    self.cut(&name);
                }
            }
        }
    }

    /// A key without secrets in it, and what it says about its value. The old name counts as well as the new one,
    /// because the new one is all that a second cleaning would see. `top` is noted when the key was shortened.
    fn key<'k>(&mut self, top: &str, key: &'k str) -> (Cow<'k, str>, Option<Secret>) {
        let secret = self.named_secret(key);
        match self.text(top, key, self.limits.name_chars, Homes::Kept) {
            None => (Cow::Borrowed(key), secret),
            Some(new) => {
                let secret = secret.max(self.named_secret(&new));
                (Cow::Owned(new), secret)
            }
        }
    }

    /// Cleans the value of a key; `top` is the key of the data that it belongs to.
    fn field(&mut self, top: &str, value: &mut Value, secret: Option<Secret>, depth: usize) {
        let hidden = match (secret, &*value) {
            (None, _) | (_, Value::Null) => false,
            (Some(Secret::Always | Secret::Header), _) => true,
            (Some(Secret::Compound), value) => !matches!(value, Value::Number(_) | Value::Bool(_)),
            (Some(Secret::Text), value) => value.is_string(),
            (Some(Secret::TokenLike), value) => value.as_str().is_some_and(|text| keys::token_like(text, 16)),
        };
        if hidden {
            self.spent.bytes += MARKER.len();
            take_apart(std::mem::replace(value, Value::String(MARKER.to_owned())));
        } else {
            self.value(top, value, depth);
        }
    }

    /// Recursive, and bounded by the limit of the depth.
    fn value(&mut self, top: &str, value: &mut Value, depth: usize) {
        self.spent.values += 1;
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::Number(number) => {
                if self.rules.on(Family::Card) && number.as_u64().is_some_and(numbers::is_card_number) {
                    *value = Value::String(MARKER.to_owned());
                }
            }
            Value::String(text) => {
                if let Some(new) = self.text(top, text, self.limits.text_chars, Homes::Kept) {
                    *text = new;
                }
            }
            Value::Array(_) | Value::Object(_) if depth > self.limits.depth => {
                self.cut(top);
                self.spent.bytes += TOO_DEEP.len();
                take_apart(std::mem::replace(value, Value::String(TOO_DEEP.to_owned())));
            }
            Value::Array(values) => {
                let room = self.values;
                if values.len() > room {
                    self.cut(top);
                    values.drain(room..).for_each(take_apart);
                }
                self.values -= values.len();
                for value in values {
                    self.value(top, value, depth + 1);
                }
            }
            Value::Object(map) => self.object(top, map, depth),
        }
    }

    fn object(&mut self, top: &str, map: &mut Map<String, Value>, depth: usize) {
        let room = self.values;
        if map.len() > room {
            self.cut(top);
            let mut all = std::mem::take(map).into_iter();
            map.extend(all.by_ref().take(room));
            all.for_each(|(_, value)| take_apart(value));
        }
        self.values -= map.len();
        let named = self.names_secret(map);
        let mut renamed = Vec::new();
        for (key, value) in map.iter_mut() {
            let (clean, mut secret) = self.key(top, key);
            if key == "value" || key == "Value" {
                secret = secret.max(named);
            }
            self.field(top, value, secret, depth + 1);
            if let Cow::Owned(clean) = clean {
                renamed.push((key.clone(), clean));
            }
        }
        for (old, new) in renamed {
            let Some(value) = map.remove(&old) else { continue };
            if map.contains_key(&new) {
                self.cut(top);
            } else {
                map.insert(new, value);
            }
        }
    }

    /// What an object says of its `value` by its `name`: `{"name": "Authorization", "value": ".."}`.
    fn names_secret(&self, map: &Map<String, Value>) -> Option<Secret> {
        let value = map.get("value").or_else(|| map.get("Value"));
        value?;
        let name = ["name", "key", "Name", "Key"].into_iter().find_map(|key| map.get(key)?.as_str())?;
        self.named_secret(name)
    }

    /// Cleans one text and notes under `key` when it was shortened; `None` when it may stay as it is.
    fn text(&mut self, key: &str, raw: &str, chars: usize, homes: Homes) -> Option<String> {
        // Of such a text nothing but the rules has a say.
        let is_plain = homes == Homes::Kept && raw.len() <= chars && self.is_whole(raw);
        if is_plain && self.recent.as_ref().is_some_and(|recent| recent.holds(raw)) {
            self.spend(raw, raw);
            return None;
        }
        let torn = self.torn.iter().any(|torn| torn == key);
        let room = Room { bytes: self.limits.input_bytes.min(self.bytes), chars, homes, torn };
        let Cleaned { text, cut } = text::clean(raw, room, self.rules);
        if is_plain
            && text.is_none()
            && let Some(recent) = &mut self.recent
        {
            recent.learn(raw);
        }
        self.spend(raw, text.as_deref().unwrap_or(raw));
        if cut {
            self.cut(key);
        }
        text
    }

    /// A text was looked at, and that is left of it.
    fn spend(&mut self, raw: &str, left: &str) {
        self.bytes = self.bytes.saturating_sub(raw.len());
        self.spent.values += 1;
        self.spent.bytes += left.len();
    }

    /// What a key says about its value, as it is written and as it is seen.
    fn named_secret(&self, key: &str) -> Option<Secret> {
        let written = self.rules.secret(key);
        if !key.bytes().any(|byte| Class::VEILED.has(byte)) {
            return written;
        }
        written.max(text::unveil(key).and_then(|seen| self.rules.secret(&seen)))
    }

    fn cut(&mut self, key: &str) {
        note(&mut self.cut, key, self.limits);
    }

    fn cut_is_full(&self) -> bool {
        self.cut.len() > most_noted(self.limits)
    }

    /// What an event that was cleaned before says that it lost.
    fn said_before(&mut self, cut: Vec<String>) {
        for key in cut {
            if self.cut_is_full() {
                break;
            }
            let room =
                Room { bytes: self.limits.input_bytes, chars: self.limits.name_chars, homes: Homes::Kept, torn: false };
            let key = text::clean(&key, room, self.rules).text.unwrap_or(key);
            self.spent.bytes += key.len();
            self.spent.values += 1;
            self.cut(&key);
        }
    }
}

/// Notes once that something was cut; when there is too much to note, it ends in [`MORE`].
pub(super) fn note(cut: &mut Vec<String>, key: &str, limits: &Limits) {
    if cut.iter().any(|known| known == key) || cut.len() > most_noted(limits) {
        return;
    }
    cut.push(if cut.len() < most_noted(limits) { key.to_owned() } else { MORE.to_owned() });
}

/// All fields, and the dozen texts beside them.
fn most_noted(limits: &Limits) -> usize {
    limits.fields + 16
}

/// Drops a value level by level: dropping it as it is would recurse as deeply as it is nested.
fn take_apart(value: Value) {
    let mut rest = vec![value];
    while let Some(value) = rest.pop() {
        match value {
            Value::Array(values) => rest.extend(values),
            Value::Object(map) => rest.extend(map.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}
