//! What a record looks like: begin, end, fields, points, links and failures go in as words, and come out as [`Record`]s.
//!
//! Word 0, the header: 16 bits length in words, 4 bits kind, 8 bits detail, 4 bits unused, 8 bits layer, 24 bits site.
//! Then, by kind (a trace takes two words):
//! begin and point: ticks, span, parent, trace, values. end: ticks, span, values. fields: ticks, span, values.
//! link: ticks, span, the span that it undoes. failed: ticks, span, values (those of an end that is an error).
//! A value: one word of 8 bits kind, 8 bits field number, 16 bits flags and 32 bits length, and then its words.

mod pieces;

use crate::call::Open;
use crate::clock::Line;
use crate::ring::{Claim, Draft};
use crate::thread::Local;
use crate::value::Raw;

/// What a record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A span has begun.
    Begin = 1,
    /// A span has ended.
    End = 2,
    /// A span has got values.
    Fields = 3,
    /// Something happened at a moment.
    Point = 4,
    /// A span undoes another one.
    Link = 5,
    /// A span has said that it failed, and goes on.
    Failed = 6,
}

/// How a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It returned, and what it returned is no failure.
    Success = 0,
    /// It returned an error, whose type and message are values 0 and 1.
    Error = 1,
    /// It panicked; the message is value 1.
    Panic = 2,
    /// Its future was dropped before it finished.
    Cancelled = 3,
}

/// A value that was recorded, owned by the drainer.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// An unsigned integer.
    U64(u64),
    /// A floating point number.
    F64(f64),
    /// A text.
    Str(String),
    /// A JSON text.
    Json(String),
}

impl Value {
    /// As it is written into a record.
    pub(crate) fn raw(&self) -> Raw<'_> {
        match self {
            Self::Bool(value) => Raw::Bool(*value),
            Self::I64(value) => Raw::I64(*value),
            Self::U64(value) => Raw::U64(*value),
            Self::F64(value) => Raw::F64(*value),
            Self::Str(text) => Raw::Str(text),
            Self::Json(text) => Raw::Json(text),
        }
    }
}

/// A record, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What it says.
    pub kind: Kind,
    /// How the span ended; for other kinds `Success`.
    pub ending: Ending,
    /// The layer that it is for.
    pub layer: u8,
    /// The number of its call site.
    pub site: u32,
    /// When, in nanoseconds of this process; see [`unix_nanos`](crate::clock::unix_nanos).
    pub moment: u64,
    /// The span.
    pub span: u64,
    /// The span above (begin, point); the span that this one undoes (link).
    pub other: u64,
    /// The trace, in two halves (begin, point).
    pub trace: (u64, u64),
    /// Field numbers and values.
    pub values: Vec<(u8, Value)>,
    /// Fields whose text was too long for a record.
    pub cut: Vec<u8>,
}

const BOOL: u64 = 1;
const I64: u64 = 2;
const U64: u64 = 3;
const F64: u64 = 4;
const STR: u64 = 5;
const JSON: u64 = 6;
/// The flag of a text that was cut.
const CUT: u64 = 1 << 16;

fn header(kind: Kind, detail: u8, layer: u8, site: u32) -> impl FnOnce(usize) -> u64 {
    let rest =
        (kind as u64) << 16 | u64::from(detail) << 20 | u64::from(layer) << 32 | u64::from(site & 0xff_ffff) << 40;
    move |len| len as u64 | rest
}

/// A span begins. Says whether there was room.
#[inline(always)]
pub(crate) fn begin(local: &Local, site: u32, ticks: u64, parent: u64, this: Open, values: &[Raw<'_>]) -> bool {
    opening(local, Kind::Begin, site, ticks, parent, this, values)
}

/// Something happens at a moment.
pub(crate) fn point(local: &Local, site: u32, ticks: u64, parent: u64, this: Open, values: &[Raw<'_>]) -> bool {
    opening(local, Kind::Point, site, ticks, parent, this, values)
}

#[inline(always)]
fn opening(local: &Local, kind: Kind, site: u32, ticks: u64, parent: u64, this: Open, values: &[Raw<'_>]) -> bool {
    let Some(mut draft) = local.ring.draft(Claim::Polite) else { return false };
    draft.words([ticks, this.span, parent, this.trace.0, this.trace.1]);
    write(&mut draft, 0, values);
    draft.commit(header(kind, 0, this.layer, site))
}

/// A span ends, and it is no failure.
#[inline]
pub(crate) fn success(local: &Local, ticks: u64, span: u64, layer: u8) {
    let Some(mut draft) = local.ring.draft(Claim::Last) else { return };
    draft.words([ticks, span]);
    draft.commit(header(Kind::End, Ending::Success as u8, layer, 0));
}

/// A span ends; after an error with its type and message.
pub(crate) fn end(local: &Local, ticks: u64, span: u64, layer: u8, ending: Ending, values: &[Raw<'_>]) -> bool {
    let Some(mut draft) = local.ring.draft(Claim::Last) else { return false };
    draft.words([ticks, span]);
    write(&mut draft, 0, values);
    draft.commit(header(Kind::End, ending as u8, layer, 0))
}

/// A span gets values, the first of them field number `first`.
pub(crate) fn fields(local: &Local, ticks: u64, span: u64, layer: u8, first: u8, values: &[Raw<'_>]) -> bool {
    let Some(mut draft) = local.ring.draft(Claim::Polite) else { return false };
    draft.words([ticks, span]);
    write(&mut draft, first, values);
    draft.commit(header(Kind::Fields, 0, layer, 0))
}

/// A span undoes another one.
pub(crate) fn link(local: &Local, ticks: u64, span: u64, layer: u8, undoes: u64) -> bool {
    let Some(mut draft) = local.ring.draft(Claim::Polite) else { return false };
    draft.words([ticks, span, undoes]);
    draft.commit(header(Kind::Link, 0, layer, 0))
}

/// A span says that it failed. Its end may find more room than this: so it is written with an end's right to the last of it.
pub(crate) fn failed(local: &Local, ticks: u64, span: u64, layer: u8, values: &[Raw<'_>]) -> bool {
    let Some(mut draft) = local.ring.draft(Claim::Last) else { return false };
    draft.words([ticks, span]);
    write(&mut draft, 0, values);
    draft.commit(header(Kind::Failed, 0, layer, 0))
}

#[inline(always)]
fn write(draft: &mut Draft<'_>, first: u8, values: &[Raw<'_>]) {
    for (field, value) in (u64::from(first)..).zip(values) {
        let tag = |kind: u64, len: u64| kind | field << 8 | len << 32;
        match *value {
            Raw::Absent => {}
            Raw::Bool(value) => draft.words([tag(BOOL, value.into())]),
            Raw::I64(value) => draft.words([tag(I64, 0), value as u64]),
            Raw::U64(value) => draft.words([tag(U64, 0), value]),
            Raw::F64(value) => draft.words([tag(F64, 0), value.to_bits()]),
            Raw::Str(text) => write_text(draft, tag(STR, 0), text),
            Raw::CutStr(text) => write_text(draft, tag(STR, 0) | CUT, text),
            Raw::Json(text) => write_text(draft, tag(JSON, 0), text),
            Raw::CutJson(text) => write_text(draft, tag(JSON, 0) | CUT, text),
            Raw::Pieces(pieces) => {
                let kind = if pieces.is_json() { JSON } else { STR };
                // What is lent to a function lies in memory; so this is a draft of its own.
                let mut apart = draft.clone();
                pieces::write(&mut apart, tag(kind, 0), &pieces);
                *draft = apart;
            }
        }
    }
}

/// A text takes at most half of the room that is left, so that a huge one does not push out those behind it.
#[inline]
fn write_text(draft: &mut Draft<'_>, tag: u64, text: &str) {
    let room = draft.room() / 2 * 8;
    let (text, cut) = if text.len() > room { (&text[..text.floor_char_boundary(room)], CUT) } else { (text, 0) };
    draft.words([tag | cut | (text.len() as u64) << 32]);
    draft.bytes(text.as_bytes());
}

/// Takes drained words apart, oldest record first. Words that make no sense end the reading; what was read stands.
pub(crate) fn decode(mut words: &[u64], line: &Line, mut take: impl FnMut(Record)) {
    while let Some((record, rest)) = decode_one(words, line) {
        if let Some(record) = record {
            take(record);
        }
        words = rest;
    }
}

/// The first record, when its kind is known, and the words behind it.
fn decode_one<'w>(words: &'w [u64], line: &Line) -> Option<(Option<Record>, &'w [u64])> {
    let header = *words.first()?;
    let len = (header & 0xffff) as usize;
    let (record, rest) = words.split_at_checked(len)?;
    let body = record.get(1..)?;
    Some((read(header, body, line), rest))
}

fn read(header: u64, body: &[u64], line: &Line) -> Option<Record> {
    let kind = match header >> 16 & 0xf {
        1 => Kind::Begin,
        2 => Kind::End,
        3 => Kind::Fields,
        4 => Kind::Point,
        5 => Kind::Link,
        6 => Kind::Failed,
        _ => return None,
    };
    let ending = match header >> 20 & 0xff {
        1 => Ending::Error,
        2 => Ending::Panic,
        3 => Ending::Cancelled,
        _ => Ending::Success,
    };
    let mut words = body.iter().copied();
    let (moment, span) = (line.nanos(words.next()?), words.next()?);
    let (mut other, mut trace) = (0, (0, 0));
    if matches!(kind, Kind::Begin | Kind::Point) {
        other = words.next()?;
        trace = (words.next()?, words.next()?);
    } else if kind == Kind::Link {
        other = words.next()?;
    }
    let mut record = Record {
        kind,
        ending,
        layer: (header >> 32 & 0xff) as u8,
        site: (header >> 40) as u32,
        moment,
        span,
        other,
        trace,
        values: Vec::new(),
        cut: Vec::new(),
    };
    while let Some(tag) = words.next() {
        read_value(tag, &mut words, &mut record)?;
    }
    Some(record)
}

fn read_value(tag: u64, words: &mut impl Iterator<Item = u64>, record: &mut Record) -> Option<()> {
    let (field, len) = ((tag >> 8 & 0xff) as u8, (tag >> 32) as usize);
    let mut text = || {
        let mut bytes: Vec<u8> = words.by_ref().take(len.div_ceil(8)).flat_map(u64::to_le_bytes).collect();
        bytes.truncate(len);
        // It was cut at a character boundary; what is no UTF-8 all the same shows that words were mixed up.
        String::from_utf8(bytes).ok()
    };
    let value = match tag & 0xff {
        STR => Value::Str(text()?),
        JSON => Value::Json(text()?),
        BOOL => Value::Bool(len != 0),
        I64 => Value::I64(words.next()? as i64),
        U64 => Value::U64(words.next()?),
        F64 => Value::F64(f64::from_bits(words.next()?)),
        _ => return None,
    };
    if tag & CUT != 0 {
        record.cut.push(field);
    }
    record.values.push((field, value));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(write: impl FnOnce(&Local) + Send + 'static) -> Vec<Record> {
        // A thread of its own, whose ring nobody else drains: the tests of this crate start no drainer.
        std::thread::spawn(move || {
            let local = Local::current().unwrap();
            let mut words = Vec::new();
            local.ring.drain(&mut words);
            write(local);
            words.clear();
            local.ring.drain(&mut words);
            let mut records = Vec::new();
            decode(&words, &Line::SAME, |record| records.push(record));
            records
        })
        .join()
        .unwrap()
    }

    const THIS: Open = Open { trace: (7, 8), span: 9, layer: 3 };

    #[test]
    fn every_kind_of_value_comes_back() {
        let got = records(|local| {
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
        let [begun, ended] = got.as_slice() else { panic!("{got:?}") };
        assert_eq!((begun.kind, begun.site, begun.layer, begun.span, begun.other), (Kind::Begin, 70_000, 3, 9, 5));
        assert_eq!(begun.trace, (7, 8));
        assert_eq!(
            begun.values,
            [
                (0, Value::Str("twelve bytes".into())),
                (2, Value::U64(u64::MAX)),
                (3, Value::I64(-1)),
                (4, Value::F64(0.5)),
                (5, Value::Bool(true)),
                (6, Value::Json("[]".into())),
                (7, Value::Str(String::new())),
            ]
        );
        assert_eq!((ended.kind, ended.ending), (Kind::End, Ending::Error));
        assert_eq!(ended.values[1], (1, Value::Str("why".into())));
        assert_eq!(ended.moment - begun.moment, 1);
    }

    #[test]
    fn a_huge_text_is_cut_and_the_next_value_is_still_there() {
        let got = records(|local| {
            let huge = "ä".repeat(1_000_000);
            assert!(begin(local, 1, 1, 0, THIS, &[Raw::Str(&huge), Raw::U64(1)]));
        });
        let record = &got[0];
        assert_eq!(record.cut, [0]);
        let Value::Str(text) = &record.values[0].1 else { panic!("{record:?}") };
        assert!(text.len() > 8000 && text.chars().all(|c| c == 'ä'), "{}", text.len());
        assert_eq!(record.values[1], (1, Value::U64(1)));
    }

    #[test]
    fn words_without_sense_end_the_reading_without_a_panic() {
        let mut n = 0;
        decode(&[], &Line::SAME, |_| n += 1);
        decode(&[0], &Line::SAME, |_| n += 1);
        decode(&[u64::MAX, 1, 2], &Line::SAME, |_| n += 1);
        decode(&[5 | 1 << 16, 1, 2, 3, STR | 1000 << 32], &Line::SAME, |_| n += 1);
        assert_eq!(n, 0);
    }
}
