//! What the macros make of `none-failed.rs`.

fn find(&self, id: u64) -> Option<&Token> {
    ::tense::__private::run(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                &SITE,
                ::core::module_path!(),
                "find",
                "operation.tokens.found",
                "operation.tokens.find_failed",
                &["__tense"],
            );
            &SITE
        },
        move |__tense_call| -> Option<&Token> {
            let _ = &self;
            let id = id;
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[]);
                }
                self.tokens.get(id)
            }
        },
        |__tense_out| ::tense::__private::outcome::none_failed(__tense_out),
    )
}
