//~ what kind of line it is comes first (did you mean `success`?); there are `info`, `success`, `failure`, `step`, `error`, `data` [body/kind]

fn main() {
    tense::log!(sucess, "all rows are there");
}
