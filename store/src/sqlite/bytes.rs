//! Numbers, texts and JSON values enter, few bytes leave; and the other way round, whatever the bytes are.
//!
//! Everything begins with one number of seven bits a byte, the lowest first, whose last four bits say what follows and
//! whose rest is its size, or the thing itself when that is small.

use std::borrow::Cow;

use serde_json::{Map, Number, Value};

/// What the last four bits of the number in front say. The rest of it is given behind each.
mod kind {
    /// So many bytes of text.
    pub(super) const TEXT: u64 = 0;
    /// A text that ends in a UUID with dashes, in lower case, behind so many bytes of text.
    pub(super) const UUID: u64 = 1;
    /// So many bytes that were hex digits in lower case.
    pub(super) const HEX: u64 = 2;
    /// The number of a word of this trace.
    pub(super) const WORD: u64 = 3;
    /// The number of a name of this file.
    pub(super) const NAME: u64 = 4;
    /// Which of null, false, true.
    pub(super) const CONSTANT: u64 = 5;
    /// The number itself.
    pub(super) const POSITIVE: u64 = 6;
    /// All bits of the number turned.
    pub(super) const NEGATIVE: u64 = 7;
    /// Nothing; behind it are eight bytes of a number that is too large to stand there itself.
    pub(super) const UNSIGNED: u64 = 8;
    pub(super) const SIGNED: u64 = 9;
    pub(super) const FLOAT: u64 = 10;
    /// So many values.
    pub(super) const ARRAY: u64 = 11;
    /// So many texts, each with a value behind it.
    pub(super) const OBJECT: u64 = 12;
}

/// The largest number that fits beside a kind.
const LARGEST: u64 = u64::MAX >> 4;
/// A clean event has 100 levels at most; what is deeper is no value of ours.
const DEEPEST: usize = 128;
/// Hex digits in a text that is worth packing.
const FEWEST_DIGITS: usize = 8;

/// These bytes are none that were written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

/// A number, in as many bytes as it needs.
#[inline]
pub(crate) fn put_number(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[inline]
fn put_head(out: &mut Vec<u8>, kind: u64, rest: u64) {
    put_number(out, rest << 4 | kind);
}

/// A number that is as small whichever its sign.
pub(crate) fn put_signed(out: &mut Vec<u8>, number: i64) {
    put_number(out, (number << 1 ^ number >> 63) as u64);
}

/// A text; one that is a UUID or hex digits takes half as many bytes.
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    if let Some((prefix, uuid)) = bytes.split_last_chunk()
        && let Some(uuid) = packed_uuid(uuid)
    {
        put_head(out, kind::UUID, prefix.len() as u64);
        out.extend_from_slice(prefix);
        out.extend_from_slice(&uuid);
    } else if bytes.len() >= FEWEST_DIGITS
        && bytes.len().is_multiple_of(2)
        && bytes.iter().all(|byte| digit(*byte) != NO_DIGIT)
    {
        put_head(out, kind::HEX, bytes.len() as u64 / 2);
        out.extend(bytes.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])));
    } else {
        put_head(out, kind::TEXT, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

/// A text that is known by its number in this file.
pub(crate) fn put_name(out: &mut Vec<u8>, id: i64) {
    put_head(out, kind::NAME, id.unsigned_abs());
}

/// A text that is known by its number in this trace.
pub(crate) fn put_word(out: &mut Vec<u8>, place: usize) {
    put_head(out, kind::WORD, place as u64);
}

/// A JSON value.
pub(crate) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => put_head(out, kind::CONSTANT, 0),
        Value::Bool(is) => put_head(out, kind::CONSTANT, 1 + u64::from(*is)),
        Value::Number(number) => put_json_number(out, number),
        Value::String(text) => put_text(out, text),
        Value::Array(values) => {
            put_head(out, kind::ARRAY, values.len() as u64);
            values.iter().for_each(|value| put_value(out, value));
        }
        Value::Object(map) => {
            put_head(out, kind::OBJECT, map.len() as u64);
            for (key, value) in map {
                put_text(out, key);
                put_value(out, value);
            }
        }
    }
}

fn put_json_number(out: &mut Vec<u8>, number: &Number) {
    if let Some(number) = number.as_u64() {
        if number <= LARGEST {
            put_head(out, kind::POSITIVE, number);
        } else {
            put_head(out, kind::UNSIGNED, 0);
            out.extend_from_slice(&number.to_le_bytes());
        }
    } else if let Some(number) = number.as_i64() {
        let turned = !number as u64;
        if turned <= LARGEST {
            put_head(out, kind::NEGATIVE, turned);
        } else {
            put_head(out, kind::SIGNED, 0);
            out.extend_from_slice(&number.to_le_bytes());
        }
    } else {
        put_head(out, kind::FLOAT, 0);
        // Every JSON number that is no integer of 64 bits is one.
        out.extend_from_slice(&number.as_f64().unwrap_or(0.0).to_le_bytes());
    }
}

/// Where the dashes of a UUID are.
const DASHES: [usize; 4] = [8, 13, 18, 23];
/// And the first of each two digits.
const PAIRS: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn packed_uuid(text: &[u8; 36]) -> Option<[u8; 16]> {
    if !DASHES.iter().all(|at| text[*at] == b'-') {
        return None;
    }
    let (mut packed, mut all) = ([0; 16], 0);
    for (byte, at) in packed.iter_mut().zip(PAIRS) {
        let (high, low) = (digit(text[at]), digit(text[at + 1]));
        all |= high | low;
        *byte = high << 4 | low;
    }
    (all & NO_DIGIT == 0).then_some(packed)
}

/// The value of a hex digit in lower case: only what is written as we would write it comes back as it was.
const fn digit(byte: u8) -> u8 {
    DIGITS[byte as usize]
}

/// A bit that no digit has.
const NO_DIGIT: u8 = 0x80;

const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        digits[b"0123456789abcdef"[digit] as usize] = digit as u8;
        digit += 1;
    }
    digits
};

/// The two digits of each byte.
const HEX: [[u8; 2]; 256] = {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut hex = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        hex[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    hex
};

/// The text of [`packed_uuid`]'s bytes.
fn uuid_digits(uuid: [u8; 16]) -> [u8; 36] {
    let mut text = [b'-'; 36];
    for (byte, at) in uuid.into_iter().zip(PAIRS) {
        [text[at], text[at + 1]] = HEX[usize::from(byte)];
    }
    text
}

/// Where a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text<'b> {
    /// Here, as it is.
    Plain(&'b str),
    /// Here, with a UUID at its end.
    Uuid(&'b str, [u8; 16]),
    /// Here, as hex digits.
    Hex(&'b [u8]),
    /// Among the words of the trace.
    Word(usize),
    /// Among the names of the file.
    Name(i64),
}

impl Text<'_> {
    /// The text, when it is here.
    pub(crate) fn here(self) -> Option<String> {
        match self {
            Self::Plain(text) => Some(text.to_owned()),
            Self::Uuid(prefix, uuid) => {
                let mut text = String::with_capacity(prefix.len() + 36);
                text.push_str(prefix);
                text.push_str(std::str::from_utf8(&uuid_digits(uuid)).ok()?);
                Some(text)
            }
            Self::Hex(bytes) => {
                let mut text = Vec::with_capacity(bytes.len() * 2);
                bytes.iter().for_each(|byte| text.extend(HEX[usize::from(*byte)]));
                String::from_utf8(text).ok()
            }
            Self::Word(_) | Self::Name(_) => None,
        }
    }
}

/// A value that was passed over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'b> {
    Text(Text<'b>),
    Whole(i64),
    /// One that would have to be read.
    Other,
}

/// Takes off its beginning what was written, in the same order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes<'b>(pub(crate) &'b [u8]);

/// What stands in front.
enum Head<'b> {
    Text(Text<'b>),
    Other(u64, u64),
}

impl<'b> Bytes<'b> {
    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.0.split_first().ok_or(Malformed)?;
        self.0 = rest;
        Ok(*first)
    }

    /// See [`put_number`].
    #[inline]
    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        // Nearly all have one byte or two.
        let (number, rest) = match *self.0 {
            [low @ ..0x80, ref rest @ ..] => (u64::from(low), rest),
            [low, high @ ..0x80, ref rest @ ..] => (u64::from(low & 0x7f) | u64::from(high) << 7, rest),
            _ => return self.large_number(),
        };
        self.0 = rest;
        Ok(number)
    }

    fn large_number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for (at, byte) in self.0.iter().enumerate().take(10) {
            let bits = u64::from(byte & 0x7f);
            if at == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * at);
            if byte & 0x80 == 0 {
                self.0 = &self.0[at + 1..];
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// See [`put_signed`].
    pub(crate) fn signed(&mut self) -> Result<i64, Malformed> {
        let number = self.number()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// A number of things that are still to come, each of a byte at least.
    pub(crate) fn count(&mut self) -> Result<usize, Malformed> {
        let count = self.number()?;
        self.room_for(count)
    }

    /// So many bytes.
    pub(crate) fn take(&mut self, bytes: usize) -> Result<&'b [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    fn room_for(&self, count: u64) -> Result<usize, Malformed> {
        usize::try_from(count).ok().filter(|count| *count <= self.0.len()).ok_or(Malformed)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    fn plain(&mut self, bytes: u64) -> Result<&'b str, Malformed> {
        let bytes = self.room_for(bytes)?;
        std::str::from_utf8(self.take(bytes)?).map_err(|_| Malformed)
    }

    // Asked for each name and each value of a million rows, and what it gives back is large.
    #[inline(always)]
    fn head(&mut self) -> Result<Head<'b>, Malformed> {
        let head = self.number()?;
        let (kind, rest) = (head & 15, head >> 4);
        let small = || usize::try_from(rest).map_err(|_| Malformed);
        Ok(Head::Text(match kind {
            kind::TEXT => Text::Plain(self.plain(rest)?),
            kind::UUID => Text::Uuid(self.plain(rest)?, self.array()?),
            kind::HEX => Text::Hex(self.take(small()?)?),
            kind::WORD => Text::Word(small()?),
            kind::NAME => Text::Name(i64::try_from(rest).map_err(|_| Malformed)?),
            _ => return Ok(Head::Other(kind, rest)),
        }))
    }

    /// See [`put_text`], [`put_name`], [`put_word`].
    pub(crate) fn text(&mut self) -> Result<Text<'b>, Malformed> {
        match self.head()? {
            Head::Text(text) => Ok(text),
            Head::Other(..) => Err(Malformed),
        }
    }

    /// Passes over a value, and says which one when that costs nothing.
    pub(crate) fn skip(&mut self) -> Result<Scalar<'b>, Malformed> {
        let (mut first, mut open) = (Scalar::Other, 1_u64);
        for nth in 0_u64.. {
            match self.head()? {
                Head::Text(text) if nth == 0 => first = Scalar::Text(text),
                Head::Other(kind::POSITIVE, rest) if nth == 0 => first = Scalar::Whole(rest as i64),
                Head::Other(kind::NEGATIVE, rest) if nth == 0 => first = Scalar::Whole(!(rest as i64)),
                Head::Text(_) => {}
                Head::Other(kind::UNSIGNED | kind::SIGNED | kind::FLOAT, _) => drop(self.take(8)?),
                Head::Other(kind::ARRAY, count) => open = open.checked_add(count).ok_or(Malformed)?,
                // A key is a text, and counts as one more.
                Head::Other(kind::OBJECT, count) => {
                    open = count.checked_mul(2).and_then(|more| open.checked_add(more)).ok_or(Malformed)?;
                }
                Head::Other(..) => {}
            }
            open -= 1;
            if open == 0 {
                break;
            }
        }
        Ok(first)
    }

    /// See [`put_value`]; a text that is elsewhere is asked of `find`.
    pub(crate) fn value(
        &mut self,
        find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
    ) -> Result<Value, Malformed> {
        self.value_at(0, find)
    }

    fn value_at(
        &mut self,
        depth: usize,
        find: &mut impl FnMut(Text<'b>) -> Result<Cow<'static, str>, Malformed>,
    ) -> Result<Value, Malformed> {
        if depth > DEEPEST {
            return Err(Malformed);
        }
        let (kind, rest) = match self.head()? {
            Head::Text(text) => return Ok(Value::String(find(text)?.into_owned())),
            Head::Other(kind, rest) => (kind, rest),
        };
        Ok(match (kind, rest) {
            (kind::CONSTANT, 0) => Value::Null,
            (kind::CONSTANT, 1 | 2) => Value::Bool(rest == 2),
            (kind::POSITIVE, _) => rest.into(),
            (kind::NEGATIVE, _) => (!(rest as i64)).into(),
            (kind::UNSIGNED, _) => u64::from_le_bytes(self.array()?).into(),
            (kind::SIGNED, _) => i64::from_le_bytes(self.array()?).into(),
            (kind::FLOAT, _) => Number::from_f64(f64::from_le_bytes(self.array()?)).ok_or(Malformed)?.into(),
            (kind::ARRAY, _) => {
                let count = self.room_for(rest)?;
                // No room beforehand: the count may lie, and a value in memory is larger than here.
                let mut values = Vec::new();
                for _ in 0..count {
                    values.push(self.value_at(depth + 1, find)?);
                }
                Value::Array(values)
            }
            (kind::OBJECT, _) => {
                let count = self.room_for(rest)?;
                let mut map = Map::new();
                for _ in 0..count {
                    let key = self.text()?;
                    map.insert(find(key)?.into_owned(), self.value_at(depth + 1, find)?);
                }
                Value::Object(map)
            }
            _ => return Err(Malformed),
        })
    }
}

#[cfg(test)]
mod tests;
