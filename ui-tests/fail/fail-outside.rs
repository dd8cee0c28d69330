//~ cannot find value `no_traced_function_around_this_fail` in this scope

fn import() -> u32 {
    tense::fail!("no rows");
    7
}

fn main() {
    import();
}
