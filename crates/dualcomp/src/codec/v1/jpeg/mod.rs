//! Coefficients of JPEG files (docs/spec/jpeg.md).

mod bands;
mod block;
#[cfg(feature = "__train")]
mod learn;
mod model;
mod plane;
mod quantize;
mod sets;
mod value;

use std::sync::atomic::{AtomicU64, Ordering};

use dualcomp_entropy::Prior;
use fearless_simd::{Level, Simd};

use crate::codec::v1::artefacts::prior_file;
use crate::codec::v1::direction::Direction;
use crate::error::{Error, Result};
use crate::runtime::at_level::at_level;
use crate::runtime::float_environment;
use crate::runtime::parallel;
use block::PlaneCoder;
use plane::{Block, EMPTY, Plane};

#[cfg(feature = "__train")]
pub(crate) use learn::learn;
pub(crate) use plane::PlaneShape;

/// How many contexts and mixers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Seven contexts, one mixer; signs by counters alone.
    Fast,
    /// Twelve contexts, three mixers.
    Default,
    /// The same with larger tables.
    Max,
}

impl Profile {
    const ALL: [Self; 3] = [Self::Fast, Self::Default, Self::Max];

    /// What its coders know before they see a file.
    fn prior(self) -> Prior<'static> {
        Prior::new(match self {
            Self::Fast => prior_file!("jpeg-fast.bin", 14_304),
            Self::Default | Self::Max => prior_file!("jpeg.bin", 33_696),
        })
    }
}

/// Bands of a picture at most.
pub(crate) const MAX_BANDS: usize = 256;

/// The bits that the coefficients of a picture have in its file at least, as far as they are known. More than the file
/// has are found before they cost much more time than it may take.
struct Meter {
    bits: AtomicU64,
    most: u64,
}

impl Meter {
    fn new(most: u64) -> Self {
        Self { bits: AtomicU64::new(0), most }
    }

    /// Counts bits; says whether the file can have so many.
    fn count(&self, bits: u64) -> bool {
        // Bits of a band are less than 2^50: nothing wraps.
        self.bits.fetch_add(bits, Ordering::Relaxed) + bits <= self.most
    }
}

/// Bytes of the length of a band.
const LENGTH: usize = 4;

/// Codes the coefficients of planes: for each, blocks row by row, 64 coefficients each, row by row. `bands`, 1 to
/// [`MAX_BANDS`], of them are coded apart from each other, on up to `threads` threads.
///
/// # Errors
///
/// If a band takes 4 GiB, or this thread rounds floats in another way.
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
    float_environment::check()?;
    let bands = bands.clamp(1, MAX_BANDS);
    let blocks: Vec<&[Block]> = planes.iter().map(|plane| plane.as_chunks().0).collect();
    for (shape, blocks) in shapes.iter().zip(&blocks) {
        assert_eq!(blocks.len(), shape.blocks_wide * shape.blocks_high, "blocks of a plane");
    }
    let mut jobs = bands::split(shapes, &blocks, bands).into_iter();
    let mut coded = vec![Vec::new(); bands];
    let meter = Meter::new(u64::MAX);
    let work = |source: Vec<&[Block]>| {
        let mut out: Vec<_> = source.iter().map(|plane| vec![EMPTY; plane.len()]).collect();
        let out = out.iter_mut().map(|plane| &mut plane[..]).collect();
        Ok(encode_band(Level::new(), profile, shapes, out, &source, &meter))
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
        Profile::Fast => 2,
        Profile::Default => 6,
        Profile::Max => 24,
    };
    Some((u64::from(bands) + 1, mebibytes << 20))
}

/// The coefficients of planes in a file of `file_len` bytes, on up to `threads` threads. Takes time and memory by the
/// shapes and the length, whatever the payload.
///
/// # Errors
///
/// If the payload does not begin as one, or has more than the file can hold, or this thread rounds floats in another way.
pub(crate) fn decode(payload: &[u8], shapes: &[PlaneShape], file_len: u64, threads: usize) -> Result<Vec<Vec<i16>>> {
    float_environment::check()?;
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
    let meter = Meter::new(file_len.saturating_mul(8));
    let work = |(out, part): (Vec<&mut [Block]>, &[u8])| {
        let fits = decode_band(Level::new(), profile, shapes, out, part, &meter);
        if fits { Ok(()) } else { Err(Error::corrupt("more coefficients than a JPEG file of this length has")) }
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
    meter: &Meter,
) -> Vec<u8> {
    let mut coder = Direction::encode();
    code(level, profile, shapes, out, Some(source), &mut coder, meter);
    coder.finish()
}

/// Whether the file can have them.
fn decode_band(
    level: Level,
    profile: Profile,
    shapes: &[PlaneShape],
    out: Vec<&mut [Block]>,
    payload: &[u8],
    meter: &Meter,
) -> bool {
    code(level, profile, shapes, out, None, &mut Direction::decode(payload), meter)
}

/// Codes a band, in either direction, as long as `meter` allows.
fn code(
    level: Level,
    profile: Profile,
    shapes: &[PlaneShape],
    blocks: Vec<&mut [Block]>,
    source: Option<&[&[Block]]>,
    coder: &mut Direction<'_>,
    meter: &Meter,
) -> bool {
    if blocks.iter().all(|plane| plane.is_empty()) {
        return true;
    }
    let mut planes: Vec<_> = shapes.iter().zip(blocks).map(|(shape, blocks)| Plane::new(shape, blocks)).collect();
    let planes = &mut planes[..];
    match profile {
        Profile::Fast => {
            let mut coders = fast(&mut profile.prior());
            at_level!(level, simd => code_planes(simd, &mut coders, planes, source, coder, meter))
        }
        Profile::Default | Profile::Max => {
            let mut coders = full(profile, &mut profile.prior());
            at_level!(level, simd => code_planes(simd, &mut coders, planes, source, coder, meter))
        }
    }
}

/// The coders of [`Profile::Fast`].
fn fast(prior: &mut Prior<'_>) -> PlaneCoder<1, 1> {
    let mut coders = PlaneCoder::new(14);
    coders.load(prior);
    coders
}

/// The coders of the other profiles.
fn full(profile: Profile, prior: &mut Prior<'_>) -> PlaneCoder<3, 2> {
    let mut coders = PlaneCoder::new(if profile == Profile::Max { 17 } else { 15 });
    coders.load(prior);
    coders
}

#[inline(always)]
fn code_planes<S: Simd, const M: usize, const R: usize>(
    simd: S,
    coders: &mut PlaneCoder<M, R>,
    planes: &mut [Plane<'_>],
    source: Option<&[&[Block]]>,
    coder: &mut Direction<'_>,
    meter: &Meter,
) -> bool {
    for i in 0..planes.len() {
        let (earlier, rest) = planes.split_at_mut(i);
        if !coders.code(simd, coder, earlier, &mut rest[0], source.map(|source| source[i]), meter) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests;
