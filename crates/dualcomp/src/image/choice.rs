//! Whether a tile is coded with the network.

use dualcomp_entropy::predictor::Predictor;

use super::coder::{Method, encode_tile};
use super::grid::Area;
use super::samples::{drawn, repeats};
use crate::container::kind;
use crate::options::Level;
use crate::{ColorType, Error};

/// One row in so many, from the top, is coded in both ways where the network is expected to do better.
const SAMPLE: u32 = 16;
/// Pixels and rows that such a sample must have.
const LEAST: u64 = 1 << 13;
const LEAST_ROWS: u32 = 8;

/// Whether the network may code a tile.
pub(super) fn wants_network(raw: &[u8], color: ColorType, level: Level) -> bool {
    match level {
        Level::Fast => false,
        // There the network predicts little that contexts do not, and takes most of the time.
        Level::Default => !drawn(raw, color),
        Level::Max => true,
    }
}

/// The payload of a tile and the kind of its chunk: with the network, if there is one, and with few contexts if hardly
/// anything is repeated; at the highest level, with all contexts, and without the network where that is no longer. In drawn and in small tiles the whole of it decides, in others the upper rows.
pub(super) fn best(
    raw: &[u8],
    area: &Area,
    color: ColorType,
    level: Level,
    network: Option<&dyn Predictor>,
) -> Result<(Vec<u8>, u8), Error> {
    let payload = |raw: &[u8], rows, method| {
        let network = if matches!(method, Method::Mixed | Method::Linear) { None } else { network };
        encode_tile(raw, area.width, rows, color, method, network)
    };
    let mixed = || Ok((payload(raw, area.height, Method::Mixed)?, kind::MIXED));
    let tried = level == Level::Max;
    let photo = !tried && !drawn(raw, color) && !repeats(raw, area.width, color);
    let (method, kind) = match (network, photo) {
        (None, false) => return mixed(),
        (None, true) => (Method::Linear, kind::LINEAR),
        (Some(_), true) => (Method::Photo, kind::PHOTO),
        (Some(_), false) => (Method::Network, kind::NETWORK),
    };
    if photo {
        return Ok((payload(raw, area.height, method)?, kind));
    }
    let rows = area.height.div_ceil(SAMPLE);
    let sampled = tried && !drawn(raw, color) && rows >= LEAST_ROWS && u64::from(area.width) * u64::from(rows) >= LEAST;
    if sampled {
        let sample = &raw[..raw.len() / area.height as usize * rows as usize];
        if payload(sample, rows, Method::Mixed)?.len() <= payload(sample, rows, Method::Network)?.len() {
            return mixed();
        }
    }
    let with = (payload(raw, area.height, Method::Network)?, kind::NETWORK);
    if tried && !sampled {
        let mixed = mixed()?;
        if mixed.0.len() <= with.0.len() {
            return Ok(mixed);
        }
    }
    Ok(with)
}
