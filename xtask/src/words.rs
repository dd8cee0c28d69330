//! `cargo xtask words --data DIR [--check]`: word lists go in, the tables of `grammar` and the lists of its test come
//! out.
//!
//! The tables are made from [`wordnet`] and [`scowl`]; the lists they are measured with from [`held_out`], which the
//! tables never see. What a table holds is decided in [`tables`], how it looks in [`render`]. Nobody needs the data to
//! build or to test: what is made here is committed. Where the files come from is said in `grammar/README.md`, under
//! which licence in `grammar/NOTICE`.

mod wordnet;
mod scowl;
mod tables;
mod render;
mod held_out;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::workspace::Workspace;
use held_out::HeldOut;
use scowl::Scowl;
use tables::Tables;
use wordnet::WordNet;

/// Writes what differs, or with `check` only tells it, and then fails.
pub(crate) fn run(data: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let root = Workspace::read()?.root.join("grammar");
    let wordnet = WordNet::read(&data.join("wordnet"))?;
    let scowl = Scowl::read(&data.join("scowl"))?;
    let tables = Tables::make(&wordnet, &scowl);
    let held_out = HeldOut::read(data)?;
    let files = [
        ("src/words/wordnet.rs", render::tables(&tables)),
        ("tests/data/verbs.txt", held_out.verbs()),
        ("tests/data/not_past.txt", held_out.not_past()),
    ];
    let mut differs = false;
    for (name, text) in files {
        let path = root.join(name);
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        if before == text {
            println!("{name}: as it is made");
            continue;
        }
        differs = true;
        if !check {
            std::fs::write(&path, &text).with_context(|| format!("failed to write {}", path.display()))?;
        }
        println!("{name}: {} bytes, {} before", text.len(), before.len());
        for line in render::difference(&before, &text) {
            println!("  {line}");
        }
    }
    Ok(if check && differs { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
