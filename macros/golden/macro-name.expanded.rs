//! What the macros make of `macro-name.rs`.

fn named() -> Name<impl Fields> {
    {
        ::tense::__private::Name {
            site: {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                    &SITE,
                    ::core::module_path!(),
                    "",
                    [
                        "dispatch.loan",
                        "dispatch.loan.start",
                        "dispatch.loan.complete",
                        "dispatch.loan.fail",
                    ],
                    &["application", "stages", "skipped", "unseen", "__tense"],
                );
                &SITE
            },
            fields: ::tense::__private::Recorded(|
                loan: &Application,
                __tense_take: &mut dyn ::core::ops::FnMut(
                    &[::tense::__private::Raw<'_>],
                )|
            __tense_take(&[::tense::Field::raw(&(loan.id))])),
        }
    }
}
