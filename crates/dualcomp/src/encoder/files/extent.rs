//! Where files end that are found among bytes, and where what is coded apart begins in them.

use dualcomp_jpeg::{Extent, Extents};

use crate::encoder::files::inflate::{Bits, Stop, block};

/// What a file is that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    Jpeg,
    /// A deflate stream.
    Deflate,
    /// A deflate stream, and the CRC-32 and length of its text.
    Gzip,
    /// A deflate stream, and the Adler-32 of its text.
    Zlib,
    /// A zlib stream in chunks of a PNG file with this header.
    Png(PngHeader),
}

/// What the header of a PNG file says of its rows; zeros if there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PngHeader {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) depth: u8,
    pub(crate) color: u8,
    pub(crate) interlaced: bool,
}

impl PngHeader {
    pub(crate) const NONE: Self = Self { width: 0, height: 0, depth: 0, color: 0, interlaced: false };
    /// Where it stands: behind the signature, a length and a type.
    const AT: usize = 16;

    /// Reads the content of the first chunk.
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&width, rest) = bytes.split_first_chunk()?;
        let (&height, rest) = rest.split_first_chunk()?;
        let (width, height) = (u32::from_be_bytes(width), u32::from_be_bytes(height));
        let &[depth, color, _, _, interlace] = rest.first_chunk()?;
        Some(Self { width, height, depth, color, interlaced: interlace != 0 })
    }
}

/// What is known of the end of a file.
pub(crate) enum Found {
    /// It may end behind the bytes so far.
    Incomplete,
    /// It is none.
    No,
    /// These bytes of it are to be coded apart.
    Yes { start: usize, end: usize },
}

/// Bytes that files begin with.
const STARTS: [(FileKind, &[u8]); 8] = [
    (FileKind::Jpeg, &[0xFF, 0xD8, 0xFF]),
    (FileKind::Gzip, &[0x1F, 0x8B, 8]),
    (FileKind::Deflate, b"PK\x03\x04"),
    (FileKind::Png(PngHeader::NONE), b"\x89PNG\r\n\x1A\n"),
    // The four headers that zlib writes.
    (FileKind::Zlib, &[0x78, 0x01]),
    (FileKind::Zlib, &[0x78, 0x5E]),
    (FileKind::Zlib, &[0x78, 0x9C]),
    (FileKind::Zlib, &[0x78, 0xDA]),
];

/// Whether a file may begin with a byte.
static FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut i = 0;
    while i < STARTS.len() {
        first[STARTS[i].1[0] as usize] = true;
        i += 1;
    }
    first
};

/// Bytes of a deflate stream that are worth a span.
const MIN_STREAM: usize = 64;
/// Bytes of text at most, in all and for each byte of the stream: a decoder has them in memory, and time is theirs.
pub(crate) const MAX_TEXT: usize = 128 << 20;
pub(crate) const MAX_TEXT_PER_BYTE: usize = 64;

/// The kind of file that may begin with these bytes, and whether it certainly does.
pub(crate) fn begins(bytes: &[u8]) -> Option<(FileKind, bool)> {
    if !FIRST[usize::from(*bytes.first()?)] {
        return None;
    }
    let first = STARTS.iter().find(|(_, start)| {
        let known = bytes.len().min(start.len());
        known > 0 && bytes[..known] == start[..known]
    })?;
    Some((first.0, bytes.len() >= first.1.len()))
}

/// Finds the end of a file as its bytes come.
pub(crate) enum Walk {
    Jpeg(Extents),
    Deflate(DeflateWalk),
    Png(PngWalk),
}

impl Walk {
    pub(crate) fn new(kind: FileKind) -> Self {
        match kind {
            FileKind::Jpeg => Self::Jpeg(Extents::new()),
            FileKind::Png(_) => Self::Png(PngWalk { at: 8, data: None, header: PngHeader::NONE }),
            _ => Self::Deflate(DeflateWalk { kind, start: None, bits: 0, text: 0 }),
        }
    }

    pub(crate) fn kind(&self) -> FileKind {
        match self {
            Self::Jpeg(_) => FileKind::Jpeg,
            Self::Deflate(walk) => walk.kind,
            Self::Png(walk) => FileKind::Png(walk.header),
        }
    }

    /// Bytes that were looked at.
    pub(crate) fn walked(&self) -> usize {
        match self {
            Self::Jpeg(extents) => extents.walked(),
            Self::Deflate(walk) => walk.bits / 8,
            Self::Png(walk) => walk.at / 1024,
        }
    }

    /// Goes on with all bytes so far. If `ends`, no more will come.
    pub(crate) fn walk(&mut self, bytes: &[u8], ends: bool) -> Found {
        match self {
            Self::Jpeg(extents) => match extents.walk(bytes) {
                Extent::Incomplete if ends => Found::Yes { start: 0, end: bytes.len() },
                Extent::Incomplete => Found::Incomplete,
                Extent::Complete(end) => Found::Yes { start: 0, end },
                Extent::NoJpeg => Found::No,
            },
            Self::Deflate(walk) => walk.walk(bytes),
            Self::Png(walk) => walk.walk(bytes),
        }
    }
}

/// Finds the end of a deflate stream.
pub(crate) struct DeflateWalk {
    kind: FileKind,
    /// Where the stream begins, once its header is whole.
    start: Option<usize>,
    /// Bits up to the first block that is not whole, counted over all bytes, and the length of the text up to there.
    bits: usize,
    text: usize,
}

impl DeflateWalk {
    fn walk(&mut self, bytes: &[u8]) -> Found {
        let start = match self.start {
            Some(start) => start,
            None => match header_len(self.kind, bytes) {
                Ok(start) => start,
                Err(Stop::Short) => return Found::Incomplete,
                Err(Stop::Invalid) => return Found::No,
            },
        };
        if self.start.is_none() {
            self.start = Some(start);
            self.bits = 8 * start;
        }
        let trailer = match self.kind {
            FileKind::Gzip => 8,
            FileKind::Zlib => 4,
            _ => 0,
        };
        loop {
            let (mut bits, mut text) = (Bits::new(bytes, self.bits), self.text);
            let last = match block(&mut bits, &mut text, MAX_TEXT) {
                Ok(block) => block.last,
                Err(Stop::Short) => return Found::Incomplete,
                Err(Stop::Invalid) => return Found::No,
            };
            if last {
                let end = bits.at.div_ceil(8) + trailer;
                return match () {
                    () if end > bytes.len() => Found::Incomplete,
                    () if end - start < MIN_STREAM || text == 0 || text / MAX_TEXT_PER_BYTE > end - start => Found::No,
                    () => Found::Yes { start, end },
                };
            }
            (self.bits, self.text) = (bits.at, text);
        }
    }
}

/// Bytes in front of a deflate stream.
fn header_len(kind: FileKind, bytes: &[u8]) -> Result<usize, Stop> {
    let byte = |at: usize| bytes.get(at).copied().ok_or(Stop::Short);
    let pair = |at: usize| Ok(usize::from(u16::from_le_bytes([byte(at)?, byte(at + 1)?])));
    match kind {
        FileKind::Zlib => Ok(2),
        // The local header of a zip file: flags at 6, method at 8, lengths of name and other fields at 26 and 28.
        FileKind::Deflate => {
            if byte(6)? & 1 != 0 || pair(8)? != 8 {
                return Err(Stop::Invalid);
            }
            Ok(30 + pair(26)? + pair(28)?)
        }
        FileKind::Gzip => {
            let flags = byte(3)?;
            let mut at = 10;
            if flags & 4 != 0 {
                at += 2 + pair(at)?;
            }
            // Name and comment end with a zero.
            for _ in 0..(flags >> 3 & 3).count_ones() {
                let rest = bytes.get(at..).ok_or(Stop::Short)?;
                let len = rest.iter().take(MAX_NAME).position(|&byte| byte == 0);
                at += 1 + len.ok_or(if rest.len() < MAX_NAME { Stop::Short } else { Stop::Invalid })?;
            }
            Ok(at + if flags & 2 != 0 { 2 } else { 0 })
        }
        FileKind::Jpeg | FileKind::Png(_) => Err(Stop::Invalid),
    }
}

/// Bytes of a name in a gzip header that are looked through.
const MAX_NAME: usize = 1024;

/// Finds the image data of a PNG file.
pub(crate) struct PngWalk {
    /// Where the next chunk begins.
    at: usize,
    /// Where the image data begins and ends so far.
    data: Option<(usize, usize)>,
    header: PngHeader,
}

impl PngWalk {
    fn walk(&mut self, bytes: &[u8]) -> Found {
        loop {
            let Some(&[a, b, c, d, ref kind @ ..]) = bytes.get(self.at..).and_then(|rest| rest.first_chunk::<8>())
            else {
                return Found::Incomplete;
            };
            match (self.data, kind == b"IDAT") {
                (Some((start, end)), false) => {
                    self.header = bytes.get(PngHeader::AT..).and_then(PngHeader::read).unwrap_or(PngHeader::NONE);
                    return Found::Yes { start, end };
                }
                (None, false) if !kind.iter().all(u8::is_ascii_alphabetic) => return Found::No,
                _ => {}
            }
            let len = u32::from_be_bytes([a, b, c, d]) as usize;
            let Some(end) = self.at.checked_add(12).and_then(|at| at.checked_add(len)) else { return Found::No };
            if kind == b"IDAT" {
                if end > bytes.len() {
                    return Found::Incomplete;
                }
                self.data = Some((self.data.map_or(self.at, |data| data.0), end));
            }
            self.at = end;
        }
    }
}
