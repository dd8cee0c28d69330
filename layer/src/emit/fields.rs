//! A value goes in as it was recorded; it comes out as a field of the event, where that belongs.

use serde_json::Value as Json;
use tense::__private::layer::{CORRELATION_KEY, Value, Valued};
use tense_event::Event;

use super::mended::mended;

/// Whether a field is there, in the data or at the top.
pub(super) fn has(event: &Event, name: &str) -> bool {
    match name {
        "job_id" => event.job_id.is_some(),
        "worker_id" => event.worker_id.is_some(),
        "machine_id" => event.machine_id.is_some(),
        "user_id" => event.user_id.is_some(),
        _ => event.data.get(name).is_some(),
    }
}

/// Puts a field where it belongs: the reserved ids to the top of the event, the rest into its data.
#[inline]
pub(super) fn put(event: &mut Event, name: &'static str, valued: Valued<'_>, is_inherited: bool) {
    let reserved = match name {
        "job_id" => &mut event.job_id,
        "worker_id" => &mut event.worker_id,
        "machine_id" => &mut event.machine_id,
        "user_id" => &mut event.user_id,
        // The key of a trace is told by its roots; those below have the trace.
        CORRELATION_KEY if event.parent_span_id.is_some() => return,
        CORRELATION_KEY => &mut event.correlation_key,
        _ => {
            if is_inherited && event.data.get(name).is_some() {
                return;
            }
            let value = json(valued.value, valued.is_cut);
            if valued.is_cut {
                // A text may have been torn in the middle of a secret; a structure is there without its last elements.
                let is_whole = matches!(value, Json::Array(_) | Json::Object(_));
                let names = if is_whole { &mut event.cut } else { &mut event.torn };
                names.push(name.to_owned());
            }
            event.data.insert(name, value);
            return;
        }
    };
    if !is_inherited || reserved.is_none() {
        *reserved = Some(match valued.value {
            Value::Str(text) | Value::Json(text) => text.to_text(),
            value => json(value, false).to_string(),
        });
        if valued.is_cut {
            event.torn.push(name.to_owned());
        }
    }
}

#[inline]
fn json(value: Value<'_>, is_cut: bool) -> Json {
    match value {
        Value::Bool(value) => Json::from(value),
        Value::I64(value) => Json::from(value),
        Value::U64(value) => Json::from(value),
        // JSON has no infinities and no NaN; their names say more than a null.
        Value::F64(value) => {
            serde_json::Number::from_f64(value).map_or_else(|| Json::from(value.to_string()), Json::Number)
        }
        Value::Str(text) => Json::String(text.to_text()),
        Value::Json(text) => {
            let text = text.to_text();
            let value = serde_json::from_str(&text).ok();
            value.or_else(|| if is_cut { mended(&text) } else { None }).unwrap_or(Json::String(text))
        }
    }
}
