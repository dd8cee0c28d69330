//~ tense.toml:7:1: `levle` is not a key of [recording]: did you mean `level`? [file/key]
//~ tense.toml:10:9: `ratio` has to be a number from 0 to 1, and this is of the type string [file/type]
//~ tense.toml:11:12: `sql.qurey` is not an event of this closed registry: did you mean `sql.query`? [file/setting]
//~ tense.toml:14:11: `timeout`: `10` is not a whole number and a unit, from 1ms to 24h, such as `500ms`, `10s`, `2m` or `1h` [file/setting]
//~ tense.toml:15:13: `when_full`: `oldest` is none of `drop_newest`, `drop_oldest` [file/setting]

use tense::traced;

#[traced(sql.query)]
fn query() {}

fn main() {
    query();
}
