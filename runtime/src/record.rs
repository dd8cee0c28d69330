//! What a record looks like: begin, end, fields, points and links go in as words, and come out as [`Record`]s.
//!
//! Word 0, the header: 16 bits length in words, 4 bits kind, 8 bits detail, 4 bits unused, 8 bits layer, 24 bits site.
//! Then, by kind (a trace takes two words):
//! begin and point: ticks, span, parent, trace, values. end, fields and context: ticks, span, values.
//! link: ticks, span, the span that it undoes. hold and release: ticks, span.
//! A value: one word of 8 bits kind, 8 bits field number, 16 bits flags and 32 bits length, and then its words.

mod pieces;

use crate::call::Open;
use crate::clock::Line;
use crate::ring::{Claim, Draft, Rest};
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
    /// A span hands down values, whose names are those of the record's site. One that comes before the span's begin also
    /// says that the span above it need not be known here.
    Context = 6,
    /// What a span hands down is wanted for longer than the span lasts.
    Hold = 7,
    /// It is not wanted any more.
    Release = 8,
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

/// The first word of a record, without the length, which comes when it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header(pub(crate) u64);

impl Header {
    pub(crate) const NONE: Self = Self(0);

    #[inline(always)]
    fn of(kind: Kind, detail: u8, layer: u8, site: u32) -> Self {
        let site = u64::from(site & 0xff_ffff) << 40;
        Self((kind as u64) << 16 | u64::from(detail) << 20 | u64::from(layer) << 32 | site)
    }

    pub(crate) fn of_begin(layer: u8, site: u32) -> Self {
        Self::of(Kind::Begin, 0, layer, site)
    }

    /// The layer that the record is for.
    #[inline(always)]
    pub(crate) fn layer(self) -> u8 {
        (self.0 >> 32) as u8
    }
}

/// A span begins. Says whether there was room.
pub(crate) fn begin(local: &Local, site: u32, ticks: u64, parent: u64, this: Open, values: &[Raw<'_>]) -> bool {
    let head = [ticks, this.span, parent, this.trace.0, this.trace.1];
    write(local, Claim::Polite, Header::of_begin(this.layer, site), head, 0, values)
}

/// The same in the usual case: nothing has to be done first, and everything fits. Otherwise nothing is written. It is in line at every
/// call site, where the kinds of the values are known.
#[inline(always)]
pub(crate) fn easy_begin(
    draft: (Draft<'_>, Rest<'_>),
    header: Header,
    ticks: u64,
    parent: u64,
    this: Open,
    values: Known<'_>,
) -> Option<()> {
    let (draft, rest) = draft;
    let rest = rest.words([ticks, this.span, parent, this.trace.0, this.trace.1])?;
    draft.commit(values.write(rest)?, header);
    Some(())
}

/// Something happens at a moment.
pub(crate) fn point(local: &Local, site: u32, ticks: u64, parent: u64, this: Open, values: &[Raw<'_>]) -> bool {
    let head = [ticks, this.span, parent, this.trace.0, this.trace.1];
    write(local, Claim::Polite, Header::of(Kind::Point, 0, this.layer, site), head, 0, values)
}

/// A span ends, and it is no failure: in the usual case, as above.
#[inline(always)]
pub(crate) fn easy_success(local: &Local, ticks: u64, span: u64, layer: u8) -> Option<()> {
    let (draft, rest) = local.ring.easy_draft()?;
    draft.commit(rest.words([ticks, span])?, Header::of(Kind::End, Ending::Success as u8, layer, 0));
    Some(())
}

/// A span ends; after an error with its type and message.
pub(crate) fn end(local: &Local, ticks: u64, span: u64, layer: u8, ending: Ending, values: &[Raw<'_>]) -> bool {
    write(local, Claim::Last, Header::of(Kind::End, ending as u8, layer, 0), [ticks, span], 0, values)
}

/// A span gets values, the first of them field number `first`.
pub(crate) fn fields(local: &Local, ticks: u64, span: u64, layer: u8, first: u8, values: &[Raw<'_>]) -> bool {
    write(local, Claim::Polite, Header::of(Kind::Fields, 0, layer, 0), [ticks, span], first, values)
}

/// A span undoes another one.
pub(crate) fn link(local: &Local, ticks: u64, span: u64, layer: u8, undoes: u64) -> bool {
    write(local, Claim::Polite, Header::of(Kind::Link, 0, layer, 0), [ticks, span, undoes], 0, &[])
}

/// A span hands down values that are named by that entry of the list.
pub(crate) fn context(local: &Local, names: u32, ticks: u64, span: u64, layer: u8, values: &[Raw<'_>]) -> bool {
    write(local, Claim::Polite, Header::of(Kind::Context, 0, layer, names), [ticks, span], 0, values)
}

/// What a span hands down is wanted from now on, or, by [`Kind::Release`], not any more.
pub(crate) fn keep(local: &Local, kind: Kind, ticks: u64, span: u64, layer: u8) {
    let claim = if kind == Kind::Release { Claim::Last } else { Claim::Polite };
    write(local, claim, Header::of(kind, 0, layer, 0), [ticks, span], 0, &[]);
}

/// Says whether there was room; if not, that is counted.
fn write<const N: usize>(
    local: &Local,
    claim: Claim,
    header: Header,
    head: [u64; N],
    first: u8,
    values: &[Raw<'_>],
) -> bool {
    let Some((draft, rest)) = local.ring.draft(claim) else { return false };
    match rest.words(head).and_then(|rest| write_values(rest, first, values)) {
        Some(unused) => {
            draft.commit(unused, header);
            true
        }
        None => {
            draft.give_up();
            false
        }
    }
}

#[inline(never)]
fn write_values<'a>(rest: Rest<'a>, first: u8, values: &[Raw<'_>]) -> Option<Rest<'a>> {
    (u64::from(first)..).zip(values).try_fold(rest, |rest, (field, value)| write_value(rest, field << 8, *value))
}

/// The first values of a call by themselves, taken out before anything is written: for the compiler every word of a ring may be any
/// memory, so behind it it would have to look again what kinds they are.
#[derive(Clone, Copy)]
pub(crate) struct Known<'v> {
    first: [Option<Raw<'v>>; 3],
    more: &'v [Raw<'v>],
}

impl<'v> Known<'v> {
    #[inline(always)]
    pub(crate) fn of(values: &'v [Raw<'v>]) -> Self {
        let first = [values.first().copied(), values.get(1).copied(), values.get(2).copied()];
        Self { first, more: values.get(3..).unwrap_or_default() }
    }

    #[inline(always)]
    fn write(self, mut rest: Rest<'_>) -> Option<Rest<'_>> {
        let Self { first: [first, second, third], more } = self;
        if let Some(value) = first {
            rest = write_value(rest, 0, value)?;
        }
        if let Some(value) = second {
            rest = write_value(rest, 1 << 8, value)?;
        }
        if let Some(value) = third {
            rest = write_value(rest, 2 << 8, value)?;
        }
        if more.is_empty() { Some(rest) } else { write_values(rest, 3, more) }
    }
}

#[inline(always)]
fn write_value<'a>(rest: Rest<'a>, number: u64, value: Raw<'_>) -> Option<Rest<'a>> {
    match value {
        Raw::Absent => Some(rest),
        Raw::Bool(value) => rest.words([BOOL | number | u64::from(value) << 32]),
        Raw::I64(value) => rest.words([I64 | number, value as u64]),
        Raw::U64(value) => rest.words([U64 | number, value]),
        Raw::F64(value) => rest.words([F64 | number, value.to_bits()]),
        Raw::Str(text) if text.len() <= most_bytes(rest) => {
            rest.words([STR | number | (text.len() as u64) << 32])?.bytes(text.as_bytes())
        }
        Raw::Str(text) => write_text(rest, STR | number, text),
        Raw::CutStr(text) => write_text(rest, STR | number | CUT, text),
        Raw::Json(text) => write_text(rest, JSON | number, text),
        Raw::CutJson(text) => write_text(rest, JSON | number | CUT, text),
        Raw::Pieces(pieces) => pieces::write(rest, if pieces.is_json() { JSON } else { STR } | number, &pieces),
    }
}

/// A text takes at most half of the room that is left, so that a huge one does not push out those behind it.
#[inline(always)]
fn most_bytes(rest: Rest<'_>) -> usize {
    rest.len() / 2 * 8
}

#[inline(never)]
fn write_text<'a>(rest: Rest<'a>, tag: u64, text: &str) -> Option<Rest<'a>> {
    let kept = &text[..text.floor_char_boundary(most_bytes(rest))];
    let cut = if kept.len() < text.len() { CUT } else { 0 };
    rest.words([tag | cut | (kept.len() as u64) << 32])?.bytes(kept.as_bytes())
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
        6 => Kind::Context,
        7 => Kind::Hold,
        8 => Kind::Release,
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
