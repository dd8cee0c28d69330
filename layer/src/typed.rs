//! A delivered event goes in; the struct that `tense::registry!()` made for it comes out.

use serde_json::Value;
use tense::registry::{FieldValue, ReadError, TypedEvent, Values};
use tense_event::{Event, Status};

/// Reads an event as its struct; `None` when it is another event, or the report of a span that is still open.
///
/// The four ids `job_id`, `worker_id`, `machine_id` and `user_id` are read from the event itself, where they are lifted
/// to; the other fields from its data. A value that the sanitizer has replaced is a text, and one that it left out for
/// its size is missing.
///
/// ```
/// use tense::registry::{FieldValue, Kind, ReadError, TypedEvent, Values};
///
/// // What `tense::registry!()` writes for [events."operation.tokens.created"].
/// #[derive(Debug, PartialEq)]
/// struct Created;
///
/// impl TypedEvent for Created {
///     const NAME: &'static str = "operation.tokens.created";
///     fn read(_: &impl Values) -> Result<Self, ReadError> {
///         Ok(Self)
///     }
/// }
///
/// #[tense::traced(operation.tokens.created)]
/// fn create() {}
///
/// let capture = tense_layer::testing::capture();
/// create();
/// assert_eq!(tense_layer::typed(&capture.events()[0]), Ok(Some(Created)));
/// ```
///
/// # Errors
/// When a declared field is missing and not optional, or when its value is of another kind.
pub fn typed<T: TypedEvent>(event: &Event) -> Result<Option<T>, ReadError> {
    let is_report = event.status == Status::Pending && event.event_type == event.span_name;
    if event.event_type != T::NAME || is_report {
        return Ok(None);
    }
    T::read(&Of(event)).map(Some)
}

struct Of<'a>(&'a Event);

impl Values for Of<'_> {
    fn value(&self, field: &str) -> Option<FieldValue<'_>> {
        let Self(event) = self;
        let id = match field {
            "job_id" => &event.job_id,
            "worker_id" => &event.worker_id,
            "machine_id" => &event.machine_id,
            "user_id" => &event.user_id,
            _ => return event.data.get(field).map(value),
        };
        id.as_deref().map(FieldValue::Text)
    }
}

fn value(value: &Value) -> FieldValue<'_> {
    match value {
        Value::Bool(value) => FieldValue::Bool(*value),
        Value::String(text) => FieldValue::Text(text),
        Value::Number(number) => number
            .as_i64()
            .map(FieldValue::Integer)
            .or_else(|| number.as_u64().map(FieldValue::Unsigned))
            .or_else(|| number.as_f64().map(FieldValue::Float))
            .unwrap_or_else(|| FieldValue::Json(number.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => FieldValue::Json(value.to_string()),
    }
}
