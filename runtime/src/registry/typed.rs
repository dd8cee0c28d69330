//! The values of a recorded event go in by name; the struct that `registry!` made for it comes out, or which value is
//! wrong.

use std::fmt;

use super::Kind;
use crate::json::{self, Json};
use crate::value::Raw;

/// An event's struct, as [`registry!`](macro@crate::registry) makes them.
///
/// What it looks like from inside:
///
/// ```
/// use tense::registry::{FieldValue, Kind, ReadError, TypedEvent, Values};
///
/// #[derive(Debug, PartialEq)]
/// struct Charged {
///     amount: i64,
/// }
///
/// impl TypedEvent for Charged {
///     const NAME: &'static str = "operation.cards.charged";
///
///     fn read(values: &impl Values) -> Result<Self, ReadError> {
///         match values.value("amount") {
///             Some(FieldValue::Integer(amount)) => Ok(Self { amount }),
///             found => Err(ReadError::new(Self::NAME, "amount", Kind::Integer, found.as_ref())),
///         }
///     }
/// }
///
/// assert_eq!(Charged::read(&[("amount", FieldValue::Integer(7))]), Ok(Charged { amount: 7 }));
/// let error = Charged::read(&[]).unwrap_err();
/// assert_eq!(error.to_string(), "`amount` of operation.cards.charged should be an integer and is missing");
/// ```
pub trait TypedEvent: Sized {
    /// The event's full name.
    const NAME: &'static str;

    /// The event with those values. Fields that are not declared are left alone.
    ///
    /// # Errors
    /// When a declared field is missing and not optional, or when its value is of another kind.
    fn read(values: &impl Values) -> Result<Self, ReadError>;
}

/// Where the values of one event come from.
///
/// The layer has it for the events that it delivers; whoever reads events from elsewhere implements it in a line or
/// two.
///
/// ```
/// use std::collections::HashMap;
/// use tense::registry::{FieldValue, Values};
///
/// struct Row(HashMap<String, i64>);
///
/// impl Values for Row {
///     fn value(&self, field: &str) -> Option<FieldValue<'_>> {
///         self.0.get(field).copied().map(FieldValue::Integer)
///     }
/// }
/// # assert_eq!(Row([("a".to_owned(), 7)].into()).value("a"), Some(FieldValue::Integer(7)));
/// ```
pub trait Values {
    /// The value of that field, when there is one.
    fn value(&self, field: &str) -> Option<FieldValue<'_>>;
}

/// A list of names and values, for tests. Of two with one name the first counts.
impl<const N: usize> Values for [(&str, FieldValue<'_>); N] {
    fn value(&self, field: &str) -> Option<FieldValue<'_>> {
        self.iter().find(|(name, _)| *name == field).map(|(_, value)| value.clone())
    }
}

/// A value of a field.
///
/// ```
/// use tense::registry::FieldValue;
///
/// assert_eq!(FieldValue::Integer(7).to_string(), "the integer 7");
/// assert_eq!(FieldValue::Text("a card number").to_string(), "a text");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum FieldValue<'a> {
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A whole number that may be too large for the others.
    Unsigned(u64),
    /// A number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// The JSON text of anything else: a list, an object, `null`.
    Json(String),
}

impl fmt::Display for FieldValue<'_> {
    /// What it is. A text or a structure is not shown: an error travels further than the event that it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "the integer {value}"),
            Self::Unsigned(value) => write!(f, "the integer {value}"),
            Self::Float(value) => write!(f, "the float {value:?}"),
            Self::Text(_) => f.write_str("a text"),
            Self::Json(text) if text == "null" => f.write_str("null"),
            Self::Json(_) => f.write_str("a list or an object"),
        }
    }
}

/// An event that is not what its declaration says.
///
/// ```
/// use tense::registry::{FieldValue, Kind, ReadError};
///
/// let error = ReadError::new("sql.query", "rows", Kind::Integer, Some(&FieldValue::Float(0.5)));
/// assert_eq!(error.to_string(), "`rows` of sql.query should be an integer and is the float 0.5");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadError {
    /// The event.
    pub event: &'static str,
    /// Its field.
    pub field: &'static str,
    /// What the field is declared to hold.
    pub wanted: Kind,
    /// What was there instead, in words: `the integer 7`, `a text`. `None` when there was nothing.
    pub found: Option<String>,
}

impl ReadError {
    /// That field of that event should hold this kind, and holds that.
    pub fn new(event: &'static str, field: &'static str, wanted: Kind, found: Option<&FieldValue<'_>>) -> Self {
        Self { event, field, wanted, found: found.map(ToString::to_string) }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event, field, wanted, found } = self;
        let wanted = match wanted {
            Kind::Text => "a text",
            Kind::Integer => "an integer",
            Kind::Float => "a float",
            Kind::Bool => "true or false",
            Kind::Json => "JSON",
        };
        write!(f, "`{field}` of {event} should be {wanted} and is {}", found.as_deref().unwrap_or("missing"))
    }
}

impl std::error::Error for ReadError {}

/// Reads one field; generated code calls it.
///
/// # Errors
/// When it is missing or of another kind.
pub fn read_field<T: FromValue>(
    values: &impl Values,
    event: &'static str,
    field: &'static str,
) -> Result<T, ReadError> {
    let found = values.value(field);
    let error = ReadError::new(event, field, T::KIND, found.as_ref());
    match found {
        Some(value) => T::from_value(value),
        None => T::ABSENT,
    }
    .ok_or(error)
}

/// A type that a field of an event's struct may have.
pub trait FromValue: Sized {
    /// What it is declared as.
    const KIND: Kind;
    /// What an absent field is; `None` when it may not be absent.
    const ABSENT: Option<Self> = None;

    /// The value, when it is of that kind.
    fn from_value(value: FieldValue<'_>) -> Option<Self>;
}

impl FromValue for String {
    const KIND: Kind = Kind::Text;

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        match value {
            FieldValue::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl FromValue for i64 {
    const KIND: Kind = Kind::Integer;

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        match value {
            FieldValue::Integer(value) => Some(value),
            FieldValue::Unsigned(value) => Self::try_from(value).ok(),
            _ => None,
        }
    }
}

impl FromValue for f64 {
    const KIND: Kind = Kind::Float;

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        match value {
            FieldValue::Float(value) => Some(value),
            FieldValue::Integer(value) => Some(value as Self),
            FieldValue::Unsigned(value) => Some(value as Self),
            // What JSON has no number for is recorded by its name.
            FieldValue::Text(name @ ("NaN" | "inf" | "-inf")) => name.parse().ok(),
            _ => None,
        }
    }
}

impl FromValue for bool {
    const KIND: Kind = Kind::Bool;

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        match value {
            FieldValue::Bool(value) => Some(value),
            _ => None,
        }
    }
}

impl FromValue for Json {
    const KIND: Kind = Kind::Json;

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        Some(Self::new(match value {
            FieldValue::Bool(value) => json::text(Raw::Bool(value)),
            FieldValue::Integer(value) => json::text(Raw::I64(value)),
            FieldValue::Unsigned(value) => json::text(Raw::U64(value)),
            FieldValue::Float(value) => json::text(Raw::F64(value)),
            FieldValue::Text(text) => json::text(Raw::Str(text)),
            FieldValue::Json(text) => text,
        }))
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const KIND: Kind = T::KIND;
    const ABSENT: Option<Self> = Some(None);

    fn from_value(value: FieldValue<'_>) -> Option<Self> {
        // Where JSON itself is wanted, null is a value; elsewhere it is none.
        let is_null = matches!(&value, FieldValue::Json(text) if text == "null");
        match T::from_value(value) {
            None if is_null => Some(None),
            value => value.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldValue::{Bool, Float, Integer, Json as Structure, Text, Unsigned};
    use super::*;

    fn read<T: FromValue>(value: FieldValue<'_>) -> Result<T, String> {
        read_field(&[("field", value)], "operation.things.done", "field").map_err(|error| error.to_string())
    }

    fn refused<T>(found: &str, wanted: &str) -> Result<T, String> {
        Err(format!("`field` of operation.things.done should be {wanted} and is {found}"))
    }

    #[test]
    fn integers_are_integers_and_nothing_else() {
        assert_eq!(read::<i64>(Integer(-7)), Ok(-7));
        assert_eq!(read::<i64>(Unsigned(7)), Ok(7));
        assert_eq!(read::<i64>(Unsigned(u64::MAX)), refused("the integer 18446744073709551615", "an integer"));
        assert_eq!(read::<i64>(Float(7.0)), refused("the float 7.0", "an integer"));
        assert_eq!(read::<i64>(Text("7")), refused("a text", "an integer"));
        assert_eq!(read::<Option<i64>>(Text("7")), refused("a text", "an integer"));
    }

    #[test]
    fn floats_are_all_numbers() {
        assert_eq!(read::<f64>(Float(0.5)), Ok(0.5));
        assert_eq!(read::<f64>(Integer(-2)), Ok(-2.0));
        assert_eq!(read::<f64>(Unsigned(u64::MAX)), Ok(18_446_744_073_709_551_615.0));
        assert_eq!(read::<f64>(Text("-inf")), Ok(f64::NEG_INFINITY));
        assert!(read::<f64>(Text("NaN")).is_ok_and(f64::is_nan));
        assert_eq!(read::<f64>(Text("infinite")), refused("a text", "a float"));
        assert_eq!(read::<f64>(Bool(true)), refused("true", "a float"));
    }

    #[test]
    fn texts_and_truth_values_are_not_made_of_others() {
        assert_eq!(read::<String>(Text("a")), Ok("a".to_owned()));
        assert_eq!(read::<String>(Structure("[]".to_owned())), refused("a list or an object", "a text"));
        assert_eq!(read::<bool>(Bool(false)), Ok(false));
        assert_eq!(read::<bool>(Integer(0)), refused("the integer 0", "true or false"));
    }

    #[test]
    fn json_is_made_of_everything() {
        for (value, text) in [
            (Bool(true), "true"),
            (Integer(-1), "-1"),
            (Unsigned(1), "1"),
            (Float(1.0), "1.0"),
            (Float(f64::INFINITY), "\"inf\""),
            (Text("a \"b\""), "\"a \\\"b\\\"\""),
            (Structure("{\"a\":1}".to_owned()), "{\"a\":1}"),
        ] {
            assert_eq!(read::<Json>(value), Ok(Json::new(text)));
        }
    }

    #[test]
    fn an_absent_value_is_none_or_missing_and_null_is_absent_where_json_is_not_wanted() {
        let null = || Structure("null".to_owned());
        assert_eq!(read_field::<Option<bool>>(&[], "a.b", "c"), Ok(None));
        let error = read_field::<bool>(&[], "a.b", "c").unwrap_err();
        assert_eq!((error.event, error.field, error.wanted, error.found), ("a.b", "c", Kind::Bool, None));
        assert_eq!(read::<Option<bool>>(null()), Ok(None));
        assert_eq!(read::<bool>(null()), refused("null", "true or false"));
        assert_eq!(read::<Option<Json>>(null()), Ok(Some(Json::new("null"))));
    }
}
