//~ tags are texts between commas: `tags("saga")` [attribute/tags]

use tense::traced;

#[traced(operation.tokens.created, tags(saga))]
fn create_token() {}

fn main() {
    create_token();
}
