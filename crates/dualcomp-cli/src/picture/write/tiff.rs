//! TIFF files.

use std::io::{Cursor, Seek, Write};

use dualcomp::{ColorType, Metadata, MetadataKind, ResolutionUnit};
use tiff::encoder::colortype::{self, Gray8, Gray16, RGB8, RGB16};
use tiff::encoder::{ImageEncoder, Rational, TiffEncoder, TiffKindStandard, TiffValue};
use tiff::tags::{ExtraSamples, ResolutionUnit as Unit, Tag};

use super::LeftOut;
use crate::picture::Picture;
use crate::source::TEXTS;

const XMP: Tag = Tag::Unknown(700);
const IPTC: Tag = Tag::Unknown(33723);

/// A TIFF file, which has a place for profile, XMP, IPTC, resolution and some texts.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    let mut file = Cursor::new(Vec::new());
    let wide =
        || -> Vec<u16> { picture.pixels.as_chunks::<2>().0.iter().map(|sample| u16::from_ne_bytes(*sample)).collect() };
    let written = match picture.info.color {
        ColorType::L8 | ColorType::La8 => image::<Gray8>(&mut file, picture, &picture.pixels, left_out),
        ColorType::Rgb8 | ColorType::Rgba8 => image::<RGB8>(&mut file, picture, &picture.pixels, left_out),
        ColorType::L16 | ColorType::La16 => image::<Gray16>(&mut file, picture, &wide(), left_out),
        ColorType::Rgb16 | ColorType::Rgba16 => image::<RGB16>(&mut file, picture, &wide(), left_out),
    };
    written.map_err(|error| error.to_string())?;
    Ok(file.into_inner())
}

fn image<C: colortype::ColorType>(
    file: &mut Cursor<Vec<u8>>,
    picture: &Picture,
    samples: &[C::Inner],
    left_out: &mut LeftOut,
) -> Result<(), tiff::TiffError>
where
    [C::Inner]: TiffValue,
{
    let mut encoder = TiffEncoder::new(file)?;
    let mut image = encoder.new_image::<C>(picture.info.width, picture.info.height)?;
    if picture.info.color.has_alpha() {
        image.extra_samples(&[ExtraSamples::UnassociatedAlpha])?;
    }
    describe(&mut image, &picture.metadata, left_out)?;
    image.write_data(samples)
}

fn describe<W: Write + Seek, C: colortype::ColorType>(
    image: &mut ImageEncoder<'_, W, C, TiffKindStandard>,
    metadata: &Metadata,
    left_out: &mut LeftOut,
) -> Result<(), tiff::TiffError> {
    if let Some(resolution) = metadata.resolution {
        // A metre is a hundred centimetres: the denominator grows, if there is room.
        let (unit, by) = match resolution.unit {
            ResolutionUnit::Unknown => (Unit::None, 1),
            ResolutionUnit::Inch => (Unit::Inch, 1),
            ResolutionUnit::Centimetre => (Unit::Centimeter, 1),
            ResolutionUnit::Metre => (Unit::Centimeter, 100),
        };
        if let (Some(x), Some(y)) = (resolution.x[1].checked_mul(by), resolution.y[1].checked_mul(by)) {
            image.resolution_unit(unit);
            image.x_resolution(Rational { n: resolution.x[0], d: x });
            image.y_resolution(Rational { n: resolution.y[0], d: y });
            left_out.kept(MetadataKind::Resolution);
        }
    }
    let pieces = [
        (&metadata.icc, Tag::IccProfile, MetadataKind::Icc),
        (&metadata.xmp, XMP, MetadataKind::Xmp),
        (&metadata.iptc, IPTC, MetadataKind::Iptc),
    ];
    for (content, tag, kind) in pieces {
        if let Some(content) = content {
            image.encoder().write_tag(tag, content.as_slice())?;
            left_out.kept(kind);
        }
    }
    let (mut written, mut texts) = (Vec::new(), 0);
    for text in metadata.texts() {
        texts += 1;
        let tag = TEXTS.iter().find(|(_, keyword)| *keyword == text.keyword);
        if let Some(&(tag, _)) = tag
            && text.language.is_empty()
            && text.translated.is_empty()
            && text.text.is_ascii()
            && !written.contains(&tag)
        {
            image.encoder().write_tag(Tag::from_u16_exhaustive(tag), text.text)?;
            written.push(tag);
        }
    }
    match written.len() {
        count if count == texts => left_out.kept(MetadataKind::Text),
        0 => {}
        _ => left_out.rename(MetadataKind::Text, "some of its texts"),
    }
    Ok(())
}
