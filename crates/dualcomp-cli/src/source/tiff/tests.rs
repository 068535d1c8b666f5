//! What is found in files that are made for it.

use super::*;

/// A little-endian file of 2 x 1 RGB pixels with these tags of one short value each beside the usual ones.
fn file(more: &[(u16, u16)], next: u32) -> Vec<u8> {
    let bytes = if more.contains(&(277, 4)) { 8 } else { 6 };
    let mut tags = vec![(256, 2), (257, 1), (258, 8), (259, 1), (262, 2), (273, 0), (277, 3), (278, 1), (279, bytes)];
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
    out.extend(&[1, 2, 3, 4, 5, 6, 7, 8][..usize::from(bytes)]);
    out
}

/// A little-endian file with these tags: number, type, and the bytes of the values. The offset of its one strip is filled in.
pub(super) fn build(tags: &[(u16, u8, &[u8])], strip: &[u8]) -> Vec<u8> {
    let directory = 8 + 2 + 12 * tags.len() + 4;
    let outside: usize = tags.iter().map(|(_, _, bytes)| if bytes.len() > 4 { bytes.len() } else { 0 }).sum();
    let mut out = b"II\x2a\0\x08\0\0\0".to_vec();
    out.extend((tags.len() as u16).to_le_bytes());
    let mut values = Vec::new();
    for &(tag, kind, bytes) in tags {
        let place = ((directory + values.len()) as u32).to_le_bytes();
        let size = [0, 1, 1, 2, 4][usize::from(kind)];
        out.extend(tag.to_le_bytes());
        out.extend([kind, 0]);
        out.extend((bytes.len() as u32 / size).to_le_bytes());
        match bytes.len() {
            _ if tag == 273 => out.extend(((directory + outside) as u32).to_le_bytes()),
            ..=4 => out.extend([bytes, &[0; 4][bytes.len()..]].concat()),
            _ => {
                out.extend(place);
                values.extend(bytes);
            }
        }
    }
    out.extend([0; 4]);
    [&out[..], &values, strip].concat()
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
    assert!(audit(&file(&[(279, 5)], 0)).is_err());
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

/// The same of a file of 2 x 1 grey pixels without compression that has this tag, too.
fn left_out_of(tag: u16, kind: u8, bytes: &[u8]) -> Vec<String> {
    let mut tags: Vec<(u16, u8, &[u8])> = vec![
        (256, 3, &[2, 0]),
        (257, 3, &[1, 0]),
        (258, 3, &[8, 0]),
        (259, 3, &[1, 0]),
        (262, 3, &[1, 0]),
        (273, 4, &[0; 4]),
        (277, 3, &[1, 0]),
        (279, 3, &[2, 0]),
    ];
    tags.retain(|&(known, _, _)| known != tag);
    tags.push((tag, kind, bytes));
    tags.sort_unstable();
    audit(&build(&tags, &[1, 2])).unwrap().left_out
}

#[test]
fn nothing_hides_in_tags_of_storage() {
    for (tag, value) in [(266, 1), (278, 1), (284, 1), (296, 2), (317, 1)] {
        assert_eq!(left_out_of(tag, 3, &[value, 0]), Vec::<String>::new(), "{tag}");
        let more: Vec<u8> = [value, 0].into_iter().chain([7; 200]).collect();
        assert_eq!(left_out_of(tag, 3, &more), [format!("the values of its tag {tag}")]);
    }
    assert_eq!(left_out_of(339, 3, &[1, 0]), Vec::<String>::new());
    assert_eq!(left_out_of(339, 3, &[1, 0, 1, 0, 1, 0]), ["the values of its tag 339"]);
    assert_eq!(left_out_of(338, 2, b"secret"), ["the values of its tag 338"]);
    for tag in [292, 293] {
        assert_eq!(left_out_of(tag, 4, &[0; 4]), Vec::<String>::new());
        assert_eq!(left_out_of(tag, 1, &[7; 594]), ["options of its CCITT compression"]);
    }
    for tag in [322, 323, 325] {
        assert_eq!(left_out_of(tag, 3, &[1, 0]), ["strips beside its tiles, or tiles beside its strips"]);
    }
    // Behind a value of two bytes.
    let mut file = build(&[(256, 3, &[1, 0])], &[]);
    assert_eq!(Tiff::open(&file).unwrap().audit.left_out, Vec::<String>::new());
    file[8 + 2 + 10] = b'?';
    assert_eq!(Tiff::open(&file).unwrap().audit.left_out, ["what fills up its tags"]);
}

#[test]
fn a_unit_without_a_resolution_is_not_dropped() {
    for (unit, left) in [(1, &[][..]), (2, &[]), (3, &["its resolution"]), (4, &["its resolution"])] {
        assert_eq!(left_out_of(296, 3, &[unit, 0]), left, "{unit}");
    }
}

#[test]
fn samples_do_not_go_on_behind_their_strip() {
    let mut tags: Vec<(u16, u8, &[u8])> = vec![(256, 3, &[3, 0]), (257, 3, &[1, 0]), (258, 3, &[8, 0])];
    tags.extend([(259, 3, &[1, 0][..]), (262, 3, &[1, 0]), (273, 4, &[0; 4]), (279, 3, &[2, 0])]);
    assert!(audit(&build(&tags, &[1, 2, 3])).is_err_and(|reason| reason == CUT));
    tags[6] = (279, 3, &[3, 0]);
    assert!(audit(&build(&tags, &[1, 2, 3])).unwrap().left_out.is_empty());
}
