//! What the macros make of `macro-record-in.rs`.

fn import(upload: &Upload) {
    {
        let __tense_fields = ::tense::__private::left_open_of(&upload.span);
        __tense_fields.rows(&(7));
        __tense_fields
            .table(
                &match &(upload.table) {
                    __tense_it => {
                        ::tense::__private::percent(__tense_it).text(__tense_it)
                    }
                },
            );
    };
}
