//! `tense lint --fix` and `--fix-instrument`: sources before, what is told of them, and sources afterwards.

use std::fs;

use super::lint::{REGISTRY, rules, shop};
use super::said::Said;

#[test]
fn only_names_are_read_and_all_of_them() {
    for source in [
        "#[traced(OLD)] fn f() {}",
        "#[tense::traced(OLD, fields(a))] pub async fn f() {}",
        "#[cfg_attr(x, inline, ::tense::traced(\"OLD\"))] fn f() {}",
        "#[cfg_attr(x, cfg_attr(y, traced(r#\"OLD\"#)))] fn f() {}",
        "impl X { #[traced(OLD)] fn f(&self) {} }",
        "macro_rules! m { () => { $crate::event!(OLD) } }",
        "fn f() { g!({ tense::event! [OLD, a = 1] }) }",
        "fn f() { let e = prepared!(\"OLD\", a); }",
        "fn f() { tense::span!(OLD).start() }",
        "\u{feff}#[traced(OLD)] fn f() {}",
        "// ä\r\n/* 漢 */ #[traced(OLD)]\r\nfn f() {}\r\n",
    ] {
        let written = |name: &str| source.replace("OLD", name);
        check_fix(&written("operation.tokens.inserted"), Some(&written("operation.tokens.created")));
    }
    let from_function = "#[doc = \"x\"] #[traced(operation.tokens._)] #[inline] pub(crate) async fn inserted() {}";
    check_fix(from_function, Some(&from_function.replace("._", ".created")));
    let raw = "#[traced(operation.tokens.r#inserted)] fn f() {}";
    check_fix(raw, Some("#[traced(operation.tokens.created)] fn f() {}"));
    for source in [
        "// #[traced(OLD)]\nfn f() {}",
        "/// #[traced(OLD)]\nfn f() {}",
        "const A: &str = \"#[traced(OLD)]\";",
        "fn f() { tracing::event!(OLD) }",
        "#[not_traced(OLD)] fn f() {}",
        "fn f() { vec![OLD] }",
        "fn f() { event!(Level::INFO, \"OLD\"); name!(a); span!(\"OLD, and more\") }",
    ] {
        check_fix(&source.replace("OLD", "operation.tokens.inserted"), None);
    }
}

/// What a source is told to be, and what it then is; nothing where there is nothing to rewrite.
#[track_caller]
fn check_fix(before: &str, after: Option<&str>) {
    let folder = shop(before);
    let is_told = |said: Said| rules(&said).iter().any(|rule| rule.starts_with("lint/renamed"));
    assert_eq!(is_told(folder.ask(&["lint", "--format", "json"])), after.is_some(), "{before}");
    folder.ask(&["lint", "--fix"]);
    assert_eq!(fs::read_to_string(folder.path().join("shop/src/lib.rs")).unwrap(), after.unwrap_or(before));
    assert!(!is_told(folder.ask(&["lint", "--fix", "--format", "json"])), "{before}");
}

#[test]
fn old_names_are_rewritten_and_nothing_else() {
    let source = "\
//! Of this   file nothing else is touched.\t
#[traced(operation.token.row.added, fields(id))] // four words become three
fn a(id: u64) {}
#[traced(operation . /* why */ tokens.inserted)]\r
fn b() {}
#[traced(dispatch.batches.*)] fn c() {}
#[pipeline_stage(dispatch.batches)] fn d() {}
#[traced(operation.token /* here */ .row.added)] fn e() {}
fn f() { event!(\"operation.tokens.inserted\"); let s = \"operation.tokens.inserted\"; }";
    let folder = shop(source);
    let path = folder.path().join("shop/src/lib.rs");
    let said = folder.ask(&["lint", "--fix"]);
    let told: Vec<&str> = said.out.lines().filter(|line| line.contains(" -> ")).collect();
    assert_eq!(
        told,
        [
            "shop/src/lib.rs:2:10: operation.token.row.added -> operation.tokens.created",
            "shop/src/lib.rs:4:10: operation.tokens.inserted -> operation.tokens.created",
            "shop/src/lib.rs:6:10: dispatch.batches.* -> dispatch.batch.*",
            "shop/src/lib.rs:7:18: dispatch.batches -> dispatch.batch",
            "shop/src/lib.rs:9:17: operation.tokens.inserted -> operation.tokens.created",
        ]
    );
    let expected = source
        .replace("operation.token.row.added, ", "operation.tokens.created, ")
        .replace("tokens.inserted)]", "tokens.created)]")
        .replace("dispatch.batches", "dispatch.batch")
        .replace("event!(\"operation.tokens.inserted\"", "event!(\"operation.tokens.created\"");
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    // words with a comment between them are left to a person, who is still told
    let by_hand = "shop/src/lib.rs:8:10: `operation.token.row.added` has a new name: write `operation.tokens.created` by hand, since";
    assert!(said.out.contains(by_hand), "{}", said.out);
    assert_eq!(said.code, Some(1));

    let written = path.metadata().unwrap().modified().unwrap();
    let again = folder.ask(&["lint", "--fix"]);
    assert!(!again.out.contains(" -> "), "{}", again.out);
    assert_eq!(path.metadata().unwrap().modified().unwrap(), written);
    let beside: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["lib.rs"]);
}

/// A layer gives up a name for that of another layer, since both report one operation. Only one of them goes on doing
/// so.
#[test]
fn an_old_name_of_another_layer_is_not_made_a_second_report() {
    let old = "#[traced(dispatch.token.row.add)] fn old() {}\n";
    let moved = old.replace("dispatch.token.row.add", "operation.tokens.created");
    let (new, was) = (moved.as_str(), &moved.replace("created", "inserted"));
    let in_a_test = &format!("#[cfg(test)] mod tests {{ {new} }}\n");
    let deciding = &old.replace("dispatch", "decision");
    for (before, after, told) in [
        (old.to_owned(), moved.clone(), None),
        // in one layer a name may stand in several places
        (old.repeat(2), moved.repeat(2), None),
        (format!("{old}{new}"), format!("{old}{new}"), Some((1, 2))),
        (format!("{new}{old}"), format!("{new}{old}"), Some((2, 1))),
        // the other one has an old name too, of the right layer
        (format!("{old}{was}"), format!("{old}{new}"), Some((1, 2))),
        // no reader ever sees what tests emit
        (format!("{old}{in_a_test}"), format!("{moved}{in_a_test}"), None),
        // neither is in the right layer: the first one stays
        (format!("{old}{deciding}"), format!("{moved}{deciding}"), Some((2, 1))),
    ] {
        for migrating in ["", "migrating = true\n"] {
            let registry = REGISTRY.replace("[layers.operation]", &format!("{migrating}[layers.operation]"));
            let registry = registry.replace("row.add\"]", "row.add\", \"decision.token.row.add\"]");
            let folder = shop(&before).with("tense.toml", registry);
            for arguments in [&["lint", "--format", "json"][..], &["lint", "--fix", "--format", "json"]] {
                let said = folder.ask(arguments);
                let expected = told.map(|(line, _)| format!("lint/two-layers {line}:10"));
                let two_layers: Vec<_> =
                    rules(&said).into_iter().filter(|rule| rule.starts_with("lint/two-layers")).collect();
                assert_eq!(two_layers, Vec::from_iter(expected), "{before}{}", said.out);
                let place = told.map(|(_, other)| format!("reports at shop/src/lib.rs:{other}:10, and"));
                assert!(place.is_none_or(|place| said.out.contains(&place)), "{}", said.out);
            }
            assert_eq!(fs::read_to_string(folder.path().join("shop/src/lib.rs")).unwrap(), after);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_rewritten_file_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = shop("#[traced(operation.tokens.inserted)] fn a() {}\n");
    let path = folder.path().join("shop/src/lib.rs");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o754)).unwrap();
    assert!(folder.ask(&["lint", "--fix"]).out.contains(" -> "));
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o754);

    let text = "#[traced(operation.tokens.inserted)] fn a() {}\n";
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let said = folder.ask(&["lint", "--fix", "--format", "json"]);
    assert!(rules(&said).contains(&"lint/unwritten 1:1".to_owned()), "{}", said.out);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn instrument_becomes_traced_where_that_is_simple() {
    for (before, after) in [
        ("#[tracing::instrument]", Some("#[tense::traced(operation.tokens._)]")),
        ("#[instrument(skip_all)]", Some("#[tense::traced(operation.tokens._)]")),
        (
            "#[instrument(skip(a, b), fields(c = %b, d = x.len()), level = \"debug\", name = \"n\", err, ret)]",
            Some("#[tense::traced(operation.tokens._, fields(c = %b, d = x.len()), level = \"debug\")]"),
        ),
        ("#[instrument(level = Level::WARN)]", Some("#[tense::traced(operation.tokens._, level = \"warn\")]")),
        ("#[instrument(level = 1)]", Some("#[tense::traced(operation.tokens._, level = \"trace\")]")),
        (
            "#[cfg_attr(x, instrument(target = \"t\"))]",
            Some("#[cfg_attr(x, tense::traced(operation.tokens._, target = \"t\"))]"),
        ),
        // filled in by `Span::record`, which finds no span of ours
        ("#[instrument(fields(a))]", None),
        ("#[instrument(fields(a = tracing::field::Empty))]", None),
        ("#[instrument(fields(user.id = 7))]", None),
        ("#[instrument(parent = x)]", None),
        ("#[instrument(level = some_level())]", None),
        ("#[other::instrument]", None),
    ] {
        let source = |attribute: &str| {
            format!("use tracing::instrument;\nmod tokens {{\n    {attribute}\n    fn update() {{}}\n}}\n")
        };
        let folder = shop(&source(before));
        let path = folder.path().join("shop/src/lib.rs");
        folder.ask(&["lint", "--fix"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), source(before), "only on request");
        let said = folder.ask(&["lint", "--fix-instrument"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), source(after.unwrap_or(before)));
        assert_eq!(said.out.contains(" -> "), after.is_some(), "{}", said.out);
        let again = folder.ask(&["lint", "--fix-instrument"]);
        assert!(!again.out.contains(" -> "), "{}", again.out);
    }
    let folder = shop("#[tracing::instrument(name = \"n\")]\nfn update() {}\n");
    let said = folder.ask(&["lint", "--fix-instrument"]).out;
    assert!(said.contains("; dropped: its own name, arguments that `fields(..)` does not name\n"), "{said}");
    // nobody gets an attribute that his crate does not know
    let folder = folder.with("shop/Cargo.toml", "[package]\n[dependencies]\ntense-layer = \"1\"\n");
    let folder = folder.with("shop/src/lib.rs", "#[tracing::instrument]\nfn update() {}\n");
    assert!(!folder.ask(&["lint", "--fix-instrument"]).out.contains(" -> "));
}

/// An attribute is written where it compiles, and else it is said what is in the way.
#[test]
fn what_the_event_needs_is_left_to_a_person() {
    let registry = "version = 1\n[events.\"operation.tokens.updated\"]\nfields = { id = \"integer\", by = \"string\", note = \"string?\" }\n";
    for (settings, told) in [
        ("skip_all, fields(id = 7, by = \"me\")", "; `tense lint --fix-instrument` writes it"),
        ("skip_all, fields(id = %x)", ", written by hand: it needs `by`"),
        ("skip_all", ", written by hand: it needs `by`, `id`"),
        ("fields(id = 7, by = \"me\", nte = 1)", ", written by hand: it has no field `nte`"),
        ("fields(id = 7, nte = 1)", ", written by hand: it has no field `nte`, it needs `by`"),
    ] {
        let source = format!("mod tokens {{ #[tracing::instrument({settings})] fn update() {{}} }}\n");
        let folder = shop(&source).with("tense.toml", registry);
        let hint = format!("hint: this can be `#[tense::traced(operation.tokens._, ..)]`{told} [lint/instrument]\n");
        let said = folder.ask(&["lint"]);
        assert!(said.out.contains(&hint), "{settings}: {}", said.out);
        let fixed = folder.ask(&["lint", "--fix-instrument", "--format", "json"]);
        assert_eq!(fixed.out.contains(" -> "), told.starts_with(';'), "{settings}: {}", fixed.out);
        assert!(!fixed.out.contains("\"error\""), "{settings}: {}", fixed.out);
    }
}

#[test]
fn a_bare_instrument_is_that_of_tracing_where_it_is_imported_from_there() {
    for (imports, is_of_tracing) in [
        ("use tracing::instrument;", true),
        ("use tracing::{info, instrument};", true),
        ("use ::tracing::{self, instrument};", true),
        ("use {std::fmt, tracing::{Level, instrument}};", true),
        ("use tracing::*;", true),
        ("use tracing_attributes::instrument;", true),
        ("use my_profiler::trace as instrument; mod a { use tracing::instrument; }", true),
        ("#[macro_use] extern crate tracing;", true),
        ("#[macro_use]\n// of old\npub extern crate tracing;", true),
        ("extern crate tracing;", false),
        ("#[macro_use] extern crate log; extern crate tracing;", false),
        ("use tracing::info; use my_profiler::instrument;", false),
        ("use tracing::*; use my_profiler::instrument;", false),
        ("use tracing::instrument as watched;", false),
        ("use tracing::{info, Level}; use my_profiler::*;", false),
        ("use my_profiler::tracing::instrument;", false),
        ("// use tracing::instrument;", false),
        ("const A: &str = \"use tracing::instrument;\";", false),
    ] {
        let folder = shop(&format!("{imports}\nmod tokens {{ #[instrument] fn update() {{}} }}\n"));
        let said = folder.ask(&["lint", "--fix-instrument"]);
        assert_eq!(said.out.contains(" -> "), is_of_tracing, "{imports}\n{}", said.out);
    }
}
