//! A value that borrows goes in; one that outlives the call that named it comes out.

use crate::record::Value;
use crate::value::Raw;

/// A value that outlives the call that named it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Owned {
    Absent,
    Is(Value),
    /// A text whose end was cut off when it was formatted, or JSON from which something was left out.
    Cut(Value),
}

impl Owned {
    pub(crate) fn of(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Absent => Self::Absent,
            Raw::Bool(value) => Self::Is(Value::Bool(value)),
            Raw::I64(value) => Self::Is(Value::I64(value)),
            Raw::U64(value) => Self::Is(Value::U64(value)),
            Raw::F64(value) => Self::Is(Value::F64(value)),
            Raw::Str(text) => Self::Is(Value::Str(kept(text))),
            Raw::Json(text) => Self::Is(Value::Json(text.to_owned())),
            Raw::CutStr(text) => Self::Cut(Value::Str(kept(text))),
            Raw::CutJson(text) => Self::Cut(Value::Json(text.to_owned())),
            Raw::Pieces(pieces) => {
                let (text, is_cut) = pieces.text();
                let value = if pieces.is_json() { Value::Json(text) } else { Value::Str(text) };
                if is_cut { Self::Cut(value) } else { Self::Is(value) }
            }
        }
    }

    pub(crate) fn raw(&self) -> Raw<'_> {
        match self {
            Self::Absent => Raw::Absent,
            Self::Cut(Value::Json(text)) => Raw::CutJson(text),
            Self::Cut(Value::Str(text)) => Raw::CutStr(text),
            Self::Cut(value) | Self::Is(value) => value.raw(),
        }
    }
}

/// More of a text than a record has room for, which sees that its end is missing.
fn kept(text: &str) -> String {
    const LONGEST: usize = 16 * 1024;
    text[..text.floor_char_boundary(LONGEST)].to_owned()
}
