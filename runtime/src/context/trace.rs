//! A place in a trace: what leaves this process, and what work of another one is put below.

use std::sync::Arc;

use super::scope::Base;
use crate::stack::EVERY;
use crate::thread::Local;
use crate::{clock, id};

/// A place in a trace, as it is handed from one process to another: the trace, the span that goes on elsewhere, whether
/// the trace is sampled, and what other vendors wrote beside it.
///
/// [`TraceContext::current`] is what leaves; `"00-..".parse()` of a W3C `traceparent` header is what arrives, or, with
/// the feature `serde`, `{"trace_id": .., "parent_span_id": ..}`, the shape that a job queue carries. Work below it
/// runs in [`in_scope`](Self::in_scope), in [`in_context`](super::InContext::in_context), or in a function annotated
/// with `parent = expr`.
///
/// ```
/// use tense::TraceContext;
///
/// #[tense::traced(operation.orders.placed)]
/// fn place() {}
///
/// let caller: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
/// caller.in_scope(place); // in that trace, below that span
/// # Ok::<(), tense::TraceparentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceContext {
    /// In two halves; never zero.
    pub(super) trace: (u64, u64),
    /// 0 in a trace that has no span yet.
    pub(super) parent: u64,
    pub(super) is_sampled: bool,
    pub(super) tracestate: Option<Arc<str>>,
    pub(super) correlation_key: Option<Arc<str>>,
}

impl TraceContext {
    /// What work that leaves this thread is to be below: the innermost span that is recorded, or the scope that this
    /// thread is in. `None` outside of both, and where work is [suppressed](super::suppress).
    ///
    /// ```
    /// #[tense::traced(operation.orders.queued)]
    /// fn queue_order() -> Option<String> {
    ///     tense::TraceContext::current()?.traceparent() // a header, or a column of the job
    /// }
    /// # queue_order();
    /// ```
    pub fn current() -> Option<Self> {
        let base = Base::current();
        if matches!(base, Base::Silence) {
            return None;
        }
        let span = Local::existing().and_then(|local| local.stack.topmost()).filter(|top| top.layer != EVERY);
        match (span, base.above()) {
            // In the trace that came in, what came along goes on.
            (Some(span), Some(above)) if span.trace == above.trace => {
                let left = Self { parent: span.span, correlation_key: None, ..above.clone() };
                Some(left.decided_by(span.layer, above.is_decided()))
            }
            (Some(span), _) => Some(Self::new(span.trace, span.span).decided_by(span.layer, false)),
            (None, above) => above.cloned(),
        }
    }

    /// Runs the closure below it, on this thread, and gives back what it returns. What this thread is in itself is left
    /// aside meanwhile.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        super::Context::from(self).in_scope(work)
    }

    /// A trace with an id of the caller's, that has no span yet: an order, a request, a job.
    ///
    /// An id of 16 bytes is taken as it is: 32 hex digits, or a UUID with its dashes, in either case. Of any other text
    /// the 128-bit FNV-1a hash becomes the trace id, the same in every program and version, and the text itself stands
    /// as `correlation_key` in the events of the trace's roots, 1 KiB of it at most. An empty one says nothing, and
    /// begins a trace of its own each time, as where nobody has an id.
    ///
    /// ```
    /// use tense::TraceContext;
    ///
    /// let order = TraceContext::begin("order-4711");
    /// assert_eq!(order.trace_id(), "f23838ac8634d38de40220a226c7b705");
    /// assert_eq!(order.correlation_key(), Some("order-4711"));
    ///
    /// let request = TraceContext::begin("0190163D-8694-739B-96B6-F0A7B0C1D2E3");
    /// assert_eq!(request.trace_id(), "0190163d8694739b96b6f0a7b0c1d2e3");
    /// assert_eq!(request.correlation_key(), None);
    ///
    /// // Two requests that came without an id have nothing to do with each other.
    /// assert_ne!(TraceContext::begin("").trace_id(), TraceContext::begin("").trace_id());
    /// ```
    pub fn begin(key: &str) -> Self {
        if key.is_empty() {
            let now = clock::unix_nanos(clock::line().nanos(clock::ticks()));
            return Self::new(id::trace_id(now, id::salted(id::random())), 0);
        }
        if let Some(trace) = sixteen_bytes(key) {
            return Self::new(trace, 0);
        }
        let hash = fnv(key);
        // No text is known that comes to zero, which would be no id.
        let trace = halves(if hash == 0 { 1 } else { hash });
        Self { correlation_key: Some(Arc::from(&key[..key.floor_char_boundary(LONGEST_KEY)])), ..Self::new(trace, 0) }
    }

    /// The trace: 32 hex digits.
    ///
    /// ```
    /// let above: tense::TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// assert_eq!(above.trace_id(), "0af7651916cd43dd8448eb211c80319c");
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn trace_id(&self) -> String {
        format!("{:016x}{:016x}", self.trace.0, self.trace.1)
    }

    /// The span that work goes on below: 16 hex digits. `None` in a trace that has no span yet.
    ///
    /// ```
    /// use tense::TraceContext;
    ///
    /// let above: TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// assert_eq!(above.parent_span_id().as_deref(), Some("b7ad6b7169203331"));
    /// assert_eq!(TraceContext::begin("order-4711").parent_span_id(), None);
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn parent_span_id(&self) -> Option<String> {
        (self.parent != 0).then(|| format!("{:016x}", self.parent))
    }

    /// Whether whoever began the trace keeps it. Where a layer of `tense-layer` samples, it goes by this, and what is
    /// passed on of a trace that began here says what it decides; else everything is recorded, and it is passed on as
    /// it came.
    ///
    /// ```
    /// let above: tense::TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00".parse()?;
    /// assert!(!above.is_sampled());
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub const fn is_sampled(&self) -> bool {
        self.is_sampled
    }

    /// The same, with another word on whether the trace is kept.
    ///
    /// ```
    /// let above: tense::TraceContext = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse()?;
    /// let header = above.with_sampled(false).traceparent();
    /// assert_eq!(header.as_deref(), Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"));
    /// # Ok::<(), tense::TraceparentError>(())
    /// ```
    pub fn with_sampled(self, is_sampled: bool) -> Self {
        Self { is_sampled, ..self }
    }

    /// The id that the trace was begun with, when that was no 16-byte id and nothing has begun in it yet.
    ///
    /// ```
    /// assert_eq!(tense::TraceContext::begin("order-4711").correlation_key(), Some("order-4711"));
    /// ```
    pub fn correlation_key(&self) -> Option<&str> {
        self.correlation_key.as_deref()
    }

    pub(super) const fn new(trace: (u64, u64), parent: u64) -> Self {
        Self { trace, parent, is_sampled: true, tracestate: None, correlation_key: None }
    }
}

/// Bytes of a correlation key that are kept.
const LONGEST_KEY: usize = 1024;

pub(super) const fn halves(id: u128) -> (u64, u64) {
    ((id >> 64) as u64, id as u64)
}

/// 32 hex digits or a UUID with its dashes, in either case, that is not zero.
pub(super) fn sixteen_bytes(text: &str) -> Option<(u64, u64)> {
    let is_dash = |at: usize| text.len() == 36 && [8, 13, 18, 23].contains(&at);
    if !matches!(text.len(), 32 | 36) || !text.bytes().enumerate().all(|(at, b)| (b == b'-') == is_dash(at)) {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    hex(&digits).filter(|id| *id != 0).map(halves)
}

/// Hex digits of either case, 32 at most. (`from_str_radix` takes a sign.)
pub(super) fn hex(digits: &str) -> Option<u128> {
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex { u128::from_str_radix(digits, 16).ok() } else { None }
}

/// FNV-1a of 128 bits (Fowler, Noll, Vo; RFC 9923).
fn fnv(text: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // RFC 9923, appendix C: of the empty text, of "a", and of "foobar".
        assert_eq!(fnv(""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(fnv("a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(fnv("foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }

    #[test]
    fn only_what_is_an_id_is_taken_as_one() {
        let id = Some((0x0190_163d_8694_739b, 0x96b6_f0a7_b0c1_d2e3));
        assert_eq!(sixteen_bytes("0190163d8694739b96b6f0a7b0c1d2e3"), id);
        assert_eq!(sixteen_bytes("0190163D-8694-739B-96B6-F0A7B0C1D2E3"), id);
        assert_eq!((sixteen_bytes(""), TraceContext::begin("").correlation_key()), (None, None));
        let others = [
            "00000000000000000000000000000000",
            "0190163d8694739b96b6f0a7b0c1d2e",
            "+190163d8694739b96b6f0a7b0c1d2e3",
            "0190163d-8694739b-96b6-f0a7-b0c1d2e3",
            "0190163d-8694-739b-96b6-f0a7b0c1d2é",
            "g190163d8694739b96b6f0a7b0c1d2e3",
            "--------------------------------",
        ];
        for other in others {
            assert_eq!(sixteen_bytes(other), None, "{other}");
            assert_eq!(TraceContext::begin(other).correlation_key(), Some(other));
        }
    }
}
