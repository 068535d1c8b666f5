//! Streams that need the network.

use dualcomp::{DecoderOptions, Limits};

/// Decodes, with the released model: what comes out is as long as the stream says.
pub fn network(data: &[u8]) {
    let limits = Limits::default()
        .with_max_output_bytes(1 << 12)
        .with_max_memory_bytes(96 << 20)
        .with_max_pixels(1 << 10)
        .with_max_metadata_bytes(1 << 12)
        // A token takes some ten units, a pixel some three.
        .with_max_work(1 << 15, 0);
    let options = DecoderOptions::default().with_limits(limits).with_threads(1);
    if let Ok(image) = dualcomp::decode_image(data, &options) {
        assert_eq!(image.info.bytes(), Some(image.pixels.len() as u64));
    }
    if let Ok(bytes) = dualcomp::decompress(data, &options) {
        let found = dualcomp::inspect(data).expect("it decodes");
        assert_eq!(found.streams.iter().map(|stream| stream.raw_len).sum::<u64>(), bytes.len() as u64);
    }
}
