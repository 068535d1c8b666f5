//! Round trips, and the same payload on every processor.

use fearless_simd::Level;
use proptest::prelude::*;

use super::plane::{Block, EMPTY};
use super::*;

fn shape(sampling: (u8, u8), blocks_wide: usize, blocks_high: usize, step: u16) -> PlaneShape {
    PlaneShape { sampling, blocks_wide, blocks_high, quantization: [step; 64] }
}

/// Coefficients that fall off with their frequency, by a linear congruence.
fn planes(shapes: &[PlaneShape], seed: u32, largest: i32) -> Vec<Vec<i16>> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as i32
    };
    let mut coefficient = |i: usize| {
        let (row, column) = (i / 8 % 8, i % 8);
        let reach = (largest / (1 + (row * row + column * column) as i32)).max(1);
        let value = next() % (2 * reach + 1) - reach;
        (if next() % 3 == 0 { value } else { value / 4 }) as i16
    };
    shapes.iter().map(|shape| (0..shape.blocks_wide * shape.blocks_high * 64).map(&mut coefficient).collect()).collect()
}

fn check(shapes: &[PlaneShape], planes: &[Vec<i16>], profile: Profile, bands: usize) -> Vec<u8> {
    let slices: Vec<&[i16]> = planes.iter().map(|plane| &plane[..]).collect();
    let payload = encode(shapes, &slices, profile, bands, 2).unwrap();
    assert!(decode(&payload, shapes, u64::MAX, 2).unwrap() == planes, "{profile:?}, {bands} bands");
    payload
}

#[test]
fn one_to_four_planes_come_back() {
    let all = [shape((2, 2), 6, 4, 7), shape((1, 1), 3, 2, 16), shape((1, 1), 3, 2, 16), shape((2, 2), 6, 4, 7)];
    for count in 1..=4 {
        let shapes = &all[..count];
        for (profile, bands) in [(Profile::Fast, 1), (Profile::Default, 2), (Profile::Max, 3)] {
            check(shapes, &planes(shapes, count as u32, 200), profile, bands);
        }
    }
}

#[test]
fn planes_without_blocks_and_of_one_block_come_back() {
    check(&[], &[], Profile::Default, 1);
    check(&[shape((1, 1), 0, 0, 1)], &[vec![]], Profile::Fast, 4);
    let shapes = [shape((1, 1), 1, 1, 1), shape((4, 1), 1, 1, 255), shape((1, 2), 0, 3, 9)];
    check(&shapes, &planes(&shapes, 3, 20), Profile::Default, 2);
}

#[test]
fn all_numbers_come_back() {
    for step in [0, 1, u16::MAX] {
        let shapes = [shape((1, 1), 4, 3, step), shape((1, 1), 4, 3, step)];
        for value in [i16::MIN, i16::MAX, -1, 1023, -2048] {
            check(&shapes, &[vec![value; 12 * 64], vec![-(value / 2); 12 * 64]], Profile::Fast, 1);
        }
        let signs = (0..12 * 64).map(|i| if i % 3 == 0 { i16::MIN } else { i16::MAX }).collect();
        check(&shapes, &[signs, planes(&shapes, 9, 32767).swap_remove(0)], Profile::Default, 1);
    }
}

/// Codes with one coder and at one level.
fn at_level(level: Level, profile: Profile, shapes: &[PlaneShape], source: &[Vec<Block>]) -> Vec<u8> {
    let slices: Vec<&[Block]> = source.iter().map(|plane| &plane[..]).collect();
    let mut out: Vec<_> = source.iter().map(|plane| vec![EMPTY; plane.len()]).collect();
    let blocks = out.iter_mut().map(|plane| &mut plane[..]).collect();
    encode_band(level, profile, shapes, blocks, &slices, &Meter::new(u64::MAX))
}

#[test]
fn every_processor_codes_alike() {
    let shapes = [shape((2, 1), 10, 8, 5), shape((1, 1), 5, 8, 11), shape((1, 1), 5, 8, 11)];
    let source: Vec<Vec<Block>> = planes(&shapes, 5, 300).iter().map(|plane| plane.as_chunks().0.to_vec()).collect();
    for profile in Profile::ALL {
        let payload = at_level(Level::new(), profile, &shapes, &source);
        assert!(payload == at_level(Level::baseline(), profile, &shapes, &source), "{profile:?}");
        for level in [Level::new(), Level::baseline()] {
            let mut out: Vec<_> = source.iter().map(|plane| vec![EMPTY; plane.len()]).collect();
            let blocks = out.iter_mut().map(|plane| &mut plane[..]).collect();
            assert!(decode_band(level, profile, &shapes, blocks, &payload, &Meter::new(u64::MAX)));
            assert!(out == source, "{profile:?}");
        }
    }
}

/// What is written today is what was written when the format was made.
#[test]
fn payloads_have_their_checksums() {
    let shapes = [shape((2, 2), 8, 6, 5), shape((1, 1), 4, 3, 11), shape((1, 1), 4, 3, 11)];
    let planes = planes(&shapes, 7, 400);
    let checksums = Profile::ALL.map(|profile| crc32fast::hash(&check(&shapes, &planes, profile, 2)));
    assert_eq!(checksums, [0x2A7C_BD1F, 0xAD5E_82BF, 0xA5EF_F791]);
}

#[test]
fn damaged_payloads_are_told_or_decode_to_something() {
    let shapes = [shape((1, 1), 3, 3, 1)];
    for payload in [&[][..], &[0], &[3, 0], &[0, 1, 9, 0, 0, 0], &[1, 255, 0]] {
        assert!(decode(payload, &shapes, u64::MAX, 1).is_err());
    }
    let mut state = 1u32;
    for length in [0, 1, 10, 200, 5000] {
        for profile in 0..3 {
            let noise = (0..length).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            });
            let payload: Vec<u8> = [profile, 0].into_iter().chain(noise).collect();
            assert_eq!(decode(&payload, &shapes, u64::MAX, 1).unwrap()[0].len(), 9 * 64);
        }
    }
    for byte in [0, 255] {
        let payload: Vec<u8> = [1, 0].into_iter().chain([byte; 3000]).collect();
        assert_eq!(decode(&payload, &shapes, u64::MAX, 1).unwrap().len(), 1);
    }
}

/// What a file cannot hold is found when it has been passed, whatever the payload.
#[test]
fn more_than_a_file_holds_is_refused() {
    let shapes = [shape((1, 1), 40, 40, 1)];
    // Values of one in the first places have a bit and their code.
    let planes = [(0..1600 * 64).map(|i| i16::from(i % 64 == 1)).collect::<Vec<_>>()];
    let payload = check(&shapes, &planes, Profile::Fast, 1);
    assert!(decode(&payload, &shapes, 1600 * 2 / 8, 1).is_ok());
    assert!(decode(&payload, &shapes, 1600 * 2 / 8 - 1, 1).is_err());
}

/// A prior has a number for each weight, in the order of docs/spec/jpeg.md, section 9, and no more.
#[test]
fn priors_have_the_layout_of_the_specification() {
    for (profile, mixers, groups) in [(Profile::Fast, 1, 1), (Profile::Default, 3, 2)] {
        let weights = 60 * 8 * (16 * mixers + mixers) + 3 * 64 * 16 * (groups + 1);
        let mut prior = profile.prior();
        assert_eq!(std::iter::from_fn(|| prior.weight()).count(), weights);
        let mut prior = profile.prior();
        if profile == Profile::Fast {
            fast(&mut prior);
        } else {
            full(profile, &mut prior);
        }
        assert!(prior.is_empty(), "{profile:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_coefficients_come_back(
        wide in 0usize..5,
        high in 0usize..5,
        second in 1u8..5,
        bands in 1usize..4,
        seed in any::<u32>(),
        largest in 1i32..32768,
        profile in 0usize..2,
    ) {
        let shapes = [shape((2, 2), 2 * wide, 2 * high, 3), shape((second, second), wide * usize::from(second), high, 40)];
        check(&shapes, &planes(&shapes, seed, largest), Profile::ALL[profile], bands);
    }
}
