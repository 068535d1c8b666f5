//! Learning of priors: coding many samples one after the other, keeping what was learned; and counting contexts.

mod jpeg;
mod pretrained;

use std::sync::Arc;

use dualcomp_entropy::predictor::Predictor;
use dualcomp_entropy::{Number, Prior};

use dualcomp_tokens::Vocabulary;

use crate::codec::v1::bytes as text;
use crate::codec::v1::bytes::BytesCoder;
use crate::codec::v1::bytes::coder_logits::NullPredictor;
use crate::codec::v1::bytes::pretrained::OTHER;
use crate::codec::v1::image::tile::{Profile, learn_tile};
use crate::format::block::{BlockPlan, NetworkSpan, Substreams};
use crate::format::bytes_params::BytesParams;
use crate::format::tile_grid::TileShape;
use crate::{ColorType, Error};

pub use jpeg::{JpegPlane, jpeg};
pub use pretrained::pretrained;

/// Size of the tables of those who learn.
const TABLE: BytesParams = BytesParams::new(16);
/// The same for contexts of both groups without the network, which code long streams.
const LONG_TABLE: BytesParams = BytesParams::new(21).with_second_group();

/// The last numbers of a prior for bytes, which are common to all of them: those of the APM by bytes.
pub const COMMON: usize = text::BY_BYTE_NUMBERS;

/// Units of the logits of the coder, 1/256 nat, in one of what is written for training.
pub(crate) const UNIT: i32 = 20;

/// A logit as it is written for training.
pub(crate) fn in_units(logit: i32) -> i8 {
    (logit / UNIT).clamp(-127, 127) as i8
}

/// Contexts that a prior is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contexts {
    /// Those of most blocks and tiles.
    Usual,
    /// Of bytes, those of the second group too.
    Wide,
    /// Of tiles, few.
    Photo,
    /// The same, with the deep network.
    Deep,
}

/// One thing to learn from.
#[derive(Clone)]
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
    contexts: Contexts,
) -> Result<Vec<u8>, Error> {
    let method = match (contexts, &predictor) {
        (Contexts::Photo, Some(_)) => Profile::Photo,
        (Contexts::Deep, Some(_)) => Profile::PhotoDeep,
        (Contexts::Photo | Contexts::Deep, None) => Profile::PhotoLinear,
        (_, Some(_)) => Profile::Network,
        (_, None) => Profile::ContextsOnly,
    };
    let table = match (contexts, &predictor) {
        (Contexts::Wide, None) => LONG_TABLE,
        (Contexts::Wide, Some(_)) => TABLE.with_second_group(),
        _ => TABLE,
    };
    let half = samples.len() / 2;
    let mut last = Vec::new();
    let mut sums: Vec<i64> = Vec::new();
    let mut count = 0;
    for (i, sample) in samples.enumerate() {
        let mut prior = Prior::from_numbers(&last);
        let mut numbers = Vec::new();
        match sample {
            Sample::Bytes(raw) => {
                let mut coder = BytesCoder::with_prior(table, predictor.clone(), &mut prior);
                let network = if predictor.is_some() { NetworkSpan::All } else { NetworkSpan::None };
                coder.encode(&raw, BlockPlan { substreams: Substreams::One, network })?;
                coder.save(&mut numbers);
            }
            Sample::Tile { raw, width, height, color } => {
                numbers = learn_tile(&raw, TileShape { width, height, color }, method, predictor.as_deref(), prior)?;
            }
        }
        if i >= half {
            sums.resize(numbers.len(), 0);
            for (sum, number) in sums.iter_mut().zip(&numbers) {
                *sum += match *number {
                    Number::Weight(weight) => weight.into(),
                    Number::Probability(p) => p.into(),
                    Number::Unknown => 1 << 15,
                };
            }
            count += 1;
        }
        last = numbers;
    }
    let mean = |number: Number, sum: i64| match number {
        Number::Weight(_) => Number::Weight((sum / count) as i32),
        Number::Probability(_) => Number::Probability((sum / count) as u16),
        Number::Unknown => Number::Unknown,
    };
    Ok(last.iter().zip(sums).map(|(&number, sum)| mean(number, sum).pack()).collect())
}

/// What the contexts say of each decision of documents: passes on the tokens of each, and the logit of a 1 of each
/// decision on their paths, in 20/256 nat, or -128 where it is not coded. The coder begins with the prior that it learns
/// from samples, and with these pretrained contexts. `wide` is for contexts of the second group too.
///
/// # Errors
/// If there is a model and it fails.
pub fn coder_logits(
    documents: &[&[u8]],
    samples: impl ExactSizeIterator<Item = Sample>,
    vocabulary: Vocabulary,
    pretrained: Vec<u8>,
    wide: bool,
    mut each: impl FnMut(&[u32], &[i8]),
) -> Result<(), Error> {
    OTHER.get_or_init(|| pretrained);
    let null = NullPredictor::new(vocabulary);
    let prior = learn(samples, Some(Arc::new(null.clone())), if wide { Contexts::Wide } else { Contexts::Usual })?;
    let of = if wide { text::coder_logits::coder_logits::<2> } else { text::coder_logits::coder_logits::<1> };
    let mut tokens = Vec::new();
    for document in documents {
        tokens.clear();
        let logits = of(document, &null, &prior, &mut tokens)?;
        each(&tokens, &logits);
    }
    Ok(())
}

/// What contexts and regression say of each decision of tiles, eight bits red, green and blue: passes on how many
/// decisions each sample of a tile takes, row by row, and the logit of a 1 of each decision, in 20/256 nat. The coder begins
/// with the priors that it learns from samples, one of few contexts for tiles that repeat nothing.
///
/// # Errors
/// If there is a model and it fails.
pub fn beside_pixels<'a>(
    tiles: impl Iterator<Item = &'a [u8]>,
    (width, height): (u32, u32),
    samples: impl ExactSizeIterator<Item = Sample> + Clone,
    vocabulary: Vocabulary,
    mut each: impl FnMut(&[u8], &[i8]),
) -> Result<(), Error> {
    let null = NullPredictor::new(vocabulary);
    let prior = |contexts| learn(samples.clone(), Some(Arc::new(null.clone())), contexts);
    let (network, photo) = (prior(Contexts::Usual)?, prior(Contexts::Photo)?);
    for raw in tiles {
        let priors = [&network, &photo].map(|prior| Prior::new(prior));
        let (counts, logits) = crate::codec::v1::image::coder_logits::coder_logits(raw, width, height, &null, priors)?;
        each(&counts, &logits);
    }
    Ok(())
}

/// Of each sample of a picture of three colours, row by row and interleaved, the value that the regression expects, in
/// 1/16 level.
#[must_use]
pub fn expected(raw: &[u8], width: u32, height: u32) -> Vec<i16> {
    crate::codec::v1::image::expected::expected(raw, width, height)
}
