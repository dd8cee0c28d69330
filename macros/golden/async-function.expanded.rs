//! What the macros make of `async-function.rs`.

pub fn create(
    node_id: &str,
    count: u32,
    flag: bool,
) -> impl ::core::future::Future<Output = Result<u32, std::num::ParseIntError>> {
    ::tense::__private::traced(
        {
            static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
                &SITE,
                ::core::module_path!(),
                "create",
                "operation.tokens.created",
                "operation.tokens.create_failed",
                &["node_id", "count", "__tense"],
            );
            &SITE
        },
        async move {
            if false {
                return ::tense::__private::never::<
                    Result<u32, std::num::ParseIntError>,
                >();
            }
            let node_id = node_id;
            let count = count;
            let flag = flag;
            let __tense_call = ::tense::__private::first();
            {
                if __tense_call.is_on() {
                    __tense_call
                        .begin(
                            &[
                                ::tense::Field::raw(&(node_id)),
                                ::tense::Field::raw(&(count)),
                            ],
                        );
                }
                let sum = count.wrapping_add(7);
                if flag {
                    report(sum).await;
                }
                let more: u32 = node_id.parse()?;
                Ok(sum.wrapping_mul(more))
            }
        },
        |__tense_out| {
            ::tense::__private::outcome::Probe::of(__tense_out).__tense_outcome()
        },
    )
}
