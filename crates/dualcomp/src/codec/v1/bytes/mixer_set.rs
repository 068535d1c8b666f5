//! The mixer set of a substream. Two instances exist: for pieces with the network and for those without
//! (experiments/0015).

use std::any::Any;
use std::array;
use std::sync::{Arc, OnceLock};

use dualcomp_entropy::Number;
use dualcomp_entropy::{Apm, Counter, MixingNetwork, Prior, SimdMixer, SimdStateMap, WIDTH};

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::bytes::byte_match::{LENGTHS, MATCHES};
use crate::codec::v1::bytes::contexts::CONTEXTS;
use crate::codec::v1::bytes::recent_order0::{NODES, RecentOrder0};
use crate::codec::v1::bytes::shape::{BY_FOUR, BY_TWO, BY_WORD};

/// Inputs behind those of the contexts: the logit of the network, and a constant one.
pub(crate) const NETWORK: usize = 0;
pub(crate) const BIAS: usize = 3;
/// Classes of decisions: ends of tokens, and nodes by their depth.
pub(crate) const CLASSES: usize = 9;
/// Each of five contexts was seen never, once or twice, or more often: 3^5.
pub(crate) const SEEN: usize = 243;

/// Rates with one group of contexts, and with two: by hand (experiments/0022); others are no better (experiments/0095).
const RATES: [i32; 2] = [1100, 850];
/// The rate in long streams, and the decisions after which it is halfway there: by hand (experiments/0022).
const MIN_RATE: i32 = 100;
const SLOWING: u32 = 1 << 22;
/// The rate of the last mixer: by hand; half and twice as much are no better (experiments/0095).
const BLEND_RATE: i32 = 25;

/// What the final probability follows from, apart from the contexts' counters.
#[derive(Clone)]
pub(crate) struct MixerSet<const GROUPS: usize> {
    /// Whether the outcome that the match expects comes, under the length of the match.
    pub(crate) matches: Vec<Counter>,
    /// Order 0: how often a 1 came at each node, ever and of late.
    pub(crate) order0: Vec<Counter>,
    pub(crate) recent: RecentOrder0,
    /// State maps of each group of contexts.
    pub(crate) states: [SimdStateMap<2>; GROUPS],
    /// Mixers by the last two bytes, by the word and the node, by classes of the last four, and by what was seen and the match.
    pub(crate) network: MixingNetwork<4, GROUPS>,
    /// An APM by node and match.
    pub(crate) by_match: Apm,
}

impl<const GROUPS: usize> MixerSet<GROUPS> {
    pub(crate) fn new() -> Self {
        let mut start = [3 << 12; WIDTH];
        start[CONTEXTS + NETWORK] = 3 << 14;
        start[CONTEXTS + BIAS..].fill(0);
        let mut starts = [start; GROUPS];
        if GROUPS > 1 {
            starts[1] = [0; WIDTH];
            starts[1][..CONTEXTS].fill(1 << 12);
        }
        let mixer = |selectors| SimdMixer::new(selectors, starts, RATES[GROUPS - 1]);
        let mixers = [mixer(BY_TWO), mixer(BY_WORD), mixer(BY_FOUR), mixer(SEEN * MATCHES)];
        Self {
            matches: vec![Counter::default(); 2 * LENGTHS],
            order0: vec![Counter::default(); NODES],
            recent: RecentOrder0::new(),
            states: array::from_fn(|_| SimdStateMap::new()),
            network: MixingNetwork::new(mixers, CLASSES * MATCHES, BLEND_RATE).slowing(MIN_RATE, SLOWING),
            by_match: Apm::new(NODES * MATCHES, 6),
        }
    }

    /// As a prior for this number of groups begins, and what the prior has beside: unpacked once, as streams may be short
    /// and many.
    pub(crate) fn begun(prior: PriorKind) -> Arc<(Self, Prior<'static>)> {
        static BEGUN: [OnceLock<Arc<dyn Any + Send + Sync>>; 4] = [const { OnceLock::new() }; 4];
        let place = match prior {
            PriorKind::NetworkBytes => 0,
            PriorKind::ContextsBytes => 1,
            PriorKind::NetworkTwoGroups => 2,
            _ => 3,
        };
        let begun = BEGUN[place].get_or_init(|| {
            let (mut mixer_set, mut prior) = (Self::new(), prior.prior());
            mixer_set.load(&mut prior);
            Arc::new((mixer_set, prior))
        });
        let Ok(begun) = begun.clone().downcast() else { unreachable!("a prior is for one number of groups") };
        begun
    }

    /// Takes over what a prior has learned.
    pub(crate) fn load(&mut self, prior: &mut Prior<'_>) {
        for states in &mut self.states {
            states.load(prior);
        }
        prior.counters(&mut self.matches);
        prior.counters(&mut self.order0);
        self.recent.load(prior);
        self.network.load(prior);
        self.by_match.load(prior);
    }

    /// Writes what [`Self::load`] reads.
    pub(crate) fn save(&self, out: &mut Vec<Number>) {
        for states in &self.states {
            states.save(out);
        }
        for counters in [&self.matches, &self.order0] {
            dualcomp_entropy::save_counters(counters, out);
        }
        self.recent.save(out);
        self.network.save(out);
        self.by_match.save(out);
    }
}
