//! What the contexts and the regression say of each decision, where the network says nothing: what a network is trained
//! beside.

use dualcomp::__unstable::{TileKind, TileSetup, binarization, code_tile, repeats, wavefront};
use dualcomp::{ColorType, Error};
use dualcomp_entropy::predictor::{ImageSession, Mixture, Predictor, PredictorError, Site};
use dualcomp_entropy::{BitCoder, Prior, logistic};
use dualcomp_tokens::Canvas;

use crate::in_units;

/// What is said of every sample in place of a network: the base prediction, with first steps of two levels.
const MIXTURE: Mixture = Mixture { weights: [0; 5], means: [0; 5], scales: [32; 5] };

/// A network that knows nothing.
pub(crate) struct NullSession;

impl ImageSession for NullSession {
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

/// Of the samples of a tile, row by row and interleaved: how many decisions each takes, and for each of them the logit of
/// a 1 in 20/256 nat. `network` gives [`NullSession`]s; the priors are those of a network tile and of a photo tile, which
/// it is as at the level `default`.
pub(crate) fn tile_logits(
    raw: &[u8],
    (width, height): (u32, u32),
    network: &dyn Predictor,
    [all, photo]: [Prior<'_>; 2],
) -> Result<(Vec<u8>, Vec<i8>), Error> {
    let (kind, prior) = if repeats(raw, width) { (TileKind::Network, all) } else { (TileKind::PhotoDeep, photo) };
    let mut recorder = Recorder(Vec::new());
    let setup = TileSetup { kind, prior, predictor: Some(network) };
    code_tile(raw, (width, height), ColorType::Rgb8, setup, &mut recorder)?;
    let (width, height) = (width as usize, height as usize);
    let pixels = raw.as_chunks::<3>().0;
    let (mut counts, mut begins) = (vec![0; raw.len()], vec![0; raw.len()]);
    let mut canvas = Canvas::new(width, height);
    let mut at = 0;
    for step in wavefront(width, height) {
        for channel in 0..3 {
            for &(row, column) in &step {
                let (value, med) = (pixels[row * width + column], canvas.around(row, column).med());
                let sample = (row * width + column) * 3 + channel;
                begins[sample] = at;
                counts[sample] = decisions(value, med, channel).len() as u8;
                at += usize::from(counts[sample]);
            }
        }
        for (row, column) in step {
            canvas.set(row, column, pixels[row * width + column]);
        }
    }
    assert_eq!(at, recorder.0.len(), "each decision belongs to a sample");
    let logits = counts.iter().zip(begins).flat_map(|(&n, at)| &recorder.0[at..at + usize::from(n)]).copied().collect();
    Ok((counts, logits))
}

/// The decisions that tell a sample apart, given the earlier ones of its pixel and the prediction of all.
fn decisions(value: [u8; 3], med: [u8; 3], channel: usize) -> Vec<bool> {
    let level = |samples: [u8; 3], c: usize| i32::from(samples[c]);
    let earlier = channel.checked_sub(1).map_or(0, |c| level(value, c) - level(med, c));
    binarization(&MIXTURE, level(med, channel) + earlier, level(value, channel))
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "bits are estimated, none is decided")]
mod tests {
    use dualcomp_entropy::RangeEncoder;
    use dualcomp_tokens::Vocabulary;

    use super::*;
    use crate::UNIT;
    use crate::document_logits::NullPredictor;

    #[test]
    fn logits_are_those_of_the_decisions_of_each_sample() {
        // Where every sample is noisy, nothing repeats.
        check(1, TileKind::PhotoDeep);
        check(50, TileKind::Network);
    }

    fn check(noisy: u32, kind: TileKind) {
        let size @ (width, height) = (50, 40);
        let mut x = 1u32;
        let raw: Vec<u8> = (0..width * height * 3)
            .map(|i| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = if i % noisy == 0 { x >> 30 } else { 0 };
                (i / 3 % width * 4 + i % 3 * 7 + noise) as u8
            })
            .collect();
        assert_eq!(repeats(&raw, width), kind == TileKind::Network);
        let network = NullPredictor::new(Vocabulary::bytes_only());
        let (counts, logits) = tile_logits(&raw, size, &network, [Prior::new(&[]), Prior::new(&[])]).unwrap();
        let (mut at, mut bits) = (0, 0.0);
        let mut canvas = Canvas::new(width as usize, height as usize);
        for (i, &pixel) in raw.as_chunks::<3>().0.iter().enumerate() {
            let (row, column) = (i / width as usize, i % width as usize);
            let med = canvas.around(row, column).med();
            for c in 0..3 {
                let decisions = decisions(pixel, med, c);
                assert_eq!(decisions.len(), usize::from(counts[3 * i + c]));
                for bit in decisions {
                    let logit = f64::from(logits[at]) * f64::from(UNIT) / 256.0;
                    bits += (1.0 + (if bit { -logit } else { logit }).exp()).log2();
                    at += 1;
                }
            }
            canvas.set(row, column, pixel);
        }
        assert_eq!(at, logits.len());
        let mut coder = RangeEncoder::new();
        let setup = TileSetup { kind, prior: Prior::new(&[]), predictor: Some(&network) };
        code_tile(&raw, size, ColorType::Rgb8, setup, &mut coder).unwrap();
        let coded = coder.finish().len() as f64 * 8.0;
        // A stream is of whole bytes.
        assert!((bits - coded).abs() < 0.01 * coded + 32.0, "{bits} of {coded}");
    }
}
