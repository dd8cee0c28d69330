//~ `skip` leaves a method out of an annotated `impl` or `trait`, and here is none: remove this attribute [attribute/skip]

use tense::traced;

#[traced(skip)]
fn create() {}

fn main() {
    create();
}
