//! One attribute on an `impl` or a `trait` covers its methods; `None` is a failure where that is asked for.

use tense::traced;
use tense_event::ErrorKind;
use tense_layer::testing::capture;

use crate::tree::tree;

struct TokenStore {
    tokens: Vec<u64>,
}

#[traced(operation.tokens._, level = "debug", tags("store"))]
impl TokenStore {
    const MOST: usize = 2;

    /// A constructor is no verb, and is left out.
    #[traced(skip)]
    fn new() -> Self {
        Self { tokens: Vec::with_capacity(Self::most()) }
    }

    const fn most() -> usize {
        Self::MOST
    }

    fn create(&mut self, id: u64) -> Result<usize, String> {
        if self.tokens.len() == Self::MOST {
            return Err("the store is full".to_owned());
        }
        self.tokens.push(id);
        Ok(self.tokens.len())
    }

    async fn delete_token(&mut self, id: u64) -> Option<u64> {
        tokio::task::yield_now().await;
        let at = self.tokens.iter().position(|token| *token == id)?;
        Some(self.tokens.remove(at))
    }

    #[traced(operation.ids.counted, fields(n = self.tokens.len()))]
    fn count(&self) -> usize {
        self.tokens.len()
    }

    #[cfg_attr(all(), tense::traced(skip))]
    fn peek(&self) -> Option<&u64> {
        self.tokens.last()
    }

    #[cfg_attr(any(), traced(skip))]
    fn clear<const N: usize>(&mut self) -> [u8; N] {
        self.tokens.clear();
        [0; N]
    }
}

#[traced(dispatch.shops._)]
trait Shop {
    type Good;

    fn good(&self) -> Self::Good;

    fn sell_all(&self, n: usize) -> Vec<Self::Good> {
        (0..n).map(|_| self.good()).collect()
    }
}

impl Shop for TokenStore {
    type Good = u64;

    fn good(&self) -> u64 {
        7
    }
}

#[traced(operation.shops._)]
impl Shop for u8 {
    type Good = Self;

    #[traced(skip)]
    fn good(&self) -> Self {
        *self
    }

    fn sell_all(&self, _n: usize) -> Vec<Self> {
        vec![*self]
    }
}

#[tokio::test]
async fn an_attribute_on_a_block_covers_its_methods() {
    let capture = capture();
    let mut store = TokenStore::new();
    assert_eq!(store.create(1), Ok(1));
    assert_eq!(store.create(2), Ok(2));
    store.create(3).unwrap_err();
    assert_eq!(store.delete_token(1).await, Some(1));
    assert_eq!(store.count(), 1);
    assert_eq!(store.peek(), Some(&2));
    assert_eq!(store.clear::<2>(), [0, 0]);
    assert_eq!(store.sell_all(2), [7, 7]);
    let events = capture.events();
    assert_eq!(
        tree(&events),
        "operation.tokens.created\n\
         operation.tokens.created\n\
         operation.tokens.create_failed failed Error String: the store is full\n\
         operation.tokens.token_deleted\n\
         operation.ids.counted n=1\n\
         operation.tokens.cleared\n\
         dispatch.shops.sell_all\n"
    );
    assert_eq!(events[0].tags, ["store"]);
    assert!(events[4].tags.is_empty());
}

#[test]
fn none_is_a_failure_where_that_is_asked_for() {
    #[traced(operation.tokens.found, none = failed, fields(id))]
    fn find(id: u64) -> Option<u64> {
        (id < 5).then_some(id)
    }
    #[traced(operation.tokens.found)]
    fn look(id: u64) -> Option<u64> {
        (id < 5).then_some(id)
    }
    let capture = capture();
    assert_eq!((find(1), find(7), look(7)), (Some(1), None, None));
    let events = capture.events();
    assert_eq!(
        tree(&events),
        "operation.tokens.found id=1\n\
         operation.tokens.find_failed id=7 failed Error None: nothing was returned\n\
         operation.tokens.found\n"
    );
    assert_eq!(events[1].error.as_ref().unwrap().kind, ErrorKind::Error);
}

#[tokio::test]
async fn none_is_a_failure_of_a_future_as_well() {
    #[traced(operation.tokens.found, none = failed)]
    async fn find(id: u64) -> Option<u64> {
        id.checked_sub(5)
    }
    type Boxed<'a> = std::pin::Pin<Box<dyn Future<Output = Option<&'a str>> + 'a>>;
    #[traced(operation.tokens.found, none = failed)]
    fn boxed(name: &str) -> Boxed<'_> {
        Box::pin(async move { name.strip_prefix("a") })
    }
    let capture = capture();
    assert_eq!((find(1).await, find(6).await, boxed("ba").await, boxed("ab").await), (None, Some(1), None, Some("b")));
    let all = tree(&capture.events());
    assert_eq!(all.matches("operation.tokens.find_failed failed").count(), 2, "{all}");
    assert_eq!(all.matches("operation.tokens.found\n").count(), 2, "{all}");
}

/// What is under a condition counts as a method's own attribute, whichever of the two it is.
#[test]
fn a_stage_under_a_condition_is_recorded_once() {
    struct Bank;

    #[traced(operation.banks._)]
    impl Bank {
        #[cfg_attr(all(), tense::pipeline_stage(dispatch.lend))]
        fn lend(&self, amount: u64) -> Result<u64, String> {
            Ok(amount)
        }

        #[cfg_attr(any(), tense::pipeline_stage(dispatch.repay))]
        fn repay(&self, amount: u64) -> Result<u64, String> {
            Ok(amount)
        }
    }

    let capture = capture();
    assert_eq!((Bank.lend(1), Bank.repay(2)), (Ok(1), Ok(2)));
    // A life is two events of one span.
    assert_eq!(
        tree(&capture.events()),
        "dispatch.lend.start pending\ndispatch.lend.complete\noperation.banks.repaid\n"
    );
}
