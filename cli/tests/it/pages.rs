//! What the command says of itself: completions that shells take, manual pages that formatters take, help with
//! examples.

use std::process::{Command, Stdio};

use super::asked::all;
use super::said::{Folder, said};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

#[test]
fn completions_name_every_command_and_its_options() {
    for shell in SHELLS {
        let folder = Folder::new();
        let script = folder.ask(&["completions", shell]);
        assert_eq!((script.code, script.err.as_str()), (Some(0), ""), "{shell}");
        for asked in all() {
            assert!(script.out.contains(&asked.name), "{shell} does not complete `{}`", asked.name);
        }
        for option in ["db", "failed", "registry"] {
            assert!(script.out.contains(option), "{shell} does not complete `--{option}`");
        }
    }
    let odd = Folder::new().ask(&["completions", "tcsh"]);
    assert_eq!((odd.code, odd.out.as_str()), (Some(2), ""));
    assert!(odd.err.contains("bash") && odd.err.contains("zsh"), "{}", odd.err);
}

/// Each shell that is installed reads its script without a word.
#[test]
fn completions_are_taken_by_the_shells_that_are_here() {
    for (shell, check) in [("bash", &["-n"] as &[&str]), ("zsh", &["-n"]), ("fish", &["--no-execute"])] {
        let folder = Folder::new();
        let folder = folder.with("script", Folder::new().ask(&["completions", shell]).out);
        let mut command = Command::new(shell);
        let Ok(output) = command.args(check).arg("script").current_dir(folder.path()).output() else { continue };
        let said = said(output);
        assert_eq!((said.code, said.err.as_str(), said.out.as_str()), (Some(0), "", ""), "{shell}");
    }
}

#[test]
fn bash_completes_a_command_and_an_option() {
    let folder = Folder::new();
    let folder = folder.with("script", Folder::new().ask(&["completions", "bash"]).out);
    for (words, expected) in [(&["tense", "doc"] as &[&str], "doctor"), (&["tense", "traces", "--fai"], "--failed")] {
        let last = words.len() - 1;
        let script = format!(
            "source ./script; COMP_WORDS=({}); COMP_CWORD={last}; _tense tense '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            words.join(" "),
            words[last],
            words[last - 1],
        );
        let mut bash = Command::new("bash");
        let Ok(output) = bash.args(["--norc", "-c", &script]).current_dir(folder.path()).output() else { return };
        let said = said(output);
        assert!(said.out.lines().any(|line| line == expected), "{words:?}: {}{}", said.out, said.err);
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = Folder::new();
    let written = folder.ask(&["man", "--output", "man/man1"]);
    assert_eq!((written.out.as_str(), written.err.as_str(), written.code), ("", "", Some(0)));
    let mut pages: Vec<String> = std::fs::read_dir(folder.path().join("man/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let all = all();
    let mut expected: Vec<String> = all.iter().map(|asked| format!("tense-{}.1", asked.name)).collect();
    expected.push("tense.1".to_owned());
    pages.sort();
    expected.sort();
    assert_eq!(pages, expected);
    for asked in all {
        let page = folder.ask(&["man", &asked.name]);
        let file = std::fs::read_to_string(folder.path().join(format!("man/man1/tense-{}.1", asked.name))).unwrap();
        assert_eq!((page.out, page.code), (file, Some(0)), "{}", asked.name);
    }
    let none = folder.ask(&["man", "nothing"]);
    assert_eq!((none.code, none.out.as_str()), (Some(2), ""));
    assert!(none.err.contains("`nothing` is no command"), "{}", none.err);
}

/// By each of those that are here: no warning, and what matters is to be read.
#[test]
fn manual_pages_are_rendered_without_a_warning() {
    let folder = Folder::new();
    assert_eq!(folder.ask(&["man", "--output", "man1"]).code, Some(0));
    for asked in all() {
        let page = format!("man1/tense-{}.1", asked.name);
        for (program, words) in [
            ("groff", &["-man", "-ww", "-Tutf8"] as &[&str]),
            ("mandoc", &["-T", "utf8", "-W", "warning"]),
            ("man", &["--warnings", "-l"]),
        ] {
            let mut command = Command::new(program);
            command.args(words).arg(&page).current_dir(folder.path()).stdin(Stdio::null());
            command.env("MANWIDTH", "80").env("LC_ALL", "C.UTF-8").env("MANROFFOPT", "-ww").env("PAGER", "cat");

            let Ok(output) = command.output() else { continue };
            let said = said(output);
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{program} of {page}");
            let text = without_bold(&said.out);
            for part in ["NAME", "SYNOPSIS", "EXAMPLES", "SEE ALSO"] {
                assert!(text.contains(part), "{program} of {page} has no {part}\n{text}");
            }
        }
    }
}

/// A letter that was struck twice is one letter.
fn without_bold(text: &str) -> String {
    let mut plain = String::new();
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\u{8}' => drop(plain.pop()),
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            _ if escape => {}
            c => plain.push(c),
        }
    }
    plain
}

/// In its own help, in that of all, or in the README; a line of a shell that can be copied.
#[test]
fn every_command_has_an_example() {
    let readme = include_str!("../../../README.md");
    let whole = Folder::new().ask(&["--help"]).out;
    for asked in all() {
        let call = format!("tense {}", asked.name);
        let is_example = |line: &str| line.trim_start_matches([' ', '$']).starts_with(&call);
        let is_there = [asked.help.as_str(), &whole, readme].iter().any(|text| text.lines().any(is_example));
        assert!(is_there, "neither the help nor README.md has an example of `{call}`");
        assert!(
            asked.help.lines().next().is_some_and(|line| !line.is_empty() && !line.ends_with('.')),
            "{}",
            asked.help
        );
        // Each option says what it does, beside it or below.
        let options = asked.help.split("\nExamples:\n").next().unwrap_or_default();
        let lines: Vec<&str> = options.lines().collect();
        for (nth, option) in lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("--")) {
            let beside = option.trim_start().split_once("  ").map(|(_, what)| what.trim());
            let what = beside.or_else(|| lines.get(nth + 1).map(|below| below.trim())).unwrap_or_default();
            assert!(what.len() > 3 && !what.starts_with('-'), "`{call}` does not say what this does: {option}");
        }
    }
}
