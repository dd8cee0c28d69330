//~ a field only looks: this could end or suspend the function where it would not without the annotation [attribute/leaves]

use tense::traced;

#[traced(operation.tokens.created, fields(first = words.first()?.len()))]
fn create_token(words: &[String]) -> Option<usize> {
    Some(words.len())
}

fn main() {
    create_token(&[]);
}
