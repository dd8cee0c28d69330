//! `tense lint`: which sources it reads, what of them is for tests alone, and which macros it takes for ours.

use super::lint::{FINE, MANIFEST, rules, shop};

/// A name in a test says nothing of what a running program emits; it is judged all the same.
#[test]
fn what_only_a_test_emits_is_emitted_by_nobody() {
    let forgotten = "event!(operation.tokens.forgotten);";
    for (source, is_emitted) in [
        ("fn f() { F }", true),
        ("#[cfg(not(test))] fn f() { F }", true),
        ("#[cfg(any(test, feature = \"x\"))] fn f() { F }", true),
        ("#[cfg(test)] mod tests { use super::*; fn f() { F } }", false),
        ("#[allow(x)] #[cfg(all(unix, test))] #[inline] fn f() { F }", false),
        ("#[traced(operation.tokens.forgotten)] #[cfg(test)] fn f() {}", false),
        ("#[cfg_attr(test, traced(operation.tokens.forgotten))] fn f() {}", false),
        ("#[test] fn f() { F }", false),
        ("#[tokio::test(flavor = \"x\")] async fn f() { F }", false),
        ("mod a { #![cfg(test)] fn f() { F } }", false),
        ("#[cfg(test)] use x; fn f() { F }", true),
        ("#[test] fn g() {} fn f() { F }", true),
    ] {
        let folder = shop(&format!("{FINE}{}\n", source.replace('F', forgotten)));
        let said = folder.ask(&["lint", "--format", "json"]);
        let expected: &[&str] = if is_emitted { &[] } else { &["lint/never-emitted 10:9"] };
        assert_eq!(rules(&said), expected, "{source}\n{}", said.out);
        assert_eq!(
            said.out.contains("nobody but a test emits `operation.tokens.forgotten`"),
            !is_emitted,
            "{}",
            said.out
        );
    }
    let test = "#[path = \"shared/more.rs\"] mod more;\nfn f() { event!(operation.tokens.forgotten); event!(operation.rows.added); }\n";
    let folder = shop(&format!("{FINE}#[cfg(test)] mod checks;\nmod row;\n"))
        .with("shop/tests/it.rs", test)
        .with("shop/tests/shared/more.rs", "fn g() { event!(operation.tokens.create); }\n")
        .with("shop/src/checks.rs", "mod deep;\nfn f() { event!(operation.tokens.forgotten); }\n")
        .with("shop/src/checks/deep.rs", "fn f() { event!(operation.tokens.forgotten); }\n")
        .with("shop/src/row.rs", "#[cfg(test)]\nmod checks;\n")
        .with("shop/src/row/checks.rs", "fn f() { event!(operation.tokens.forgotten); }\n")
        .with("shop/benches/b.rs", "fn f() { event!(operation.tokens.forgotten); }\n");
    let said = folder.ask(&["lint", "--format", "json"]);
    let expected = ["tense/past 1:34", "lint/not-declared 2:53", "lint/never-emitted 10:9"];
    let mut found = rules(&said);
    found.sort();
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected, "{}", said.out);
    // a test that has a program's file as well makes no test of it
    let shared = folder.with("shop/src/main.rs", "mod checks;\nfn main() {}\n");
    assert!(!rules(&shared.ask(&["lint", "--format", "json"])).contains(&"lint/never-emitted 10:9".to_owned()));
}

/// Programs that must not compile, templates and fixtures are nobody's sources.
#[test]
fn what_no_target_leads_to_is_left_out() {
    let wrong = "#[traced(operation.tokens.create)] fn f() {}\n";
    let manifest = format!(
        "{MANIFEST}\n[[test]]\nname = \"odd\"\npath = \"odd/root.rs\"\n[[example]]\nname = \"shown\"\npath = \"shown.rs\"\n"
    );
    let folder = shop(FINE)
        .with("shop/Cargo.toml", manifest)
        .with("shop/fail/create.rs", wrong)
        .with("shop/tests/ui/create.rs", wrong)
        .with("shop/tests/ui.rs", "fn f() {}\n")
        .with("shop/templates/lib.rs", "fn event() {")
        .with("fixtures/create.rs", wrong);
    let emitted = "fn f() { event!(operation.tokens.forgotten); }\n";
    let said = folder.with("shop/shown.rs", emitted).ask(&["lint"]);
    assert_eq!((said.out.as_str(), said.code), ("", Some(0)), "{}", said.err);
    assert!(
        said.err.starts_with("3 files read, 5 names; 4 files left out, since no target of a crate leads there\n"),
        "{}",
        said.err
    );

    // what is reached is read, by whatever way
    for (files, told) in [
        (
            &[("shop/odd/root.rs", "mod deep { mod er; }"), ("shop/odd/deep/er.rs", wrong)][..],
            "shop/odd/deep/er.rs:1:27: ",
        ),
        (&[("shop/tests/a/main.rs", "mod b;"), ("shop/tests/a/b/mod.rs", wrong)], "shop/tests/a/b/mod.rs:1:27: "),
        (
            &[("shop/examples/a.rs", "#[path = \"../fail/b.rs\"] mod b;"), ("shop/fail/b.rs", wrong)],
            "shop/fail/b.rs:1:27: ",
        ),
        (&[("shop/build.rs", "include!(\"fail/b.rs\");"), ("shop/fail/b.rs", wrong)], "shop/fail/b.rs:1:27: "),
        // a macro may lead there
        (&[("shop/src/made.rs", wrong)], "shop/src/made.rs:1:27: "),
    ] {
        let folder = shop(FINE)
            .with("shop/Cargo.toml", format!("{MANIFEST}\n[[test]]\nname = \"odd\"\npath = \"odd/root.rs\"\n"));
        let folder = files.iter().fold(folder, |folder, (file, text)| folder.with(file, text));
        let said = folder.ask(&["lint"]);
        assert!(said.out.contains(told), "{files:?}\n{}{}", said.out, said.err);
        assert!(!said.err.contains("left out"), "{}", said.err);
    }
    // whoever names a folder of a crate wants to know of it
    let folder = shop(FINE).with("shop/fail/create.rs", wrong);
    for path in ["shop/fail", "shop/fail/create.rs"] {
        let said = folder.ask(&["lint", path]);
        assert!(said.out.starts_with("shop/fail/create.rs:1:27: "), "{}", said.out);
    }
    // looking for targets is switched off
    let manifest = MANIFEST.replace("\n\n", "\nautotests = false\n\n");
    let folder = shop(FINE).with("shop/Cargo.toml", manifest).with("shop/tests/it.rs", wrong);
    assert!(!folder.ask(&["lint"]).out.contains("it.rs"));
}

#[test]
fn a_macro_of_ours_under_another_name_is_followed() {
    let old = "operation.tokens.inserted";
    for (source, is_ours) in [
        ("use tense::traced as t; #[t(OLD)] fn f() {}", true),
        ("use ::tense::{event as e, traced as t}; fn f() { e!(OLD); }", true),
        ("use {std::fmt, tense::{self, traced as t}}; mod a { use super::t; #[t(OLD)] fn f() {} }", true),
        ("#[t(OLD)] fn f() {} use tense::traced as t;", true),
        ("use tense as z; fn f() { let l = 1; z::event!(OLD); }", true),
        ("use other::traced as t; #[t(OLD)] fn f() {} // tense", false),
        ("use tense::traced as t; #[u(OLD)] fn f() {}", false),
    ] {
        let said = shop(&source.replace("OLD", old)).ask(&["lint", "--format", "json"]);
        assert_eq!(rules(&said).iter().any(|rule| rule.starts_with("lint/renamed")), is_ours, "{source}\n{}", said.out);
    }
}
