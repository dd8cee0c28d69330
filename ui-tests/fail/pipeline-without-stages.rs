//~ the method `run` exists for struct `Pipeline<

use tense::{Pipeline, name};

fn main() {
    let pipeline = Pipeline::named(name!(dispatch.loan));
    drop(pipeline.run(7));
}
