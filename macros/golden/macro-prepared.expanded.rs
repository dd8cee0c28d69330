//! What the macros make of `macro-prepared.rs`.

fn plan(token: &Token) -> Prepared {
    {
        ::tense::__private::prepared(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::point(
                        &SITE,
                        ::core::module_path!(),
                        "decision.routing.start",
                        "decision.routing.start_fail",
                        &["id", "cost", "__tense"],
                    )
                    .with(
                        &::tense::__private::More {
                            tags: &["routing"],
                            ..::tense::__private::More::NONE
                        },
                    );
                &SITE
            },
            &[
                ::tense::Field::raw(&(token.id)),
                ::tense::Field::raw(
                    &match &(token.cost) {
                        __tense_it => {
                            ::tense::__private::percent(__tense_it).text(__tense_it)
                        }
                    },
                ),
            ],
        )
    }
}
