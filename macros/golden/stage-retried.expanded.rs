//! What the macros make of `stage-retried.rs`.

fn notify(
    notice: Notice,
) -> impl ::core::future::Future<Output = Result<Receipt, NoticeError>> {
    ::tense::__private::traced(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                    &SITE,
                    ::core::module_path!(),
                    "notify",
                    [
                        "dispatch.notify",
                        "dispatch.notify.start",
                        "dispatch.notify.complete",
                        "dispatch.notify.fail",
                    ],
                    &["id", "sent", "__tense"],
                )
                .with(
                    &::tense::__private::More {
                        is_left_open: true,
                        ..::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        async move {
            if false {
                return ::tense::__private::never::<Result<Receipt, NoticeError>>();
            }
            let (notice, no_traced_function_with_fields_left_open_around_this_record) = {
                let notice = notice;
                let __tense_call = ::tense::__private::first();
                #[derive(::core::clone::Clone, ::core::marker::Copy)]
                struct FieldsFilledLater(::tense::__private::Open);
                impl FieldsFilledLater {
                    fn sent(
                        &self,
                        __tense_value: &(impl ::tense::Field + ?::core::marker::Sized),
                    ) {
                        self.0.record(1u8, __tense_value);
                    }
                }
                let no_traced_function_with_fields_left_open_around_this_record = FieldsFilledLater(
                    if __tense_call.is_on() {
                        __tense_call
                            .begin(
                                &[
                                    ::tense::Field::raw(&(notice.id)),
                                    ::tense::__private::Raw::Absent,
                                ],
                            )
                    } else {
                        ::tense::__private::Open::OFF
                    },
                );
                if false {
                    no_traced_function_with_fields_left_open_around_this_record
                        .sent(::tense::__private::never::<&::core::primitive::str>());
                }
                (notice, no_traced_function_with_fields_left_open_around_this_record)
            };
            {
                let _ = notice;
                let _ = no_traced_function_with_fields_left_open_around_this_record;
                let receipt = send(notice).await?;
                record!(sent = receipt.count);
                Ok(receipt)
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
///The stage `dispatch.notify` of a pipeline: [`notify`].
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct NotifyStage;
const _: () = {
    impl ::tense::__private::StageFn for NotifyStage {
        const NAME: &'static str = "dispatch.notify";
        type In = Notice;
        type Returned = Result<Receipt, NoticeError>;
        async fn call(__tense_input: Self::In) -> Self::Returned {
            notify(__tense_input).await
        }
        fn perform(
            __tense_input: Self::In,
            __tense_run: ::tense::__private::Run<'_>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                ::tense::__private::Given<Self>,
                ::tense::__private::Halted,
            >,
        > {
            __tense_run
                .again::<
                    Self,
                >(
                    __tense_input,
                    ::tense::__private::Again {
                        stage: {
                            static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                                    &SITE,
                                    ::core::module_path!(),
                                    "notify",
                                    [
                                        "dispatch.notify",
                                        "dispatch.notify.start",
                                        "dispatch.notify.complete",
                                        "dispatch.notify.fail",
                                    ],
                                    &["id", "sent", "__tense"],
                                )
                                .with(
                                    &::tense::__private::More {
                                        is_left_open: true,
                                        ..::tense::__private::More::NONE
                                    },
                                );
                            &SITE
                        },
                        attempt: {
                            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                                    &SITE,
                                    ::core::module_path!(),
                                    "notify",
                                    "dispatch.notify.attempt",
                                    "dispatch.notify.attempt_fail",
                                    &["id", "sent", "attempt", "backoff_ms", "__tense"],
                                )
                                .with(
                                    &::tense::__private::More {
                                        is_attempt: true,
                                        is_left_open: true,
                                        ..::tense::__private::More::NONE
                                    },
                                );
                            &SITE
                        },
                        retry: ::tense::__private::Retry {
                            attempts: 3u32,
                            backoff: ::core::time::Duration::from_millis(0u64),
                            max_backoff: ::core::time::Duration::from_millis(30000u64),
                        },
                        when: is_transient,
                        clone: ::tense::__private::input_again::<Notice>,
                        fields: |__tense_whole, __tense_take| {
                            use ::tense::__private::lenient::{
                                ViaField as _, ViaNothing as _,
                            };
                            let mut notice = ::core::clone::Clone::clone(__tense_whole);
                            let _ = &mut notice;
                            __tense_take(
                                &[
                                    (&&::tense::__private::lenient::Plain(&(notice.id)))
                                        .__tense_raw(),
                                    ::tense::__private::Raw::Absent,
                                ],
                            );
                        },
                    },
                )
        }
    }
    impl ::tense::__private::Accepts<<NotifyStage as ::tense::__private::StageFn>::In>
    for NotifyStage {
        fn accept(
            __tense_input: <NotifyStage as ::tense::__private::StageFn>::In,
        ) -> <NotifyStage as ::tense::__private::StageFn>::In {
            __tense_input
        }
    }
    let _ = NotifyStage;
};
