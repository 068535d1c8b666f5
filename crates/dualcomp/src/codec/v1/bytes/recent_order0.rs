//! A fast order-0 model: what came last at each node of the tree of a byte (docs/spec/bytes.md, sections 3.1 and 11.3).

use dualcomp_entropy::{Number, Prior, logistic};

/// The probability of a 1 at each node, of what came last.
#[derive(Clone)]
pub(crate) struct RecentOrder0([AdaptiveProbability; NODES]);

/// A probability in 1/2^20 that moves by a part of its error, and its logit: made when it is learned, so that none waits
/// for it.
#[derive(Clone, Copy)]
pub(crate) struct AdaptiveProbability {
    p: u32,
    pub(crate) logit: i32,
}

/// Nodes of the tree of a byte, and the end of a token.
pub(crate) const NODES: usize = 256;
/// A node learns one part in eight of its error (experiments/0071).
const RATE: u32 = 3;

impl RecentOrder0 {
    pub(crate) fn new() -> Self {
        Self([AdaptiveProbability::new(1 << 19); NODES])
    }

    /// The logit of a 1.
    #[inline(always)]
    pub(crate) fn logit(&self, node: u8) -> i32 {
        self.0[usize::from(node)].logit
    }

    /// Learns what came.
    #[inline(always)]
    pub(crate) fn learn(&mut self, node: u8, bit: bool) {
        self.0[usize::from(node)].move_to(bit, RATE);
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for p in &mut self.0 {
            p.load(prior);
        }
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        out.extend(self.0.iter().map(|p| p.number()));
    }
}

impl AdaptiveProbability {
    /// Of which nothing follows.
    pub(crate) const NONE: Self = Self { p: 1 << 19, logit: 0 };

    #[inline(always)]
    pub(crate) fn new(p: u32) -> Self {
        Self { p, logit: logistic::stretch_coarse(p >> 4) }
    }

    /// Learns one part in `2^rate` of its error.
    #[inline(always)]
    pub(crate) fn move_to(&mut self, outcome: bool, rate: u32) {
        let goal = if outcome { (1 << 20) - 1 } else { 0 };
        *self = Self::new((self.p as i32 + ((goal - self.p as i32) >> rate)) as u32);
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        *self = prior.probability().map_or(*self, |new| Self::new(u32::from(new) << 4));
    }

    /// What [`Self::load`] reads.
    pub(crate) fn number(self) -> Number {
        Number::Probability((self.p >> 4) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_follows_what_comes() {
        let mut recent = RecentOrder0::new();
        assert!(recent.logit(7).abs() <= 1);
        for _ in 0..20 {
            recent.learn(7, true);
        }
        assert!(recent.logit(7) > 600 && recent.logit(8).abs() <= 1);
        for _ in 0..20 {
            recent.learn(7, false);
        }
        assert!(recent.logit(7) < -600);
    }
}
