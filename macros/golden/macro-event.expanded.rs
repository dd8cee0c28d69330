//! What the macros make of `macro-event.rs`.

fn set(path: &str) {
    {
        ::tense::__private::point(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::new(
                    &SITE,
                    ::core::module_path!(),
                    ::tense::__private::Spec::point(
                            "operation.context.field_set",
                            "operation.context.field_set_failed",
                            &["path", "__tense"],
                        )
                        .tags(&["saga"]),
                );
                &SITE
            },
            |take| take(&[::tense::Field::raw(&(path))]),
        )
    };
}
