//! What the macros make of `macro-fail.rs`.

fn import(wanted: u64) {
    {
        if no_traced_function_around_this_fail.is_recorded() {
            let __tense_said_0 = &(wanted - 5);
            no_traced_function_around_this_fail
                .fail(
                    &::core::format_args!(
                        "{missing} of {wanted} rows are missing in {}", table(), missing
                        = __tense_said_0
                    ),
                );
            no_traced_function_with_fields_left_open_around_this_record
                .missing(&(__tense_said_0));
            no_traced_function_with_fields_left_open_around_this_record.done(&(false));
        }
    };
}
