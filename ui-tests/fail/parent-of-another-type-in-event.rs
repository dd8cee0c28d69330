//~ `str` says of no place in a trace what `parent = ..` could be below

fn main() {
    tense::event!(operation.folder.moved, parent = "a/b");
}
