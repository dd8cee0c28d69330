//! A field of the registry enters; what the sanitizer will put in the place of whatever it holds leaves.

use serde_json::json;
use tense_event::{Event, Sanitizer, SpanId, Status, Timestamp, TraceId};
use tense_grammar::FieldKind;

/// What stands where a value of that kind would, when nobody ever sees it, since its name is that of a secret:
/// `password`.
///
/// The sanitizer itself is asked, with a value that nothing is wrong with.
pub(crate) fn hidden_as(field: &str, kind: FieldKind) -> Option<String> {
    let harmless = match kind {
        FieldKind::String => json!("a word"),
        FieldKind::Integer => json!(1),
        FieldKind::Float => json!(0.5),
        FieldKind::Bool => json!(true),
        FieldKind::Json => json!([1]),
    };
    let trace = TraceId::from_bytes([1; 16]);
    let mut event = Event::new(trace, SpanId::new(1)?, "", Status::Success, Timestamp::from_unix_nanos(0));
    event.data.insert(field.to_owned(), harmless.clone());
    let clean = Sanitizer::default().clean(event);
    let (_, left) = clean.data.iter().next()?;
    left.as_str().filter(|_| *left != harmless).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_a_kind_decide() {
        let check = |field: &str, kind, expected: Option<&str>| assert_eq!(hidden_as(field, kind).as_deref(), expected);
        check("password", FieldKind::Integer, Some("[REDACTED]"));
        check("client_secret", FieldKind::String, Some("[REDACTED]"));
        check("token_id", FieldKind::String, None);
        check("count", FieldKind::Integer, None);
        check("values", FieldKind::Json, None);
    }
}
