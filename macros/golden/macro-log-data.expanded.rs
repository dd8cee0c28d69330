//! What the macros make of `macro-log-data.rs`.

fn import(table: &str) {
    ::tense::__private::log(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::point(
                &SITE,
                ::core::module_path!(),
                "log.data",
                "log.data",
                &["rows", "table", "__tense"],
            );
            &SITE
        },
        |__tense_take| {
            __tense_take(&[::tense::Field::raw(&(7)), ::tense::Field::raw(&(table))])
        },
    );
}
