//! What is found in files that are made for it.

use super::*;

/// A file of one row with a header of 40 bytes, or with masks of 56 or more.
fn file(header: u32, bits: u16, masks: &[u32], palette: &[[u8; 4]], pixels: &[u8]) -> Vec<u8> {
    let width = (pixels.len() * 8 / usize::from(bits)) as u32;
    let start = 14 + header + 4 * palette.len() as u32 + if header == 40 { 4 * masks.len() as u32 } else { 0 };
    let mut out = b"BM\0\0\0\0\0\0\0\0".to_vec();
    out.extend(start.to_le_bytes());
    for word in [header, width, 1, 1 | u32::from(bits) << 16, if masks.is_empty() { 0 } else { 3 }, 0, 0, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend((palette.len() as u32).to_le_bytes());
    out.extend([0; 4]);
    out.extend(masks.iter().flat_map(|mask| mask.to_le_bytes()));
    out.resize(start as usize - 4 * palette.len(), 0);
    out.extend(palette.as_flattened());
    out.extend(pixels);
    out
}

fn left_out(file: &[u8]) -> Vec<String> {
    audit(file).unwrap().audit.left_out
}

const NONE: &[&str] = &[];

#[test]
fn wide_masks_and_stray_bits_are_found() {
    assert_eq!(left_out(&file(40, 32, &[], &[], &[1, 2, 3, 0])), NONE);
    assert_eq!(left_out(&file(40, 32, &[], &[], &[1, 2, 3, 4])), ["bits of its pixels beside their samples"]);
    assert_eq!(left_out(&file(40, 16, &[], &[], &[0, 0x80, 0, 0])), ["bits of its pixels beside their samples"]);
    let deep = [0x3FF0_0000, 0xF_FC00, 0x3FF, 0];
    assert_eq!(left_out(&file(56, 32, &deep, &[], &[1, 2, 3, 4])), ["the lower bits of its samples"]);
    let narrow = audit(&file(40, 16, &[0xF800, 0x7E0, 0x1F], &[], &[1, 2, 3, 4])).unwrap();
    assert_eq!(narrow.audit.metadata.significant_bits, Some(vec![5, 6, 5]));
    assert!(audit(&file(56, 32, &[0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000], &[], &[1, 2, 3, 4])).unwrap().opacity);
}

#[test]
fn palettes_must_have_every_colour() {
    let palette = [[1, 2, 3, 0], [4, 5, 6, 0]];
    assert_eq!(left_out(&file(40, 8, &[], &palette, &[0, 1, 1, 0])), NONE);
    assert!(audit(&file(40, 8, &[], &palette, &[0, 1, 2, 0])).is_err());
    assert!(audit(&file(40, 4, &[], &palette, &[0x11, 0x20, 0, 0])).is_err());
    assert_eq!(left_out(&file(40, 1, &[], &[[0, 0, 0, 7]; 2], &[0; 4])), ["the fourth bytes of its colours"]);
}

#[test]
fn colours_and_gaps_are_looked_at() {
    let with_space = |space: &[u8; 4]| {
        let mut file = file(124, 24, &[], &[], &[0; 12]);
        file[70..74].copy_from_slice(space);
        file[122] = 4;
        file
    };
    let srgb = audit(&with_space(b"BGRs")).unwrap();
    assert_eq!((srgb.audit.metadata.srgb_intent, srgb.audit.left_out.len()), (Some(0), 0));
    assert_eq!(srgb.audit.metadata.cicp, None);
    assert_eq!(left_out(&with_space(b"KNIL")), ["the name of its colour profile", "its rendering intent"]);
    let mut profile = with_space(b"DEBM");
    profile[122] = 0;
    profile[126..134].copy_from_slice(&[136, 0, 0, 0, 3, 0, 0, 0]);
    profile.extend(b"ICC");
    assert_eq!(audit(&profile).unwrap().audit.metadata.icc.as_deref(), Some(&b"ICC"[..]));
    assert_eq!(left_out(&profile), NONE);
    let mut calibrated = with_space(&[0; 4]);
    calibrated[122] = 0;
    assert_eq!(left_out(&calibrated), NONE);
    calibrated[80] = 1;
    assert_eq!(left_out(&calibrated), ["its chromaticities and gamma"]);
    let trailing = [&file(40, 24, &[], &[], &[0; 12])[..], b"\0\0more"].concat();
    assert_eq!(left_out(&trailing), ["bytes that are no part of its picture"]);
}

#[test]
fn srgb_without_an_intent_is_kept_as_code_points() {
    for (header, intent, left) in [(108, 0, NONE), (124, 0, NONE), (124, 99, &["its rendering intent"])] {
        let mut file = file(header, 24, &[], &[], &[0; 12]);
        file[70..74].copy_from_slice(b"BGRs");
        if header == 124 {
            file[122] = intent;
        }
        let audit = audit(&file).unwrap().audit;
        assert_eq!((audit.metadata.srgb_intent, audit.metadata.cicp), (None, Some(SRGB)), "{header} {intent}");
        assert_eq!(audit.left_out, left, "{header} {intent}");
    }
}

#[test]
fn an_intent_beside_another_space_is_not_dropped() {
    let mut file = file(124, 24, &[], &[], &[0; 12]);
    file[122] = 2;
    for space in [b" niW", b"\0\0\0\0"] {
        file[70..74].copy_from_slice(space);
        assert_eq!(left_out(&file), ["its rendering intent"]);
    }
    file[70..74].copy_from_slice(b"DEBM");
    file[126..134].copy_from_slice(&[136, 0, 0, 0, 128, 0, 0, 0]);
    let with_profile = |intent| [&file[..], &[0; 67], &[intent], &[0; 60]].concat();
    assert_eq!(left_out(&with_profile(0)), ["its rendering intent"]);
    // The profile says the same: relative colorimetric.
    assert_eq!(left_out(&with_profile(1)), NONE);
}

#[test]
fn what_stands_beside_colours_and_rows_is_found() {
    let palette = [[1, 2, 3, 0], [4, 5, 6, 0]];
    for (important, left) in [(0, NONE), (2, NONE), (1, &["which of its colours are important"])] {
        let mut file = file(40, 8, &[], &palette, &[0, 1, 1, 0]);
        file[50] = important;
        assert_eq!(left_out(&file), left, "{important}");
    }
    for (bits, width, pixels, left) in [
        (24, 1, [1, 2, 3, 0], NONE),
        (24, 1, [1, 2, 3, 4], &["what fills its rows up"]),
        (1, 9, [0xFF, 0x80, 0, 0], NONE),
        (1, 9, [0xFF, 0xC0, 0, 0], &["what fills its rows up"]),
    ] {
        let mut file = file(40, bits, &[], if bits == 1 { &palette } else { &[] }, &pixels);
        file[18] = width;
        assert_eq!(left_out(&file), left, "{bits} {pixels:?}");
    }
}

#[test]
fn nothing_hides_in_fields_that_readers_pass_over() {
    let plain = file(40, 24, &[], &[], &[0; 12]);
    let with = |mut file: Vec<u8>, at: usize, word: u32| {
        file[at..at + 4].copy_from_slice(&word.to_le_bytes());
        left_out(&file)
    };
    assert_eq!(with(plain.clone(), 2, 66), NONE);
    assert_eq!(with(plain.clone(), 2, 65), ["a length that is not its own"]);
    assert_eq!(with(plain.clone(), 34, 12), NONE);
    assert_eq!(with(plain.clone(), 34, 13), ["a length of its pixels that is not theirs"]);
    // Two bytes more are a part of the file and of the pixels, or of neither.
    let longer = [&plain[..], &[0, 0]].concat();
    for (at, word) in [(2, 66), (2, 68), (34, 12), (34, 14)] {
        assert_eq!(with(longer.clone(), at, word), NONE);
    }
    let palette = [[0, 0, 0, 0]; 3];
    assert_eq!(left_out(&file(40, 1, &[], &palette, &[0; 4])), ["colours that no pixel can have"]);
}

#[test]
fn nothing_hides_in_headers_of_colours() {
    let plain = || {
        let mut file = file(124, 24, &[], &[], &[0; 12]);
        file[70..74].copy_from_slice(b"BGRs");
        file
    };
    assert_eq!(left_out(&plain()), NONE);
    // As ImageMagick writes them.
    let mut usual = plain();
    usual[54..70].copy_from_slice(&[0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF]);
    assert_eq!(left_out(&usual), NONE);
    for at in [85, 97, 109] {
        usual[at] = 0x40;
    }
    assert_eq!(left_out(&usual), NONE);
    for at in 54..70 {
        let mut masks = plain();
        masks[at] = b'?';
        assert_eq!(left_out(&masks), ["masks that its pixels do not have"]);
    }
    for at in 74..122 {
        for space in [b"BGRs", b" niW"] {
            let mut hidden = plain();
            hidden[70..74].copy_from_slice(space);
            hidden[at] = b'?';
            // The lowest byte of an end is as good as rounding.
            let rounded = at < 110 && at % 4 == 2;
            assert_eq!(left_out(&hidden), if rounded { NONE } else { &["its chromaticities and gamma"] }, "{at}");
        }
    }
    for at in 126..138 {
        let mut hidden = plain();
        hidden[at] = b'?';
        assert_eq!(left_out(&hidden), ["what stands in its reserved fields"], "{at}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let mut rle = file(40, 8, &[], &[[0; 4]; 2], &[0; 4]);
    rle[30] = 1;
    assert!(audit(&rle).is_err());
    let whole = file(40, 24, &[], &[], &[0; 12]);
    assert!((0..whole.len()).all(|len| audit(&whole[..len]).is_err()));
    assert!(audit(&file(64, 24, &[], &[], &[0; 12])).is_err());
    for (bits, side) in [(8, 18), (16, 18), (32, 18), (8, 22), (16, 22), (32, 22)] {
        let palette = &[[0; 4]][..usize::from(bits == 8)];
        let mut empty = file(40, bits, &[], palette, &[0; 4]);
        empty[side..side + 4].fill(0);
        assert!(audit(&empty).is_err_and(|reason| reason.contains("no pixels")), "{bits} {side}");
    }
}
