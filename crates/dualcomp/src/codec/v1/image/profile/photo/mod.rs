//! The colour planes of a photo, deep or linear tile, a wavefront of pixels at a time (docs/spec/image.md, section
//! 7.1).

mod coder;
mod sample_context;

use dualcomp_entropy::{BitCoder, Distribution};
use dualcomp_tokens::Canvas;
use fearless_simd::Simd;

pub(crate) use coder::PhotoCoder;

use crate::Error;
use crate::codec::v1::image::pixel_network::{Network, PixelNetwork, Told};
use crate::codec::v1::image::planes::PlaneLayout;
use crate::codec::v1::image::predict::least_squares::moments::CELL;
use crate::codec::v1::image::predict::least_squares::{Place, Regression};
use crate::codec::v1::image::predict::local_error::{ABOVE, LocalErrors};
use crate::codec::v1::image::wavefront::{planes_of, rows, slots, steps};
use sample_context::{PhotoContext, Pixel};

/// Codes all pixels and gives the planes.
#[inline(always)]
pub(crate) fn code_colors<S: Simd>(
    simd: S,
    layout: &PlaneLayout,
    samples: &mut PhotoCoder,
    network: Option<Network<'_>>,
    coder: &mut impl BitCoder,
    planes: Option<&[Vec<u8>]>,
) -> Result<Vec<Vec<u8>>, Error> {
    let (width, height, colors) = (layout.width, layout.height, layout.colors());
    let slots = slots(width, height) + ABOVE;
    let mut network = network.map(|network| PixelNetwork::new(network, width, slots)).transpose()?;
    let mut canvas = Canvas::new(width, height);
    let mut regressions: Vec<_> = (0..colors).map(|plane| Regression::new(plane, colors, width, slots)).collect();
    let mut local_errors: Vec<_> = (0..colors).map(|_| LocalErrors::new(width, slots)).collect();
    // The least squares' values of the first samples of all pixels.
    let mut regressed: Vec<i32> = Vec::with_capacity(slots);
    let mut pixels: Vec<Pixel> = Vec::with_capacity(slots);
    let mut places: Vec<Place> = Vec::with_capacity(slots);
    let mut contexts: Vec<PhotoContext> = Vec::with_capacity(slots);
    for step in steps(width, height) {
        pixels.clear();
        places.clear();
        for row in rows(step, width, height) {
            let place = Place { row, column: step - 3 * row, slot: row % slots };
            pixels.push(Pixel::new(place, canvas.around(row, place.column)));
            places.push(place);
        }
        // All rows enter a cell at the same step.
        if step % CELL == 0 {
            for regression in &mut regressions {
                regression.enter(simd, &places);
                regression.solve(simd, &places);
            }
        }
        regressed.clear();
        regressed.extend(pixels.iter().map(|p| regressions[0].predict(&p.around, p.place, p.values)));
        if let Some(network) = &mut network {
            network.clear();
            for (pixel, &regressed) in pixels.iter().zip(&regressed) {
                let Pixel { place, ref around, med, .. } = *pixel;
                network.tell(&Told { place, around, med, regressed }, &local_errors);
            }
            network.advance()?;
        }
        for (channel, regression) in regressions.iter_mut().enumerate() {
            let mixtures = match &mut network {
                Some(network) => network.mixtures(channel, pixels.iter().map(|p| [p.residuals[0], p.residuals[1]]))?,
                None => &[],
            };
            contexts.clear();
            for (i, pixel) in pixels.iter().enumerate() {
                let regressed = match channel {
                    0 => regressed[i],
                    _ => regression.predict(&pixel.around, pixel.place, pixel.values),
                };
                let distribution = mixtures.get(i).map(|mixture| Distribution::new(mixture, pixel.base(channel)));
                let context = PhotoContext::new(pixel, channel, regressed, distribution, &local_errors[channel]);
                samples.prefetch(&context);
                contexts.push(context);
            }
            for (pixel, context) in pixels.iter_mut().zip(&contexts) {
                let Place { row, column, .. } = pixel.place;
                let value = planes.map_or(0, |p| p[channel][row * width + column]);
                let value = samples.code(simd, context, coder, value);
                local_errors[channel].note(pixel.place, &context.means, value);
                regression.note(pixel.place, value);
                pixel.note(channel, value);
            }
        }
        for pixel in &pixels {
            let values = if colors == 1 { [pixel.values[0]; 3] } else { pixel.values };
            canvas.set(pixel.place.row, pixel.place.column, values);
        }
    }
    Ok(planes_of(&canvas, width, height, colors))
}
