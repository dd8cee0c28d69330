//! What `name!` makes goes in; the begin of a span of that name comes out, with the fields that it records of its
//! input.

use crate::call::Open;
use crate::future::first;
use crate::json::Json;
use crate::site::Site;
use crate::value::{Field as _, Raw};

/// Takes the values of a span's fields, by number.
pub(crate) type Take<'t> = &'t mut dyn FnMut(&[Raw<'_>]);

/// The name of a pipeline, checked by the compiler: made by [`name!`](crate::name).
#[derive(Debug, Clone, Copy)]
pub struct Name<F> {
    #[doc(hidden)]
    pub site: &'static Site,
    #[doc(hidden)]
    pub fields: F,
}

/// The fields that a pipeline records of its input.
#[doc(hidden)]
pub trait InputFields<In> {
    fn visit(&self, input: &In, take: &mut dyn FnMut(&[Raw<'_>]));
}

/// A pipeline that records nothing of its input.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct NoFields;

impl<In> InputFields<In> for NoFields {
    fn visit(&self, _: &In, take: &mut dyn FnMut(&[Raw<'_>])) {
        take(&[]);
    }
}

/// The closure of `name!(dispatch.loan, |input: &Input| fields(..))`.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Recorded<F>(pub F);

impl<In, F: Fn(&In, &mut dyn FnMut(&[Raw<'_>]))> InputFields<In> for Recorded<F> {
    fn visit(&self, input: &In, take: &mut dyn FnMut(&[Raw<'_>])) {
        (self.0)(input, take);
    }
}

pub(super) fn begin<In, F: InputFields<In>>(name: &Name<F>, input: &In, stages: &[&'static str]) -> Open {
    begin_with(|take| {
        let list = Json::list(stages);
        name.fields.visit(input, &mut |values| {
            let all: Vec<_> = values.iter().copied().chain([list.raw()]).collect();
            take(&all);
        });
    })
}

/// At the head of a future's body: begins its span with those values.
pub(super) fn begin_with(visit: impl FnOnce(Take<'_>)) -> Open {
    let first = first();
    if !first.is_on() {
        return Open::OFF;
    }
    let (mut first, mut open) = (Some(first), Open::OFF);
    visit(&mut |values| open = first.take().map_or(Open::OFF, |first| first.begin(values)));
    // What a pipeline says of its stages goes onto the stack, for layers of ours.
    open.ours()
}
