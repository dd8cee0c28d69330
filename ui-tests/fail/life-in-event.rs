//~ an event in a body is a single point and has no life, so write its action instead of `*` [name/wildcard]

fn main() {
    tense::event!(dispatch.batch.*);
}
