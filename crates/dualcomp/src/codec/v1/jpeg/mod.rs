//! Coefficients of JPEG files (docs/spec/jpeg.md).

mod bands;
mod block;
mod constant;
#[cfg(feature = "__train")]
mod learn;
mod linear;
mod mixing;
mod model;
mod plane;
mod quantize;
mod sets;
mod slots;
mod value;

use dualcomp_entropy::{Prior, RangeDecoder, RangeEncoder};
use fearless_simd::{Level, Simd, dispatch};

use crate::codec::v1::artefacts::prior_file;
use crate::error::{Error, Result};
use crate::runtime::parallel;
use block::PlaneCoder;
use model::Direction;
use plane::{Block, EMPTY, Plane};

#[cfg(feature = "__train")]
pub(crate) use learn::learn;
pub(crate) use plane::PlaneShape;

/// How many contexts and mixers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Fifteen contexts, two mixers.
    Fast,
    /// All contexts, three mixers.
    Default,
    /// The same with larger tables.
    Max,
}

impl Profile {
    const ALL: [Self; 3] = [Self::Fast, Self::Default, Self::Max];

    /// What its coders know before they see a file.
    fn prior(self) -> Prior<'static> {
        Prior::new(match self {
            Self::Fast => prior_file!("jpeg-fast.bin", 25_536),
            Self::Default | Self::Max => prior_file!("jpeg.bin", 56_736),
        })
    }
}

/// Bands of a picture at most.
pub(crate) const MOST_BANDS: usize = 256;

/// Bytes of the length of a band.
const LENGTH: usize = 4;

/// Codes the coefficients of planes: for each, blocks row by row, 64 coefficients each, row by row. `bands`, 1 to
/// [`MOST_BANDS`], of them are coded apart from each other, on up to `threads` threads.
///
/// # Errors
///
/// If a band takes 4 GiB.
///
/// # Panics
///
/// If a plane has not the size of its shape.
pub(crate) fn encode(
    shapes: &[PlaneShape],
    planes: &[&[i16]],
    profile: Profile,
    bands: usize,
    threads: usize,
) -> Result<Vec<u8>> {
    let bands = bands.clamp(1, MOST_BANDS);
    let blocks: Vec<&[Block]> = planes.iter().map(|plane| plane.as_chunks().0).collect();
    for (shape, blocks) in shapes.iter().zip(&blocks) {
        assert_eq!(blocks.len(), shape.blocks_wide * shape.blocks_high, "blocks of a plane");
    }
    let mut jobs = bands::split(shapes, &blocks, bands).into_iter();
    let mut coded = vec![Vec::new(); bands];
    let work = |source: Vec<&[Block]>| {
        let mut out: Vec<_> = source.iter().map(|plane| vec![EMPTY; plane.len()]).collect();
        let out = out.iter_mut().map(|plane| &mut plane[..]).collect();
        Ok(encode_band(Level::new(), profile, shapes, out, &source))
    };
    parallel::run(
        threads,
        || Ok(jobs.next()),
        work,
        |index, band| {
            coded[index as usize] = band;
            Ok(())
        },
    )?;
    let mut payload = vec![profile as u8, (bands - 1) as u8];
    for band in &coded[..bands - 1] {
        let length = u32::try_from(band.len()).map_err(|_| Error::corrupt("a band of 4 GiB"))?;
        payload.extend_from_slice(&length.to_le_bytes());
    }
    for band in &coded {
        payload.extend_from_slice(band);
    }
    Ok(payload)
}

/// Bands of a payload, and bytes of the tables of each; none if it does not begin as one.
pub(crate) fn tables(payload: &[u8]) -> Option<(u64, u64)> {
    let &[profile, bands, ..] = payload else { return None };
    let mebibytes = match Profile::ALL.get(usize::from(profile))? {
        Profile::Fast => 4,
        Profile::Default => 16,
        Profile::Max => 64,
    };
    Some((u64::from(bands) + 1, mebibytes << 20))
}

/// The coefficients of planes, on up to `threads` threads. Takes time and memory by the shapes, whatever the payload.
///
/// # Errors
///
/// If the payload does not begin as one.
pub(crate) fn decode(payload: &[u8], shapes: &[PlaneShape], threads: usize) -> Result<Vec<Vec<i16>>> {
    let wrong = || Error::corrupt("coefficients of a JPEG file");
    let (&[profile, bands], rest) = payload.split_first_chunk().ok_or_else(wrong)?;
    let profile = *Profile::ALL.get(usize::from(profile)).ok_or_else(wrong)?;
    let bands = usize::from(bands) + 1;
    let (lengths, mut rest) = rest.split_at_checked((bands - 1) * LENGTH).ok_or_else(wrong)?;
    let mut parts = Vec::with_capacity(bands);
    for &length in lengths.as_chunks::<LENGTH>().0 {
        let (part, after) = rest.split_at_checked(u32::from_le_bytes(length) as usize).ok_or_else(wrong)?;
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    let mut planes: Vec<_> = shapes.iter().map(|shape| vec![EMPTY; shape.blocks_wide * shape.blocks_high]).collect();
    let mut jobs = bands::split_mut(shapes, &mut planes, bands).into_iter().zip(parts);
    let work = |(out, part): (Vec<&mut [Block]>, &[u8])| {
        decode_band(Level::new(), profile, shapes, out, part);
        Ok(())
    };
    parallel::run(threads, || Ok(jobs.next()), work, |_, ()| Ok(()))?;
    Ok(planes.into_iter().map(Vec::into_flattened).collect())
}

/// `out` is where the blocks go that are coded.
fn encode_band(
    level: Level,
    profile: Profile,
    shapes: &[PlaneShape],
    out: Vec<&mut [Block]>,
    source: &[&[Block]],
) -> Vec<u8> {
    let mut coder = Direction::Encode(RangeEncoder::new());
    code(level, profile, shapes, out, Some(source), &mut coder);
    match coder {
        Direction::Encode(coder) => coder.finish(),
        Direction::Decode(_) => Vec::new(),
    }
}

fn decode_band(level: Level, profile: Profile, shapes: &[PlaneShape], out: Vec<&mut [Block]>, payload: &[u8]) {
    code(level, profile, shapes, out, None, &mut Direction::Decode(RangeDecoder::new(payload)));
}

/// Codes a band, in either direction.
fn code(
    level: Level,
    profile: Profile,
    shapes: &[PlaneShape],
    blocks: Vec<&mut [Block]>,
    source: Option<&[&[Block]]>,
    coder: &mut Direction<'_>,
) {
    if blocks.iter().all(|plane| plane.is_empty()) {
        return;
    }
    let mut planes: Vec<_> = shapes.iter().zip(blocks).map(|(shape, blocks)| Plane::new(shape, blocks)).collect();
    let planes = &mut planes[..];
    match profile {
        Profile::Fast => {
            let mut coders = fast(profile.prior());
            dispatch!(level, simd => code_planes(simd, &mut coders, planes, source, coder));
        }
        Profile::Default | Profile::Max => {
            let mut coders = full(profile, profile.prior());
            dispatch!(level, simd => code_planes(simd, &mut coders, planes, source, coder));
        }
    }
}

/// The coders of [`Profile::Fast`].
fn fast(mut prior: Prior<'_>) -> PlaneCoder<2, 1> {
    let mut coders = PlaneCoder::new(14);
    coders.load(&mut prior);
    coders
}

/// The coders of the other profiles.
fn full(profile: Profile, mut prior: Prior<'_>) -> PlaneCoder<3, 2> {
    let mut coders = PlaneCoder::new(if profile == Profile::Max { 17 } else { 15 });
    coders.load(&mut prior);
    coders
}

#[inline(always)]
fn code_planes<S: Simd, const M: usize, const H: usize>(
    simd: S,
    coders: &mut PlaneCoder<M, H>,
    planes: &mut [Plane<'_>],
    source: Option<&[&[Block]]>,
    coder: &mut Direction<'_>,
) {
    for i in 0..planes.len() {
        let (earlier, rest) = planes.split_at_mut(i);
        coders.code(simd, coder, earlier, &mut rest[0], source.map(|source| source[i]));
    }
}

#[cfg(test)]
mod tests;
