//~ unused variable: `node`

#![deny(warnings)]

use tense::traced;

struct Store;

#[traced(operation.tokens._)]
impl Store {
    fn create(&self, node: u32) -> impl Future<Output = u32> {
        async { 1 }
    }
}

fn main() {
    drop(Store.create(1));
}
