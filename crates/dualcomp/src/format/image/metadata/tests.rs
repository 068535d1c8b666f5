//! Metadata in pieces and back, and what is refused.

use super::*;
use crate::format::image::info::ColorType;
use crate::format::image::metadata::text::is_text;

fn everything() -> Metadata {
    let mut metadata = Metadata::default().with_icc(vec![1]).with_exif(vec![]).with_xmp(vec![2; 9]);
    metadata.iptc = Some(vec![3, 4]);
    metadata.gamma = Some(45455);
    metadata.chromaticities = Some([31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]);
    metadata.srgb_intent = Some(2);
    metadata.cicp = Some([9, 16, 0, 1]);
    metadata.mastering_display = Some([7; 24]);
    metadata.content_light = Some([10_000_000, 4_000_000]);
    metadata.resolution = Some(Resolution { x: [300, 1], y: [72_000, 999], unit: ResolutionUnit::Inch });
    metadata.significant_bits = Some(vec![5, 6, 5, 1]);
    for (keyword, text) in [("Title", "A name"), ("Comment", "")] {
        metadata.push_text(&Text { keyword, language: "", translated: "", text }).unwrap();
    }
    metadata.modified = Some([7, 234, 11, 28, 16, 0, 0]);
    metadata.background = Some(vec![1, 2, 3]);
    metadata.png_chunks = Some(b"\0\0\0\x01vpAgx".to_vec());
    metadata
}

#[test]
fn every_kind_comes_back() {
    let metadata = everything();
    assert_eq!(metadata.kinds().count(), MetadataKind::ALL.len());
    let pieces = metadata.pieces(ColorType::Rgba8).unwrap();
    let mut back = Metadata::default();
    assert!(back.is_empty());
    for (code, content) in &pieces {
        let kind = MetadataKind::from_code(*code).unwrap();
        back.take(kind, content, ColorType::Rgba8).unwrap();
        assert!(back.take(kind, content, ColorType::Rgba8).is_err(), "{kind} twice");
    }
    assert_eq!(back, metadata);
    assert_eq!(metadata.bytes(), pieces.iter().map(|(_, content)| content.len() as u64).sum::<u64>());
    let titles: Vec<_> = back.texts().map(|text| (text.keyword, text.text)).collect();
    assert_eq!(titles, [("Title", "A name"), ("Comment", "")]);
}

#[test]
fn a_content_of_another_length_is_refused() {
    for kind in MetadataKind::ALL {
        let Some(len) = kind.len(ColorType::L16) else { continue };
        for len in [len - 1, len + 1] {
            assert!(Metadata::default().take(kind, &vec![0; len], ColorType::L16).is_err(), "{kind}");
        }
    }
    assert!(everything().pieces(ColorType::L8).is_err());
    assert!(Metadata::default().take(MetadataKind::Resolution, &[4; 17], ColorType::L8).is_err());
}

#[test]
fn texts_have_four_parts() {
    for good in [&b"a\0\0\0\0"[..], b"a\0b\0c\0d\0e\0\0\0f\0", "\u{fc}\0\0\0\u{df}\0".as_bytes()] {
        assert!(is_text(good), "{good:?}");
    }
    for bad in [&b""[..], b"\0", b"\0\0\0\0", b"a\0\0\0", b"a\0\0\0x", b"a\0\0\0\0\0", b"a\0\0\0\xFF\0"] {
        assert!(!is_text(bad), "{bad:?}");
    }
    let mut metadata = Metadata::default();
    for keyword in ["", "a\0b"] {
        assert!(metadata.push_text(&Text { keyword, language: "", translated: "", text: "" }).is_err());
    }
    assert_eq!(metadata.texts().count(), 0);
}

#[test]
fn codes_begin_with_one() {
    assert_eq!(MetadataKind::from_code(0), None);
    assert_eq!(MetadataKind::from_code(1), Some(MetadataKind::Icc));
    assert_eq!(MetadataKind::from_code(16), Some(MetadataKind::PngChunks));
    assert_eq!(MetadataKind::from_code(17), None);
}
