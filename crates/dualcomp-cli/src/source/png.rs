//! The chunks of a PNG file (PNG, third edition, sections 5 and 11).

use std::io::{self, Read};

use dualcomp::{Resolution, ResolutionUnit};
use flate2::bufread::ZlibDecoder;

use super::bits::{Order, Words};
use super::png_order::Place;
use super::{Audit, CUT, behind, png_parts, png_samples, png_text};

/// Bytes of a compressed chunk, once inflated, at most: what a decoder's limits let a `.dci` carry.
pub(super) const MAX_INFLATED: u64 = 16 << 20;

const SIGNATURE: u64 = 8;

/// What the header and the palette say, and what needs them to be understood.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bits of a sample, or of an index.
    pub(super) depth: u8,
    /// 0 grey, 2 colour, 3 indices, 4 grey and opacity, 6 colour and opacity.
    pub(super) color: u8,
    pub(super) interlaced: bool,
    pub(super) palette: Vec<[u8; 3]>,
    /// Whether opacity stands in a chunk of its own.
    pub(super) transparency: bool,
}

impl Layout {
    /// Samples of a pixel in the file.
    pub(super) fn samples(&self) -> u64 {
        match self.color {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    /// Whether so many bytes can say which pixels are transparent: opacity must not be a sample, too.
    fn has_place_for_opacity(&self, bytes: usize) -> bool {
        match self.color {
            0 => bytes == 2,
            2 => bytes == 6,
            3 => (1..=self.palette.len()).contains(&bytes),
            _ => false,
        }
    }

    /// Bytes of the image data once inflated.
    fn data_bytes(&self) -> u64 {
        let bits = self.samples() * u64::from(self.depth);
        let part = |width: u64, height: u64| match width {
            0 => 0,
            width => height.saturating_mul(1 + (width * bits).div_ceil(8)),
        };
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        if !self.interlaced {
            return part(width, height);
        }
        // Adam7: first column and row of each pass, and the steps between them.
        const PASSES: [[u64; 4]; 7] =
            [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
        let parts = PASSES.iter().map(|&[left, top, right, down]| {
            part(width.saturating_sub(left).div_ceil(right), height.saturating_sub(top).div_ceil(down))
        });
        parts.fold(0, u64::saturating_add)
    }
}

/// Walks through the chunks.
pub(super) fn audit(file: &[u8]) -> Result<(Audit, Layout), String> {
    let mut walk = Walk::default();
    let words = Words::new(file, Order::Big);
    let mut at = SIGNATURE;
    loop {
        let len = u64::from(words.u32(at)?);
        let kind = words.bytes(at + 4, 4)?;
        let content = words.bytes(at + 8, len)?;
        if crc32fast::hash(words.bytes(at + 4, 4 + len)?) != words.u32(at + 8 + len)? {
            return Err("a chunk of it does not match its checksum".to_owned());
        }
        let start = at;
        at += 12 + len;
        if (start == SIGNATURE) != (kind == b"IHDR") {
            return Err("its header is out of place".to_owned());
        }
        if kind == b"IEND" {
            if len > 0 {
                walk.audit.leave_out("a malformed IEND chunk");
            }
            break;
        }
        walk.chunk(start, [kind[0], kind[1], kind[2], kind[3]], content)?;
        // Each text may inflate to that much, and a file may have thousands.
        if walk.audit.metadata.bytes() > MAX_INFLATED {
            return Err(format!("its metadata takes more than {MAX_INFLATED} bytes"));
        }
    }
    if file.len() as u64 > at {
        walk.audit.leave_out(behind(file.len() as u64 - at));
    }
    walk.finish()
}

#[derive(Default)]
struct Walk {
    audit: Audit,
    layout: Layout,
    place: Place,
    data: Vec<u8>,
    /// Where chunks of it begin.
    data_starts: Vec<u64>,
    /// Where iDOT stands, and what it says.
    parts: Option<(u64, Vec<u8>)>,
    /// In the samples of the file.
    background: Option<Vec<u8>>,
    significant: Option<Vec<u8>>,
}

impl Walk {
    /// Reads a chunk that begins at `start`.
    fn chunk(&mut self, start: u64, kind: [u8; 4], content: &[u8]) -> Result<(), String> {
        let Self { audit, layout, place, data, data_starts, parts, background, significant } = self;
        let here = *place;
        *place = here.behind(kind)?;
        if !here.allows(kind, layout.color == 3) {
            audit.leave_out(format!("a misplaced {} chunk", kind.escape_ascii()));
            return Ok(());
        }
        let Audit { metadata, left_out } = audit;
        let words = Words::new(content, Order::Big);
        match &kind {
            b"IHDR" => {
                let [_, _, _, _, _, _, _, _, depth, color, _, _, interlace] = *content else {
                    return Err(CUT.to_owned());
                };
                if !matches!((color, depth), (0 | 3, 1 | 2 | 4 | 8) | (0, 16) | (2 | 4 | 6, 8 | 16)) {
                    return Err("its samples have a depth that there is not".to_owned());
                }
                *layout = Layout { width: words.u32(0)?, height: words.u32(4)?, depth, color, ..Layout::default() };
                layout.interlaced = interlace != 0;
            }
            b"PLTE" => {
                let (colors, rest) = content.as_chunks::<3>();
                // Decoders read beyond the end of such palettes, each in its own way.
                if !rest.is_empty() || !(1..=256).contains(&colors.len()) || !layout.palette.is_empty() {
                    return Err("its palette is malformed".to_owned());
                }
                layout.palette = colors.to_vec();
                if layout.color != 3 {
                    audit.leave_out("the palette it suggests");
                } else if colors.len() > 1 << layout.depth {
                    return Err("its palette has more colours than its pixels can name".to_owned());
                }
            }
            b"tRNS" => {
                if layout.transparency || !layout.has_place_for_opacity(content.len()) {
                    return Err("its transparency is malformed".to_owned());
                }
                layout.transparency = true;
            }
            b"IDAT" => {
                // Empty ones are of no part, and there may be any number of them.
                if !content.is_empty() {
                    data_starts.push(start);
                }
                data.extend_from_slice(content);
            }
            b"acTL" | b"fcTL" | b"fdAT" => audit.leave_out("the frames of its animation"),
            b"iDOT" => Audit::once(parts, Some((start, content.to_vec())), left_out, "iDOT chunk"),
            b"iCCP" => Audit::once(&mut metadata.icc, profile(content), left_out, "iCCP chunk"),
            b"gAMA" => {
                Audit::once(&mut metadata.gamma, numbers::<1>(content).map(|[gamma]| gamma), left_out, "gAMA chunk")
            }
            b"cHRM" => Audit::once(&mut metadata.chromaticities, numbers(content), left_out, "cHRM chunk"),
            b"sRGB" => {
                let intent = content.first().copied().filter(|&intent| content.len() == 1 && intent < 4);
                Audit::once(&mut metadata.srgb_intent, intent, left_out, "sRGB chunk");
            }
            b"cICP" => Audit::once(&mut metadata.cicp, content.try_into().ok(), left_out, "cICP chunk"),
            b"mDCV" => Audit::once(&mut metadata.mastering_display, content.try_into().ok(), left_out, "mDCV chunk"),
            b"cLLI" => Audit::once(&mut metadata.content_light, numbers(content), left_out, "cLLI chunk"),
            b"pHYs" => Audit::once(&mut metadata.resolution, resolution(content), left_out, "pHYs chunk"),
            b"tIME" => Audit::once(&mut metadata.modified, content.try_into().ok(), left_out, "tIME chunk"),
            b"eXIf" => Audit::once(&mut metadata.exif, Some(content.to_vec()), left_out, "eXIf chunk"),
            b"sBIT" => Audit::once(significant, Some(content.to_vec()), left_out, "sBIT chunk"),
            b"bKGD" => Audit::once(background, Some(content.to_vec()), left_out, "bKGD chunk"),
            b"tEXt" | b"zTXt" | b"iTXt" => png_text::read(kind, content, audit),
            // A lower-case first letter: not needed for the pixels. A lower-case last: may be copied unread.
            [first, _, _, last]
                if first.is_ascii_lowercase()
                    && last.is_ascii_lowercase()
                    && kind.iter().all(u8::is_ascii_alphabetic) =>
            {
                let chunks = metadata.png_chunks.get_or_insert_default();
                chunks.extend((content.len() as u32).to_be_bytes());
                chunks.extend(kind);
                chunks.extend(content);
            }
            [first, ..] if first.is_ascii_lowercase() => {
                audit.leave_out(format!("its {} chunk", kind.escape_ascii()));
            }
            _ => return Err(format!("its {} chunk is unknown", kind.escape_ascii())),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(Audit, Layout), String> {
        check_data(&self.data, &self.layout, &mut self.audit)?;
        if let Some((start, content)) = &self.parts
            && !png_parts::fit(*start, content, self.layout.height, &self.data_starts)
        {
            self.audit.leave_out("its iDOT chunk");
        }
        if let Some(content) = self.background {
            let pixel = png_samples::background(&content, &self.layout);
            Audit::once(&mut self.audit.metadata.background, pixel, &mut self.audit.left_out, "bKGD chunk");
        }
        if let Some(content) = self.significant {
            let bits = png_samples::significant(&content, &self.layout);
            Audit::once(&mut self.audit.metadata.significant_bits, bits, &mut self.audit.left_out, "sBIT chunk");
        }
        Ok((self.audit, self.layout))
    }
}

/// Whether the image data is whole and nothing hides behind it: decoders do not look.
fn check_data(data: &[u8], layout: &Layout, audit: &mut Audit) -> Result<(), String> {
    let mut decoder = ZlibDecoder::new(data);
    let expected = layout.data_bytes();
    let damaged = |error: io::Error| format!("its image data is damaged: {error}");
    let inflated = io::copy(&mut (&mut decoder).take(expected), &mut io::sink()).map_err(damaged)?;
    if inflated < expected {
        return Err("its image data is cut off".to_owned());
    }
    // Reads the checksum, too.
    if io::copy(&mut decoder, &mut io::sink()).map_err(damaged)? > 0 || !decoder.into_inner().is_empty() {
        audit.leave_out("what follows its image data");
    }
    Ok(())
}

/// Inflates, but no more than a decoder would take as metadata.
pub(super) fn inflate(data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut decoder = ZlibDecoder::new(data);
    (&mut decoder).take(MAX_INFLATED + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= MAX_INFLATED && decoder.into_inner().is_empty()).then_some(out)
}

/// Name, a zero byte, the method, which is 0, and the compressed profile.
fn profile(content: &[u8]) -> Option<Vec<u8>> {
    let end = content.iter().position(|&byte| byte == 0)?;
    let (&method, compressed) = content.get(end + 1..)?.split_first()?;
    if method == 0 { inflate(compressed) } else { None }
}

fn resolution(content: &[u8]) -> Option<Resolution> {
    let (&unit, numbers_) = content.split_last()?;
    let [x, y] = numbers(numbers_).filter(|&[x, y]| x.max(y) <= i32::MAX as u32)?;
    let unit = match unit {
        0 => ResolutionUnit::Unknown,
        1 => ResolutionUnit::Metre,
        _ => return None,
    };
    Some(Resolution { x: [x, 1], y: [y, 1], unit })
}

fn numbers<const N: usize>(content: &[u8]) -> Option<[u32; N]> {
    let (words, rest) = content.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_be_bytes(*word)).collect();
    words.try_into().ok().filter(|_| rest.is_empty())
}
