//! How many blocks there are enters; how many are passed over each time leaves.

/// A step by which one comes to each of so many places once, and soon has been everywhere.
pub(super) fn stride(places: u64) -> u64 {
    let gcd = |mut one: u64, mut other: u64| {
        while other > 0 {
            (one, other) = (other, one % other);
        }
        one
    };
    let golden = (u128::from(places) * 618_034 / 1_000_000) as u64;
    (golden.max(1)..places).find(|step| gcd(*step, places) == 1).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::stride;

    #[test]
    fn steps_come_everywhere_and_far_soon() {
        for places in (1..200).chain([1 << 20, 999_983, 1 << 17 | 1]) {
            let step = stride(places);
            if places < 200 {
                let mut seen: Vec<u64> = (0..places).map(|nth| nth * step % places).collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..places).collect::<Vec<_>>(), "{places}");
            } else {
                // Of a hundred steps each tenth of the file has some.
                let tenths: Vec<u64> = (0..100).map(|nth| nth * step % places * 10 / places).collect();
                assert!((0..10).all(|tenth| tenths.iter().filter(|at| **at == tenth).count() > 5), "{places}");
            }
        }
    }
}
