//! The section "For the team" of `docs/registry.md`: its commands are run on the file that the page shows, and what it
//! says that they write is what they write.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::said::{Folder, said};

fn page() -> String {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(house.join("docs/registry.md")).unwrap().replace("\r\n", "\n")
}

/// What stands in the fenced blocks of a kind.
fn blocks<'p>(page: &'p str, kind: &str) -> Vec<&'p str> {
    let fence = format!("```{kind}\n");
    page.split(&*fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

fn section(page: &str) -> &str {
    let (_, section) = page.split_once("\n## For the team\n").unwrap();
    section.split("\n## ").next().unwrap()
}

/// A project with that registry, a crate, and the files that CI compares.
fn project(page: &str) -> Folder {
    let folder = Folder::new()
        .with("tense.toml", blocks(page, "toml")[0])
        .with("Cargo.toml", "[package]\nname = \"shop\"\n")
        .with("src/lib.rs", "fn f() { tense::event!(operation.tokens.snapshot); }\n")
        .with("docs/README.md", "")
        .with("web/README.md", "");
    for arguments in
        [&["docs", "--output", "docs/events.md"][..], &["schema", "--typescript", "--output", "web/events.ts"]]
    {
        assert_eq!(folder.ask(arguments).code, Some(0));
    }
    folder
}

/// What the shell says to a line, on both of its outputs, and the exit code.
fn in_a_shell(folder: &Folder, line: &str) -> (String, Option<i32>) {
    let tense = Path::new(env!("CARGO_BIN_EXE_tense")).parent().unwrap();
    let path = std::env::join_paths(
        [tense.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut shell = Command::new("bash");
    let of_nobody = ["GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"];
    shell.args(["-c", &format!("{{ {line}\n}} 2>&1")]).current_dir(folder.path()).stdin(Stdio::null());
    shell.env("PATH", path.unwrap()).envs(of_nobody.map(|variable| (variable, "nobody")));
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let said = said(shell.output().unwrap());
    assert_eq!(said.err, "", "{line}");
    (said.out, said.code)
}

#[test]
fn each_command_of_the_table_answers() {
    let page = page();
    let folder = project(&page).with("new.toml", blocks(&page, "toml")[0]);
    let rows: Vec<&str> =
        section(&page).lines().filter_map(|line| line.strip_prefix("| `tense ")?.split('`').next()).collect();
    assert_eq!(rows.len(), 5, "{rows:?}");
    for row in rows {
        let arguments = row.replace("OLD", "tense.toml").replace("NEW", "new.toml");
        let said = folder.ask(&arguments.split(' ').collect::<Vec<_>>());
        // the crate emits one event of seven
        assert_eq!(said.code, Some(i32::from(row == "lint")), "{row}: {}{}", said.out, said.err);
    }
}

#[test]
fn what_ci_runs_is_fine_until_the_registry_changes() {
    let page = page();
    let folder = project(&page);
    let make = "git init -q . && git add . && git commit -q -m x && git update-ref refs/remotes/origin/main HEAD";
    assert_eq!(in_a_shell(&folder, make), (String::new(), Some(0)));
    let lines: Vec<&str> = blocks(section(&page), "sh").into_iter().flat_map(str::lines).collect();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        let (out, code) = in_a_shell(&folder, line);
        assert_eq!(code, Some(0), "{line}: {out}");
    }
    let changed = blocks(&page, "toml")[0].replace("branch = \"integer\"", "branch = \"string\"");
    let folder = folder.with("tense.toml", changed);
    for line in &lines {
        let (out, code) = in_a_shell(&folder, line);
        assert_eq!(code, Some(1), "{line}: {out}");
    }
}

#[test]
fn what_the_page_shows_is_what_is_written() {
    let page = page();
    let folder = project(&page);
    let shown = blocks(section(&page), "console");
    assert_eq!(shown.len(), 1);
    for block in shown {
        let mut is = String::new();
        for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            is += &format!("$ {line}\n{}", in_a_shell(&folder, line).0);
        }
        assert_eq!(is, block);
    }
}
