//! Streams that are all claim and no data: what decoding them costs bounds what anybody can make it cost.
//!
//! Their checksums are wrong, so that a decoder gives up behind the first block or tile. In a build with
//! `--cfg dualcomp_unchecked` it goes on, and all that is claimed is decoded.

/// A stream, and what it claims.
#[derive(Clone, Debug)]
pub struct Hostile {
    /// What is in it.
    pub name: String,
    /// The stream.
    pub stream: Vec<u8>,
    /// Whether it is an image.
    pub image: bool,
    /// Bytes that it claims to decode to.
    pub claimed: u64,
}

/// Kinds of coded tiles: name, code, the bytes that its payload must begin with, whether any colours will do.
const TILES: [(&str, u8, &[u8], bool); 13] = [
    ("contexts", 2, &[], true),
    ("network", 3, &[], true),
    ("photo", 5, &[], true),
    ("linear", 6, &[], true),
    ("deep", 7, &[], true),
    ("lattice photo", 11, &[1], false),
    ("lattice linear", 12, &[1], false),
    ("lattice deep", 13, &[1], false),
    ("fast", 16, &[], true),
    ("bytes", 17, &[0], true),
    ("blocks", 21, &BLOCKS, false),
    ("drawn", 20, &[], true),
    ("mapped photo", 24, &[5, 0, 0, 0, 0], true),
];
/// A transform, chroma of full size, two tables of steps, and coefficients of two bytes.
const BLOCKS: [u8; 138] = {
    let mut front = [1; 138];
    let zeros = [1, 2, 3, 133, 134, 135, 137];
    let mut i = 0;
    while i < zeros.len() {
        front[zeros[i]] = 0;
        i += 1;
    }
    front[132] = 2;
    front
};
/// 2^22 counters and both groups of contexts; 2^14 counters and one.
const TABLES: [(&str, u8); 2] = [("large table", 64 + 22), ("small table", 14)];

/// Streams whose blocks and tiles claim up to about `claim` bytes in all, and need the model `id` where they need one.
pub fn hostile(id: [u8; 4], claim: u32) -> Vec<Hostile> {
    let mut all = Vec::new();
    for (kind, network) in [(2, "contexts"), (3, "network")] {
        for (table, byte) in TABLES {
            for (parts, len) in [("one block", claim), ("blocks of 64 bytes", 64), ("blocks of 1 byte", 1)] {
                // A chunk of its own is a small part of what a large block costs, and most of what a small one does.
                let blocks = (claim / len).min(4096);
                let body = [&[0; 4][..], &number(len.into()), &[1]].concat();
                let mut stream = header(b'B', id, byte);
                for _ in 0..blocks {
                    stream.extend(chunk(kind, &body));
                }
                let claimed = u64::from(blocks * len);
                all.push(Hostile { name: format!("{parts}, {network}, {table}"), stream, image: false, claimed });
            }
        }
    }
    let mut stored = header(b'B', id, TABLES[0].1);
    for _ in 0..4096 {
        stored.extend(chunk(1, &[0; 5]));
        stored.extend(chunk(2, &[0, 0, 0, 0, 1, 1]));
    }
    all.push(Hostile { name: "stored and coded in turn".to_owned(), stream: stored, image: false, claimed: 8192 });
    for (kind, code, front, any) in TILES {
        for (color, size) in [(0, 1), (2, 3), (3, 4), (7, 8)] {
            if !any && !(3..=4).contains(&size) {
                continue;
            }
            for (tiles, side) in [("one tile", 256), ("tiles of 1024 pixels", 32)] {
                let (count, area) = (claim / (side * side * size), side * side * size);
                let count = count.clamp(1, 256);
                let (width, side_bytes) = (side * count, number(side.into()));
                let shape = [&number(width.into())[..], &side_bytes, &[color], &side_bytes, &side_bytes].concat();
                let mut stream = header(b'I', id, 0);
                stream.extend(checked(8, &shape));
                for _ in 0..count {
                    stream.extend(chunk(code, &[&[0; 4][..], front].concat()));
                }
                let claimed = u64::from(count * area);
                let name = format!("{tiles}, {kind}, {size} bytes a pixel");
                all.push(Hostile { name, stream, image: true, claimed });
            }
        }
    }
    all
}

/// The header of a stream of bytes (`b'B'`) or an image (`b'I'`).
pub fn header(kind: u8, id: [u8; 4], parameter: u8) -> Vec<u8> {
    [&[0x89, b'D', b'C', kind, 1][..], &id, &[parameter]].concat()
}

/// A number as streams have it.
pub fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A chunk of this body.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &number(body.len() as u64), body].concat()
}

/// A chunk whose body begins with its checksum.
pub fn checked(kind: u8, content: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes();
    chunk(kind, &[&sum[..], content].concat())
}
