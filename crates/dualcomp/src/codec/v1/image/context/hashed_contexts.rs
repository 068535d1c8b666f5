//! Counters under contexts of a sample: one line of memory for each context.

use dualcomp_entropy::Counter;
use prefetch_index::prefetch_index;

use crate::codec::v1::image::binarization::KINDS;

/// The counters of one context, one for each kind of decision, and a check of the context's hash.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
pub(crate) struct ContextCounters {
    pub(crate) counters: [Counter; KINDS],
    check: u32,
}

/// Counters under hashed contexts. A context takes over the place of another one with the same upper bits.
pub(crate) struct HashedContexts {
    lines: Vec<ContextCounters>,
    shift: u32,
}

impl HashedContexts {
    /// 2^`log2` lines, up to 2^31.
    pub(crate) fn new(log2: u32) -> Self {
        Self { lines: vec![ContextCounters::default(); 1 << log2], shift: 32 - log2 }
    }

    /// Fetches the line of a context that is needed soon.
    #[inline(always)]
    pub(crate) fn prefetch(&self, hash: u32) {
        prefetch_index(&self.lines, (hash >> self.shift) as usize);
    }

    /// The line of a context.
    #[inline(always)]
    pub(crate) fn line(&mut self, hash: u32) -> &mut ContextCounters {
        let line = &mut self.lines[(hash >> self.shift) as usize];
        // Never 0, which is the check of a fresh line.
        let check = hash | 1;
        if line.check != check {
            *line = ContextCounters { check, ..ContextCounters::default() };
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_context_s() {
        assert_eq!(size_of::<ContextCounters>(), 64);
        let mut lines = HashedContexts::new(4);
        lines.line(0x1234_5678).counters[3].update(true, 255);
        assert_eq!(lines.line(0x1234_5678).counters[3].count(), 1);
        assert_eq!(lines.line(0x1334_5678).counters[3].count(), 0);
        assert_eq!(lines.line(0x1234_5678).counters[3].count(), 0);
    }
}
