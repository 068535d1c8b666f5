//! Image files beside their pixels: what makes the very file again.

use crate::api::oneshot::compress_with;
use crate::codec::v1::deflate::samples::{Form, Samples};
use crate::encoder::files::deflate;
use crate::encoder::files::extent::{FileKind, Found, PngHeader, Walk};
use crate::format::image::info::ImageInfo;
use crate::format::image::original_file::{MAX_FILE, OriginalFile};
use crate::options::{EncoderOptions, Level};

/// Whether what makes the original file of an image again is kept with its pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeepFile {
    /// Where that takes at most one byte in a hundred of the rest.
    #[default]
    IfCheap,
    /// Wherever it can be made again.
    Always,
}

/// What is cheap takes one part in this many of the rest.
const CHEAP: usize = 100;

impl KeepFile {
    /// Whether these bytes of the file's chunk may be added to these of the image.
    pub(crate) fn allows(self, chunk: usize, image: usize) -> bool {
        self == Self::Always || chunk <= image / CHEAP
    }

    /// Bytes of the chunk that are worth the time to find out, of image data that takes so many.
    fn worth(self, data: usize) -> usize {
        match self {
            // The image is hardly longer than that.
            Self::IfCheap => data / CHEAP,
            Self::Always => data / 2,
        }
    }
}

/// The content of the chunk that makes a PNG file again of the pixels that its decoders give; none if it is no such file, or one
/// that is not made by a usual compressor.
pub(crate) fn content(file: &[u8], keep: KeepFile, pixels: &[u8], info: &ImageInfo, threads: usize) -> Option<Vec<u8>> {
    if file.len() as u64 > MAX_FILE || !file.starts_with(b"\x89PNG\r\n\x1A\n") {
        return None;
    }
    let mut walk = Walk::new(FileKind::Png(PngHeader::NONE));
    let Found::Yes { start, end } = walk.walk(file, true) else { return None };
    let FileKind::Png(header) = walk.kind() else { return None };
    let (head, data, tail) = (&file[..start], &file[start..end], &file[end..]);
    if header.interlaced || (header.width, header.height) != (info.width, info.height) {
        return None;
    }
    let samples = Samples { depth: header.depth, form: form(head, header, info)? };
    let (rows, raw) = samples.of(info, pixels).ok()?;
    let (text, payload) = deflate::apart_within(FileKind::Png(header), data, keep.worth(data.len()), &mut 0)?;
    if text.len() as u64 != rows.len() {
        return None;
    }
    let filters: Vec<u8> = text.chunks_exact(1 + rows.row_len() as usize).map(|row| row[0]).collect();
    if rows.filtered(&raw, &filters).ok()? != text {
        return None;
    }
    let options = EncoderOptions::default().with_level(Level::Fast).with_threads(threads);
    let others = compress_with(&[head, &filters, tail].concat(), &options, None).ok()?;
    let (mut form, mut out) = (Vec::new(), Vec::new());
    samples.put(&mut form);
    let (head_len, data_len, file_len) = (head.len() as u64, data.len() as u64, file.len() as u64);
    let sum = crc32fast::hash(file);
    OriginalFile { sum, file_len, head_len, data_len, samples: &form, payload: &payload, others: &others }
        .put(&mut out);
    Some(out)
}

/// How the file has the samples of the image; none if it has others.
fn form(head: &[u8], header: PngHeader, info: &ImageInfo) -> Option<Form> {
    let channels = info.color.channels();
    match (header.color, channels) {
        (0, 1) | (2, 3) | (4, 2) | (6, 4) => Some(Form::Same),
        (0, 2) | (2, 4) => Some(Form::WithoutOpacity),
        (3, 3 | 4) => {
            let opacity = chunk(head, b"tRNS").unwrap_or_default();
            let colors = chunk(head, b"PLTE")?.as_chunks::<3>().0.iter().enumerate();
            Some(Form::Indices(
                colors
                    .flat_map(|(place, &[red, green, blue])| {
                        let opacity = opacity.get(place).copied().unwrap_or(255);
                        [red, green, blue, opacity].into_iter().take(channels)
                    })
                    .collect(),
            ))
        }
        _ => None,
    }
}

/// What the first chunk of this type before the image data holds.
fn chunk<'a>(head: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let mut rest = head.get(8..)?;
    loop {
        let (&len, behind) = rest.split_first_chunk()?;
        let (found, behind) = behind.split_first_chunk::<4>()?;
        let (content, behind) = behind.split_at_checked(u32::from_be_bytes(len) as usize)?;
        if found == kind {
            return Some(content);
        }
        rest = behind.get(4..)?;
    }
}
