//! Coding of one tile (docs/spec/image.md).
//!
//! The upper bytes of the colour samples are predicted by the network, a wavefront of pixels at a time: rows run
//! three columns behind the row above, so that each pixel sees its neighbours up to two columns further right in
//! that row. Planes without a network follow: opacity, then low bytes.

use dualcomp_entropy::predictor::{Depth, Predictor};
use fearless_simd::{Level, Simd};

use crate::Error;
use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::direction::Direction;
use crate::codec::v1::image::pixel_network::Network;
use crate::codec::v1::image::planes::{PlaneLayout, join, split};
use crate::codec::v1::image::predict::local_error::LocalErrors;
use crate::codec::v1::image::profile::full::Wavefront;
use crate::codec::v1::image::profile::photo;
use crate::codec::v1::image::profile::photo::PhotoCoder;
use crate::codec::v1::image::profile::plane::{LonePlane, code_plane};
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::format::ChunkKind;
use crate::format::image::tile_grid::TileShape;
use crate::runtime::at_level::at_level;

/// How a coded tile is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// By contexts only.
    ContextsOnly,
    /// With the deep network and all contexts.
    Network,
    /// As a photograph, with the shallow network and sub-predictors.
    Photo,
    /// As a photograph, with the deep network and sub-predictors.
    PhotoDeep,
    /// As a photograph, by sub-predictors alone.
    PhotoLinear,
}

impl Profile {
    /// The kind of chunk of a tile that is coded so.
    pub(crate) fn kind(self) -> ChunkKind {
        match self {
            Self::ContextsOnly => ChunkKind::ContextsOnly,
            Self::Network => ChunkKind::Network,
            Self::Photo => ChunkKind::Photo,
            Self::PhotoDeep => ChunkKind::PhotoDeep,
            Self::PhotoLinear => ChunkKind::PhotoLinear,
        }
    }

    /// How a tile of such a chunk is coded, if it is coded at all.
    pub(crate) fn of_kind(kind: ChunkKind) -> Option<Self> {
        match kind {
            ChunkKind::ContextsOnly => Some(Self::ContextsOnly),
            ChunkKind::Network => Some(Self::Network),
            ChunkKind::Photo => Some(Self::Photo),
            ChunkKind::PhotoDeep => Some(Self::PhotoDeep),
            ChunkKind::PhotoLinear => Some(Self::PhotoLinear),
            _ => None,
        }
    }

    pub(crate) fn has_network(self) -> bool {
        self.kind().uses_network()
    }

    /// The network of this predictor that it takes.
    pub(crate) fn network(self, predictor: Option<&dyn Predictor>) -> Option<Network<'_>> {
        let depth = if self == Self::Photo { Depth::Shallow } else { Depth::Deep };
        predictor.map(|predictor| Network { predictor, depth })
    }
}

/// What codes the samples of a tile.
pub(crate) enum Coders {
    /// One for all planes.
    All(Box<SampleCoder>),
    /// One for colours, and one for other planes if there are any.
    Photo(Box<PhotoCoder>, Option<Box<SampleCoder>>),
}

impl Coders {
    fn new(layout: &PlaneLayout, profile: Profile) -> Self {
        let samples =
            |prior: PriorKind| Self::All(Box::new(SampleCoder::new(layout.width * layout.height, prior.prior())));
        match profile {
            Profile::ContextsOnly => samples(PriorKind::ContextsTile),
            Profile::Network => samples(PriorKind::NetworkTile),
            Profile::Photo => Self::photo(layout, PriorKind::PhotoTile, PriorKind::NetworkTile),
            Profile::PhotoDeep => Self::photo(layout, PriorKind::DeepTile, PriorKind::NetworkTile),
            Profile::PhotoLinear => Self::photo(layout, PriorKind::LinearTile, PriorKind::ContextsTile),
        }
    }

    /// Those of a photograph's tile, with priors for its colours and for other planes.
    pub(crate) fn photo(layout: &PlaneLayout, colors: PriorKind, others: PriorKind) -> Self {
        let pixels = layout.width * layout.height;
        let others = (layout.planes() > layout.colors()).then(|| Box::new(SampleCoder::new(pixels, others.prior())));
        Self::Photo(Box::new(PhotoCoder::new(pixels, colors.prior())), others)
    }
}

/// The payload of a tile whose bytes are `raw`: rows, samples interleaved, 16-bit ones big-endian.
pub(crate) fn encode_tile(
    raw: &[u8],
    shape: TileShape,
    profile: Profile,
    predictor: Option<&dyn Predictor>,
) -> Result<Vec<u8>, Error> {
    let mut coder = Direction::encode();
    let layout = PlaneLayout::new(shape);
    let network = profile.network(predictor);
    code(&layout, network, &mut Coders::new(&layout, profile), &mut coder, Some(&split(raw, &layout)))?;
    Ok(coder.finish())
}

/// The bytes of a tile. Any payload gives some bytes.
pub(crate) fn decode_tile(
    payload: &[u8],
    shape: TileShape,
    profile: Profile,
    predictor: Option<&dyn Predictor>,
) -> Result<Vec<u8>, Error> {
    let layout = PlaneLayout::new(shape);
    let mut coders = Coders::new(&layout, profile);
    let network = profile.network(predictor);
    let planes = code(&layout, network, &mut coders, &mut Direction::decode(payload), None)?;
    Ok(join(&planes, &layout))
}

/// Bytes that a model and regressions keep for a row that is under way, and regressions for a column.
const ROW_MEMORY: u64 = 68 << 10;
const COLUMN_MEMORY: u64 = 1100;

/// Bytes that decoding a tile of this shape takes, roughly: body and result, the neighbourhood of the pixels with its
/// border, tables, and the rows of the network.
pub(crate) fn tile_memory(shape: TileShape) -> u64 {
    let (width, height) = (u64::from(shape.width), u64::from(shape.height));
    let bordered = (width + 8) * (height + 8);
    // With two that are looked back at.
    let rows = (width.div_ceil(3) + 2).min(height) + 2;
    let pixels = shape.pixels() as usize;
    let tables = SampleCoder::memory(pixels) + PhotoCoder::memory(pixels);
    let local_errors = rows * width * LocalErrors::PIXEL;
    6 * shape.raw_len() + 11 * bordered + tables + local_errors + rows * ROW_MEMORY + width * COLUMN_MEMORY
}

/// Codes all planes in either direction, on this processor.
pub(crate) fn code(
    layout: &PlaneLayout,
    network: Option<Network<'_>>,
    coders: &mut Coders,
    coder: &mut Direction<'_>,
    planes: Option<&[Vec<u8>]>,
) -> Result<Vec<Vec<u8>>, Error> {
    code_at(Level::new(), layout, network, coders, coder, planes)
}

/// Codes all planes as it was compiled for one of several kinds of processors, which all do the same.
fn code_at(
    level: Level,
    layout: &PlaneLayout,
    network: Option<Network<'_>>,
    coders: &mut Coders,
    coder: &mut Direction<'_>,
    planes: Option<&[Vec<u8>]>,
) -> Result<Vec<Vec<u8>>, Error> {
    at_level!(level, simd => code_planes(simd, layout, network, coders, coder, planes))
}

#[inline(always)]
fn code_planes<S: Simd>(
    simd: S,
    layout: &PlaneLayout,
    network: Option<Network<'_>>,
    coders: &mut Coders,
    coder: &mut Direction<'_>,
    planes: Option<&[Vec<u8>]>,
) -> Result<Vec<Vec<u8>>, Error> {
    let colors = layout.colors();
    let of_colors = planes.map(|p| &p[..colors]);
    let (mut out, samples) = match coders {
        Coders::All(samples) => {
            (Wavefront::new(layout, network)?.run(simd, &mut *samples, coder, of_colors)?, Some(samples))
        }
        Coders::Photo(photo, samples) => {
            (photo::code_colors(simd, layout, photo, network, coder, of_colors)?, samples.as_mut())
        }
    };
    // Colours are all there is.
    let Some(samples) = samples else { return Ok(out) };
    for plane in colors..layout.planes() {
        // A low byte may follow from its high byte.
        let side = match layout.high_of(plane) {
            Some(high) => out[high].clone(),
            None => vec![0; layout.width * layout.height],
        };
        let values = planes.map(|p| &p[plane][..]);
        let lone = LonePlane { width: layout.width, height: layout.height, plane: plane as u32, side: &side, values };
        out.push(code_plane(simd, samples, coder, &lone));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColorType;

    /// A picture with noise, slopes and drawn parts.
    fn picture(width: usize, height: usize, channels: usize) -> Vec<u8> {
        let mut x = 1u32;
        let samples = (0..width * height * channels).map(|i| {
            x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (column, row, channel) = (i / channels % width, i / channels / width, i % channels);
            if column < width / 3 {
                return [7, 130, 200][(column / 5 + row / 4) % 3];
            }
            ((x >> 29) as usize + 2 * column + row + 40 * channel) as u8
        });
        samples.collect()
    }

    #[test]
    fn all_levels_of_a_processor_do_the_same() {
        let (width, height) = (61, 47);
        for color in [ColorType::L8, ColorType::Rgb8, ColorType::Rgba16] {
            for profile in [Profile::ContextsOnly, Profile::Photo, Profile::PhotoDeep, Profile::PhotoLinear] {
                let layout = PlaneLayout::new(TileShape { width, height, color });
                let raw = picture(width as usize, height as usize, color.bytes_per_pixel());
                let encode = |level| {
                    let (mut coder, planes) = (Direction::encode(), split(&raw, &layout));
                    code_at(level, &layout, None, &mut Coders::new(&layout, profile), &mut coder, Some(&planes))
                        .unwrap();
                    coder.finish()
                };
                let payload = encode(Level::new());
                assert!(payload == encode(Level::baseline()), "{color:?} {profile:?}");
                for level in [Level::new(), Level::baseline()] {
                    let (mut decoder, mut coders) = (Direction::decode(&payload), Coders::new(&layout, profile));
                    let planes = code_at(level, &layout, None, &mut coders, &mut decoder, None).unwrap();
                    assert!(join(&planes, &layout) == raw, "{color:?} {profile:?}");
                }
            }
        }
    }

    #[test]
    fn priors_have_a_number_for_each_that_is_learned() {
        for kind in [PriorKind::NetworkTile, PriorKind::ContextsTile] {
            let mut numbers = Vec::new();
            SampleCoder::new(1, kind.prior()).save(&mut numbers);
            assert_eq!(kind.file().len(), numbers.len(), "{kind:?}");
        }
        for kind in [PriorKind::PhotoTile, PriorKind::DeepTile, PriorKind::LinearTile] {
            let mut numbers = Vec::new();
            PhotoCoder::new(1, kind.prior()).save(&mut numbers);
            assert_eq!(kind.file().len(), numbers.len(), "{kind:?}");
        }
    }
}
