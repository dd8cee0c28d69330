//~ a prepared event is below whatever it is emitted in: leave `parent` out, and emit it there, `parent.in_scope(|| event.emit())` [attribute/parent]

fn main() {
    let above = tense::TraceContext::begin("order-4711");
    tense::prepared!(operation.job.run, parent = above).emit();
}
