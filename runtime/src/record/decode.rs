//! Words that were drained go in; a look at them comes out, record by record. Nothing is copied: texts stay packed in
//! their words until somebody makes a `String` of one.

use super::{BOOL, CUT, Ending, F64, I64, JSON, Kind, STR, U64};
use crate::clock::Line;

/// A record, decoded as far as its values, which are decoded when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Record<'w> {
    /// What it says.
    pub kind: Kind,
    /// How the span ended; for other kinds `Success`.
    pub ending: Ending,
    /// The layer that it is for.
    pub layer: u8,
    /// The number of its call site.
    pub site: u32,
    /// When, as the clock said it: what is smaller was before.
    pub ticks: u64,
    /// When, in nanoseconds of this process; see [`unix_nanos`](crate::clock::unix_nanos).
    pub moment: u64,
    /// The span.
    pub span: u64,
    /// The span above (begin, point); the span that this one undoes (link).
    pub other: u64,
    /// The trace, in two halves (begin, point).
    pub trace: (u64, u64),
    /// Field numbers and values.
    pub values: Values<'w>,
    /// All of it, as it was drained.
    pub words: &'w [u64],
}

impl<'w> Record<'w> {
    /// The first record of these words. Nothing, when they do not begin with a whole one.
    #[inline]
    pub fn first(words: &'w [u64], line: &Line) -> Option<Self> {
        let header = *words.first()?;
        let words = words.get(..(header & 0xffff) as usize)?;
        let (kind, trace, other, values) = match (header >> 16 & 0xf, words) {
            (1, [_, _, _, parent, high, low, values @ ..]) => (Kind::Begin, (*high, *low), *parent, values),
            (2, [_, _, _, values @ ..]) => (Kind::End, (0, 0), 0, values),
            (3, [_, _, _, values @ ..]) => (Kind::Fields, (0, 0), 0, values),
            (4, [_, _, _, parent, high, low, values @ ..]) => (Kind::Point, (*high, *low), *parent, values),
            (5, [_, _, _, undoes, values @ ..]) => (Kind::Link, (0, 0), *undoes, values),
            (6, [_, _, _, values @ ..]) => (Kind::Context, (0, 0), 0, values),
            (7, [_, _, _, values @ ..]) => (Kind::Hold, (0, 0), 0, values),
            (8, [_, _, _, values @ ..]) => (Kind::Release, (0, 0), 0, values),
            (9, [_, _, _, values @ ..]) => (Kind::Failed, (0, 0), 0, values),
            (10, [_, _, _, values @ ..]) => (Kind::Announced, (0, 0), 0, values),
            _ => return None,
        };
        let ending = match header >> 20 & 0xff {
            1 => Ending::Error,
            2 => Ending::Panic,
            3 => Ending::Cancelled,
            _ => Ending::Success,
        };
        let [_, ticks, span, ..] = words else { return None };
        Some(Self {
            kind,
            ending,
            layer: (header >> 32 & 0xff) as u8,
            site: (header >> 40) as u32,
            ticks: *ticks,
            moment: line.nanos(*ticks),
            span: *span,
            other,
            trace,
            values: Values(values),
            words,
        })
    }
}

/// How many words the first record takes, and its moment in ticks. Nothing, when there is none, or not the whole of it.
#[inline]
pub fn first_len_and_ticks(words: &[u64]) -> Option<(usize, u64)> {
    let [header, ticks, ..] = words else { return None };
    let len = (header & 0xffff) as usize;
    (len >= 2 && len <= words.len()).then_some((len, *ticks))
}

/// Values in their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Values<'w>(&'w [u64]);

impl<'w> Values<'w> {
    /// The values in words that were taken from [`words`](Self::words).
    pub const fn of(words: &'w [u64]) -> Self {
        Self(words)
    }

    /// To be kept.
    pub const fn words(self) -> &'w [u64] {
        self.0
    }

    /// The value of a field.
    #[inline]
    pub fn get(mut self, field: u8) -> Option<Valued<'w>> {
        self.find(|valued| valued.field == field)
    }
}

/// A value, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Valued<'w> {
    /// The number of the field.
    pub field: u8,
    /// Whether it was too long for a record.
    pub is_cut: bool,
    /// What was recorded.
    pub value: Value<'w>,
    /// All of it, as it was drained.
    pub words: &'w [u64],
}

/// A value that was recorded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'w> {
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A floating point number.
    F64(f64),
    /// A text.
    Str(Text<'w>),
    /// A JSON text.
    Json(Text<'w>),
}

/// Oldest first. What makes no sense, which only a bug of ours can cause, ends it.
impl<'w> Iterator for Values<'w> {
    type Item = Valued<'w>;

    #[inline]
    fn next(&mut self) -> Option<Valued<'w>> {
        let tag = *self.0.first()?;
        let len = (tag >> 32) as usize;
        let words = match tag & 0xff {
            BOOL => 1,
            I64 | U64 | F64 => 2,
            STR | JSON => 1 + len.div_ceil(8),
            _ => usize::MAX,
        };
        let (all, rest) = self.0.split_at_checked(words)?;
        let (_, packed) = all.split_first()?;
        let plain = packed.first().copied().unwrap_or(0);
        let value = match tag & 0xff {
            STR => Value::Str(Text { words: packed, len }),
            JSON => Value::Json(Text { words: packed, len }),
            U64 => Value::U64(plain),
            I64 => Value::I64(plain as i64),
            F64 => Value::F64(f64::from_bits(plain)),
            _ => Value::Bool(len != 0),
        };
        self.0 = rest;
        Some(Valued { field: (tag >> 8 & 0xff) as u8, is_cut: tag & CUT != 0, value, words: all })
    }
}

/// A text, eight bytes to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text<'w> {
    words: &'w [u64],
    len: usize,
}

impl Text<'_> {
    /// How many bytes it has.
    pub const fn len(self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The text. It was cut at a character boundary; what is no UTF-8 all the same shows that words were mixed up.
    #[inline]
    pub fn to_text(self) -> String {
        let words: Vec<_> = self.words.iter().map(|word| word.to_le_bytes()).collect();
        let mut bytes = words.into_flattened();
        bytes.truncate(self.len);
        String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{THIS, records};
    use super::*;
    use crate::record::{begin, end};
    use crate::value::Raw;

    fn texts(values: Values<'_>) -> Vec<(u8, String)> {
        let text = |value| match value {
            Value::Str(text) | Value::Json(text) => text.to_text(),
            value => format!("{value:?}"),
        };
        values.map(|valued| (valued.field, text(valued.value))).collect()
    }

    #[test]
    fn every_kind_of_value_comes_back() {
        let words = records(|local| {
            let values = [
                Raw::Str("twelve bytes"),
                Raw::Absent,
                Raw::U64(u64::MAX),
                Raw::I64(-1),
                Raw::F64(0.5),
                Raw::Bool(true),
                Raw::Json("[]"),
                Raw::Str(""),
            ];
            assert!(begin(local, 70_000, 1, 5, THIS, &values));
            assert!(end(local, 2, 9, 3, Ending::Error, &[Raw::Str("E"), Raw::Str("why")]));
        });
        let begun = Record::first(&words, &Line::SAME).unwrap();
        let rest = words.get(begun.words.len()..).unwrap();
        let ended = Record::first(rest, &Line::SAME).unwrap();
        assert_eq!(rest.len(), ended.words.len());
        assert_eq!((begun.kind, begun.site, begun.layer, begun.span, begun.other), (Kind::Begin, 70_000, 3, 9, 5));
        assert_eq!(begun.trace, (7, 8));
        let numbers = ["U64(18446744073709551615)", "I64(-1)", "F64(0.5)", "Bool(true)"];
        let expected = ["twelve bytes"].into_iter().chain(numbers).chain(["[]", ""]);
        let expected: Vec<_> = [0, 2, 3, 4, 5, 6, 7].into_iter().zip(expected.map(str::to_owned)).collect();
        assert_eq!(texts(begun.values), expected);
        assert_eq!((ended.kind, ended.ending), (Kind::End, Ending::Error));
        assert_eq!(ended.values.get(1).map(|valued| texts(Values::of(valued.words))), Some(vec![(1, "why".into())]));
        assert_eq!(ended.moment - begun.moment, 1);
    }

    #[test]
    fn huge_texts_share_the_room_and_none_is_missing() {
        let huge = "ä".repeat(10_000);
        for many in [12, 40, 200] {
            let huge = huge.clone();
            let words = records(move |local| {
                let mut values = vec![Raw::Str(&huge); many];
                values.push(Raw::U64(1));
                assert!(begin(local, 1, 1, 0, THIS, &values));
                assert!(end(local, 2, 9, 3, Ending::Success, &[]));
            });
            let begun = Record::first(&words, &Line::SAME).unwrap();
            assert_eq!(words.len(), begun.words.len() + 3, "the end stands right behind it");
            let (values, last): (Vec<_>, _) = (begun.values.take(many).collect(), begun.values.last().unwrap());
            assert!(values.iter().all(|valued| valued.is_cut));
            let shortest = texts(begun.values).into_iter().take(many).map(|(_, text)| text.len()).min().unwrap();
            assert!(shortest * many > 2000 * 8 / 2, "{shortest} bytes of each of {many}");
            assert_eq!((last.is_cut, usize::from(last.field), last.value), (false, many, Value::U64(1)));
        }
    }

    #[test]
    fn a_huge_text_is_cut_and_the_next_value_is_still_there() {
        let words = records(|local| {
            let huge = "ä".repeat(1_000_000);
            assert!(begin(local, 1, 1, 0, THIS, &[Raw::Str(&huge), Raw::U64(1)]));
        });
        let values: Vec<_> = Record::first(&words, &Line::SAME).unwrap().values.collect();
        let [Valued { is_cut: true, value: Value::Str(text), .. }, number] = values.as_slice() else {
            panic!("{values:?}")
        };
        let text = text.to_text();
        assert!(text.len() > 8000 && text.chars().all(|c| c == 'ä'), "{}", text.len());
        assert_eq!((number.is_cut, number.field, number.value), (false, 1, Value::U64(1)));
    }

    #[test]
    fn words_without_sense_are_no_record_and_no_panic() {
        let first = |words: &[u64]| Record::first(words, &Line::SAME).map(|record| record.values.count());
        assert_eq!(first(&[]), None);
        assert_eq!(first(&[0]), None);
        assert_eq!(first(&[u64::MAX, 1, 2]), None);
        assert_eq!(first(&[5 | 1 << 16, 1, 2, 3, STR | 1000 << 32]), None);
        assert_eq!(first(&[4 | 2 << 16, 1, 2, STR | 1000 << 32]), Some(0));
        assert_eq!(first(&[4 | 2 << 16, 1, 2, STR | 0xffff_ffff << 32]), Some(0));
        assert_eq!(first_len_and_ticks(&[5 | 1 << 16, 1, 2]), None);
        assert_eq!(first_len_and_ticks(&[0, 1, 2]), None);
    }
}
