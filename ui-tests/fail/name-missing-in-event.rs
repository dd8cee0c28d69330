//~ a name comes first: `layer.domain.action`, as in `operation.tokens.created` [name/missing]

fn main() {
    tense::event!();
}
