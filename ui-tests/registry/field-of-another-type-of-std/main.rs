//~ tense.toml declares this field as `string`, and `Option<tense::__private::Formatted>` is none [fields/type]
//~ tense.toml declares this field as `string?`, and `Vec<&str>` is none [fields/type]
//~ tense.toml declares this field as `integer`, and `Duration` is none [fields/type]
//~ tense.toml declares this field as `integer?`, and `u128` is none [fields/type]
//~ tense.toml declares this field as `float`, and `char` is none [fields/type]
//~ tense.toml declares this field as `bool`, and `AtomicU8` is none [fields/type]
//~ tense.toml declares this field as `json`, and `Option<Vec<u8>>` cannot be recorded as such [fields/type]

use std::sync::atomic::AtomicU8;
use std::time::Duration;

use tense::traced;

#[traced(operation.values.seen, fields(%s, s2, i, i2, f, b, j))]
fn see(s: Option<u8>, s2: Vec<&str>, i: Duration, i2: u128, f: char, b: AtomicU8, j: Option<Vec<u8>>) {}

fn main() {
    see(None, vec![], Duration::ZERO, 1, 'a', AtomicU8::new(1), None);
}
