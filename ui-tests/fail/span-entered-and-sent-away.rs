//~ `*const ()` cannot be sent between threads safely

fn main() {
    let span = tense::span!(operation.rows.loaded).start();
    let entered = span.enter();
    std::thread::scope(|scope| {
        scope.spawn(move || drop(entered));
    });
    span.end();
}
