//! Dictionaries.

use dualcomp::Dictionary;

use super::short;
use crate::tiny::{ID, tiny};

/// Reads the file of a dictionary, and decodes a stream with a dictionary of a sample, whose length the first byte gives.
pub fn dictionary(data: &[u8]) {
    if let Ok(dictionary) = Dictionary::from_bytes(data) {
        assert_eq!(dictionary.to_bytes(), data);
    }
    let Some((&len, rest)) = data.split_first() else { return };
    let (sample, stream) = rest.split_at(rest.len().min(len.into()));
    let Ok(dictionary) = Dictionary::from_raw(sample) else { return };
    let dictionary = dictionary.with_model(ID);
    let mut stream = stream.to_vec();
    // Its name, so that what is behind it is looked at.
    if stream.starts_with(b"\x89DCW")
        && let Some(id) = stream.get_mut(5..9)
    {
        id.copy_from_slice(&dictionary.id());
    }
    let decoded = dualcomp::decompress_with(&stream, &short().with_dictionary(dictionary), tiny());
    if let Ok(decoded) = decoded {
        let found = dualcomp::inspect(stream.as_slice()).expect("it decodes");
        assert_eq!(found.streams.iter().map(|stream| stream.raw_len).sum::<u64>(), decoded.len() as u64);
    }
}
