//! Triples of pixels whose colours were cut off at the ends of their range: many lead to the same colours.

use crate::codec::v1::image::lattice::Transform;

/// How far chroma is looked for from what coefficients say.
const RADIUS: i32 = 6;
/// What a plane that needs a correction costs, in levels of the correction.
const CHANGED: i32 = 4;

/// The triple with these colours that is nearest to what coefficients say, if there is one near.
pub(super) fn nearest(transform: &Transform, given: [u8; 3], colors: [u8; 3]) -> Option<[u8; 3]> {
    let mut best = None;
    for first in -RADIUS..=RADIUS {
        for second in -RADIUS..=RADIUS {
            let chroma = [i32::from(given[1]) + first, i32::from(given[2]) + second];
            if chroma.iter().any(|value| !(0..256).contains(value)) {
                continue;
            }
            let Some([least, most]) = lumas(transform, chroma, colors) else { continue };
            let luma = i32::from(given[0]).clamp(least, most);
            let triple = [luma, chroma[0], chroma[1]].map(|value| value as u8);
            let cost =
                (0..3).map(|i| i32::from(triple[i].abs_diff(given[i]))).map(|by| by + CHANGED * by.min(1)).sum::<i32>();
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, triple));
            }
        }
    }
    best.map(|(_, triple)| triple)
}

/// The least and the largest luma that leads to these colours with this chroma.
fn lumas(transform: &Transform, chroma: [i32; 2], colors: [u8; 3]) -> Option<[i32; 2]> {
    let (mut least, mut most) = (0, 255);
    for (color, [of_luma, of_first, of_second, one]) in colors.into_iter().zip(transform.0) {
        if of_luma <= 0 {
            return None;
        }
        let (of_luma, color) = (i64::from(of_luma), i64::from(color));
        let [first, second] = chroma.map(|value| i64::from(value) - 128);
        let rest = i64::from(of_first) * first + i64::from(of_second) * second + i64::from(one);
        if color > 0 {
            least = least.max(-(rest - (color << 16)).div_euclid(of_luma));
        }
        if color < 255 {
            most = most.min((((color + 1) << 16) - 1 - rest).div_euclid(of_luma));
        }
    }
    (least <= most).then_some([least as i32, most as i32])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triples_lead_to_the_colours() {
        for transform in Transform::KNOWN {
            for given in [[250, 120, 131], [3, 130, 140], [128, 128, 128], [255, 128, 128]] {
                assert_eq!(nearest(&transform, given, transform.colors(given)), Some(given), "nearest is itself");
                for colors in [[255, 255, 240], [0, 3, 0], [255; 3], [130, 128, 127]] {
                    if let Some(triple) = nearest(&transform, given, colors) {
                        assert_eq!(transform.colors(triple), colors);
                    }
                }
            }
            assert_eq!(
                nearest(&transform, [200, 128, 128], [255; 3]).map(|triple| transform.colors(triple)),
                Some([255; 3])
            );
        }
    }
}
