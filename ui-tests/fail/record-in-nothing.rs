//~ a span is missing behind this `in`: `in span, ..`, where `span` is what `span!(..).start()` gave [body/in]

fn main() {
    tense::record!(in, stored = 7);
}
