//! Where the chunks of a PNG file may stand (PNG, third edition, section 5.6).
//!
//! Decoders pass over chunks elsewhere. Written back in their place these would mean something that they did not.

/// How far a walk through a file has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    #[default]
    BehindHeader,
    BehindPalette,
    InData,
    BehindData,
}

impl Place {
    /// The place behind a chunk here.
    ///
    /// # Errors
    /// If without that chunk there are no pixels, and it must not stand here.
    pub(super) fn behind(self, kind: [u8; 4]) -> Result<Self, String> {
        match (&kind, self) {
            (b"PLTE", Self::InData | Self::BehindData) => Err("its palette is out of place".to_owned()),
            (b"PLTE", _) => Ok(Self::BehindPalette),
            (b"IDAT", Self::BehindData) => Err("its image data does not stand together".to_owned()),
            (b"IDAT", _) => Ok(Self::InData),
            (_, Self::InData) => Ok(Self::BehindData),
            _ => Ok(self),
        }
    }

    /// Whether a chunk that says something beside the pixels may stand here, in a file whose pixels are indices or not.
    pub(super) fn allows(self, kind: [u8; 4], indexed: bool) -> bool {
        match &kind {
            b"cICP" | b"mDCV" | b"cLLI" | b"iCCP" | b"sRGB" | b"gAMA" | b"cHRM" | b"sBIT" => self < Self::BehindPalette,
            b"bKGD" if indexed => self == Self::BehindPalette,
            b"tRNS" | b"bKGD" | b"hIST" | b"pHYs" | b"sPLT" => self < Self::InData,
            // Edition 2 lets it stand behind the data, too.
            b"eXIf" | b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" => true,
            // Whoever copies such chunks unread must leave them on their side of the data.
            [first, _, _, last] if first.is_ascii_lowercase() && last.is_ascii_lowercase() => self < Self::InData,
            _ => true,
        }
    }
}
