//! Lossless compression of images and text by a small neural network, RWKV-7, that predicts what comes next.
//!
//! One network serves both: its integers are the same on every machine, so what one compresses any other
//! decompresses. Its predictions are mixed with adaptive contexts that learn from the data itself, and coded by a
//! range coder. What does not compress is stored.
//!
//! # Bytes
//!
//! [`compress`] and [`decompress`] work on byte strings:
//!
//! ```
//! use dualcomp::{DecoderOptions, EncoderOptions, compress, decompress};
//!
//! let json = r#"{"id": 1, "name": "first", "tags": []}, {"id": 2, "name": "second", "tags": []}"#;
//! let stream = compress(json.as_bytes(), &EncoderOptions::default())?;
//! assert!(stream.len() < json.len());
//! assert_eq!(decompress(&stream, &DecoderOptions::default())?, json.as_bytes());
//! # Ok::<(), dualcomp::Error>(())
//! ```
//!
//! [`mod@read`] and [`mod@write`] wrap readers and writers:
//!
//! ```
//! use std::io::{Read, Write};
//!
//! let mut encoder = dualcomp::write::Encoder::new(Vec::new(), Default::default());
//! for line in 1..=3 {
//!     writeln!(encoder, "line {line}")?;
//! }
//! let stream = encoder.finish()?;
//!
//! let mut text = String::new();
//! dualcomp::read::Decoder::new(stream.as_slice(), Default::default()).read_to_string(&mut text)?;
//! assert_eq!(text, "line 1\nline 2\nline 3\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Encoder`] and [`Decoder`] do no I/O at all; they take and give slices of any length, and everything else is
//! made of them.
//!
//! # Dictionaries
//!
//! Short bodies of one kind, such as the answers of a service, are a fraction of their size with a [`Dictionary`] made of
//! others of their kind:
//!
//! ```
//! use dualcomp::{DecoderOptions, Dictionary, EncoderOptions, compress, decompress};
//!
//! let answer = |id: u32| format!(r#"{{"id": {id}, "state": "open", "assignee": null, "labels": []}}"#);
//! let dictionary = Dictionary::train(&(0..50).map(answer).collect::<Vec<_>>(), 64 << 10)?;
//! let options = EncoderOptions::default().with_dictionary(dictionary.clone());
//! let stream = compress(answer(77).as_bytes(), &options)?;
//! let options = DecoderOptions::default().with_dictionary(dictionary);
//! assert_eq!(decompress(&stream, &options)?, answer(77).as_bytes());
//! # Ok::<(), dualcomp::Error>(())
//! ```
//!
//! # Images
//!
//! [`encode_image`] and [`decode_image`] work on pixels, 8 or 16 bits a sample, grey or colour, with or without
//! opacity, and keep [`Metadata`]. [`ImageDecoder`] gives the size before the pixels.
//!
//! ```
//! use dualcomp::{ColorType, ImageInfo, Metadata, decode_image, encode_image};
//!
//! let info = ImageInfo::new(64, 64, ColorType::L8);
//! let pixels: Vec<u8> = (0..64 * 64).map(|i| (i / 64 + i % 64) as u8).collect();
//! let stream = encode_image(&pixels, &info, &Metadata::default(), &Default::default())?;
//! assert!(stream.len() < pixels.len() / 4);
//! assert_eq!(decode_image(&stream, &Default::default())?.pixels, pixels);
//! # Ok::<(), dualcomp::Error>(())
//! ```
//!
//! # Untrusted data
//!
//! Decoders check every length before they take memory, and stay within [`Limits`]. Every block has a checksum,
//! and nothing of a block comes out before the checksum was found right. That finds accidents, not malice: who can
//! change a stream can change its checksums.
//!
//! # Errors
//!
//! [`Error`] is sorted by who has to act: the reader or writer ([`Error::Io`]), who made the data
//! ([`Error::Format`], with what is wrong and where), the caller ([`Error::Parameter`], [`Error::LimitsExceeded`]), or
//! who installs models and dictionaries ([`Error::UnknownModel`], [`Error::UnknownDictionary`], [`Error::Model`]). Data
//! that ends too early is told apart from data that is damaged:
//!
//! ```
//! let stream = dualcomp::compress(b"not all of it will arrive", &Default::default())?;
//! let error = dualcomp::decompress(&stream[..stream.len() - 1], &Default::default()).unwrap_err();
//! assert!(error.is_truncated());
//! # Ok::<(), dualcomp::Error>(())
//! ```
//!
//! # Models
//!
//! A stream that uses the network names its weights by their digest. The feature `rwkv`, on by default, contains
//! the released ones. With [`Level::Fast`] data is coded without a network. Built without the feature, that holds for every
//! level, and a stream that needs a network is [`Error::UnknownModel`]: a library without tract, which
//! reads all that [`Level::Fast`] writes. Functions that end in `_with` and constructors named `with_predictor`
//! take another [`predictor::Predictor`], or none: `Model::from_bytes` makes one of a weights file. The model is loaded
//! when a block first needs it.
//!
//! # Cost
//!
//! Encoding and decoding take the same time, as both ask the same predictions; only at [`Level::Max`] encoding may take
//! longer. The result depends on the input, [`Level`], [`EncoderOptions::size_hint`], flushes and the weights; never on
//! threads, slices or the machine.

#[doc(hidden)]
#[path = "unstable/mod.rs"]
pub mod __unstable;
mod api;
mod codec;
mod copies;
mod decoder;
mod encoder;
mod error;
mod format;
mod limits;
mod options;
mod progress;
mod runtime;

pub use api::dictionary::{Dictionary, Gain};
pub use api::image_encoder::{EncodedImage, ImageEncoder};
pub use api::image_file::{ImageFileDecoder, compress_image_file};
pub use api::inspect::{ChunkInfo, StreamInfo, Summary, inspect};
pub use api::oneshot::{compress, compress_with, decompress, decompress_with};
pub use api::{read, write};
pub use decoder::bytes::Decoder;
pub use decoder::image::{Image, ImageDecoder, decode_image, decode_image_with};
#[doc(inline)]
pub use dualcomp_entropy::predictor;
#[cfg(feature = "rwkv")]
pub use dualcomp_model::Model;
pub use dualcomp_tokens::Vocabulary;
pub use encoder::bytes::Encoder;
pub use encoder::files::original_file::KeepFile;
pub use encoder::image::{encode_image, encode_image_with};
pub use error::{Error, FormatError, FormatErrorKind, LimitError, LimitKind, ParameterError, Result};
pub use format::file::header::{FileFormat, ImageFileInfo};
pub use format::image::area::Area;
pub use format::image::info::{ColorType, ImageInfo};
pub use format::image::metadata::{Metadata, MetadataKind, Resolution, ResolutionUnit, Text};
pub use format::{ChunkKind, FORMAT_VERSION, Kind, UnknownChunkKind, detect};
pub use limits::Limits;
pub use options::{DecoderOptions, EncoderOptions, Level};
pub use progress::{Progress, Status};
pub use runtime::model_source::embedded_model;
