//! Writing decoded images as image files.

mod bmp;
mod png;
mod png_chunks;
mod pnm;
mod reduce;
mod tiff;
mod webp;

use std::fmt;
use std::path::Path;

use dualcomp::MetadataKind;
use image::ExtendedColorType;

use super::Picture;
use dualcomp::ColorType;
pub(crate) use png::best_png;
pub(crate) use pnm::{Pam, bitmap, encode_narrow, repeated};

/// An image file format that keeps pixels exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    Png,
    WebP,
    /// PGM, PPM or PAM, whichever has the colours.
    Pnm,
    Pam,
    /// Black and white.
    Pbm,
    Tiff,
    Bmp,
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Pnm => "PNM",
            Self::Pam => "PAM",
            Self::Pbm => "PBM",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
        })
    }
}

impl OutputFormat {
    /// The format a path's extension stands for; PNG where it has none.
    ///
    /// # Errors
    /// Names the extensions there are.
    pub(crate) fn from_path(path: &Path) -> Result<Self, String> {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("" | "png") => Ok(Self::Png),
            Some("webp") => Ok(Self::WebP),
            Some("pnm" | "pgm" | "ppm") => Ok(Self::Pnm),
            Some("pam") => Ok(Self::Pam),
            Some("pbm") => Ok(Self::Pbm),
            Some("tif" | "tiff") => Ok(Self::Tiff),
            Some("bmp" | "dib") => Ok(Self::Bmp),
            _ => Err(format!("{}: an image is written as .png, .webp, .pnm, .tiff or .bmp", path.display())),
        }
    }
}

/// Makes an image file; beside it come the names of the metadata the format has no place for.
///
/// # Errors
/// Says in words why the format cannot hold these pixels.
pub(crate) fn encode(picture: &Picture, format: OutputFormat) -> Result<(Vec<u8>, Vec<String>), String> {
    let color = picture.info.color;
    if format == OutputFormat::Pbm && !pnm::is_bitmap(picture) {
        return Err("PBM holds nothing but black and white; PNM holds these pixels".to_owned());
    }
    let holds = match format {
        OutputFormat::WebP => !picture.is_16_bit(),
        OutputFormat::Bmp => matches!(color, ColorType::L8 | ColorType::Rgb8 | ColorType::Rgba8),
        OutputFormat::Png | OutputFormat::Pnm | OutputFormat::Pam | OutputFormat::Pbm | OutputFormat::Tiff => true,
    };
    if !holds {
        return Err(format!("{format} cannot hold {color:?} pixels; PNG can"));
    }
    let mut left_out = LeftOut(picture.metadata.kinds().map(|kind| (kind, kind.to_string())).collect());
    let file = match format {
        OutputFormat::Png => png::encode(picture, &mut left_out)?,
        OutputFormat::WebP => webp::encode(picture, &mut left_out)?,
        OutputFormat::Pnm => pnm::encode(picture, Pam::WithAlpha, &mut left_out),
        OutputFormat::Pam => pnm::encode(picture, Pam::Always, &mut left_out),
        OutputFormat::Pbm => pnm::encode_bitmap(picture, &mut left_out),
        OutputFormat::Tiff => tiff::encode(picture, &mut left_out)?,
        OutputFormat::Bmp => bmp::encode(picture, &mut left_out)?,
    };
    Ok((file, left_out.0.into_iter().map(|(_, name)| name).collect()))
}

/// The metadata that was not written yet.
struct LeftOut(Vec<(MetadataKind, String)>);

impl LeftOut {
    /// Notes that all of this was written.
    fn kept(&mut self, kind: MetadataKind) {
        self.0.retain(|&(known, _)| known != kind);
    }

    /// Notes that only a part was left out.
    fn rename(&mut self, kind: MetadataKind, name: &str) {
        for entry in self.0.iter_mut().filter(|entry| entry.0 == kind) {
            name.clone_into(&mut entry.1);
        }
    }
}

fn extended(color: ColorType) -> ExtendedColorType {
    match color {
        ColorType::L8 => ExtendedColorType::L8,
        ColorType::La8 => ExtendedColorType::La8,
        ColorType::Rgb8 => ExtendedColorType::Rgb8,
        ColorType::Rgba8 => ExtendedColorType::Rgba8,
        ColorType::L16 => ExtendedColorType::L16,
        ColorType::La16 => ExtendedColorType::La16,
        ColorType::Rgb16 => ExtendedColorType::Rgb16,
        ColorType::Rgba16 => ExtendedColorType::Rgba16,
    }
}
