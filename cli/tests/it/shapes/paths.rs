//! What a command has written enters; the way to each key in it leaves, as `docs/json.md` writes it: `path[].began`.

use std::collections::BTreeSet;

use serde_json::Value;

/// Of one value over several lines, or of one a line.
pub(super) fn paths(name: &str, out: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for value in serde_json::Deserializer::from_str(out).into_iter::<Value>() {
        let value = value.unwrap_or_else(|error| panic!("{name}: {error}: {out}"));
        let object = value.as_object().unwrap_or_else(|| panic!("`tense {name}` writes {value}"));
        let mut open: Vec<(String, &Value)> = Vec::new();
        for (key, value) in object {
            // The version is of every shape, and of the page.
            if key == "version" && *value == tense_store::json::VERSION {
                continue;
            }
            open.push((key.clone(), value));
        }
        while let Some((path, value)) = open.pop() {
            match value {
                Value::Object(map) => open.extend(map.iter().map(|(key, value)| (format!("{path}.{key}"), value))),
                Value::Array(list) => open.extend(list.iter().map(|item| (format!("{path}[]"), item))),
                _ => {}
            }
            all.insert(path.trim_end_matches("[]").to_owned());
        }
    }
    all
}

#[test]
fn every_key_has_its_way() {
    let out = r#"{"version":1,"a":[{"b":1},{"c":{"d":[[2]]}}]}{"e":null}"#;
    assert_eq!(paths("none", out).into_iter().collect::<Vec<_>>(), ["a", "a[].b", "a[].c", "a[].c.d", "e"]);
}
