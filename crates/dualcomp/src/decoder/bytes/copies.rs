//! Copies of earlier bytes, and what of a stream is given out.

use crate::copies::copier::Copier;
use crate::decoder::bytes::Decoder;
use crate::error::Result;
use crate::format::copies::{WINDOW_LOGS, take_copy};
use crate::format::{Chunk, plain_body};

impl Decoder {
    /// Takes note of the window of the stream.
    pub(super) fn window(&mut self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let &[log2] = plain_body(body, chunk)? else { return Err(chunk.corrupt("a window has one byte")) };
        if !WINDOW_LOGS.contains(&log2) {
            return Err(chunk.corrupt("the size of the window is out of range"));
        }
        let copier = Copier::new(log2);
        self.options.limits.check_memory(self.held().saturating_add(copier.memory()))?;
        self.copier = Some(copier);
        Ok(())
    }

    /// Takes note of copies.
    pub(super) fn copies(&mut self, chunk: &Chunk, body: &[u8]) -> Result<()> {
        let mut content = plain_body(body, chunk)?;
        let missing = || chunk.corrupt("copies in a stream without a window");
        if self.copier.is_none() {
            return Err(missing());
        }
        while !content.is_empty() {
            let copier = self.copier.as_mut().ok_or_else(missing)?;
            let copy = take_copy(&mut content, copier.window())?;
            copier.announce(copy)?;
            self.count(copy.len)?;
            self.charge(1 + (copy.len >> 10))?;
        }
        self.options.limits.check_memory(self.held())
    }

    /// Checks at the end of a stream that no copy is missing.
    pub(super) fn has_copied(&self, chunk: &Chunk) -> Result<()> {
        if chunk.last && self.copier.as_ref().is_some_and(|copier| !copier.is_idle()) {
            return Err(chunk.corrupt("a copy goes on behind the end of the stream"));
        }
        Ok(())
    }

    /// Gives out what is ready; returns how much that is.
    pub(super) fn drain(&mut self, output: &mut [u8]) -> usize {
        let mut count = 0;
        loop {
            let copied = self.copier.as_mut().map_or(0, |copier| copier.copy(&mut output[count..]));
            let given = self.give(&mut output[count + copied..]);
            count += copied + given;
            if copied + given == 0 {
                break;
            }
        }
        self.checksum.update(&output[..count]);
        self.given += count as u64;
        count
    }

    /// Gives out what is ready in front of the next copy.
    fn give(&mut self, room: &mut [u8]) -> usize {
        let until = self.copier.as_ref().map_or(u64::MAX, Copier::until_copy);
        let most = usize::try_from(until).map_or(room.len(), |until| until.min(room.len()));
        let room = &mut room[..most];
        let mut count = self.pending.drain(room);
        if let Some((byte, left)) = &mut self.fill {
            let run = (most - count).min(usize::try_from(*left).unwrap_or(usize::MAX));
            room[count..count + run].fill(*byte);
            *left -= run as u64;
            count += run;
            if *left == 0 {
                self.fill = None;
            }
        }
        if let Some(copier) = &mut self.copier {
            copier.pass(&room[..count]);
        }
        count
    }
}
