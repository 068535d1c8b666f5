//! Damage to files, as accidents and fuzzers do it.

use crate::Numbers;

/// Numbers that tend to be at the edge of something.
const EDGES: [u8; 8] = [0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF];

/// The data with one to four changes.
pub fn damage(data: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut data = data.to_vec();
    for _ in 0..=numbers.below(4) {
        change(&mut data, numbers);
    }
    data
}

fn change(data: &mut Vec<u8>, numbers: &mut Numbers) {
    if data.is_empty() {
        data.push(numbers.below(256) as u8);
        return;
    }
    let at = numbers.below(data.len() as u32) as usize;
    let len = (numbers.below(16) as usize + 1).min(data.len() - at);
    match numbers.below(10) {
        0 | 1 => data[at] ^= 1 << numbers.below(8),
        2 => data[at] = numbers.below(256) as u8,
        3 => data[at] = EDGES[numbers.below(8) as usize],
        4 => data[at] = data[at].wrapping_add([1, 255][numbers.below(2) as usize]),
        5 => data.truncate(at),
        6 => drop(data.drain(at..at + len)),
        7 => {
            let piece = numbers.bytes(len);
            data.splice(at..at, piece);
        }
        8 => {
            let piece = data[at..at + len].to_vec();
            data.splice(at..at, piece);
        }
        _ => {
            let piece = data[at..at + len].to_vec();
            let to = numbers.below(data.len() as u32) as usize;
            data.splice(to..to, piece);
        }
    }
}
