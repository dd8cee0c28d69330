//! `tense docs`: what stands in the page whatever the registry says, and where the page goes.

use super::said::Folder;

#[test]
fn what_people_write_does_nothing_to_the_page() {
    let registry = "version = 1\n[layers.operation]\ntense = \"past\"\nabout = \"rows | <b>\\n# of `us`\"\n\
        [removed]\n\"operation.a`b\" = \"it was never any good, \\u001b[31m\"\n";
    let said = Folder::new().with("tense.toml", registry).ask(&["docs"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("| `operation` | past | 0 | rows \\| \\<b\\> \\# of \\`us\\` |\n"), "{}", said.out);
    assert!(said.out.contains("- `` operation.a`b ``: it was never any good, \\\\u{1b}\\[31m\n"), "{}", said.out);
}

/// At the head of a paragraph some texts would begin a list, a quotation or a line.
#[test]
fn what_people_write_begins_nothing() {
    for (about, shown) in [
        ("- x", r"\- x."),
        ("+ x", r"\+ x."),
        ("* x", r"\* x."),
        ("1. x", r"1\. x."),
        ("12) x", r"12\) x."),
        ("# x", r"\# x."),
        ("> x", r"\> x."),
        ("---", r"\---."),
        ("=== x", r"\=== x."),
        ("~~~ x", r"\~\~\~ x."),
        ("a &lt; b && c &#60; d", r"a \&lt; b && c \&#60; d."),
        ("3.5 s - or 1. more", "3.5 s - or 1. more."),
    ] {
        let registry = format!("version = 1\n[events.\"operation.users.created\"]\nabout = '{about}'\n");
        let said = Folder::new().with("tense.toml", registry).ask(&["docs"]);
        let expected = format!("### `operation.users.created`\n\n{shown}\n\n");
        assert!(said.out.contains(&expected), "{about}\n{}", said.out);
    }
}

/// Whoever names the registry by mistake keeps it.
#[test]
fn the_registry_is_never_overwritten() {
    let registry = "version = 1\n[events.\"operation.users.created\"]\n";
    let folder = Folder::new().with("tense.toml", registry).with("sub/x", "");
    let check = |arguments: &[&str], output: &str| {
        let said = folder.ask(&[arguments, &["--output", output]].concat());
        let told =
            format!("error: {output} is the registry itself, which would be lost: name another file with --output\n");
        assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (Some(2), told.as_str(), ""), "{arguments:?}");
        assert_eq!(std::fs::read_to_string(folder.path().join("tense.toml")).unwrap(), registry);
    };
    let whole = folder.path().join("tense.toml").to_str().unwrap().to_owned();
    for question in
        [&["docs"][..], &["schema"], &["schema", "--typescript"], &["docs", "--registry", "sub/../tense.toml"]]
    {
        for output in ["tense.toml", "./tense.toml", "sub/../tense.toml", &whole] {
            check(question, output);
        }
    }
    check(&["docs", "--check"], "tense.toml");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../tense.toml", folder.path().join("sub/link")).unwrap();
        std::fs::hard_link(folder.path().join("tense.toml"), folder.path().join("sub/hard")).unwrap();
        check(&["docs"], "sub/link");
        check(&["docs"], "sub/hard");
    }
    // another registry is another file
    assert_eq!(folder.ask(&["docs", "--output", "sub/x"]).code, Some(0));
}

#[test]
fn a_database_is_never_overwritten() {
    let folder = Folder::new().with("tense.toml", "version = 1\n").with("tense.db", "SQLite format 3\0and more");
    for question in ["docs", "schema"] {
        let said = folder.ask(&[question, "--output", "tense.db"]);
        let told = "error: tense.db is a database, which would be lost: name another file with --output\n";
        assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (Some(2), told, ""), "{question}");
    }
    assert_eq!(std::fs::read(folder.path().join("tense.db")).unwrap(), b"SQLite format 3\0and more");
}

#[test]
fn a_field_that_nobody_will_see_is_pointed_out() {
    let registry =
        "version = 1\n[events.\"operation.users.created\"]\nfields = { password = \"string\", user_id = \"string\" }\n";
    let said = Folder::new().with("tense.toml", registry).ask(&["docs"]);
    assert!(
        said.out.contains("| `password` | string | always redacted: its name is that of a secret |"),
        "{}",
        said.out
    );
    assert!(said.out.contains("| `user_id` | string | handed down |"), "{}", said.out);
}

#[test]
fn without_a_registry_the_built_in_layers_are_described() {
    let said = Folder::new().ask(&["docs"]);
    assert!(said.out.contains("0 events in 6 layers, 0 exempt. Names are open"), "{}", said.out);
    for (good, bad) in
        [("operation.thing.created", "operation.thing.create"), ("dispatch.thing.create", "dispatch.thing.created")]
    {
        assert!(said.out.contains(&format!("- Good: `{good}`\n- Bad: `{bad}`: ")), "{}", said.out);
    }
}

#[test]
fn a_page_that_is_out_of_date_is_found() {
    let folder = Folder::new().with("tense.toml", "version = 1\n[events.\"operation.users.created\"]\n");
    let check = |arguments: &[&str], err: &str, code: i32| {
        let said = folder.ask(arguments);
        assert_eq!((said.out.as_str(), said.err.as_str(), said.code), ("", err, Some(code)), "{arguments:?}");
    };
    for question in ["docs", "schema"] {
        let write = [question, "--output", "out"];
        let hold = [question, "--output", "out", "--check"];
        check(&hold, "out: there is no such file yet: run this again without --check\n", 1);
        check(&write, "", 0);
        check(&hold, "", 0);
        let text = std::fs::read_to_string(folder.path().join("out")).unwrap();
        std::fs::write(folder.path().join("out"), text.replace('\n', "\r\n")).unwrap();
        check(&hold, "", 0);
        std::fs::write(folder.path().join("out"), format!("\n{text}")).unwrap();
        check(&hold, "out:1: from here on it is not what the registry says: run this again without --check\n", 1);
        std::fs::remove_file(folder.path().join("out")).unwrap();
    }
    assert_eq!(folder.ask(&["docs", "--check"]).code, Some(2));
    assert_eq!(folder.ask(&["docs", "--output", "no/such/folder/out"]).code, Some(2));
}

#[test]
fn a_layer_that_nobody_declares_is_described_when_it_has_events() {
    let said = Folder::new().with("tense.toml", "version = 1\n[events.\"weather.rain\"]\n").ask(&["docs"]);
    assert!(said.out.contains("| `weather` | any | 1 |  |\n"), "{}", said.out);
    assert!(said.out.contains("### `weather.rain`\n\nIt may have any fields.\n"), "{}", said.out);
}
