//! What the macros make of `hidden-future.rs`.

fn read(id: &str) -> impl Future<Output = Result<Token, Error>> + Send {
    ::tense::__private::construct::<
        Result<Token, Error>,
        _,
        _,
    >(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                &SITE,
                ::core::module_path!(),
                "read",
                "operation.tokens.read",
                "operation.tokens.read_failed",
                &["id", "__tense"],
            );
            &SITE
        },
        move |__tense_call| -> _ {
            let id = id;
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[::tense::Field::raw(&(id))]);
                }
                let id = id.to_owned();
                async move { load(id).await }
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
