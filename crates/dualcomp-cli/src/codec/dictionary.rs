//! Dictionaries.

use std::fmt::{self, Write};

use dualcomp::Dictionary;
use serde::Serialize;

use super::hexadecimal;
use crate::terminal::Failure;

/// A dictionary that was made of samples.
pub(crate) struct Trained {
    pub(crate) file: Vec<u8>,
    /// What is in it, and what it gained.
    pub(crate) text: String,
}

/// Reads a dictionary: its file, or any other file as it is.
pub(crate) fn read_dictionary(bytes: &[u8]) -> Result<Dictionary, Failure> {
    Ok(match Dictionary::is_file(bytes) {
        true => Dictionary::from_bytes(bytes)?,
        false => Dictionary::from_raw(bytes)?,
    })
}

/// Makes a dictionary of at most `max` bytes of these samples.
pub(crate) fn train_dictionary(
    samples: &[Vec<u8>],
    max: usize,
    progress: impl FnMut(u64, u64),
) -> Result<Trained, Failure> {
    let (dictionary, gain) = Dictionary::train_with_progress(samples, max, progress)?;
    let mut text = describe(&dictionary).to_string();
    if gain.held_out > 0 {
        let percent = |bytes: u64| 100.0 * bytes as f64 / gain.raw.max(1) as f64;
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "; {} held out, {} bytes: {} ({:.1} %) without it, {} ({:.1} %) with samples as they come, {} ({:.1} %) \
             with those chosen, all at level fast",
            counted(gain.held_out),
            gain.raw,
            gain.without,
            percent(gain.without),
            gain.plain,
            percent(gain.plain),
            gain.chosen,
            percent(gain.chosen),
        );
    }
    Ok(Trained { file: dictionary.to_bytes(), text })
}

/// What a dictionary is made of.
#[derive(Debug, Serialize)]
pub(crate) struct Description {
    kind: &'static str,
    /// In hexadecimal, as the model.
    dictionary: String,
    samples: usize,
    raw_bytes: usize,
    model: String,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dictionary, samples, raw_bytes, model, .. } = self;
        write!(f, "dictionary {dictionary}, {} of {raw_bytes} bytes, for model {model}", counted(*samples))
    }
}

/// What a dictionary is made of.
pub(crate) fn describe(dictionary: &Dictionary) -> Description {
    let (samples, raw_bytes) =
        dictionary.samples().fold((0, 0), |(count, bytes), sample| (count + 1, bytes + sample.len()));
    Description {
        kind: "dictionary",
        dictionary: hexadecimal(dictionary.id()),
        samples,
        raw_bytes,
        model: hexadecimal(dictionary.model()),
    }
}

fn counted(samples: usize) -> String {
    if samples == 1 { "1 sample".to_owned() } else { format!("{samples} samples") }
}
