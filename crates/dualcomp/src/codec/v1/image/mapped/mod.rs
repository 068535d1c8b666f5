//! Mapped tiles (docs/spec/image.md, section 15): the samples are numbers that stand for values, as not all values occur.
//! What JPEG XL calls a palette of a channel, and FLIF compact channels; and samples that once had fewer bits.

mod sample_map;

use dualcomp_entropy::predictor::Predictor;

pub(crate) use sample_map::{SampleMap, Scaling};

use crate::ColorType;
use crate::codec::v1::image::tile_kinds;
use crate::error::{Error, Result};
use crate::format::ChunkKind;
use crate::format::image::tile_grid::TileShape;

/// The kind of chunk that a payload's numbers are coded as. Tiles that are not coded, and mapped ones, are none.
pub(crate) fn kind_of(payload: &[u8]) -> Option<ChunkKind> {
    let &code = payload.first()?;
    let kind = ChunkKind::try_from(code).ok()?;
    let plain = matches!(kind, ChunkKind::Empty | ChunkKind::Stored | ChunkKind::Fill | ChunkKind::TileMapped);
    (kind.is_tile() && !plain).then_some(kind)
}

/// The type of a tile of numbers: of eight bits, if each channel has so few.
pub(crate) fn color_of(maps: &[SampleMap], color: ColorType) -> ColorType {
    let few = color.bytes_per_sample() == 1 || maps.iter().all(|map| map.numbers() <= 1 << 8);
    if few { ColorType::ALL[color.channels() - 1] } else { color }
}

/// What stands before the payload of the numbers: how they are coded, and the map of each channel.
pub(crate) fn head(kind: ChunkKind, maps: &[SampleMap], color: ColorType) -> Vec<u8> {
    let mut out = vec![kind.code()];
    for map in maps {
        map.put(&mut out, color.bytes_per_sample());
    }
    out
}

/// The bytes of a tile of numbers that stand for the samples of `raw`, of which each has one.
pub(crate) fn numbers(raw: &[u8], color: ColorType, maps: &[SampleMap]) -> Vec<u8> {
    let tables: Vec<Vec<u16>> = maps.iter().map(|map| inverse(&map.values(color.bytes_per_sample()))).collect();
    translate(raw, color, color_of(maps, color), &tables).unwrap_or_default()
}

/// For each value below the last, the number that stands for it.
fn inverse(values: &[u16]) -> Vec<u16> {
    let mut numbers = vec![0; values.last().map_or(0, |&value| usize::from(value) + 1)];
    for (number, &value) in values.iter().enumerate() {
        numbers[usize::from(value)] = number as u16;
    }
    numbers
}

/// The bytes of a tile. Any payload gives some bytes or an error.
///
/// # Errors
/// If the payload does not begin with the kind of a coded tile and maps, if the numbers' tile is damaged, or if a number
/// stands for nothing.
pub(crate) fn decode(payload: &[u8], shape: TileShape, predictor: Option<&dyn Predictor>) -> Result<Vec<u8>> {
    let kind = kind_of(payload).ok_or(Error::corrupt("the numbers of a mapped tile have no such kind"))?;
    let mut rest = payload.get(1..).unwrap_or_default();
    let depth = shape.color.bytes_per_sample();
    let maps = (0..shape.color.channels()).map(|_| SampleMap::take(&mut rest, depth)).collect::<Result<Vec<_>>>()?;
    let inner = TileShape { color: color_of(&maps, shape.color), ..shape };
    let coded = tile_kinds::decode(kind, rest, inner, predictor)
        .ok_or(Error::corrupt("the numbers of a mapped tile have no such kind"))??;
    let tables: Vec<Vec<u16>> = maps.iter().map(|map| map.values(depth)).collect();
    translate(&coded, inner.color, shape.color, &tables).ok_or(Error::corrupt("a number stands for no sample"))
}

/// The samples of a tile by the table of each channel, in another type of as many channels; none if a table is too short.
fn translate(raw: &[u8], from: ColorType, to: ColorType, tables: &[Vec<u16>]) -> Option<Vec<u8>> {
    let pixels = raw.len() / from.bytes_per_pixel();
    let mut out = Vec::with_capacity(pixels * to.bytes_per_pixel());
    for pixel in raw.chunks_exact(from.bytes_per_pixel()) {
        for (sample, table) in pixel.chunks_exact(from.bytes_per_sample()).zip(tables) {
            let place = sample.iter().fold(0, |place, &byte| place << 8 | usize::from(byte));
            let value = *table.get(place)?;
            out.extend_from_slice(&value.to_be_bytes()[2 - to.bytes_per_sample()..]);
        }
    }
    Some(out)
}

/// Bytes beside those of the numbers' tile.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    shape.raw_len() + 4 * 2 * (1 << 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::v1::image::fast::{Coding, Form};
    use crate::codec::v1::image::{drawn, fast};

    fn picture(shape: TileShape, sample: impl Fn(u32) -> u16) -> Vec<u8> {
        let samples = (0..(shape.pixels() as usize * shape.color.channels()) as u32).map(sample);
        let depth = shape.color.bytes_per_sample();
        samples.flat_map(|sample| sample.to_be_bytes()[2 - depth..].to_vec()).collect()
    }

    /// Codes a tile of numbers as a fast or a drawn one.
    fn encode(raw: &[u8], shape: TileShape, maps: &[SampleMap], kind: ChunkKind) -> Vec<u8> {
        let inner = TileShape { color: color_of(maps, shape.color), ..shape };
        let numbers = numbers(raw, shape.color, maps);
        let mut payload = head(kind, maps, shape.color);
        payload.extend(match kind {
            ChunkKind::Drawn => drawn::encode(&numbers, inner),
            _ => {
                let forms = fast::groups(inner.color).iter().map(|_| Form::Planes(Coding::default()));
                fast::encode(&numbers, inner, &forms.collect::<Vec<_>>())
            }
        });
        payload
    }

    #[test]
    fn tiles_of_eight_and_of_sixteen_bits_come_back() {
        let shape = TileShape { width: 20, height: 9, color: ColorType::La8 };
        let raw = picture(shape, |i| if i % 2 == 1 { 255 } else { (i * i % 60 * 3) as u16 });
        let maps = [SampleMap::of_values((0..60).map(|i| 3 * i).collect()), SampleMap::of_values(vec![255])];
        for kind in [ChunkKind::PhotoFast, ChunkKind::Drawn] {
            let payload = encode(&raw, shape, &maps, kind);
            assert_eq!(kind_of(&payload), Some(kind));
            assert!(decode(&payload, shape, None).unwrap() == raw);
        }
        let shape = TileShape { color: ColorType::L16, ..shape };
        for bits in [8, 12] {
            let scaling = Scaling::new(Scaling::REPEATED, bits).unwrap();
            let raw = picture(shape, |i| scaling.value((i * 7 % (1 << bits)) as u16));
            let payload = encode(&raw, shape, &[SampleMap::Scaled(scaling)], ChunkKind::PhotoFast);
            assert!(decode(&payload, shape, None).unwrap() == raw);
        }
    }

    #[test]
    fn damaged_tiles_are_errors() {
        let shape = TileShape { width: 20, height: 9, color: ColorType::L8 };
        let raw = picture(shape, |i| (i % 5 * 50) as u16);
        let maps = [SampleMap::of_values((0..5).map(|i| 50 * i).collect())];
        let mut payload = encode(&raw, shape, &maps, ChunkKind::PhotoFast);
        assert!(decode(&payload, shape, None).is_ok());
        assert!(decode(&[], shape, None).is_err());
        for (at, byte) in [(0, ChunkKind::TileMapped.code()), (0, ChunkKind::Stored.code()), (0, 99), (1, 9), (2, 0)] {
            let before = std::mem::replace(&mut payload[at], byte);
            assert!(decode(&payload, shape, None).is_err(), "{at}");
            payload[at] = before;
        }
        assert!(decode(&payload[..20], shape, None).is_err());
    }
}
