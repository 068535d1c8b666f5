//! Values through a coder of samples and back.

use dualcomp_entropy::{RangeDecoder, RangeEncoder};
use fearless_simd::Level;

use super::*;
use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::image::profile::plane::fallbacks;
use crate::runtime::at_level::at_level;

/// Codes values with nothing around them, with the same contexts for all or with others for each.
fn code<C: BitCoder>(coder: &mut C, values: &[u8], contexts: usize) -> Vec<u8> {
    let mut samples = SampleCoder::new(1 << 12, PriorKind::ContextsTile.prior());
    let fallbacks = fallbacks();
    let mut code = |(i, &value): (usize, &u8)| {
        let (of, activity) = (i % contexts, i % ACTIVITIES);
        let distribution = fallbacks[activity].moved(128);
        let context = SampleContext {
            channel: 3,
            activity,
            distribution,
            linear: None,
            activity_context: of,
            residual_context: of,
            hashes: [of as u32 * 0x9E37_79B9; HASHED],
            cache_hashes: None,
        };
        let mut states = samples.pixel_history.look(&[0; TEMPLATES]);
        at_level!(Level::new(), simd => samples.code(simd, &context, &mut states, coder, value))
    };
    values.iter().enumerate().map(&mut code).collect()
}

#[test]
fn every_value_comes_back_under_every_context() {
    let values: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
    for contexts in [1, 7, 300] {
        let mut encoder = RangeEncoder::new();
        assert!(code(&mut encoder, &values, contexts) == values);
        let zeros = vec![0; values.len()];
        assert!(code(&mut RangeDecoder::new(&encoder.finish()), &zeros, contexts) == values, "{contexts}");
    }
}

#[test]
fn what_comes_again_under_a_context_gets_short() {
    let length = |values: &[u8]| {
        let mut encoder = RangeEncoder::new();
        code(&mut encoder, values, 1);
        encoder.finish().len()
    };
    // Far from the middle of the distribution, which predicts 128.
    assert!(length(&[31; 2000]) < 100, "{}", length(&[31; 2000]));
    let changing: Vec<u8> = (0..2000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert!(length(&changing) > 1900);
}

#[test]
fn a_share_is_a_probability_between_any_bounds() {
    assert_eq!(share([0, 1 << 24], 1 << 23), 1 << 15);
    assert_eq!(share([0, 1 << 24], 1 << 24), 1);
    assert_eq!(share([1000, 1001], 1000), 65535);
    assert_eq!(share([100, 300], 250), 1 << 14);
}
