//! A reason with values in it, one of which is a field as well.

fn import(wanted: u64) {
    fail!("{missing} of {wanted} rows are missing in {}", table(), missing = wanted - 5, done = false);
}
