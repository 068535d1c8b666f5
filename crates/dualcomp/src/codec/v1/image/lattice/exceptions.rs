//! Colours of a pixel that are not those of its triple (docs/spec/image.md, section 12.2).

use dualcomp_entropy::{BitCoder, Counter};

use super::transform::Transform;

/// How many decisions counters remember at most: by hand (experiments/0022).
const LIMIT: u32 = 511;
const EVEN: u32 = 1 << 15;
const EIGHTHS: usize = 8;
/// Contexts of whether a colour is an exception: colour, eighth, whether that of the pixels left and above was one, and
/// how many colours before it in this pixel were.
const CONTEXTS: usize = 3 * EIGHTHS * 2 * 2 * 3;

/// What is learned about exceptions.
struct Exceptions {
    are: Vec<Counter>,
    /// Whether an exception is one level above, and if not, one below; by colour and eighth.
    ups: Vec<[Counter; 2]>,
    /// Of colours further away, the byte, by colour.
    bytes: Vec<[Counter; 256]>,
}

impl Exceptions {
    fn new() -> Self {
        Self {
            are: vec![Counter::default(); CONTEXTS],
            ups: vec![[Counter::default(); 2]; 3 * EIGHTHS],
            bytes: vec![[Counter::default(); 256]; 3],
        }
    }

    /// Codes one colour whose triple says `said`; `around` is below 12.
    fn code(
        &mut self,
        coder: &mut impl BitCoder,
        color: usize,
        (said, eighth): (u8, usize),
        around: usize,
        value: u8,
    ) -> u8 {
        let place = color * EIGHTHS + eighth;
        if !decide(coder, &mut self.are[place * 12 + around], value != said) {
            return said;
        }
        let [up, down] = &mut self.ups[place];
        if decide(coder, up, value == said.wrapping_add(1)) {
            return said.wrapping_add(1);
        }
        if decide(coder, down, value == said.wrapping_sub(1)) {
            return said.wrapping_sub(1);
        }
        let mut node = 1;
        for bit in (0..8).rev() {
            let one = decide(coder, &mut self.bytes[color][node & 255], value >> bit & 1 == 1);
            node = node << 1 | usize::from(one);
        }
        node as u8
    }
}

fn decide(coder: &mut impl BitCoder, counter: &mut Counter, bit: bool) -> bool {
    let bit = coder.code(bit, counter.p().clamp(1, 65535));
    counter.update(bit, LIMIT);
    bit
}

/// Turns planes of triples into planes of colours, and codes where these are not what the triples say. `colors` are what
/// an encoder wants.
pub(crate) fn code(
    coder: &mut impl BitCoder,
    transform: &Transform,
    width: usize,
    triples: [&[u8]; 3],
    colors: Option<[&[u8]; 3]>,
) -> [Vec<u8>; 3] {
    let pixels = triples[0].len();
    let triple = |at: usize| triples.map(|plane| plane[at]);
    let wanted = |at: usize| colors.map(|planes| planes.map(|plane| plane[at]));
    let mut out = [0; 3].map(|_| Vec::with_capacity(pixels));
    let mut put = |values: [u8; 3]| {
        for (plane, value) in out.iter_mut().zip(values) {
            plane.push(value);
        }
    };
    let any = colors.is_some() && (0..pixels).any(|at| wanted(at) != Some(transform.colors(triple(at))));
    if !coder.code(any, EVEN) {
        (0..pixels).for_each(|at| put(transform.colors(triple(at))));
        return out;
    }
    let mut exceptions = Exceptions::new();
    // Of each colour of the pixels in the row above, and of those to the left, whether it was an exception.
    let mut row = vec![[false; 3]; width];
    for at in 0..pixels {
        let column = at % width;
        let (north, west) = (row[column], if column > 0 { row[column - 1] } else { [false; 3] });
        let said = transform.colors_and_eighths(triple(at));
        let wanted = wanted(at).unwrap_or_default();
        let (mut values, mut before) = ([0; 3], 0);
        for color in 0..3 {
            let around = (usize::from(west[color]) * 2 + usize::from(north[color])) * 3 + before;
            values[color] = exceptions.code(coder, color, said[color], around, wanted[color]);
            row[column][color] = values[color] != said[color].0;
            before += usize::from(row[column][color]);
        }
        put(values);
    }
    out
}

#[cfg(test)]
mod tests {
    use dualcomp_entropy::{RangeDecoder, RangeEncoder};

    use super::*;

    #[test]
    fn any_colours_come_back() {
        let transform = Transform::KNOWN[0];
        let mut x = 1u32;
        let mut next = || {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (x >> 24) as u8
        };
        let triples = [0; 3].map(|_| (0..600).map(|_| next()).collect::<Vec<_>>());
        let triples: [&[u8]; 3] = triples.each_ref().map(|plane| &plane[..]);
        let mut lengths = Vec::new();
        // All as the triples say, one in four a level beside it, none.
        for kind in 0..3 {
            let mut colors = [vec![], vec![], vec![]];
            for at in 0..600 {
                let said = transform.colors(triples.map(|plane| plane[at]));
                for (plane, said) in colors.iter_mut().zip(said) {
                    plane.push(match kind {
                        0 => said,
                        1 => said.wrapping_add(u8::from(next() > 191)),
                        _ => next(),
                    });
                }
            }
            let mut encoder = RangeEncoder::new();
            let wanted = colors.each_ref().map(|plane| &plane[..]);
            assert_eq!(code(&mut encoder, &transform, 20, triples, Some(wanted)), colors);
            let payload = encoder.finish();
            assert_eq!(code(&mut RangeDecoder::new(&payload), &transform, 20, triples, None), colors);
            lengths.push(payload.len());
        }
        assert!(lengths[0] <= 2 && lengths[1] < 400 && lengths[2] > 1700, "{lengths:?}");
    }
}
