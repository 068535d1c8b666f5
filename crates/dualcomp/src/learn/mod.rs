//! Learning of priors: coding many samples one after the other, keeping what was learned; and counting contexts.

mod primed;

use std::sync::Arc;

use dualcomp_entropy::Prior;
use dualcomp_entropy::predictor::Predictor;

use crate::image::learn_tile;
use crate::text::{Cut, TextCoder};
use crate::{ColorType, Error};

pub use primed::primed;

/// One thing to learn from.
pub enum Sample {
    /// A file.
    Bytes(Vec<u8>),
    /// Pixels of a tile, samples of 16 bits big-endian.
    Tile {
        /// Rows without gaps.
        raw: Vec<u8>,
        /// Pixels in a row.
        width: u32,
        /// Rows.
        height: u32,
        /// Meaning of the bytes.
        color: ColorType,
    },
}

/// The prior that coders arrive at when they code all samples in order, as the mean of what they had learned after
/// each sample of the second half. Starts from nothing.
///
/// # Errors
/// If the model fails.
pub fn learn(
    samples: impl ExactSizeIterator<Item = Sample>,
    predictor: Option<Arc<dyn Predictor>>,
) -> Result<Vec<u8>, Error> {
    let half = samples.len() / 2;
    let mut last = Vec::new();
    let mut sums: Vec<u64> = Vec::new();
    let mut count = 0;
    for (i, sample) in samples.enumerate() {
        let mut prior = Prior::new(&last);
        let mut numbers = Vec::new();
        match sample {
            Sample::Bytes(raw) => {
                let mut coder = TextCoder::with_prior(predictor.clone(), &mut prior);
                coder.encode(&raw, Cut { lanes: 1, twofold: false }, predictor.is_some())?;
                coder.save(&mut numbers);
            }
            Sample::Tile { raw, width, height, color } => {
                numbers = learn_tile(&raw, width, height, color, predictor.as_deref(), prior)?;
            }
        }
        last = bytes(numbers.iter().copied());
        if i >= half {
            sums.resize(numbers.len(), 0);
            for (sum, number) in sums.iter_mut().zip(&numbers) {
                *sum += u64::from(*number);
            }
            count += 1;
        }
    }
    Ok(bytes(sums.iter().map(|sum| ((sum + count / 2) / count.max(1)) as u16)))
}

fn bytes(numbers: impl Iterator<Item = u16>) -> Vec<u8> {
    numbers.flat_map(u16::to_le_bytes).collect()
}
