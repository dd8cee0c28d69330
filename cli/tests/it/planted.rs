//! `tense lint`, whole: what it says of the examples, and of a workspace with a finding of every kind planted, held
//! against the files in `tests/snapshots`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::lint::in_the_house;
use super::said::Folder;
use super::snapshots;

const FORMATS: [(&str, &str); 3] = [("text", "txt"), ("json", "jsonl"), ("github", "github.txt")];

#[test]
fn the_examples() {
    for name in ["coordinator", "chat", "fleet"] {
        let folder = format!("examples/{name}");
        let said = in_the_house(&["lint", &folder]);
        assert_eq!(said.code, Some(0), "{name}");
        snapshots::check(&format!("lint.{name}.txt"), &(said.out + &without_counts(&said.err)));
    }
}

/// How many files and names an example has is its own affair; what is wrong with them is told here.
fn without_counts(said: &str) -> String {
    let is_counted = |next: &str| ["file", "name"].iter().any(|noun| next.trim_matches(&[',', ';', 's'][..]) == *noun);
    let mut text = String::new();
    let mut words = said.split_inclusive([' ', '\n']).peekable();
    while let Some(word) = words.next() {
        let is_count = word.trim().parse::<usize>().is_ok() && words.peek().is_some_and(|next| is_counted(next.trim()));
        text += if is_count { "SOME " } else { word };
    }
    text.replace("SOME file ", "SOME files ").replace("SOME name ", "SOME names ")
}

/// A mistake a line, in the crate that is judged by the coordinator's registry.
const ENGINE: &str = r#"use tense::{event, traced as recorded};
#[recorded(operation.tokens.create, fields(token_id, node_id, branch_index, branch_total))] fn old(token_id: &str, node_id: &str, branch_index: u64, branch_total: u64) {}
#[traced(operation.context /* of the plan */ .merge.complete)] fn old_with_a_comment() {}
fn removed() { event!(dispatch.tokens.batch_created); }
#[traced(opration.tokens.created)] fn layer_misspelt() {}
#[traced(operation.tokens.craeted)] fn event_misspelt() {}
#[traced(operation.Tokens.created)] fn not_lower_case() {}
#[traced(operation)] fn too_short() {}
#[traced("operation..created")] fn nothing_between_dots() {}
#[traced(operation.*.created)] fn wildcard_in_the_middle() {}
#[traced(operation.tokens._)] fn banana() {}
#[traced(operation.context.read, exempt(tense, reason = "it was needed once upon a time"), fields(path, value))] fn exempt_without_need(path: &str, value: i64) {}
#[traced(operation.metadata.purge, exempt(tense, reason = "todo"))] fn exempt_without_reason() {}
#[traced(operation.context.branch.validated)] fn field_missing() {}
#[traced(operation.context.branch.validated, fields(token_id, tokn = 1))] fn field_unknown(token_id: &str) {}
#[traced(dispatch.batch.*, fields(decision_count = _))] fn field_too_late() {}
mod tokens { #[tracing::instrument(skip_all)] fn update_status() {} #[tracing::instrument(fields(late))] fn delete() {} }
macro_rules! made { ($n:ident) => { tense::event!(operation.tokens.$n); } }
fn in_context() { tense::context!(job_id = "a", tokn_id = "b"); }
mod more { mod tokens { #[tracing::instrument(skip_all, fields(from = "a", to = "b"))] fn update_status() {} } }
"#;

/// The crate with an open registry of its own.
const YOUNG: &str = "\
fn f() { tense::event!(operation.rows.added); tense::event!(billing.rows.added); }
#[tense::traced(operation.rows.inserted)] fn old() {}
#[tense::traced(operation.rows.aded)] fn not_declared() {}
#[tense::traced(operation.lines.*)] fn life_not_declared() {}
#[tense::traced(operation.lines.delete)] fn not_past() {}
#[tense::traced(dispatch.lines.deleted)] fn not_present() {}
#[tense::traced(dispatch.row.add)] fn owned_by_another_layer() {}
#[tense::traced(opration.rows.added)] fn layer_misspelt() {}
";
const YOUNG_REGISTRY: &str = "\
version = 1
migrating = true
[layers.operation]
tense = \"past\"
[layers.billing]
tense = \"past\"
[layers.dispatch]
tense = \"present\"
[events.\"operation.rows.added\"]
was = [\"operation.rows.inserted\"]
";

const BROKEN_REGISTRY: &str = "\
version = 1
clsoed = true
[layers.operation]
tense = \"future\"
[events.\"operation.rows.add\"]
exempt = { rule = \"spelling\", reason = \"it has always been written so\" }
";

fn workspace() -> Folder {
    let house = |path: &str| fs::read_to_string(snapshots::registry(path)).unwrap().replace("\r\n", "\n");
    let manifest = |name: &str| format!("[package]\nname = \"{name}\"\n\n[dependencies]\ntense = \"0.1\"\n");
    let mut folder = Folder::new()
        .with("Cargo.toml", "[workspace]\nmembers = [\"engine\", \"young\", \"broken\"]\n")
        .with("tense.toml", house("ui-tests/coordinator/tense.toml"));
    // all that is declared is emitted, but for two events, one of which is left to a test
    for file in ["lib", "operation", "dispatch", "decision", "queries"] {
        let path = format!("ui-tests/coordinator/src/{file}.rs");
        let emitted =
            |line: &&str| !line.contains("decision.sync.wait") && !line.contains("decision.completion.extract");
        let text: Vec<String> = house(&path).lines().filter(emitted).map(|line| format!("{line}\n")).collect();
        folder = folder.with(&format!("engine/src/{file}.rs"), text.concat());
    }
    folder
        .with("engine/Cargo.toml", manifest("engine"))
        .with("engine/src/planted.rs", ENGINE)
        .with("engine/src/long.rs", format!("#[tense::traced(operation.{}.created)] fn f() {{}}\n", "a".repeat(5_000)))
        .with("engine/src/torn.rs", "fn event() {")
        .with("engine/src/latin.rs", b"// event \xe9\n")
        .with("engine/tests/it.rs", "fn f() { event!(decision.completion.extract); event!(decision.sync.waited); }\n")
        .with("engine/fail/wrong.rs", "#[traced(operation.tokens.delete)] fn f() {}\n")
        .with("young/Cargo.toml", manifest("young"))
        .with("young/tense.toml", YOUNG_REGISTRY)
        .with("young/src/lib.rs", YOUNG)
        .with("broken/Cargo.toml", manifest("broken"))
        .with("broken/tense.toml", BROKEN_REGISTRY)
        .with("broken/src/main.rs", "#[tense::traced(operation.rows.add)] fn main() {}\n")
}

#[test]
fn a_finding_of_every_kind() {
    let folder = workspace();
    let mut told: BTreeSet<String> = BTreeSet::new();
    for (format, ending) in FORMATS {
        let said = folder.ask(&["lint", "--max-exempt", "10", "--format", format]);
        assert_eq!(said.code, Some(1));
        let summary = if format == "text" { said.err.as_str() } else { "" };
        snapshots::check(&format!("lint.planted.{ending}"), &format!("{}{summary}", said.out));
        if format == "json" {
            told.extend(said.json().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()));
        }
    }
    // what is rewritten, and what is left; one file is protected
    let path = folder.path().join("young/src/lib.rs");
    let mut permissions = path.metadata().unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let said = folder.ask(&["lint", "--fix", "--fix-instrument", "--format", "json"]);
    told.extend(said.json().iter().map(|finding| finding["rule"].as_str().unwrap().to_owned()));
    let text = folder.ask(&["lint", "--fix", "--fix-instrument"]);
    assert_eq!((said.code, text.code), (Some(1), Some(1)));
    snapshots::check("lint.planted.fixed.jsonl", &said.out);
    snapshots::check("lint.planted.fixed.txt", &(text.out + &text.err));

    // every rule that the page explains and that lint can tell: names, their registry, and its own; those here are
    // about what the compiler alone knows, and the last one is told as `lint/renamed`
    let of_the_compiler = [
        "name/empty-segment",
        "name/methods",
        "name/missing",
        "name/token",
        "registry/argument",
        "fields/type",
        "registry/renamed",
    ];
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("docs/rules.md")).unwrap();
    let rules = page.lines().filter_map(|line| line.strip_prefix("## `")?.strip_suffix('`'));
    let groups = ["lint/", "name/", "tense/", "exempt/", "registry/", "fields/"];
    let untold: Vec<&str> = rules
        .filter(|rule| groups.iter().any(|group| rule.starts_with(group)))
        .filter(|rule| !told.contains(*rule) && !of_the_compiler.contains(rule))
        .collect();
    assert_eq!(untold, [""; 0], "is not planted, or not told");
}
