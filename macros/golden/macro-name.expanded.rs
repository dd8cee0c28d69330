//! What the macros make of `macro-name.rs`.

fn named() -> Name<impl Fields> {
    {
        ::tense::Name {
            site: {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::new(
                    &SITE,
                    ::core::module_path!(),
                    ::tense::__private::Spec::life(
                        "",
                        [
                            "dispatch.loan",
                            "dispatch.loan.start",
                            "dispatch.loan.complete",
                            "dispatch.loan.fail",
                        ],
                        &["application", "stages", "skipped", "__tense"],
                    ),
                );
                &SITE
            },
            fields: ::tense::__private::Recorded(|
                loan: &Application,
                take: &mut dyn ::core::ops::FnMut(&[::tense::__private::Raw<'_>])|
            take(&[::tense::Field::raw(&(loan.id))])),
        }
    }
}
