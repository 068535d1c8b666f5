//! What is known of the decisions that a deflate stream is made of.

use dualcomp_entropy::logistic::{squash, stretch};
use dualcomp_entropy::{BitCoder, Counter, Mixer};

use crate::codec::v1::deflate::matches::Outlook;
use crate::codec::v1::deflate::symbols::MAX_MATCH;

/// How much counters remember: by hand (experiments/0022).
const LIMIT: u32 = 255;
/// Probabilities of a counter alone are this far from 0 and 65536 at least: by hand (experiments/0022).
const MIN_SHARE: u32 = 32;

/// Classes of lengths: none, 3 to 8, then by powers of two.
const LENGTHS: usize = 13;

/// The class of a length.
pub(crate) fn class(len: usize) -> usize {
    match len {
        0..3 => 0,
        3..9 => len - 2,
        _ => 4 + len.ilog2() as usize,
    }
}

/// A counter that decisions are coded with.
#[derive(Clone, Copy)]
pub(crate) struct Decision(Counter);

impl Default for Decision {
    fn default() -> Self {
        Self(Counter::new(1 << 15, 0))
    }
}

impl Decision {
    pub(crate) fn code(&mut self, coder: &mut impl BitCoder, bit: bool) -> bool {
        let bit = coder.code(bit, self.0.p().clamp(MIN_SHARE, 65536 - MIN_SHARE));
        self.0.update(bit, LIMIT);
        bit
    }
}

/// Codes the lowest bits of a value, the highest first, by a tree of decisions.
pub(crate) fn tree(coder: &mut impl BitCoder, nodes: &mut [Decision], bits: u32, value: u32) -> u32 {
    let mut node = 1;
    for shift in (0..bits).rev() {
        node = 2 * node + usize::from(nodes[node].code(coder, value >> shift & 1 == 1));
    }
    node as u32 - (1 << bits)
}

/// Numbers below 2^31: how many bits, then these, of which the first is learned.
#[derive(Clone)]
pub(crate) struct Numbers {
    bits: [Decision; 32],
    first: [Decision; 32],
}

impl Numbers {
    pub(crate) fn new() -> Self {
        Self { bits: [Decision::default(); 32], first: [Decision::default(); 32] }
    }

    pub(crate) fn code(&mut self, coder: &mut impl BitCoder, value: u32) -> u32 {
        let above = value + 1;
        let mut bits = 0;
        while bits < 30 && self.bits[bits].code(coder, above.ilog2() > bits as u32) {
            bits += 1;
        }
        let mut all = 1;
        for shift in (0..bits).rev() {
            let bit = above >> shift & 1 == 1;
            let bit = if shift + 1 == bits { self.first[bits].code(coder, bit) } else { coder.code(bit, 1 << 15) };
            all = 2 * all + u32::from(bit);
        }
        all - 1
    }
}

/// Inputs of the mixer that says whether a match comes.
const INPUTS: usize = 5;

/// All decisions of a stream.
pub(crate) struct Model {
    /// Whether a match comes, under several contexts.
    kinds: Vec<Counter>,
    mixer: Mixer<INPUTS>,
    /// Whether it has the length, and the distance, of the one that was found.
    lengths: Vec<Decision>,
    distances: Vec<Decision>,
    /// The length otherwise, by the class of the length that was found.
    other_lengths: Vec<[Decision; 256]>,
    /// The rank of the distance otherwise, one more, or 0 if it has none, then its symbol and extra bits.
    ranks: Numbers,
    symbols: [Decision; 32],
    /// Whether the last outlooks came true, one bit each.
    truth: usize,
    /// The class of the last token's length.
    last: usize,

    pub(crate) kind: [[Decision; 4]; 4],
    pub(crate) end: [Decision; 4],
    pub(crate) count: Numbers,
    pub(crate) is_last: [Decision; 2],
    pub(crate) filling: [Decision; 256],
    pub(crate) as_zlib: Decision,
    pub(crate) header: HeaderModel,
}

/// Decisions about headers that are not those of zlib.
pub(crate) struct HeaderModel {
    pub(crate) literals: [Decision; 32],
    pub(crate) distances: [Decision; 32],
    pub(crate) count: [Decision; 16],
    pub(crate) lengths: [[Decision; 8]; 8],
    /// How lengths are spelled, by the length that zlib would give.
    pub(crate) symbols: [[Decision; 32]; 16],
    pub(crate) extra: [[Decision; 128]; 3],
}

/// What a token is, beside what was expected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) len: u16,
    pub(crate) distance: Distance,
}

/// How a distance is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Distance {
    /// That of the match that was found.
    #[default]
    Found,
    /// That of the match with this rank among those of the length.
    Ranked(u32),
    /// As it is.
    Plain(u16),
}

impl Model {
    pub(crate) fn new() -> Self {
        let d = Decision::default;
        Self {
            kinds: vec![Counter::new(1 << 15, 0); STARTS[INPUTS]],
            mixer: Mixer::new(3 * 8, [START; INPUTS], RATE),
            lengths: vec![d(); LENGTHS * 4 * 8],
            distances: vec![d(); 2 * LENGTHS],
            other_lengths: vec![[d(); 256]; LENGTHS],
            ranks: Numbers::new(),
            symbols: [d(); 32],
            truth: 0,
            last: 0,
            kind: [[d(); 4]; 4],
            end: [d(); 4],
            count: Numbers::new(),
            is_last: [d(); 2],
            filling: [d(); 256],
            as_zlib: d(),
            header: HeaderModel {
                literals: [d(); 32],
                distances: [d(); 32],
                count: [d(); 16],
                lengths: [[d(); 8]; 8],
                symbols: [[d(); 32]; 16],
                extra: [[d(); 128]; 3],
            },
        }
    }

    /// Codes whether a match comes, before this byte.
    pub(crate) fn is_match(&mut self, coder: &mut impl BitCoder, outlook: Outlook, byte: u8, is: bool) -> bool {
        let found = class(outlook.here.len);
        let longer = outlook.longer.min(3);
        let expected = if outlook.here.len == 0 { 0 } else { 1 + usize::from(outlook.longer == 0) };
        let far = outlook.here.distance.checked_ilog2().map_or(0, |bits| 1 + bits as usize / 4);
        let own = [
            expected * 64 + self.truth % 64,
            (found * 4 + longer) * 8 + far,
            (found * 8 + self.truth % 8) * LENGTHS + self.last,
            found.min(7) * 256 + usize::from(byte),
            outlook.here.len * 8 + longer * 2 + usize::from(self.last > 0),
        ];
        // Index loops: `map` may stay a call (experiments/0086).
        let mut inputs = [0; INPUTS];
        for i in 0..INPUTS {
            inputs[i] = stretch(self.kinds[STARTS[i] + own[i]].p());
        }
        let one = squash(self.mixer.mix(&inputs, expected * 8 + self.truth % 8));
        let is = coder.code(is, one);
        self.mixer.update(&inputs, is);
        for i in 0..INPUTS {
            self.kinds[STARTS[i] + own[i]].update(is, LIMIT);
        }
        self.truth = self.truth << 1 & 63 | usize::from(is == (expected == 2));
        if !is {
            self.last = 0;
        }
        is
    }

    /// Codes the length of a match and how its distance is said.
    pub(crate) fn length_and_distance(
        &mut self,
        coder: &mut impl BitCoder,
        outlook: Outlook,
        choice: Choice,
    ) -> Choice {
        let (here, found) = (outlook.here, class(outlook.here.len));
        let context = (found * 4 + outlook.longer.min(3)) * 8 + self.truth % 8;
        let as_found = here.len > 0 && self.lengths[context].code(coder, usize::from(choice.len) == here.len);
        let len = if as_found {
            here.len as u16
        } else {
            3 + tree(coder, &mut self.other_lengths[found], 8, u32::from(choice.len.max(3)) - 3) as u16
        };
        self.last = class(usize::from(len));
        let place = usize::from(as_found) * LENGTHS + self.last;
        // Rank 0 is the distance that was found where the length is too.
        let first = if as_found { Distance::Found } else { Distance::Ranked(0) };
        if self.distances[place].code(coder, choice.distance == first) {
            return Choice { len, distance: first };
        }
        let rank = match choice.distance {
            Distance::Ranked(rank) => rank + 1,
            _ => 0,
        };
        let distance = match self.ranks.code(coder, rank) {
            0 => {
                let plain = match choice.distance {
                    Distance::Plain(distance) => distance,
                    _ => 1,
                };
                let above = u32::from(plain) - 1;
                let bits = tree(coder, &mut self.symbols, 4, above.checked_ilog2().map_or(0, |bits| bits + 1).min(15));
                let mut all = u32::from(bits > 0);
                for shift in (0..bits.saturating_sub(1)).rev() {
                    all = 2 * all + u32::from(coder.code(above >> shift & 1 == 1, 1 << 15));
                }
                Distance::Plain(all as u16 + 1)
            }
            rank => Distance::Ranked(rank - 1),
        };
        Choice { len, distance }
    }
}

/// Where the counters of each context of [`Model::is_match`] begin, and where the last end.
const STARTS: [usize; INPUTS + 1] = {
    let counts = [3 * 64, LENGTHS * 4 * 8, LENGTHS * 8 * LENGTHS, 8 * 256, (MAX_MATCH + 1) * 8];
    let mut starts = [0; INPUTS + 1];
    let mut i = 0;
    while i < INPUTS {
        starts[i + 1] = starts[i] + counts[i];
        i += 1;
    }
    starts
};
/// The first weight of an input, in 1/65536, and the rate of learning (experiments/0050).
const START: i32 = 20_000;
const RATE: i32 = 600;
