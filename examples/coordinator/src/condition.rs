//! The text of a condition enters, as in `state.total > 100 and not (input.trial == true)`; something that can be asked
//! whether it holds leaves, or the column at which the text goes wrong.
//!
//! ```text
//! any        = all { "or" all }
//! all        = one { "and" one }
//! one        = "not" one | "(" any ")" | path operator literal
//! operator   = "==" | "!=" | "<" | "<=" | ">" | ">="
//! literal    = a JSON text, number, true, false or null
//! ```

use std::cmp::Ordering;

use serde_json::Value;

use crate::mapping::{Path, ROOTS};

/// A condition that has been understood.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Condition {
    Any(Vec<Self>),
    All(Vec<Self>),
    Not(Box<Self>),
    Compare(Path, Operator, Value),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Longer ones first, so that `<` is not found in `<=`.
const OPERATORS: [(&str, Operator); 6] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

/// So deep may parentheses and `not` be nested.
const DEEPEST: usize = 64;

impl Condition {
    /// Understands the text.
    ///
    /// # Errors
    /// What was expected, and the column at which it is not there, counted from 1 in characters.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let condition = parser.any()?;
        parser.skip_spaces();
        if parser.rest().is_empty() { Ok(condition) } else { Err(parser.expected("`and`, `or` or the end")) }
    }

    /// Whether it holds. A path that leads nowhere is null; values of two kinds have no order.
    pub(crate) fn holds(&self, values: &Value) -> bool {
        match self {
            Self::Any(list) => list.iter().any(|condition| condition.holds(values)),
            Self::All(list) => list.iter().all(|condition| condition.holds(values)),
            Self::Not(condition) => !condition.holds(values),
            Self::Compare(path, operator, literal) => operator.holds(path.get(values).unwrap_or(&Value::Null), literal),
        }
    }
}

impl Operator {
    fn holds(self, value: &Value, literal: &Value) -> bool {
        let order = match (value, literal) {
            (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()),
            (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
            (a, b) => (a == b).then_some(Ordering::Equal),
        };
        match self {
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
        }
    }
}

struct Parser<'t> {
    text: &'t str,
    /// In bytes.
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn any(&mut self) -> Result<Condition, String> {
        let mut list = vec![self.all()?];
        while self.took_word("or") {
            list.push(self.all()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Condition::Any(list) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut list = vec![self.one()?];
        while self.took_word("and") {
            list.push(self.one()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Condition::All(list) })
    }

    fn one(&mut self) -> Result<Condition, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.expected("something less deeply nested"));
        }
        let condition = if self.took_word("not") {
            Condition::Not(Box::new(self.one()?))
        } else if self.took("(") {
            let inner = self.any()?;
            if !self.took(")") {
                return Err(self.expected("`)`"));
            }
            inner
        } else {
            self.compare()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn compare(&mut self) -> Result<Condition, String> {
        self.skip_spaces();
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
        if length == 0 {
            return Err(self.expected("a path such as `state.total`"));
        }
        let path = Path::parse(&rest[..length], &ROOTS).map_err(|why| format!("column {}: {why}", self.column()))?;
        self.at += length;
        let Some((_, operator)) = OPERATORS.into_iter().find(|(sign, _)| self.took(sign)) else {
            return Err(self.expected("one of == != < <= > >="));
        };
        Ok(Condition::Compare(path, operator, self.literal()?))
    }

    fn literal(&mut self) -> Result<Value, String> {
        self.skip_spaces();
        let rest = self.rest();
        let length = match rest.strip_prefix('"') {
            Some(text) => text_length(text).map_or(rest.len(), |length| length + 2),
            None => rest.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(rest.len()),
        };
        match serde_json::from_str::<Value>(&rest[..length]) {
            Ok(value) if !value.is_array() && !value.is_object() => {
                self.at += length;
                Ok(value)
            }
            _ => Err(self.expected("a text in quotes, a number, true, false or null")),
        }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn skip_spaces(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn took(&mut self, sign: &str) -> bool {
        self.skip_spaces();
        let is_there = self.rest().starts_with(sign);
        if is_there {
            self.at += sign.len();
        }
        is_there
    }

    /// A word ends where a letter, a digit, `_` or a dot does not follow: `orders.x` is a path.
    fn took_word(&mut self, word: &str) -> bool {
        self.skip_spaces();
        let behind = self.rest().strip_prefix(word);
        let ends = behind.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.'));
        ends && self.took(word)
    }

    fn column(&self) -> usize {
        self.text[..self.at].chars().count() + 1
    }

    fn expected(&mut self, what: &str) -> String {
        self.skip_spaces();
        let found = match self.rest().split_whitespace().next() {
            Some(word) => format!("`{word}`"),
            None => "the end".to_owned(),
        };
        format!("column {}: expected {what}, found {found}", self.column())
    }
}

/// How long a text in quotes is, up to its closing one.
fn text_length(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.find(|c: char| {
        let is_end = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_end
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_hold_or_do_not() {
        let values = json!({"state": {"total": 7, "name": "ada", "list": []}, "input": {"trial": true}});
        let check = |text: &str, expected: bool| {
            assert_eq!(Condition::parse(text).unwrap().holds(&values), expected, "{text}");
        };
        check("state.total == 7", true);
        check("state.total == 7.0", true);
        check("state.total >= 8", false);
        check("state.name < \"bob\"", true);
        check("(state.name != \"a\\\"d)\")", true);
        check("state.nothing == null", true);
        check("state.name > 3", false);
        check("not state.total > 100 and input.trial == true", true);
        check("state.total > 100 or (state.total < 8 and input.trial != false)", true);
        check("not (state.total == 7 or input.trial == true)", false);
    }

    #[test]
    fn what_cannot_be_understood_has_its_column() {
        let check = |text: &str, expected: &str| assert_eq!(Condition::parse(text).unwrap_err(), expected, "{text}");
        check("", "column 1: expected a path such as `state.total`, found the end");
        check("state.total = 7", "column 13: expected one of == != < <= > >=, found `=`");
        check("state.total == ", "column 16: expected a text in quotes, a number, true, false or null, found the end");
        check("state.total == 7 ort", "column 18: expected `and`, `or` or the end, found `ort`");
        check("(state.total == 7", "column 18: expected `)`, found the end");
        check(
            "total == 7",
            "column 1: the path `total` begins with none of input, state, output, branch, item, index, run",
        );
        let deep = "not ".repeat(100_000);
        assert!(Condition::parse(&deep).unwrap_err().contains("less deeply nested"));
    }
}
