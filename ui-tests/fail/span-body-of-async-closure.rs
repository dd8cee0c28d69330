//~ what happens in a span is a closure without arguments or an async block: `span!(.., || ..)` or `span!(.., async move { .. })` [body/span]

fn main() {
    let loaded = tense::span!(operation.rows.loaded, async || 7);
    drop(loaded);
}
