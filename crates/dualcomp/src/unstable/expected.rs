//! What the regression expects of each sample: what a network is trained with.

use dualcomp_tokens::Canvas;
use fearless_simd::{Level, Simd};

use crate::codec::v1::image::predict::least_squares::moments::CELL;
use crate::codec::v1::image::predict::least_squares::{Place, Regression};
use crate::codec::v1::image::wavefront::{rows, slots, steps};
use crate::runtime::at_level::at_level;

/// Of each sample of a tile of three colours, row by row and interleaved, the value that the regression expects, in
/// 1/16.
pub fn expected(raw: &[u8], width: u32, height: u32) -> Vec<i16> {
    let size = (width as usize, height as usize);
    at_level!(Level::new(), simd => expected_at(simd, raw, size))
}

#[inline(always)]
fn expected_at<S: Simd>(simd: S, raw: &[u8], (width, height): (usize, usize)) -> Vec<i16> {
    let slots = slots(width, height);
    let mut canvas = Canvas::new(width, height);
    let mut regressions: Vec<_> = (0..3).map(|plane| Regression::new(plane, 3, width, slots)).collect();
    let mut out = vec![0; raw.len()];
    let pixels = raw.as_chunks::<3>().0;
    for step in steps(width, height) {
        let places: Vec<Place> =
            rows(step, width, height).map(|row| Place { row, column: step - 3 * row, slot: row % slots }).collect();
        for (channel, regression) in regressions.iter_mut().enumerate() {
            if step % CELL == 0 {
                regression.enter(simd, &places);
                regression.solve(simd, &places);
            }
            for &place in &places {
                let at = place.row * width + place.column;
                let expected = regression.predict(&canvas.around(place.row, place.column), place, pixels[at]);
                out[3 * at + channel] = expected as i16;
                regression.note(place, pixels[at][channel]);
            }
        }
        for place in places {
            canvas.set(place.row, place.column, pixels[place.row * width + place.column]);
        }
    }
    out
}
