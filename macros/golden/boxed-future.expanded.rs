//! What the macros make of `boxed-future.rs`.

fn read(&self, id: u64) -> BoxFuture<'_, Token> {
    ::tense::__private::run_as(
        {
            use ::tense::__private::ways::*;
            (&&&::tense::__private::Returned::<BoxFuture<'_, Token>>::TYPE).__tense_way()
        },
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                &SITE,
                ::core::module_path!(),
                "read",
                "operation.tokens.read",
                "operation.tokens.read_failed",
                &["__tense"],
            );
            &SITE
        },
        move |__tense_call| -> BoxFuture<'_, Token> {
            let _ = &self;
            let id = id;
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[]);
                }
                Box::pin(async move { self.load(id).await })
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
