//! What the macros make of `wrong-attribute.rs`.

pub fn create_token(request: &NewToken) -> Result<Token, CreateError> {
    ::core::compile_error! {
        "unknown argument `levle` (did you mean `level`?); known are `fields`, `level`, `target`, `tags`, `parent`, `none`, `returns`, `exempt`, `crate` [attribute/unknown]"
    }
    ::core::compile_error! {
        "`operation` events say what has happened, so their action is in the past tense: write `created` [tense/past]"
    }
    if false {
        let _: &[::tense::__private::Raw<'_>] = &[::tense::Field::raw(&(node))];
        loop {}
    }
    let token = request.token();
    Ok(token)
}
