//! Whether a trace is sampled: the word that comes in with it goes to the drainer, and what the layer of a span decides
//! goes out.
//!
//! It is decided by the trace's id alone: its low 56 bits are random (W3C Trace Context, level 2), and a trace is kept
//! whose number there is not below a threshold. So every service that goes by the same threshold keeps the same traces,
//! and none has to be asked. The threshold travels in `tracestate`, as `ot=th:c` (OpenTelemetry, "TraceState:
//! Probability Sampling"), so that whoever takes a trace over knows how many it stands for.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};

use super::TraceContext;

/// How the drainer is told of the word that came with a trace. No field can be called so.
pub const SAMPLED: &str = "tense.sampled";

/// The threshold that no trace reaches.
pub const NO_TRACE: u64 = 1 << 56;

/// The random part of a trace's id.
#[inline]
pub const fn randomness(trace: (u64, u64)) -> u64 {
    trace.1 & (NO_TRACE - 1)
}

/// The milliseconds of the moment at which the trace began, if its id is a UUIDv7 (RFC 9562, section 5.7).
#[inline]
pub const fn began_ms(trace: (u64, u64)) -> Option<u64> {
    if trace.0 >> 12 & 0xf == 7 && trace.1 >> 62 == 0b10 { Some(trace.0 >> 16) } else { None }
}

/// As many thresholds are known of the past. A trace that began before the oldest of them goes by that one.
const STEPS: usize = 64;

/// What one layer decides by.
#[derive(Debug)]
struct Sampler {
    is_on: AtomicBool,
    is_parent_based: AtomicBool,
    /// From which millisecond on, since 1970, which threshold holds; round and round.
    steps: [(AtomicU64, AtomicU64); STEPS],
    /// How many there have been.
    count: AtomicUsize,
}

/// By the number of the layer.
static SAMPLERS: [OnceLock<Box<Sampler>>; 256] = [const { OnceLock::new() }; 256];
/// Nearly always there is none.
static ARE_ANY: AtomicBool = AtomicBool::new(false);

/// From now on that layer samples; it has no threshold yet.
pub fn sampler_made(layer: u8, is_parent_based: bool) {
    let new = || {
        let steps = [const { (AtomicU64::new(0), AtomicU64::new(0)) }; STEPS];
        let (is_on, is_parent_based) = (AtomicBool::new(false), AtomicBool::new(false));
        Box::new(Sampler { is_on, is_parent_based, steps, count: AtomicUsize::new(0) })
    };
    if let Some(sampler) = SAMPLERS.get(usize::from(layer)) {
        let sampler = sampler.get_or_init(new);
        sampler.is_parent_based.store(is_parent_based, Relaxed);
        sampler.count.store(0, Release);
        sampler.is_on.store(true, Release);
        ARE_ANY.store(true, Release);
    }
}

/// It does not sample any more; its number may be another layer's soon.
pub fn sampler_gone(layer: u8) {
    if let Some(sampler) = SAMPLERS.get(usize::from(layer)).and_then(OnceLock::get) {
        sampler.is_on.store(false, Release);
    }
}

/// Traces that begin from that millisecond on are kept from that threshold on. Called by one thread at a time; what
/// another one reads meanwhile may be the step before.
pub fn sample_from(layer: u8, since_ms: u64, threshold: u64) {
    if let Some(sampler) = SAMPLERS.get(usize::from(layer)).and_then(OnceLock::get) {
        let count = sampler.count.load(Relaxed);
        let (since, at) = &sampler.steps[count % STEPS];
        since.store(since_ms, Relaxed);
        at.store(threshold, Relaxed);
        sampler.count.store(count + 1, Release);
    }
}

impl Sampler {
    fn of(layer: u8) -> Option<&'static Self> {
        let sampler = SAMPLERS.get(usize::from(layer)).and_then(OnceLock::get)?;
        sampler.is_on.load(Acquire).then_some(sampler)
    }

    /// The threshold that was in force when the trace began; of a trace whose beginning its id does not tell, the one
    /// that is now.
    fn threshold(&self, trace: (u64, u64)) -> u64 {
        let count = self.count.load(Acquire);
        let began = began_ms(trace).unwrap_or(u64::MAX);
        let mut threshold = 0;
        // In the place of the oldest the next one may be on its way.
        for at in (count.saturating_sub(STEPS - 1)..count).rev() {
            let (since, step) = &self.steps[at % STEPS];
            threshold = step.load(Relaxed);
            if since.load(Relaxed) <= began {
                break;
            }
        }
        threshold
    }
}

impl TraceContext {
    /// Whether somebody has decided about the trace: whoever has the span above. In a trace that has no span yet only a
    /// no is a word.
    pub(super) const fn is_decided(&self) -> bool {
        self.parent != 0 || !self.is_sampled
    }

    /// The word that came with it, for the drainer: the threshold by which it was kept, 0 where nobody says, and
    /// [`NO_TRACE`] where it was not. `None` where there is no word, or nobody who would listen.
    #[cold]
    pub(super) fn decided(&self) -> Option<u64> {
        if !self.is_decided() || !ARE_ANY.load(Acquire) {
            return None;
        }
        // A threshold that the trace does not reach is none that it was kept by.
        let by = self.tracestate().and_then(threshold_in).filter(|threshold| randomness(self.trace) >= *threshold);
        Some(if self.is_sampled { by.unwrap_or(0) } else { NO_TRACE })
    }

    /// The same, as it leaves from a span of that layer: where the layer samples, with what it decides. Whether
    /// somebody had decided already, where it came from, is for the layer to respect.
    pub(super) fn decided_by(self, layer: u8, has_word: bool) -> Self {
        if ARE_ANY.load(Acquire) { self.decided_by_sampler(layer, has_word) } else { self }
    }

    #[cold]
    fn decided_by_sampler(self, layer: u8, has_word: bool) -> Self {
        let Some(sampler) = Sampler::of(layer) else { return self };
        if has_word && sampler.is_parent_based.load(Relaxed) {
            return self;
        }
        let threshold = sampler.threshold(self.trace);
        let is_sampled = randomness(self.trace) >= threshold;
        let tracestate = with_threshold(self.tracestate(), if is_sampled { Some(threshold) } else { None });
        let same = Self { is_sampled, tracestate: None, ..self };
        if tracestate.is_empty() { same } else { same.with_tracestate(&tracestate) }
    }
}

/// The entry of OpenTelemetry in a list, which it may begin with or have anywhere.
fn opentelemetry(entry: &str) -> Option<&str> {
    entry.trim_matches([' ', '\t']).strip_prefix("ot=")
}

/// The threshold that a `tracestate` names: up to 14 hex digits behind `th:`, of which those that are left out at the
/// end are zero.
fn threshold_in(tracestate: &str) -> Option<u64> {
    let digits = tracestate.split(',').find_map(opentelemetry)?.split(';').find_map(|part| part.strip_prefix("th:"))?;
    let is_hex = (1..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let number = u64::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    Some(number << (4 * (14 - digits.len())))
}

/// The list with that threshold, or without one; what else stands in it stays. Whoever changes an entry puts it first.
fn with_threshold(tracestate: Option<&str>, threshold: Option<u64>) -> String {
    let others = tracestate.unwrap_or_default().split(',').filter(|entry| opentelemetry(entry).is_none());
    let ours = tracestate.and_then(|list| list.split(',').find_map(opentelemetry)).unwrap_or_default();
    let mut parts: Vec<String> =
        ours.split(';').filter(|part| !part.is_empty() && !part.starts_with("th:")).map(str::to_owned).collect();
    // Where every trace is kept there is nothing to tell.
    if let Some(threshold) = threshold.filter(|threshold| (1..NO_TRACE).contains(threshold)) {
        let digits = format!("{threshold:014x}");
        parts.insert(0, format!("th:{}", digits.trim_end_matches('0')));
    }
    let ours = if parts.is_empty() { None } else { Some(format!("ot={}", parts.join(";"))) };
    let all: Vec<&str> = ours.as_deref().into_iter().chain(others.filter(|other| !other.is_empty())).collect();
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_is_written_as_others_read_it() {
        // Of the specification: `c` is a quarter of all traces, `8` the half.
        for (list, threshold) in [
            ("ot=th:c", Some(0xc0_0000_0000_0000)),
            ("congo=t61, ot=rv:9b8233f7e3a151;th:8", Some(0x80_0000_0000_0000)),
            ("ot=th:0", Some(0)),
            ("ot=th:00000000000001", Some(1)),
            ("ot=th:000000000000001", None),
            ("ot=th:+1", None),
            ("ot=th:", None),
            ("ot=rv:12345678901234", None),
            ("congo=th:c", None),
            ("", None),
        ] {
            assert_eq!(threshold_in(list), threshold, "{list}");
        }
        assert_eq!(with_threshold(None, Some(0xc0_0000_0000_0000)), "ot=th:c");
        assert_eq!(with_threshold(Some("congo=t61,ot=rv:9b;th:8"), Some(1)), "ot=th:00000000000001;rv:9b,congo=t61");
        assert_eq!(with_threshold(Some("congo=t61,ot=th:8"), None), "congo=t61");
        assert_eq!(with_threshold(Some("ot=th:8"), Some(0)), "");
    }

    #[test]
    fn a_trace_goes_by_the_threshold_that_was_in_force_when_it_began() {
        const LAYER: u8 = 254;
        let at = |ms: u64, low: u64| (ms << 16 | 0x7000, 0b10 << 62 | low);
        sampler_made(LAYER, true);
        sample_from(LAYER, 0, 0);
        sample_from(LAYER, 1_000, NO_TRACE / 2);
        sample_from(LAYER, 2_000, NO_TRACE);
        let leaves = |trace| TraceContext::new(trace, 7).decided_by(LAYER, false);
        let sampled = |ms, low| leaves(at(ms, low)).is_sampled();
        let (few, many) = (NO_TRACE / 2 - 1, NO_TRACE / 2);
        assert_eq!([sampled(999, few), sampled(1_000, few), sampled(2_000, few)], [true, false, false]);
        assert_eq!([sampled(999, many), sampled(1_999, many), sampled(2_000, many)], [true, true, false]);
        assert_eq!(leaves(at(1_500, many)).tracestate(), Some("ot=th:8"));
        assert_eq!(leaves(at(1_500, few)).tracestate(), None);
        // Another word stands; not where the layer decides for itself.
        let came = || TraceContext::new(at(2_500, many), 7).with_sampled(true).with_tracestate("ot=th:c,congo=t61");
        assert_eq!(came().decided_by(LAYER, true), came());
        sampler_made(LAYER, false);
        sample_from(LAYER, 0, NO_TRACE);
        let left = came().decided_by(LAYER, true);
        assert_eq!((left.is_sampled(), left.tracestate()), (false, Some("congo=t61")));
        sampler_gone(LAYER);
        assert_eq!(TraceContext::new(at(1, 0), 7).decided_by(LAYER, false), TraceContext::new(at(1, 0), 7));
    }

    #[test]
    fn the_drainer_is_told_by_what_a_trace_was_kept() {
        sampler_made(253, true);
        let of = |parent, is_sampled, list: &str| {
            let context = TraceContext::new((7, 0xd0_0000_0000_0000), parent);
            context.with_sampled(is_sampled).with_tracestate(list).decided()
        };
        assert_eq!(of(0, true, ""), None, "it has just begun");
        assert_eq!(of(7, true, ""), Some(0));
        assert_eq!(of(7, true, "ot=th:c"), Some(0xc0_0000_0000_0000));
        assert_eq!(of(7, true, "ot=th:e"), Some(0), "it does not reach that");
        assert_eq!([of(7, false, "ot=th:c"), of(0, false, "")], [Some(NO_TRACE); 2]);
    }
}
