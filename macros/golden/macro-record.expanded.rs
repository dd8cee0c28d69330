//! What the macros make of `macro-record.rs`.

fn create() {
    {
        no_traced_function_with_fields_left_open_around_this_record
            .token_id(&(token.id));
        no_traced_function_with_fields_left_open_around_this_record
            .name(
                &match &(token.name) {
                    __tense_it => {
                        ::tense::__private::percent(__tense_it).text(__tense_it)
                    }
                },
            );
    };
}
