//! Versions of the stream format: the fifth byte of every stream (docs/spec/format.md, section 2).

/// A version of the stream format. It decides which codec decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FormatVersion {
    V1,
}

impl FormatVersion {
    /// The version that is written.
    pub(crate) const CURRENT: Self = Self::V1;

    /// The byte in a header.
    pub(crate) const fn to_byte(self) -> u8 {
        match self {
            Self::V1 => 1,
        }
    }
}

impl TryFrom<u8> for FormatVersion {
    type Error = ();

    fn try_from(byte: u8) -> Result<Self, ()> {
        match byte {
            1 => Ok(Self::V1),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stand_for_versions() {
        assert_eq!(FormatVersion::try_from(FormatVersion::CURRENT.to_byte()), Ok(FormatVersion::CURRENT));
        assert_eq!([0, 2, 255].map(FormatVersion::try_from), [Err(()); 3]);
    }
}
