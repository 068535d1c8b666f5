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
//! | `image::image_dimensions`, `.into_decoder()` | reads the header and the metadata only |
//! | `picture.save_dci(path)` | [`SaveDci`]; `picture.save("x.dci")` does not work, `image` has no hook for it |
//! | `picture.write_with_encoder(DciEncoder::new(writer))` | any writer |
//!
//! All eight integer colour types of `image` are kept as they are, 8 and 16 bits, grey and colour, with and without
//! opacity. Floating point is refused with [`UnsupportedErrorKind::Color`](image::error::UnsupportedErrorKind::Color);
//! so are the packed and indexed types that only decoders know.
//!
//! A `.dci` may also hold a JPEG file to the last byte (`dualcomp compress photo.jpg`). With the feature `jpeg` it opens
//! as that file does, orientation and metadata included; without it, that is an error.
//!
//! # Metadata
//!
//! A [`DynamicImage`](image::DynamicImage) has no metadata: `image::open` drops the colour profile, EXIF, XMP and
//! IPTC of every format. To convert a file with all it carries, ask its decoder first:
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
//! # Untrusted files
//!
//! Opening a file takes no memory for what its header claims. Metadata beyond 16 MiB is refused at once. `image` checks
//! its own [`Limits`](image::Limits), by default 512 MiB, before it takes memory for the pixels, and [`DciDecoder`]
//! checks what it needs itself, 3 MiB and more, some 44 MiB for 2^18 pixels, against the rest: so very low limits
//! refuse even small images. Bytes that are no image give errors, never a panic.
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
