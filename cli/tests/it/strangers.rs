//! What other programs have written is imported: logs in JSON, requests of OTLP, and files that are neither.

use super::said::{Folder, Said};

const REGISTRY: &str = "version = 1\n[layers.job]\ntense = \"past\"\n[events.\"job.begun\"]\nwas = [\"job.started\"]\n\
    [redact]\nkeys = [\"badge\"]\n";

fn import(file: &str, bytes: impl AsRef<[u8]>) -> (Folder, Said) {
    let folder = Folder::new().with("tense.toml", REGISTRY).with(file, bytes);
    // Into a file of its own, so that nothing is said of its age.
    let said = folder.ask(&["import", file, "--db", "tense.db"]);
    (folder, said)
}

#[test]
fn events_of_another_system_are_shown_as_ours_are() {
    let lines = [
        r#"{"event":"job:started","ts":1795255200.000,"jobId":"j1","span_id":"job","status":"running","password":"hunter22"}"#,
        r#"{"event":"step:done","ts":1795255200500,"jobId":"j1","span_id":"s1","parent_id":"job","duration_ms":400,"rows":7,"badge":"B-1"}"#,
        r#"{"event":"job:failed","ts":"2026-11-21 10:00:01","jobId":"j1","span_id":"job","error":"no room","duration_ms":1000}"#,
    ];
    let (folder, said) = import("other.jsonl", lines.join("\r\n"));
    assert_eq!(
        (said.out.as_str(), said.err.as_str(), said.code),
        ("3 events imported, 1 under a new name\n", "", Some(0))
    );
    let tree = folder.ask(&["tree", "last"]).out;
    let lines: Vec<Vec<&str>> = tree.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((lines[0][0], lines[1][1]), ("job.failed", "step.done"), "{tree}");
    for (is_there, text) in [(true, "no room"), (true, "rows=7"), (true, "1.00 s"), (false, "hunter22"), (false, "B-1")]
    {
        assert_eq!(tree.contains(text), is_there, "{text}: {tree}");
    }
    // imported again, it is known
    assert_eq!(folder.ask(&["import", "other.jsonl"]).out, "0 events imported, 3 known already\n");
}

#[test]
fn each_line_that_cannot_be_read_is_told_and_no_other_is_lost() {
    let good = |n: u32| format!(r#"{{"event":"a.b","ts":{n}}}"#);
    let mut bytes = b"\xef\xbb\xbf".to_vec();
    for line in
        [good(1).as_bytes(), b"{\"event\":\"caf\xe9\",\"ts\":1}", b"", b"{\"event\":\"a.b\"", good(2).as_bytes(), b"7"]
    {
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend(format!("{{\"event\":\"a.b\",\"ts\":3,\"x\":\"{}\"}}\n", "x".repeat(1 << 20)).bytes());
    bytes.extend(good(4).bytes());
    let (folder, said) = import("mixed.jsonl", bytes);
    let told: Vec<&str> = said.out.lines().collect();
    assert_eq!(
        told,
        [
            "mixed.jsonl:2:14: this line is not UTF-8: write the file anew as UTF-8, and import it again",
            "mixed.jsonl:4:14: this line breaks off: EOF while parsing an object",
            "mixed.jsonl:6:1: this line is no JSON object, and an event is one",
            "mixed.jsonl:7:1: this line has more than 1048576 bytes and is left unread",
            "3 events imported, 4 lines not imported",
        ]
    );
    assert_eq!(said.code, Some(1));
    assert_eq!(folder.ask(&["traces"]).out.lines().count(), 3);
}

/// What a crash, a tool or a hand leaves in a line, and what is told of it.
#[test]
fn a_line_says_what_is_wrong_with_it() {
    let deep = format!(r#"{{"event":"a.b","ts":1,"x":{}{}}}"#, "[".repeat(200), "]".repeat(200));
    for (line, told) in [
        (
            "\0\0\0\0",
            "1: this line begins with NUL bytes, as a crash leaves them where something was to be written; what that was is lost",
        ),
        (
            r#"{"event":"a.b","ts":1}{"event":"c.d","ts":2}"#,
            "23: another object stands behind the first one: `jq -c . FILE | tense import -` reads one a line",
        ),
        (
            "{\"event\":\"a.b\",\"ts\":1}\r{\"event\":\"c.d\",\"ts\":2}",
            "24: another object stands behind the first one: `jq -c . FILE | tense import -` reads one a line",
        ),
        (
            r#"{"event":"a.b","ts":1}, "#,
            "23: a comma stands behind the object, as in a list: `jq -c '.[]' FILE | tense import -` reads one",
        ),
        (r#"{"event":"a.b","ts":1e400}"#, "25: this line cannot be read as JSON: number out of range"),
        (&deep, "153: this line cannot be read as JSON: recursion limit exceeded"),
        (
            "{\"event\":\"a\u{1}b\"}",
            "11: this line cannot be read as JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        ("2026-11-21 10:00:00 INFO started", "1: this line is no JSON object, and an event is one"),
        (
            r#"{"event":"a.b","ts":"9999-12-31T23:59:59Z"}"#,
            "1: this is no event: its `ts` is no time: \"9999-12-31T23:59:59Z\"; RFC 3339 is read, and seconds, milliseconds, \
             microseconds or nanoseconds since 1970, up to the year 2262",
        ),
        (
            r#"{"schema_version":1,"event_type":"a","event_type":"b"}"#,
            "49: this is no event of schema 1: duplicate field `event_type`",
        ),
    ] {
        let (_, said) = import("FILE", format!("{{\"event\":\"a.b\",\"ts\":1}}\n{line}\n"));
        assert_eq!(said.out, format!("FILE:2:{told}\n1 event imported, 1 line not imported\n"));
        assert_eq!(said.code, Some(1));
    }
    // of what says a key twice, others take the last as well
    let (folder, said) = import("FILE", r#"{"event_type":"a.b","event_type":"c.d","ts":1795255200,"x":1,"x":2}"#);
    assert_eq!((said.out.as_str(), said.code), ("1 event imported\n", Some(0)));
    let tree = folder.ask(&["tree", "last"]).out;
    assert!(tree.contains("c.d") && tree.contains("x=2"), "{tree}");
}

#[test]
fn what_is_no_text_of_events_is_named_with_what_to_do() {
    for (bytes, told) in [
        (&b"\x1f\x8b\x08\x00rest"[..], "error: FILE is packed by gzip: `zcat FILE | tense import -` reads it\n"),
        (b"\x28\xb5\x2f\xfdrest", "error: FILE is packed by zstd: "),
        (b"\xfd7zXZ\x00rest", "error: FILE is packed by xz: "),
        (
            b"{\r\n  \"event\": \"a.b\"\r\n}",
            "error: FILE goes over many lines, and one object a line is read: `jq -c . FILE | tense",
        ),
        (
            b"{\"data\":[\n{\"traceID\":\"0190\"",
            "error: FILE is made for Jaeger, and JSON lines or OTLP/JSON are read: ",
        ),
        (b"[\n{\"traceId\":\"0190\"", "error: FILE is made for Zipkin, and "),
        (
            b"{\"result\": {\"resourceSpans\": [",
            "error: FILE holds OTLP/JSON under `result`: `jq -c '.result' FILE | tense import -` takes it out\n",
        ),
        (
            b"{\"batches\":[{\"resource\":{",
            "error: FILE holds OTLP/JSON under `batches`: `jq -c '{resourceSpans: .batches}' FILE | tense import -` takes it out\n",
        ),
        (b"{\"traceEvents\":[\n", "error: FILE is made for Perfetto, and "),
        (b"[{\"name\":\"a\",\"ph\":\"X\"}]", "error: FILE is made for Perfetto, and "),
        (b"{\"$schema\":\"https://www.speedscope.app/file", "error: FILE is made for speedscope, and "),
        (b"PK\x03\x04rest", "error: FILE is a ZIP file: "),
        (b"\xff\xfe{\x00}\x00", "error: FILE is text in UTF-16: "),
        (b"SQLite format 3\x00rest", "error: FILE is a database: `tense traces --db FILE` asks it"),
        (
            b"\xef\xbb\xbf \n[{\"event\":\"a.b\",\"ts\":1}]",
            "error: FILE is one list of JSON, and one object a line is read: `jq",
        ),
    ] {
        let (folder, said) = import("FILE", bytes);
        assert!(said.err.starts_with(told) && said.out.is_empty(), "{told}: {}{}", said.err, said.out);
        assert_eq!((said.code, folder.path().join("tense.db").exists()), (Some(1), false), "{told}");
    }
    for nothing in ["", "\n \r\n", "\u{feff}"] {
        let (folder, said) = import("empty.jsonl", nothing);
        assert_eq!(
            (said.out.as_str(), said.err.as_str(), said.code),
            ("0 events imported\n", "", Some(0)),
            "{nothing:?}"
        );
        assert!(!folder.path().join("tense.db").exists());
    }
}

/// A request of one span; `n` is a digit.
fn request(n: u8) -> String {
    format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}},"scopeSpans":[{{"scope":{{"name":"http"}},"spans":[{{"traceId":"0190163d8694739b96b6f0a7b0c1d2e3","spanId":"00000000000000a{n}","name":"GET /{n}","startTimeUnixNano":"1795255200000000000","endTimeUnixNano":"179525520000000{n}000","attributes":[{{"key":"http.request.header.authorization","value":{{"stringValue":"Bearer abcdef123456"}}}}]}}]}}]}}]}}"#
    )
}

/// The same on many lines, in the words that others write, with what it is from at the end.
fn pretty() -> String {
    let list = r#"{
  "resource_spans": [
    {
      "scope_spans": [
        {
          "spans": [
            { "trace_id": "0190163d8694739b96b6f0a7b0c1d2e3", "span_id": "00000000000000a1", "name": "first",
              "start_time_unix_nano": 1795255200000000000, "end_time_unix_nano": 1795255200000005000 },
            { "trace_id": "order", "span_id": "00000000000000a2", "name": "second" },
            { "trace_id": "0190163d8694739b96b6f0a7b0c1d2e3", "span_id": "00000000000000a3", "name": "third",
              "parent_span_id": "00000000000000a1",
              "start_time_unix_nano": 1795255200000000000, "end_time_unix_nano": 1795255200000004000 }
          ],
          "scope": { "name": "http" }
        }
      ],
      "resource": { "attributes": [ { "key": "service.name", "value": { "string_value": "shop" } } ] }
    }
  ],
  "whatever": null
}
"#;
    list.to_owned()
}

#[test]
fn requests_of_otlp_are_known_by_their_beginning() {
    let (folder, said) = import("spans.json", request(1) + "\n" + &request(2));
    assert_eq!((said.out.as_str(), said.code), ("2 events imported\n", Some(0)), "{}", said.err);
    let tree = folder.ask(&["tree", "last"]).out;
    assert!(tree.contains("GET /1") && tree.contains("GET /2") && !tree.contains("abcdef123456"), "{tree}");

    // whatever they begin with, when it is said
    let other = request(1).replacen('{', "{\"partialSuccess\":{},", 1);
    let folder = Folder::new().with("tense.toml", REGISTRY);
    assert_eq!(folder.pipe(&["import", "-"], other.as_bytes()).code, Some(1));
    let said = folder.pipe(&["import", "-", "--format", "otlp-json"], other.as_bytes());
    assert_eq!((said.out.as_str(), said.code), ("1 event imported\n", Some(0)));
}

#[test]
fn a_request_on_many_lines_is_read_span_by_span() {
    let (folder, said) = import("spans.json", pretty());
    let told: Vec<&str> = said.out.lines().collect();
    assert_eq!(told.last(), Some(&"2 events imported, 1 part not imported"), "{}", said.out);
    assert!(
        told[0].contains("span 2 is no span of OTLP: its `traceId` is neither 32 digits in hex nor"),
        "{}",
        said.out
    );
    let tree = folder.ask(&["tree", "last"]).out;
    assert!(tree.starts_with("first") && tree.contains("└─ third"), "{tree}");

    // several of them, behind each other
    let (_, said) = import("spans.json", pretty() + &pretty().replace("00a", "00b"));
    assert!(said.out.ends_with("4 events imported, 2 parts not imported\n"), "{}", said.out);

    // the line is that of the span, where what it is from stands before it
    let first = pretty()
        .replace("      \"scope_spans\"", "      \"resource\": {},\n      \"scope_spans\"")
        .replace("          \"spans\"", "          \"scope\": {},\n          \"spans\"");
    let (_, said) = import("spans.json", first);
    assert!(said.out.starts_with("spans.json:11:1: span 2 is no span"), "{}", said.out);
}

#[test]
fn a_request_that_breaks_off_costs_no_other() {
    let broken = &request(2)[..200];
    // in the middle, at the begin, at the end
    for lines in
        [[&request(1), broken, &request(3)], [broken, &request(1), &request(3)], [&request(1), &request(3), broken]]
    {
        let (folder, said) = import("spans.json", lines.join("\n"));
        let number = lines.iter().position(|line| *line == broken).unwrap() + 1;
        let told = format!("spans.json:{number}:200: from here on this is no OTLP/JSON: EOF while parsing");
        assert!(said.out.starts_with(&told), "{}", said.out);
        assert!(said.out.ends_with("2 events imported, 1 part not imported\n"), "{}", said.out);
        assert_eq!(said.code, Some(1));
        assert_eq!(folder.ask(&["tree", "last"]).out.lines().count(), 2);
    }
    // one on many lines, before others that stand on one each
    for end in ["\n", "  ] broken\n}\n"] {
        let half: String = pretty().lines().take(10).map(|line| format!("{line}\n")).collect();
        let (_, said) = import("spans.json", half + end + &request(4) + "\n\n" + &request(5));
        assert!(said.out.ends_with("3 events imported, 2 parts not imported\n"), "{end:?}: {}", said.out);
    }
    for wrong in [
        "{\"resourceSpans\":7}",
        "{\"resourceSpans\":[[]]}",
        "{\"resourceSpans\":[{\"resource\":{},\"scopeSpans\":[7]}]}",
    ] {
        let (_, said) = import("spans.json", wrong);
        assert!(said.out.contains("from here on this is no OTLP/JSON: invalid type"), "{}", said.out);
        assert_eq!(said.code, Some(1));
    }
    let (_, said) =
        import("spans.json", "{\"resourceSpans\":null}\n{}\n{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[]}]}]}");
    assert_eq!((said.out.as_str(), said.code), ("0 events imported\n", Some(0)));
}

#[test]
fn no_span_is_held_that_is_longer_than_any() {
    let endless = request(1).replacen("{\"traceId\"", "{\n\"name\":\"ENDLESS\"}, {\"traceId\"", 1);
    let (_, said) = import("spans.json", endless.replace("ENDLESS", &"x".repeat(33 << 20)) + "\n" + &request(2));
    assert!(said.out.starts_with("spans.json:2:"), "{}", said.out);
    assert!(said.out.contains(": from here on this is no OTLP/JSON: more than 33554432 bytes"), "{}", said.out);
    assert!(said.out.ends_with("1 event imported, 1 part not imported\n"), "{}", said.out);
}
