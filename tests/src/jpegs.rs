//! Small JPEG files: [`crate::picture`] as libjpeg-turbo 2.1.5 and its `jpegtran` code it (`inks`: ImageMagick 6).

macro_rules! jpegs {
    ($($name:literal,)*) => {
        &[$(($name, include_bytes!(concat!("../jpeg/", $name, ".jpg")))),*]
    };
}

/// The files by their names: one of each kind, 75 times 50 pixels.
pub const JPEGS: &[(&str, &[u8])] = jpegs! {
    "arithmetic",
    "baseline",
    "grey",
    "inks",
    "progressive",
    "restarts",
    "scans",
    "thumbnail",
    "truncated",
};
