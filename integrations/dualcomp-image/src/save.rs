//! Saving in one call, which `image` has no hook for.

use std::fs::{self, File};
use std::io::Write;
use std::ops::Deref;
use std::path::Path;

use dualcomp::Metadata;
use image::{DynamicImage, EncodableLayout, ImageBuffer, ImageResult, PixelWithColorType};

use crate::encoder::DciEncoder;

/// Saves an image as `.dci`, with [`DciEncoder`]'s default options.
///
/// The file is written when the image is encoded: an image that cannot be leaves what was there. If writing fails,
/// for instance on a full disk, the incomplete file is removed.
///
/// ```
/// use dualcomp_image::SaveDci;
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("picture.dci");
///
/// image::DynamicImage::new_rgb8(8, 8).save_dci(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait SaveDci {
    /// Saves the pixels, without metadata.
    ///
    /// # Errors
    /// Those of [`DciEncoder`], and [`ImageError::IoError`](image::ImageError::IoError) if the file cannot be
    /// written.
    fn save_dci(&self, path: impl AsRef<Path>) -> ImageResult<()> {
        self.save_dci_with_metadata(path, Metadata::default())
    }

    /// Saves the pixels with this metadata, such as [`metadata_of`](crate::metadata_of) a decoder.
    ///
    /// # Errors
    /// As for [`Self::save_dci`], and [`ImageError::Parameter`](image::ImageError::Parameter) if the metadata does not
    /// fit the image: significant bits or a background of another colour type.
    fn save_dci_with_metadata(&self, path: impl AsRef<Path>, metadata: Metadata) -> ImageResult<()>;
}

impl SaveDci for DynamicImage {
    fn save_dci_with_metadata(&self, path: impl AsRef<Path>, metadata: Metadata) -> ImageResult<()> {
        save(path.as_ref(), metadata, |encoder| self.write_with_encoder(encoder))
    }
}

impl<P, C> SaveDci for ImageBuffer<P, C>
where
    P: PixelWithColorType,
    [P::Subpixel]: EncodableLayout,
    C: Deref<Target = [P::Subpixel]>,
{
    fn save_dci_with_metadata(&self, path: impl AsRef<Path>, metadata: Metadata) -> ImageResult<()> {
        save(path.as_ref(), metadata, |encoder| self.write_with_encoder(encoder))
    }
}

fn save(
    path: &Path,
    metadata: Metadata,
    write: impl FnOnce(DciEncoder<&mut Vec<u8>>) -> ImageResult<()>,
) -> ImageResult<()> {
    let mut content = Vec::new();
    write(DciEncoder::new(&mut content).with_metadata(metadata))?;
    let mut file = File::create(path)?;
    if let Err(error) = file.write_all(&content) {
        // Not a device or a pipe, which are no worse for it.
        let incomplete = file.metadata().is_ok_and(|metadata| metadata.is_file());
        drop(file);
        if incomplete {
            // The first error is the one to tell.
            let _ = fs::remove_file(path);
        }
        return Err(error.into());
    }
    Ok(())
}
