//! `tense lint`: workspaces with and without mistakes, and what is told of them.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::said::{Folder, Said, said};

/// Asks in the house itself, where crates with registries lie.
pub(super) fn in_the_house(arguments: &[&str]) -> Said {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    said(Command::new(env!("CARGO_BIN_EXE_tense")).args(arguments).current_dir(house).output().unwrap())
}

const WORKSPACE: &str = "[workspace]\nmembers = [\"shop\"]\n";
pub(super) const MANIFEST: &str = "[package]\nname = \"shop\"\n\n[dependencies]\ntense = \"0.1\"\n";

pub(super) const REGISTRY: &str = "version = 1
[layers.operation]
tense = \"past\"
[layers.dispatch]
tense = \"present\"
[layers.billing]
tense = \"past\"
[events.\"operation.tokens.created\"]
was = [\"operation.tokens.inserted\", \"operation.token.row.added\", \"dispatch.token.row.add\"]
[events.\"operation.tokens.forgotten\"]
[events.\"operation.tokens.snapshot\"]
exempt = { rule = \"tense\", reason = \"readers of last year know it\" }
[events.\"dispatch.batch.start\"]
was = [\"dispatch.batches.start\"]
[events.\"dispatch.batch.complete\"]
was = [\"dispatch.batches.complete\"]
[events.\"dispatch.run.apply\"]
failed = \"dispatch.run.abort\"
[events.\"dispatch.run.abort\"]
[events.\"sql.query\"]
[foreign]
\"sqlx::query\" = { event = \"sql.query\", fields = [] }
";

/// A workspace of one crate with this source.
pub(super) fn shop(source: &str) -> Folder {
    let folder = Folder::new().with("Cargo.toml", WORKSPACE).with("tense.toml", REGISTRY);
    folder.with("shop/Cargo.toml", MANIFEST).with("shop/src/lib.rs", source)
}

/// A source that emits all that [`REGISTRY`] declares, but for what is forgotten.
pub(super) const FINE: &str = "\
#[traced(operation.tokens.created)] fn a() {}
fn b() { event!(operation.tokens.snapshot); }
#[pipeline_stage(dispatch.batch)] fn c() {}
#[traced(dispatch.run._)] fn apply() {}
";

pub(super) fn rules(said: &Said) -> Vec<String> {
    said.json()
        .iter()
        .map(|told| format!("{} {}:{}", told["rule"].as_str().unwrap(), told["line"], told["column"]))
        .collect()
}

#[test]
fn a_crate_that_emits_all_that_is_declared_is_fine() {
    let said = in_the_house(&["lint", "ui-tests/coordinator"]);
    assert_eq!(said.out, "");
    assert_eq!(
        said.err,
        "6 files read, 50 names\nui-tests/coordinator/tense.toml: 50 names in 1 crate\n\
         0 errors, 0 warnings, 0 hints, 11 exemptions\n"
    );
    assert_eq!(said.code, Some(0));
    assert_eq!(in_the_house(&["lint", "ui-tests/coordinator", "--max-exempt", "11"]).code, Some(0));
    let grown = in_the_house(&["lint", "ui-tests/coordinator", "--max-exempt", "10"]);
    assert_eq!(
        grown.out,
        "ui-tests/coordinator/tense.toml:1:1: there are 11 exemptions, and no more than 10 are allowed: rename an event instead, \
         and keep its old name under `was` [lint/too-many-exemptions]\n"
    );
    assert_eq!(grown.code, Some(1));
}

/// Three registries with nothing in common: the coordinator's, a chat service's, a fleet's. And the loan program's.
#[test]
fn the_examples_emit_what_their_registries_declare() {
    let said = in_the_house(&["lint", "examples"]);
    assert_eq!((said.code, &*said.out), (Some(0), ""), "{}", said.err);
    let of_registries: Vec<&str> = said.err.lines().filter(|line| line.contains("tense.toml: ")).collect();
    let names = |line: &&str| line.split_once(": ").map(|(file, _)| file.to_owned());
    assert_eq!(
        of_registries.iter().filter_map(names).collect::<Vec<_>>(),
        ["chat", "coordinator", "fleet", "loan"].map(|example| format!("examples/{example}/tense.toml"))
    );
    assert!(said.err.ends_with("0 errors, 0 warnings, 0 hints, 11 exemptions\n"), "{}", said.err);
}

#[test]
fn a_migrating_crate_is_told_its_renames() {
    let said = in_the_house(&["lint", "ui-tests/migrating"]);
    let told = |line: u32, column: u32, old: &str, new: &str| {
        format!(
            "ui-tests/migrating/src/lib.rs:{line}:{column}: warning: `{old}` has a new name: write `{new}`, or let \
             `tense lint --fix` write it [lint/renamed]\n"
        )
    };
    let expected = [
        "ui-tests/migrating/src/lib.rs:8:10: warning: `dispatch.token.created` is an old name of `operation.tokens.created`, which \
         another layer reports at ui-tests/migrating/src/lib.rs:13:12, and an operation has one event: take this one out \
         [lint/two-layers]\n"
            .to_owned(),
        told(13, 12, "operation.tokens.create", "operation.tokens.created"),
        told(17, 10, "dispatch.batches.*", "dispatch.batch.*"),
    ];
    assert_eq!((said.out, said.code), (expected.concat(), Some(1)));
}

#[test]
fn an_attribute_on_a_block_counts_for_each_method_that_it_covers() {
    let source = "\
#[traced(dispatch.run._)]
impl<const N: usize> Run<{ N }> {
    const MASK: u64 = 1 << 4;
    const fn most() -> usize { N }
    #[traced(skip)]
    fn new() -> Self { Self }
    fn apply(&self) -> Full<{ N }> { Full }
    #[traced(operation.tokens.created)]
    fn create(&self) { event!(crate = shop::tense, operation.tokens.snapshot); }
}
#[pipeline_stage(dispatch.batch)] fn c() {}
";
    let said = shop(source).ask(&["lint"]);
    assert!(said.err.contains("4 names"), "{}{}", said.out, said.err);
    assert!(!said.out.contains("not-declared") && !said.out.contains("dispatch.run.apply"), "{}", said.out);
    assert!(!said.out.contains("operation.tokens.snapshot"), "{}", said.out);
}

#[test]
fn every_finding_stands_at_its_place() {
    let source = "\
use tracing::instrument;
#[traced(operation.tokens.create, exempt(tense, reason = \"kept\"))] fn a() {}
#[traced(operation.tokens.inserted)] fn b() {}
#[cfg(never)] fn c() { event!(billing.tokens.created); }
#[traced(operation.tokens.created)] fn d() {}
mod tokens { #[instrument(skip_all)] fn update_status() {} #[tracing::instrument] fn banana() {} }
#[traced(dispatch.run.apply)] fn e() { event!(dispatch.Batch.apply); tense::name!(dispatch.funding); }
macro_rules! m { ($n:ident) => { tense::event!(operation.tokens.$n); tense::event!(operation.rows.counted); } }
#[traced(opration.tokens.created)] fn f() {}
";
    let folder = shop(source).with("shop/src/torn.rs", "fn event() {").with("shop/src/latin.rs", b"// event \xe9\n");
    let said = folder.ask(&["lint", "--format", "json", "--max-exempt", "1"]);
    assert_eq!(
        rules(&said),
        [
            "lint/unread 1:1",
            "lint/unread 1:1",
            "exempt/reason 2:27",
            "lint/renamed 3:10",
            "lint/two-layers 4:31",
            "lint/instrument 6:16",
            "lint/instrument 6:62",
            "name/word 7:56",
            "lint/not-declared 7:83",
            "lint/not-declared 8:84",
            "registry/unknown-layer 9:10",
            "lint/never-emitted 10:9",
            "lint/never-emitted 11:9",
            "lint/never-emitted 13:9",
            "lint/never-emitted 15:9",
            "lint/too-many-exemptions 1:1",
        ],
        "{}",
        said.out
    );
    assert_eq!(said.code, Some(1));
    let by_rule = |rule: &str| said.json().into_iter().find(|told| told["rule"] == rule).unwrap();
    assert_eq!(
        by_rule("lint/two-layers"),
        json!({"rule": "lint/two-layers", "level": "warning", "file": "shop/src/lib.rs", "line": 4, "column": 31,
               "name": "billing.tokens.created", "suggestion": null,
               "message": "`billing.tokens.created` reports what `operation.tokens.created` reports at shop/src/lib.rs:5:10, \
                           and an operation has one event: take one of them out, or name this one for what only its layer \
                           does [lint/two-layers]"})
    );
    assert_eq!(by_rule("lint/instrument")["suggestion"], "operation.tokens._");
    assert!(by_rule("lint/not-declared")["message"].as_str().unwrap().starts_with(
        "`dispatch.funding.complete` and `dispatch.funding.start` are not declared: declare them in tense.toml"
    ));
    // one name is put together by a macro, and may be the one that is missing
    assert!(by_rule("lint/never-emitted")["message"].as_str().unwrap().contains("unless it is one of the 1 that"));
    // and two files may hold anything
    let said_of_files = "were not judged, or stands in one of the 2 files that were not read: emit it";
    assert!(by_rule("lint/never-emitted")["message"].as_str().unwrap().contains(said_of_files), "{}", said.out);
    assert!(by_rule("lint/unread")["message"].as_str().unwrap().contains("it is not UTF-8"));
    // the words are those of the compiler
    assert!(by_rule("name/word")["message"].as_str().unwrap().ends_with("write `batch` [name/word]"));
}

#[test]
fn names_that_a_macro_puts_together_are_counted() {
    for (source, told) in [
        ("macro_rules! m { ($n:ident) => { tense::event!(operation.tokens.$n) } }", "1 name, 1 of them not judged"),
        ("use tense::event; macro_rules! m { ($n:expr) => { event!($n); } }", "1 name, 1 of them not judged"),
        ("fn f() { quote!(#[tense::traced(#name)] fn g() {}) }", "1 name, 1 of them not judged"),
        (
            "macro_rules! m { ($f:ident) => { #[traced(operation.tokens._)] fn $f() {} } }",
            "1 name, 1 of them not judged",
        ),
        ("#[traced(operation::tokens::created)] fn f() {}", "1 name, 1 of them not judged"),
        ("macro_rules! m { ($($n:tt)*) => { event!($($n)*) } }", "0 names\n"),
    ] {
        let said = shop(source).ask(&["lint"]);
        assert!(said.err.starts_with(&format!("1 file read, {told}")), "{source}\n{}", said.err);
    }
}

#[test]
fn what_is_emitted_in_a_roundabout_way_is_not_missed() {
    let said = shop(FINE).ask(&["lint", "--format", "json"]);
    assert_eq!(rules(&said), ["lint/never-emitted 10:9"], "a failure, a foreign span, a stage, a function's name");
    // a part of the project cannot tell what the rest emits
    let part = shop(FINE).ask(&["lint", "shop/src/lib.rs"]);
    assert_eq!((part.out.as_str(), part.code), ("", Some(0)));
    assert!(part.err.contains("nobody can say what is never emitted"), "{}", part.err);
}

#[test]
fn hints_alone_are_no_fault() {
    let hint = "#[tracing::instrument]\nfn banana() {}\n";
    let folder = Folder::new().with("Cargo.toml", MANIFEST).with("src/lib.rs", hint);
    let said = folder.ask(&["lint"]);
    let told =
        "src/lib.rs:1:3: hint: this can be `#[tense::traced(..)]`, under a name that you choose [lint/instrument]\n";
    assert_eq!((said.out.as_str(), said.code), (told, Some(0)));
    let github = folder.ask(&["lint", "--format", "github"]).out;
    assert_eq!(
        github,
        "::notice file=src/lib.rs,line=1,col=3,title=lint/instrument::this can be `#[tense::traced(..)]`, under a name that you \
         choose [lint/instrument]\n"
    );
}

#[test]
fn every_crate_is_judged_by_its_own_registry() {
    let own = "version = 1\nclosed = true\n[events.\"own.things.made\"]\n";
    let source = "fn a() { tense::event!(own.things.made); tense::event!(own.things.maed); }\n";
    let broken = "version = 1\nclsoed = true\n";
    let folder = shop(FINE)
        .with("own/Cargo.toml", MANIFEST)
        .with("own/tense.toml", own)
        .with("own/src/lib.rs", source)
        .with("broken/Cargo.toml", MANIFEST)
        .with("broken/tense.toml", broken)
        .with("broken/src/lib.rs", source)
        // what was built, vendored, hidden, or is ignored belongs to nobody here
        .with("target/debug/x.rs", source)
        .with("vendor/x/.cargo-checksum.json", "{}")
        .with("vendor/x/src/lib.rs", source)
        .with(".hidden/x.rs", source)
        .with(".gitignore", "generated/\n")
        .with("shop/generated/x.rs", source);
    let said = folder.ask(&["lint", "--format", "json"]);
    assert_eq!(
        rules(&said),
        ["file/key 2:1", "registry/unknown-event 1:67", "lint/never-emitted 10:9"],
        "{}",
        said.out
    );
    let text = folder.ask(&["lint"]).err;
    assert!(
        text.starts_with("3 files read, 8 names\n") && text.contains("\nown/tense.toml: 2 names in 1 crate\n"),
        "{text}"
    );
}

#[test]
fn odd_sources_do_no_harm() {
    const DEEP: usize = 100_000;
    let nested = |inside: &str| format!("{}{inside}{}", "(".repeat(DEEP), ")".repeat(DEEP));
    let folder = shop(FINE)
        .with("shop/src/deep.rs", format!("fn f() {{ {} }}", nested("event!(operation.rows.counted)")))
        .with("shop/src/value.rs", format!("#[tracing::instrument(fields(a = {}))] fn f() {{}}", nested("b?")))
        .with("shop/src/long.rs", format!("fn f() {{ event!(operation.{}.counted); }}", "a".repeat(DEEP)))
        .with("shop/src/\u{202e},a:b\n.rs", "fn f() { event!(dispatch.Rows.count); }");
    let said = folder.ask(&["lint", "--format", "json"]);
    assert!(rules(&said).contains(&format!("lint/not-declared 1:{}", 9 + DEEP + 7 + 1)), "{}", said.err);
    for format in ["text", "github"] {
        let said = folder.ask(&["lint", "--format", format]);
        assert_eq!(said.code, Some(1));
        assert!(!said.out.contains('\u{202e}'));
        // a name of a file with a line feed in it is still on one line
        let lines = said.out.lines().filter(|line| line.contains("name/word")).count();
        assert_eq!(lines, 1, "{}", said.out);
    }
}

#[test]
fn what_there_is_not_cannot_be_read() {
    let folder = Folder::new();
    for arguments in [&["lint", "nowhere"][..], &["lint", "--format", "xml"], &["lint", "--max-exempt", "-1"]] {
        let said = folder.ask(arguments);
        assert_eq!((said.out.as_str(), said.code), ("", Some(2)), "{arguments:?}");
    }
    let empty = folder.ask(&["lint"]);
    assert_eq!((empty.out.as_str(), empty.code), ("", Some(2)));
    assert!(empty.err.starts_with("error: there is no Rust source in "), "{}", empty.err);
}

#[test]
fn blocks_are_read_as_functions_are() {
    let registry = "version = 1
closed = true
[layers.operation]
tense = \"past\"
[layers.dispatch]
tense = \"present\"
[events.\"operation.tokens.created\"]
fields = { id = \"integer\" }
[events.\"dispatch.batch.start\"]
fields = { size = \"integer\" }
[events.\"dispatch.batch.complete\"]
fields = { size = \"integer\", stored = \"integer\" }
";
    let source = "\
fn a() { tense::span!(operation.tokens.create, || ()) }
fn b() { span!(operation.tokens.created, fields(id = f(1, 2), idd = 3), move || g::<A, B>(1)); }
fn c() { tense::span!(dispatch.batch.*, fields(size = 1, stored = _), || g::<A, B>(1)) }
fn d() { tense::span!(operation.tokens.created).start().end(); }
fn e() { tense::span!(operation.tokens.created, || g::<A, B>(1)) }
fn f() { tense::span!(crate = x, operation.tokens.created, fields(id = 1), async move { h(1, 2).await }) }
fn g() { tracing::span!(Level::INFO, \"operation\"); span!(Level::INFO, \"operation\", a = 1); }
fn h() { tense::log!(step, \"operation\"); fail!(\"operation.tokens.create\"); }
";
    let folder = Folder::new().with("Cargo.toml", WORKSPACE).with("tense.toml", registry);
    let folder = folder.with("shop/Cargo.toml", MANIFEST).with("shop/src/lib.rs", source);
    assert_eq!(
        rules(&folder.ask(&["lint", "--format", "json"])),
        ["registry/unknown-event 1:40", "fields/unknown 2:63", "fields/missing 4:40", "fields/missing 5:40"]
    );
}

#[test]
fn what_context_sets_has_to_be_handed_down() {
    let source = "
use tense::{context, traced};
fn a() { context!(job_id = 1, tenent = %order.tenant, r#worker_id = 2) }
fn b() { tense::context!(crate = x, user_id = f(1, 2), plan) }
fn c() { minijinja::context!(name => \"x\", plan = 1); }
macro_rules! made { ($n:ident) => { tense::context!($n = 1, size = 2); } }
";
    let registry = format!("{REGISTRY}[context]\ninherit = [\"tenant\"]\n");
    let folder = shop(&format!("{FINE}{source}")).with("tense.toml", registry);
    let folder = folder.with("shop/src/pages.rs", "fn a() { context!(plan = 1); tera::context!(plan = 1); }\n");
    let said = folder.ask(&["lint", "--format", "json"]);
    let told: Vec<String> = rules(&said).into_iter().filter(|told| told.starts_with("fields/")).collect();
    assert_eq!(told, ["fields/inherit 7:31", "fields/inherit 8:56", "fields/inherit 10:61"]);
    let first = said.json().into_iter().find(|told| told["rule"] == "fields/inherit").unwrap();
    assert_eq!(
        (&first["name"], &first["suggestion"], first["message"].as_str().unwrap()),
        (
            &json!("tenent"),
            &json!("tenant"),
            "`tenent` is not handed down (did you mean `tenant`?); handed down are `job_id`, `worker_id`, `machine_id`, \
             `user_id`, `tenant`: add it to `[context] inherit` in tense.toml, or record it in `fields(..)` \
             [fields/inherit]"
        )
    );
    // Without a file names are open, these as well.
    let open = Folder::new().with("Cargo.toml", MANIFEST).with("src/lib.rs", "fn a() { tense::context!(plan = 1); }\n");
    assert_eq!((open.ask(&["lint"]).out.as_str(), open.ask(&["lint"]).code), ("", Some(0)));
}
