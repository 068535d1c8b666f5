//! Tiles whose colours a transform made of three whole numbers (docs/spec/image.md, section 12): these are coded in place
//! of the colours, then where the colours are not what they should be.

pub(crate) mod exceptions;
mod transform;

use dualcomp_entropy::predictor::Predictor;

pub(crate) use transform::Transform;

use crate::codec::v1::artefacts::PriorKind;
use crate::codec::v1::direction::Direction;
use crate::codec::v1::image::fast::{self, Form};
use crate::codec::v1::image::planes::{PlaneLayout, join, split};
use crate::codec::v1::image::tile::{Coders, Profile, code};
use crate::format::ChunkKind;
use crate::format::image::tile_grid::TileShape;
use crate::{ColorType, Error};

/// Whether tiles of this type may have a lattice: those of three colours of eight bits.
pub(crate) fn suits(color: ColorType) -> bool {
    color.channels() >= 3 && color.bytes_per_sample() == 1
}

/// The kind of chunk of a tile whose triples are coded as this profile codes colours, if there is one.
pub(crate) fn kind_of(profile: Profile) -> Option<ChunkKind> {
    match profile {
        Profile::Photo => Some(ChunkKind::LatticePhoto),
        Profile::PhotoLinear => Some(ChunkKind::LatticeLinear),
        Profile::PhotoDeep => Some(ChunkKind::LatticeDeep),
        Profile::ContextsOnly | Profile::Network => None,
    }
}

/// How the triples of a tile of such a chunk are coded, if it has any.
pub(crate) fn profile_of(kind: ChunkKind) -> Option<Profile> {
    [Profile::Photo, Profile::PhotoLinear, Profile::PhotoDeep]
        .into_iter()
        .find(|&profile| kind_of(profile) == Some(kind))
}

fn coders(layout: &PlaneLayout, profile: Profile) -> Coders {
    match profile {
        Profile::Photo => Coders::photo(layout, PriorKind::PhotoLattice, PriorKind::NetworkTile),
        Profile::PhotoDeep => Coders::photo(layout, PriorKind::DeepLattice, PriorKind::NetworkTile),
        _ => Coders::photo(layout, PriorKind::LinearLattice, PriorKind::ContextsTile),
    }
}

/// The payload of a tile of 8-bit colours: `triples` are what `transform` turns into its colours, or nearly so.
pub(crate) fn encode(
    raw: &[u8],
    shape: TileShape,
    profile: Profile,
    predictor: Option<&dyn Predictor>,
    transform: &Transform,
    mut triples: [Vec<u8>; 3],
) -> Result<Vec<u8>, Error> {
    let mut payload = Vec::new();
    transform.write(&mut payload);
    let layout = PlaneLayout::new(shape);
    let mut planes = split(raw, &layout);
    planes.iter_mut().zip(&mut triples).for_each(|(plane, triple)| std::mem::swap(plane, triple));
    let colors = triples;
    let (mut coder, mut coders) = (Direction::encode(), coders(&layout, profile));
    code(&layout, profile.network(predictor), &mut coders, &mut coder, Some(&planes))?;
    let wanted = colors.each_ref().map(|plane| &plane[..]);
    exceptions::code(&mut coder, transform, layout.width, first_three(&planes), Some(wanted));
    payload.extend(coder.finish());
    Ok(payload)
}

/// The bytes of a tile.
///
/// # Errors
/// If the payload does not begin with a transform, or the tile has no three colours of eight bits.
pub(crate) fn decode(
    payload: &[u8],
    shape: TileShape,
    profile: Profile,
    predictor: Option<&dyn Predictor>,
) -> Result<Vec<u8>, Error> {
    if !suits(shape.color) {
        return Err(Error::corrupt("a lattice has three colours of eight bits"));
    }
    let (transform, rest) = Transform::read(payload)?;
    let layout = PlaneLayout::new(shape);
    let (mut coder, mut coders) = (Direction::decode(rest), coders(&layout, profile));
    let mut planes = code(&layout, profile.network(predictor), &mut coders, &mut coder, None)?;
    let colors = exceptions::code(&mut coder, &transform, layout.width, first_three(&planes), None);
    planes.iter_mut().zip(colors).for_each(|(plane, color)| *plane = color);
    Ok(join(&planes, &layout))
}

/// The bytes of a tile with triples in place of its colours.
pub(crate) fn turned(raw: &[u8], shape: TileShape, triples: &[Vec<u8>; 3]) -> Vec<u8> {
    let layout = PlaneLayout::new(shape);
    let mut planes = split(raw, &layout);
    planes.iter_mut().zip(triples).for_each(|(plane, triple)| plane.clone_from(triple));
    join(&planes, &layout)
}

/// The payload of a tile of 8-bit colours whose triples are coded as a fast tile, in these forms: `turned` is `raw` with
/// triples in place of colours.
pub(crate) fn encode_fast(
    raw: &[u8],
    turned: &[u8],
    shape: TileShape,
    forms: &[Form],
    transform: &Transform,
) -> Vec<u8> {
    let mut payload = Vec::new();
    transform.write(&mut payload);
    let tile = fast::encode(turned, shape, forms);
    // Tiles are shorter than 2^24 bytes.
    payload.extend_from_slice(&(tile.len() as u32).to_le_bytes());
    payload.extend(tile);
    let layout = PlaneLayout::new(shape);
    let (triples, colors) = (split(turned, &layout), split(raw, &layout));
    let mut coder = Direction::encode();
    exceptions::code(&mut coder, transform, layout.width, first_three(&triples), Some(first_three(&colors)));
    payload.extend(coder.finish());
    payload
}

/// The bytes of such a tile.
///
/// # Errors
/// If the payload ends before the triples do, or the tile has no three colours of eight bits.
pub(crate) fn decode_fast(payload: &[u8], shape: TileShape) -> Result<Vec<u8>, Error> {
    if !suits(shape.color) {
        return Err(Error::corrupt("a lattice has three colours of eight bits"));
    }
    let (transform, rest) = Transform::read(payload)?;
    let short = || Error::corrupt("the tile ends before its triples");
    let (&length, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (tile, rest) = rest.split_at_checked(u32::from_le_bytes(length) as usize).ok_or_else(short)?;
    let layout = PlaneLayout::new(shape);
    let mut planes = split(&fast::decode(tile, shape), &layout);
    let mut coder = Direction::decode(rest);
    let colors = exceptions::code(&mut coder, &transform, layout.width, first_three(&planes), None);
    planes.iter_mut().zip(colors).for_each(|(plane, color)| *plane = color);
    Ok(join(&planes, &layout))
}

fn first_three(planes: &[Vec<u8>]) -> [&[u8]; 3] {
    [0, 1, 2].map(|plane: usize| &planes[plane][..])
}
