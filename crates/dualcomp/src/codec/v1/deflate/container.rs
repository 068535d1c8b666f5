//! What stands around a deflate stream and follows from its text: checksums and lengths of gzip and zlib, and the parts
//! into which PNG files cut it. With it, the payload of a span.

use crate::codec::v1::budget::Budget;
use crate::codec::v1::deflate::matches::Search;
use crate::codec::v1::deflate::{MEMORY, blocks::Block, decode as decode_stream, encode as encode_stream};
use crate::error::{Error, Result};
use crate::format::{put_number, take_number};

/// Groups of parts of image data: how many, and the length of each in bytes.
pub(crate) type Parts = Vec<(u64, u64)>;

/// What the file is, beside a deflate stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    /// Nothing else.
    Plain,
    /// It ends with the CRC-32 and the length of the text.
    Gzip,
    /// It ends with the Adler-32 of the text.
    Zlib,
    /// It is the image data of a PNG file: a zlib stream in chunks. The header of zlib; how many chunks of which length
    /// follow each other.
    Png { header: [u8; 2], parts: Parts },
}

/// Bytes around a part of image data: a length, a type, a checksum.
const AROUND: u64 = 12;
const TYPE: &[u8] = b"IDAT";
/// Bytes of memory that a group of parts takes at most, as a list grows.
const GROUP: u64 = 2 * size_of::<(u64, u64)>() as u64;

impl Container {
    /// Codes a stream of `len` bytes: the payload of its span.
    pub(crate) fn encode(
        &self,
        text: &[u8],
        blocks: &[Block],
        filling: u8,
        search: Search,
        len: usize,
    ) -> Result<Vec<u8>> {
        let mut payload = vec![match self {
            Self::Plain => 0,
            Self::Gzip => 1,
            Self::Zlib => 2,
            Self::Png { .. } => 3,
        }];
        payload.push(search.level | u8::from(search.filtered) << 4 | u8::from(search.far) << 5);
        payload.push(search.hash_bits);
        if let Self::Png { header, parts } = self {
            payload.extend(header);
            put_number(&mut payload, parts.len() as u64);
            for &(times, len) in parts {
                put_number(&mut payload, times);
                put_number(&mut payload, len);
            }
        }
        payload.extend(encode_stream(text, blocks, filling, search, len)?);
        Ok(payload)
    }

    fn parse<'a>(payload: &'a [u8], budget: &Budget<'_>) -> Result<(Self, Search, &'a [u8])> {
        let (&[kind, bits, hash_bits], mut rest) =
            payload.split_first_chunk().ok_or(Error::corrupt("the payload of a deflate stream is too short"))?;
        let search = Search { level: bits & 15, filtered: bits & 16 != 0, far: bits & 32 != 0, hash_bits };
        if !(1..=9).contains(&search.level) || bits >= 64 || !(8..=16).contains(&hash_bits) {
            return Err(Error::corrupt("the search of a deflate stream is unknown"));
        }
        let container = match kind {
            0 => Self::Plain,
            1 => Self::Gzip,
            2 => Self::Zlib,
            3 => {
                let (&header, mut numbers) =
                    rest.split_first_chunk().ok_or(Error::corrupt("the payload of a deflate stream is too short"))?;
                let (mut parts, count) = (Vec::new(), take_number(&mut numbers)?);
                // Two numbers have two bytes at least, and take eight times as much and more in memory.
                budget.limits.check_memory(budget.held.saturating_add(GROUP * count.min(numbers.len() as u64 / 2)))?;
                for _ in 0..count {
                    parts.push((take_number(&mut numbers)?, take_number(&mut numbers)?));
                }
                rest = numbers;
                Self::Png { header, parts }
            }
            _ => return Err(Error::corrupt("what is around a deflate stream is unknown")),
        };
        Ok((container, search, rest))
    }

    /// Bytes of the file beside the deflate stream.
    fn others(&self) -> Result<u64> {
        Ok(match self {
            Self::Plain => 0,
            Self::Gzip => 8,
            Self::Zlib => 4,
            Self::Png { parts, .. } => {
                let count = parts.iter().try_fold(0u64, |sum, &(times, _)| sum.checked_add(times));
                let count = count.filter(|count| (1..1 << 40).contains(count));
                let count = count.ok_or(Error::corrupt("the number of parts of image data is out of range"))?;
                6 + count * AROUND
            }
        })
    }

    /// Makes the file of the stream.
    fn wrap(&self, mut stream: Vec<u8>, text: &[u8]) -> Result<Vec<u8>> {
        match self {
            Self::Plain => {}
            Self::Gzip => {
                stream.extend(crc32fast::hash(text).to_le_bytes());
                stream.extend((text.len() as u32).to_le_bytes());
            }
            Self::Zlib => stream.extend(adler32(text).to_be_bytes()),
            Self::Png { header, parts } => {
                stream.splice(0..0, *header);
                stream.extend(adler32(text).to_be_bytes());
                return cut(&stream, parts);
            }
        }
        Ok(stream)
    }
}

/// Cuts a zlib stream into the image data of a PNG file.
fn cut(stream: &[u8], parts: &[(u64, u64)]) -> Result<Vec<u8>> {
    let wrong = Error::corrupt("the parts of image data are not those of their stream");
    let (mut out, mut rest) = (Vec::new(), stream);
    for &(times, len) in parts {
        for _ in 0..times {
            let Some((part, behind)) = usize::try_from(len).ok().and_then(|len| rest.split_at_checked(len)) else {
                return Err(wrong);
            };
            out.extend((len as u32).to_be_bytes());
            out.extend(TYPE);
            out.extend_from_slice(part);
            let mut sum = crc32fast::Hasher::new();
            sum.update(TYPE);
            sum.update(part);
            out.extend(sum.finalize().to_be_bytes());
            rest = behind;
        }
    }
    if rest.is_empty() { Ok(out) } else { Err(wrong) }
}

/// Makes a file of `file_len` bytes of its text and payload. Gives some file or an error.
pub(crate) fn decode(text: &[u8], payload: &[u8], file_len: u64, budget: &Budget<'_>) -> Result<Vec<u8>> {
    let (container, search, rest) = Container::parse(payload, budget)?;
    let most =
        file_len.checked_sub(container.others()?).ok_or(Error::corrupt("a file is too short for what it holds"))?;
    let groups = if let Container::Png { parts, .. } = &container { parts.len() as u64 } else { 0 };
    let memory = text.len() as u64 + 2 * file_len + GROUP * groups + MEMORY;
    budget.limits.check_memory(budget.held.saturating_add(memory))?;
    let file = container.wrap(decode_stream(text, rest, search, most as usize)?, text)?;
    if file.len() as u64 != file_len {
        return Err(Error::corrupt("the file has another length than its span says"));
    }
    Ok(file)
}

/// The checksum of zlib (RFC 1950, section 8.2).
pub(crate) fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1u32, 0u32);
    // As many bytes as cannot overflow the sums.
    for part in bytes.chunks(5552) {
        for &byte in part {
            low += u32::from(byte);
            high += low;
        }
        low %= 65521;
        high %= 65521;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn a_list_of_parts_counts_as_memory_before_it_is_there() {
        let mut payload = vec![3, 6, 15, 0x78, 0x9C];
        put_number(&mut payload, u64::MAX >> 1);
        payload.extend([0; 1 << 20]);
        for (mebibytes, is_refused) in [(8, true), (64, false)] {
            let limits = Limits::default().with_max_memory_bytes(mebibytes << 20);
            let budget = Budget { limits: &limits, held: 0, threads: 1, work: &mut 0, read: 0 };
            let error = decode(b"text", &payload, 100, &budget).unwrap_err();
            assert_eq!(matches!(error, Error::LimitsExceeded(_)), is_refused, "{error}");
        }
    }
}
