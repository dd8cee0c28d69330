//~ tense.toml:4:8: `--` is no key: one has letters or digits, and at most 64 bytes [file/redact]
//~ tense.toml:5:7: `emial` is not a family of rules: did you mean `email`? [file/redact]
//~ tense.toml:8:14: say in 15 characters or more why nobody can do harm with this value [file/redact]
//~ tense.toml:10:15: a rule has a regular expression: `pattern = 'BADGE-[0-9]{6}'` [file/redact]
//~ tense.toml:13:15: a rule shows what it finds, and is held to it: `hit = [".."]` [file/redact]

use tense::traced;

#[traced(sql.query)]
fn query() {}

fn main() {
    query();
}
