//! What the macros make of `macro-span-future.rs`.

fn import(batch: u64) {
    {
        ::tense::__private::traced(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                    &SITE,
                    ::core::module_path!(),
                    "",
                    "operation.rows.stored",
                    "operation.rows.store_failed",
                    &["batch", "__tense"],
                );
                &SITE
            },
            async move {
                let __tense_call = ::tense::__private::first();
                if __tense_call.is_on() {
                    __tense_call.begin(&[::tense::Field::raw(&(batch))]);
                }
                store(batch).await
            },
            |__tense_out| {
                ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
            },
        )
    };
}
