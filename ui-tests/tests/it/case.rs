//! The folders of cases go in; each case with what it expects comes out.

use std::path::{Path, PathBuf};

/// One source, and what the compiler should say about it.
pub(crate) struct Case {
    /// Unique among all cases; it names the binary.
    pub(crate) name: String,
    pub(crate) source: PathBuf,
    /// The `tense.toml` that it is judged by.
    pub(crate) registry: Option<PathBuf>,
    /// From its `//~` lines: each has to be told. None when it should compile.
    pub(crate) sentences: Vec<String>,
    /// From its `//?` lines: each has to be told as a warning, and the case compiles.
    pub(crate) warnings: Vec<String>,
    /// From its `//+` lines: what the compiler adds on its own account, which we would rather not have.
    pub(crate) follow_ups: usize,
}

/// All of `fail/`, `pass/` and `registry/`, by name.
pub(crate) fn all() -> Vec<Case> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cases = Vec::new();
    for folder in ["fail", "pass"] {
        for source in entries(&house.join(folder)).filter(|path| path.extension().is_some_and(|end| end == "rs")) {
            cases.push(case(folder, &source, &source, None));
        }
    }
    for folder in entries(&house.join("registry")) {
        cases.push(case("registry", &folder, &folder.join("main.rs"), Some(folder.join("tense.toml"))));
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn case(folder: &str, named: &Path, source: &Path, registry: Option<PathBuf>) -> Case {
    let stem = named.file_stem().unwrap().to_string_lossy();
    let text = std::fs::read_to_string(source).unwrap_or_else(|error| panic!("{}: {error}", source.display()));
    let marked = |mark: &str| text.lines().filter_map(|line| line.strip_prefix(mark)).map(str::to_owned).collect();
    let sentences: Vec<String> = marked("//~ ");
    assert!(folder != "fail" || text.starts_with("//~ "), "{folder}/{stem}.rs opens with the sentence to be told");
    assert!(folder != "pass" || sentences.is_empty(), "{folder}/{stem}.rs should compile");
    Case {
        name: format!("{folder}-{stem}"),
        source: source.to_owned(),
        registry,
        sentences,
        warnings: marked("//? "),
        follow_ups: Vec::len(&marked("//+ ")),
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())
}
