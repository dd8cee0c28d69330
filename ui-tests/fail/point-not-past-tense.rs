//~ `operation` events say what has happened, so their action is in the past tense: write `field_set` [tense/past]

fn main() {
    let path = "a.b";
    tense::event!(operation.context.set_field, path);
}
