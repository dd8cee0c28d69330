//! `docs/settings.md` goes in: every setting has its row there, with the key, the method, the variable and the value
//! unless set that it really has, and no row is about one that is not there.

use tense_grammar::SETTINGS;

use super::{assert_none, files, read, root, shown};

/// The cells of the rows that are about settings.
fn rows(page: &str) -> Vec<Vec<&str>> {
    let rows = page.lines().map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    rows.filter(|row| row.len() == 5 && row[0].starts_with('`')).collect()
}

#[test]
fn every_setting_has_a_row_and_every_row_a_setting() {
    let page = read(&root().join("docs/settings.md"));
    let sources = files("rs").into_iter().filter(|path| shown(path).starts_with("layer/src/"));
    let sources: String = sources.map(|path| read(&path)).collect();
    let rows = rows(&page);
    let mut broken = Vec::new();
    for (row, spec) in rows.iter().zip(SETTINGS) {
        let expected = [format!("`{spec}`"), format!("`{}`", spec.variable), spec.unless_set.to_owned()];
        if [row[0], row[2], row[3]] != expected {
            broken.push(format!("{} stands where {} should: {:?}", row.join(" | "), spec, expected));
        }
        let method = row[1].trim_matches('`').rsplit("::").next().unwrap();
        let is_there = [format!("pub fn {method}("), format!("pub fn {method}<")];
        if !is_there.iter().any(|method| sources.contains(method)) {
            broken.push(format!("the layer has no method `{method}`"));
        }
    }
    if rows.len() != SETTINGS.len() {
        broken.push(format!("{} rows for {} settings", rows.len(), SETTINGS.len()));
    }
    assert_none(&broken);
}

#[test]
fn the_example_of_the_page_is_a_file_that_can_be_read() {
    let page = read(&root().join("docs/settings.md"));
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let registry = tense_grammar::Registry::parse(example).unwrap();
    assert_eq!(registry.settings().len(), 7);
}
