//! What the macros make of `macro-span.rs`.

fn import(batch: u64) {
    {
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
        if false {
            FieldsFilledLater(::tense::__private::Open::OFF)
                .stored(::tense::__private::never::<&::core::primitive::str>());
        }
        ::tense::__private::span(
                {
                    static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                            &SITE,
                            ::core::module_path!(),
                            "",
                            [
                                "dispatch.batch",
                                "dispatch.batch.start",
                                "dispatch.batch.complete",
                                "dispatch.batch.fail",
                            ],
                            &["batch", "stored", "__tense"],
                        )
                        .with(
                            &::tense::__private::More {
                                tags: &["saga"],
                                is_left_open: true,
                                ..::tense::__private::More::NONE
                            },
                        );
                    &SITE
                },
                |__tense_take| __tense_take(
                    &[::tense::Field::raw(&(batch)), ::tense::__private::Raw::Absent],
                ),
            )
            .leaving_open(FieldsFilledLater)
    };
}
