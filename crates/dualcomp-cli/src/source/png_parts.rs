//! The chunk by which Apple's programs find the parts of the image data of a PNG file.

/// Whether it says nothing but where the data of each part begins: their number, then of each the first row, the number of
/// rows, and the distance of an IDAT chunk from this one, which begins at `start`.
pub(super) fn fit(start: u64, content: &[u8], height: u32, data: &[u64]) -> bool {
    let (words, rest) = content.as_chunks::<4>();
    let mut words = words.iter().map(|word| u32::from_be_bytes(*word));
    let (Some(count), true) = (words.next(), rest.is_empty()) else { return false };
    if words.len() as u64 != 3 * u64::from(count) || count == 0 {
        return false;
    }
    let (mut row, mut before) = (0, 0);
    while let (Some(first), Some(rows), Some(distance)) = (words.next(), words.next(), words.next()) {
        let place = start + u64::from(distance);
        if first != row || rows == 0 || place <= before || data.binary_search(&place).is_err() {
            return false;
        }
        let Some(next) = row.checked_add(rows) else { return false };
        (row, before) = (next, place);
    }
    row == height
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn only_the_places_of_parts_are_passed_over() {
        let fits = |words: &[u32]| fit(100, &chunk(words), 9, &[140, 500, 900]);
        assert!(fits(&[2, 0, 4, 40, 4, 5, 400]));
        assert!(fits(&[1, 0, 9, 40]));
        assert!(!fits(&[]));
        assert!(!fits(&[0]));
        assert!(!fits(&[2, 0, 4, 40, 4, 5, 401]));
        assert!(!fits(&[2, 0, 4, 40, 4, 6, 400]));
        assert!(!fits(&[2, 0, 4, 40, 5, 5, 400]));
        assert!(!fits(&[2, 0, 4, 400, 4, 5, 40]));
        assert!(!fits(&[2, 0, 4, 40, 4, 5, 400, 0]));
        assert!(!fit(100, &[&chunk(&[1, 0, 9, 40])[..], b"?"].concat(), 9, &[140]));
        assert!(!fit(100, b"a secret", 9, &[140]));
    }
}
