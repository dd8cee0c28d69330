//~ what kind of line it is comes first; there are `info`, `success`, `failure`, `step`, `error`, `data` [body/kind]

fn main() {
    tense::log!("reading");
}
