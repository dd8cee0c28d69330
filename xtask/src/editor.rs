//! `cargo xtask editor`: a small crate full of annotations goes in; what rust-analyzer can do inside of their bodies
//! comes out.
//!
//! `RUST_ANALYZER` names the program, if it is not the one of that name in the path. Where there is none, nothing is
//! said against the annotations: it is skipped.

mod sample;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Context;
use serde_json::{Value, json};

use crate::run;
use crate::workspace::Workspace;
use sample::{Ask, Question, Sample};
use server::Server;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let program = std::env::var_os("RUST_ANALYZER").unwrap_or_else(|| "rust-analyzer".into());
    let mut probe = Command::new(&program);
    probe.arg("--version");
    let version = match run::run(probe) {
        Ok(ran) if ran.is_ok => ran.output,
        // A proxy of rustup is there also where the program is not.
        _ => {
            println!("skipped: no rust-analyzer");
            return Ok(ExitCode::SUCCESS);
        }
    };
    let workspace = Workspace::read()?;
    let sample = Sample::read(include_str!("editor/sample.txt"));
    let root = workspace.target.join("editor");
    write(&root, &workspace.root, &sample.text)?;
    let mut server = Server::start(Command::new(program))?;
    let complaint = open(&mut server, &root, &sample.text)?;
    println!("{}{}", version, complaint.map(|complaint| format!("which says: {complaint}\n")).unwrap_or_default());
    println!("| | completion | definition of a local | of a method | type |\n|---|---|---|---|---|");
    let mut wrong = 0;
    for case in &sample.cases {
        let mut row = format!("| {} |", case.name);
        for ask in Ask::ALL {
            let question = case.questions.iter().find(|question| question.ask == ask).context("it is not asked")?;
            let works = answer(&mut server, &root, &sample, *question)?;
            row.push_str(if works { " yes |" } else { " no |" });
            wrong += u32::from(!works);
        }
        println!("{row}");
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A crate of its own, with the versions of everything else here.
fn write(root: &Path, house: &Path, text: &str) -> anyhow::Result<()> {
    let manifest = format!(
        "[package]\nname = \"edited\"\nedition = \"2024\"\n\n[dependencies]\ntense = {{ path = '{}' }}\n\n[workspace]\n",
        house.join("runtime").display()
    );
    std::fs::create_dir_all(root.join("src"))?;
    std::fs::write(root.join("Cargo.toml"), manifest)?;
    std::fs::write(root.join("src/lib.rs"), text)?;
    std::fs::copy(house.join("Cargo.lock"), root.join("Cargo.lock"))?;
    Ok(())
}

fn open(server: &mut Server, root: &Path, text: &str) -> anyhow::Result<Option<String>> {
    server.ask(
        "initialize",
        &json!({
            "processId": std::process::id(),
            "rootUri": uri(root),
            "capabilities": {
                "experimental": { "serverStatusNotification": true },
                "textDocument": { "hover": { "contentFormat": ["plaintext"] } },
            },
            "initializationOptions": {
                "cargo": { "targetDir": true },
                "checkOnSave": false,
            },
        }),
    )?;
    server.notify("initialized", &json!({}))?;
    let document = json!({ "uri": uri(&source(root)), "languageId": "rust", "version": 1, "text": text });
    server.notify("textDocument/didOpen", &json!({ "textDocument": document }))?;
    server.settle()
}

/// Whether an editor gets what it would want there.
fn answer(server: &mut Server, root: &Path, sample: &Sample, question: Question) -> anyhow::Result<bool> {
    let Question { ask, line, column } = question;
    let at = json!({
        "textDocument": { "uri": uri(&source(root)) },
        "position": { "line": line, "character": column },
    });
    let lines: Vec<&str> = sample.text.lines().collect();
    Ok(match ask {
        Ask::Completion => {
            let offered = server.ask("textDocument/completion", &at)?;
            let offered = offered.get("items").unwrap_or(&offered);
            let has = |wanted: &str| array(offered).any(|item| text(&item["label"]).starts_with(wanted));
            has("left") && has("spend")
        }
        Ask::Local => leads(&server.ask("textDocument/definition", &at)?)
            .is_some_and(|to| to < line && line - to < 4 && lines[to].contains("let spent")),
        Ask::Method => leads(&server.ask("textDocument/definition", &at)?)
            .is_some_and(|to| lines[to].contains("pub fn spend(&self")),
        Ask::Hover => text(&server.ask("textDocument/hover", &at)?["contents"]["value"]).contains("more: u64"),
    })
}

/// The line of this file that a definition is in.
fn leads(answer: &Value) -> Option<usize> {
    let first = answer.as_array().map_or(answer, |all| all.first().unwrap_or(&Value::Null));
    let range = first.get("targetSelectionRange").or_else(|| first.get("range"))?;
    usize::try_from(range["start"]["line"].as_u64()?).ok()
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn source(root: &Path) -> PathBuf {
    root.join("src/lib.rs")
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
