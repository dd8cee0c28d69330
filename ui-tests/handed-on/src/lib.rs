//! Every macro, in a crate that does not depend on `tense` itself: where it is found is said with `crate = path`.

use std::future::Future;
use std::pin::Pin;

use tense_edition_2021::tense;
use tense_edition_2021::tense::{Pipeline, event, name, pipeline_stage, prepared, record, traced};

/// A field that the body fills in, and everything else that a body can say.
#[traced(operation.cards.charged, fields(amount, %who, receipt = _), crate = tense)]
pub fn charge(amount: u8, who: &str) -> Result<usize, String> {
    event!(crate = tense, operation.cards.checked, amount, ?who);
    record!(crate = tense, receipt = %amount);
    prepared!(crate = tense, decision.cards.charge, amount).emit();
    if amount > 9 { Err(who.to_owned()) } else { Ok(who.len()) }
}

/// An attribute by its path.
#[tense_edition_2021::tense::traced(operation.cards.found, none = failed, crate = tense_edition_2021::tense)]
pub async fn find(number: u64) -> Option<u64> {
    number.checked_sub(7)
}

/// Boxed.
#[traced(operation.cards.found, fields(?name), crate = tense)]
pub fn find_boxed(name: &str) -> Pin<Box<dyn Future<Output = usize> + '_>> {
    Box::pin(async move { name.len() })
}

/// Holds a sum.
#[derive(Debug)]
pub struct Till(pub u64);

#[traced(operation.tills._, crate = tense)]
impl Till {
    /// Adds to it.
    pub fn update(&mut self, by: u64) -> u64 {
        self.0 += by;
        self.0
    }
}

/// A stage.
///
/// # Errors
/// When there is nothing to double.
#[pipeline_stage(dispatch.credit, crate = tense)]
pub async fn credit(amount: u64) -> Result<u64, String> {
    if amount == 0 { Err("nothing".to_owned()) } else { Ok(amount * 2) }
}

/// Runs a pipeline.
pub async fn run(amount: u64) -> Option<u64> {
    let name = name!(crate = tense, dispatch.loan, |amount: &u64| fields(amount));
    Pipeline::named(name).stage(CreditStage).run(amount).await.ok()
}

/// What the macro of another crate makes, which says by `$crate` where `tense` is.
pub mod made {
    use tense_edition_2021::{service, services, tense};

    service!(ask(amount: u64) -> Result<u64, String> {
        record!(crate = tense, result = amount * 2);
        Ok(amount * 2)
    });
    use tense::record;

    /// Holds nothing.
    #[derive(Debug)]
    pub struct Desk;

    services!(
        Desk {
            /// Adds one.
            pub fn update(&self, amount: u64) -> u64 {
                amount + 1
            }
        }
        pass services
    );
}
