//~ 1 positional argument in format string, but no arguments were given

fn main() {
    tense::log!(info, "{} rows");
}
