//! Texts that the events of a trace repeat enter, such as the id of its job; each is kept once in the trace's row, and
//! an event refers to it by its place.
//!
//! They are also what a trace is found by. So the row says which labels lead to the trace: an event that brings nothing
//! new writes none, and whoever deletes the trace knows which go with it.

use std::ops::Range;

use super::bytes::{Bytes, Malformed, Text, put_number, put_text};

/// So many words a trace has.
const MOST: usize = 64;
/// Bytes of all of them. The row is read with each batch that has an event of the trace.
const LARGEST: usize = 2048;

/// What a word is the value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Job,
    User,
    Worker,
    Machine,
    Correlation,
    /// A field, by the number of its name.
    Field(i64),
}

impl Key {
    /// Those that are no fields.
    pub(crate) const CONTEXT: [Self; 5] = [Self::Job, Self::User, Self::Worker, Self::Machine, Self::Correlation];
    /// Those of fields begin here, so that there is room for more of the others.
    const FIELDS: u64 = 8;

    /// Its name, unless it is a field.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Job => Some("job_id"),
            Self::User => Some("user_id"),
            Self::Worker => Some("worker_id"),
            Self::Machine => Some("machine_id"),
            Self::Correlation => Some("correlation_key"),
            Self::Field(_) => None,
        }
    }

    const fn number(self) -> u64 {
        match self {
            Self::Job => 0,
            Self::User => 1,
            Self::Worker => 2,
            Self::Machine => 3,
            Self::Correlation => 4,
            Self::Field(name) => Self::FIELDS + name.unsigned_abs(),
        }
    }

    fn of_number(number: u64) -> Result<Self, Malformed> {
        if number < Self::FIELDS {
            return usize::try_from(number).ok().and_then(|at| Self::CONTEXT.get(at)).copied().ok_or(Malformed);
        }
        i64::try_from(number - Self::FIELDS).map(Self::Field).map_err(|_| Malformed)
    }
}

/// The words of one trace, to be added to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// As the row holds them: whether there were more, then key and text of each.
    bytes: Vec<u8>,
    places: Vec<Range<usize>>,
    /// Whether they cannot be read. Events refer to them by number, so nothing may come in their place.
    is_damaged: bool,
}

/// Where a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It was there.
    Known(usize),
    /// It is there now.
    New(usize),
    /// There is no room for it.
    Nowhere,
}

impl Words {
    /// What the row holds. What is damaged is no reason not to write on: then it stays as it is, and there is no room.
    pub(crate) fn load(bytes: &[u8]) -> Self {
        let mut words = Self { bytes: bytes.to_vec(), ..Self::default() };
        let mut from = 1;
        let read = read(bytes, |_, _, rest| {
            words.places.push(from..bytes.len() - rest);
            from = bytes.len() - rest;
        });
        if read.is_err() {
            words.places.clear();
            words.is_damaged = true;
        }
        words
    }

    /// For the row; none when there is nothing to say.
    pub(crate) fn row(&self) -> Option<&[u8]> {
        (!self.bytes.is_empty()).then_some(&self.bytes)
    }

    /// Where the word is, which is added when it is new. `room` is used again.
    pub(crate) fn place(&mut self, key: Key, text: &str, room: &mut Vec<u8>) -> Place {
        room.clear();
        put_number(room, key.number());
        put_text(room, text);
        if let Some(at) = self.places.iter().position(|place| self.bytes[place.clone()] == **room) {
            return Place::Known(at);
        }
        if self.is_damaged || self.places.len() >= MOST || self.bytes.len() + room.len() > LARGEST {
            self.overflow();
            return Place::Nowhere;
        }
        if self.bytes.is_empty() {
            self.bytes.push(0);
        }
        let from = self.bytes.len();
        self.bytes.extend_from_slice(room);
        self.places.push(from..self.bytes.len());
        Place::New(self.places.len() - 1)
    }
}

impl Words {
    /// Says that the trace is found by something that is not among them.
    pub(crate) fn overflow(&mut self) {
        if self.is_damaged {
            // Whoever looks for something finds that they cannot be read, and looks into the events.
            return;
        }
        match self.bytes.first_mut() {
            Some(first) => *first = 1,
            None => self.bytes.push(1),
        }
    }
}

/// Whether there were more than found room: then they stand in the events, and so do the labels that lead here.
pub(crate) fn has_more(bytes: &[u8]) -> bool {
    bytes.first() == Some(&1)
}

/// Shows each word in its order, and how many bytes are behind it.
pub(crate) fn read<'b>(bytes: &'b [u8], mut take: impl FnMut(Key, Text<'b>, usize)) -> Result<(), Malformed> {
    let mut rest = Bytes(bytes.get(1..).unwrap_or_default());
    while !rest.is_empty() {
        let key = Key::of_number(rest.number()?)?;
        let text = rest.text()?;
        take(key, text, rest.0.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once() {
        let (mut words, mut room) = (Words::default(), Vec::new());
        assert_eq!(words.row(), None);
        assert_eq!(words.place(Key::Job, "j1", &mut room), Place::New(0));
        assert_eq!(words.place(Key::Field(7), "j1", &mut room), Place::New(1));
        assert_eq!(words.place(Key::Job, "j1", &mut room), Place::Known(0));
        let mut again = Words::load(words.row().unwrap());
        assert_eq!(again, words);
        assert_eq!(again.place(Key::Field(7), "j1", &mut room), Place::Known(1));
        assert_eq!(again.place(Key::User, "0190163d8694739b", &mut room), Place::New(2));
        let mut seen = Vec::new();
        read(again.row().unwrap(), |key, text, _| seen.push((key, text.here().unwrap()))).unwrap();
        let expected = [(Key::Job, "j1"), (Key::Field(7), "j1"), (Key::User, "0190163d8694739b")];
        assert_eq!(seen, expected.map(|(key, text)| (key, text.to_owned())));
    }

    #[test]
    fn there_is_an_end_to_them() {
        let (mut words, mut room) = (Words::default(), Vec::new());
        let mut found: Vec<_> = (0..99).map(|n| words.place(Key::Job, &n.to_string(), &mut room)).collect();
        assert_eq!(found.split_off(MOST), [Place::Nowhere; 99 - MOST]);
        assert!(has_more(words.row().unwrap()));
        assert_eq!(Words::load(words.row().unwrap()).place(Key::Job, "7", &mut room), Place::Known(7));
        let mut words = Words::default();
        assert_eq!(words.place(Key::Job, &"x".repeat(LARGEST), &mut room), Place::Nowhere);
    }

    #[test]
    fn nothing_comes_in_the_place_of_damaged_words() {
        // No such key, no text, a number without its end, a text that is longer than what is left.
        for bytes in [&[0, 6, 0][..], &[0, 6], &[0, 0], &[0, 0, 0xff], &[0, 0, 1 << 4, 0xff]] {
            let (mut words, mut room) = (Words::load(bytes), Vec::new());
            assert_eq!(words.place(Key::Job, "j1", &mut room), Place::Nowhere, "{bytes:?}");
            assert_eq!(words.row(), Some(bytes));
        }
    }
}
