//! What the macros make of `stage-method.rs`.

fn lend(
    &self,
    amount: u64,
) -> impl ::core::future::Future<Output = Result<Loan, Declined>> {
    ::tense::__private::traced(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::life(
                &SITE,
                ::core::module_path!(),
                "lend",
                [
                    "dispatch.lend",
                    "dispatch.lend.start",
                    "dispatch.lend.complete",
                    "dispatch.lend.fail",
                ],
                &["amount", "__tense"],
            );
            &SITE
        },
        async move {
            if false {
                return ::tense::__private::never::<Result<Loan, Declined>>();
            }
            let _ = &self;
            let amount = amount;
            let __tense_call = ::tense::__private::first();
            {
                if __tense_call.is_on() {
                    __tense_call.begin(&[::tense::Field::raw(&(amount))]);
                }
                self.bank.lend(amount).await
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
