//! Deflate streams taken apart: their text, and a payload that makes the stream again.

use crate::codec::v1::budget::Budget;
use crate::codec::v1::deflate::blocks::Block;
use crate::codec::v1::deflate::container::{Container, Parts, adler32, decode};
use crate::codec::v1::deflate::cost;
use crate::codec::v1::deflate::matches::Search;
use crate::encoder::files::extent::{FileKind, MAX_TEXT};
use crate::encoder::files::inflate::{Bits, block};
use crate::limits::Limits;

/// A payload is worth it if it is at most one part in this many of the file: the text takes most of the file's bytes
/// again.
const MIN_GAIN: usize = 3;
/// Tokens by which the level of a search is chosen, and by which the rest of it is (experiments/0051).
const GLANCE: usize = 4_000;
const SAMPLE: usize = 20_000;
/// Bytes by which the cost of a sample may mislead.
const MIN_DOUBT: usize = 1 << 10;
/// Bytes of a sample's payload that no other search makes much smaller.
const ENOUGH: usize = 16;

/// Bytes of the payload of a glance that the right search may take: others take several times as many.
const MAX_GLANCE: usize = GLANCE / 16;

/// Bytes of a text that take as long to read as one of coefficients to code, and what one takes in these whose stream
/// is made again: both searches, and what is tried with a text then (experiments/0103).
const READ: u64 = 8;
const MADE_AGAIN: u64 = 2;

/// The text of a file and the payload of its span, if that is worth it. Adds what that took, in bytes of coefficients.
pub(crate) fn apart(kind: FileKind, file: &[u8], spent: &mut u64) -> Option<(Vec<u8>, Vec<u8>)> {
    apart_within(kind, file, file.len() / MIN_GAIN, spent)
}

/// The text of a file and the payload of its span; none if there is no such payload or it is longer than this.
pub(crate) fn apart_within(kind: FileKind, file: &[u8], most: usize, spent: &mut u64) -> Option<(Vec<u8>, Vec<u8>)> {
    let (stream, parts) = match kind {
        FileKind::Png(_) => {
            let (stream, parts) = joined(file)?;
            (stream, Some(parts))
        }
        _ => (file.to_vec(), None),
    };
    let header = *stream.first_chunk()?;
    let mut bits = Bits::new(&stream, if parts.is_some() { 16 } else { 0 });
    let (mut text, mut blocks) = (Vec::new(), Vec::new());
    while blocks.last().is_none_or(|block: &Block| !block.last) {
        blocks.push(block(&mut bits, &mut text, MAX_TEXT).ok()?);
    }
    *spent += text.len() as u64 / READ;
    let filling = bits.fill().ok()?;
    let container = container(kind, header, parts, &text, &stream[bits.at / 8..])?;
    if text.is_empty() {
        return None;
    }
    let (search, cost) = search(&text, &blocks);
    // The first tokens tell of the others, but where they cost little not well.
    let tokens = blocks.iter().map(|block| block.tokens().len()).sum::<usize>().max(1);
    if cost.saturating_mul(tokens) / tokens.min(SAMPLE) > 2 * most + MIN_DOUBT {
        return None;
    }
    *spent += MADE_AGAIN * text.len() as u64;
    let payload = container.encode(&text, &blocks, filling, search, stream.len()).ok()?;
    if payload.len() > most {
        return None;
    }
    drop(blocks);
    let (limits, mut work) = (Limits::default(), 0);
    let budget = Budget { limits: &limits, held: 0, threads: 1, work: &mut work, read: 0 };
    (decode(&text, &payload, file.len() as u64, &budget).ok()? == file).then_some((text, payload))
}

/// What is around a stream, of which `rest` is left; none if it does not follow from the text.
fn container(kind: FileKind, header: [u8; 2], parts: Option<Parts>, text: &[u8], rest: &[u8]) -> Option<Container> {
    let adler = || adler32(text).to_be_bytes();
    let gzip = || [crc32fast::hash(text).to_le_bytes(), (text.len() as u32).to_le_bytes()].concat();
    match (kind, parts) {
        (FileKind::Deflate, None) if rest.is_empty() => Some(Container::Plain),
        (FileKind::Gzip, None) if rest == gzip() => Some(Container::Gzip),
        (FileKind::Zlib, None) if rest == adler() => Some(Container::Zlib),
        (FileKind::Png(_), Some(parts)) if rest == adler() => Some(Container::Png { header, parts }),
        _ => None,
    }
}

/// Joins the parts of image data, and says how many of which length follow each other.
fn joined(file: &[u8]) -> Option<(Vec<u8>, Parts)> {
    let (mut stream, mut parts, mut rest) = (Vec::new(), Parts::new(), file);
    while let Some((&len, behind)) = rest.split_first_chunk() {
        let len = u32::from_be_bytes(len);
        let (named, behind) = behind.split_at_checked(4 + len as usize)?;
        let (&sum, behind) = behind.split_first_chunk()?;
        if crc32fast::hash(named).to_be_bytes() != sum {
            return None;
        }
        stream.extend_from_slice(&named[4..]);
        match parts.last_mut().filter(|part| part.1 == u64::from(len)) {
            Some(part) => part.0 += 1,
            None => parts.push((1, len.into())),
        }
        rest = behind;
    }
    rest.is_empty().then_some((stream, parts))
}

/// The search that the first tokens cost least with, and what they cost: all there is if the right one takes too long.
fn search(text: &[u8], blocks: &[Block]) -> (Search, usize) {
    let usual = |level, filtered| Search { level, filtered, far: false, hash_bits: 15 };
    let cost = |search, tokens| cost(text, blocks, search, tokens).unwrap_or(usize::MAX);
    let mut best = usual(6, false);
    // Levels from the usual ones on, as programs choose them for files and for the rows of pictures.
    let levels = [6, 9, 1, 5, 4, 7, 8, 3, 2];
    let mut least = cost(best, GLANCE);
    let mut too_long = least == usize::MAX;
    for search in levels.into_iter().flat_map(|level| [usual(level, false), usual(level, true)]).skip(1) {
        if least <= ENOUGH {
            break;
        }
        let new = cost(search, GLANCE);
        too_long |= new == usize::MAX;
        if new < least {
            (least, best) = (new, search);
        }
    }
    // It was made by a search that takes too long.
    if too_long && least > MAX_GLANCE {
        return (best, usize::MAX);
    }
    let others = [
        Search { filtered: !best.filtered, ..best },
        Search { far: true, ..best },
        Search { hash_bits: 16, ..best },
        Search { hash_bits: 14, ..best },
        Search { hash_bits: 13, ..best },
    ];
    let mut least = cost(best, SAMPLE);
    for search in others {
        // The others take as long as one that takes too long.
        if least <= ENOUGH || least == usize::MAX {
            break;
        }
        let new = cost(search, SAMPLE);
        if new < least {
            (least, best) = (new, search);
        }
    }
    (best, least)
}
