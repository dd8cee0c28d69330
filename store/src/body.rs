//! The keys of an event that have no column: packed into one JSON blob, and read back into an event.

use tense_event::{Event, Level, SCHEMA_VERSION};

/// The keys that have columns, with values that the caller replaces: an event is read as this head and the packed rest.
const HEAD: &[u8] = br#"{"trace_id":"00000000000000000000000000000001","span_id":"0000000000000001","event_type":"","span_name":"","timestamp":"1970-01-01T00:00:00Z","status":"pending""#;

/// Left out of the blob of nearly every event.
const PRESENT_VERSION: &[u8] = br#","schema_version":1"#;

/// Writes the keys without a column, each with a comma before it (`,"tags":["saga"],"cut":["value"]`); nothing for a
/// plain event.
pub(crate) fn pack(event: &Event, out: &mut Vec<u8>) -> serde_json::Result<()> {
    macro_rules! keys {
        ($($key:ident unless $plain:expr;)*) => { $(
            if !$plain {
                out.extend_from_slice(concat!(",\"", stringify!($key), "\":").as_bytes());
                serde_json::to_writer(&mut *out, &event.$key)?;
            }
        )* };
    }
    out.clear();
    // The version comes first: `unpack` looks for it there.
    keys! {
        schema_version unless event.schema_version == SCHEMA_VERSION;
        level unless event.level == Level::Info;
        data unless event.data.is_empty();
        tags unless event.tags.is_empty();
        job_id unless event.job_id.is_none();
        worker_id unless event.worker_id.is_none();
        machine_id unless event.machine_id.is_none();
        user_id unless event.user_id.is_none();
        correlation_key unless event.correlation_key.is_none();
        error unless event.error.is_none();
        cut unless event.cut.is_empty();
        absent unless event.absent.is_empty();
        left_out unless event.left_out == 0;
        sample_weight unless event.sample_weight == 1;
    }
    Ok(())
}

/// Reads what [`pack`] wrote into an event whose other keys say nothing yet. `text` is room that is used again.
pub(crate) fn unpack(body: &[u8], text: &mut Vec<u8>) -> serde_json::Result<Event> {
    text.clear();
    text.extend_from_slice(HEAD);
    if !body.starts_with(br#","schema_version":"#) {
        text.extend_from_slice(PRESENT_VERSION);
    }
    text.extend_from_slice(body);
    text.push(b'}');
    serde_json::from_slice(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use tense_event::{ErrorInfo, ErrorKind, Status};

    fn round(event: &Event) -> (String, Event) {
        let (mut packed, mut text) = (Vec::new(), Vec::new());
        pack(event, &mut packed).unwrap();
        let mut read = unpack(&packed, &mut text).unwrap();
        read.trace_id = event.trace_id;
        read.span_id = event.span_id;
        read.event_type = event.event_type.clone();
        read.span_name = event.span_name.clone();
        read.timestamp = event.timestamp;
        read.status = event.status;
        (String::from_utf8(packed).unwrap(), read)
    }

    #[test]
    fn a_plain_event_packs_into_nothing() {
        let event = fixture::event(1, "operation.tokens.created", Status::Success, 5);
        assert_eq!(round(&event), (String::new(), event));
    }

    #[test]
    fn every_key_without_a_column_comes_back() {
        let mut event = fixture::event(1, "operation.tokens.create_failed", Status::Failed, 5);
        let mut error = ErrorInfo::new(ErrorKind::Panic);
        error.error_message = "no\nsuch \"node\"".to_owned();
        event.schema_version = 2;
        event.level = Level::Error;
        event.data.insert("z", 1);
        event.data.insert("a", -0.5);
        event.tags.push("saga".into());
        event.job_id = Some("j".to_owned());
        event.worker_id = Some("w".to_owned());
        event.machine_id = Some("m".to_owned());
        event.user_id = Some("u".to_owned());
        event.correlation_key = Some("c".to_owned());
        event.error = Some(error);
        event.cut.push("z".to_owned());
        event.absent.push("token_id".into());
        event.left_out = 7;
        event.sample_weight = 10;
        let (packed, read) = round(&event);
        assert_eq!(read, event);
        assert!(packed.starts_with(r#","schema_version":2,"level":"error","data":{"z":1,"a":-0.5},"tags":["saga"]"#));

        // What this writes has all the keys that the event itself writes, but for those with columns.
        let whole = serde_json::to_value(&event).unwrap();
        let columns = ["trace_id", "span_id", "event_type", "span_name", "timestamp", "status"];
        for key in whole.as_object().unwrap().keys().filter(|key| !columns.contains(&key.as_str())) {
            assert!(packed.contains(&format!(",\"{key}\":")), "`{key}` is not packed");
        }
    }
}
