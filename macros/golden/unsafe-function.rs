//! The body of an `unsafe fn` keeps its own `unsafe` blocks, and no other.
#[traced(operation.bytes.read, fields(len))]
unsafe fn read(start: *const u8, len: usize) -> u8 {
    unsafe { *start.add(len) }
}
