//! Bounds on what a decoder may use.

use crate::error::{Error, LimitError, LimitKind, Result};

/// What a decoder may use at most. Every limit is checked before the memory is taken or the work is done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Pixels of an image, width times height. Default: 2^28, a square of 16384.
    pub max_pixels: u64,
    /// Bytes a [`Decoder`](crate::Decoder) may produce in all, over concatenated streams. Default: no limit,
    /// because a decoder hands its output on; [`decompress`](crate::decompress) gathers it and so counts it as
    /// memory too.
    pub max_output_bytes: u64,
    /// Estimated bytes of memory: blocks in flight, context tables, windows and, where this library allocates it, the
    /// whole result. What the process shares is not counted: the model, and what streams before have prepared of a
    /// [`Dictionary`](crate::Dictionary), each up to [four times](crate::Dictionary::preparation_memory). Default: 1 GiB.
    pub max_memory_bytes: u64,
    /// Bytes of an image's metadata together. Default: 16 MiB.
    pub max_metadata_bytes: u64,
    /// Bytes that a [`Decoder`](crate::Decoder) may compute for each byte it has read, beyond the first 256 KiB.
    /// Checked before a block is decoded, so that it bounds the work that a few bytes can ask for. Runs of one byte
    /// are no work and do not count. Default: no limit, because what repeats itself compresses without one.
    pub max_ratio: u64,
    /// Units of work that may be spent, and how many more for each byte read beyond the first 64 KiB. A unit is about a
    /// microsecond of one core: [`Decoder`](crate::Decoder) and [`ImageDecoder`](crate::ImageDecoder) count what their
    /// data asks for before it is done. Default: no limit. All that is counted is in section 7 of docs/spec/format.md.
    ///
    /// | what | units |
    /// |---|---|
    /// | a chunk; a stream of bytes | 1; 16 |
    /// | a byte of a coded block, by contexts only; with the network | 1; 4, each twice with contexts of the second group |
    /// | a coded block | 32 |
    /// | the first coded block of a stream, and the first of two substreams | 512, and 1 for each KiB of its table |
    /// | a dictionary that no stream has needed before | as a first block of its samples; the network reads 64 KiB at most |
    /// | a copy of what came before; 1 KiB of it, of a stored block or of a fill | 1; 1 |
    /// | a byte of a JPEG file among bytes; of a deflate stream, or one that an image came from, and of its text | 4; 2 |
    /// | eight bytes of the rows of a PNG file, beside the tiles of its image | 1 |
    /// | a coded tile; a row of it | 1024; 8 |
    /// | a byte of a tile's samples, by contexts or sub-predictors; with the shallow network, or as blocks of a JPEG decoder; with the deep network | 1; 2; 3 |
    pub max_work: u64,
    /// See [`Self::max_work`].
    pub max_work_per_byte: u64,
}

/// Bytes that allow no work of their own.
const FREE_OF_WORK: u64 = 64 << 10;
/// Bytes that need no ratio.
const FREE: u64 = 256 << 10;

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 1 << 28,
            max_output_bytes: u64::MAX,
            max_memory_bytes: 1 << 30,
            max_metadata_bytes: 16 << 20,
            max_ratio: u64::MAX,
            max_work: u64::MAX,
            max_work_per_byte: 0,
        }
    }
}

impl Limits {
    /// Sets [`Self::max_pixels`].
    #[must_use]
    pub fn with_max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets [`Self::max_output_bytes`].
    #[must_use]
    pub fn with_max_output_bytes(mut self, bytes: u64) -> Self {
        self.max_output_bytes = bytes;
        self
    }

    /// Sets [`Self::max_memory_bytes`].
    #[must_use]
    pub fn with_max_memory_bytes(mut self, bytes: u64) -> Self {
        self.max_memory_bytes = bytes;
        self
    }

    /// Sets [`Self::max_metadata_bytes`].
    #[must_use]
    pub fn with_max_metadata_bytes(mut self, bytes: u64) -> Self {
        self.max_metadata_bytes = bytes;
        self
    }

    /// Sets [`Self::max_ratio`].
    #[must_use]
    pub fn with_max_ratio(mut self, ratio: u64) -> Self {
        self.max_ratio = ratio;
        self
    }

    /// Sets [`Self::max_work`] and [`Self::max_work_per_byte`].
    #[must_use]
    pub fn with_max_work(mut self, units: u64, per_byte: u64) -> Self {
        self.max_work = units;
        self.max_work_per_byte = per_byte;
        self
    }

    /// Whether `work` units may be spent after `read` bytes.
    pub(crate) fn check_work(&self, work: u64, read: u64) -> Result<()> {
        let more = read.saturating_sub(FREE_OF_WORK).saturating_mul(self.max_work_per_byte);
        check(LimitKind::Work, self.max_work.saturating_add(more), work)
    }

    /// These limits, with only the work that `work` units leave after `read` bytes.
    pub(crate) fn with_work_left(&self, work: u64, read: u64) -> Self {
        let more = read.saturating_sub(FREE_OF_WORK).saturating_mul(self.max_work_per_byte);
        self.clone().with_max_work(self.max_work.saturating_add(more).saturating_sub(work), 0)
    }

    pub(crate) fn check_pixels(&self, needed: u64) -> Result<()> {
        check(LimitKind::Pixels, self.max_pixels, needed)
    }

    pub(crate) fn check_output(&self, needed: u64) -> Result<()> {
        check(LimitKind::OutputBytes, self.max_output_bytes, needed)
    }

    pub(crate) fn check_memory(&self, needed: u64) -> Result<()> {
        check(LimitKind::MemoryBytes, self.max_memory_bytes, needed)
    }

    /// More memory than there may be, where it is not known how much.
    pub(crate) fn memory_exceeded(&self) -> Error {
        let limit = self.max_memory_bytes;
        Error::LimitsExceeded(LimitError { kind: LimitKind::MemoryBytes, limit, needed: limit.saturating_add(1) })
    }

    pub(crate) fn check_metadata(&self, needed: u64) -> Result<()> {
        check(LimitKind::MetadataBytes, self.max_metadata_bytes, needed)
    }

    /// `read` is not 0.
    pub(crate) fn check_ratio(&self, computed: u64, read: u64) -> Result<()> {
        check(LimitKind::Ratio, self.max_ratio, computed.saturating_sub(FREE).div_ceil(read))
    }
}

fn check(kind: LimitKind, limit: u64, needed: u64) -> Result<()> {
    if needed > limit {
        return Err(Error::LimitsExceeded(LimitError { kind, limit, needed }));
    }
    Ok(())
}
