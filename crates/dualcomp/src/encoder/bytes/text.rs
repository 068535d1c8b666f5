//! What blocks are made of: the input, and what stands in the place of files.

use crate::encoder::bytes::Encoder;
use crate::encoder::bytes::choose_block::BLOCK;
use crate::encoder::files::embedded::Embedded;
use crate::encoder::files::find_files::{Ends, Found};
use crate::error::Result;
use crate::format::ChunkKind;

impl Encoder {
    pub(super) fn end(&mut self) -> Result<()> {
        self.absorb(Ends::Stream);
        while self.text.len() > BLOCK {
            self.block(BLOCK, false)?;
        }
        if !self.text.is_empty() {
            return self.block(self.text.len(), true);
        }
        if self.fill.is_some() {
            return self.put_fill(true);
        }
        match self.blocks {
            0 => self.put(ChunkKind::Empty, true, &[])?,
            _ => self.put_end()?,
        }
        Ok(())
    }

    /// Makes text of the buffer.
    pub(super) fn absorb(&mut self, ends: Ends) {
        let mut raw = std::mem::take(&mut self.buffer);
        self.choose_window(&raw, ends);
        if let Some(mut finder) = self.finder.take() {
            finder.push(&raw, ends, |found| self.append(found));
            self.finder = Some(finder);
            raw.clear();
        } else {
            std::mem::swap(&mut self.loose, &mut raw);
        }
        self.take_loose();
        self.buffer = raw;
    }

    /// Appends what was found. Returns whether it was taken.
    fn append(&mut self, found: Found<'_>) -> bool {
        let (kind, file, effort) = match found {
            Found::Bytes(bytes) => {
                // A long file that is none after all would be in memory several times.
                for part in bytes.chunks(BLOCK) {
                    self.loose.extend_from_slice(part);
                    if self.loose.len() >= BLOCK {
                        self.take_loose();
                    }
                }
                return true;
            }
            Found::File(kind, file, effort) => (kind, file, effort),
        };
        self.take_loose();
        if self.copies_file(file) {
            return true;
        }
        let Some(embedded) = Embedded::new((kind, file), &self.options, &self.source, self.held(), effort) else {
            return false;
        };
        self.note_file(file);
        let start = self.position + self.text.len() as u64;
        self.begins_with_file |= start == 0;
        self.spans_len += embedded.spans.iter().map(|span| span.payload.len()).sum::<usize>();
        self.spans.extend(embedded.spans.into_iter().map(|span| (start + span.start as u64, span)));
        self.text.extend(embedded.text);
        self.spans_end = self.position + self.text.len() as u64;
        true
    }
}
