//! What the files of each image format say, and whether pixels with metadata can say all of it.
//!
//! Decoders give pixels and pass over what they do not know. Here every chunk, tag and field is looked at, so that nothing
//! is left out without a word.

mod bits;
mod bmp;
mod pixels;
mod png;
mod png_order;
mod png_text;
mod pnm;
mod sniff;
mod tiff;
mod tiff_tags;
mod webp;

use std::fmt;

use dualcomp::Metadata;

pub(crate) use pixels::read;
pub(crate) use png_text::XMP;
pub(crate) use sniff::{Found, sniff};
pub(crate) use tiff_tags::TEXTS;

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
        let what = what.into();
        if !self.left_out.contains(&what) {
            self.left_out.push(what);
        }
    }

    /// Sets a field that a file should say once.
    fn once<T>(field: &mut Option<T>, value: Option<T>, left_out: &mut Vec<String>, name: &str) {
        match value {
            Some(value) if field.is_none() => *field = Some(value),
            Some(_) => left_out.push(format!("a second {name}")),
            None => left_out.push(format!("a malformed {name}")),
        }
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
