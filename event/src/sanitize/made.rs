//! A recipe goes in; what it makes comes out, once for the whole program.

use std::ops::Deref;
use std::sync::OnceLock;

/// A `LazyLock` for a process that may be forked meanwhile: one that is being filled at that moment stays so for ever
/// in the child, so the value is made before the cell is touched. Two threads may both make it; one of the two is kept.
pub(super) struct Made<T> {
    cell: OnceLock<T>,
    make: fn() -> T,
}

impl<T> Made<T> {
    pub(super) const fn by(make: fn() -> T) -> Self {
        Self { cell: OnceLock::new(), make }
    }
}

impl<T> Deref for Made<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self.cell.get() {
            Some(made) => made,
            None => {
                let made = (self.make)();
                self.cell.get_or_init(|| made)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_is_there_for_all() {
        static TEXT: Made<String> = Made::by(|| "made".to_owned());
        let first: *const String = &*TEXT;
        let same = std::thread::spawn(|| &raw const *TEXT as usize).join().unwrap();
        assert_eq!((TEXT.as_str(), same), ("made", first as usize));
    }
}
