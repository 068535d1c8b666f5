//! The network beside the contexts of a tile: what it is told of the pixels of a step, and what it expects of them.

use dualcomp_entropy::predictor::{Depth, ImageSession, Mixture, Predictor, Site};
use dualcomp_tokens::{CODER_FEATURES, FEATURES, Neighbourhood};

use crate::Error;
use crate::codec::v1::image::predict::least_squares::Place;
use crate::codec::v1::image::predict::local_error;
use crate::codec::v1::image::predict::local_error::LocalErrors;

/// A network for pixels.
#[derive(Clone, Copy)]
pub(crate) struct Network<'a> {
    pub(crate) predictor: &'a dyn Predictor,
    pub(crate) depth: Depth,
}

/// What the network is told of a pixel.
pub(crate) struct Told<'a> {
    pub(crate) place: Place,
    pub(crate) around: &'a Neighbourhood,
    pub(crate) med: [u8; 3],
    /// What the regression expects of the first sample, in 1/16 level.
    pub(crate) regressed: i32,
}

/// The network's state in a tile, and room for the pixels of a step.
pub(crate) struct PixelNetwork {
    session: Box<dyn ImageSession + Send>,
    width: usize,
    slots: usize,
    sites: Vec<Site>,
    features: Vec<i8>,
    residuals: Vec<[i16; 2]>,
    mixtures: Vec<Mixture>,
}

impl PixelNetwork {
    /// For a tile of rows of `width` pixels, of which at most `slots` are under way.
    pub(crate) fn new(network: Network<'_>, width: usize, slots: usize) -> Result<Self, Error> {
        Ok(Self {
            session: network.predictor.image(network.depth, slots).map_err(Error::Model)?,
            width,
            slots,
            sites: Vec::with_capacity(slots),
            features: Vec::with_capacity(slots * FEATURES),
            residuals: Vec::with_capacity(slots),
            mixtures: Vec::with_capacity(slots),
        })
    }

    /// Forgets the pixels of the step before.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.sites.clear();
        self.features.clear();
    }

    /// Tells the network of one more pixel of a step; `local_errors` are those of each colour.
    #[inline(always)]
    pub(crate) fn tell(&mut self, told: &Told<'_>, local_errors: &[LocalErrors]) {
        let Told { place, around, med, regressed } = *told;
        let Place { row, column, slot } = place;
        let above = (row > 0 && column + 1 < self.width).then(|| ((row - 1) % self.slots) as u32);
        self.sites.push(Site { slot: slot as u32, column: column as u32, above });
        let mut features = [0; FEATURES];
        around.features(med, &mut features);
        let second = &local_errors[local_errors.len().min(2) - 1];
        let first = [local_errors[0].first(place), second.first(place)];
        features[CODER_FEATURES..].copy_from_slice(&local_error::features(regressed, med[0], first));
        self.features.extend_from_slice(&features);
    }

    /// Advances the network by the pixels it was told of.
    #[inline(always)]
    pub(crate) fn advance(&mut self) -> Result<(), Error> {
        self.session.advance(&self.sites, &self.features).map_err(Error::Model)
    }

    /// What the network expects of the samples of a channel of these pixels, whose first two residuals from MED are as
    /// far as they are coded, else 0.
    #[inline(always)]
    pub(crate) fn mixtures(
        &mut self,
        channel: usize,
        residuals: impl Iterator<Item = [i16; 2]>,
    ) -> Result<&[Mixture], Error> {
        self.residuals.clear();
        self.residuals.extend(residuals);
        self.session.mixtures(channel, &self.residuals, &mut self.mixtures).map_err(Error::Model)?;
        Ok(&self.mixtures)
    }
}
