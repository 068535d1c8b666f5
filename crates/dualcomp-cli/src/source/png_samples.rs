//! Chunks of a PNG file that speak of the samples of a pixel.

use super::png::Layout;

/// A pixel in the samples that decoding gives: narrow ones are widened to eight bits.
pub(super) fn background(content: &[u8], layout: &Layout) -> Option<Vec<u8>> {
    if layout.color == 3 {
        let &[index] = content else { return None };
        return layout.palette.get(usize::from(index)).map(|color| color.to_vec());
    }
    let (samples, rest) = content.as_chunks::<2>();
    let expected = if matches!(layout.color, 2 | 6) { 3 } else { 1 };
    if samples.len() != expected || !rest.is_empty() {
        return None;
    }
    let most = ((1_u32 << layout.depth) - 1) as u16;
    let samples: Vec<u16> = samples.iter().map(|sample| u16::from_be_bytes(*sample)).collect();
    if samples.iter().any(|&sample| sample > most) {
        return None;
    }
    Some(match layout.depth {
        16 => samples.iter().flat_map(|sample| sample.to_be_bytes()).collect(),
        _ => samples.iter().map(|sample| (sample * (255 / most)) as u8).collect(),
    })
}

/// One number for each sample of a decoded pixel. Opacity from a chunk of its own has all its bits.
pub(super) fn significant(content: &[u8], layout: &Layout) -> Option<Vec<u8>> {
    let depth = if layout.color == 3 { 8 } else { layout.depth };
    let expected = if layout.color == 3 { 3 } else { layout.samples() as usize };
    if content.len() != expected || content.iter().any(|&bits| bits == 0 || bits > depth) {
        return None;
    }
    let mut bits = content.to_vec();
    if layout.transparency {
        bits.push(depth.max(8));
    }
    Some(bits)
}
