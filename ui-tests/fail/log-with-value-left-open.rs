//~ `= _` stands for a value that the body of a function fills in; here it has to be given now [attribute/later]

fn main() {
    tense::log!(data, rows = _);
}
