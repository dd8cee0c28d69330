//~ behind `data` fields come: `log!(data, rows = n, table = name)` [body/data]

fn main() {
    tense::log!(data);
}
