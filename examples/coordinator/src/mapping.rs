//! Values of a run enter; what a node is given, and what is taken out of its result, leaves.
//!
//! A path is words between dots, and begins with a root: `input`, `state`, `output`, `branch`, `item`, `index`, `run`,
//! and `result` where a task has one. What stands in a mapping is JSON, in which `"$state.files"` stands for the value
//! under that path and `"{item}.txt"` is a text with values in it. `$$` at its begin stands for `$`, and `{{` for `{`.

use std::fmt;

use serde_json::{Map, Value};
use tense::Json;

/// The roots of the paths that may be read anywhere.
pub(crate) const ROOTS: [&str; 7] = ["input", "state", "output", "branch", "item", "index", "run"];

/// Where a value lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(Vec<String>);

impl Path {
    /// Takes the path apart; `roots` are those that it may begin with.
    pub(crate) fn parse(text: &str, roots: &[&str]) -> Result<Self, String> {
        let words: Vec<String> = text.split('.').map(str::to_owned).collect();
        let is_word = |word: &String| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
        if !words.iter().all(is_word) {
            return Err(format!("`{text}` is no path: words between dots, as in `state.total`"));
        }
        if !roots.contains(&words[0].as_str()) {
            return Err(format!("the path `{text}` begins with none of {}", roots.join(", ")));
        }
        Ok(Self(words))
    }

    pub(crate) fn root(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }

    /// What comes behind the root.
    pub(crate) fn words(&self) -> &[String] {
        self.0.get(1..).unwrap_or_default()
    }

    /// The value under this path, if there is one.
    pub(crate) fn get<'v>(&self, values: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(values, |value, word| match value {
            Value::Array(list) => list.get(word.parse::<usize>().ok()?),
            other => other.get(word),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// What a node is given under one name.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Source {
    Literal(Value),
    Path(Path),
    /// Texts and paths, one behind the other.
    Template(Vec<Part>),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Path(Path),
}

impl Source {
    /// Reads what stands in the definition.
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => match text.strip_prefix('$') {
                Some(plain) if plain.starts_with('$') => Self::text(plain)?,
                Some(path) => Self::Path(Path::parse(path, &ROOTS)?),
                None => Self::text(text)?,
            },
            Value::Array(list) => Self::List(list.iter().map(Self::parse).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let parse = |(name, value): (&String, &Value)| Ok((name.clone(), Self::parse(value)?));
                Self::Object(fields.iter().map(parse).collect::<Result<_, String>>()?)
            }
            plain => Self::Literal(plain.clone()),
        })
    }

    /// A text, with values in it or without.
    fn text(text: &str) -> Result<Self, String> {
        if text.contains('{') { Ok(Self::Template(template(text)?)) } else { Ok(Self::Literal(text.into())) }
    }

    /// The value that it stands for; a path that leads nowhere stands for null.
    pub(crate) fn value(&self, values: &Value) -> Value {
        match self {
            Self::Literal(value) => value.clone(),
            Self::Path(path) => path.get(values).cloned().unwrap_or_default(),
            Self::Template(parts) => Value::String(parts.iter().map(|part| part.text(values)).collect()),
            Self::List(list) => list.iter().map(|source| source.value(values)).collect(),
            Self::Object(fields) => {
                fields.iter().map(|(name, source)| (name.clone(), source.value(values))).collect::<Map<_, _>>().into()
            }
        }
    }

    /// Every path in it.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Path(path) => vec![path],
            Self::Template(parts) => parts.iter().filter_map(Part::path).collect(),
            Self::List(list) => list.iter().flat_map(Self::paths).collect(),
            Self::Object(fields) => fields.iter().flat_map(|(_, source)| source.paths()).collect(),
        }
    }
}

impl Part {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Text(_) => None,
            Self::Path(path) => Some(path),
        }
    }

    fn text(&self, values: &Value) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Path(path) => match path.get(values) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            },
        }
    }
}

fn template(text: &str) -> Result<Vec<Part>, String> {
    let (mut parts, mut rest) = (Vec::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        if let Some(behind) = after.strip_prefix('{') {
            parts.push(Part::Text(format!("{before}{{")));
            rest = behind;
            continue;
        }
        let Some((path, behind)) = after.split_once('}') else {
            return Err(format!("in `{text}` a `{{` is never closed"));
        };
        parts.push(Part::Text(before.to_owned()));
        parts.push(Part::Path(Path::parse(path, &ROOTS)?));
        rest = behind;
    }
    parts.push(Part::Text(rest.to_owned()));
    Ok(parts)
}

/// Puts a value into an object, under the words of a path; objects on the way are made.
pub(crate) fn put(object: &mut Map<String, Value>, words: &[String], value: Value) -> Result<(), String> {
    let Some((last, way)) = words.split_last() else { return Err("a section is no field".to_owned()) };
    let mut at = object;
    for word in way {
        let below = at.entry(word.clone()).or_insert_with(|| Map::new().into());
        match below {
            Value::Object(below) => at = below,
            other => return Err(format!("`{word}` is {other}, and not an object that could hold `{last}`")),
        }
    }
    at.insert(last.clone(), value);
    Ok(())
}

/// The form in which JSON is recorded as a field: with its structure.
pub(crate) fn field(value: &Value) -> Json {
    Json::new(value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sources_stand_for_values() {
        let values = json!({"state": {"files": ["a", "b"], "total": 7}, "item": "x y"});
        let check = |source: Value, expected: Value| {
            assert_eq!(Source::parse(&source).unwrap().value(&values), expected, "{source}");
        };
        check(json!("plain"), json!("plain"));
        check(json!("$state.files"), json!(["a", "b"]));
        check(json!("$state.files.1"), json!("b"));
        check(json!("$state.nothing"), Value::Null);
        check(json!("out/{item}-{state.total}.json"), json!("out/x y-7.json"));
        check(json!({"to": ["$item", 3]}), json!({"to": ["x y", 3]}));
        // Twice, a sign stands for itself.
        check(json!("$$state.files"), json!("$state.files"));
        check(json!("$$"), json!("$"));
        check(json!("{{\"n\": {state.total}}"), json!("{\"n\": 7}"));
        check(json!("{{{item}}"), json!("{x y}"));
        check(json!("{{item}"), json!("{item}"));
        check(json!("$$ {state.total}"), json!("$ 7"));
        check(json!("costs 7$$"), json!("costs 7$$"));
    }

    #[test]
    fn what_is_no_source_says_why() {
        let check = |source: &str, expected: &str| {
            assert_eq!(Source::parse(&json!(source)).unwrap_err(), expected);
        };
        check("$sate.x", "the path `sate.x` begins with none of input, state, output, branch, item, index, run");
        check("$state..x", "`state..x` is no path: words between dots, as in `state.total`");
        check("a{item", "in `a{item` a `{` is never closed");
    }

    #[test]
    fn values_are_put_below_objects_only() {
        let mut state = Map::new();
        let words = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        put(&mut state, &words("a.b"), json!(1)).unwrap();
        assert_eq!(Value::from(state.clone()), json!({"a": {"b": 1}}));
        let error = put(&mut state, &words("a.b.c"), json!(2)).unwrap_err();
        assert_eq!(error, "`b` is 1, and not an object that could hold `c`");
    }
}
