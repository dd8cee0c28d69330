//~ a name has a layer and an action at least, as in `sql.query` [name/too-short]

use tense::traced;

#[traced(created)]
fn create_token() {}

fn main() {
    create_token();
}
