//! What the macros make of `macro-log.rs`.

fn import(table: &str) {
    ::tense::__private::log(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::point(
                    &SITE,
                    ::core::module_path!(),
                    "log.failure",
                    "log.failure",
                    &["message", "rows", "table", "__tense"],
                )
                .with(
                    &::tense::__private::More {
                        level: ::tense::__private::Level::WARN,
                        ..::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        |__tense_take| {
            let __tense_said_0 = &(7);
            __tense_take(
                &[
                    ::tense::Field::raw(
                        &::tense::__private::display(
                            &::core::format_args!(
                                "{rows} rows in {}", table.trim(), rows = __tense_said_0
                            ),
                        ),
                    ),
                    ::tense::Field::raw(&(__tense_said_0)),
                    ::tense::Field::raw(&::tense::__private::debug(&(table))),
                ],
            )
        },
    );
}
