//! The colour planes of a linear tile (docs/coding.md, section 4.7): a photograph without the network, a wavefront of
//! pixels at a time.

mod coder;
mod misses;
mod outlook;

use dualcomp_entropy::BitCoder;
use dualcomp_tokens::Canvas;
use fearless_simd::Simd;

pub(super) use coder::LinearCoder;

use super::moments::CELL;
use super::regression::{Place, Regression};
use super::split::Layout;
use super::steps::{planes_of, rows, slots, steps};
use misses::Misses;
use outlook::{Outlook, Pixel};

/// Codes all pixels and gives the planes.
#[inline(always)]
pub(super) fn code_colors<S: Simd>(
    simd: S,
    layout: &Layout,
    samples: &mut LinearCoder,
    coder: &mut impl BitCoder,
    planes: Option<&[Vec<u8>]>,
) -> Vec<Vec<u8>> {
    let (width, height, colors) = (layout.width, layout.height, layout.colors());
    let slots = slots(width, height);
    let mut canvas = Canvas::new(width, height);
    let mut regressions: Vec<_> = (0..colors).map(|plane| Regression::new(plane, colors, width, slots)).collect();
    let mut misses: Vec<_> = (0..colors).map(|_| Misses::new(width, height)).collect();
    let mut pixels: Vec<Pixel> = Vec::with_capacity(slots);
    let mut places: Vec<Place> = Vec::with_capacity(slots);
    let mut outlooks: Vec<Outlook> = Vec::with_capacity(slots);
    for step in steps(width, height) {
        pixels.clear();
        places.clear();
        for row in rows(step, width, height) {
            let place = Place { row, column: step - 3 * row, slot: row % slots };
            pixels.push(Pixel::new(place, canvas.around(row, place.column)));
            places.push(place);
        }
        for (channel, regression) in regressions.iter_mut().enumerate() {
            // All rows enter a cell at the same step.
            if step % CELL == 0 {
                regression.enter(simd, &places);
                regression.solve(simd, &places);
            }
            outlooks.clear();
            for pixel in &pixels {
                let regressed = regression.predict(&pixel.around, pixel.place, pixel.values);
                let outlook = Outlook::new(pixel, channel, regressed, &misses[channel]);
                samples.prefetch(&outlook);
                outlooks.push(outlook);
            }
            for (pixel, outlook) in pixels.iter_mut().zip(&outlooks) {
                let Place { row, column, .. } = pixel.place;
                let value = planes.map_or(0, |p| p[channel][row * width + column]);
                let value = samples.code(simd, outlook, coder, value);
                misses[channel].note(row, column, &outlook.means, value);
                regression.note(pixel.place, value);
                pixel.values[channel] = value;
            }
        }
        for pixel in &pixels {
            let values = if colors == 1 { [pixel.values[0]; 3] } else { pixel.values };
            canvas.set(pixel.place.row, pixel.place.column, values);
        }
    }
    planes_of(&canvas, width, height, colors)
}
