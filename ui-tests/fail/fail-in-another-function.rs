//~ can't capture dynamic environment in a fn item

use tense::traced;

#[traced(operation.rows.imported)]
fn import() {
    fn read() {
        tense::fail!("no rows");
    }
    read();
}

fn main() {
    import();
}
