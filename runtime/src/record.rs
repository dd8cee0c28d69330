//! What a record looks like: begin, end, fields, points and links go in as words, and are looked at as [`Record`]s.
//!
//! Word 0, the header: 16 bits length in words, 4 bits kind, 8 bits detail, 4 bits unused, 8 bits layer, 24 bits site.
//! Then, by kind (a trace takes two words):
//! begin and point: ticks, span, parent, trace, values. end: ticks, span, values. fields: ticks, span, values.
//! link: ticks, span, the span that it undoes.
//! A value: one word of 8 bits kind, 8 bits field number, 16 bits flags and 32 bits length, and then its words.

mod pieces;
mod decode;

pub use decode::{Record, Text, Value, Valued, Values, first_len_and_ticks};

use crate::call::Open;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that were written.
    pub(super) fn records(write: impl FnOnce(&Local) + Send + 'static) -> Vec<u64> {
        // A thread of its own, whose ring nobody else drains: the tests of this crate start no drainer.
        std::thread::spawn(move || {
            let local = Local::current().unwrap();
            let mut words = Vec::new();
            local.ring.drain(&mut words);
            write(local);
            words.clear();
            local.ring.drain(&mut words);
            words
        })
        .join()
        .unwrap()
    }

    pub(super) const THIS: Open = Open { trace: (7, 8), span: 9, layer: 3 };
}
