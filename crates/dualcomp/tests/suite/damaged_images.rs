//! Images that are cut, changed, or not what they say.

use dualcomp::{ColorType, Image, ImageDecoder, ImageInfo, Metadata, inspect};

use proptest::prelude::*;

use super::images::{decode, encode, picture};
use super::*;

/// Small images with each kind of tile.
fn samples() -> Vec<(Vec<u8>, Image)> {
    let sizes = [(1, 1, ColorType::L8), (3, 2, ColorType::Rgb16), (20, 9, ColorType::L8)];
    sizes
        .map(|(width, height, color)| {
            let info = ImageInfo::new(width, height, color);
            let metadata = Metadata::default().with_xmp(b"x".to_vec());
            let data = encode(&picture(&info), &info, &metadata, 1);
            let image = decode(&data).unwrap();
            (data, image)
        })
        .into()
}

#[test]
fn cut_images_are_truncated() {
    for (data, _) in samples() {
        for len in 0..data.len() {
            assert_eq!(kind(decode(&data[..len])), Some(FormatErrorKind::Truncated), "{len}");
        }
    }
}

#[test]
fn a_changed_bit_is_an_error_or_changes_nothing() {
    for (data, image) in samples() {
        for bit in 0..data.len() * 8 {
            let mut changed = data.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(found) = decode(&changed) {
                assert!(found == image, "bit {bit}");
            }
        }
    }
}

/// The header of an image of two tiles of 1024 grey pixels.
const TWO_TILES: [u8; 7] = [0x80, 0x10, 1, 0, 0x80, 8, 1];

/// An image of two tiles, with this after its header chunk.
fn two_tiles(chunks: &[&[u8]]) -> Vec<u8> {
    let header = [0x89, b'D', b'C', b'I', 1, 0, 0, 0, 0, 0];
    [&header[..], &checked(8, &TWO_TILES), &chunks.concat()].concat()
}

fn checked(kind: u8, content: &[u8]) -> Vec<u8> {
    let sum = crc32fast::hash(&[content, &[kind]].concat()).to_le_bytes();
    let len = content.len() + 4;
    let len = if len < 128 { vec![len as u8] } else { vec![len as u8 | 0x80, (len >> 7) as u8] };
    [&[kind], &len[..], &sum, content].concat()
}

/// The same with the end of the image behind these chunks; the header counts too.
fn ended(chunks: &[&[u8]]) -> Vec<u8> {
    let header = checked(8, &TWO_TILES);
    let sums: Vec<u8> = std::iter::once(&header[..])
        .chain(chunks.iter().copied())
        .filter(|chunk| chunk[0] & 0x3F < 11)
        .flat_map(|chunk| &chunk[if chunk[1] < 128 { 2 } else { 3 }..][..4])
        .copied()
        .collect();
    let sum = crc32fast::hash(&[&sums[..], &[0x4A]].concat()).to_le_bytes();
    let end = [&[0x4A, 5], &sum[..], &[sums.len() as u8 / 4]].concat();
    two_tiles(&[chunks, &[&end]].concat())
}

#[test]
fn chunks_have_an_order_and_a_number() {
    let corrupt = |data: &[u8]| assert_eq!(kind(decode(data)), Some(FormatErrorKind::Corrupt), "{data:?}");
    let (tile, other) = (checked(1, &[5; 1024]), checked(1, &[6; 1024]));
    let fill = checked(4, &[0x80, 8, 5]);
    let metadata = checked(9, &[1, 42]);
    let unknown = checked(0x80 | 40, &[1, 2]);
    for good in [
        ended(&[&tile, &other]),
        ended(&[&fill, &other]),
        ended(&[&unknown, &metadata, &unknown, &tile, &unknown, &other, &unknown]),
    ] {
        assert_eq!(decode(&good).unwrap().pixels, [[5; 1024], [6; 1024]].concat());
    }
    corrupt(&ended(&[&tile]));
    corrupt(&two_tiles(&[&tile, &checked(0x41, &[6; 1024])]));
    corrupt(&two_tiles(&[&tile, &[0x40, 0]]));
    corrupt(&two_tiles(&[&[0x40, 0]]));
    corrupt(&two_tiles(&[&tile, &other, &[0, 0]]));
    corrupt(&two_tiles(&[&tile, &other, &checked(0xC0 | 40, &[])]));
    corrupt(&ended(&[&tile, &tile, &other]));
    corrupt(&ended(&[&tile, &metadata, &other]));
    corrupt(&ended(&[&tile, &checked(8, &TWO_TILES), &other]));
    corrupt(&ended(&[&metadata, &metadata, &tile, &other]));
    corrupt(&ended(&[&checked(9, &[5, 1]), &tile, &other]));
    corrupt(&ended(&[&checked(9, &[]), &tile, &other]));
    corrupt(&ended(&[&checked(4, &[2, 5]), &other]));
    corrupt(&ended(&[&checked(4, &[0x80, 8, 5, 5]), &other]));
    corrupt(&ended(&[&checked(1, &[5; 1025]), &other]));
    corrupt(&ended(&[&checked(1, &[]), &other]));
    corrupt(&[&two_tiles(&[])[..10], &unknown, &ended(&[&tile, &other])[10..]].concat());
    corrupt(&[&two_tiles(&[])[..10], &tile].concat());
    assert_eq!(kind(decode(&ended(&[&[41, 4, 0, 0, 0, 0], &tile, &other]))), Some(FormatErrorKind::UnknownChunk));
    let mut network = ended(&[&[3, 5, 0, 0, 0, 0, 0], &other]);
    network[8] = 1;
    assert!(matches!(decode(&network), Err(Error::UnknownModel { id: [0, 0, 0, 1] })));
    assert_eq!(kind(decode(&compress(b"bytes"))), Some(FormatErrorKind::WrongKind));
}

#[test]
fn tiles_that_are_missing_or_exchanged_are_found() {
    let (tile, other) = (checked(1, &[5; 1024]), checked(1, &[6; 1024]));
    let good = ended(&[&tile, &other]);
    let at = two_tiles(&[]).len();
    let exchanged = [&good[..at], &other, &tile, &good[at + tile.len() + other.len()..]].concat();
    assert_eq!(kind(decode(&exchanged)), Some(FormatErrorKind::Checksum));
    // A reader of an area that passes over a tile compares it too.
    let read = |data: &[u8]| {
        let decoder = ImageDecoder::with_predictor(data, Default::default(), NO_MODEL).unwrap();
        let area = dualcomp::Area { left: 1024, top: 0, width: 1024, height: 1 };
        let mut pixels = [0; 1024];
        decoder.read_area(&area, &mut pixels, |_, _| ()).map(|()| pixels)
    };
    assert_eq!(read(&good).unwrap(), [6; 1024]);
    assert_eq!(kind(read(&exchanged)), Some(FormatErrorKind::Checksum));
}

#[test]
fn image_headers_have_bounds() {
    let header = [0x89, b'D', b'C', b'I', 1, 0, 0, 0, 0, 0];
    let tile = checked(0x41, &[5]);
    let with = |content: &[u8]| decode(&[&header[..], &checked(8, content), &tile].concat());
    assert!(with(&[1, 1, 0, 1, 1]).is_ok());
    for content in [
        &[0, 1, 0, 1, 1][..],
        &[1, 0, 0, 1, 1],
        &[1, 1, 8, 1, 1],
        &[1, 1, 0, 0, 1],
        &[1, 1, 0, 1, 0],
        &[1, 1, 0, 2, 1],
        &[1, 1, 0, 1, 2],
        &[1, 1, 0, 1],
        &[1, 1, 0, 1, 1, 0],
        &[0x80, 0x80, 0x80, 0x80, 8, 1, 0, 1, 1],
        // Tiles of fewer than 2^10 pixels in an image that has more.
        &[0x80, 0x10, 1, 0, 0x7F, 1],
        // A tile of more than 2^22 pixels.
        &[0x81, 0x80, 0x80, 2, 1, 0, 0x81, 0x80, 0x80, 2, 1],
    ] {
        assert_eq!(kind(with(content)), Some(FormatErrorKind::Corrupt), "{content:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_changes_make_a_decoder_panic(
        sample in 0..3usize,
        changes in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6),
    ) {
        let (mut data, _) = samples().swap_remove(sample);
        for (at, byte) in changes {
            let at = usize::from(at) % data.len();
            data[at] = byte;
        }
        let _ = decode(&data);
        let _ = inspect(data.as_slice());
    }
}
