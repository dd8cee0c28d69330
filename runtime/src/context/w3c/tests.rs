//! The facts of the specification: W3C Trace Context, Level 1, and the cases of its test suite (`w3c/trace-context`,
//! `test/test.py`), in our words.

use proptest::prelude::*;

use super::*;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn parsed(header: &str) -> Result<TraceContext, TraceparentError> {
    header.parse()
}

/// What comes of that list beside a `traceparent`.
fn passed_on(tracestate: &str) -> Option<String> {
    let above = parsed(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
    above.with_tracestate(tracestate).tracestate().map(str::to_owned)
}

#[test]
fn the_examples_of_the_specification_are_read_and_written_as_they_are() {
    for (header, is_sampled) in [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", false),
        ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true),
    ] {
        let above = parsed(header).unwrap();
        assert_eq!(above.is_sampled(), is_sampled);
        assert_eq!(above.traceparent().as_deref(), Some(header));
        assert_eq!(
            (above.trace_id().as_str(), above.parent_span_id().as_deref()),
            (&header[3..35], Some(&header[36..52]))
        );
    }
}

#[test]
fn what_is_no_traceparent_is_refused_with_its_reason() {
    use TraceparentError::{Dash, Flags, Length, SpanId, TraceId, Version};
    let table = [
        (String::new(), Length { got: 0 }),
        ("0".into(), Length { got: 1 }),
        (format!("00-{TRACE}-{SPAN}"), Length { got: 52 }),
        (format!("00-{TRACE}-{SPAN}-01-what-the-future-holds"), Length { got: 77 }),
        (format!("00-{TRACE}-{SPAN}-01-"), Length { got: 56 }),
        (format!("00-{TRACE}-{SPAN}-01."), Length { got: 56 }),
        (format!("ff-{TRACE}-{SPAN}-01"), Version),
        (format!(".0-{TRACE}-{SPAN}-01"), Version),
        (format!("0.-{TRACE}-{SPAN}-01"), Version),
        (format!("CC-{TRACE}-{SPAN}-01"), Version),
        (format!("+1-{TRACE}-{SPAN}-01"), Version),
        (format!("00_{TRACE}-{SPAN}-01"), Dash { at: 2 }),
        (format!("00-{TRACE}_{SPAN}-01"), Dash { at: 35 }),
        (format!("00-{TRACE}-{SPAN}_01"), Dash { at: 52 }),
        (format!("cc-{TRACE}-{SPAN}-01.what-the-future-will-not-be"), Dash { at: 55 }),
        (format!("00-{}-{SPAN}-01", "0".repeat(32)), TraceId),
        (format!("00-{}-{SPAN}-01", TRACE.to_uppercase()), TraceId),
        (format!("00-.{}-{SPAN}-01", &TRACE[1..]), TraceId),
        (format!("00-{}é-{SPAN}-01", &TRACE[2..]), TraceId),
        (format!("00-{TRACE}-{}-01", "0".repeat(16)), SpanId),
        (format!("00-{TRACE}-{}-01", SPAN.to_uppercase()), SpanId),
        (format!("00-{TRACE}-.{}-01", &SPAN[1..]), SpanId),
        (format!("00-{TRACE}-{SPAN}-.0"), Flags),
        (format!("00-{TRACE}-{SPAN}-0."), Flags),
        (format!("00-{TRACE}-{SPAN}-0A"), Flags),
        // Too short a trace id moves all that is behind it.
        (format!("00-{}-{SPAN}-01", &TRACE[1..]), Length { got: 54 }),
        (format!("cc-{}-{SPAN}-01-x", &TRACE[1..]), Dash { at: 35 }),
    ];
    for (header, why) in table {
        assert_eq!(parsed(&header), Err(why), "{header}");
        assert!(why.to_string().starts_with("no traceparent: "));
    }
}

#[test]
fn a_version_of_the_future_is_read_as_far_as_it_is_known() {
    for header in [
        format!("cc-{TRACE}-{SPAN}-01"),
        format!("cc-{TRACE}-{SPAN}-01-what-the-future-holds"),
        format!("01-{TRACE}-{SPAN}-09-"),
    ] {
        let above = parsed(&header).unwrap();
        assert_eq!(
            above.traceparent(),
            Some(format!("00-{TRACE}-{SPAN}-01")),
            "{header}: written as the version that is known"
        );
    }
}

#[test]
fn of_the_flags_only_the_one_that_is_known_is_passed_on() {
    for (flags, out) in [("ff", "01"), ("fe", "00"), ("09", "01"), ("02", "00")] {
        let header = parsed(&format!("00-{TRACE}-{SPAN}-{flags}")).unwrap().traceparent();
        assert_eq!(header, Some(format!("00-{TRACE}-{SPAN}-{out}")));
    }
}

#[test]
fn a_tracestate_is_passed_on_as_it_came() {
    let longest_key = format!("{}=1", "z".repeat(256));
    let with_system = format!("{}@{}=1", "t".repeat(241), "v".repeat(14));
    let table = [
        "foo=1",
        "foo=1,bar=2",
        "foo=1 \t , \t bar=2, \t baz=3",
        "foo=1,,,bar=2",
        "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7",
        "0tenant@vendor=x y!~",
        "foo-_*/bar=1",
        longest_key.as_str(),
        with_system.as_str(),
    ];
    for header in table {
        assert_eq!(passed_on(header).as_deref(), Some(header));
    }
    let most = (0..32).map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(",");
    assert_eq!(passed_on(&most), Some(most));
}

#[test]
fn what_is_no_tracestate_is_left_out_as_a_whole() {
    let table = [
        "",
        " , ",
        "foo",
        "foo=",
        "foo=1;bar=2",
        "foo =1",
        "FOO=1",
        "foo.bar=1",
        "0foo=1",
        "foo@=1,bar=2",
        "@foo=1,bar=2",
        "foo@@bar=1,bar=2",
        "foo@0vendor=1",
        "foo=1,foo=1",
        "foo=1,foo=2",
        "foo=bar=baz",
        "foo=é",
        "foo=1\u{0},bar=2",
    ];
    for header in table {
        assert_eq!(passed_on(header), None, "{header}");
    }
    for header in [
        format!("{}=1", "z".repeat(257)),
        format!("{}@v=1", "t".repeat(242)),
        format!("t@{}=1", "v".repeat(15)),
        format!("foo={}", "x".repeat(257)),
        (0..33).map(|n| format!("bar{n:02}={n:02}")).collect::<Vec<_>>().join(","),
        "a=1,".repeat(5000),
    ] {
        assert_eq!(passed_on(&header), None, "{header}");
    }
}

#[test]
fn of_too_long_a_list_whole_entries_go_the_long_ones_first() {
    let long = format!("long={}", "x".repeat(200));
    let short: Vec<String> = (0..20).map(|n| format!("k{n:02}={}", "y".repeat(20))).collect();
    let header = format!("{},{long},{}", short[0], short[1..].join(","));
    let rest = passed_on(&header).unwrap();
    assert_eq!(rest, short.join(","), "the long entry was enough");
    let many: Vec<String> = (0..30).map(|n| format!("k{n:02}={}", "y".repeat(20))).collect();
    let rest = passed_on(&many.join(",")).unwrap();
    assert!(rest.len() <= LONGEST && many.join(",").starts_with(&rest) && rest.ends_with('y'), "{rest}");
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(trace in 1_u128.., span in 1_u64.., is_sampled: bool) {
        let context = TraceContext::new(halves(trace), span).with_sampled(is_sampled);
        let header = context.traceparent().unwrap();
        prop_assert_eq!(header.parse::<TraceContext>(), Ok(context));
    }

    #[test]
    fn whatever_comes_nothing_panics_and_what_is_passed_on_keeps_its_bounds(header in any::<String>(), list in any::<String>()) {
        let _whatever = header.parse::<TraceContext>();
        let context = TraceContext::begin(&header).with_tracestate(&list);
        prop_assert!(context.trace != (0, 0));
        prop_assert!(context.tracestate().is_none_or(|list| list.len() <= LONGEST && !list.is_empty()));
    }

    #[test]
    fn nearly_a_traceparent_is_none(at in 0_usize..55, put in any::<char>()) {
        let header = format!("00-{TRACE}-{SPAN}-01");
        let mut changed: Vec<char> = header.chars().collect();
        changed[at] = put;
        let changed: String = changed.into_iter().collect();
        if let Ok(context) = changed.parse::<TraceContext>() {
            // Another digit, or another version, and no more than that; or a dash where there was one.
            prop_assert!(changed == header || matches!(put, '0'..='9' | 'a'..='f'), "{}", changed);
            let kept = context.traceparent().unwrap();
            prop_assert_eq!(&kept[3..52], &changed[3..52]);
        }
    }

    #[test]
    fn a_list_that_fits_is_not_touched(entries in prop::collection::btree_map("[a-z][a-z0-9_*/-]{0,6}", "[!-+--<>-~]{1,6}", 1..32)) {
        let list = entries.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(",");
        prop_assume!(list.len() <= LONGEST);
        prop_assert_eq!(passed_on(&list), Some(list));
    }
}

#[cfg(feature = "serde")]
mod as_json {
    use super::*;

    fn read(text: &str) -> Result<TraceContext, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_shape_that_a_job_queue_carries() {
        let text = format!(r#"{{"trace_id":"{TRACE}","parent_span_id":"{SPAN}"}}"#);
        let context = parsed(&format!("00-{TRACE}-{SPAN}-01")).unwrap();
        assert_eq!(serde_json::to_string(&context).unwrap(), text);
        assert_eq!(read(&text), Ok(context.clone()));
        let others = format!(r#"{{"trace_id":"{}","parent_span_id":"{SPAN}","op":7}}"#, TRACE.to_uppercase());
        assert_eq!(read(&others), Ok(context), "either case, and keys of others are ignored");
        let begun = read(&format!(r#"{{"trace_id":"{TRACE}","parent_span_id":null}}"#)).unwrap();
        assert_eq!((begun.parent_span_id(), begun.traceparent()), (None, None));
        assert_eq!(serde_json::to_string(&begun).unwrap(), format!(r#"{{"trace_id":"{TRACE}"}}"#));
    }

    #[test]
    fn what_is_no_id_says_what_one_is() {
        let wrong = read(r#"{"trace_id":"order-4711"}"#).unwrap_err();
        assert!(wrong.contains("of `order-4711` make one with `TraceContext::begin`"), "{wrong}");
        let wrong = read(&format!(r#"{{"trace_id":"{TRACE}","parent_span_id":"12"}}"#)).unwrap_err();
        assert!(wrong.contains("`parent_span_id` is 16 hex digits"), "{wrong}");
        assert!(read(&format!(r#"{{"trace_id":"{}"}}"#, "0".repeat(32))).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(trace in 1_u128.., span: u64, is_sampled: bool, key: Option<String>, list: bool) {
            let list = if list { "congo=t61rcWkgMzE" } else { "" };
            let key = key.map(Arc::from);
            let context = TraceContext { correlation_key: key, ..TraceContext::new(halves(trace), span) };
            let context = context.with_sampled(is_sampled).with_tracestate(list);
            prop_assert_eq!(read(&serde_json::to_string(&context).unwrap()), Ok(context));
        }
    }
}
