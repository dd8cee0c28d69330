//~ line 3, column 9: a layer is lower-case words joined by single underscores [file/layer]
//~ line 7, column 1: `commit` is known already, with the participle `committed`: leave it out [file/words]
//~ line 10, column 19: `integr` is not a type of field: did you mean `integer`? [file/field]
//~ line 10, column 29: `row-count` cannot be the name of a field
//~ line 11, column 11: `row` is not a field of this event
//~ line 12, column 10: an event cannot be its own failure: name another one, or leave `failed` out [file/failed]
//~ put the name of the event into quotes: [events."sql.select.."] [file/event]
//~ line 18, column 49: `row` is not a field of `sql.query`: there are `row-count` [file/foreign]

use tense::traced;

#[traced(sql.query)]
fn query() {}

fn main() {
    query();
}
