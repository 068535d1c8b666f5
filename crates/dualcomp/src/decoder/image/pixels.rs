//! The pixels of an image, tile by tile.

use std::io::Read;

use crate::codec::Budget;
use crate::codec::v1::image::tile_bytes::put_tile;
use crate::decoder::image::chunks::skip;
use crate::decoder::image::tile::Tile;
use crate::decoder::image::{ImageDecoder, original_file};
use crate::error::{Error, Result};
use crate::format::image::area::Area;
use crate::format::plain_body;
use crate::runtime::parallel as work;

impl<R: Read> ImageDecoder<R> {
    pub(super) fn read_all(
        mut self,
        wants_file: bool,
        progress: impl FnMut(u64, u64),
    ) -> Result<(Vec<u8>, Option<Vec<u8>>)> {
        let (info, bytes) = (self.info, self.info.bytes().unwrap_or(u64::MAX));
        self.options.limits.check_memory(bytes)?;
        let len = usize::try_from(bytes).map_err(|_| Error::parameter("the image does not fit in memory"))?;
        let mut pixels = vec![0; len];
        self.wants_file = wants_file;
        self.read_tiles(&info.area(), &mut pixels, bytes, progress)?;
        let Some((chunk, body)) = self.original.take().filter(|_| wants_file) else { return Ok((pixels, None)) };
        let content = plain_body(&body, &chunk).map_err(|error| error.at(chunk.offset))?;
        let (limits, threads, read) = (&self.options.limits, self.options.threads, self.parser.offset());
        let budget = Budget { limits, held: bytes.saturating_add(chunk.len), threads, work: &mut self.work, read };
        let file = original_file::decode(self.header.version, content, &info, &pixels, &self.source, budget);
        Ok((pixels, Some(file.map_err(|error| error.at(chunk.offset))?)))
    }

    /// Decodes the pixels of an area, and says how many units of work that took; `held` bytes of memory are taken already.
    pub(in crate::decoder) fn read(
        mut self,
        area: &Area,
        pixels: &mut [u8],
        held: u64,
        progress: impl FnMut(u64, u64),
    ) -> Result<u64> {
        self.read_tiles(area, pixels, held, progress)?;
        Ok(self.work)
    }

    fn read_tiles(
        &mut self,
        area: &Area,
        pixels: &mut [u8],
        held: u64,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<()> {
        let (info, grid) = (self.info, self.grid);
        if area.is_empty() || area.overlap(&info.area()) != *area {
            return Err(Error::parameter("the area is not inside the image"));
        }
        if area.pixels().checked_mul(info.color.bytes_per_pixel() as u64) != Some(pixels.len() as u64) {
            return Err(Error::parameter("the length of the pixels does not match the size of the image"));
        }
        self.read_metadata()?;
        let threads = self.threads(held)?;
        let mut index = 0;
        let (end, mut finished) = (grid.end(area), 0);
        let next = || {
            // After the last of all tiles the end of the stream is checked.
            while index < end || end == grid.len() {
                let Some(chunk) = self.next_tile(index)? else { break };
                let place = grid.area(index);
                index += 1;
                if place.overlap(area).is_empty() {
                    let sum = skip(&mut self.reader, &mut self.parser)?;
                    self.sums.add(sum);
                } else {
                    return self.tile(place, chunk).map(Some);
                }
            }
            Ok(None)
        };
        work::run(
            threads,
            next,
            |tile: Tile| Ok((tile.area, tile.decode(&info)?)),
            |_, (place, raw)| {
                put_tile(pixels, area, info.color, &place, raw);
                finished += place.overlap(area).pixels();
                progress(finished, area.pixels());
                Ok(())
            },
        )
    }
}
