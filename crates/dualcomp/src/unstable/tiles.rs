//! Tiles of images, and the order and the decisions in which their samples are coded.

use dualcomp_entropy::predictor::{Mixture, Predictor};
use dualcomp_entropy::{BitCoder, Distribution, Number, Prior};

use crate::codec::v1::direction::Direction;
use crate::codec::v1::image::binarization::Binarization;
use crate::codec::v1::image::drawn::DrawnCoder;
use crate::codec::v1::image::planes::{PlaneLayout, split};
use crate::codec::v1::image::profile::photo::PhotoCoder;
use crate::codec::v1::image::profile::sample::SampleCoder;
use crate::codec::v1::image::profile::sample::context::first_step;
use crate::codec::v1::image::tile::{Coders, Profile, code};
use crate::codec::v1::image::wavefront::{rows, steps};
use crate::encoder::image::classify;
use crate::format::image::tile_grid::TileShape;
use crate::{ColorType, Level, Result};

/// The kinds of tiles that priors are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TileKind {
    /// By all contexts, without the network.
    ContextsOnly,
    /// By all contexts, with the deep network.
    Network,
    /// By few contexts, with the shallow network.
    Photo,
    /// By few contexts, with the deep network.
    PhotoDeep,
    /// By few contexts, without the network.
    PhotoLinear,
    /// As a drawn picture.
    Drawn,
}

impl TileKind {
    /// The profile of kinds that planes are coded by.
    fn profile(self) -> Option<Profile> {
        let profile = match self {
            TileKind::Drawn => return None,
            TileKind::ContextsOnly => Profile::ContextsOnly,
            TileKind::Network => Profile::Network,
            TileKind::Photo => Profile::Photo,
            TileKind::PhotoDeep => Profile::PhotoDeep,
            TileKind::PhotoLinear => Profile::PhotoLinear,
        };
        Some(profile)
    }
}

/// What a tile is coded with.
#[derive(Clone)]
pub struct TileSetup<'a> {
    /// How it is coded.
    pub kind: TileKind,
    /// What the coder begins with; what it lacks is as fresh.
    pub prior: Prior<'a>,
    /// The network, if the kind takes one.
    pub predictor: Option<&'a dyn Predictor>,
}

/// Codes a tile, rows of pixels without gaps, samples of 16 bits big-endian, and returns what was learned, in the order of
/// a prior.
///
/// # Errors
/// If the network fails.
///
/// # Panics
/// If a drawn tile has samples of 16 bits.
pub fn code_tile(
    raw: &[u8],
    (width, height): (u32, u32),
    color: ColorType,
    setup: TileSetup<'_>,
    coder: &mut dyn BitCoder,
) -> Result<Vec<Number>> {
    let shape = TileShape { width, height, color };
    let Some(profile) = setup.kind.profile() else {
        let mut tile = DrawnCoder::new(width as usize, shape.pixels(), setup.prior);
        tile.code(shape, &mut Direction::Tell(coder), &mut raw.to_vec(), false);
        let mut numbers = Vec::new();
        tile.save(&mut numbers);
        return Ok(numbers);
    };
    let layout = PlaneLayout::new(shape);
    let pixels = layout.width * layout.height;
    let mut coders = match profile {
        Profile::Photo | Profile::PhotoDeep | Profile::PhotoLinear => {
            Coders::Photo(Box::new(PhotoCoder::new(pixels, setup.prior)), None)
        }
        Profile::ContextsOnly | Profile::Network => Coders::All(Box::new(SampleCoder::new(pixels, setup.prior))),
    };
    code(
        &layout,
        profile.network(setup.predictor),
        &mut coders,
        &mut Direction::Tell(coder),
        Some(&split(raw, &layout)),
    )?;
    let mut numbers = Vec::new();
    match &mut coders {
        Coders::Photo(photo, _) => photo.save(&mut numbers),
        Coders::All(samples) => samples.save(&mut numbers),
    }
    Ok(numbers)
}

/// Whether so much of a tile of three colours repeats that the level `default` codes it by all contexts.
pub fn repeats(raw: &[u8], width: u32) -> bool {
    classify::repeats(raw, width, ColorType::Rgb8, classify::repeat_tolerance(Level::Default))
}

/// For each step, the rows and columns of the pixels that are coded in it: one channel of all of them, then the next.
pub fn wavefront(width: usize, height: usize) -> impl Iterator<Item = Vec<(usize, usize)>> {
    steps(width, height).map(move |step| rows(step, width, height).map(|row| (row, step - 3 * row)).collect())
}

/// The decisions that tell a value apart, under the distribution of a mixture moved by `base` levels.
pub fn binarization(mixture: &Mixture, base: i32, value: i32) -> Vec<bool> {
    let distribution = Distribution::new(mixture, base);
    let mut binarization = Binarization::new(distribution.center(), first_step(&distribution));
    let mut decisions = Vec::new();
    while binarization.next() {
        let bit = value >= binarization.threshold;
        decisions.push(bit);
        binarization.answer(bit);
    }
    decisions
}
