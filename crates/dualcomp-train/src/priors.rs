//! Learning of priors: coding many samples one after the other, keeping what was learned.

use dualcomp::__unstable::{DocumentSetup, TileKind, TileSetup, code_document, code_tile};
use dualcomp::{ColorType, Error};
use dualcomp_entropy::predictor::Predictor;
use dualcomp_entropy::{Number, Prior, RangeEncoder};

/// Logarithm of the size of the tables of those who learn.
const TABLE_LOG2: u8 = 16;
/// The same for contexts of both groups without the network, which code long streams.
const LONG_TABLE_LOG2: u8 = 21;

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
    /// Of drawn tiles.
    Drawn,
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
/// each sample of the second half. Starts from nothing but pretrained contexts, those of the codec unless others are given.
///
/// # Errors
/// If the model fails.
pub fn learn(
    samples: impl ExactSizeIterator<Item = Sample>,
    predictor: Option<&dyn Predictor>,
    contexts: Contexts,
    pretrained: Option<&'static [u8]>,
) -> Result<Vec<u8>, Error> {
    let kind = match (contexts, predictor) {
        (Contexts::Photo, Some(_)) => TileKind::Photo,
        (Contexts::Deep, Some(_)) => TileKind::PhotoDeep,
        (Contexts::Photo | Contexts::Deep, None) => TileKind::PhotoLinear,
        (Contexts::Drawn, _) => TileKind::Drawn,
        (_, Some(_)) => TileKind::Network,
        (_, None) => TileKind::ContextsOnly,
    };
    let wide = contexts == Contexts::Wide;
    let table_log2 = if wide && predictor.is_none() { LONG_TABLE_LOG2 } else { TABLE_LOG2 };
    mean_after_each(Vec::new(), samples, |sample, prior| {
        let mut coder = RangeEncoder::new();
        match sample {
            Sample::Bytes(raw) => {
                let setup = DocumentSetup { table_log2, wide, light: false, prior, pretrained, predictor };
                code_document(&raw, setup, &mut coder)
            }
            Sample::Tile { raw, width, height, color } => {
                code_tile(&raw, (width, height), color, TileSetup { kind, prior, predictor }, &mut coder)
            }
        }
    })
}

/// The prior of the light form: first what follows each state of each context in all documents, then, with that, the mean
/// of [`learn`].
///
/// # Errors
/// If the thread rounds otherwise than streams are defined by.
#[cfg(feature = "learn")]
pub fn learn_light(documents: &[Vec<u8>], pretrained: Option<&'static [u8]>) -> Result<Vec<u8>, Error> {
    use dualcomp::__unstable::{count_outcomes, first_logits, no_outcomes};

    fn setup<'a>(prior: Prior<'a>, pretrained: Option<&'static [u8]>) -> DocumentSetup<'a> {
        DocumentSetup { table_log2: TABLE_LOG2, wide: false, light: true, prior, pretrained, predictor: None }
    }
    let mut outcomes = no_outcomes();
    for document in documents {
        outcomes = count_outcomes(document, &setup(Prior::from_numbers(&[]), pretrained), outcomes)?;
    }
    let first = first_logits(&outcomes);
    mean_after_each(first, documents.iter(), |document, prior| {
        code_document(document, setup(prior, pretrained), &mut RangeEncoder::new())
    })
}

/// What `code` has learned, which gives that after each sample from that before it: the mean over the second half.
fn mean_after_each<T>(
    mut last: Vec<Number>,
    samples: impl ExactSizeIterator<Item = T>,
    mut code: impl FnMut(T, Prior<'_>) -> Result<Vec<Number>, Error>,
) -> Result<Vec<u8>, Error> {
    let half = samples.len() / 2;
    let mut sums: Vec<i64> = Vec::new();
    let mut count = 0;
    for (i, sample) in samples.enumerate() {
        let numbers = code(sample, Prior::from_numbers(&last))?;
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
