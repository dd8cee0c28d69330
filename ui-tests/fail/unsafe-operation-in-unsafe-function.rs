//~ dereference of raw pointer is unsafe and requires unsafe block
//~ unnecessary `unsafe` block

//! What the compiler says of unsafe functions it says of annotated ones.

#![deny(unsafe_op_in_unsafe_fn, unused_unsafe)]

#[tense::traced(operation.pointers.followed)]
unsafe fn follow(p: *const u8) -> u8 {
    *p
}

#[tense::traced(operation.pointers.measured)]
unsafe fn measure(p: *const u8) -> bool {
    unsafe { p.is_null() }
}

fn main() {
    let byte = 7;
    unsafe { (follow(&byte), measure(&byte)) };
}
