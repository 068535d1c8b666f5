//! The directory of a TIFF file (TIFF 6.0, section 2) and what stands beside it.

pub(super) mod fax;
pub(super) mod opacity;
mod parts;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use dualcomp::{Resolution, ResolutionUnit, Text};

use super::bits::{Order, Words};
use super::{Audit, CUT};
pub(crate) use tags::TEXTS;
use tags::{Count, Entry, Meaning};

/// Compressions that give back what went in: none, CCITT, LZW, Deflate (twice), PackBits, LZMA, Zstandard.
const LOSSLESS: [u64; 10] = [1, 2, 3, 4, 5, 8, 32773, 32946, 34925, 50000];

/// Walks through the first directory. Another one is another page.
pub(super) fn audit(file: &[u8]) -> Result<Audit, String> {
    let mut tiff = Tiff::open(file)?;
    tiff.check_samples()?;
    tiff.read_tags()?;
    tiff.check_gaps()?;
    Ok(tiff.audit)
}

struct Tiff<'a> {
    words: Words<'a>,
    entries: Vec<Entry<'a>>,
    /// Parts of the file that something refers to: start and length.
    used: Vec<(u64, u64)>,
    audit: Audit,
}

impl<'a> Tiff<'a> {
    /// Reads the first directory.
    fn open(file: &'a [u8]) -> Result<Self, String> {
        let order = if file.first() == Some(&b'M') { Order::Big } else { Order::Little };
        let words = Words::new(file, order);
        if words.u16(2)? != 42 {
            return Err("it is a BigTIFF".to_owned());
        }
        let mut tiff = Self { words, entries: Vec::new(), used: vec![(0, 8)], audit: Audit::default() };
        tiff.read_directory()?;
        Ok(tiff)
    }

    fn read_directory(&mut self) -> Result<(), String> {
        let start = u64::from(self.words.u32(4)?);
        let count = u64::from(self.words.u16(start)?);
        self.used.push((start, 2 + 12 * count + 4));
        let mut tags = HashSet::new();
        for index in 0..count {
            let (entry, outside) = Entry::read(self.words, start + 2 + 12 * index)?;
            self.used.extend(outside);
            if !tags.insert(entry.tag) {
                return Err("a tag of it stands twice".to_owned());
            }
            if !entry.is_filled_up(self.words, start + 2 + 12 * index)? {
                self.audit.leave_out("what fills up its tags");
            }
            self.entries.push(entry);
        }
        if self.words.u32(start + 2 + 12 * count)? != 0 {
            self.audit.leave_out("its other pages");
        }
        Ok(())
    }

    fn entry(&self, tag: u16) -> Option<&Entry<'_>> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// The integers of a tag; nothing where it is missing.
    fn numbers(&self, tag: u16) -> Vec<u64> {
        self.entry(tag).and_then(|entry| entry.numbers(self.words)).unwrap_or_default()
    }

    fn number(&self, tag: u16, default: u64) -> u64 {
        self.numbers(tag).first().copied().unwrap_or(default)
    }

    /// Whether the samples are those of one of our colour types, and no more.
    fn check_samples(&mut self) -> Result<(), String> {
        let photometric = self.number(tags::PHOTOMETRIC, u64::MAX);
        let colors = match photometric {
            0 | 1 => 1,
            2 => 3,
            3 => return Err("its colours are indices".to_owned()),
            5 => return Err("its colours are CMYK".to_owned()),
            32803 | 34892 => return Err("its samples are those of a camera's sensor".to_owned()),
            _ => return Err("its colours are neither grey nor RGB".to_owned()),
        };
        if !LOSSLESS.contains(&self.number(tags::COMPRESSION, 1)) {
            return Err("its TIFF compression can be lossy".to_owned());
        }
        // With other compressions there is none (TIFF 6.0, section 14), but the decoder undoes it.
        if self.number(tags::PREDICTOR, 1) != 1 && !tags::PREDICTED.contains(&self.number(tags::COMPRESSION, 1)) {
            return Err("its compression has no predictor".to_owned());
        }
        if self.number(tags::FILL_ORDER, 1) != 1 {
            return Err("its bits are stored the other way round".to_owned());
        }
        let samples = self.number(tags::SAMPLES_PER_PIXEL, 1);
        let mut bits = self.numbers(tags::BITS_PER_SAMPLE);
        if bits.is_empty() {
            bits.push(1);
        }
        let equal = bits.iter().all(|&other| other == bits[0]) && (bits.len() == 1 || bits.len() as u64 == samples);
        if !equal || !(matches!(bits[0], 8 | 16) || bits[0] == 1 && samples == 1) {
            return Err("its samples have neither 8 nor 16 bits".to_owned());
        }
        if self.numbers(tags::SAMPLE_FORMAT).iter().any(|&format| format != 1) {
            return Err("its samples are not unsigned integers".to_owned());
        }
        let extra = self.numbers(tags::EXTRA_SAMPLES);
        match (samples.checked_sub(colors), &extra[..]) {
            (Some(0), []) => {}
            (Some(1), [2]) if photometric != 0 => {}
            (Some(1), [1]) => self.audit.leave_out("that its colours are multiplied by its opacity"),
            (Some(1..), _) => self.audit.leave_out("samples that are neither colour nor opacity"),
            _ => return Err("its samples are too few".to_owned()),
        }
        let full = (1 << bits[0]) - 1;
        let limits = [(tags::MIN_SAMPLE, 0), (tags::MAX_SAMPLE, full)];
        for (tag, expected) in limits {
            if self.numbers(tag).iter().any(|&value| value != expected) {
                self.audit.leave_out("the range of its samples");
            }
        }
        self.check_parts(samples * bits[0])
    }

    fn read_tags(&mut self) -> Result<(), String> {
        let (mut resolution, samples) = ([None; 2], self.number(tags::SAMPLES_PER_PIXEL, 1));
        for entry in std::mem::take(&mut self.entries) {
            let Audit { metadata, .. } = &mut self.audit;
            match tags::meaning(entry.tag) {
                Meaning::Storage(Count::Any) => {}
                Meaning::Storage(count) => {
                    // More of them are not read, and may be anything.
                    let most = if count == Count::One { 1 } else { samples };
                    let numbers = entry.numbers(self.words).map(|numbers| numbers.len() as u64);
                    if numbers.is_none_or(|numbers| numbers != 1 && numbers != most) {
                        self.audit.leave_out(format!("the values of its tag {}", entry.tag));
                    }
                }
                Meaning::Expected(values, what) => {
                    // Of these few tags only: any number of others may refer to the same values.
                    let numbers = entry.numbers(self.words);
                    if numbers.is_none_or(|numbers| !values.contains(&&numbers[..])) {
                        self.audit.leave_out(what);
                    }
                }
                Meaning::Icc => metadata.icc = Some(entry.bytes.to_vec()),
                Meaning::Xmp => metadata.xmp = Some(entry.bytes.to_vec()),
                Meaning::Iptc => metadata.iptc = Some(entry.bytes.to_vec()),
                Meaning::Resolution(axis) => match entry.rational(self.words) {
                    Some(value) => resolution[axis] = Some(value),
                    None => self.audit.leave_out("its resolution"),
                },
                Meaning::Text(keyword) => {
                    let text = entry.text().map(|text| Text { keyword, language: "", translated: "", text });
                    if text.is_none_or(|text| metadata.push_text(&text).is_err()) {
                        self.audit.leave_out(format!("its {keyword} tag"));
                    }
                }
                Meaning::Other(Some(what)) => self.audit.leave_out(what),
                Meaning::Other(None) => self.audit.leave_out(format!("its tag {}", entry.tag)),
            }
            self.entries.push(entry);
        }
        let unit = match self.number(tags::RESOLUTION_UNIT, 2) {
            1 => Some(ResolutionUnit::Unknown),
            2 => Some(ResolutionUnit::Inch),
            3 => Some(ResolutionUnit::Centimetre),
            _ => None,
        };
        match (resolution, unit) {
            ([Some(x), Some(y)], Some(unit)) => self.audit.metadata.resolution = Some(Resolution { x, y, unit }),
            // None, or that which there is without one.
            ([None, None], Some(ResolutionUnit::Unknown | ResolutionUnit::Inch)) => {}
            _ => self.audit.leave_out("its resolution"),
        }
        Ok(())
    }

    /// What no tag refers to may be anything, if it is not zeros.
    fn check_gaps(&mut self) -> Result<(), String> {
        self.used.sort_unstable();
        let len = self.words.file.len() as u64;
        // Where something is left out already, these are likely a part of it.
        let mut found = !self.audit.left_out.is_empty();
        let mut end = 0;
        for &(start, length) in self.used.iter().chain([&(len, 0)]) {
            let after = start.checked_add(length).filter(|&after| after <= len).ok_or(CUT)?;
            if !found && start > end && self.words.bytes(end, start - end)?.iter().any(|&byte| byte != 0) {
                found = true;
                self.audit.leave_out("bytes that none of its tags refer to");
            }
            end = end.max(after);
        }
        Ok(())
    }
}
