//~ `data` has fields and no text: `log!(data, rows = n, table = name)`; a line with a text is of another kind, such as `info` [body/data]

fn main() {
    tense::log!(data, "reading", rows = 7);
}
