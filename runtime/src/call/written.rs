//! A span's begin and end, or a point, goes in, with what the thread is in; records come out, for one layer.

use crate::call::Open;
use crate::clock;
use crate::context::scope;
use crate::foreign::Tie;
use crate::outcome::Outcome;
use crate::real::Real;
use crate::record::{self, Header, Known};
use crate::routing;
use crate::site::{Route, Site};
use crate::stack::{Attempt, Entry, Hint};
use crate::thread::Local;
use crate::value::Raw;

/// A span begins below another one of the same layer, where nothing else is to be done, and is entered.
#[inline(always)]
pub(crate) fn easy_begin(header: Header, values: &[Raw<'_>]) -> Option<(Open, u64)> {
    let (known, layer) = (Known::of(values), header.layer());
    let local = Local::existing()?;
    let at = local.ticks();
    let span = local.easy_span_id()?;
    let draft = local.ring.easy_draft()?;
    let below = local.stack.below(layer)?;
    let open = Open { trace: below.trace, span, layer, is_real: false };
    // Entered first: what is above it need not be kept while the values are written.
    below.enter(open)?;
    if record::easy_begin(draft, header, at, below.parent, open, known).is_none() {
        local.stack.exit(open.span);
        return None;
    }
    Some((open, at))
}

/// Begins a span on the direct way, and enters it, also where there was no room, and it is lost.
pub(crate) fn begin_direct(
    local: &'static Local,
    site: &'static Site,
    wish: u64,
    ticks: u64,
    values: &[Raw<'_>],
) -> Open {
    let layer = routing::global_layer();
    // The usual case by itself: below a span that has no word for it.
    let open = match local.stack.below(layer).filter(|_| wish == 0) {
        Some(below) => {
            let open = Open { trace: below.trace, span: local.span_id(), layer, is_real: false };
            if record::begin(local, site.id(), ticks, below.parent, open, values) { open } else { open.lost() }
        }
        None => begin_for(local, site, layer, None, wish, ticks, values),
    };
    if open.is_recorded() {
        local.stack.enter(open);
    } else {
        local.stack.enter_lost(open);
    }
    open
}

/// Writes the begin of a span for one layer. Where there was no room it is lost, which the ring has counted;
/// `Open::OFF` where it is silenced.
#[cold]
#[inline(never)]
pub(super) fn begin_for(
    local: &'static Local,
    site: &'static Site,
    layer: u8,
    given: Option<Tie>,
    wish: u64,
    ticks: u64,
    values: &[Raw<'_>],
) -> Open {
    let Some((open, parent, hint)) = place_for(local, site, layer, given, wish, ticks) else { return Open::OFF };
    let span = open.span;
    let attempt = Some(hint.attempt).filter(|packed| *packed != 0).map(Attempt::unpacked);
    let number = attempt.map(|attempt| attempt.site).filter(|number| *number != 0).unwrap_or_else(|| site.id());
    if !record::begin(local, number, ticks, parent, open, values) {
        return open.lost();
    }
    if let Some(Attempt { number, backoff_ms, .. }) = attempt {
        // The call site of an attempt has the fields of the function's, and two more behind them.
        let behind = site.fields().len().min(usize::from(u8::MAX)) as u8;
        record::fields(local, ticks, span, layer, behind, &[Raw::U64(number.into()), Raw::U64(backoff_ms)]);
    }
    if hint.undoes != 0 {
        record::link(local, ticks, span, layer, hint.undoes);
    }
    open
}

/// The span that begins, the one above it, and what it was told; `None` where it is silenced.
///
/// By itself, so that what it needs of the stack is free again while the record is written: a thread may have little.
#[inline(never)]
fn place_for(
    local: &'static Local,
    site: &'static Site,
    layer: u8,
    given: Option<Tie>,
    wish: u64,
    ticks: u64,
) -> Option<(Open, u64, Hint)> {
    let around = local.stack.innermost(layer);
    if around.is_some_and(Entry::is_silence) {
        return None;
    }
    // A scope that is under nothing has no trace.
    let above = around.filter(|around| around.trace != (0, 0));
    let hint =
        if above.is_some_and(|above| above.hint.is_for(site)) { local.stack.take_hint(layer) } else { Hint::NONE };
    let trace = match (above, given) {
        (Some(above), _) => above.trace,
        (None, Some(given)) => given.trace,
        (None, None) => local.trace_id(ticks),
    };
    let span = match given {
        Some(given) => given.span,
        // An id that was given out already, to `record!`, stays.
        None if hint.span != 0 && wish == 0 => hint.span,
        None => local.span_id_or(wish),
    };
    let open = Open { trace, span, layer, is_real: false };
    scope::tell(local, around, ticks, open);
    Some((open, above.map_or(0, |above| above.span), hint))
}

#[inline]
pub(super) fn end(local: &Local, ticks: u64, span: u64, layer: u8, outcome: &Outcome) {
    match outcome {
        Outcome::Success => record::success(local, ticks, span, layer),
        outcome => end_told(local, ticks, span, layer, outcome),
    }
}

#[cold]
fn end_told(local: &Local, ticks: u64, span: u64, layer: u8, outcome: &Outcome) {
    let values = match outcome {
        Outcome::Other(told) => &[Raw::Str(told.error_type), told.message.raw()][..],
        // A success has nothing to say, and neither has a future that is dropped.
        Outcome::Success | Outcome::Dropped => &[],
    };
    record::end(local, ticks, span, layer, outcome.ending(), values);
}

/// Something that happens at a moment: what `event!` does.
pub fn point(site: &'static Site, values: impl FnOnce(&mut dyn FnMut(&[Raw<'_>]))) {
    match site.route() {
        Route::Off => {}
        Route::Direct => values(&mut |values| point_for(site, routing::global_layer(), values)),
        // Nor is anything told of a thread that records nothing, because it ends, or is one of the layer's own.
        Route::Slow if Local::current().is_none_or(|local| local.stack.is_silent()) => {}
        Route::Slow => values(&mut |values| {
            if let Some(claims) = Real::emit(site, values) {
                claims.for_each(|layer| point_for(site, layer, values));
            }
        }),
    }
}

pub(crate) fn point_for(site: &'static Site, layer: u8, values: &[Raw<'_>]) {
    let Some(local) = Local::current() else { return };
    let ticks = clock::ticks();
    let around = local.stack.innermost(layer);
    if around.is_some_and(Entry::is_silence) {
        return;
    }
    let above = around.filter(|around| around.trace != (0, 0));
    let trace = above.map_or_else(|| local.trace_id(ticks), |above| above.trace);
    let this = Open { trace, span: local.span_id(), layer, is_real: false };
    scope::tell(local, around, ticks, this);
    record::point(local, site.id(), ticks, above.map_or(0, |above| above.span), this, values);
}
