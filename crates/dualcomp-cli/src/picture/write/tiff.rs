//! TIFF files.

use std::borrow::Cow;
use std::io::{Cursor, Seek, Write};

use dualcomp::{Metadata, MetadataKind, ResolutionUnit};
use tiff::TiffError;
use tiff::encoder::{DirectoryEncoder, Rational, TiffEncoder, TiffKindStandard, TiffValue};
use tiff::tags::{CompressionMethod, ExtraSamples, PhotometricInterpretation, ResolutionUnit as Unit, Tag, Type};

use super::LeftOut;
use crate::picture::Picture;
use crate::source::TEXTS;

const XMP: Tag = Tag::Unknown(700);
const IPTC: Tag = Tag::Unknown(33723);

/// When the file was made, in one form only.
const DATE_TIME: u16 = 306;

/// Bytes of a strip, but for what completes its last row.
const STRIP: usize = 1_000_000;

/// A TIFF file, which has a place for profile, XMP, IPTC, resolution and some texts.
pub(super) fn encode(picture: &Picture, left_out: &mut LeftOut) -> Result<Vec<u8>, String> {
    let mut file = Cursor::new(Vec::new());
    write(&mut file, picture, left_out).map_err(|error| error.to_string())?;
    Ok(file.into_inner())
}

/// Tag by tag, since the `tiff` crate's encoder of images leaves bytes behind that nothing refers to where there is a
/// resolution.
fn write(file: &mut Cursor<Vec<u8>>, picture: &Picture, left_out: &mut LeftOut) -> Result<(), TiffError> {
    let (info, color) = (picture.info, picture.info.color);
    let photometric = match color.channels() {
        1 | 2 => PhotometricInterpretation::BlackIsZero,
        _ => PhotometricInterpretation::RGB,
    };
    let mut encoder = TiffEncoder::new(file)?;
    let mut directory = encoder.image_directory()?;
    // Samples are in the machine's byte order, as the file is.
    let row = info.width as usize * color.bytes_per_pixel();
    let rows = STRIP.div_ceil(row);
    let (mut offsets, mut lengths) = (Vec::new(), Vec::new());
    for strip in picture.pixels.chunks(rows * row) {
        offsets.push(u32::try_from(directory.write_data(strip)?)?);
        lengths.push(u32::try_from(strip.len())?);
    }
    directory.write_tag(Tag::ImageWidth, info.width)?;
    directory.write_tag(Tag::ImageLength, info.height)?;
    directory.write_tag(Tag::BitsPerSample, &vec![8 * color.bytes_per_sample() as u16; color.channels()][..])?;
    directory.write_tag(Tag::Compression, CompressionMethod::None.to_u16())?;
    directory.write_tag(Tag::PhotometricInterpretation, photometric.to_u16())?;
    directory.write_tag(Tag::StripOffsets, &offsets[..])?;
    directory.write_tag(Tag::SamplesPerPixel, color.channels() as u16)?;
    directory.write_tag(Tag::RowsPerStrip, u32::try_from(rows)?)?;
    directory.write_tag(Tag::StripByteCounts, &lengths[..])?;
    if color.has_alpha() {
        directory.write_tag(Tag::ExtraSamples, ExtraSamples::UnassociatedAlpha.to_u16())?;
    }
    describe(&mut directory, &picture.metadata, left_out)?;
    // A directory begins at a word (TIFF 6.0, section 2).
    if !directory.write_data(&[][..] as &[u8])?.is_multiple_of(2) {
        directory.write_data(0_u8)?;
    }
    directory.finish()
}

fn describe<W: Write + Seek>(
    directory: &mut DirectoryEncoder<'_, W, TiffKindStandard>,
    metadata: &Metadata,
    left_out: &mut LeftOut,
) -> Result<(), TiffError> {
    if let Some(resolution) = metadata.resolution {
        // A metre is a hundred centimetres: the denominator grows, if there is room.
        let (unit, by) = match resolution.unit {
            ResolutionUnit::Unknown => (Unit::None, 1),
            ResolutionUnit::Inch => (Unit::Inch, 1),
            ResolutionUnit::Centimetre => (Unit::Centimeter, 1),
            ResolutionUnit::Metre => (Unit::Centimeter, 100),
        };
        if let (Some(x), Some(y)) = (resolution.x[1].checked_mul(by), resolution.y[1].checked_mul(by)) {
            directory.write_tag(Tag::XResolution, Rational { n: resolution.x[0], d: x })?;
            directory.write_tag(Tag::YResolution, Rational { n: resolution.y[0], d: y })?;
            directory.write_tag(Tag::ResolutionUnit, unit.to_u16())?;
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
            match kind {
                // So says the standard of profiles (ICC.1, annex B); the others are bytes.
                MetadataKind::Icc => directory.write_tag(tag, Opaque(content))?,
                _ => directory.write_tag(tag, content.as_slice())?,
            }
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
            && !text.text.contains('\0')
            && (tag != DATE_TIME || is_date_time(text.text))
            && !written.contains(&tag)
        {
            directory.write_tag(Tag::from_u16_exhaustive(tag), Words(text.text))?;
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

/// Whether a text is as a tag of time must be: YYYY:MM:DD HH:MM:SS, with spaces for what is unknown (TIFF 6.0, section 8).
fn is_date_time(text: &str) -> bool {
    let form = "0000:00:00 00:00:00";
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(letter, form)| match form {
            b'0' => letter.is_ascii_digit() || letter == b' ',
            form => letter == form,
        })
}

/// Text in UTF-8, which ends in a zero byte. The type is named after ASCII, but what reads and writes such tags has long passed
/// on other letters.
struct Words<'a>(&'a str);

impl TiffValue for Words<'_> {
    const BYTE_LEN: u8 = 1;
    const FIELD_TYPE: Type = Type::ASCII;

    fn count(&self) -> usize {
        self.0.len() + 1
    }

    fn data(&self) -> Cow<'_, [u8]> {
        [self.0.as_bytes(), &[0]].concat().into()
    }
}

/// Bytes that are no numbers.
struct Opaque<'a>(&'a [u8]);

impl TiffValue for Opaque<'_> {
    const BYTE_LEN: u8 = 1;
    const FIELD_TYPE: Type = Type::UNDEFINED;

    fn count(&self) -> usize {
        self.0.len()
    }

    fn data(&self) -> Cow<'_, [u8]> {
        self.0.into()
    }
}
