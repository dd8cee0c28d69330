//! `docs/reliability.md` goes in: every test that it names exists, and every fault that is tested is named there.

use std::collections::BTreeSet;

use super::{assert_none, files, read, root, shown};

const FAULTS: &str = "layer/tests/faults/";
/// Those of the command, which are tests as any other.
const OF_THE_COMMAND: &str = "cli/tests/it/faults/";

/// What stands in backticks in the last cell of a row: `module::test`.
fn named() -> BTreeSet<String> {
    let page = read(&root().join("docs/reliability.md"));
    let cells = page.lines().filter_map(|line| line.strip_suffix('|')?.rsplit('|').next());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).filter(|name| name.contains("::")));
    names.map(str::to_owned).collect()
}

/// Tests within `faults!`, where each begins its line, four spaces from the left, and takes nothing; and of the command
/// those below `#[test]`.
fn tested() -> BTreeSet<String> {
    let sources =
        files("rs").into_iter().filter(|path| [FAULTS, OF_THE_COMMAND].iter().any(|of| shown(path).starts_with(of)));
    let tests = sources.flat_map(|path| {
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = read(&path);
        let begin = if shown(&path).starts_with(FAULTS) { "    fn " } else { "fn " };
        let is_test =
            |before: &[&str]| before.iter().rev().take_while(|line| !line.is_empty()).any(|line| *line == "#[test]");
        let lines: Vec<&str> = text.lines().collect();
        let names = lines.iter().enumerate().filter_map(|(nth, line)| {
            let name = line.strip_prefix(begin)?.split_once("() ")?.0;
            (begin != "fn " || is_test(&lines[..nth])).then_some(name)
        });
        names.map(|name| format!("{module}::{name}")).collect::<Vec<_>>()
    });
    tests.filter(|name| !name.starts_with("child::")).collect()
}

#[test]
fn every_fault_has_a_row_and_every_row_a_test() {
    let (named, tested) = (named(), tested());
    assert!(tested.len() > 50, "{tested:#?}");
    let missing = tested.difference(&named).map(|test| format!("docs/reliability.md has no row for `{test}`"));
    let invented =
        named.difference(&tested).map(|test| format!("docs/reliability.md names `{test}`, and there is none"));
    assert_none(&missing.chain(invented).collect::<Vec<_>>());
}
