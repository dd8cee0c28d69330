//! Whatever is written comes back; whatever bytes there are, reading them ends.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn here(text: Text<'_>) -> Result<Cow<'static, str>, Malformed> {
    text.here().map(Cow::Owned).ok_or(Malformed)
}

fn round(value: &Value) -> (usize, Value) {
    let mut out = Vec::new();
    put_value(&mut out, value);
    let mut bytes = Bytes(&out);
    let read = bytes.value(&mut here).unwrap();
    assert!(bytes.is_empty());
    (out.len(), read)
}

#[test]
fn ids_take_half_the_room() {
    let check = |text: &str, bytes| assert_eq!(round(&json!(text)), (bytes, json!(text)));
    check("0190163d-8694-739b-96b6-f0a7b0c1d2e3", 17);
    check("job_0190163d-8694-739b-96b6-f0a7b0c1d2e3", 21);
    check("0190163d8694739b", 10);
    check("0190163D8694739B", 18);
    check("0190163d-8694-739b-96b6-f0a7b0c1d2e", 37);
    check("0190163d-8694-739b-96b6-f0a7b0c1d2eg", 38);
    check("0190163d-8694-739b-96b60f0a7b0c1d2e3", 38);
    check("abc", 4);
    check("", 1);
}

#[test]
fn numbers_come_back_bit_by_bit() {
    for value in [json!(0), json!(u64::MAX), json!(i64::MIN), json!(-1), json!(LARGEST), json!(LARGEST + 1)] {
        assert_eq!(round(&value).1, value);
    }
    for bits in [0.1_f64, -0.0, f64::MIN_POSITIVE, f64::MAX, 1.0, 5e-324] {
        assert_eq!(round(&json!(bits)).1.as_f64().unwrap().to_bits(), bits.to_bits());
    }
    for number in [0, 1, -1, i64::MIN, i64::MAX] {
        let mut out = Vec::new();
        put_signed(&mut out, number);
        assert_eq!(Bytes(&out).signed(), Ok(number));
    }
}

#[test]
fn what_lies_about_its_size_takes_no_memory() {
    let mut out = Vec::new();
    put_head(&mut out, kind::ARRAY, LARGEST);
    assert_eq!(Bytes(&out).value(&mut here), Err(Malformed));
    let deep = vec![1 << 4 | kind::ARRAY as u8; 100_000];
    assert_eq!(Bytes(&deep).value(&mut here), Err(Malformed));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |float| float.is_finite()).prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9a-f]{0,40}".prop_map(Value::from),
        "[a-z_]{0,4}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-fA]{12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,8}", inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_comes_back(value in any_value()) {
        prop_assert_eq!(round(&value).1, value);
    }

    #[test]
    fn any_value_is_passed_over(values in prop::collection::vec(any_value(), 1..4)) {
        let mut out = Vec::new();
        values.iter().for_each(|value| put_value(&mut out, value));
        let mut bytes = Bytes(&out);
        for value in &values {
            match bytes.skip().unwrap() {
                Scalar::Text(text) => prop_assert_eq!(text.here(), value.as_str().map(str::to_owned)),
                Scalar::Whole(number) => prop_assert_eq!(Some(number), value.as_i64()),
                Scalar::Other => prop_assert!(!value.is_string()),
            }
        }
        prop_assert!(bytes.is_empty());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut rest = Bytes(&bytes);
        while rest.value(&mut |text| Ok(text.here().unwrap_or_default().into())).is_ok() {}
        let mut rest = Bytes(&bytes);
        while rest.skip().is_ok() {}
    }
}
