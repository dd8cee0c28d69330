//! What the macros make of `parent.rs`.

fn run(job: Job) -> impl ::core::future::Future<Output = ()> {
    ::tense::__private::placed(
        ::tense::__private::traced(
            {
                static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                    &SITE,
                    ::core::module_path!(),
                    "run",
                    "operation.job.run",
                    "operation.job.run_failed",
                    &["id", "__tense"],
                );
                &SITE
            },
            async move {
                if false {
                    return ::tense::__private::never::<()>();
                }
                let (job,) = {
                    let job = job;
                    let __tense_call = ::tense::__private::first();
                    if __tense_call.is_placed() {
                        __tense_call.put_below(&(job.trace));
                    }
                    if __tense_call.is_on() {
                        __tense_call.begin(&[::tense::Field::raw(&(job.id))]);
                    }
                    (job,)
                };
                {
                    let _ = job;
                    work(job).await;
                }
            },
            |__tense_out| {
                ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
            },
        ),
    )
}
