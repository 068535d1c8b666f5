//! Whole networks: bit for bit what the plain evaluator computes, however the batches are cut.

use dualcomp_entropy::predictor::{Depth, ImageSession, Mixture, Predictor, Site, TextSession};

use super::naive::{self, Naive};
use super::{Draft, Modalities, Random, SMALL, Size, levels};
use crate::Model;
use crate::weights::Modality;

const DEPTHS: [Depth; 2] = [Depth::Shallow, Depth::Deep];

/// Models from tame to saturated, one of them large enough for every tile of a product, on all instruction sets.
fn models() -> Vec<Model> {
    let wide = Size { channels: 80, layers: 2, hidden: 208, shallow_hidden: 112, shallow_times: 1, pixel_hidden: 48 };
    let cases = [(SMALL, 1.0), (SMALL, 30.0), (SMALL, 1e4), (wide, 3.0)];
    let draft = |(i, (size, gain))| {
        let bytes = Draft::random(size, i as u64, gain).bytes();
        levels().into_iter().map(move |level| {
            let mut model = Model::from_bytes(&bytes).unwrap();
            model.level = level;
            model
        })
    };
    cases.into_iter().enumerate().flat_map(draft).collect()
}

/// Models in which text, or text and pixels, choose among experts.
fn routed_models() -> Vec<Model> {
    let present = ["image", "text", "shallow"].as_slice();
    let both = Modalities { present, routed: &["image", "text"], common: 3 };
    let text = Modalities { present, routed: &["text"], common: 1 };
    let draft = |(modalities, gain)| {
        let bytes = Draft::with(SMALL, modalities, 11, gain).bytes();
        levels().into_iter().map(move |level| {
            let mut model = Model::from_bytes(&bytes).unwrap();
            model.level = level;
            model
        })
    };
    [(both, 1.0), (both, 1e3), (text, 30.0)].into_iter().flat_map(draft).collect()
}

/// Features, earlier residuals and the expected mixtures of an image.
struct Picture {
    width: usize,
    features: Vec<Vec<i8>>,
    residuals: Vec<[i16; 2]>,
    mixtures: Vec<[Mixture; 3]>,
}

fn picture(model: &Model, depth: Depth, (width, height): (usize, usize), seed: u64) -> Picture {
    let mut r = Random::new(seed);
    let features: Vec<Vec<i8>> = (0..width * height).map(|_| (0..64).map(|_| r.int8()).collect()).collect();
    let residual = |r: &mut Random| [0; 2].map(|_: i16| r.below(600) as i16 - 300);
    let residuals: Vec<[i16; 2]> = (0..width * height).map(|_| residual(&mut r)).collect();
    let mut naive = Naive::new(&model.weights, Modality::of_pixels(depth).unwrap(), height);
    let mut mixtures = vec![];
    for (i, features) in features.iter().enumerate() {
        let (row, column) = (i / width, i % width);
        let far = (row > 0 && column + 1 < width).then(|| (row - 1, column + 1));
        let hidden = naive.pixel(row, features, far);
        let pixels = model.weights.pixels(Modality::of_pixels(depth).unwrap()).unwrap();
        mixtures.push(std::array::from_fn(|c| naive::mixture(pixels, c, &hidden, residuals[i].map(i32::from))));
    }
    Picture { width, features, residuals, mixtures }
}

/// The mixtures that a session computes on wavefronts of at most `most` rows in a shuffled order. `slots` are
/// reused from `slots` rows further up, which are long done.
fn run(session: &mut dyn ImageSession, p: &Picture, slots: usize, most: usize, r: &mut Random) {
    let (width, height) = (p.width, p.features.len() / p.width);
    for step in 0..width + 3 * (height - 1) {
        let mut sites: Vec<(usize, usize)> =
            (0..height).filter_map(|row| step.checked_sub(3 * row).map(|c| (row, c))).filter(|s| s.1 < width).collect();
        for i in (1..sites.len()).rev() {
            sites.swap(i, r.below(i + 1));
        }
        for sites in sites.chunks(most) {
            let site = |&(row, column): &(usize, usize)| Site {
                slot: (row % slots) as u32,
                column: column as u32,
                above: (row > 0 && column + 1 < width).then(|| ((row - 1) % slots) as u32),
            };
            let at = |&(row, column): &(usize, usize)| row * width + column;
            let features: Vec<i8> = sites.iter().flat_map(|s| p.features[at(s)].iter().copied()).collect();
            session.advance(&sites.iter().map(site).collect::<Vec<_>>(), &features).unwrap();
            let residuals: Vec<_> = sites.iter().map(|s| p.residuals[at(s)]).collect();
            let mut out = vec![];
            for channel in 0..3 {
                session.mixtures(channel, &residuals, &mut out).unwrap();
                let expected: Vec<_> = sites.iter().map(|s| p.mixtures[at(s)][channel]).collect();
                assert_eq!(out, expected, "channel {channel} of {sites:?}");
            }
        }
    }
}

#[test]
fn images_equal_the_plain_evaluator() {
    let mut r = Random::new(5);
    for (seed, model) in models().iter().chain(&routed_models()).enumerate() {
        let sizes = [(1, 1), (1, 5), (23, 1), (19, 14)];
        for (depth, (width, height)) in DEPTHS.into_iter().flat_map(|d| sizes.map(|size| (d, size))) {
            let p = picture(model, depth, (width, height), seed as u64);
            let slots = height.min(width.div_ceil(3) + 2);
            run(&mut *model.image(depth, slots).unwrap(), &p, slots, usize::MAX, &mut r);
            let mut session = model.image(depth, height).unwrap();
            run(&mut *session, &p, height, 1 + r.below(4), &mut r);
            // A row that starts anew forgets what its slot saw.
            run(&mut *session, &p, height, usize::MAX, &mut r);
        }
    }
}

#[test]
fn released_weights_equal_the_plain_evaluator() {
    for level in levels() {
        let mut model = Model::from_bytes(crate::EMBEDDED[0].bytes()).unwrap();
        model.level = level;
        for depth in DEPTHS {
            let p = picture(&model, depth, (40, 12), 9);
            run(&mut *model.image(depth, 12).unwrap(), &p, 12, usize::MAX, &mut Random::new(1));
        }
        text(&model, 12, 60, 7);
    }
}

/// Random tokens in `lanes` lanes, some of them idle at times, in one session and in one for each lane.
fn text(model: &Model, lanes: usize, steps: usize, seed: u64) {
    let mut r = Random::new(seed);
    let mut naive = Naive::new(&model.weights, Modality::Text, lanes);
    let mut sessions: Vec<Box<dyn TextSession + Send>> = [lanes, 64].map(|n| model.text(n).unwrap()).into();
    let mut single: Vec<_> = (0..lanes).map(|_| model.text(1).unwrap()).collect();
    for _ in 0..steps {
        let mut fed: Vec<u32> = (0..lanes as u32).filter(|_| r.below(5) > 0).collect();
        for i in (1..fed.len()).rev() {
            fed.swap(i, r.below(i + 1));
        }
        let tokens: Vec<u32> = fed.iter().map(|_| r.below(model.vocabulary().len() + 1) as u32).collect();
        let hidden: Vec<_> = fed.iter().zip(&tokens).map(|(&l, &t)| naive.token(l as usize, t)).collect();
        for session in &mut sessions {
            let cut = r.below(fed.len() + 1);
            session.advance(&fed[..cut], &tokens[..cut]).unwrap();
            session.advance(&fed[cut..], &tokens[cut..]).unwrap();
        }
        for ((&lane, &token), h) in fed.iter().zip(&tokens).zip(&hidden) {
            single[lane as usize].advance(&[0], &[token]).unwrap();
            for _ in 0..20 {
                let node = r.below(model.vocabulary().len() - 1);
                let expected = naive::logit(&model.weights, h, node);
                assert_eq!(single[lane as usize].logit(0, node as u32), expected);
                assert!(sessions.iter().all(|s| s.logit(lane, node as u32) == expected));
            }
        }
    }
}

#[test]
fn text_equals_the_plain_evaluator() {
    for (seed, model) in models().iter().chain(&routed_models()).enumerate() {
        text(model, 1, 30, seed as u64);
        text(model, 7, 25, seed as u64);
    }
}

#[test]
fn networks_of_one_modality_read_that_alone() {
    let whole = Draft::random(SMALL, 3, 1.0);
    let one = |present: &'static [&'static str]| {
        let draft = Draft::with(SMALL, Modalities { present, routed: &[], common: 0 }, 3, 1.0);
        assert!(draft.tensors.len() < whole.tensors.len());
        Model::from_bytes(&draft.bytes()).unwrap()
    };
    let model = one(&["text"]);
    assert!(model.reads_text() && !model.reads_pixels());
    assert_eq!(model.image(Depth::Deep, 1).err().unwrap().to_string(), "the weights have no network for pixels");
    text(&model, 3, 20, 1);
    let model = one(&["image", "shallow"]);
    assert!(!model.reads_text() && model.reads_pixels());
    assert_eq!(model.text(1).err().unwrap().to_string(), "the weights have no network for text");
    for depth in DEPTHS {
        let p = picture(&model, depth, (9, 7), 2);
        run(&mut *model.image(depth, 7).unwrap(), &p, 7, 3, &mut Random::new(4));
    }
}

#[test]
fn requests_out_of_range_are_errors() {
    let model = &models()[0];
    let mut s = model.text(2).unwrap();
    assert!(s.advance(&[2], &[0]).is_err());
    assert!(s.advance(&[u32::MAX], &[0]).is_err());
    assert!(s.advance(&[0], &[261]).is_err());
    assert!(s.advance(&[0, 0], &[1, 1]).is_err());
    assert!(s.advance(&[0, 1], &[1]).is_err());
    assert!(s.advance(&[], &[]).is_ok());
    assert!(s.advance(&[0], &[260]).is_ok());
    let mut s = model.image(Depth::Deep, 3).unwrap();
    let site = |slot, above| Site { slot, column: 0, above };
    let mut out = vec![];
    assert!(s.mixtures(0, &[[0; 2]], &mut out).is_err());
    assert!(s.advance(&[site(3, None)], &[0; 64]).is_err());
    assert!(s.advance(&[site(0, Some(3))], &[0; 64]).is_err());
    assert!(s.advance(&[site(0, None)], &[0; 63]).is_err());
    assert!(s.advance(&[site(1, None), site(1, None)], &[0; 128]).is_err());
    assert!(s.advance(&[site(1, None)], &[0; 64]).is_ok());
    assert!(s.mixtures(3, &[[0; 2]], &mut out).is_err());
    assert!(s.mixtures(2, &[[0; 2]; 2], &mut out).is_err());
    assert!(s.mixtures(2, &[[i16::MIN, i16::MAX]], &mut out).is_ok());
    assert_eq!(out.len(), 1);
}
