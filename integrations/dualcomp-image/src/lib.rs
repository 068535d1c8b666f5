//! DualComp's lossless images, `.dci`, for the [`image`] crate.
//!
//! After one call of [`register`] every way of that crate to open images opens `.dci` too:
//!
//! ```
//! use dualcomp_image::SaveDci;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("picture.dci");
//!
//! dualcomp_image::register();
//!
//! let picture = image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 7]));
//! picture.save_dci(&path)?;
//!
//! assert_eq!(image::image_dimensions(&path)?, (40, 30));
//! assert_eq!(image::open(&path)?.into_rgb8(), picture);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | | |
//! |---|---|
//! | `image::open("x.dci")`, `ImageReader::open("x.DCI")` | by the extension |
//! | `image::load_from_memory(data)`, `.with_guessed_format()` | by the first bytes |
//! | `image::image_dimensions`, `.into_decoder()` | reads the header only |
//! | `picture.save_dci(path)` | [`SaveDci`]; `picture.save("x.dci")` does not work, `image` has no hook for it |
//! | `picture.write_with_encoder(DciEncoder::new(writer))` | any writer |
//!
//! All eight integer colour types of `image` are kept as they are, 8 and 16 bits, grey and colour, with and without
//! opacity. Floating point is refused with [`UnsupportedErrorKind::Color`](image::error::UnsupportedErrorKind::Color);
//! so are the packed and indexed types that only decoders know.
//!
//! A `.dci` may also hold a JPEG file to the last byte (`dualcomp compress photo.jpg`). With the feature `jpeg` it
//! opens as that file does, orientation and metadata included; without it, that is an error.
//!
//! # Metadata
//!
//! A [`DynamicImage`](image::DynamicImage) has no metadata: `image::open` drops the colour profile, EXIF, XMP and
//! IPTC of every format. To convert a file with these four, ask its decoder first:
//!
//! ```
//! use dualcomp_image::{SaveDci, metadata_of};
//! use image::{DynamicImage, ImageReader};
//! # let folder = tempfile::tempdir()?;
//! # let (png, dci) = (folder.path().join("picture.png"), folder.path().join("picture.dci"));
//! # image::GrayImage::new(3, 3).save(&png)?;
//!
//! let mut decoder = ImageReader::open(&png)?.into_decoder()?;
//! let metadata = metadata_of(&mut decoder)?;
//! DynamicImage::from_decoder(decoder)?.save_dci_with_metadata(&dci, metadata)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What else files say (resolution, gamma, texts, times and so on) no decoder of `image` gives, so it is lost on this
//! way: see [`metadata_of`]. The program `dualcomp` keeps it. [`Metadata`] has room for it, [`DciEncoder`] writes it,
//! and [`DciDecoder::metadata`] gives all that a `.dci` has.
//!
//! # Untrusted files
//!
//! After [`register`], opening a file reads its header alone. Metadata beyond 16 MiB is refused at once. At most 1 MiB
//! of it may be coded, and to decode that takes 17 MiB of memory and, at worst, some seconds: that is done when
//! metadata is asked for or before the pixels, within the limits that are set by then. [`DciDecoder::new`] does it at
//! once, and [`DciDecoder::with_options`] bounds it.
//!
//! `image` checks its own [`Limits`](image::Limits), by default 512 MiB, before it takes memory for the pixels, and
//! [`DciDecoder`] checks the most that decoding may take against the rest: so very low limits refuse even small images.
//! That is 7 MiB and more, by the pixels of a tile and by the colour type: 44 to 57 MiB for 512 by 512 pixels, 76 to
//! 153 MiB for 2^20 pixels, which is what tiles of drawn images have, and those of [`Level::Fast`]. Bytes that are no
//! image give errors, never a panic.
//!
//! That holds for `image::open`, `load_from_memory` and `ImageReader::decode`. After `into_decoder` nothing has taken
//! the pixels off the limits, and [`DynamicImage::from_decoder`](image::DynamicImage::from_decoder) takes memory for
//! them whatever the limits are, of every format. So check it there:
//!
//! ```
//! use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
//! # use dualcomp_image::SaveDci;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("picture.dci");
//! # image::GrayImage::new(3, 3).save_dci(&path)?;
//! # dualcomp_image::register();
//!
//! let mut decoder = ImageReader::open(&path)?.into_decoder()?;
//! let mut limits = Limits::default();
//! limits.reserve(decoder.total_bytes())?;
//! decoder.set_limits(limits)?;
//! let picture = DynamicImage::from_decoder(decoder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Cost
//!
//! The network is loaded when the first pixels are decoded or encoded and is kept by the process. Decoding takes as
//! long as encoding, much longer than for PNG. [`DciEncoder::with_level`] with [`Level::Fast`] does without the
//! network.
//!
//! # Versions
//!
//! The registry belongs to one copy of `image`; a program with two versions of it must register with the one that
//! opens its files (`cargo tree -d` shows them).
//!
//! | `dualcomp-image` | `image` | reads and writes format |
//! |---|---|---|
//! | 0.1 | 0.25.10 and later 0.25 | 1 |

mod color;
mod decoder;
mod encoder;
mod error;
#[cfg(feature = "jpeg")]
mod file_decoder;
mod metadata;
mod register;
mod save;

pub use decoder::DciDecoder;
pub use dualcomp::{Area, DecoderOptions, Level, Metadata};
pub use encoder::DciEncoder;
#[cfg(feature = "jpeg")]
pub use file_decoder::DciFileDecoder;
pub use metadata::metadata_of;
pub use register::register;
pub use save::SaveDci;
