//! Whatever names a trace or a span enters; an id leaves, and for the same name always the same one.

use tense_event::{SpanId, TraceId};

/// The trace of a name: the id itself, in hex, with or without the dashes of a UUID; for any other text, an id that is
/// made of it, so that what has one name has one trace, in this file and in the next one. The second is whether the
/// text was an id; one that was not had better be kept as the event's `correlation_key`.
///
/// ```
/// use tense_store::import::ids;
/// let (id, was_id) = ids::trace("0190163d-8694-739b-96b6-f0a7b0c1d2e3");
/// assert_eq!((id.short().as_str(), was_id), ("b0c1d2e3", true));
/// assert_eq!(ids::trace("order-4711"), ids::trace("order-4711"));
/// assert_ne!(ids::trace("order-4711"), ids::trace("order-4712"));
/// ```
pub fn trace(name: &str) -> (TraceId, bool) {
    match name.replace('-', "").parse() {
        Ok(id) if name.len() == 32 || name.len() == 36 => (id, true),
        _ => (made_of([b"trace", name.as_bytes()]), false),
    }
}

/// A trace for what has no name: made of all of it.
pub(crate) fn trace_of(kind: &str, bytes: &[u8]) -> TraceId {
    made_of([kind.as_bytes(), bytes])
}

/// The span of a name within its trace: the id itself, or one that is made of the name.
pub fn span(trace: TraceId, name: &str) -> SpanId {
    name.parse().unwrap_or_else(|_| span_of(trace, "span", name.as_bytes()))
}

/// A span for what has no name.
pub(crate) fn span_of(trace: TraceId, kind: &str, bytes: &[u8]) -> SpanId {
    let made = u128::from_be_bytes(made_of([&trace.to_bytes(), kind.as_bytes(), bytes]).to_bytes());
    // One of 2^64 is zero, and means that there is none.
    SpanId::new((made >> 64) as u64).unwrap_or(ONE)
}

const ONE: SpanId = match SpanId::new(1) {
    Some(one) => one,
    None => panic!("1 is not 0"),
};

/// Whether a text says that there is none: nothing, or zeros only.
pub(crate) fn is_none(name: &str) -> bool {
    name.bytes().all(|byte| matches!(byte, b'0' | b'-'))
}

/// Sixteen bytes that stay the same for all times: FNV-1a of 128 bits over the parts, and then its bits spread, because
/// people tell ids by their last digits.
fn made_of<const N: usize>(parts: [&[u8]; N]) -> TraceId {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let mut hash = BASIS;
    for part in parts {
        // The length keeps apart what ends here and what begins there.
        for byte in part.iter().copied().chain((part.len() as u64).to_be_bytes()) {
            hash = (hash ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }
    let (high, low) = (spread((hash >> 64) as u64), spread(hash as u64));
    // No id is all zeros.
    TraceId::from_halves(high, low | u64::from(high == 0 && low == 0))
}

/// The last step of MurmurHash3: each bit of a number has a say in each of what leaves, and no two become the same.
const fn spread(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    bits = (bits ^ (bits >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    bits ^ (bits >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files that were imported once are imported again by a later version, and must not be there twice then.
    #[test]
    fn a_name_makes_the_same_id_for_all_times() {
        assert_eq!(trace("order-4711").0.to_string(), "54ee15569ecd352942a2cd3b8f3b7286");
        assert_eq!(span(TraceId::from_bytes([7; 16]), "step 1").to_string(), "1e0bc570bb7aee0a");
    }

    #[test]
    fn ids_are_taken_as_they_are_and_names_are_not() {
        let id = "0190163d8694739b96b6f0a7b0c1d2e3";
        assert_eq!(trace(id), (id.parse().unwrap(), true));
        assert_eq!(trace(&id.to_uppercase()), (id.parse().unwrap(), true));
        for name in ["", "0", "b0c1d2e3", "01-90163d8694739b96b6f0a7b0c1d2e3", &format!("{id}0"), "日本"] {
            assert!(!trace(name).1, "{name}");
        }
        assert_eq!(span(TraceId::from_bytes([7; 16]), "00000000000000AB").get(), 0xab);
    }

    #[test]
    fn names_that_are_alike_have_ids_that_are_not() {
        let shorts: std::collections::HashSet<_> = (0..10_000).map(|n| trace(&format!("j{n}")).0.short()).collect();
        assert!(shorts.len() > 9_980, "{}", shorts.len());
    }
}
