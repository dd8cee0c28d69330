//! `docs/json.md` enters, and what each command writes as JSON; what is written is documented, however deep it lies,
//! and what is documented is written.

mod page;
mod paths;
mod staged;

use std::collections::{BTreeMap, BTreeSet};

use super::asked::{all, in_time, stage, tense};
use page::{PAGE, documented};
use paths::paths;

/// What each command writes, by every question that the tests have for it.
fn written() -> BTreeMap<String, BTreeSet<String>> {
    let bench = stage();
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |name: &str, out: &str| {
        let all = written.entry(name.to_owned()).or_default();
        all.extend(paths(name, out));
    };
    // Each command is asked, also one that nobody has thought of here.
    for asked in all().iter().filter(|asked| asked.help.contains("--json")) {
        let said = in_time(&mut tense(bench.folder(), &asked.with(&["--json"])), &asked.name);
        add(&asked.name, &said.out);
    }
    for (bench, questions) in staged::benches() {
        for words in questions {
            let words: Vec<String> = words.iter().chain(&["--json"]).map(|word| (*word).to_owned()).collect();
            let said = in_time(&mut tense(bench.folder(), &words), &words.join(" "));
            add(&words[0], &said.out);
        }
    }
    written
}

#[test]
fn what_is_documented_is_written_and_nothing_else() {
    let (documented, written) = (documented(), written());
    let commands = |keys: &BTreeMap<String, BTreeSet<String>>| keys.keys().cloned().collect::<Vec<_>>();
    assert_eq!(commands(&documented), commands(&written), "sections of docs/json.md, and commands with --json");
    let mut wrong = Vec::new();
    for (command, known) in &documented {
        let written = &written[command];
        // What others have named lies below.
        let open: Vec<&str> = known.iter().filter_map(|key| key.strip_suffix('*')).collect();
        let is_known = |key: &&String| known.contains(*key) || open.iter().any(|open| key.starts_with(open));
        wrong.extend(written.iter().filter(|key| !is_known(key)).map(|key| format!("{command} writes {key}")));
        let is_written = |key: &&String| match key.strip_suffix('*') {
            Some(open) => written.iter().any(|written| written.starts_with(open)),
            None => written.contains(*key),
        };
        wrong.extend(known.iter().filter(|key| !is_written(key)).map(|key| format!("{command} does not write {key}")));
    }
    assert!(wrong.is_empty(), "docs/json.md is not what is written:\n{}", wrong.join("\n"));
    assert!(PAGE.contains(&format!("**version {}** of all shapes", tense_store::json::VERSION)));
}
