//! Segments that many files have, which the byte form only names: the tables of T.81 annex K as libjpeg writes them.

use alloc::vec::Vec;

use crate::zigzag::NATURAL;

/// A segment that can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// One of the four Huffman tables: DC and AC of luma, DC and AC of chroma.
    Huffman(u8),
    /// All four in one segment.
    AllHuffman,
    /// The quantization table of luma (0) or chroma (1) at a quality, 1 to 100.
    Steps(u8, u8),
    /// Both in one segment.
    AllSteps(u8),
}

impl Known {
    /// The name as two bytes.
    pub(crate) fn code(self) -> [u8; 2] {
        match self {
            Self::Huffman(table) => [0, table],
            Self::AllHuffman => [0, 4],
            Self::Steps(table, quality) => [1 + table, quality],
            Self::AllSteps(quality) => [3, quality],
        }
    }

    pub(crate) fn from_code(code: [u8; 2]) -> Option<Self> {
        match code {
            [0, table @ 0..4] => Some(Self::Huffman(table)),
            [0, 4] => Some(Self::AllHuffman),
            [table @ 1..=2, quality @ 1..=100] => Some(Self::Steps(table - 1, quality)),
            [3, quality @ 1..=100] => Some(Self::AllSteps(quality)),
            _ => None,
        }
    }

    /// The segment with its marker.
    pub(crate) fn bytes(self) -> Vec<u8> {
        let mut content = Vec::new();
        let marker = match self {
            Self::Huffman(table) => {
                put_huffman(&mut content, table);
                0xC4
            }
            Self::AllHuffman => {
                (0..4).for_each(|table| put_huffman(&mut content, table));
                0xC4
            }
            Self::Steps(table, quality) => {
                put_steps(&mut content, table, quality);
                0xDB
            }
            Self::AllSteps(quality) => {
                (0..2).for_each(|table| put_steps(&mut content, table, quality));
                0xDB
            }
        };
        let [high, low] = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker, high, low], &content[..]].concat()
    }

    /// What a segment with its marker is, if it is known.
    pub(crate) fn find(segment: &[u8]) -> Option<Self> {
        let &[0xFF, marker, _, _, head, first, ..] = segment else { return None };
        let equal = |known: &Self| known.bytes() == segment;
        match (marker, segment.len()) {
            (0xC4, 420) => Some(Self::AllHuffman).filter(equal),
            (0xC4, _) => HEADS.iter().position(|&known| known == head).map(|at| Self::Huffman(at as u8)).filter(equal),
            (0xDB, len @ (69 | 134)) => {
                let table = head & 1;
                let mean = |quality: &u8| step(STEPS[usize::from(table)][0], *quality) == first;
                let known = |quality| if len == 69 { Self::Steps(table, quality) } else { Self::AllSteps(quality) };
                (1..=100).filter(mean).map(known).find(equal)
            }
            _ => None,
        }
    }
}

fn put_huffman(out: &mut Vec<u8>, table: u8) {
    let (head, table) = (HEADS[usize::from(table)], HUFFMAN[usize::from(table)]);
    out.push(head);
    out.extend_from_slice(table);
}

fn put_steps(out: &mut Vec<u8>, table: u8, quality: u8) {
    out.push(table);
    out.extend(NATURAL.map(|place| step(STEPS[usize::from(table)][usize::from(place)], quality)));
}

/// A step at a quality (libjpeg's `jpeg_quality_scaling` and `jpeg_add_quant_table`).
fn step(base: u8, quality: u8) -> u8 {
    let quality = u32::from(quality);
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    ((u32::from(base) * percent + 50) / 100).clamp(1, 255) as u8
}

/// The quantization table of luma or chroma that most encoders take at a quality, 1 to 100, row by row: that of T.81 annex K,
/// scaled as libjpeg does.
///
/// ```
/// assert_eq!(dualcomp_jpeg::usual_steps(false, 90)[..8], [3, 2, 2, 3, 5, 8, 10, 12]);
/// ```
pub fn usual_steps(chroma: bool, quality: u8) -> [u8; 64] {
    STEPS[usize::from(chroma)].map(|base| step(base, quality.clamp(1, 100)))
}

/// The class and place of each Huffman table.
const HEADS: [u8; 4] = [0x00, 0x10, 0x01, 0x11];

/// The numbers of codes of each length, then the symbols (T.81 tables K.3, K.5, K.4, K.6).
const HUFFMAN: [&[u8]; 4] = [DC_LUMA, AC_LUMA, DC_CHROMA, AC_CHROMA];

#[rustfmt::skip]
const DC_LUMA: &[u8] = &[
    0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
];

#[rustfmt::skip]
const AC_LUMA: &[u8] = &[
    0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125, 1, 2, 3, 0, 4, 17, 5, 18, 33, 49, 65, 6, 19, 81, 97, 7, 34,
    113, 20, 50, 129, 145, 161, 8, 35, 66, 177, 193, 21, 82, 209, 240, 36, 51, 98, 114, 130, 9, 10, 22, 23, 24, 25,
    26, 37, 38, 39, 40, 41, 42, 52, 53, 54, 55, 56, 57, 58, 67, 68, 69, 70, 71, 72, 73, 74, 83, 84, 85, 86, 87, 88,
    89, 90, 99, 100, 101, 102, 103, 104, 105, 106, 115, 116, 117, 118, 119, 120, 121, 122, 131, 132, 133, 134, 135,
    136, 137, 138, 146, 147, 148, 149, 150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169, 170, 178,
    179, 180, 181, 182, 183, 184, 185, 186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212, 213, 214,
    215, 216, 217, 218, 225, 226, 227, 228, 229, 230, 231, 232, 233, 234, 241, 242, 243, 244, 245, 246, 247, 248,
    249, 250,
];

#[rustfmt::skip]
const DC_CHROMA: &[u8] = &[
    0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
];

#[rustfmt::skip]
const AC_CHROMA: &[u8] = &[
    0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119, 0, 1, 2, 3, 17, 4, 5, 33, 49, 6, 18, 65, 81, 7, 97, 113, 19,
    34, 50, 129, 8, 20, 66, 145, 161, 177, 193, 9, 35, 51, 82, 240, 21, 98, 114, 209, 10, 22, 36, 52, 225, 37, 241,
    23, 24, 25, 26, 38, 39, 40, 41, 42, 53, 54, 55, 56, 57, 58, 67, 68, 69, 70, 71, 72, 73, 74, 83, 84, 85, 86, 87,
    88, 89, 90, 99, 100, 101, 102, 103, 104, 105, 106, 115, 116, 117, 118, 119, 120, 121, 122, 130, 131, 132, 133,
    134, 135, 136, 137, 138, 146, 147, 148, 149, 150, 151, 152, 153, 154, 162, 163, 164, 165, 166, 167, 168, 169,
    170, 178, 179, 180, 181, 182, 183, 184, 185, 186, 194, 195, 196, 197, 198, 199, 200, 201, 202, 210, 211, 212,
    213, 214, 215, 216, 217, 218, 226, 227, 228, 229, 230, 231, 232, 233, 234, 242, 243, 244, 245, 246, 247, 248,
    249, 250,
];

/// The quantization tables of luma and chroma, row by row (T.81 tables K.1, K.2).
#[rustfmt::skip]
const STEPS: [[u8; 64]; 2] = [[
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29,
    51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121,
    120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
], [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99,
]];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_segments_stand_for_each_other() {
        let mut all = 0;
        for code in (0..=u16::MAX).map(u16::to_be_bytes) {
            let Some(known) = Known::from_code(code) else { continue };
            all += 1;
            assert_eq!(known.code(), code);
            // At the lowest qualities all steps are 255.
            let found = Known::find(&known.bytes()).unwrap();
            assert_eq!(found.bytes(), known.bytes());
        }
        assert_eq!(all, 5 + 3 * 100);
        assert_eq!(Known::AllHuffman.bytes().len(), 420);
        assert_eq!(Known::find(&[0xFF, 0xC4, 0, 2]), None);
        assert_eq!(Known::find(&[0xFF, 0xC4, 0, 4, 0x77, 0]), None);
    }
}
