//! What the macros make of `function.rs`.

pub fn create(
    node_id: &str,
    count: u32,
    flag: bool,
) -> Result<u32, std::num::ParseIntError> {
    ::tense::__private::run(
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
        move |__tense_call| -> Result<u32, std::num::ParseIntError> {
            let node_id = node_id;
            let count = count;
            let flag = flag;
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
                    report(sum);
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
