//! What callgrind wrote of one thread goes in; how many instructions a [`Part`] of it executed comes out.
//!
//! The format is Valgrind's "Callgrind Format Specification": `fn=(3) name` says whose lines follow, later `fn=(3)`
//! alone; a line that begins with a position has the instructions executed there, except behind `calls=`, where it has
//! those of whoever was called, which stand under their own name as well.

use std::collections::HashMap;

use anyhow::Context as _;

use crate::Part;

pub(crate) fn instructions(profile: &str, part: Part) -> anyhow::Result<u64> {
    let (mut names, mut counts, mut of_callee, mut total) = (HashMap::new(), false, false, 0);
    for line in profile.lines() {
        if let Some((number, name)) = named(line, "fn=").or_else(|| named(line, "cfn=")) {
            if !name.is_empty() {
                names.insert(number, name);
            }
            if line.starts_with("fn=") {
                counts = part == Part::All || names.get(number).is_some_and(|name| is_rust(name));
            }
        } else if line.starts_with("calls=") {
            of_callee = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '*')) {
            let own = !std::mem::take(&mut of_callee);
            if let Some(executed) = line.split(' ').nth(1).filter(|_| own && counts) {
                let executed: u64 = executed.parse().with_context(|| format!("no number of instructions: {line:?}"))?;
                total += executed;
            }
        }
    }
    Ok(total)
}

/// The number and the name of `fn=(number) name`; the name is empty where it was said before.
fn named<'a>(line: &'a str, key: &str) -> Option<(&'a str, &'a str)> {
    let (number, name) = line.strip_prefix(key)?.strip_prefix('(')?.split_once(')')?;
    Some((number, name.trim_start()))
}

/// A path has colons; what copies memory is C, and does the same wherever it lies.
fn is_rust(name: &str) -> bool {
    name.contains("::") || name.trim_start_matches('_').starts_with("mem")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILE: &str = "version: 1\nevents: Ir\ntotals: 1171\n\nfl=(1) ???\nfn=(1) shop::answer\n0 100\n+3 5\n\
        cfn=(2) malloc\ncalls=2 0\n+1 1000\ncfn=(3) __memcpy_avx\ncalls=1 0\n* 66\n\nfn=(2)\n0 1000\n\nfn=(3)\n-4 60\n* 6\n";

    #[test]
    fn everything_is_what_callgrind_itself_adds_up() {
        assert_eq!(instructions(PROFILE, Part::All).unwrap(), 1171);
    }

    #[test]
    fn an_allocator_is_no_rust_and_a_copy_is_everybodys() {
        assert_eq!(instructions(PROFILE, Part::Rust).unwrap(), 171);
    }

    #[test]
    fn a_line_without_a_number_is_told() {
        let error = instructions("fn=(1) shop::answer\n0 many", Part::All).unwrap_err();
        assert!(error.to_string().contains("0 many"), "{error}");
    }
}
