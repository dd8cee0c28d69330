//~ a field only looks: this could end or suspend the function where it would not without the annotation [attribute/leaves]

#[tense::traced(operation.job.run, parent = header.parse::<tense::TraceContext>()?)]
fn run(header: &str) -> Result<(), tense::TraceparentError> {
    Ok(())
}

fn main() {
    run("").unwrap();
}
