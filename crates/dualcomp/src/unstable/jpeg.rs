//! Priors for the coefficients of JPEG files.

use crate::codec::v1::jpeg::{PlaneShape, Profile, learn};

/// The coefficients of a component.
#[derive(Clone, Debug)]
pub struct JpegPlane {
    /// Sampling factors, across and down.
    pub sampling: (u8, u8),
    /// Blocks of a row.
    pub blocks_wide: usize,
    /// Rows of blocks.
    pub blocks_high: usize,
    /// Quantisation steps, row by row.
    pub quantization: [u16; 64],
    /// Block by block, row by row.
    pub coefficients: Vec<i16>,
}

/// The prior of level `fast` or of the others that coders arrive at when they code all pictures in order.
#[must_use]
pub fn jpeg(pictures: Vec<Vec<JpegPlane>>, fast: bool) -> Vec<u8> {
    let pictures: Vec<_> = pictures
        .into_iter()
        .map(|planes| {
            let planes = planes.into_iter().map(|plane| {
                let shape = PlaneShape {
                    sampling: plane.sampling,
                    blocks_wide: plane.blocks_wide,
                    blocks_high: plane.blocks_high,
                    quantization: plane.quantization,
                };
                (shape, plane.coefficients)
            });
            planes.unzip()
        })
        .collect();
    learn(&pictures, if fast { Profile::Fast } else { Profile::Default })
}
