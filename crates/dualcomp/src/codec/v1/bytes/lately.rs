//! What came last at each node of the tree of a byte (docs/spec/bytes.md, sections 3.1 and 11.3).

use dualcomp_entropy::{Number, Prior, logistic};

/// How often a 1 came at each node of late, in 1/2^20.
#[derive(Clone)]
pub(crate) struct Lately([u32; NODES]);

/// Nodes of the tree of a byte, and the end of a token.
pub(crate) const NODES: usize = 256;
/// A node learns one part in eight of its error (experiments/0071).
const RATE: u32 = 3;

impl Lately {
    pub(crate) fn new() -> Self {
        Self([1 << 19; NODES])
    }

    /// The logit of a 1.
    #[inline(always)]
    pub(crate) fn logit(&self, node: u8) -> i32 {
        logistic::stretch_coarse(self.0[usize::from(node)] >> 4)
    }

    /// Learns what came.
    #[inline(always)]
    pub(crate) fn learn(&mut self, node: u8, bit: bool) {
        move_to(&mut self.0[usize::from(node)], bit, RATE);
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for p in &mut self.0 {
            *p = prior.probability().map_or(*p, |new| u32::from(new) << 4);
        }
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        out.extend(self.0.iter().map(|p| Number::Probability((p >> 4) as u16)));
    }
}

/// A probability of 20 bits learns one part in `2^rate` of its error.
#[inline(always)]
pub(crate) fn move_to(p: &mut u32, outcome: bool, rate: u32) {
    let goal = if outcome { (1 << 20) - 1 } else { 0 };
    *p = (*p as i32 + ((goal - *p as i32) >> rate)) as u32;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_follows_what_comes() {
        let mut lately = Lately::new();
        assert!(lately.logit(7).abs() <= 1);
        for _ in 0..20 {
            lately.learn(7, true);
        }
        assert!(lately.logit(7) > 600 && lately.logit(8).abs() <= 1);
        for _ in 0..20 {
            lately.learn(7, false);
        }
        assert!(lately.logit(7) < -600);
    }
}
