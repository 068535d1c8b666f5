//! Prefix codes of deflate: canonical codes of given lengths, and the lengths that zlib would choose.

/// Symbols of the code that spells code lengths, in the order in which their own lengths stand (RFC 1951, 3.2.7).
pub(crate) const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Bits of a code at most: of literals, lengths and distances, and of code lengths.
pub(crate) const MAX_BITS: u8 = 15;
pub(crate) const MAX_LENGTH_BITS: u8 = 7;

/// Codes of these lengths, with the bit that is written first lowest. Lengths above fifteen have none.
pub(crate) fn codes(lengths: &[u8]) -> Vec<(u16, u8)> {
    let mut counts = [0u16; 16];
    for &len in lengths.iter().filter(|&&len| len > 0 && len <= MAX_BITS) {
        counts[usize::from(len)] += 1;
    }
    let (mut next, mut code) = ([0u16; 16], 0u16);
    for len in 1..16 {
        code = code.wrapping_add(counts[len - 1]).wrapping_shl(1);
        next[len] = code;
    }
    let assign = |&len: &u8| {
        if len == 0 || len > MAX_BITS {
            return (0, 0);
        }
        let code = next[usize::from(len)];
        next[usize::from(len)] = code.wrapping_add(1);
        (code.reverse_bits() >> (16 - len), len)
    };
    lengths.iter().map(assign).collect()
}

/// The heap of zlib's tree, whose order of equal weights decides lengths.
struct Heap {
    nodes: Vec<u16>,
    weights: Vec<u32>,
    depths: Vec<u8>,
}

impl Heap {
    fn before(&self, one: u16, other: u16) -> bool {
        let key = |node: u16| (self.weights[usize::from(node)], self.depths[usize::from(node)]);
        key(one) <= key(other)
    }

    /// Moves the node at `place`, counted from 0, down to where it belongs.
    fn sink(&mut self, mut place: usize) {
        let node = self.nodes[place];
        loop {
            let mut below = 2 * place + 1;
            if below >= self.nodes.len() {
                break;
            }
            if below + 1 < self.nodes.len() && self.before(self.nodes[below + 1], self.nodes[below]) {
                below += 1;
            }
            if self.before(node, self.nodes[below]) {
                break;
            }
            self.nodes[place] = self.nodes[below];
            place = below;
        }
        self.nodes[place] = node;
    }

    /// Takes the first node out; there is one.
    fn take(&mut self) -> u16 {
        let last = self.nodes.len() - 1;
        let first = self.nodes.swap_remove(0);
        if last > 0 {
            self.sink(0);
        }
        first
    }
}

/// Lengths that zlib gives symbols that occur so often, up to the last that has one: at least two symbols get one, at
/// most of `most` bits.
pub(crate) fn zlib_lengths(counts: &[u32], most: u8) -> Vec<u8> {
    let symbols = counts.len();
    let mut weights = counts.to_vec();
    weights.resize(2 * symbols, 0);
    let used = (0..symbols as u16).filter(|&symbol| counts[usize::from(symbol)] > 0).collect();
    let mut heap = Heap { nodes: used, weights, depths: vec![0; 2 * symbols] };
    // Symbols that have a code; those that get one without need are the first two, or the very first.
    let mut end = heap.nodes.last().map_or(0, |&last| usize::from(last) + 1);
    while heap.nodes.len() < 2 {
        let symbol = if end < 3 { end } else { 0 };
        end = end.max(symbol + 1);
        heap.weights[symbol] = 1;
        heap.nodes.push(symbol as u16);
    }
    for place in (0..heap.nodes.len() / 2).rev() {
        heap.sink(place);
    }
    let mut parents = vec![0u16; 2 * symbols];
    // All nodes but the root, those that were joined last at the end.
    let mut joined = Vec::with_capacity(2 * symbols);
    let mut node = symbols;
    while heap.nodes.len() >= 2 {
        let one = heap.take();
        let other = heap.nodes[0];
        joined.extend([one, other]);
        heap.weights[node] = heap.weights[usize::from(one)] + heap.weights[usize::from(other)];
        heap.depths[node] = heap.depths[usize::from(one)].max(heap.depths[usize::from(other)]).saturating_add(1);
        parents[usize::from(one)] = node as u16;
        parents[usize::from(other)] = node as u16;
        heap.nodes[0] = node as u16;
        heap.sink(0);
        node += 1;
    }
    let mut lengths = vec![0u8; 2 * symbols];
    let mut used = [0u32; 16];
    let mut above = 0i32;
    for &node in joined.iter().rev() {
        let node = usize::from(node);
        let bits = lengths[usize::from(parents[node])] + 1;
        if bits > most {
            above += 1;
        }
        lengths[node] = bits.min(most);
        if node < symbols {
            used[usize::from(bits.min(most))] += 1;
        }
    }
    if above > 0 {
        shorten(&mut used, above, most);
        let mut leaves = joined.iter().map(|&node| usize::from(node)).filter(|&node| node < symbols);
        for bits in (1..=most).rev() {
            for _ in 0..used[usize::from(bits)] {
                if let Some(leaf) = leaves.next() {
                    lengths[leaf] = bits;
                }
            }
        }
    }
    lengths.truncate(end);
    lengths
}

/// Makes lengths fit of which `above` nodes had more than the most bits.
fn shorten(used: &mut [u32; 16], mut above: i32, most: u8) {
    let most = usize::from(most);
    while above > 0 {
        let Some(bits) = (1..most).rev().find(|&bits| used[bits] > 0) else { return };
        used[bits] -= 1;
        used[bits + 1] += 2;
        used[most] -= 1;
        above -= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_canonical() {
        // The example of RFC 1951, section 3.2.2.
        let made = codes(&[3, 3, 3, 3, 3, 2, 4, 4]);
        let plain: Vec<u16> = made.iter().map(|&(code, len)| code.reverse_bits() >> (16 - len)).collect();
        assert_eq!(plain, [0b010, 0b011, 0b100, 0b101, 0b110, 0b00, 0b1110, 0b1111]);
    }

    #[test]
    fn lengths_are_complete_and_bounded() {
        assert_eq!(zlib_lengths(&[0; 30], 15), [1, 1]);
        assert_eq!(zlib_lengths(&[0, 0, 0, 0, 7, 0], 15), [1, 0, 0, 0, 1]);
        let fibonacci: Vec<u32> = (0..20)
            .scan((1, 1), |pair, _| {
                *pair = (pair.1, pair.0 + pair.1);
                Some(pair.0)
            })
            .collect();
        for most in [5, 7, 15] {
            let lengths = zlib_lengths(&fibonacci, most);
            assert!(lengths.iter().all(|&len| len <= most));
            assert_eq!(lengths.iter().map(|&len| 1 << (most - len)).sum::<u32>(), 1 << most);
        }
    }
}
