//! Systems of normal equations, solved side by side (docs/coding.md, section 4.3).

/// Unknowns of a system.
pub(super) const TERMS: usize = 20;
/// Moments of pairs of terms, rows padded to multiples of four.
pub(super) const PAIRS: usize = 4 * (4 + 8 + 12 + 16 + 20);
/// Moments of pairs, then of each term with the sample.
pub(super) const MOMENTS: usize = PAIRS + TERMS;
/// Systems that are solved side by side.
pub(super) const LANES: usize = 16;
/// Added to the moments of each term with itself, so that every system has a solution, a calm one.
const RIDGE: f32 = 5.0;

type Lanes = [f32; LANES];
/// The moments of all lanes.
pub(super) type System = [Lanes; MOMENTS];

/// Solves the normal equations of all lanes by Cholesky decomposition; `system` is overwritten.
#[inline(always)]
pub(super) fn solve(system: &mut System) -> [Lanes; TERMS] {
    let mut inverse = [[0.0; LANES]; TERMS];
    for i in 0..TERMS {
        for j in 0..i {
            let mut sum = system[pair(i, j)];
            for k in 0..j {
                subtract(&mut sum, &system[pair(i, k)], &system[pair(j, k)]);
            }
            system[pair(i, j)] = times(&sum, &inverse[j]);
        }
        let mut sum = system[pair(i, i)];
        for k in 0..i {
            let factor = system[pair(i, k)];
            subtract(&mut sum, &factor, &factor);
        }
        for lane in 0..LANES {
            inverse[i][lane] = 1.0 / (sum[lane] + RIDGE).max(1.0).sqrt();
        }
    }
    let mut x = [[0.0; LANES]; TERMS];
    for i in 0..TERMS {
        let mut sum = system[PAIRS + i];
        for k in 0..i {
            subtract(&mut sum, &system[pair(i, k)], &x[k]);
        }
        x[i] = times(&sum, &inverse[i]);
    }
    for i in (0..TERMS).rev() {
        let mut sum = x[i];
        for k in i + 1..TERMS {
            subtract(&mut sum, &system[pair(k, i)], &x[k]);
        }
        x[i] = times(&sum, &inverse[i]);
    }
    x
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

/// Where the moment of terms `i` and `j <= i` stands.
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
        for i in 0..TERMS {
            for j in 0..=i {
                one[pair(i, j)][3] = if i == j { 100.0 + i as f32 } else { (i * j % 7) as f32 };
            }
            one[PAIRS + i][3] = i as f32 - 5.0;
        }
        let mut all = one.map(|m| [m[3]; LANES]);
        let (one, all) = (solve(&mut one), solve(&mut all));
        for i in 0..TERMS {
            assert!(all[i].iter().all(|x| x.to_bits() == one[i][3].to_bits()));
            assert_eq!(one[i][0], 0.0);
        }
    }
}
