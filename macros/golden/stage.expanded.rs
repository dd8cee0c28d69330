//! What the macros make of `stage.rs`.

fn credit(loan: Loan) -> impl ::core::future::Future<Output = Result<Loan, Declined>> {
    ::tense::__private::traced(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                    &SITE,
                    ::core::module_path!(),
                    "credit",
                    [
                        "dispatch.credit",
                        "dispatch.credit.start",
                        "dispatch.credit.complete",
                        "dispatch.credit.fail",
                    ],
                    &["__tense"],
                )
                .with(
                    &::tense::__private::More {
                        compensate: "release",
                        ..::tense::__private::More::NONE
                    },
                );
            &SITE
        },
        async move {
            if false {
                return ::tense::__private::never::<Result<Loan, Declined>>();
            }
            let loan = loan;
            let __tense_call = ::tense::__private::first();
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[]);
                }
                Ok(loan)
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
///The stage `dispatch.credit` of a pipeline: [`credit`].
#[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
struct CreditStage;
const _: () = {
    impl ::tense::__private::StageFn for CreditStage {
        const NAME: &'static str = "dispatch.credit";
        type In = Loan;
        type Returned = Result<Loan, Declined>;
        async fn call(__tense_input: Self::In) -> Self::Returned {
            credit(__tense_input).await
        }
        const COMPENSATION: &'static str = "release";
        fn undo(
            __tense_out: &::tense::__private::Given<Self>,
        ) -> ::core::option::Option<::tense::__private::Undo> {
            let __tense_out = ::core::clone::Clone::clone(__tense_out);
            ::core::option::Option::Some(
                ::tense::__private::undo_by(async move { release(&__tense_out).await }),
            )
        }
    }
    impl ::tense::__private::Accepts<<CreditStage as ::tense::__private::StageFn>::In>
    for CreditStage {
        fn accept(
            __tense_input: <CreditStage as ::tense::__private::StageFn>::In,
        ) -> <CreditStage as ::tense::__private::StageFn>::In {
            __tense_input
        }
    }
    let _ = CreditStage;
};
