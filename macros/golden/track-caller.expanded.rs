//! What the macros make of `track-caller.rs`.

#[track_caller]
fn place() -> u32 {
    let mut __tense_guard = ::tense::__private::InPlace::new({
        static SITE: ::tense::__private::Site = ::tense::__private::Site::action(
            &SITE,
            ::core::module_path!(),
            "place",
            "operation.places.found",
            "operation.places.find_failed",
            &["__tense"],
        );
        &SITE
    });
    let __tense_call = __tense_guard.head();
    if __tense_call.is_on() {
        __tense_call.begin(&[]);
    }
    Location::caller().line()
}
