//! Converts an image into one of another format, with its colour profile and EXIF: `image-user IN OUT`.
//!
//! All that this program knows of DualComp is `dualcomp_image`, and all it knows of images is `image`.

use std::error::Error;
use std::fs::File;
use std::io::BufWriter;
use std::path::PathBuf;

use dualcomp_image::{SaveDci, metadata_of, register};
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder, ImageReader};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else { return Err("give two paths".into()) };
    register();
    let mut decoder = ImageReader::open(&from)?.into_decoder()?;
    let metadata = metadata_of(&mut decoder)?;
    let image = DynamicImage::from_decoder(decoder)?;
    if to.extension().is_some_and(|extension| extension == "dci") {
        image.save_dci_with_metadata(&to, metadata)?;
        return Ok(());
    }
    let mut encoder = PngEncoder::new(BufWriter::new(File::create(&to)?));
    if let Some(profile) = metadata.icc {
        encoder.set_icc_profile(profile)?;
    }
    if let Some(exif) = metadata.exif {
        encoder.set_exif_metadata(exif)?;
    }
    image.write_with_encoder(encoder)?;
    Ok(())
}
