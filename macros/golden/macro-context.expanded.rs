//! What the macros make of `macro-context.rs`.

fn process(job: &Job) {
    {
        if ::tense::__private::is_in_context() {
            static NAMES: ::tense::__private::Names = ::tense::__private::Names::new(
                &["job_id", "user_id"],
            );
            ::tense::__private::give(
                &NAMES,
                &[
                    ::tense::Field::raw(&(job.id)),
                    ::tense::Field::raw(
                        &match &(job.user) {
                            __tense_it => {
                                ::tense::__private::percent(__tense_it).text(__tense_it)
                            }
                        },
                    ),
                ],
            );
        }
    };
}
