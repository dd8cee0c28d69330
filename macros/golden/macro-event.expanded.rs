//! What the macros make of `macro-event.rs`.

fn set(path: &str) {
    {
        ::tense::__private::point(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::point(
                        &SITE,
                        ::core::module_path!(),
                        "operation.context.field_set",
                        "operation.context.field_set_failed",
                        &["path", "__tense"],
                    )
                    .with(
                        &::tense::__private::More {
                            tags: &["saga"],
                            ..::tense::__private::More::NONE
                        },
                    );
                &SITE
            },
            |__tense_take| __tense_take(&[::tense::Field::raw(&(path))]),
        )
    };
}
