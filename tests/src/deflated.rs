//! Small files that hold deflate streams, each made by another encoder: six thousand bytes of JSON lines, and a picture.

macro_rules! files {
    ($($name:literal,)*) => {
        &[$(($name, include_bytes!(concat!("../deflate/", $name)))),*]
    };
}

/// The files by their names. zlib 1.2.13 made those that no other name tells: `flushed.zz` with flushes on the way,
/// `filtered.png` from rows with all five filters, in parts of 2048 bytes. `optimal`: libdeflate -12, `seven`: 7-Zip -mx9,
/// `named`: GNU gzip -9.
pub const DEFLATED: &[(&str, &[u8])] = files! {
    "fastest.gz",
    "filtered.png",
    "fixed.gz",
    "flushed.zz",
    "named.gz",
    "optimal.gz",
    "seven.gz",
    "stored.gz",
    "two.zip",
    "zopfli.gz",
};

/// A PNG file of `picture(24, 16, 3)`, by zlib 1.2.13 -6 from rows with four filters.
pub const PICTURE: &[u8] = include_bytes!("../deflate/pixels.png");
