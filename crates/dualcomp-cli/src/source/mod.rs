//! What the files of each image format say, and whether pixels with metadata can say all of it.
//!
//! Decoders give pixels and pass over what they do not know. Here every chunk, tag and field is looked at, so that nothing
//! is left out without a word.

mod bits;
mod bmp;
mod jpeg;
mod pixels;
mod png;
mod png_order;
mod png_parts;
mod png_samples;
mod png_text;
mod pnm;
mod sniff;
mod tiff;
mod webp;

use std::fmt;

use dualcomp::Metadata;

pub(crate) use bmp::{INTENTS, SRGB};
pub(crate) use jpeg::why_not_coded;
pub(crate) use pixels::read;
pub(crate) use png_text::XMP;
pub(crate) use sniff::{Found, sniff};
pub(crate) use tiff::TEXTS;

/// A format whose files can become pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    WebP,
    Tiff,
    Bmp,
    Pnm,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Pnm => "PNM",
        })
    }
}

/// What a file says besides its pixels.
#[derive(Debug, Default)]
pub(crate) struct Audit {
    /// What a `.dci` has a place for.
    pub(crate) metadata: Metadata,
    /// What it has none for, each a noun with its article.
    pub(crate) left_out: Vec<String>,
}

impl Audit {
    fn leave_out(&mut self, what: impl Into<String>) {
        add(&mut self.left_out, what.into());
    }

    /// Sets a field that a file should say once.
    fn once<T>(field: &mut Option<T>, value: Option<T>, left_out: &mut Vec<String>, name: &str) {
        match value {
            Some(value) if field.is_none() => *field = Some(value),
            Some(_) => add(left_out, format!("a second {name}")),
            None => add(left_out, format!("a malformed {name}")),
        }
    }
}

/// What is left out is noted up to so many things: a file can have as many as it has chunks, and each is compared with
/// those before it.
const MAX_NOTED: usize = 64;

/// Things that a list of them names.
const LISTED: usize = 8;

fn add(left_out: &mut Vec<String>, what: String) {
    if left_out.len() < MAX_NOTED && !left_out.contains(&what) {
        left_out.push(what);
    }
}

/// Names what is left out, or the first of it where that is much.
pub(crate) fn listed(left_out: &[String]) -> String {
    let first = left_out[..left_out.len().min(LISTED)].join(", ");
    match left_out.len() {
        ..=LISTED => first,
        MAX_NOTED.. => format!("{first} and many more"),
        all => format!("{first} and {} more", all - LISTED),
    }
}

/// What a file has behind the end that it names.
fn behind(bytes: u64) -> String {
    match bytes {
        1 => "the byte behind its end".to_owned(),
        _ => format!("the {bytes} bytes behind its end"),
    }
}

/// The reason of a file that ends inside of something.
const CUT: &str = "it is cut off";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_things_make_a_short_list() {
        for (count, end) in [(1, "0"), (8, ", 7"), (9, ", 7 and 1 more"), (63, "and 55 more"), (9999, "and many more")]
        {
            let mut audit = Audit::default();
            // Each twice.
            (0..2 * count).for_each(|thing| audit.leave_out((thing / 2).to_string()));
            let list = listed(&audit.left_out);
            assert!(list.ends_with(end) && list.len() < 50, "{list}");
        }
        let Audit { metadata, mut left_out } = Audit::default();
        let mut gamma = metadata.gamma;
        (0..9999).for_each(|_| Audit::once(&mut gamma, Some(7), &mut left_out, "gAMA chunk"));
        assert_eq!(left_out, ["a second gAMA chunk"]);
    }
}
