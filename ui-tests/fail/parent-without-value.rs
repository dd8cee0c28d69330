//~ `parent` needs a value: `parent = ..` [attribute/value]

#[tense::traced(operation.job.run, parent)]
fn run() {}

fn main() {
    run();
}
