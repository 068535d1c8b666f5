//! Which values the samples of a tile have, and numbers for them where most do not occur (docs/spec/image.md, section 15).

use crate::ColorType;
use crate::codec::v1::image::mapped::{SampleMap, Scaling};

/// Ways and bits that samples of 16 bits may have come from, the likeliest first.
const SCALINGS: [(u8, std::ops::RangeInclusive<u8>); 4] = [
    (Scaling::REPEATED, 8..=15),
    (Scaling::ROUNDED, 8..=15),
    (Scaling::SHIFTED, 8..=15),
    // More bits need no map: fast tiles leave out bits that are 0 in all samples.
    (Scaling::SMALL, 8..=8),
];
/// Values that a table says at most.
const MAX_VALUES: usize = 256;
/// Bytes of a tile for each value of its tables at least, so that tables hardly count.
const BYTES_A_VALUE: usize = 64;

/// Values on each side of one that are looked at.
const AROUND: usize = 8;
/// Logarithms of 0 (as of 1) to 17 to base 2, in 1/256.
const LOGS: [u32; 2 * AROUND + 2] =
    [0, 0, 256, 406, 512, 594, 662, 719, 768, 812, 850, 886, 918, 947, 975, 1000, 1024, 1046];
/// Bits in 1/256 that a sample seems to take less, on average, before maps are tried (docs/experiments/0082).
const WORTH_TRYING: u64 = 8;

/// Maps of the channels of a tile of 8-bit samples, if many values do not occur among others that do.
pub(crate) fn of_gaps(raw: &[u8], color: ColorType) -> Option<Vec<SampleMap>> {
    let channels = color.channels();
    let (mut saved, mut maps) = (0, Vec::with_capacity(channels));
    for channel in 0..channels {
        let mut counts = [0u32; 256];
        raw.iter().skip(channel).step_by(channels).for_each(|&value| counts[usize::from(value)] += 1);
        let values: Vec<u16> = (0..256).filter(|&value| counts[usize::from(value)] > 0).collect();
        let of_channel = bits_saved(&counts, &values);
        saved += of_channel;
        maps.push(if of_channel > 0 { SampleMap::of_values(values) } else { SampleMap::Same });
    }
    (saved > WORTH_TRYING * raw.len() as u64).then_some(maps)
}

/// What a prediction would save that knew which values do not occur, if it were even over the values near the right one:
/// bits in 1/256.
fn bits_saved(counts: &[u32; 256], values: &[u16]) -> u64 {
    let (Some(&first), Some(&last)) = (values.first(), values.last()) else { return 0 };
    let of_value = values.iter().map(|&value| {
        let value = usize::from(value);
        let (low, high) = (value.saturating_sub(AROUND).max(first.into()), (value + AROUND).min(last.into()));
        let used = counts[low..=high].iter().filter(|&&count| count > 0).count();
        u64::from(counts[value]) * u64::from(LOGS[high - low + 1] - LOGS[used])
    });
    of_value.sum()
}

/// Maps of the channels of a tile of 16-bit samples, if these came from samples of fewer bits or are few.
pub(crate) fn of_deep(raw: &[u8], color: ColorType) -> Option<Vec<SampleMap>> {
    let used = values_of(raw, color);
    scaled(&used).or_else(|| {
        let values: usize = used.iter().map(Vec::len).sum();
        let few = used.iter().all(|values| values.len() <= MAX_VALUES) && values * BYTES_A_VALUE <= raw.len();
        few.then(|| used.into_iter().map(SampleMap::of_values).collect())
    })
}

/// The values of each channel, in their order.
fn values_of(raw: &[u8], color: ColorType) -> Vec<Vec<u16>> {
    let samples = raw.as_chunks::<2>().0;
    let of_channel = |channel| {
        let mut seen = vec![false; 1 << 16];
        let of_channel = samples.iter().skip(channel).step_by(color.channels());
        of_channel.for_each(|&sample| seen[usize::from(u16::from_be_bytes(sample))] = true);
        (0..=u16::MAX).filter(|&value| seen[usize::from(value)]).collect()
    };
    (0..color.channels()).map(of_channel).collect()
}

/// The scaling of all channels with the fewest bits. One in which all samples are alike may be none.
fn scaled(used: &[Vec<u16>]) -> Option<Vec<SampleMap>> {
    for bits in 8..=15 {
        for (way, range) in SCALINGS {
            let Some(scaling) = Scaling::new(way, bits).filter(|_| range.contains(&bits)) else { continue };
            let all = used.iter().map(|values| {
                if values.iter().all(|&value| scaling.number(value).is_some()) {
                    return Some(SampleMap::Scaled(scaling));
                }
                (values.len() == 1).then(|| SampleMap::of_values(values.clone()))
            });
            if let Some(maps) = all.collect::<Option<Vec<_>>>()
                && maps.iter().any(|map| matches!(map, SampleMap::Scaled(_)))
            {
                return Some(maps);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u16> {
        let mut x = 1u32;
        let next = |_| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 16) as u16
        };
        (0..len).map(next).collect()
    }

    #[test]
    fn gaps_are_found_where_they_are() {
        let even: Vec<u8> = noise(3000).iter().map(|&x| 30 + (x >> 8) as u8 / 2).collect();
        assert_eq!(of_gaps(&even, ColorType::Rgb8), None, "all between the least and the largest occur");
        let gaps: Vec<u8> = even.iter().map(|x| x / 3 * 3).collect();
        let maps = of_gaps(&gaps, ColorType::Rgb8).unwrap();
        assert!(maps.iter().all(|map| (42..=43).contains(&map.numbers())), "{maps:?}");
        let one: Vec<u8> = gaps.iter().flat_map(|&grey| [grey, 200]).collect();
        assert_eq!(of_gaps(&one, ColorType::La8).unwrap()[1], SampleMap::Same);
    }

    #[test]
    fn scalings_of_deep_samples_are_found() {
        let raw = |samples: &[u16]| samples.iter().flat_map(|sample| sample.to_be_bytes()).collect::<Vec<_>>();
        let noise = noise(4000);
        for (way, bits) in
            [(Scaling::REPEATED, 8), (Scaling::REPEATED, 10), (Scaling::ROUNDED, 11), (Scaling::SHIFTED, 12)]
        {
            let scaling = Scaling::new(way, bits).unwrap();
            let samples: Vec<_> = noise.iter().map(|x| scaling.value(x >> (16 - bits))).collect();
            let found = of_deep(&raw(&samples), ColorType::L16);
            assert_eq!(found, Some(vec![SampleMap::Scaled(scaling)]));
            let opaque: Vec<_> = samples.iter().flat_map(|&sample| [sample, 0xFFFF]).collect();
            assert!(of_deep(&raw(&opaque), ColorType::La16).is_some());
        }
        assert_eq!(of_deep(&raw(&noise), ColorType::L16), None);
        let few: Vec<_> = noise.iter().map(|x| (x & 7) * 999).collect();
        assert_eq!(of_deep(&raw(&few), ColorType::L16).unwrap()[0].numbers(), 8);
    }
}
