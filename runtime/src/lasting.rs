//! A value that borrows goes in; one that outlives the call that named it comes out.

use crate::ring::MAX_RECORD;
use crate::value::Raw;

/// The longest text that a record has room for, in bytes: it takes half of the record at most.
const LONGEST: usize = MAX_RECORD * 8 / 2;

/// A value that owns what it is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Bool(bool),
    I64(i64),
    U64(u64),
    F64(f64),
    Str(String),
    Json(String),
}

impl Value {
    fn raw(&self) -> Raw<'_> {
        match self {
            Self::Bool(value) => Raw::Bool(*value),
            Self::I64(value) => Raw::I64(*value),
            Self::U64(value) => Raw::U64(*value),
            Self::F64(value) => Raw::F64(*value),
            Self::Str(text) => Raw::Str(text),
            Self::Json(text) => Raw::Json(text),
        }
    }
}

/// A value that outlives the call that named it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lasting {
    Absent,
    Is(Value),
    /// A text or JSON that has lost its end, when it was formatted or here, or JSON from which something was left out.
    Cut(Value),
}

impl Lasting {
    pub(crate) fn of(raw: Raw<'_>) -> Self {
        match raw {
            Raw::Absent => Self::Absent,
            Raw::Bool(value) => Self::Is(Value::Bool(value)),
            Raw::I64(value) => Self::Is(Value::I64(value)),
            Raw::U64(value) => Self::Is(Value::U64(value)),
            Raw::F64(value) => Self::Is(Value::F64(value)),
            Raw::Str(text) => Self::text(text, false, Value::Str),
            Raw::Json(text) => Self::text(text, false, Value::Json),
            Raw::CutStr(text) => Self::text(text, true, Value::Str),
            Raw::CutJson(text) => Self::text(text, true, Value::Json),
            Raw::Pieces(pieces) => {
                let (text, is_cut) = pieces.text();
                let value = if pieces.is_json() { Value::Json(text) } else { Value::Str(text) };
                if is_cut { Self::Cut(value) } else { Self::Is(value) }
            }
        }
    }

    /// Of a text or JSON as much as a record has room for, so that a huge one is not copied as a whole.
    fn text(text: &str, is_cut: bool, value: impl FnOnce(String) -> Value) -> Self {
        let head = &text[..text.floor_char_boundary(LONGEST)];
        let is_cut = is_cut || head.len() < text.len();
        let value = value(head.to_owned());
        if is_cut { Self::Cut(value) } else { Self::Is(value) }
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
