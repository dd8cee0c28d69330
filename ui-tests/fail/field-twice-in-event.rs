//~ `path` stands here twice; keep one of them [attribute/twice]

fn main() {
    let path = "a.b";
    tense::event!(operation.context.field_set, path, path = "c");
}
