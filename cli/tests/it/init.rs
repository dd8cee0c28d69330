//! `tense init`: workspaces without a `tense.toml`, the one that is written for them, and that they build as before.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use tense_grammar::{Registry, Tense};

use super::said::Folder;

const MANIFEST: &str = "[package]\nname = \"shop\"\nedition = \"2024\"\n";

/// A crate that is a workspace of its own, with this source.
fn shop(source: &str) -> Folder {
    Folder::new().with("Cargo.toml", format!("{MANIFEST}[workspace]\n")).with("src/lib.rs", source)
}

fn written(folder: &Folder) -> (String, Registry) {
    let text = fs::read_to_string(folder.path().join("tense.toml")).unwrap();
    let registry = Registry::parse(&text).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}"));
    (text, registry)
}

#[test]
fn what_is_emitted_is_declared_as_it_is_called() {
    let source = "\
#[traced(operation.tokens._, fields(id, by = name))] fn update_status(id: u64) {}
#[traced(dispatch.batch.*, fields(count, applied = _))] fn run(count: u64) {}
fn f() { event!(billing.cards.charged); event!(billing.cards.refunded); event!(weather.rain.fall); }
";
    let folder = shop(source);
    let said = folder.ask(&["init"]);
    assert_eq!(
        (said.out.as_str(), said.err.as_str(), said.code),
        ("tense.toml: 6 events in 4 layers declared, 1 remark to look at; from 1 file of 1 crate\n", "", Some(0))
    );
    let (text, registry) = written(&folder);
    let events: Vec<&str> = registry.events().map(|event| event.name.as_str()).collect();
    let expected = [
        "billing.cards.charged",
        "billing.cards.refunded",
        "dispatch.batch.complete",
        "dispatch.batch.start",
        "operation.tokens.status_updated",
        "weather.rain.fall",
    ];
    assert_eq!(events, expected);
    let tenses = ["billing", "dispatch", "operation", "weather"].map(|layer| registry.tense_of(layer));
    assert_eq!(tenses, [Tense::Past, Tense::Present, Tense::Past, Tense::Present]);
    assert!(!registry.is_closed() && text.contains("write `closed = true`"));
    let failure = "# By its tense a failure is called `billing.cards.charge_failed`; without this layer it was `";
    assert!(text.contains(failure), "{text}");
    // what the body fills in is on the end of a life alone
    assert!(text.contains("complete\"]\n# fields = { applied = \"..\", count = \"..\" }\n"), "{text}");
    assert!(text.contains("start\"]\n# fields = { count = \"..\" }\n"), "{text}");
    assert_eq!(folder.ask(&["lint"]).code, Some(0));

    let again = folder.ask(&["init"]);
    assert_eq!((again.out.as_str(), again.code), ("", Some(2)));
    assert!(again.err.contains("there is a file already, tense.toml: `tense lint` says"), "{}", again.err);
    assert_eq!(written(&folder).0, text);
}

#[test]
fn what_a_person_has_to_decide_is_a_comment() {
    let source = "\
fn f() { event!(stock.items.added); event!(stock.items.removed); event!(stock.items.count_items); }
fn g() { event!(mail.letter.send); event!(mail.letter.opened); }
#[traced(operation.tokens.snapshot, exempt(tense, reason = \"a noun that readers key on\"))] fn h() {}
#[traced(operation.tokens.create)] fn i() {}
#[traced(operation.tokens.created)] fn j() {}
#[traced(dispatch.token.create)] fn k() {}
";
    let folder = shop(source);
    let said = folder.ask(&["init", "--dry-run"]);
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    assert!(!folder.path().join("tense.toml").exists());
    for line in [
        "# 2 of 3 names are in the past tense. To make it a rule, see what becomes of the others and write `past`:\n\
         #   stock.items.count_items -> stock.items.items_counted\n[layers.stock]\ntense = \"any\"\n",
        "# Its names keep neither tense more than the other. Decide for `past` or `present`:\n[layers.mail]\ntense = \"any\"\n",
        "# Not declared, operation.tokens.snapshot: its tense is excused in src/lib.rs:3:10",
        "# Not declared, dispatch.token.create: `dispatch.token.create` and `operation.tokens.created` report one operation",
        "# Not declared, operation.tokens.created: ",
        "#   src/lib.rs:4:10: `operation` events say what has happened",
    ] {
        assert!(said.out.contains(line), "{line}\n{}", said.out);
    }
    let registry = Registry::parse(&said.out).unwrap();
    assert!(registry.events().all(|event| event.exempt.is_none()));
    folder.ask(&["init"]);
    assert_eq!(written(&folder).0, said.out);
}

#[test]
fn the_file_is_for_the_workspace_and_for_nobody_else() {
    let source = "fn f() { tense::event!(operation.NAME.created); }";
    let source = |name: &str| source.replace("NAME", name);
    let folder = Folder::new()
        .with("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\", \"own\"]\n")
        .with("a/Cargo.toml", MANIFEST)
        .with("a/src/lib.rs", source("apples"))
        .with("b/Cargo.toml", MANIFEST)
        .with("b/src/lib.rs", "fn nothing() {}")
        .with("own/Cargo.toml", MANIFEST)
        .with("own/tense.toml", "version = 1\n")
        .with("own/src/lib.rs", source("pears"))
        .with("other/Cargo.toml", format!("{MANIFEST}[workspace]\n"))
        .with("other/src/lib.rs", source("plums"));
    let long_ago = SystemTime::now() - Duration::from_secs(9_000);
    let manifest = |krate: &str| folder.path().join(krate).join("Cargo.toml");
    for krate in ["a", "b", "own", "other"] {
        fs::File::options().append(true).open(manifest(krate)).unwrap().set_modified(long_ago).unwrap();
    }
    let said = folder.ask(&["init", "a/src"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let events: Vec<String> = written(&folder).1.events().map(|event| event.name.clone()).collect();
    assert_eq!(events, ["operation.apples.created"]);
    let is_touched =
        |krate: &str| manifest(krate).metadata().unwrap().modified().unwrap() > long_ago + Duration::from_secs(60);
    assert_eq!(["a", "b", "own", "other"].map(is_touched), [true, false, false, false]);
    assert_eq!(fs::read_to_string(manifest("a")).unwrap(), MANIFEST);

    let nowhere = Folder::new().with("src/lib.rs", source("apples")).ask(&["init"]);
    assert_eq!((nowhere.out.as_str(), nowhere.code), ("", Some(2)));
    assert!(nowhere.err.contains("there is no Cargo.toml"), "{}", nowhere.err);
}

#[test]
fn a_workspace_without_names_gets_the_layers_that_are_built_in() {
    let folder = shop("fn nothing() {}\n");
    assert_eq!(folder.ask(&["init"]).code, Some(0));
    let (_, registry) = written(&folder);
    let layers: Vec<_> = registry.layers().map(|(name, layer)| (name.to_owned(), layer.tense)).collect();
    let builtin: Vec<_> = Registry::builtin().layers().map(|(name, layer)| (name.to_owned(), layer.tense)).collect();
    assert_eq!(layers, builtin);
}

/// What a `macro_rules!` names compiles, whatever it is called; nobody can declare it.
#[test]
fn the_function_of_a_macro_is_counted_and_not_called_a_mistake() {
    let folder = shop("macro_rules! m { ($f:ident) => { #[tense::traced(operation.tokens._)] fn $f() {} } }\n");
    let said = folder.ask(&["init"]);
    assert_eq!(
        (said.code, &*said.err),
        (Some(0), "1 name could not be read, most likely since a macro puts them together\n")
    );
    let (text, _) = written(&folder);
    assert!(!text.contains("do not compile today"), "{text}");
}

#[test]
fn the_workspace_builds_before_and_after_and_is_built_anew() {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let runtime = house.join("runtime");
    let source = "\
//! A crate that compiles today.
use tense::{event, traced};

#[traced(operation.tokens._, fields(id))]
pub fn update_status(id: u64) {}
#[traced(operation.tokens.snapshot, exempt(tense, reason = \"a noun that readers key on\"))]
pub fn snapshot() {}
#[traced(dispatch.token.create)]
pub fn plan() {
    event!(operation.tokens.created);
    event!(stock.items.added, count = 1);
    event!(stock.items.count_items);
    event!(operation.tokens.create_failed);
}
#[traced(stock.count.*, fields(all = _))]
pub fn count() {
    tense::record!(all = 1);
}
";
    let manifest = format!(
        "[package]\nname = \"shop\"\nedition = \"2024\"\n\n[dependencies]\ntense = {{ path = '{}' }}\n\n[workspace]\n",
        runtime.display()
    );
    let lock = fs::read_to_string(house.join("Cargo.lock")).unwrap();
    let folder = Folder::new().with("Cargo.toml", manifest).with("Cargo.lock", lock).with("src/lib.rs", source);
    // kept between runs, so that the macros are compiled once
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("init");
    let build = || {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["check", "--offline", "--target-dir"]).arg(&target).current_dir(folder.path());
        let output = command.env_remove("RUSTFLAGS").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains("warning"), "{said}");
        said.contains("Checking shop")
    };
    assert!(build());
    let said = folder.ask(&["init"]);
    assert_eq!((said.err.as_str(), said.code), ("", Some(0)));
    assert!(written(&folder).1.event("stock.items.added").is_some());
    assert!(build(), "the new file is noticed");
}
