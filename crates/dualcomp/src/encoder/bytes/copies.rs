//! Copies of earlier bytes of the input.

use crate::copies::finder::CopyFinder;
use crate::encoder::bytes::Encoder;
use crate::encoder::choose_block::{single_byte, window_for};
use crate::encoder::files::find_files::Ends;
use crate::error::Result;
use crate::format::copies::{MAX_COPIES, put_copy};
use crate::format::{ChunkKind, put_chunk, with_checksum};

/// What finds copies in the input, and those that no chunk has yet.
pub(super) struct Copies {
    /// None if the stream has no window.
    finder: Option<CopyFinder>,
    log2: u8,
    found: Vec<u8>,
}

/// Bytes that a copy takes in a chunk at most: three numbers.
const COPY: usize = 27;

impl Encoder {
    /// Takes copies out of input, which goes on unless the stream ends or is flushed.
    pub(super) fn take_copies(&mut self, raw: &mut Vec<u8>, ends: Ends) -> Result<()> {
        let goes_on = ends == Ends::No && !self.started && self.file.is_none();
        let log2 = window_for(self.options.size_hint, self.options.window).filter(|_| goes_on);
        let copies = self.copies.get_or_insert_with(|| Copies {
            finder: log2.map(|log2| CopyFinder::new(log2.into())),
            log2: log2.unwrap_or(0),
            found: Vec::new(),
        });
        let Some(finder) = &mut copies.finder else { return Ok(()) };
        // Runs are fills.
        if single_byte(raw).is_some() {
            finder.pass(raw);
            return Ok(());
        }
        for copy in finder.take_out(raw) {
            if self.copies.as_ref().is_some_and(|copies| copies.found.len() > MAX_COPIES - COPY) {
                self.put_copies()?;
            }
            if let Some(copies) = &mut self.copies {
                put_copy(&mut copies.found, &copy);
            }
        }
        Ok(())
    }

    /// Says how large the window is, behind the header.
    pub(super) fn put_window(&mut self) {
        let copies = self.copies.as_ref().filter(|copies| copies.finder.is_some());
        if let Some(log2) = copies.map(|copies| copies.log2) {
            put_chunk(&mut self.pending.bytes, ChunkKind::Window, false, &with_checksum(&[log2]));
            self.blocks += 1;
        }
    }

    /// Bytes that a decoder may have in memory for copies.
    pub(super) fn window(&self) -> u64 {
        self.copies.as_ref().filter(|copies| copies.finder.is_some()).map_or(0, |copies| 1 << copies.log2)
    }

    /// Whether copies were found that no chunk has yet.
    pub(super) fn has_copies(&self) -> bool {
        self.copies.as_ref().is_some_and(|copies| !copies.found.is_empty())
    }

    /// Gives out the copies found so far, in front of the bytes that stand behind them.
    pub(super) fn put_copies(&mut self) -> Result<()> {
        let found = self.copies.as_mut().map(|copies| std::mem::take(&mut copies.found)).unwrap_or_default();
        if found.is_empty() { Ok(()) } else { self.put(ChunkKind::Copies, false, &with_checksum(&found)) }
    }
}
