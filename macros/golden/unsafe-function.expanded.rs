//! What the macros make of `unsafe-function.rs`.

unsafe fn read(start: *const u8, len: usize) -> u8 {
    ::tense::__private::run(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                &SITE,
                ::core::module_path!(),
                "read",
                "operation.bytes.read",
                "operation.bytes.read_failed",
                &["len", "__tense"],
            );
            &SITE
        },
        move |__tense_call| -> u8 {
            let start = start;
            let len = len;
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[::tense::Field::raw(&(len))]);
                }
                unsafe { *start.add(len) }
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
