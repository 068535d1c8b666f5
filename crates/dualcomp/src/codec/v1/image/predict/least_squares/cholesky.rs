//! Systems of normal equations, solved side by side (docs/spec/image.md, section 3).

/// Unknowns of a system.
pub(crate) const REGRESSORS: usize = 20;
/// Moments of pairs of regressors, rows padded to multiples of four.
pub(crate) const PAIRS: usize = 4 * (4 + 8 + 12 + 16 + 20);
/// Moments of pairs, then of each regressor with the target, padded to a multiple of eight.
pub(crate) const MOMENTS: usize = (PAIRS + REGRESSORS).next_multiple_of(8);
/// Systems that are solved side by side.
pub(crate) const LANES: usize = 16;
/// Added to the diagonal, so that every system has a solution with small weights (experiments/0022).
const RIDGE: f32 = 5.0;

/// Blocks of four rows, which have the same length.
const BLOCKS: usize = REGRESSORS / 4;

type Lanes = [f32; LANES];
/// The moments of all lanes.
pub(crate) type System = [Lanes; MOMENTS];

/// Solves the normal equations of all lanes by Cholesky decomposition; `system` is overwritten.
///
/// The sums of four columns of a row are found side by side, so that no subtraction waits for the one before it.
/// Whatever is subtracted from one moment is so in the order of the columns.
#[inline(always)]
pub(crate) fn solve(system: &mut System) -> [Lanes; REGRESSORS] {
    let mut inverse = [[0.0; LANES]; REGRESSORS];
    for block in 0..BLOCKS {
        for row in 4 * block..4 * block + 4 {
            let start = pair(row, 0);
            for before in 0..block {
                columns::<4>(system, &inverse, start, 4 * before);
            }
        }
        let start = pair(4 * block, 0);
        let step = pair(4 * block + 1, 0) - start;
        let mut sum = columns::<1>(system, &inverse, start, 4 * block);
        inverse[4 * block] = root(&sum);
        sum = columns::<2>(system, &inverse, start + step, 4 * block);
        inverse[4 * block + 1] = root(&sum);
        sum = columns::<3>(system, &inverse, start + 2 * step, 4 * block);
        inverse[4 * block + 2] = root(&sum);
        sum = columns::<4>(system, &inverse, start + 3 * step, 4 * block);
        inverse[4 * block + 3] = root(&sum);
    }
    // The moments with the target are one more row.
    for block in 0..BLOCKS {
        columns::<4>(system, &inverse, PAIRS, 4 * block);
    }
    let mut x = [[0.0; LANES]; REGRESSORS];
    for i in (0..REGRESSORS).rev() {
        let mut sum = system[PAIRS + i];
        for k in i + 1..REGRESSORS {
            subtract(&mut sum, &system[ROWS[k] + i], &x[k]);
        }
        x[i] = times(&sum, &inverse[i]);
    }
    x
}

/// Finds the factors in `N` columns from `first` on, a multiple of four, of the row that begins at `start`. The last of
/// them is not a factor yet where it is on the diagonal; its sum is given back.
#[inline(always)]
fn columns<const N: usize>(system: &mut System, inverse: &[Lanes; REGRESSORS], start: usize, first: usize) -> Lanes {
    let mut sums = [[0.0; LANES]; N];
    for n in 0..N {
        sums[n] = system[start + first + n];
    }
    // The rows of these columns lie this far apart.
    let (top, step) = (pair(first, 0), first + 4);
    let row = &system[start..][..first];
    let mut rows = [row; N];
    for n in 0..N {
        rows[n] = &system[top + n * step..][..first];
    }
    for k in 0..first {
        for n in 0..N {
            subtract(&mut sums[n], &row[k], &rows[n][k]);
        }
    }
    for n in 0..N {
        let factor = times(&sums[n], &inverse[first + n]);
        system[start + first + n] = factor;
        for after in 0..N {
            if after > n {
                // On the diagonal both are of the same row.
                let other = system[top + after * step + first + n];
                subtract(&mut sums[after], &factor, &other);
            }
        }
    }
    sums[N - 1]
}

/// The inverse of the factor on the diagonal.
#[inline(always)]
fn root(sum: &Lanes) -> Lanes {
    let mut inverse = [0.0; LANES];
    for lane in 0..LANES {
        inverse[lane] = 1.0 / (sum[lane] + RIDGE).max(1.0).sqrt();
    }
    inverse
}

#[inline(always)]
fn subtract(sum: &mut Lanes, a: &Lanes, b: &Lanes) {
    for lane in 0..LANES {
        sum[lane] -= a[lane] * b[lane];
    }
}

#[inline(always)]
fn times(a: &Lanes, b: &Lanes) -> Lanes {
    let mut product = [0.0; LANES];
    for lane in 0..LANES {
        product[lane] = a[lane] * b[lane];
    }
    product
}

/// Where the moments of each regressor with those before it begin.
const ROWS: [usize; REGRESSORS] = {
    let mut rows = [0; REGRESSORS];
    let mut i = 0;
    while i < REGRESSORS {
        rows[i] = pair(i, 0);
        i += 1;
    }
    rows
};

/// Where the moment of regressors `i` and `j <= i` stands.
#[inline(always)]
const fn pair(i: usize, j: usize) -> usize {
    let block = i / 4;
    8 * block * (block + 1) + i % 4 * (block + 1) * 4 + j
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_do_not_see_each_other() {
        let mut one = [[0.0; LANES]; MOMENTS];
        for i in 0..REGRESSORS {
            for j in 0..=i {
                one[pair(i, j)][3] = if i == j { 100.0 + i as f32 } else { (i * j % 7) as f32 };
            }
            one[PAIRS + i][3] = i as f32 - 5.0;
        }
        let mut all = one.map(|m| [m[3]; LANES]);
        let (one, all) = (solve(&mut one), solve(&mut all));
        for i in 0..REGRESSORS {
            assert!(all[i].iter().all(|x| x.to_bits() == one[i][3].to_bits()));
            assert_eq!(one[i][0], 0.0);
        }
    }

    /// One lane, one moment after the other.
    fn plainly(mut system: [f32; MOMENTS]) -> [f32; REGRESSORS] {
        let (mut inverse, mut x) = ([0.0; REGRESSORS], [0.0; REGRESSORS]);
        for i in 0..REGRESSORS {
            for j in 0..i {
                let sum = (0..j).fold(system[pair(i, j)], |sum, k| sum - system[pair(i, k)] * system[pair(j, k)]);
                system[pair(i, j)] = sum * inverse[j];
            }
            let sum = (0..i).fold(system[pair(i, i)], |sum, k| sum - system[pair(i, k)] * system[pair(i, k)]);
            inverse[i] = 1.0 / (sum + RIDGE).max(1.0).sqrt();
        }
        for i in 0..REGRESSORS {
            x[i] = (0..i).fold(system[PAIRS + i], |sum, k| sum - system[pair(i, k)] * x[k]) * inverse[i];
        }
        for i in (0..REGRESSORS).rev() {
            x[i] = (i + 1..REGRESSORS).fold(x[i], |sum, k| sum - system[pair(k, i)] * x[k]) * inverse[i];
        }
        x
    }

    #[test]
    fn columns_side_by_side_have_the_plain_solution() {
        let mut x = 1u32;
        let mut system = [[0.0; LANES]; MOMENTS];
        for (at, lanes) in system.iter_mut().enumerate() {
            for number in lanes {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *number = (x >> 8) as f32 / 65536.0 - 128.0;
                if (0..REGRESSORS).any(|i| at == pair(i, i)) {
                    *number = *number * *number + 900.0;
                }
            }
        }
        let before = system;
        let weights = solve(&mut system);
        for lane in 0..LANES {
            let plain = plainly(before.map(|moment| moment[lane]));
            for i in 0..REGRESSORS {
                assert_eq!(weights[i][lane].to_bits(), plain[i].to_bits(), "{lane} {i}");
            }
        }
    }
}
