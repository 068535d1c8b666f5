//! The tasks themselves.

use std::error::Error;
use std::io::Cursor;

use dualcomp_image::{DciDecoder, DciEncoder, metadata_of};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::{DynamicImage, ImageEncoder};

type Result = std::result::Result<Vec<u8>, Box<dyn Error>>;

pub(crate) fn compress(bytes: &[u8]) -> Result {
    Ok(dualcomp::compress(bytes, &Default::default())?)
}

pub(crate) fn decompress(stream: &[u8]) -> Result {
    Ok(dualcomp::decompress(stream, &Default::default())?)
}

pub(crate) fn png_to_dci(file: &[u8]) -> Result {
    let mut decoder = PngDecoder::new(Cursor::new(file))?;
    let metadata = metadata_of(&mut decoder)?;
    let mut out = Vec::new();
    DynamicImage::from_decoder(decoder)?.write_with_encoder(DciEncoder::new(&mut out).with_metadata(metadata))?;
    Ok(out)
}

/// As small as this encoder of PNG makes it, since the page compares sizes.
pub(crate) fn dci_to_png(file: &[u8]) -> Result {
    let mut decoder = DciDecoder::new(file)?;
    let metadata = metadata_of(&mut decoder)?;
    let mut out = Vec::new();
    let mut encoder = PngEncoder::new_with_quality(&mut out, CompressionType::Best, FilterType::Adaptive);
    if let Some(profile) = metadata.icc {
        encoder.set_icc_profile(profile)?;
    }
    if let Some(exif) = metadata.exif {
        encoder.set_exif_metadata(exif)?;
    }
    DynamicImage::from_decoder(decoder)?.write_with_encoder(encoder)?;
    Ok(out)
}
