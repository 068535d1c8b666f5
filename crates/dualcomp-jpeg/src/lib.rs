//! JPEG files as quantised coefficients and what rebuilds the file to the last byte.
//!
//! A JPEG file is Huffman-coded, which better coders of coefficients can improve on, if the file can be made again from
//! what they keep. [`parse`] takes a file apart: [`Coefficients`] are what a decoder would make pixels of, a [`Rebuild`]
//! is all the rest, and [`rebuild`] makes the very file of the two. `parse` has tried that before it returns; a file that
//! is not given back to the last byte is an error, never a wrong file.
//!
//! ```
//! use dualcomp_jpeg::{Limits, Rebuild, parse, rebuild};
//!
//! // A grey picture of one pixel: quantization, frame header, two Huffman tables of one code, scan header, scan, end.
//! let mut file = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
//! file.extend([1; 64]);
//! file.extend([0xFF, 0xC0, 0, 11, 8, 0, 1, 0, 1, 1, 1, 0x11, 0]);
//! for (class, symbol) in [(0x00, 3), (0x10, 0)] {
//!     file.extend([0xFF, 0xC4, 0, 20, class, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, symbol]);
//! }
//! file.extend([0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0b0_101_0_111, 0xFF, 0xD9]);
//!
//! let (coefficients, made) = parse(&file, &Limits::default())?;
//! assert_eq!(coefficients.components[0].coefficients[0], 5);
//! let mut bytes = Vec::new();
//! made.write_to(&mut bytes);
//!
//! // Elsewhere: the layout says how many coefficients there are, and what they mean.
//! let made = Rebuild::from_bytes(&bytes, &Limits::default())?;
//! let mut again = made.layout(&Limits::default())?;
//! again.components[0].coefficients = coefficients.components[0].coefficients.clone();
//! assert_eq!(rebuild(&again, &made, &Limits::default())?, file);
//! # Ok::<(), dualcomp_jpeg::Error>(())
//! ```
//!
//! # What is taken apart
//!
//! Files of ITU-T T.81 with Huffman coding and 8 bits a sample: baseline, extended sequential and progressive, one to four
//! components of any sampling factors, in any scans. Where an encoder has a choice, the usual one costs nothing and any
//! other one is listed: restart markers that are missing or wrong, bits that fill bytes, zeros behind the last
//! coefficient of a block, and where runs of empty blocks end (for which [`parse`] finds the encoder's rule). A scan that
//! breaks off, as in truncated and damaged files, is kept as coefficients up to there and as bytes behind; a scan that
//! cannot be read at all is kept as bytes. Everything that is no scan is kept as it is, also behind the end of the image.
//!
//! Arithmetic coding, 12 bits a sample, lossless and hierarchical files are [`Error::Unsupported`].
//!
//! # Memory and time
//!
//! Coefficients take two bytes each: 6 bytes a pixel without chroma subsampling, 3 with 4:2:0. `parse` takes at most
//! 512 times the bytes of the file for them, and both directions take no more than [`Limits`] allow. Time is bounded by
//! the bytes and the coefficients: each bit of a coefficient is coded by one scan. An ordinary file takes about 20 ns a
//! byte each way. Nothing panics on any input.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod bits;
mod bytes;
mod coefficients;
mod decode;
mod encode;
mod error;
mod extent;
mod frame;
mod huffman;
mod known;
mod limits;
mod notes;
mod parse;
mod progress;
mod rebuild;
mod runs;
mod scan;
#[cfg(test)]
mod tests;
mod walk;
mod zigzag;

pub use coefficients::{Coefficients, Component};
pub use error::Error;
pub use extent::{Extent, Extents};
pub use known::usual_steps;
pub use limits::Limits;
pub use parse::{layout, parse};
pub use rebuild::{Rebuild, rebuild};
