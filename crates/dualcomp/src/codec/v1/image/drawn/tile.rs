//! A tile in the order of rows (docs/spec/drawn.md).

use dualcomp_entropy::{BitCoder, Counter, Number, Prior, RangeDecoder, RangeEncoder, save_counters};
use fearless_simd::{Level, Simd};

use super::candidates::{Candidates, Here};
use super::history::History;
use super::samples::Samples;
use super::surroundings::Pixels;
use crate::ColorType;
use crate::codec::v1::artefacts::PriorKind;
use crate::format::image::tile_grid::TileShape;
use crate::runtime::at_level::at_level;

/// Neighbours that must be alike for flat surroundings, and those whose likeness is the context of the decision there.
const FLAT: [(usize, isize); 4] = [(0, -1), (1, 0), (1, -1), (1, 1)];
const FURTHER: [(usize, isize); 8] = [(0, -2), (2, 0), (1, 2), (1, -2), (2, 1), (2, -1), (1, 3), (2, 2)];
/// Pixels in flat surroundings that went on before this one: the least number of each class but the first. The last class
/// is that of a row in which all did.
const RUNS: [u32; 6] = [1, 2, 4, 8, 16, 64];
const RUN_CLASSES: usize = RUNS.len() + 2;
/// At first that a pixel goes on is as likely as this, in 1/65536 (experiments/0065).
const FLAT_START: u16 = 65280;
/// Decisions that a counter of flat surroundings counts at most.
const LIMIT: u32 = 511;

/// Logarithm of the entries of tables, for a tile of so many pixels: those of docs/spec/image.md, section 1.1.
fn log2(pixels: u64) -> u32 {
    (pixels.next_power_of_two().ilog2().max(12) - 2).min(16)
}

/// Whether a tile can be a drawn one: its samples have 8 bits.
pub(crate) fn fits(color: ColorType) -> bool {
    color.bytes_per_sample() == 1
}

/// All that a tile learns.
pub(crate) struct DrawnCoder {
    flat: Vec<Counter>,
    candidates: Candidates,
    samples: Samples,
}

impl DrawnCoder {
    pub(crate) fn new(width: usize, pixels: u64, mut prior: Prior<'_>) -> Self {
        let log2 = log2(pixels);
        let mut coder = Self {
            flat: vec![Counter::new(FLAT_START, 0); RUN_CLASSES << FURTHER.len()],
            candidates: Candidates::new(width, log2),
            samples: Samples::new(width, log2),
        };
        prior.counters(&mut coder.flat);
        coder.candidates.load(&mut prior);
        coder.samples.load(&mut prior);
        coder
    }

    /// Writes what a prior of [`Self::new`] holds.
    pub(crate) fn save(&mut self, out: &mut Vec<Number>) {
        save_counters(&self.flat, out);
        self.candidates.save(out);
        self.samples.save(out);
    }

    /// Codes a tile in either direction.
    pub(crate) fn code(&mut self, shape: TileShape, coder: &mut impl BitCoder, raw: &mut [u8], decodes: bool) {
        self.code_at(Level::new(), shape, coder, raw, decodes);
    }

    /// The same, as it was compiled for one of several kinds of processors, which all do the same.
    fn code_at(&mut self, level: Level, shape: TileShape, coder: &mut impl BitCoder, raw: &mut [u8], decodes: bool) {
        at_level!(level, simd => self.code_with(simd, shape, coder, raw, decodes));
    }

    #[inline(always)]
    fn code_with<S: Simd>(
        &mut self,
        simd: S,
        shape: TileShape,
        coder: &mut impl BitCoder,
        raw: &mut [u8],
        decodes: bool,
    ) {
        let (width, height, channels) = (shape.width as usize, shape.height as usize, shape.color.channels());
        let mut pixels = Pixels::new(width, height, channels);
        for (row, bytes) in raw.chunks_exact_mut(width * channels).enumerate() {
            if !decodes {
                let words = pixels.row(row);
                for column in 0..width {
                    let mut word = 0;
                    for channel in 0..channels {
                        word |= u32::from(bytes[column * channels + channel]) << (8 * channel);
                    }
                    words[column] = word;
                }
            }
            pixels.begin(row);
            self.code_row(simd, &mut pixels, [row, width, channels], coder);
            if decodes {
                let words = pixels.row(row);
                for column in 0..width {
                    for channel in 0..channels {
                        bytes[column * channels + channel] = (words[column] >> (8 * channel)) as u8;
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn code_row<S: Simd>(
        &mut self,
        simd: S,
        pixels: &mut Pixels,
        [row, width, channels]: [usize; 3],
        coder: &mut impl BitCoder,
    ) {
        self.candidates.next_row();
        self.samples.next_row();
        let (mut run, mut all) = (0u32, true);
        for column in 0..width {
            let place = pixels.place(row, column);
            let wanted = pixels.near(place, (0, 0));
            let west = pixels.near(place, FLAT[0]);
            let mut flat = true;
            for i in 1..FLAT.len() {
                flat &= pixels.near(place, FLAT[i]) == west;
            }
            if flat {
                // Index loops: closures stay calls in functions as large as the callers.
                let mut class = usize::from(all);
                for i in 0..RUNS.len() {
                    class += usize::from(all || run >= RUNS[i]);
                }
                let mut alike = 0;
                for i in 0..FURTHER.len() {
                    alike |= usize::from(pixels.near(place, FURTHER[i]) == west) << i;
                }
                let counter = &mut self.flat[alike * RUN_CLASSES + class];
                let goes_on = coder.code(wanted == west, counter.p().clamp(1, 65535));
                counter.update(goes_on, LIMIT);
                if goes_on {
                    pixels.set(place, west);
                    self.candidates.pass(column);
                    self.samples.pass(column);
                    run += 1;
                    continue;
                }
            }
            (run, all) = (0, false);
            self.samples.prefetch(west, pixels.near(place, (1, 0)));
            let hashes = History::hashes(pixels, place);
            let here = Here { place, column, hashes, excluded: flat.then_some(west) };
            let found = self.candidates.code(simd, pixels, here, coder, wanted);
            let pixel = match found {
                Some(pixel) => {
                    self.samples.pass(column);
                    pixel
                }
                None => self.samples.code(simd, pixels, [place, column], channels, coder, wanted),
            };
            pixels.set(place, pixel);
            self.candidates.see(hashes, pixel);
        }
    }
}

/// The payload of a tile whose bytes are `raw`: rows, samples interleaved.
pub(crate) fn encode(raw: &[u8], shape: TileShape) -> Vec<u8> {
    let mut coder = RangeEncoder::new();
    let mut tile = DrawnCoder::new(shape.width as usize, shape.pixels(), PriorKind::DrawnTile.prior());
    tile.code(shape, &mut coder, &mut raw.to_vec(), false);
    coder.finish()
}

/// The bytes of a tile. Any payload gives some bytes.
pub(crate) fn decode(payload: &[u8], shape: TileShape) -> Vec<u8> {
    let mut raw = vec![0; shape.raw_len() as usize];
    let mut tile = DrawnCoder::new(shape.width as usize, shape.pixels(), PriorKind::DrawnTile.prior());
    tile.code(shape, &mut RangeDecoder::new(payload), &mut raw, true);
    raw
}

/// Bytes that decoding a tile of this shape takes at most, roughly: its body, result and pixels with their border, rows,
/// tables.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    const ROW: u64 = 80;
    let (width, height, log2) = (u64::from(shape.width), u64::from(shape.height), log2(shape.pixels()));
    let tables = Candidates::memory(log2) + Samples::memory(log2) + (1 << 19);
    2 * shape.raw_len() + 4 * (width + 6) * (height + 2) + ROW * width + tables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture of few colours: boxes, a slope, noise, mixtures of two colours.
    fn picture(width: usize, height: usize, channels: usize) -> Vec<u8> {
        let mut x = 1u32;
        let samples = (0..width * height * channels).map(|i| {
            let (column, row, channel) = (i / channels % width, i / channels / width, i % channels);
            if channel == 0 {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            }
            match (column / 8 + row / 6) % 5 {
                0 => (x >> 30) as u8 * 40 + 9 * channel as u8,
                1 => (3 * column + row + 50 * channel) as u8,
                2 => ((column % 8) * (30 - 7 * channel)) as u8,
                _ => [0, 255, 7, 90][channel],
            }
        });
        samples.collect()
    }

    fn encode_at(level: Level, raw: &[u8], shape: TileShape) -> Vec<u8> {
        let mut coder = RangeEncoder::new();
        let mut tile = DrawnCoder::new(shape.width as usize, shape.pixels(), PriorKind::DrawnTile.prior());
        tile.code_at(level, shape, &mut coder, &mut raw.to_vec(), false);
        coder.finish()
    }

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        for (width, height) in [(67, 50), (1, 9), (3, 1), (1, 1), (200, 2)] {
            for color in ColorType::ALL.into_iter().filter(|&color| fits(color)) {
                let shape = TileShape { width, height, color };
                let raw = picture(width as usize, height as usize, color.channels());
                let payload = encode(&raw, shape);
                assert!(payload == encode_at(Level::baseline(), &raw, shape), "{color:?} {width} {height}");
                assert!(decode(&payload, shape) == raw, "{color:?} {width} {height}");
                let mut again = vec![0; raw.len()];
                let mut tile = DrawnCoder::new(width as usize, shape.pixels(), PriorKind::DrawnTile.prior());
                tile.code_at(Level::baseline(), shape, &mut RangeDecoder::new(&payload), &mut again, true);
                assert!(again == raw, "{color:?} {width} {height}");
            }
        }
    }

    #[test]
    fn flat_pictures_take_few_bytes() {
        let shape = TileShape { width: 300, height: 200, color: ColorType::Rgba8 };
        let mut raw = [10, 20, 30, 255].repeat(300 * 200);
        raw[4 * 300 * 100 + 4 * 50] = 11;
        let payload = encode(&raw, shape);
        assert!(payload.len() < 60, "{}", payload.len());
        assert!(decode(&payload, shape) == raw);
    }

    #[test]
    fn any_payload_gives_some_bytes() {
        let mut x = 7u32;
        for round in 0..60 {
            let shape =
                TileShape { width: 1 + round % 40, height: 1 + round % 33, color: ColorType::ALL[round as usize % 4] };
            let noise = (0..round * 20).map(|_| {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if round % 3 == 0 { 255 } else { (x >> 24) as u8 }
            });
            let payload: Vec<u8> = noise.collect();
            assert_eq!(decode(&payload, shape).len() as u64, shape.raw_len());
        }
    }

    #[test]
    fn the_prior_has_a_number_for_each_that_is_learned() {
        let mut numbers = Vec::new();
        DrawnCoder::new(1, 1, PriorKind::DrawnTile.prior()).save(&mut numbers);
        assert_eq!(PriorKind::DrawnTile.file().len(), numbers.len());
    }
}
