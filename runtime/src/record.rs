//! What a record looks like: begin, end, fields, points, links and what else there is go in as words, and are looked at
//! as [`Record`]s.
//!
//! Word 0, the header: 16 bits length in words, 4 bits kind, 8 bits detail, 4 bits unused, 8 bits layer, 24 bits site.
//! Then, by kind (a trace takes two words):
//! begin and point: ticks, span, parent, trace, values. end, fields and context: ticks, span, values.
//! link: ticks, span, the span that it undoes. hold and release: ticks, span. failed: ticks, span, values (those of an
//! end that is an error). A value: one word of 8 bits kind, 8 bits field number, 16 bits flags and 32 bits length, and
//! then its words.

mod pieces;
mod decode;

pub use decode::{Record, Text, Value, Valued, Values, first_len_and_ticks};

use crate::call::Open;
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
    /// A span hands down values, whose names are those of the record's site. It may come before the span's begin.
    Context = 6,
    /// What a span hands down is wanted for longer than the span lasts.
    Hold = 7,
    /// It is not wanted any more.
    Release = 8,
    /// A span has said that it failed, and goes on.
    Failed = 9,
    /// A span will begin whose span above need not be known here; with values that it hands down.
    Announced = 10,
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

/// The same in the usual case: nothing has to be done first, and everything fits. Otherwise nothing is written. It is
/// in line at every call site, where the kinds of the values are known.
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

/// The same in every case.
#[inline]
pub(crate) fn success(local: &Local, ticks: u64, span: u64, layer: u8) {
    if easy_success(local, ticks, span, layer).is_none() {
        end(local, ticks, span, layer, Ending::Success, &[]);
    }
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

/// The same of a span that is about to begin below one of another process.
pub(crate) fn announce(local: &Local, names: u32, ticks: u64, this: Open, values: &[Raw<'_>]) -> bool {
    write(local, Claim::Polite, Header::of(Kind::Announced, 0, this.layer, names), [ticks, this.span], 0, values)
}

/// A span says that it failed. Its end may find more room than this: so it is written with an end's right to the last
/// of it.
pub(crate) fn failed(local: &Local, ticks: u64, span: u64, layer: u8, values: &[Raw<'_>]) -> bool {
    write(local, Claim::Last, Header::of(Kind::Failed, 0, layer, 0), [ticks, span], 0, values)
}

/// What a span hands down is wanted from now on, or, by [`Kind::Release`], not any more. Both with an end's right to
/// the last of the room: of two contexts of a span, one that was not counted would let go of what the other one holds.
pub(crate) fn keep(local: &Local, kind: Kind, ticks: u64, span: u64, layer: u8) {
    write(local, Claim::Last, Header::of(kind, 0, layer, 0), [ticks, span], 0, &[]);
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
    let rest = rest.words(head);
    let written = rest.and_then(|rest| write_values(rest, first, values).or_else(|| write_shares(rest, first, values)));
    match written {
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
    (u64::from(first)..)
        .zip(values)
        .try_fold(rest, |rest, (field, value)| write_value::<false>(rest, field << 8, *value))
}

/// The same where that was too much: each of the values has its share of the room, and what it leaves is for those
/// behind it. So many huge texts are all cut, and the last of them no shorter than the first.
#[cold]
#[inline(never)]
fn write_shares<'a>(mut rest: Rest<'a>, first: u8, values: &[Raw<'_>]) -> Option<Rest<'a>> {
    for (index, (field, value)) in (u64::from(first)..).zip(values).enumerate() {
        let share = rest.len() / (values.len() - index);
        let room = rest.first(share)?;
        let unused = write_value::<true>(room, field << 8, *value)?;
        rest = rest.behind(room.len() - unused.len())?;
    }
    Some(rest)
}

/// The first values of a call by themselves, taken out before anything is written: for the compiler every word of a
/// ring may be any memory, so behind it it would have to look again what kinds they are.
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
            rest = write_value::<false>(rest, 0, value)?;
        }
        if let Some(value) = second {
            rest = write_value::<false>(rest, 1 << 8, value)?;
        }
        if let Some(value) = third {
            rest = write_value::<false>(rest, 2 << 8, value)?;
        }
        if more.is_empty() { Some(rest) } else { write_values(rest, 3, more) }
    }
}

/// Nothing is written of what would have to be cut, unless it is to be: then all values have to share.
#[inline(always)]
fn write_value<'a, const CUTS: bool>(rest: Rest<'a>, number: u64, value: Raw<'_>) -> Option<Rest<'a>> {
    match value {
        Raw::Absent => Some(rest),
        Raw::Bool(value) => rest.words([BOOL | number | u64::from(value) << 32]),
        Raw::I64(value) => rest.words([I64 | number, value as u64]),
        Raw::U64(value) => rest.words([U64 | number, value]),
        Raw::F64(value) => rest.words([F64 | number, value.to_bits()]),
        Raw::Str(text) if text.len() <= most_bytes(rest) => {
            rest.words([STR | number | (text.len() as u64) << 32])?.bytes(text.as_bytes())
        }
        Raw::Str(text) => write_text(rest, STR | number, text, CUTS),
        Raw::CutStr(text) => write_text(rest, STR | number | CUT, text, CUTS),
        Raw::Json(text) => write_text(rest, JSON | number, text, CUTS),
        Raw::CutJson(text) => write_text(rest, JSON | number | CUT, text, CUTS),
        Raw::Pieces(pieces) => pieces::write(rest, if pieces.is_json() { JSON } else { STR } | number, &pieces, CUTS),
    }
}

/// What a text may take besides its first word of a room that is its own.
fn all_bytes(rest: Rest<'_>) -> usize {
    rest.len().saturating_sub(1) * 8
}

/// A text takes at most half of the room that is left, so that one that is huge does not push out those behind it.
#[inline(always)]
fn most_bytes(rest: Rest<'_>) -> usize {
    rest.len() / 2 * 8
}

#[inline(never)]
fn write_text<'a>(rest: Rest<'a>, tag: u64, text: &str, cuts: bool) -> Option<Rest<'a>> {
    let kept = &text[..text.floor_char_boundary(if cuts { all_bytes(rest) } else { most_bytes(rest) })];
    let cut = if kept.len() < text.len() { CUT } else { 0 };
    if cut != 0 && !cuts {
        return None;
    }
    rest.words([tag | cut | (kept.len() as u64) << 32])?.bytes(kept.as_bytes())
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

    #[test]
    fn what_is_held_and_let_go_of_has_the_room_of_an_end() {
        let words = records(|local| {
            while point(local, 1, 1, 0, THIS, &[]) {}
            let dropped = local.ring.dropped();
            keep(local, Kind::Hold, 1, 9, 3);
            keep(local, Kind::Release, 2, 9, 3);
            assert_eq!(local.ring.dropped(), dropped);
        });
        let kinds = [Kind::Hold, Kind::Release];
        let (_, last) = words.split_at(words.len() - 6);
        for (words, kind) in last.chunks(3).zip(kinds) {
            assert_eq!(Record::first(words, &crate::clock::Line::SAME).map(|record| record.kind), Some(kind));
        }
    }

    pub(super) const THIS: Open = Open { trace: (7, 8), span: 9, layer: 3, is_real: false };
}
