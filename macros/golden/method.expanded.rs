//! What the macros make of `method.rs`.

pub(crate) fn update_token(
    &mut self,
    name: &Name,
    __argument_2: (u8, u8),
    __argument_3: u8,
    all: Vec<u8>,
) -> &mut Token {
    ::tense::__private::run(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                    &SITE,
                    ::core::module_path!(),
                    "update_token",
                    "operation.tokens.token_updated",
                    "operation.tokens.token_update_failed",
                    &["id", "name", "first", "__tense"],
                )
                .with(
                    &::tense::__private::More {
                        level: ::tense::__private::Level::DEBUG,
                        target: "store",
                        tags: &["saga"],
                        ..::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        move |__tense_call| -> &mut Token {
            let _ = &self;
            let name = name;
            let __argument_2 = __argument_2;
            let (first, _) = __argument_2;
            let __argument_3 = __argument_3;
            let _ = __argument_3;
            let mut all = all;
            {
                if __tense_call.is_on() {
                    __tense_call
                        .begin(
                            &[
                                ::tense::Field::raw(&(self.id)),
                                ::tense::Field::raw(
                                    &match &(name) {
                                        __tense_it => {
                                            ::tense::__private::percent(__tense_it).text(__tense_it)
                                        }
                                    },
                                ),
                                ::tense::Field::raw(&::tense::__private::debug(&(first))),
                            ],
                        );
                }
                all.push(first);
                self.put(name, all)
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
