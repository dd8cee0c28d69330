//! `docs/reliability.md` goes in: every test that it names exists, and every fault that is tested is named there.

use std::collections::BTreeSet;

use super::{assert_none, files, read, root, shown};

const FAULTS: &str = "layer/tests/faults/";

/// What stands in backticks in the last cell of a row: `module::test`.
fn named() -> BTreeSet<String> {
    let page = read(&root().join("docs/reliability.md"));
    let cells = page.lines().filter_map(|line| line.strip_suffix('|')?.rsplit('|').next());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).filter(|name| name.contains("::")));
    names.map(str::to_owned).collect()
}

/// Tests within `faults!`, where each begins its line, four spaces from the left, and takes nothing.
fn tested() -> BTreeSet<String> {
    let sources = files("rs").into_iter().filter(|path| shown(path).starts_with(FAULTS));
    let tests = sources.flat_map(|path| {
        let module = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = read(&path);
        let names = text.lines().filter_map(|line| Some(line.strip_prefix("    fn ")?.split_once("() ")?.0));
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
