//! What the macros make of `fails.rs`.

fn import(wanted: u64, found: u64) -> impl ::core::future::Future<Output = u64> {
    ::tense::__private::traced(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                    &SITE,
                    ::core::module_path!(),
                    "import",
                    "operation.rows.imported",
                    "operation.rows.import_failed",
                    &["wanted", "missing", "__tense"],
                )
                .with(
                    &::tense::__private::More {
                        is_left_open: true,
                        ..::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        async move {
            if false {
                return ::tense::__private::never::<u64>();
            }
            let wanted = wanted;
            let found = found;
            let __tense_call = ::tense::__private::first();
            {
                let no_traced_function_around_this_fail = if __tense_call.is_on() {
                    __tense_call
                        .begin(
                            &[
                                ::tense::Field::raw(&(wanted)),
                                ::tense::__private::Raw::Absent,
                            ],
                        )
                } else {
                    ::tense::__private::Open::OFF
                };
                let _ = no_traced_function_around_this_fail;
                #[derive(::core::clone::Clone, ::core::marker::Copy)]
                struct FieldsFilledLater(::tense::__private::Open);
                impl FieldsFilledLater {
                    fn missing(
                        &self,
                        __tense_value: &(impl ::tense::Field + ?::core::marker::Sized),
                    ) {
                        self.0.record(1u8, __tense_value);
                    }
                }
                let no_traced_function_with_fields_left_open_around_this_record = FieldsFilledLater(
                    no_traced_function_around_this_fail,
                );
                if false {
                    no_traced_function_with_fields_left_open_around_this_record
                        .missing(::tense::__private::never::<&::core::primitive::str>());
                }
                if found < wanted {
                    tense::fail!("rows are missing", missing = wanted - found);
                }
                found
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
