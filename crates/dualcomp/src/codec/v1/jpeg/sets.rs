//! The sets of weights of each mixer, and which of them have a prior in common.

/// First mixer: coefficients by class and index, then the trees of counts.
pub(crate) const COUNTS: usize = 192;
pub(crate) const EDGE_COUNTS: usize = COUNTS + 27;
pub(crate) const MANTISSAS: usize = EDGE_COUNTS + 6;
pub(crate) const SIGNS: usize = MANTISSAS + 16;
/// Other mixers: up to here coefficients, then counts, edge counts, signs of both kinds.
pub(crate) const OTHERS: usize = 330;
/// Other mixers: from a coefficient's set to that of its mantissa.
pub(crate) const WITH_MANTISSAS: usize = OTHERS + 14;

/// Sets of each mixer.
pub(crate) const TOTAL: [usize; 3] = [SIGNS + 64, 2 * WITH_MANTISSAS, 2 * WITH_MANTISSAS];

/// Groups of sets that have a prior in common, at most.
pub(crate) const GROUPS: usize = 60;

/// The group of a set of a mixer.
pub(crate) fn group(mixer: usize, set: usize) -> usize {
    match (mixer, set) {
        // By class: the constant, the edges, the interior.
        (0, ..COUNTS) => {
            let k = set % 64;
            let place = if k == 0 { 0 } else { 1 + usize::from(k >= 8 && !k.is_multiple_of(8)) };
            set / 64 * 3 + place
        }
        (0, ..SIGNS) => 9 + set - COUNTS,
        (0, _) => 9 + SIGNS - COUNTS,
        (_, ..OTHERS) => set / 64,
        (_, ..WITH_MANTISSAS) => 6 + set - OTHERS,
        _ => 20 + (set - WITH_MANTISSAS) / 64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sets_have_groups() {
        for (mixer, total) in TOTAL.into_iter().enumerate() {
            assert!((0..total).all(|set| group(mixer, set) < GROUPS));
        }
    }
}
