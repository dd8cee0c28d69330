//! What `tense docs`, `tense schema` and `tense diff` write of three registries, held against the files in
//! `tests/snapshots`; those of `tense lint` are held by [`super::planted`].
//!
//! With `SNAPSHOTS=overwrite` in the environment the files are written anew; look at what has changed before you commit
//! it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::readers;
use super::said::Folder;

/// The reference registry, and those of two examples.
const REGISTRIES: [(&str, &str); 3] = [
    ("coordinator", "ui-tests/coordinator/tense.toml"),
    ("chat", "examples/chat/tense.toml"),
    ("fleet", "examples/fleet/tense.toml"),
];

pub(super) fn registry(path: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    workspace.join(path).to_str().unwrap().to_owned()
}

pub(super) fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name)
}

#[track_caller]
pub(super) fn check(name: &str, text: &str) {
    let path = path(name);
    if env::var("SNAPSHOTS").is_ok_and(|how| how == "overwrite") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let recorded = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(
        recorded == text,
        "{name} is another now; run this with SNAPSHOTS=overwrite and look at what has changed:\n{text}"
    );
}

#[test]
fn style_guides() {
    for (name, path) in REGISTRIES {
        let said = Folder::new().ask(&["docs", "--registry", &registry(path)]);
        assert_eq!((said.err.as_str(), said.code), ("", Some(0)), "{name}");
        check(&format!("{name}.md"), &said.out);
    }
}

#[test]
fn schemas() {
    for (name, path) in REGISTRIES {
        let json = Folder::new().ask(&["schema", "--registry", &registry(path)]);
        check(&format!("{name}.schema.json"), &json.out);
        let typescript = Folder::new().ask(&["schema", "--typescript", "--registry", &registry(path)]);
        check(&format!("{name}.ts"), &typescript.out);
        assert_eq!(
            (json.err + &typescript.err, json.code, typescript.code),
            (String::new(), Some(0), Some(0)),
            "{name}"
        );
    }
}

/// What somebody might do to each of them, as texts to be replaced.
const EDITS: [(&str, &[(&str, &str)]); 3] = [
    (
        "coordinator",
        &[
            ("closed = true ", "closed = false "),
            ("[layers.debug]\ntense = \"any\"", "[layers.debug]\ntense = \"present\""),
            (
                "[events.\"operation.context.read\"]\n",
                "[events.\"operation.context.value_read\"]\nwas = [\"operation.context.read\"]\n",
            ),
            ("[events.\"operation.context.validated\"]\nfields = { path = \"string?\" }", ""),
            ("[events.\"dispatch.sync.fan_in_activated\"]", "[events.\"dispatch.sync.fan_in_merged\"]"),
            ("branch_index = \"integer\"", "branch_index = \"integer?\", weight = \"float\""),
            ("path = \"string\", value = \"json\" }\nwas", "path = \"json\", value = \"string\" }\nwas"),
            ("\"dispatch.tokens.batch_created\" = \"covered by tokens_created of dispatch.batch.complete\"", ""),
            ("inherit = [\"token_id\", \"node_id\"]", "inherit = [\"token_id\"]"),
            ("event = \"debug.http.request\", fields = [\"status\"]", "event = \"debug.http.request\", fields = []"),
            ("failed = \"dispatch.workflow.failed\"\n", ""),
        ],
    ),
    (
        "chat",
        &[
            (
                "characters = \"integer\", language = \"string\"",
                "characters = \"float\", language = \"string\", channel = \"string?\"",
            ),
            ("documents = \"integer\", ", ""),
            ("[events.\"llm.started\"]", "[events.\"llm.begun\"]"),
            (
                "[events.\"translation.complete\"]",
                "[events.\"translation.checked\"]\n[events.\"translation.complete\"]",
            ),
        ],
    ),
    (
        "fleet",
        &[
            ("[events.\"job.queued\"]", "[events.\"job.enqueued\"]"),
            ("was = [\"job.enqueued\"]", "was = [\"job.queued\"]"),
            ("steps = \"integer?\"", "steps = \"integer\""),
            ("[events.\"worker.idled\"]\nfields = { worker_id = \"string\" }", ""),
            ("[removed]\n", "[removed]\n\"worker.idled\" = \"nobody has ever looked at it\"\n"),
        ],
    ),
];

#[test]
fn changes_of_registries() {
    for ((name, path), (of, edits)) in REGISTRIES.into_iter().zip(EDITS) {
        assert_eq!(name, of);
        let old = registry(path);
        let mut text = fs::read_to_string(&old).unwrap().replace("\r\n", "\n");
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{name}: {from}");
            text = text.replace(from, to);
        }
        let folder = Folder::new().with("new.toml", &text);
        readers::hold(&fs::read_to_string(&old).unwrap(), &text, &folder.ask(&["diff", &old, "new.toml", "--json"]));
        let said = folder.ask(&["diff", &old, "new.toml"]);
        assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
        check(&format!("{name}.diff.txt"), &(said.out + &said.err));
        let same = folder.ask(&["diff", &old, &old]);
        assert_eq!((same.out.as_str(), same.err.as_str(), same.code), ("", "0 changes, 0 breaking\n", Some(0)));
    }
}
