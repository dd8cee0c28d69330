//~ a field is `name`, `name = value`, or one of them with `%` or `?` before the value, between commas [attribute/field]

fn main() {
    tense::context!("j1");
}
