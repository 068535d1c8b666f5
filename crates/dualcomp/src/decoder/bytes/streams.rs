//! Where one stream ends and another begins.

use crate::api::dictionary::Dictionary;
use crate::codec::STREAM_WORK;
use crate::decoder::bytes::Decoder;
use crate::decoder::splice::Splicer;
use crate::error::{Error, FormatErrorKind, Result};
use crate::format::{HEADER_LEN, Header, Kind};

impl Decoder {
    /// Begins a stream.
    pub(super) fn open(&mut self, header: Header) -> Result<()> {
        let offset = self.parser.offset() - HEADER_LEN as u64;
        if self.follows && (header.kind == Kind::ImageFile || self.file.is_some()) {
            let detail = "something else comes before or after the image file";
            return Err(Error::format(FormatErrorKind::TrailingData, offset, detail));
        }
        if header.kind != Kind::ImageFile {
            header.expect(Kind::Bytes, offset)?;
        }
        self.charge(STREAM_WORK)?;
        if let Some(id) = header.dictionary
            && self.dictionary(id).is_none()
        {
            return Err(Error::UnknownDictionary { id });
        }
        self.header = Some(header);
        Ok(())
    }

    /// The dictionary of this name, if it is at hand.
    pub(super) fn dictionary(&self, id: [u8; 4]) -> Option<&Dictionary> {
        self.options.dictionaries.iter().find(|dictionary| dictionary.id() == id)
    }

    /// Forgets the blocks of the stream before.
    pub(super) fn begin(&mut self) {
        self.blocks = 0;
        self.given = 0;
        self.checksum = crc32fast::Hasher::new();
        self.passed = 0;
        self.splicer = Splicer::default();
        self.outermost.clear();
        self.copier = None;
    }

    pub(super) fn open_next(&mut self) {
        self.parser.restart();
        self.begin();
        self.follows = true;
        self.ended = false;
    }

    /// What does not start as a stream after a stream is something else than a wrong file.
    pub(super) fn trailing(&self, error: Error) -> Error {
        match error {
            Error::Format(format) if self.follows && format.kind() == FormatErrorKind::NotDualComp => Error::format(
                FormatErrorKind::TrailingData,
                format.offset().unwrap_or_default(),
                "something else follows the end of the stream",
            ),
            error => error,
        }
    }
}
