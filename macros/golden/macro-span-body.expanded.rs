//! What the macros make of `macro-span-body.rs`.

fn import(rows: Vec<u64>) {
    {
        '__tense: {
            let __tense_expected = ::tense::__private::Expected::new();
            if false {
                break '__tense __tense_expected.never();
            }
            __tense_expected
                .run(
                    {
                        static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                                &SITE,
                                ::core::module_path!(),
                                "",
                                "operation.rows.stored",
                                "operation.rows.store_failed",
                                &["count", "stored", "__tense"],
                            )
                            .with(
                                &::tense::__private::More {
                                    is_left_open: true,
                                    ..::tense::__private::More::NONE
                                },
                            );
                        &SITE
                    },
                    move |__tense_call| -> Result<(), String> {
                        let no_traced_function_around_this_fail @ _ = if __tense_call
                            .is_on()
                        {
                            __tense_call
                                .begin(
                                    &[
                                        ::tense::Field::raw(&(rows.len())),
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
                            fn stored(
                                &self,
                                __tense_value: &(impl ::tense::Field + ?::core::marker::Sized),
                            ) {
                                self.0.record(1u8, __tense_value);
                            }
                        }
                        let no_traced_function_with_fields_left_open_around_this_record @ _ = FieldsFilledLater(
                            no_traced_function_around_this_fail,
                        );
                        if false {
                            no_traced_function_with_fields_left_open_around_this_record
                                .stored(
                                    ::tense::__private::never::<&::core::primitive::str>(),
                                );
                        }
                        tense::record!(stored = 2);
                        if rows.len() > 2 {
                            tense::fail!("some rows are left");
                        }
                        Ok(())
                    },
                    |__tense_out| {
                        ::tense::__private::outcome::Probe::of(__tense_out)
                            .__tense_outcome()
                    },
                )
        }
    };
}
