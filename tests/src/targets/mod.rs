//! What is fuzzed: functions that take any bytes and panic only if a promise is broken.
//!
//! `fuzz/` runs them under libFuzzer; the test `smoke` gives them a fixed number of damaged seeds. Only
//! [`network`] works with the network; [`crate::tiny`] stands in for it elsewhere.

#[cfg(feature = "http")]
mod accept;
mod bytes;
mod chunks;
mod cost;
mod deflate;
mod dictionary;
mod image;
mod jpeg;
mod network;
mod range;

#[cfg(feature = "http")]
pub use accept::accept;
pub use bytes::{decode_bytes, round_trip_bytes, slices};
pub use chunks::chunks;
pub use cost::cost;
pub use deflate::{deflate_file, deflate_rebuild};
pub use dictionary::dictionary;
pub use image::{decode_image, image_header, original_file, round_trip_image};
pub(crate) use image::{original_file_at, with_original_file};
pub use jpeg::{jpeg_file, jpeg_rebuild};
pub use network::network;
pub use range::range_coder;

use dualcomp::{DecoderOptions, Limits};

/// A function that is fuzzed, by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const ALL: &[Target] = &[
    #[cfg(feature = "http")]
    ("accept", accept),
    ("chunks", chunks),
    ("cost", cost),
    ("decode_bytes", decode_bytes),
    ("decode_image", decode_image),
    ("deflate_file", deflate_file),
    ("deflate_rebuild", deflate_rebuild),
    ("dictionary", dictionary),
    ("image_header", image_header),
    ("jpeg_file", jpeg_file),
    ("jpeg_rebuild", jpeg_rebuild),
    ("network", network),
    ("original_file", original_file),
    ("range_coder", range_coder),
    ("round_trip_bytes", round_trip_bytes),
    ("round_trip_image", round_trip_image),
    ("slices", slices),
];

/// Limits that keep what a few bytes can ask for short.
fn short() -> DecoderOptions {
    let limits = Limits::default()
        .with_max_output_bytes(1 << 16)
        .with_max_memory_bytes(48 << 20)
        .with_max_pixels(1 << 12)
        .with_max_metadata_bytes(1 << 16);
    DecoderOptions::default().with_limits(limits).with_threads(1)
}
