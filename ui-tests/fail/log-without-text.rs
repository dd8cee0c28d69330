//~ behind `step` a text comes, in quotes, and then fields: `log!(step, "{n} rows", table = name)` [body/text]

fn main() {
    tense::log!(step, rows = 7);
}
