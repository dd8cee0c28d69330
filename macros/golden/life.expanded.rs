//! What the macros make of `life.rs`.

fn run_batch(size: u32) -> impl ::core::future::Future<Output = ()> {
    crate::reexported::tense::__private::traced(
        {
            static SITE: crate::reexported::tense::__private::Site = crate::reexported::tense::__private::Site::life(
                    &SITE,
                    ::core::module_path!(),
                    "run_batch",
                    [
                        "dispatch.batch",
                        "dispatch.batch.start",
                        "dispatch.batch.complete",
                        "dispatch.batch.fail",
                    ],
                    &["size", "left", "__tense"],
                )
                .with(
                    &crate::reexported::tense::__private::More {
                        is_left_open: true,
                        ..crate::reexported::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        async move {
            if false {
                return crate::reexported::tense::__private::never::<()>();
            }
            let size = size;
            let __tense_call = crate::reexported::tense::__private::first();
            {
                #[derive(::core::clone::Clone, ::core::marker::Copy)]
                struct FieldsFilledLater(crate::reexported::tense::__private::Open);
                impl FieldsFilledLater {
                    fn left(
                        &self,
                        __tense_value: &(impl crate::reexported::tense::Field + ?::core::marker::Sized),
                    ) {
                        self.0.record(1u8, __tense_value);
                    }
                }
                let no_traced_function_with_fields_left_open_around_this_record = FieldsFilledLater(
                    if __tense_call.is_on() {
                        __tense_call
                            .begin(
                                &[
                                    crate::reexported::tense::Field::raw(&(size)),
                                    crate::reexported::tense::__private::Raw::Absent,
                                ],
                            )
                    } else {
                        crate::reexported::tense::__private::Open::OFF
                    },
                );
                if false {
                    no_traced_function_with_fields_left_open_around_this_record
                        .left(
                            crate::reexported::tense::__private::never::<
                                &::core::primitive::str,
                            >(),
                        );
                }
                let left = send(size).await;
                record!(left);
            }
        },
        |__tense_out| {
            crate::reexported::tense::__private::outcome::Probe::of(__tense_out)
                .__tense_outcome()
        },
    )
}
