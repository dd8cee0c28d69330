//~ the arguments of a variadic function cannot be passed on: record the call in its caller [item/variadic]

use tense::traced;

unsafe extern "C" {
    #[traced(operation.lines.printed)]
    fn printf(format: *const std::ffi::c_char, ...) -> std::ffi::c_int;
}

fn main() {}
