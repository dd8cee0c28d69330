//! Arguments that nobody should write: every command says what it does not understand, or finds nothing, and no text
//! becomes a part of a question to the database.

use crate::it::asked::{all, in_time, stage, tense};

/// Numbers that are none of those that a limit may be.
const NUMBERS: [&str; 8] = ["-1", "1e18", "99999999999999999999", "NaN", "", " ", "0x10", "1; DROP TABLE traces"];
/// Texts that may be anything.
const TEXTS: [&str; 10] = [
    "'; DROP TABLE traces; --",
    "\" OR 1=1 --",
    "%",
    "_",
    "*",
    "\u{1b}[31m",
    "\u{202e}",
    "../../../../etc/passwd",
    "0000000000000000000000000000000000000000000000000000000000000000000000000000",
    "ſ\u{0301}漢字",
];

#[test]
fn that_are_no_numbers_are_told_with_code_two() {
    let bench = stage();
    let folder = bench.folder();
    let mut limits = 0;
    for asked in all().iter().filter(|asked| asked.help.contains("--limit <")) {
        limits += 1;
        for number in NUMBERS {
            let words = asked.with(&[&format!("--limit={number}")]);
            let said = in_time(&mut tense(folder, &words), &asked.name);
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "tense {words:?}: {}", said.err);
            assert!(said.err.contains("--limit") && said.err.contains("invalid value"), "{}", said.err);
        }
        // These are numbers; whoever takes none of them says so.
        for number in ["0", "1", "4294967295"] {
            let words = asked.with(&["--limit", number]);
            let said = in_time(&mut tense(folder, &words), &asked.name);
            assert!(
                said.code != Some(2) || (number != "1" && said.err.contains("--limit")),
                "tense {words:?}: {}",
                said.err
            );
        }
    }
    assert!(limits >= 2);
}

#[test]
fn of_any_text_find_nothing_and_change_nothing() {
    let bench = stage();
    let folder = bench.folder();
    let before = bench.ask(&["traces", "--json"]).out;
    for asked in all().iter().filter(|asked| asked.is_about_runs) {
        for text in TEXTS {
            let words: Vec<String> = match asked.arguments.split_first() {
                Some((name, rest)) if !rest.is_empty() => {
                    [name.clone()].into_iter().chain(rest.iter().map(|_| text.to_owned())).collect()
                }
                _ => asked.with(&[text]),
            };
            let said = in_time(&mut tense(folder, &words), &asked.name);
            assert!(said.code != Some(0) || asked.takes_more, "tense {words:?}: {}", said.out);
            for told in [&said.out, &said.err] {
                let steers = |c: &char| tense_store::text::is_hostile(*c) && *c != '\n';
                assert_eq!(told.chars().find(steers), None, "tense {words:?}: {}", told.escape_debug());
            }
        }
    }
    assert_eq!(bench.ask(&["traces", "--json"]).out, before);
}

#[test]
fn that_no_command_knows_are_told_with_code_two() {
    let bench = stage();
    let folder = bench.folder();
    for asked in all() {
        for odd in ["--no-such-option", "--json=maybe", "-Z"] {
            let said = in_time(&mut tense(folder, &asked.with(&[odd])), &asked.name);
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "tense {} {odd}: {}", asked.name, said.err);
            assert!(said.err.contains("--help"), "{}", said.err);
        }
    }
}
