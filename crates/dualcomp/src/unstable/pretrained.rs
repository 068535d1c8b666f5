//! How the counts of pretrained contexts are laid out (docs/spec/bytes.md, section 8).

use crate::codec::v1::bytes::pretrained as layout;

/// Slots of a bucket.
pub const SLOTS: usize = layout::SLOTS;
/// Counts that weights stand for.
pub const WEIGHTS: [u32; 4] = layout::WEIGHTS;

/// The bucket, among so many, of a context with this hash.
pub fn bucket(hash: u32, buckets: usize) -> usize {
    layout::bucket(hash, buckets)
}

/// The mark of slots that tell of exits, or of the end of a token.
pub fn mark(hash: u32, end: bool) -> u16 {
    layout::mark(hash, end)
}
