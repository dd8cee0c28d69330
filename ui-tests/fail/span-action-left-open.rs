//~ there is no function here whose name could stand for `_`: write the action [name/function]

fn main() {
    tense::span!(operation.rows._, || ());
}
