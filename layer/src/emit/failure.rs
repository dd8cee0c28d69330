//! The end of a span that failed goes in; its event says why, and where.

use std::borrow::Cow;

use tense::__private::layer::{Ending, Record, Value, source};
use tense_event::{ErrorInfo, ErrorKind, Event};

use crate::join::{Joiner, Span};

/// The field of a failure event that the message is put into, where `tense.toml` declares one.
const ERROR: &str = "error";

/// How many call sites a failure names.
const FRAMES: usize = 10;

#[cold]
pub(super) fn tell_why(event: &mut Event, joiner: &Joiner, span: &Span, end: &Record<'_>) {
    let error = error(joiner, span, end);
    let is_torn = end.values.into_iter().any(|valued| valued.is_cut);
    if is_torn {
        event.torn.push("error_message".to_owned());
    }
    if let Some(spec) = span.site.spec()
        && spec.more.carried.error_is_field
        && event.data.get(ERROR).is_none()
        && !error.error_message.is_empty()
    {
        event.data.insert(ERROR, error.error_message.as_str());
        event.absent.retain(|field| field != ERROR);
        if is_torn {
            event.torn.push(ERROR.to_owned());
        }
    }
    event.error = Some(error);
}

fn error(joiner: &Joiner, span: &Span, end: &Record<'_>) -> ErrorInfo {
    let mut error = ErrorInfo::new(match end.ending {
        Ending::Panic => ErrorKind::Panic,
        Ending::Cancelled => ErrorKind::Cancelled,
        Ending::Error | Ending::Success => ErrorKind::Error,
    });
    for valued in end.values {
        if let Value::Str(text) = valued.value {
            match valued.field {
                0 => error.error_type = Cow::Owned(short_type_name(&text.to_text())),
                _ => error.error_message = text.to_text(),
            }
        }
    }
    if let Some(spec) = span.site.spec() {
        error.processor = Cow::Borrowed(spec.function);
    }
    let sites = std::iter::once(span.number).chain(joiner.sites_above(span.parent));
    error.stack_frames = sites.take(FRAMES).map(|number| source(number).to_owned()).collect();
    error
}

/// `alloc::boxed::Box<dyn core::error::Error>` becomes `Box<dyn Error>`. An `Error` keeps the module that tells it from
/// all others: `std::io::error::Error` becomes `io::Error`.
fn short_type_name(full: &str) -> String {
    let mut short = String::with_capacity(full.len());
    for word in full.split_inclusive(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')) {
        let mut path = word.rsplit("::");
        let name = path.next().unwrap_or(word);
        let is_common = name.strip_suffix(|c: char| !c.is_alphanumeric()).unwrap_or(name) == "Error";
        if let Some(module) = path.find(|module| !matches!(*module, "error" | "errors" | "err"))
            && is_common
            && !short.ends_with("dyn ")
        {
            short.push_str(module);
            short.push_str("::");
        }
        short.push_str(name);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_path() {
        assert_eq!(short_type_name("loan::stages::FundingError"), "FundingError");
        assert_eq!(
            short_type_name("alloc::boxed::Box<dyn core::error::Error + core::marker::Send>"),
            "Box<dyn Error + Send>"
        );
        assert_eq!(short_type_name("std::io::error::Error"), "io::Error");
        assert_eq!(short_type_name("&serde_json::error::Error"), "&serde_json::Error");
        assert_eq!(short_type_name("alloc::sync::Arc<anyhow::Error>"), "Arc<anyhow::Error>");
        assert_eq!(short_type_name("Error"), "Error");
        assert_eq!(short_type_name("&str"), "&str");
        assert_eq!(short_type_name("(a::B, &[c::D])"), "(B, &[D])");
    }
}
