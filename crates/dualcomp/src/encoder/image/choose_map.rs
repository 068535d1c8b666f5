//! Whether the samples of a tile are coded as they are or as numbers that stand for them.

use dualcomp_entropy::predictor::Predictor;

use crate::codec::v1::image::fast;
use crate::codec::v1::image::mapped::{self, SampleMap};
use crate::encoder::image::choose_fast::SMALL;
use crate::encoder::image::choose_tile;
use crate::encoder::image::classify::{Content, repeat_tolerance, repeats};
use crate::encoder::image::fast_forms::forms;
use crate::encoder::image::sample_maps::{of_deep, of_gaps};
use crate::encoder::image::sample_rows::middle;
use crate::format::ChunkKind;
use crate::format::image::area::Area;
use crate::options::Level;
use crate::{ColorType, Error};

/// The payload of a tile and the kind of its chunk.
type Coded = (Vec<u8>, ChunkKind);

/// A tile of deep samples takes several times the time of a fast one: below the highest level it must save this part.
const DEEP_GAIN: usize = 100;

/// What numbers must save in rows that are to tell of a whole tile.
const MAP_GAIN: u64 = 100;

/// What tiles are coded for.
#[derive(Clone, Copy)]
struct Setting<'a> {
    area: &'a Area,
    color: ColorType,
    level: Level,
    network: Option<&'a dyn Predictor>,
}

/// The payload of a tile and the kind of its chunk: of numbers where its samples have few values, if that is shorter.
pub(crate) fn best(
    raw: &[u8],
    area: &Area,
    color: ColorType,
    level: Level,
    network: Option<&dyn Predictor>,
) -> Result<Coded, Error> {
    let setting = Setting { area, color, level, network };
    if color.bytes_per_sample() == 2 {
        return deep(raw, setting);
    }
    let Some(maps) = of_gaps(raw, color) else { return as_samples(raw, setting) };
    if level == Level::Fast || repeats(raw, area.width, color, repeat_tolerance(level)) {
        // Where tiles are quick, or a part of them says little of the rest, all of it is tried.
        let (numbers, samples) = (as_numbers(raw, &maps, setting)?, as_samples(raw, setting)?);
        return Ok(if numbers.0.len() < samples.0.len() { numbers } else { samples });
    }
    if shorter(raw, &maps, setting)? { as_numbers(raw, &maps, setting) } else { as_samples(raw, setting) }
}

fn as_samples(raw: &[u8], setting: Setting<'_>) -> Result<Coded, Error> {
    choose_tile::best(raw, setting.area, setting.color, setting.level, setting.network)
}

fn as_numbers(raw: &[u8], maps: &[SampleMap], setting: Setting<'_>) -> Result<Coded, Error> {
    let color = mapped::color_of(maps, setting.color);
    let (payload, kind) = as_samples(&mapped::numbers(raw, setting.color, maps), Setting { color, ..setting })?;
    Ok(([mapped::head(kind, maps, setting.color), payload].concat(), ChunkKind::TileMapped))
}

/// Whether the rows in the middle of a tile are shorter by a hundredth as numbers.
fn shorter(raw: &[u8], maps: &[SampleMap], setting: Setting<'_>) -> Result<bool, Error> {
    let (sample, shape) = middle(raw, setting.area.shape(setting.color));
    let area = Area { height: shape.height, ..*setting.area };
    let setting = Setting { area: &area, ..setting };
    let (numbers, samples) = (as_numbers(sample, maps, setting)?.0.len(), as_samples(sample, setting)?.0.len());
    // Tables stand once before all rows.
    let head = mapped::head(ChunkKind::TileMapped, maps, setting.color).len();
    let all = |len: usize| len as u64 * raw.len() as u64 / sample.len() as u64;
    Ok(all(numbers - head) + head as u64 + all(samples) / MAP_GAIN < all(samples))
}

/// The same of a tile of 16-bit samples: as numbers of eight bits if there are so few, else as a fast tile or as another one.
fn deep(raw: &[u8], setting: Setting<'_>) -> Result<Coded, Error> {
    let Setting { area, color, level, .. } = setting;
    let maps = of_deep(raw, color);
    if let Some(maps) = &maps
        && mapped::color_of(maps, color) != color
    {
        let scaled = maps.iter().any(|map| matches!(map, SampleMap::Scaled(_)));
        return if scaled || shorter(raw, maps, setting)? {
            as_numbers(raw, maps, setting)
        } else {
            as_samples(raw, setting)
        };
    }
    if !fast::fits(area.shape(color)) || level == Level::Fast && maps.is_none() {
        return as_samples(raw, setting);
    }
    let fast = match &maps {
        None => (fast::encode(raw, area.shape(color), &forms(raw, color)), ChunkKind::PhotoFast),
        Some(maps) => {
            let numbers = mapped::numbers(raw, color, maps);
            let payload = fast::encode(&numbers, area.shape(color), &forms(&numbers, color));
            ([mapped::head(ChunkKind::PhotoFast, maps, color), payload].concat(), ChunkKind::TileMapped)
        }
    };
    let quick = level == Level::Fast && area.pixels() > SMALL;
    if quick && Content::of(raw, area.width, color, level) == Content::Photo {
        return Ok(fast);
    }
    let other = as_samples(raw, setting)?;
    let gain = if level == Level::Max { 0 } else { fast.0.len() / DEEP_GAIN };
    Ok(if other.0.len() + gain < fast.0.len() { other } else { fast })
}
