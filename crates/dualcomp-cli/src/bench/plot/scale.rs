//! The axes: where a value lies, and which values have a line.

/// An axis from `low` to `high`, with the values that are written at it.
pub(crate) struct Scale {
    low: f64,
    high: f64,
    pub(crate) ticks: Vec<f64>,
}

impl Scale {
    /// An axis with even steps that has all `values`, and room at both ends.
    pub(crate) fn linear(values: &[f64]) -> Self {
        let (least, most) = ends(values);
        let room = ((most - least) * 0.15).max(most * 0.02);
        let (low, high) = ((least - room).max(0.0), most + room);
        let step = step((high - low) / 7.0);
        let first = (low / step).ceil() as u64;
        let last = (high / step).floor() as u64;
        Self { low, high, ticks: (first..=last).map(|n| n as f64 * step).collect() }
    }

    /// An axis of powers of ten that has all `values`, which are above zero.
    pub(crate) fn logarithmic(values: &[f64]) -> Self {
        let (least, most) = ends(values);
        let (low, high) = (least.log10() - 0.3, most.log10() + 0.3);
        Self { low, high, ticks: (low.ceil() as i64..=high.floor() as i64).map(|n| n as f64).collect() }
    }

    /// Where a value is between the ends, 0 to 1. A logarithmic axis takes logarithms.
    pub(crate) fn place(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

fn ends(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (least, most)
}

/// The next of 1, 2, 5 times a power of ten.
fn step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= at_least);
    factor.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let scale = Scale::linear(&[27.7, 47.0]);
        assert_eq!(scale.ticks, [25.0, 30.0, 35.0, 40.0, 45.0]);
        for tick in &scale.ticks {
            assert!((0.0..=1.0).contains(&scale.place(*tick)));
        }
        let scale = Scale::logarithmic(&[0.4, 140.0]);
        assert_eq!(scale.ticks, [0.0, 1.0, 2.0]);
        assert!(scale.place(0.4f64.log10()) > 0.0 && scale.place(140f64.log10()) < 1.0);
    }

    #[test]
    fn one_value_has_an_axis() {
        let scale = Scale::linear(&[20.0]);
        assert!(scale.ticks.contains(&20.0));
        assert!((scale.place(20.0) - 0.5).abs() < 1e-9);
        assert!(!Scale::linear(&[0.001]).ticks.is_empty());
    }
}
