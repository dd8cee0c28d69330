//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]
//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]
//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]
//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]
//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]
//~ what a pipeline records of its input is written like this: `|loan: &Loan| fields(application = loan.id)` [attribute/field]

use tense::name;

fn main() {
    let _ = name!(dispatch.loan, fields(amount));
    let _ = name!(dispatch.loan, |amount: &u32| { fields(amount) });
    let _ = name!(dispatch.loan, move |amount: &u32| fields(amount));
    let _ = name!(dispatch.loan, |amount: &u32| amount);
    let _ = name!(dispatch.loan, | | fields(amount));
    let _ = name!(dispatch.loan, |amount: &u32| fields(amount), 5);
}
