//~ `u64` says of no place in a trace what `parent = ..` could be below

#[tense::traced(operation.job.run, parent = span)]
async fn run(span: u64) {}

fn main() {
    drop(run(7));
}
