//! How the groups of planes of a fast tile are coded.

use crate::ColorType;
use crate::codec::v1::image::fast::{Coding, Form, Group, MAX_SPARE, groups};

/// Pixels of a tile with a mask at least: smaller ones say too little about which colours there are.
const MIN_PIXELS: usize = 1 << 14;
/// A histogram is rough if its entries, of which only those of this many pixels count, differ from the mean of their
/// neighbours by this share on average (docs/experiments/0026-fast-tiles.md).
const COUNTED: u32 = 8;
const ROUGH_PAIRS: f64 = 0.45;
const ROUGH_VALUES: f64 = 0.1;

/// The form of each group of a tile.
pub(crate) fn forms(raw: &[u8], color: ColorType) -> Vec<Form> {
    groups(color).iter().map(|group| form(raw, color, group)).collect()
}

fn form(raw: &[u8], color: ColorType, group: Group) -> Form {
    let (size, depth) = (color.bytes_per_pixel(), color.bytes_per_sample());
    let pixels = || raw.chunks_exact(size);
    let sample = |pixel: &[u8], channel: usize| match depth {
        1 => pixel[channel].into(),
        _ => u16::from_be_bytes([pixel[2 * channel], pixel[2 * channel + 1]]),
    };
    if let [channel] = *group {
        let first = sample(raw, channel);
        if pixels().all(|pixel| sample(pixel, channel) == first) {
            return Form::Constant(first);
        }
    }
    let alike =
        group.len() > 1 && pixels().all(|pixel| group.iter().all(|&c| sample(pixel, c) == sample(pixel, group[0])));
    let coded = if alike { &group[..1] } else { group };
    let mask = depth == 1 && raw.len() / size >= MIN_PIXELS && is_rough(raw, size, coded);
    let all = pixels().flat_map(|pixel| coded.iter().map(|&channel| sample(pixel, channel)));
    let spare =
        if depth == 1 { 0 } else { (all.fold(0, |bits, sample| bits | sample).leading_zeros() as u8).min(MAX_SPARE) };
    let coding = Coding { mask, spare };
    if alike { Form::Alike(coding) } else { Form::Planes(coding) }
}

/// Whether the histogram of differences between the channels, or of the values of the only one, is rough: whether the
/// picture was once one of other colours.
fn is_rough(raw: &[u8], size: usize, group: &[usize]) -> bool {
    // Differences of -255 to 255, with a border.
    const SIDE: usize = 513;
    let pixels = raw.chunks_exact(size);
    let (mut counts, limit) = match *group {
        [first, second, third] => {
            let mut counts = vec![0u32; SIDE * SIDE];
            for pixel in pixels {
                let [a, b, c] = [first, second, third].map(|channel| usize::from(pixel[channel]));
                counts[(256 + b - a) * SIDE + 256 + c - a] += 1;
            }
            (counts, ROUGH_PAIRS)
        }
        _ => {
            let mut counts = vec![0u32; 258];
            for pixel in pixels {
                counts[1 + usize::from(pixel[group[0]])] += 1;
            }
            (counts, ROUGH_VALUES)
        }
    };
    counts.push(0);
    let (mut total, mut rough) = (0.0, 0.0);
    for near in counts.windows(3) {
        if near[1] >= COUNTED {
            total += f64::from(near[1]);
            rough += (f64::from(near[1]) - 0.5 * (f64::from(near[0]) + f64::from(near[2]))).abs();
        }
    }
    rough > limit * total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut x = 1u32;
        let next = |_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        };
        (0..len).map(next).collect()
    }

    #[test]
    fn constant_and_alike_groups_are_found() {
        let raw: Vec<u8> = noise(50).iter().flat_map(|&grey| [grey, grey, grey, 255]).collect();
        assert_eq!(forms(&raw, ColorType::Rgba8), [Form::Alike(Coding::default()), Form::Constant(255)]);
        assert_eq!(forms(&raw, ColorType::La16)[0], Form::Planes(Coding::default()));
        assert_eq!(forms(&[1, 2, 1, 2], ColorType::L16), [Form::Constant(0x102)]);
        for (raw, spare) in [([3, 0, 1, 0], 6), ([0, 3, 0, 9], 7), ([0, 0, 128, 0], 0)] {
            assert_eq!(forms(&raw, ColorType::L16), [Form::Planes(Coding { mask: false, spare })]);
        }
    }

    #[test]
    fn gaps_in_histograms_are_found() {
        let even: Vec<u8> = noise(MIN_PIXELS).iter().map(|x| 100 + x / 4).collect();
        assert_eq!(forms(&even, ColorType::L8), [Form::Planes(Coding { mask: false, spare: 0 })]);
        let gaps: Vec<u8> = even.iter().map(|x| x & !1).collect();
        assert_eq!(forms(&gaps, ColorType::L8), [Form::Planes(Coding { mask: true, spare: 0 })]);
        assert_eq!(forms(&gaps[1..], ColorType::L8), [Form::Planes(Coding { mask: false, spare: 0 })], "too small");
        let colours: Vec<u8> = noise(3 * MIN_PIXELS).iter().map(|x| 100 + x / 32).collect();
        assert_eq!(forms(&colours, ColorType::Rgb8), [Form::Planes(Coding { mask: false, spare: 0 })]);
        let gaps: Vec<u8> = colours.iter().map(|x| x * 2).collect();
        assert_eq!(forms(&gaps, ColorType::Rgb8), [Form::Planes(Coding { mask: true, spare: 0 })]);
    }
}
