//! Bounds on memory.

/// What a file may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of all coefficients, two each. Default: 512 MiB, about 180 megapixels of 4:2:0.
    pub max_coefficient_bytes: u64,
    /// Bytes of the whole file. Default: 512 MiB.
    pub max_file_bytes: u64,
    /// Bytes of what a [`Rebuild`](crate::Rebuild) lists of scans that are not coded as usual. Default: 128 MiB.
    pub max_exception_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_coefficient_bytes: 512 << 20, max_file_bytes: 512 << 20, max_exception_bytes: 128 << 20 }
    }
}

impl Limits {
    /// Sets [`Self::max_coefficient_bytes`].
    #[must_use]
    pub fn with_max_coefficient_bytes(mut self, bytes: u64) -> Self {
        self.max_coefficient_bytes = bytes;
        self
    }

    /// Sets [`Self::max_file_bytes`].
    #[must_use]
    pub fn with_max_file_bytes(mut self, bytes: u64) -> Self {
        self.max_file_bytes = bytes;
        self
    }

    /// Sets [`Self::max_exception_bytes`].
    #[must_use]
    pub fn with_max_exception_bytes(mut self, bytes: u64) -> Self {
        self.max_exception_bytes = bytes;
        self
    }
}
