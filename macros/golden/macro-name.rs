//! A pipeline's name, with a field of its input.
fn named() -> Name<impl Fields> {
    name!(dispatch.loan, |loan: &Application| fields(application = loan.id))
}
