//! Something that happens at a moment.
fn set(path: &str) {
    tense::event!(operation.context.field_set, path, tags("saga"));
}
