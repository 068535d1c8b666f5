//! What the contexts and the regression say of each decision, where the network says nothing: what a network is trained
//! beside.

use dualcomp_entropy::predictor::{Depth, ImageSession, Mixture, Predictor, PredictorError, Site};
use dualcomp_entropy::{BitCoder, Distribution, Prior, logistic};
use dualcomp_tokens::Canvas;

use crate::codec::v1::image::binarization::Binarization;
use crate::codec::v1::image::pixel_network::Network;
use crate::codec::v1::image::planes::{PlaneLayout, split};
use crate::codec::v1::image::profile::photo::PhotoCoder;
use crate::codec::v1::image::profile::sample::{SampleCoder, first_step};
use crate::codec::v1::image::tile::{Coders, code};
use crate::codec::v1::image::wavefront::{rows, steps};
use crate::encoder::classify::{few, repeats};
use crate::format::tile_grid::TileShape;
use crate::learn::in_units;
use crate::options::Level;
use crate::{ColorType, Error};

/// What is said of every sample in place of a network: the base prediction, with first steps of two levels.
const MIXTURE: Mixture = Mixture { weights: [0; 5], means: [0; 5], scales: [32; 5] };

/// A network that knows nothing.
pub(crate) struct NullPredictor;

impl ImageSession for NullPredictor {
    fn advance(&mut self, _sites: &[Site], _features: &[i8]) -> Result<(), PredictorError> {
        Ok(())
    }

    fn mixtures(
        &mut self,
        _channel: usize,
        residuals: &[[i16; 2]],
        out: &mut Vec<Mixture>,
    ) -> Result<(), PredictorError> {
        out.clear();
        out.resize(residuals.len(), MIXTURE);
        Ok(())
    }
}

/// Notes the logits of all decisions.
struct Recorder(Vec<i8>);

impl BitCoder for Recorder {
    fn code(&mut self, bit: bool, one: u32) -> bool {
        self.0.push(in_units(logistic::stretch(one)));
        bit
    }
}

/// Of the samples of a tile, row by row and interleaved: how many decisions each takes, and for each of them the logit
/// of a 1 in 20/256 nat. `null` gives [`NullPredictor`] sessions; the priors are those of a network tile and of a photo
/// tile, which it is as at the level `default`.
pub(crate) fn coder_logits(
    raw: &[u8],
    width: u32,
    height: u32,
    null: &dyn Predictor,
    [network, photo]: [Prior<'_>; 2],
) -> Result<(Vec<u8>, Vec<i8>), Error> {
    let few = !repeats(raw, width, ColorType::Rgb8, few(Level::Default));
    let layout = PlaneLayout::new(TileShape { width, height, color: ColorType::Rgb8 });
    let (width, height) = (layout.width, layout.height);
    let mut recorder = Recorder(Vec::new());
    let mut coders = if few {
        Coders::Photo(Box::new(PhotoCoder::new(width * height, photo)), None)
    } else {
        Coders::All(Box::new(SampleCoder::new(width * height, network)))
    };
    let null = Network { predictor: null, depth: Depth::Deep };
    code(&layout, Some(null), &mut coders, &mut recorder, Some(&split(raw, &layout)))?;
    let (mut counts, mut begins) = (vec![0; raw.len()], vec![0; raw.len()]);
    let mut canvas = Canvas::new(width, height);
    let mut at = 0;
    for step in steps(width, height) {
        let rows = rows(step, width, height);
        let pixel = |row: usize| [0, 1, 2].map(|c| raw[(row * width + step - 3 * row) * 3 + c]);
        for channel in 0..3usize {
            for row in rows.clone() {
                let (value, med) = (pixel(row), canvas.around(row, step - 3 * row).med());
                let level = |samples: [u8; 3], c: usize| i32::from(samples[c]);
                let earlier = channel.checked_sub(1).map_or(0, |c| level(value, c) - level(med, c));
                let sample = (row * width + step - 3 * row) * 3 + channel;
                begins[sample] = at;
                counts[sample] = decisions(level(med, channel) + earlier, level(value, channel));
                at += usize::from(counts[sample]);
            }
        }
        for row in rows {
            canvas.set(row, step - 3 * row, pixel(row));
        }
    }
    assert_eq!(at, recorder.0.len(), "each decision belongs to a sample");
    let logits = counts.iter().zip(begins).flat_map(|(&n, at)| &recorder.0[at..at + usize::from(n)]).copied().collect();
    Ok((counts, logits))
}

/// How many decisions tell a value apart.
fn decisions(base: i32, value: i32) -> u8 {
    let distribution = Distribution::new(&MIXTURE, base);
    let mut binarization = Binarization::new(distribution.center(), first_step(&distribution));
    let mut count = 0;
    while binarization.next() {
        binarization.answer(value >= binarization.threshold);
        count += 1;
    }
    count
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "bits are estimated, none is decided")]
mod tests {
    use dualcomp_tokens::Vocabulary;

    use super::*;
    use crate::codec::v1::artefacts::PriorKind;
    use crate::codec::v1::bytes::coder_logits::NullPredictor as Both;
    use crate::codec::v1::image::tile::{Profile, encode_tile};
    use crate::learn::UNIT;

    #[test]
    fn logits_are_those_of_the_decisions_of_each_sample() {
        // Where every sample is noisy, nothing repeats.
        check(1, Profile::Photo);
        check(50, Profile::Network);
    }

    fn check(noisy: u32, profile: Profile) {
        let (width, height) = (50, 40);
        let mut x = 1u32;
        let raw: Vec<u8> = (0..width * height * 3)
            .map(|i| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = if i % noisy == 0 { x >> 30 } else { 0 };
                (i / 3 % width * 4 + i % 3 * 7 + noise) as u8
            })
            .collect();
        assert_eq!(repeats(&raw, width, ColorType::Rgb8, few(Level::Default)), profile == Profile::Network);
        let null = Both::new(Vocabulary::bytes_only());
        let (counts, logits) = coder_logits(
            &raw,
            width,
            height,
            &null,
            [PriorKind::NetworkTile, PriorKind::PhotoTile].map(PriorKind::prior),
        )
        .unwrap();
        let (mut at, mut bits) = (0, 0.0);
        let mut canvas = Canvas::new(width as usize, height as usize);
        for (i, pixel) in raw.as_chunks::<3>().0.iter().enumerate() {
            let (row, column) = (i / width as usize, i % width as usize);
            let med = canvas.around(row, column).med();
            for c in 0..3 {
                let earlier = if c > 0 { i32::from(pixel[c - 1]) - i32::from(med[c - 1]) } else { 0 };
                let distribution = Distribution::new(&MIXTURE, i32::from(med[c]) + earlier);
                let mut binarization = Binarization::new(distribution.center(), first_step(&distribution));
                let first = at;
                while binarization.next() {
                    let bit = i32::from(pixel[c]) >= binarization.threshold;
                    let logit = f64::from(logits[at]) * f64::from(UNIT) / 256.0;
                    bits += (1.0 + (if bit { -logit } else { logit }).exp()).log2();
                    binarization.answer(bit);
                    at += 1;
                }
                assert_eq!(at - first, usize::from(counts[3 * i + c]));
            }
            canvas.set(row, column, *pixel);
        }
        assert_eq!(at, logits.len());
        let coded =
            encode_tile(&raw, TileShape { width, height, color: ColorType::Rgb8 }, profile, Some(&null)).unwrap();
        let coded = coded.len() as f64 * 8.0;
        // A stream is of whole bytes.
        assert!((bits - coded).abs() < 0.01 * coded + 32.0, "{bits} of {coded}");
    }
}
