//! What is measured.

use super::figures::DataKind;
use crate::codec::{self, Settings};
use crate::picture::Picture;
use crate::terminal::Failure;

/// What is compressed: the pixels of an image file, or a file's bytes.
pub(crate) enum Data {
    Image(Box<Picture>),
    Bytes(Vec<u8>),
}

impl Data {
    pub(crate) fn kind(&self) -> DataKind {
        match self {
            Self::Image(picture) if picture.is_drawn() => DataKind::Graphic,
            Self::Image(_) => DataKind::Photo,
            Self::Bytes(_) => DataKind::Bytes,
        }
    }

    pub(super) fn raw(&self) -> &[u8] {
        match self {
            Self::Image(picture) => &picture.pixels,
            Self::Bytes(bytes) => bytes,
        }
    }

    /// Sub-pixels of an image, bytes of anything else.
    pub(super) fn samples(&self) -> u64 {
        match self {
            Self::Image(picture) => (picture.pixels.len() / picture.info.color.bytes_per_sample()) as u64,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    pub(super) fn encode(&self, settings: &Settings) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Image(picture) => codec::encode_picture(picture, None, settings, |_| ()).map(|(coded, _)| coded),
            Self::Bytes(bytes) => codec::pack(bytes, settings),
        }
    }

    pub(super) fn decode(&self, coded: &[u8], threads: usize) -> Result<Self, Failure> {
        Ok(match self {
            Self::Image(_) => Self::Image(Box::new(codec::decode_picture(coded, false, threads, |_, _| ())?.0)),
            Self::Bytes(_) => Self::Bytes(codec::unpack(coded, threads)?),
        })
    }

    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Image(a), Self::Image(b)) => a.info == b.info && a.pixels == b.pixels,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            _ => false,
        }
    }
}
