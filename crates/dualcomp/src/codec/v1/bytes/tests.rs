//! Blocks of bytes, from end to end.

use dualcomp_entropy::predictor::{Depth, ImageSession, PredictorError, TextSession};
use dualcomp_tokens::Vocabulary;
use fearless_simd::Level;

use super::*;
use crate::codec::v1::bytes::substream::full::SubstreamCoder;
use crate::codec::v1::direction::Direction;

fn all_levels_do_the_same<const GROUPS: usize>() {
    let raw: Vec<u8> = (0..9000u32)
        .flat_map(|i| format!("{} of {:x}\n", i % 77, i.wrapping_mul(2_654_435_761) >> (i % 31)).into_bytes())
        .chain(0..=255)
        .collect();
    let coder = || SubstreamCoder::<GROUPS>::new(BytesParams::new(18));
    let encode = |level| {
        let mut range = Direction::encode();
        coder().code(level, None, raw.len(), &mut range, Some(&raw)).unwrap();
        range.finish()
    };
    let payload = encode(Level::new());
    assert!(payload == encode(Level::baseline()));
    for level in [Level::new(), Level::baseline()] {
        let mut substream = coder();
        substream.code(level, None, raw.len(), &mut Direction::decode(&payload), None).unwrap();
        assert!(substream.last(raw.len()) == raw);
    }
}

fn plan(two: bool, network: NetworkSpan) -> BlockPlan {
    BlockPlan { substreams: if two { Substreams::Two } else { Substreams::One }, network, record: None }
}

#[test]
fn all_levels_of_a_processor_do_the_same() {
    all_levels_do_the_same::<1>();
    all_levels_do_the_same::<2>();
}

#[test]
fn substreams_find_what_the_other_one_coded() {
    let mut state = 1u32;
    let raw: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b'a' + (state >> 27) as u8 % 26
    })
    .take(8000)
    .collect();
    let (first, second) = raw.split_at(raw.len() / 2);
    let mut coder = BytesCoder::new(BytesParams::new(18), None, None, 1);
    let lengths = [raw.clone(), [second, first].concat(), raw.clone()]
        .map(|raw| coder.encode(&raw, plan(true, NetworkSpan::None)).unwrap().len());
    assert!(lengths[0] > 4000 && lengths[1] < 400 && lengths[2] < 200, "{lengths:?}");
}

/// Knows nothing of text.
struct Ignorant(Vocabulary);

impl Predictor for Ignorant {
    fn id(&self) -> [u8; 4] {
        [1; 4]
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.0
    }

    fn text(&self, _: usize) -> std::result::Result<Box<dyn TextSession + Send>, PredictorError> {
        Ok(Box::new(Ignorant(Vocabulary::bytes_only())))
    }

    fn image(&self, _: Depth, _: usize) -> std::result::Result<Box<dyn ImageSession + Send>, PredictorError> {
        Err("no image".into())
    }
}

impl TextSession for Ignorant {
    fn advance(&mut self, _: &[u32], _: &[u32]) -> std::result::Result<(), PredictorError> {
        Ok(())
    }

    fn logit(&self, _: u32, _: u32) -> i32 {
        0
    }
}

#[test]
fn a_block_as_long_as_the_window_is_kept_until_its_end() {
    let coder = || BytesCoder::new(BytesParams::new(18), Some(Arc::new(Ignorant(Vocabulary::bytes_only()))), None, 2);
    let (mut encoder, mut decoder) = (coder(), coder());
    let raw = b"what is repeated ".repeat(WINDOW / 17 + 1);
    let prefix = NetworkSpan::prefix;
    for (len, network) in [
        (1000, NetworkSpan::All),
        (WINDOW, prefix(1)),
        (WINDOW, prefix(WINDOW / 2)),
        (77, prefix(0)),
        (WINDOW, prefix(WINDOW - 1)),
    ] {
        for twofold in [false, true] {
            let payload = encoder.encode(&raw[..len], plan(twofold, network)).unwrap();
            assert!(decoder.decode(&payload, len, plan(twofold, network)).unwrap() == raw[..len], "{len}, {network:?}");
        }
    }
}

#[test]
fn two_substreams_with_and_without_threads() {
    let raw: Vec<u8> = (0..2000u32).flat_map(|i| format!("line {i} of {}\n", i % 7).into_bytes()).collect();
    for len in [0, 1, 2, 3, 1000, raw.len()] {
        let mut encoders = [1, 2].map(|threads| BytesCoder::new(BytesParams::new(18), None, None, threads));
        // The second block finds the substreams as the first one left them.
        for _ in 0..2 {
            let [one, two] =
                encoders.each_mut().map(|coder| coder.encode(&raw[..len], plan(true, NetworkSpan::None)).unwrap());
            assert!(one == two);
        }
        let mut decoder = BytesCoder::new(BytesParams::new(18), None, None, 2);
        let mut encoder = BytesCoder::new(BytesParams::new(18), None, None, 1);
        for twofold in [true, false, true] {
            let payload = encoder.encode(&raw[..len], plan(twofold, NetworkSpan::None)).unwrap();
            assert!(decoder.decode(&payload, len, plan(twofold, NetworkSpan::None)).unwrap() == raw[..len], "{len}");
        }
    }
}

#[test]
fn turns_after_a_prefix_with_the_network_change_nothing() {
    let raw: Vec<u8> = (0..1000u32).flat_map(|i| format!("{} and {}, ", i % 31, i % 7).into_bytes()).collect();
    for params in [BytesParams::new(18), BytesParams::new(18).with_second_group()] {
        let mut coders = [1, 2]
            .map(|threads| BytesCoder::new(params, Some(Arc::new(Ignorant(Vocabulary::bytes_only()))), None, threads));
        // Of all of both parts, of all of the second alone, and of some.
        for (len, prefix) in [(raw.len(), 0), (raw.len(), 1000), (2001, 1000), (300, 150)] {
            let plan = plan(true, NetworkSpan::prefix(prefix));
            let [one, two] = coders.each_mut().map(|coder| coder.encode(&raw[..len], plan).unwrap());
            assert!(one == two, "{len} {prefix}");
        }
        let mut coder = BytesCoder::new(params, Some(Arc::new(Ignorant(Vocabulary::bytes_only()))), None, 1);
        let plan = plan(true, NetworkSpan::prefix(500));
        let payload = BytesCoder::new(params, Some(Arc::new(Ignorant(Vocabulary::bytes_only()))), None, 2)
            .encode(&raw, plan)
            .unwrap();
        assert!(coder.decode(&payload, raw.len(), plan).unwrap() == raw);
    }
}
