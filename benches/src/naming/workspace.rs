//! Makes the workspace that is measured, below the target folder: crates go in as texts, CPU seconds and lines of
//! figures come out.
//!
//! | crate | what it is |
//! |---|---|
//! | `empty` | a library with nothing in it |
//! | `checks` | `checks.rs`, built without optimization, as a macro is |
//! | `closed` | 2,000 annotated functions under a closed registry of 500 events with fields |
//! | `open` | the same functions without a registry |

use tense_benches::workspace::{Workspace, figures, repository};

const EVENTS: usize = 500;
const CALLS: usize = 2_000;

/// Writes the crates, and builds them all once.
pub(crate) fn make() -> anyhow::Result<Workspace> {
    let workspace = Workspace::new("naming", &["empty", "checks", "closed", "open"])?;
    let path = |package: &str, room: &str| -> anyhow::Result<String> {
        Ok(format!("{package} = {{ path = {:?} }}", repository()?.join(room)))
    };
    let (runtime, grammar) = (path("tense", "runtime")?, path("tense-grammar", "grammar")?);
    let (functions, registry) = (functions(), registry());
    workspace.member("empty", "", "src/lib.rs", "")?;
    workspace.member("checks", &grammar, "src/main.rs", include_str!("checks.rs"))?;
    workspace.write("checks/src/reference.toml", include_str!("../../../ui-tests/coordinator/tense.toml"))?;
    workspace.write("checks/src/large.toml", &registry)?;
    workspace.member("closed", &runtime, "src/lib.rs", &functions)?;
    workspace.write("closed/tense.toml", &registry)?;
    workspace.member("open", &runtime, "src/lib.rs", &functions)?;
    workspace.cargo(&["build", "-p", "empty", "-p", "checks", "-p", "tense-grammar"], "")?;
    workspace.cargo(&["check", "-p", "closed", "-p", "open"], "")?;
    Ok(workspace)
}

/// What the program `checks` prints.
pub(crate) fn checks(workspace: &Workspace) -> anyhow::Result<Vec<(String, f64)>> {
    let printed = workspace.cargo(&["run", "-p", "checks"], "")?;
    Ok(figures(&printed).map(|(key, figure)| (key.to_owned(), figure)).collect())
}

/// A closed registry of events with three fields each.
fn registry() -> String {
    let mut text = "version = 1\nclosed = true\n[layers.operation]\ntense = \"past\"\n".to_owned();
    for event in 0..EVENTS {
        text += &format!(
            "[events.\"operation.room{event}.status_updated\"]\nabout = \"The status of a room was changed.\"\n\
             fields = {{ room_id = \"string\", seats = \"integer\", note = \"string?\" }}\n\
             was = [\"operation.room{event}.update_status\"]\n"
        );
    }
    text
}

/// Functions that emit these events, each of them several times.
fn functions() -> String {
    let mut text = "#![allow(dead_code)]\n".to_owned();
    for call in 0..CALLS {
        let event = call % EVENTS;
        text += &format!(
            "#[tense::traced(operation.room{event}.status_updated, fields(room_id, seats))]\n\
             fn update_{call}(room_id: &str, seats: u64) -> u64 {{\n    seats + room_id.len() as u64\n}}\n"
        );
    }
    text
}
