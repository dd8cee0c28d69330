//! A JSON text that was cut goes in; the structure that is left of it comes out, without the element in which it was
//! cut. In a structure a key that names a secret hides all that is below it, which no look at a torn text can promise.

use serde_json::Value;

/// Nothing, where no structure had begun or it was no JSON before it was cut.
#[cold]
pub(super) fn mended(text: &str) -> Option<Value> {
    let (whole, closing) = whole_elements(text)?;
    let mut mended = String::with_capacity(whole.len() + closing.len());
    mended.push_str(whole);
    mended.extend(closing.iter().rev());
    serde_json::from_str(&mended).ok()
}

/// The text up to the end of its last whole element, and what has to close it, the outermost first.
fn whole_elements(text: &str) -> Option<(&str, Vec<char>)> {
    let (mut open, mut is_text, mut is_escaped) = (Vec::new(), false, false);
    let mut last = None;
    for (at, char) in text.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = is_text,
            '"' => is_text = !is_text,
            _ if is_text => {}
            '{' | '[' => {
                open.push(if char == '{' { '}' } else { ']' });
                last = Some((at + 1, open.len()));
            }
            '}' | ']' => {
                open.pop()?;
                last = Some((at + 1, open.len()));
            }
            ',' => last = Some((at, open.len())),
            _ => {}
        }
    }
    // What is open at the end was open at the last element, which nothing has been closed behind.
    let (end, depth) = last?;
    open.truncate(depth);
    Some((text.get(..end)?, open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_was_cut_off_what_is_left_is_a_part_of_it() {
        let text = r#"{"a":[1,2,{"b":"x,]}\"\\","c":[]}],"d":{"password":["p","q"],"e":null},"f":"ä","g":-1.5e3}"#;
        let whole: Value = serde_json::from_str(text).unwrap();
        for cut in 1..text.len() {
            let Some(cut) = text.get(..cut) else { continue };
            let mended = mended(cut).unwrap_or_else(|| panic!("{cut}"));
            assert!(is_part(&mended, &whole), "{cut}: {mended}");
        }
        let three = mended(r#"{"a":[1,2,{"b":1},3"#).unwrap();
        assert_eq!(three.to_string(), r#"{"a":[1,2,{"b":1}]}"#);
    }

    fn is_part(part: &Value, whole: &Value) -> bool {
        match (part, whole) {
            (Value::Array(part), Value::Array(whole)) => {
                part.len() <= whole.len() && part.iter().zip(whole).all(|(part, whole)| is_part(part, whole))
            }
            (Value::Object(part), Value::Object(whole)) => {
                part.iter().all(|(key, part)| whole.get(key).is_some_and(|whole| is_part(part, whole)))
            }
            _ => part == whole,
        }
    }

    #[test]
    fn what_is_no_json_stays_a_text() {
        for text in ["", "plain, text", "\"torn", "12", "}{", "[1,2]]", "{a:1,", "[\"a\" \"b\","] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}
