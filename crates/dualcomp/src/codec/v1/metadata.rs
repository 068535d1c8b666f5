//! Metadata of images as a substream of bytes in the light form (docs/spec/format.md, section 5.2): readers want it as soon as
//! they open a file, so it has no network and no stream of its own.

use crate::codec::v1::bytes::light::LightCoder;
use crate::codec::v1::bytes::substream::Substream;
use crate::error::Result;
use crate::format::bytes_params::BytesParams;

/// The parameters of metadata of `len` bytes: those of a stream of as many bytes (experiments/0097).
pub(crate) fn params(len: usize) -> BytesParams {
    BytesParams::new((len.max(1).next_power_of_two().ilog2() as u8 + 4).clamp(16, 21)).in_light_form()
}

/// The payload of metadata.
pub(crate) fn encode(metadata: &[u8]) -> Result<Vec<u8>> {
    LightCoder::new(params(metadata.len())).encode(None, metadata)
}

/// Metadata of `len` bytes. Any payload gives some bytes or an error.
pub(crate) fn decode(payload: &[u8], len: usize) -> Result<Vec<u8>> {
    LightCoder::new(params(len)).decode(None, payload, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_comes_back() {
        for len in [1, 100, 5_000] {
            let metadata: Vec<u8> = (0..len).map(|i: u32| b"<rdf:li>"[i as usize % 8] ^ (i / 99) as u8).collect();
            let payload = encode(&metadata).unwrap();
            assert_eq!(decode(&payload, metadata.len()).unwrap(), metadata);
        }
    }

    #[test]
    fn parameters_follow_from_the_length() {
        assert_eq!([1, 4096, 8192, 1 << 17, 1 << 20].map(|len| params(len).counters().ilog2()), [16, 16, 17, 21, 21]);
    }
}
