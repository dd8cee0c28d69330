//! Writes the tables down: decisions go in, a source file of sorted constants comes out.

use std::collections::BTreeSet;

use super::tables::Tables;
use super::wordnet::is_plain;

const HEAD: &str = "\
//! What WordNet and SCOWL say about verbs and their forms. Made by `cargo xtask words`; do not edit.
//!
//! A word that they get wrong, or do not know, stands in a table of [`mod@super::irregular`], [`super::technical`] or
//! [`super::verbs`], which are asked first and are written by hand. `NOTICE` names the sources and their licences.
";

/// As wide as the rest of the source.
const WIDTH: usize = 120;

pub(crate) fn tables(tables: &Tables) -> String {
    let mut file = HEAD.to_owned();
    let words = |words: &BTreeSet<String>| words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>();
    let rows =
        tables.irregular.iter().map(|(base, (past, participle))| format!("({base:?}, {past:?}, {participle:?})"));
    table(
        &mut file,
        "IRREGULAR",
        "&[(&str, &str, &str)]",
        "base, simple past, participle of verbs that end in an irregular one.",
        rows.collect(),
    );
    let rows = tables.also_past.iter().map(|(form, base)| format!("({form:?}, {base:?})"));
    table(&mut file, "ALSO_PAST", "&[(&str, &str)]", "Further past forms: form, base.", rows.collect());
    let list = "&[&str]";
    table(&mut file, "ZERO_CHANGE", list, "Verbs whose past looks like their base.", words(&tables.zero_change));
    table(
        &mut file,
        "DOUBLING",
        list,
        "Verbs of more than one syllable that double their last consonant.",
        words(&tables.doubling),
    );
    table(&mut file, "C_TO_CK", list, "Verbs in -c that take a k.", words(&tables.c_to_ck));
    table(&mut file, "DOUBLE_E", list, "Verbs in -ee; whatever else ends in -eed is no past.", words(&tables.double_e));
    let about = "Verbs, nouns as well, that the letters of their past do not lead back to.";
    table(&mut file, "HIDDEN", list, about, words(&tables.hidden));
    table(&mut file, "NOT_PAST", list, "Words in -ed of which no verb is known.", words(&tables.not_past));
    table(&mut file, "VERBS", list, "Regular verbs that are nothing else, or hardly ever.", words(&tables.verbs));
    file
}

fn table(file: &mut String, name: &str, kind: &str, about: &str, cells: Vec<String>) {
    file.push_str(&format!("\n/// {about}\n#[rustfmt::skip]\npub(super) const {name}: {kind} = &[\n"));
    let mut line = String::from("   ");
    for cell in cells {
        if line.len() + cell.len() + 2 > WIDTH {
            file.push_str(&line);
            file.push('\n');
            line.truncate(3);
        }
        line.push(' ');
        line.push_str(&cell);
        line.push(',');
    }
    if line.len() > 3 {
        file.push_str(&line);
        file.push('\n');
    }
    file.push_str("];\n");
}

/// The words that came and went, by line, as far as a person would read on.
pub(crate) fn difference(before: &str, after: &str) -> Vec<String> {
    const SHOWN: usize = 40;
    fn cells(text: &str) -> BTreeSet<&str> {
        let cells = text.split(['\n', ',']).map(|cell| cell.trim_matches([' ', '(', ')', '"']));
        cells.filter(|cell| is_plain(cell)).collect()
    }
    let (before, after) = (cells(before), cells(after));
    let gone = before.difference(&after).map(|cell| format!("- {cell}"));
    let come = after.difference(&before).map(|cell| format!("+ {cell}"));
    let mut lines: Vec<String> = gone.chain(come).collect();
    if let Some(more) = lines.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more"));
    }
    lines
}
