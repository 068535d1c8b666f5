//! Whether a block consists of records of one length, as tables of numbers and of structures do.

use crate::codec::v1::bytes::BytesCoder;
use crate::encoder::bytes::choose_block;
use crate::error::Result;
use crate::format::block::{BlockPlan, NetworkSpan, RecordLen, Substreams};
use crate::options::Level;

/// Bytes in the middle of a block that are looked at, and of them those that are coded both ways.
const SAMPLE: usize = 64 << 10;
const CODED_SAMPLE: usize = 16 << 10;
/// Shorter blocks are not looked at.
const MIN_BLOCK: usize = 1 << 10;
/// The longest record that is looked for.
const LONGEST: usize = 256;
/// One byte in this many, at most, is one that text does not have, or the block is text: that has lines of its own.
const TEXT: usize = 16;
/// A length shows if bytes equal those a record before by at least one in this many, and by this share more often than at
/// other distances. The shortest counts that has three quarters of what the best has: that is often a multiple of it.
const EQUAL: usize = 16;
const MORE: (usize, usize) = (5, 4);
const NEARLY: (usize, usize) = (3, 4);
/// By records a sample must be shorter by one part in this many (experiments/0028).
const MARGIN: usize = 50;

/// Finds the records of the blocks of a stream.
#[derive(Default)]
pub(crate) struct Records {
    /// The length that was tried last, and whether it paid.
    tried: Option<(RecordLen, bool)>,
}

impl Records {
    /// The length of the records that a block consists of, if it is coded in fewer bytes as such. A length that shows in
    /// one block after the other is tried once: a stream that is flushed often has many.
    pub(crate) fn of(&mut self, raw: &[u8], level: Level) -> Result<Option<RecordLen>> {
        let Some(found) = find(middle(raw, SAMPLE)) else { return Ok(None) };
        let pays = match self.tried {
            Some((length, pays)) if length == found => pays,
            _ => pays(raw, level, found)?,
        };
        self.tried = Some((found, pays));
        Ok(pays.then_some(found))
    }
}

fn pays(raw: &[u8], level: Level, found: RecordLen) -> Result<bool> {
    let sample = middle(raw, CODED_SAMPLE);
    let length = |record| {
        let plan = BlockPlan { substreams: Substreams::One, network: NetworkSpan::None, record };
        let len = Some(sample.len() as u64);
        let params = match level {
            Level::Fast => choose_block::light_params_for(len),
            level => choose_block::params_for(len, level),
        };
        Ok(BytesCoder::new(params, None, None, 1).encode(sample, plan)?.len())
    };
    let (as_text, as_records) = (length(None)?, length(Some(found))?);
    Ok(as_records + as_records / MARGIN < as_text)
}

fn middle(raw: &[u8], len: usize) -> &[u8] {
    let len = len.min(raw.len());
    &raw[(raw.len() - len) / 2..][..len]
}

/// How many bytes are such as text does not have. Letters of several bytes would look like records of as many.
fn unlike_text(raw: &[u8]) -> usize {
    let control = raw.iter().filter(|&&byte| byte < 9 || (14..32).contains(&byte) || byte == 127).count();
    control + raw.utf8_chunks().map(|chunk| chunk.invalid().len()).sum::<usize>()
}

/// The length that shows in these bytes.
fn find(raw: &[u8]) -> Option<RecordLen> {
    if raw.len() < MIN_BLOCK || unlike_text(raw) * TEXT < raw.len() {
        return None;
    }
    let equal: Vec<usize> =
        (2..=LONGEST).map(|len| raw.iter().zip(&raw[len..]).filter(|(before, byte)| before == byte).count()).collect();
    let most = equal.iter().copied().max()?;
    let mean = equal.iter().sum::<usize>() / equal.len();
    if most * EQUAL < raw.len() || most * MORE.1 < mean * MORE.0 {
        return None;
    }
    let first = equal.iter().position(|&count| count * NEARLY.1 >= most * NEARLY.0)?;
    RecordLen::new(first as u64 + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<u8> {
        let one = |i: u32| {
            let value = (i.wrapping_mul(2_654_435_761) >> 20) as u16;
            [&(1_700_000_000 + 60 * i).to_le_bytes()[..], &value.to_le_bytes(), &[7, (i % 5) as u8]].concat()
        };
        (0..3000).flat_map(one).collect()
    }

    #[test]
    fn records_are_found_and_pay() {
        let raw = records();
        assert_eq!(find(&raw), RecordLen::new(8));
        let mut records = Records::default();
        assert_eq!(records.of(&raw, Level::Fast).unwrap(), RecordLen::new(8));
        assert_eq!(records.tried, Some((RecordLen::new(8).unwrap(), true)));
        assert_eq!(records.of(&raw, Level::Fast).unwrap(), RecordLen::new(8));
    }

    #[test]
    fn text_and_noise_are_no_records() {
        let mut state = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(9000)
        .collect();
        assert_eq!(find(&noise), None);
        assert_eq!(find(b"one line\nand one  \n".repeat(200).as_slice()), None);
        assert_eq!(find(&records()[..900]), None);
        let chinese = "\u{6587}\u{672c}\u{538b}\u{7f29}\u{3002}".repeat(300).into_bytes();
        assert_eq!(find(&chinese[1..]), None);
    }
}
