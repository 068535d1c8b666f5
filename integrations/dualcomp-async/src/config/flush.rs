//! When a pause of the input makes a block.

/// When an encoder makes a block of less than 1 MiB because the input pauses.
///
/// Each flush ends a block. What is learned stays, but a block has up to 20 bytes of its own, and one below 512 KiB is
/// coded by one thread. Measured on 1 MiB of JSON lines (`examples/figures.rs`):
///
/// | a flush every | bytes at [`Level::Fast`](dualcomp::Level::Fast) | bytes at [`Level::Default`](dualcomp::Level::Default) |
/// |---|---|---|
/// | 1 MiB | 50,265 | 48,738 |
/// | 64 KiB | 49,720 | 49,947 |
/// | 16 KiB | 50,324 | 50,631 |
/// | 4 KiB | 52,444 | 53,045 |
/// | 1 KiB | 59,993 | 61,182 |
///
/// Without the network that is nothing at 16 KiB, 4 % at 4 KiB and 19 % at 1 KiB. With it, it is 4, 9 and 26 %: a first
/// block of 512 KiB or more has another coding, which suits such lines better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlushPolicy {
    /// Not before the end. For files.
    Never,
    /// When at least so many bytes wait. Bounds what a flush costs and how much a slow source holds back.
    After(u64),
    /// Whenever anything waits. For conversations.
    OnPending,
}

impl FlushPolicy {
    /// Whether to flush when the input pauses and this many bytes wait.
    pub(crate) fn is_due(self, waiting: u64) -> bool {
        match self {
            Self::Never => false,
            Self::After(bytes) => waiting >= bytes.max(1),
            Self::OnPending => waiting > 0,
        }
    }
}
