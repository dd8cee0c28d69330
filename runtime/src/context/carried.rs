//! A [`TraceContext`] as JSON, the shape that a job queue carries in `data.trace`:
//! `{"trace_id": .., "parent_span_id": ..}`.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::TraceContext;
use super::trace::{hex, sixteen_bytes};

/// What is usual is left out, so that most have two keys. Keys that are unknown are ignored.
#[derive(Serialize, Deserialize)]
struct Carried<'a> {
    #[serde(borrow)]
    trace_id: Cow<'a, str>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sampled: Option<bool>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    tracestate: Option<Cow<'a, str>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    correlation_key: Option<Cow<'a, str>>,
}

/// `{"trace_id": "32 hex", "parent_span_id": "16 hex"}`; `sampled` only where it is false, `tracestate` and
/// `correlation_key` only where there are any, and no `parent_span_id` in a trace that has no span yet.
impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let carried = Carried {
            trace_id: self.trace_id().into(),
            parent_span_id: self.parent_span_id().map(Cow::Owned),
            sampled: (!self.is_sampled).then_some(false),
            tracestate: self.tracestate().map(Cow::Borrowed),
            correlation_key: self.correlation_key().map(Cow::Borrowed),
        };
        carried.serialize(serializer)
    }
}

/// Reads hex digits of either case, and a trace id also with the dashes of a UUID.
impl<'de> Deserialize<'de> for TraceContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let carried = Carried::deserialize(deserializer)?;
        let trace = sixteen_bytes(&carried.trace_id).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`trace_id` is 32 hex digits that are not all zero; of `{}` make one with `TraceContext::begin`",
                carried.trace_id.escape_default().take(64).collect::<String>()
            ))
        })?;
        let parent = carried.parent_span_id.filter(|id| !id.is_empty()).map(|id| {
            let id = Some(id).filter(|id| id.len() == 16).and_then(|id| hex(&id)).filter(|id| *id != 0);
            // Sixteen digits fit into a word.
            id.map(|id| id as u64).ok_or_else(|| {
                de::Error::custom(
                    "`parent_span_id` is 16 hex digits that are not all zero; without a span above it is left out",
                )
            })
        });
        let context = Self::new(trace, parent.transpose()?.unwrap_or(0)).with_sampled(carried.sampled.unwrap_or(true));
        let key = carried.correlation_key.map(|key| key[..key.floor_char_boundary(1024)].into());
        Ok(Self { correlation_key: key, ..context.with_tracestate(&carried.tracestate.unwrap_or_default()) })
    }
}
