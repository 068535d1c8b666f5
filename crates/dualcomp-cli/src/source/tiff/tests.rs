//! What is found in files that are made for it.

use super::*;

/// A little-endian file of 2 x 1 RGB pixels with these tags of one short value each beside the usual ones.
fn file(more: &[(u16, u16)], next: u32) -> Vec<u8> {
    let mut tags = vec![(256, 2), (257, 1), (258, 8), (259, 1), (262, 2), (273, 0), (277, 3), (278, 1), (279, 6)];
    for &(tag, value) in more {
        tags.retain(|&(known, _)| known != tag);
        tags.push((tag, value));
    }
    tags.sort_unstable();
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    out.extend((tags.len() as u16).to_le_bytes());
    let data = 8 + 2 + 12 * tags.len() as u16 + 4;
    for (tag, value) in tags {
        out.extend(tag.to_le_bytes());
        out.extend([3, 0, 1, 0, 0, 0]);
        out.extend(if tag == 273 { data } else { value }.to_le_bytes());
        out.extend([0, 0]);
    }
    out.extend(next.to_le_bytes());
    out.extend([1, 2, 3, 4, 5, 6]);
    out
}

fn left_out(more: &[(u16, u16)]) -> Vec<String> {
    audit(&file(more, 0)).unwrap().left_out
}

#[test]
fn a_plain_file_says_nothing_else() {
    assert_eq!(left_out(&[]), Vec::<String>::new());
    assert_eq!(left_out(&[(274, 1), (254, 0), (339, 1), (296, 2)]), Vec::<String>::new());
}

#[test]
fn what_has_no_place_is_named() {
    for (tag, value, word) in [
        (330, 8, "images inside"),
        (50706, 1, "DNG"),
        (34665, 8, "EXIF"),
        (34853, 8, "position"),
        (33550, 1, "GeoTIFF"),
        (34377, 1, "Photoshop"),
        (274, 6, "turned"),
        (254, 1, "part it is"),
        (297, 1, "number of its page"),
        (301, 1, "transfer"),
        (65000, 1, "65000"),
        (281, 100, "range"),
    ] {
        let left_out = left_out(&[(tag, value)]);
        assert!(left_out.len() == 1 && left_out[0].contains(word), "{tag}: {left_out:?}");
    }
    assert_eq!(audit(&file(&[], 500)).unwrap().left_out, ["its other pages"]);
    // An orientation that is no integer.
    let mut other = file(&[(274, 1)], 0);
    let at = other.windows(2).position(|bytes| bytes == 274_u16.to_le_bytes()).unwrap();
    other[at + 2] = 8;
    assert_eq!(audit(&other).unwrap().left_out, ["that it is stored turned"]);
}

#[test]
fn only_samples_that_are_kept_are_taken() {
    for (tag, value) in
        [(259, 7), (259, 34892), (262, 5), (262, 32803), (258, 12), (339, 2), (266, 2), (262, 3), (317, 2)]
    {
        assert!(audit(&file(&[(tag, value)], 0)).is_err(), "{tag} {value}");
    }
    assert_eq!(left_out(&[(277, 4), (338, 0)]), ["samples that are neither colour nor opacity"]);
    assert_eq!(left_out(&[(277, 4)]), ["samples that are neither colour nor opacity"]);
    assert_eq!(left_out(&[(277, 4), (338, 1)]), ["that its colours are multiplied by its opacity"]);
    assert_eq!(left_out(&[(277, 4), (338, 2)]), Vec::<String>::new());
    assert!(audit(b"II\x2a\0\x08\0\0\0").is_err());
    assert!(audit(b"II\x2b\0\x08\0\0\0").is_err());
}

#[test]
fn bytes_between_are_found() {
    let mut hidden = file(&[], 0);
    hidden.extend(b"\0\0");
    assert_eq!(audit(&hidden).unwrap().left_out, Vec::<String>::new());
    hidden.extend(b"secret");
    assert_eq!(audit(&hidden).unwrap().left_out, ["bytes that none of its tags refer to"]);
    assert_eq!(left_out(&[(279, 5)]), ["bytes that none of its tags refer to"]);
    assert!(audit(&file(&[(279, 7)], 0)).is_err());
    // A strip that is longer than its rows, and one that there should not be.
    for tag in [(257, 2), (278, 7)] {
        assert_eq!(left_out(&[tag]), Vec::<String>::new());
    }
    let mut more = file(&[], 0);
    more.extend([7; 2]);
    let at = more.windows(2).position(|bytes| bytes == 279_u16.to_le_bytes()).unwrap();
    more[at + 8] = 8;
    assert_eq!(audit(&more).unwrap().left_out, ["what follows its samples"]);
    assert!(audit(&file(&[(256, 0)], 0)).is_err());
    // As many bytes as the file has, but not all of the strip.
    assert!(audit(&file(&[(279, 200)], 0)).is_err());
}
