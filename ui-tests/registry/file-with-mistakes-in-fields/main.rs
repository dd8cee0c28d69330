//~ tense.toml:3:9: a layer is lower-case words joined by single underscores [file/layer]
//~ tense.toml:7:1: `commit` is known already, with the participle `committed`: leave it out [file/words]
//~ tense.toml:10:19: `integr` is not a type of field: did you mean `integer`? [file/field]
//~ tense.toml:10:29: `row-count` cannot be the name of a field
//~ tense.toml:11:11: `row` is not a field of this event
//~ tense.toml:12:10: an event cannot be its own failure: name another one, or leave `failed` out [file/failed]
//~ put the name of the event into quotes: [events."sql.select.."] [file/event]
//~ tense.toml:18:49: `row` is not a field of `sql.query`: there are `row-count` [file/foreign]

use tense::traced;

#[traced(sql.query)]
fn query() {}

fn main() {
    query();
}
