//~ what happens in a span is a closure without arguments or an async block: `span!(.., || ..)` or `span!(.., async move { .. })` [body/span]

fn main() {
    tense::span!(operation.rows.loaded, u64::default);
}
