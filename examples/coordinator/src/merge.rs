//! What branches have written enters, in their order; one value leaves.

use serde::Deserialize;
use serde_json::{Map, Value};

/// How several values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Strategy {
    /// A list of them, in the order of the branches.
    Append,
    /// An object with the number of the branch as key.
    Keyed,
    /// One object of all; where two have a field of one name, the later branch wins.
    Combine,
    /// Their sum.
    Sum,
    /// That of the last branch.
    Last,
}

impl Strategy {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Keyed => "keyed",
            Self::Combine => "combine",
            Self::Sum => "sum",
            Self::Last => "last",
        }
    }

    /// Makes one value of all.
    pub(crate) fn merge(self, values: Vec<Value>) -> Result<Value, String> {
        match self {
            Self::Append => Ok(Value::Array(values)),
            Self::Keyed => Ok(values
                .into_iter()
                .enumerate()
                .map(|(n, value)| (n.to_string(), value))
                .collect::<Map<_, _>>()
                .into()),
            Self::Combine => {
                let mut all = Map::new();
                for value in values {
                    let Value::Object(fields) = value else { return Err(format!("{value} cannot be combined")) };
                    all.extend(fields);
                }
                Ok(all.into())
            }
            Self::Sum => sum(&values),
            Self::Last => Ok(values.into_iter().next_back().unwrap_or_default()),
        }
    }
}

/// The sum of numbers: a whole one when all of them are.
pub(crate) fn sum(values: &[Value]) -> Result<Value, String> {
    let too_large = || "the sum is larger than a number can be".to_owned();
    let whole = |value: &Value| value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
    if let Some(sum) = values.iter().map(whole).try_fold(0_i128, |sum, value| sum.checked_add(value?)) {
        let number = i64::try_from(sum).map(Value::from).or_else(|_| u64::try_from(sum).map(Value::from));
        return number.map_err(|_| too_large());
    }
    let number = |value: &Value| value.as_f64().ok_or_else(|| format!("{value} cannot be added up"));
    let sum = values.iter().map(number).sum::<Result<f64, String>>()?;
    // JSON has no word for what is behind the largest number.
    if sum.is_finite() { Ok(sum.into()) } else { Err(too_large()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_strategy() {
        let check = |strategy: Strategy, values: Value, expected: Result<Value, &str>| {
            let Value::Array(values) = values else { unreachable!() };
            assert_eq!(strategy.merge(values), expected.map_err(str::to_owned), "{strategy:?}");
        };
        check(Strategy::Append, json!([1, null, "a"]), Ok(json!([1, null, "a"])));
        check(Strategy::Keyed, json!(["a", "b"]), Ok(json!({"0": "a", "1": "b"})));
        check(Strategy::Combine, json!([{"a": 1, "b": 1}, {"b": 2}]), Ok(json!({"a": 1, "b": 2})));
        check(Strategy::Combine, json!([{"a": 1}, 7]), Err("7 cannot be combined"));
        check(Strategy::Sum, json!([1, 2]), Ok(json!(3)));
        check(Strategy::Sum, json!([1, 2.5]), Ok(json!(3.5)));
        check(Strategy::Sum, json!([1, "a"]), Err("\"a\" cannot be added up"));
        check(Strategy::Sum, json!([]), Ok(json!(0)));
        check(Strategy::Sum, json!([u64::MAX]), Ok(json!(u64::MAX)));
        check(Strategy::Sum, json!([u64::MAX, 1]), Err("the sum is larger than a number can be"));
        check(Strategy::Sum, json!([1e308, 1e308]), Err("the sum is larger than a number can be"));
        check(Strategy::Last, json!([1, 2]), Ok(json!(2)));
        check(Strategy::Last, json!([]), Ok(Value::Null));
    }
}
