//! What the macros make of `macro-fail-in.rs`.

fn import(upload: &Upload) {
    {
        let __tense_open = ::tense::__private::open_of(&upload.span);
        if __tense_open.is_recorded() {
            __tense_open.fail(&::core::format_args!("no rows"));
            let __tense_fields = ::tense::__private::left_open_of(&upload.span);
            __tense_fields.rows(&(0));
        }
    };
}
