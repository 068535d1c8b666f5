//! Copies of earlier bytes of the input.

use crate::codec::coder_memory;
use crate::copies::finder::CopyFinder;
use crate::encoder::bytes::Encoder;
use crate::encoder::bytes::choose_block::{
    BLOCK, params_for, single_byte, substreams_for, window_for, window_for_files,
};
use crate::encoder::files::find_files::Ends;
use crate::error::Result;
use crate::format::copies::{Copy, MAX_COPIES, put_copy};
use crate::format::{ChunkKind, put_chunk, with_checksum};
use crate::options::EncoderOptions;

/// What finds copies in the input, and those that no chunk has yet.
pub(super) struct Copies {
    /// None if the stream has no window.
    finder: Option<CopyFinder>,
    log2: u8,
    /// Contents of chunks.
    found: Vec<Vec<u8>>,
}

/// Bytes of memory that who opens an image file may be short of: the `image` crate gives 512 MiB.
const OPENED_IMAGE: u64 = 512 << 20;
/// Bytes that a copy takes in a chunk at most: three numbers.
const COPY: usize = 27;

impl Copies {
    /// For a stream that begins like this and goes on unless it ends or is flushed.
    fn new(begin: &[u8], ends: Ends, options: &EncoderOptions) -> Self {
        let (hint, most) = (options.size_hint, options.window);
        let for_files = |len| if options.find_files { window_for_files(begin, len, most) } else { None };
        let log2 = match ends {
            Ends::Flush => None,
            Ends::No => window_for(hint, most).or_else(|| for_files(hint)),
            Ends::Stream => for_files(Some(begin.len() as u64)),
        };
        let finder = log2.map(|log2| CopyFinder::new(log2.into()));
        Self { finder, log2: log2.unwrap_or(0), found: Vec::new() }
    }

    fn add(&mut self, copies: &[Copy]) {
        for copy in copies {
            if self.found.last().is_none_or(|last| last.len() > MAX_COPIES - COPY) {
                self.found.push(Vec::new());
            }
            if let Some(last) = self.found.last_mut() {
                put_copy(last, copy);
            }
        }
    }
}

impl Encoder {
    /// Decides about the window when the stream is first looked at.
    pub(super) fn choose_window(&mut self, begin: &[u8], ends: Ends) {
        let ends = if self.started || self.file.is_some() { Ends::Flush } else { ends };
        self.copies.get_or_insert_with(|| Copies::new(begin, ends, &self.options));
    }

    /// Makes text of bytes that are in no file, without what came before.
    pub(super) fn take_loose(&mut self) {
        let mut loose = std::mem::take(&mut self.loose);
        if let Some(Copies { finder: Some(finder), .. }) = &mut self.copies {
            let (mut copies, mut kept) = (Vec::new(), Vec::new());
            for part in loose.chunks(finder.most()) {
                // Runs are fills.
                if single_byte(part).is_some() {
                    finder.pass(part);
                    kept.extend_from_slice(part);
                } else {
                    let mut part = part.to_vec();
                    copies.extend(finder.take_out(&mut part));
                    kept.append(&mut part);
                }
            }
            self.add_copies(&copies);
            loose = kept;
        }
        if self.text.is_empty() {
            std::mem::swap(&mut self.text, &mut loose);
        } else {
            self.text.append(&mut loose);
        }
        loose.clear();
        self.loose = loose;
    }

    /// Makes text of what is new in a file, if that is little.
    pub(super) fn copies_file(&mut self, file: &[u8]) -> bool {
        let Some(Copies { finder: Some(finder), .. }) = &mut self.copies else { return false };
        let Some((copies, kept)) = finder.take_file(file) else { return false };
        self.add_copies(&copies);
        self.text.extend(kept);
        true
    }

    /// Takes note of a file in whose place something else stands.
    pub(super) fn note_file(&mut self, file: &[u8]) {
        if let Some(Copies { finder: Some(finder), .. }) = &mut self.copies {
            finder.note(file);
        }
    }

    fn add_copies(&mut self, copies: &[Copy]) {
        if let Some(known) = &mut self.copies {
            known.add(copies);
        }
    }

    /// Says how large the window is, behind the header.
    pub(super) fn put_window(&mut self) {
        let copies = self.copies.as_ref().filter(|copies| copies.finder.is_some());
        if let Some(log2) = copies.map(|copies| copies.log2) {
            put_chunk(&mut self.pending.bytes, ChunkKind::Window, false, &with_checksum(&[log2]));
            self.blocks += 1;
        }
    }

    /// Bytes that a decoder may have in memory beside a file: for copies, for coders and a block, and for other files of the
    /// block.
    pub(super) fn held(&self) -> u64 {
        let window = self.copies.as_ref().filter(|copies| copies.finder.is_some()).map_or(0, |copies| 1 << copies.log2);
        let (level, hint) = (self.options.level, self.options.size_hint);
        window
            + substreams_for(BLOCK, level).count() as u64 * coder_memory(params_for(hint, level))
            + (BLOCK + self.spans_len) as u64
            + if self.file.is_some() { OPENED_IMAGE } else { 0 }
    }

    /// Whether copies were found that no chunk has yet.
    pub(super) fn has_copies(&self) -> bool {
        self.copies.as_ref().is_some_and(|copies| !copies.found.is_empty())
    }

    /// Gives out the copies found so far if they fill a chunk: where all comes again, no block does it.
    pub(super) fn put_full_copies(&mut self) -> Result<()> {
        let full = self.copies.as_ref().is_some_and(|copies| copies.found.len() > 1);
        if full { self.put_copies() } else { Ok(()) }
    }

    /// Gives out the copies found so far, in front of the bytes that stand behind them.
    pub(super) fn put_copies(&mut self) -> Result<()> {
        let found = self.copies.as_mut().map(|copies| std::mem::take(&mut copies.found)).unwrap_or_default();
        found.iter().try_for_each(|content| self.put(ChunkKind::Copies, false, &with_checksum(content)))
    }
}
