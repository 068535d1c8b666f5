//! Entropy coding for learned predictors, in exact arithmetic: probabilities of binary decisions become bits, and what
//! is coded teaches what comes next.
//!
//! It is the coder of the `dualcomp` crate, and needs none of its models: with the parts below one builds context
//! mixing compressors in the line of PAQ and lpaq. Every result is that of integers of fixed size, so what one machine
//! encodes any other decodes; where vectors compute it by floats, these are exact. There is no `unsafe`.
//!
//! # The parts, in the order of a decision
//!
//! | Part | From | To |
//! |---|---|---|
//! | [`Counter`], alone or in the slots of a [`ContextTable`] | decisions seen under a context | probability |
//! | [`StateMap`], [`SimdStateMap`] | a counter's probability and how much it has seen | what really follows such counters |
//! | [`logistic`] | probability | logit, and back |
//! | [`Distribution`] | a [`predictor::Mixture`] of logistics | probabilities of thresholds, to spell a number |
//! | [`Mixer`]; [`MixingNetwork`], two layers of [`SimdMixer`]s | logits | one logit, by weights that learn |
//! | [`Apm`] | a logit and a small context | corrected probability |
//! | [`RangeEncoder`], [`RangeDecoder`] | probability and decision | bytes, and back |
//!
//! [`predictor`] is what a model must offer to take part; [`Prior`] is what all of these may know before they see data.
//!
//! # Use
//!
//! A model is written once, against [`BitCoder`]: the encoder returns the decision it was given, the decoder the one
//! it reads. Each learner is asked first and told second, in the same order on both sides.
//!
//! ```
//! use dualcomp_entropy::logistic::stretch;
//! use dualcomp_entropy::{BitCoder, Counter, Mixer, RangeDecoder, RangeEncoder, Apm};
//!
//! /// Bytes under two contexts: nothing, and the byte before. A decoder fills `bytes` in.
//! fn code(coder: &mut impl BitCoder, bytes: &mut [u8]) {
//!     let mut counters = vec![Counter::default(); 257 * 256];
//!     let mut mixer = Mixer::new(256, [1 << 15; 2], 600); // starts with half of each input
//!     let mut apm = Apm::new(256, 6);
//!     let mut before = 0;
//!     for byte in bytes {
//!         let mut node = 1; // the bits so far, below a leading 1
//!         while node < 256 {
//!             let places = [node, (1 + before) * 256 + node];
//!             let inputs = places.map(|place| stretch(counters[place].p()));
//!             let one = apm.refine(mixer.mix(&inputs, node), node);
//!             let bit = coder.code(*byte << node.ilog2() & 0x80 != 0, one);
//!             apm.update(bit);
//!             mixer.update(&inputs, bit);
//!             for place in places {
//!                 counters[place].update(bit, 255);
//!             }
//!             node = node * 2 + usize::from(bit);
//!         }
//!         *byte = node as u8;
//!         before = usize::from(*byte);
//!     }
//! }
//!
//! let text = "she sells sea shells on the sea shore, ".repeat(50).into_bytes();
//! let mut encoder = RangeEncoder::new();
//! code(&mut encoder, &mut text.clone());
//! let coded = encoder.finish();
//! assert!(coded.len() < text.len() / 4);
//!
//! let mut decoded = vec![0; text.len()];
//! code(&mut RangeDecoder::new(&coded), &mut decoded);
//! assert_eq!(decoded, text);
//! ```
//!
//! # Units
//!
//! - Probabilities are those of a 1, in 1/65536; what [`BitCoder::code`] takes is in 1..=65535.
//!   [`Distribution::below`] answers in 1/2^24.
//! - Logits are in 1/256 nat, within [`logistic::LIMIT`], eleven nats, on both sides.
//! - Weights of a mixer are in 1/65536, within 16 on both sides.
//!
//! # Errors and panics
//!
//! Nothing here fails: any bytes decode to some decisions. Selectors, contexts and classes are indices that the caller
//! owns; those out of range panic, as each method says. `update` without a preceding
//! prediction trains the previous context.
//!
//! # Cost
//!
//! Time a decision, in ns, on one x86-64 core of 3.7 GHz without extensions: range coder 1.4 to encode and 1.9 to
//! decode, a mixer of 16 inputs 20, eight counters 8, a state map of eight counters 28, an APM 4. The slots of eight
//! contexts take 67 from a cache and 190 from memory, as [`ContextTable::find`] waits for all at once. What runs for
//! each decision is inlined, so that a caller compiled for wider vectors has it quicker. `cargo bench --workspace
//! --bench coding` measures this. Memory: four bytes for a counter and for a weight.
//!
//! # Sources
//!
//! - G. N. N. Martin, *Range encoding: an algorithm for removing redundancy from a digitised message*, 1979; carries
//!   as in I. Pavlov's LZMA.
//! - M. Mahoney, *Adaptive weighing of context models for lossless data compression*, 2005: logistic mixing, state
//!   maps and adaptive probability maps, the PAQ and lpaq line.
//! - T. Salimans and others, *PixelCNN++*, 2017: mixtures of discretised logistics for pixels.
//!
//! docs/spec/entropy.md in the repository is normative.

extern crate alloc;

mod apm;
mod context;
mod counter;
mod distribution;
pub mod logistic;
mod logistics;
mod mixer;
mod network;
pub mod predictor;
mod prior;
mod range;
mod simd_mixer;
mod simd_state_map;
mod state_map;

pub use apm::Apm;
pub use context::{ContextPrior, ContextTable, CounterSlot, SlotIndex, hash};
pub use counter::{Counter, SmallCounter, probabilities, recent, remember_all, update_all};
pub use distribution::Distribution;
pub use logistics::{LOGISTICS, Logistics};
pub use mixer::{MAX_INPUTS, Mixer};
pub use network::MixingNetwork;
pub use prior::{Number, Prior, save_counters};
pub use range::{BitCoder, RangeDecoder, RangeEncoder};
pub use simd_mixer::{SimdMixer, WIDTH};
pub use simd_state_map::SimdStateMap;
pub use state_map::{StateMap, States};
