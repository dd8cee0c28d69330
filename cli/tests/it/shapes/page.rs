//! `docs/json.md` enters, and the keys leave that each command is said to write, with the way to each.

use std::collections::{BTreeMap, BTreeSet};

pub(super) const PAGE: &str = include_str!("../../../../docs/json.md");

/// A row of a table: keys, and of which shape what they hold is, if it is of one.
struct Row {
    keys: Vec<String>,
    shape: Option<String>,
}

/// What stands in backticks.
fn quoted(cell: &str) -> impl Iterator<Item = String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The rows below each heading, by its words.
fn sections() -> BTreeMap<String, Vec<Row>> {
    let mut sections: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    let (mut heading, mut within) = (String::new(), vec![String::new()]);
    for line in PAGE.lines() {
        if let Some(title) = line.strip_prefix("## ").or_else(|| line.strip_prefix("### ")) {
            title.clone_into(&mut heading);
            assert!(sections.insert(heading.clone(), Vec::new()).is_none(), "`{title}` is there twice");
        }
        let Some(row) = line.strip_prefix('|') else {
            within = vec![String::new()];
            continue;
        };
        if let Some(head) = row.strip_prefix(" in ") {
            within = head.split('|').next().into_iter().flat_map(quoted).map(|key| key + ".").collect();
            continue;
        }
        let shape = row.split_once("](#").map(|(_, rest)| rest.split(')').next().unwrap_or_default().to_owned());
        let keys: Vec<String> = row.split('|').next().into_iter().flat_map(quoted).collect();
        // A row that is a link is all that the shape has.
        let keys = if keys.is_empty() && shape.is_some() { vec![String::new()] } else { keys };
        let keys = within.iter().flat_map(|before| keys.iter().map(move |key| format!("{before}{key}"))).collect();
        sections.entry(heading.clone()).or_default().push(Row { keys, shape });
    }
    sections
}

/// Each key, those of the shape that it has, and those that it lies in.
fn keys(rows: &[Row], sections: &BTreeMap<String, Vec<Row>>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for Row { keys: names, shape } in rows {
        let of_shape = shape.as_ref().map(|shape| {
            let rows = sections.iter().find(|(title, _)| title.replace(' ', "-") == *shape);
            keys(rows.unwrap_or_else(|| panic!("docs/json.md has no shape `{shape}`")).1, sections)
        });
        for name in names {
            let below = of_shape
                .iter()
                .flatten()
                .map(|key| if name.is_empty() { key.clone() } else { format!("{name}.{key}") });
            for key in below.chain([name.clone()]).filter(|key| !key.is_empty()) {
                // That something is a list is no key of its own.
                let ends = key.match_indices('.').map(|(at, _)| at).chain([key.len()]);
                let inside = ends.map(|end| key[..end].trim_end_matches("[]").to_owned());
                all.extend(inside.filter(|inside| !inside.is_empty()));
            }
        }
    }
    all
}

/// By command; those that are named in one heading have the same.
pub(super) fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let sections = sections();
    let mut commands = BTreeMap::new();
    for (heading, rows) in &sections {
        // What is no command begins with a capital letter, or is a shape.
        let is_command = |name: &&str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let is_shape = PAGE.contains(&format!("### {heading}\n"));
        if is_shape || !is_command(&heading.as_str()) {
            continue;
        }
        assert!(!rows.is_empty(), "docs/json.md has no keys of `{heading}`");
        commands.insert(heading.clone(), keys(rows, &sections));
    }
    commands
}
