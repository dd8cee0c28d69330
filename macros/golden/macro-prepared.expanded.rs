//! What the macros make of `macro-prepared.rs`.

fn plan(token: &Token) -> Prepared {
    {
        ::tense::__private::prepared(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::new(
                    &SITE,
                    ::core::module_path!(),
                    ::tense::__private::Spec::point(
                            "decision.routing.start",
                            "decision.routing.start_fail",
                            &["id", "cost", "__tense"],
                        )
                        .tags(&["routing"]),
                );
                &SITE
            },
            &[
                ::tense::Field::raw(&(token.id)),
                ::tense::Field::raw(
                    &match &(token.cost) {
                        it => ::tense::__private::percent(it).text(it),
                    },
                ),
            ],
        )
    }
}
