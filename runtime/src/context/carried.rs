//! A [`TraceContext`] as JSON, the shape that a job queue carries in `data.trace`:
//! `{"trace_id": .., "parent_span_id": ..}`.

use std::borrow::Cow;
use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::TraceContext;
use super::trace::{hex, sixteen_bytes};

/// What is usual is left out, so that most have two keys. Keys that are unknown are ignored.
///
/// What is wrong is told by its key, because nobody who reads the error has seen this type.
#[derive(Serialize, Deserialize)]
#[serde(
    rename = "TraceContext",
    expecting = "a trace context, `{\"trace_id\": \"32 hex digits\", \"parent_span_id\": \"16 hex digits\"}`"
)]
struct Carried<'a> {
    #[serde(default, borrow, deserialize_with = "trace_id")]
    trace_id: Option<Cow<'a, str>>,
    #[serde(default, borrow, deserialize_with = "parent_span_id", skip_serializing_if = "Option::is_none")]
    parent_span_id: Option<Cow<'a, str>>,
    #[serde(default, deserialize_with = "sampled", skip_serializing_if = "Option::is_none")]
    sampled: Option<bool>,
    #[serde(default, borrow, deserialize_with = "tracestate", skip_serializing_if = "Option::is_none")]
    tracestate: Option<Cow<'a, str>>,
    #[serde(default, borrow, deserialize_with = "correlation_key", skip_serializing_if = "Option::is_none")]
    correlation_key: Option<Cow<'a, str>>,
}

/// A text, or nothing; what is expected names the key.
struct Text(&'static str);

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(Cow::Owned(text.to_owned())))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

/// A truth value, or nothing.
struct Truth(&'static str);

impl<'de> Visitor<'de> for Truth {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Self::Value, E> {
        Ok(Some(is))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_bool(self)
    }
}

macro_rules! expected {
    ($($key:ident: $visitor:ident => $what:ty = $expected:literal;)*) => { $(
        fn $key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<$what>, D::Error> {
            deserializer.deserialize_option($visitor($expected))
        }
    )* };
}

expected! {
    trace_id: Text => Cow<'de, str> = "as `trace_id` a text of 32 hex digits";
    parent_span_id: Text => Cow<'de, str> = "as `parent_span_id` a text of 16 hex digits";
    sampled: Truth => bool = "as `sampled` true or false";
    tracestate: Text => Cow<'de, str> = "as `tracestate` a text, the header of that name";
    correlation_key: Text => Cow<'de, str> = "as `correlation_key` a text";
}

/// `{"trace_id": "32 hex", "parent_span_id": "16 hex"}`; `sampled` only where it is false, `tracestate` and
/// `correlation_key` only where there are any, and no `parent_span_id` in a trace that has no span yet.
impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let carried = Carried {
            trace_id: Some(self.trace_id().into()),
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
        let Some(trace_id) = carried.trace_id else {
            return Err(de::Error::custom(
                "`trace_id` is missing, the 32 hex digits of the trace; work that came without a trace has no context",
            ));
        };
        let trace = sixteen_bytes(&trace_id).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`trace_id` is 32 hex digits that are not all zero; of `{}` make one with `TraceContext::begin`",
                trace_id.escape_default().take(64).collect::<String>()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_its_key() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let cases = [
            ("7".to_owned(), "invalid type: integer `7`, expected a trace context, `{\"trace_id\": \"32 hex digits\""),
            ("{}".to_owned(), "`trace_id` is missing, the 32 hex digits"),
            (r#"{"trace_id": null}"#.to_owned(), "`trace_id` is missing, the 32 hex digits"),
            (r#"{"trace_id": 7}"#.to_owned(), "integer `7`, expected as `trace_id` a text of 32 hex digits"),
            (r#"{"trace_id": "order-7"}"#.to_owned(), "of `order-7` make one with `TraceContext::begin`"),
            (format!(r#"{{"trace_id": "{trace}", "parent_span_id": 7}}"#), "expected as `parent_span_id` a text of 16"),
            (format!(r#"{{"trace_id": "{trace}", "parent_span_id": "7"}}"#), "`parent_span_id` is 16 hex digits"),
            (format!(r#"{{"trace_id": "{trace}", "sampled": "yes"}}"#), "expected as `sampled` true or false"),
            (format!(r#"{{"trace_id": "{trace}", "tracestate": []}}"#), "expected as `tracestate` a text"),
            (format!(r#"{{"trace_id": "{trace}", "correlation_key": 1}}"#), "expected as `correlation_key` a text"),
        ];
        for (json, expected) in cases {
            let error = serde_json::from_str::<TraceContext>(&json).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("Carried"), "{json}: {error}");
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            let error = serde_json::from_value::<TraceContext>(value).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("Carried"), "{json}: {error}");
        }
    }

    #[test]
    fn what_is_null_or_unknown_is_left_out() {
        let json = r#"{"trace_id": "0af7651916cd43dd8448eb211c80319c", "parent_span_id": null, "sampled": null,
            "tracestate": null, "correlation_key": null, "more": 7}"#;
        let context: TraceContext = serde_json::from_str(json).unwrap();
        assert_eq!(context, TraceContext::begin("0af7651916cd43dd8448eb211c80319c"));
        // Also where the text is not borrowed, because something in it is escaped.
        let escaped = r#"{"trace_id": "\u0030af7651916cd43dd8448eb211c80319c", "correlation_key": "order-\u0037"}"#;
        assert_eq!(serde_json::from_str::<TraceContext>(escaped).unwrap().correlation_key(), Some("order-7"));
    }
}
