//! Fast tiles (docs/coding.md, "Fast tiles"): photographs, by least squares of sixteen rows in lock step and one call of
//! the range coder a sample.

mod contexts;
mod lanes;
mod local;
mod mask;
mod pipeline;
mod rans;
mod regressors;
mod slow;
mod solve;
mod symbols;
mod tables;

use fearless_simd::{Level, dispatch};

use rans::{Decoder, Encoder};

/// Encodes planes.
pub fn encode(level: Level, width: usize, height: usize, mask: bool, planes: &mut [Vec<u8>]) -> Vec<u8> {
    let mut coder = Encoder::new(width * height * planes.len() + width * height / 8);
    dispatch!(level, simd => pipeline::code_group(simd, width, height, mask, &mut coder, planes));
    coder.finish()
}

/// Decodes planes.
pub fn decode(level: Level, data: &[u8], width: usize, height: usize, mask: bool, planes: &mut [Vec<u8>]) {
    let mut coder = Decoder::new(data);
    dispatch!(level, simd => pipeline::code_group(simd, width, height, mask, &mut coder, planes));
}
