//! Pretrained contexts as two planes, which compressors of files shrink by a fifth, and the entries themselves not at all:
//! what a web page fetches. The build script divides them for WebAssembly, and the library joins them.

/// Entries of a bucket.
const SLOTS: usize = 16;
/// Low bits of an entry, below its mark.
const CODE: u32 = 6;

/// Divides entries, lower byte first, whose marks ascend in each bucket of sixteen. First the low bytes of the distances of
/// the marks, then for each what is left of that above the code.
#[cfg_attr(not(test), allow(dead_code, reason = "for the build script"))]
pub(crate) fn divide(entries: &[u8]) -> Vec<u8> {
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for bucket in entries.as_chunks::<{ 2 * SLOTS }>().0 {
        let mut before = 0;
        for &entry in bucket.as_chunks().0 {
            let entry = u16::from_le_bytes(entry);
            let distance = (entry >> CODE) - before;
            before = entry >> CODE;
            low.push(distance as u8);
            high.push((distance >> 8 << CODE) as u8 | (entry & ((1 << CODE) - 1)) as u8);
        }
    }
    low.extend(high);
    low
}

/// Joins what was divided.
#[cfg_attr(not(any(test, target_family = "wasm")), allow(dead_code, reason = "for WebAssembly"))]
pub(crate) fn join(planes: &[u8]) -> Vec<[u8; 2 * SLOTS]> {
    let (low, high) = planes.split_at(planes.len() / 2);
    let buckets = low.as_chunks::<SLOTS>().0.iter().zip(high.as_chunks::<SLOTS>().0);
    let bucket = |(low, high): (&[u8; SLOTS], &[u8; SLOTS])| {
        let (mut bucket, mut mark) = ([0; 2 * SLOTS], 0);
        for i in 0..SLOTS {
            mark += u16::from(high[i]) >> CODE << 8 | u16::from(low[i]);
            let entry = mark << CODE | u16::from(high[i]) & ((1 << CODE) - 1);
            bucket[2 * i..][..2].copy_from_slice(&entry.to_le_bytes());
        }
        bucket
    };
    buckets.map(bucket).collect()
}
