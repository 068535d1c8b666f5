//! The context of a sample: eight sub-predictors with their scales, and what selects weights.

use dualcomp_entropy::{Distribution, LOGISTICS, Logistics};
use dualcomp_tokens::Neighbourhood;

use crate::codec::v1::image::context::classes::{RESIDUALS, SPREADS, disagreement, residual_class, spread_class};
use crate::codec::v1::image::context::value_cache::{CACHES, cache_hashes};
use crate::codec::v1::image::predict::least_squares::Place;
use crate::codec::v1::image::predict::local_error::{LocalErrors, class};
use crate::codec::v1::image::predict::sub_predictors::{MED, REGRESSION, SubPredictors, scales};

/// Classes of local errors.
pub(crate) const ACTIVITIES: usize = 22;
/// Numbers of contexts.
pub(crate) const RESIDUAL_CONTEXTS: usize = 3 * RESIDUALS * SPREADS;

/// A pixel while it is coded.
pub(crate) struct Pixel {
    pub(crate) place: Place,
    pub(crate) around: Neighbourhood,
    pub(crate) med: [u8; 3],
    /// Its samples, and their residuals from MED, as far as they are coded, else 0.
    pub(crate) values: [u8; 3],
    pub(crate) residuals: [i16; 3],
    sub_predictors: SubPredictors,
}

impl Pixel {
    #[inline(always)]
    pub(crate) fn new(place: Place, around: Neighbourhood) -> Self {
        let med = around.med();
        let sub_predictors = SubPredictors::new(&around, med);
        Self { place, around, med, values: [0; 3], residuals: [0; 3], sub_predictors }
    }

    /// The base of the next sample: MED, plus the residual of the colour before.
    #[inline(always)]
    pub(crate) fn base(&self, channel: usize) -> i32 {
        let before = if channel > 0 { self.residuals[channel - 1] } else { 0 };
        i32::from(self.med[channel]) + i32::from(before)
    }

    /// Takes the next sample.
    #[inline(always)]
    pub(crate) fn note(&mut self, channel: usize, value: u8) {
        self.values[channel] = value;
        self.residuals[channel] = i16::from(value) - i16::from(self.med[channel]);
    }
}

/// The context of a sample.
pub(crate) struct PhotoContext {
    pub(crate) channel: usize,
    /// In 1/16 level.
    pub(crate) means: [i32; LOGISTICS],
    pub(crate) logistics: Logistics,
    /// The network's distribution, if there is a network.
    pub(crate) distribution: Option<Distribution>,
    /// The center of the network's distribution, or else the least squares' value, and the first step.
    pub(crate) center: i32,
    pub(crate) step: i32,
    /// The class of the least squares' local error, and the length of the network's spread or the class of MED's local
    /// error, below [`ACTIVITIES`].
    pub(crate) activities: [usize; 2],
    /// The disagreement of the least squares with the network or MED, below [`DISAGREEMENTS`].
    pub(crate) disagreement: usize,
    /// Number of a context, below [`RESIDUAL_CONTEXTS`].
    pub(crate) residual_context: usize,
    pub(crate) cache_hashes: [u32; CACHES],
}

impl PhotoContext {
    /// `regressed` is in 1/16 level.
    #[inline(always)]
    pub(crate) fn new(
        pixel: &Pixel,
        channel: usize,
        regressed: i32,
        distribution: Option<Distribution>,
        local_errors: &LocalErrors,
    ) -> Self {
        let Pixel { place, ref around, values, residuals, ref sub_predictors, .. } = *pixel;
        let means = sub_predictors.means(channel, values, regressed);
        let off = local_errors.around(place);
        let scales = scales(&off);
        let (center, spread, other) = match &distribution {
            Some(network) => (network.center() * 16, network.spread(), spread_class(network.spread())),
            None => (means[MED], scales[REGRESSION] as u32 / 4, class(off[MED])),
        };
        let last = if channel > 0 { residual_class(residuals[channel - 1].into()) } else { 0 };
        let spread_class = if distribution.is_some() { other } else { (off[REGRESSION] + 1).ilog2() as usize };
        let expected = if distribution.is_some() { center } else { regressed };
        Self {
            channel,
            means,
            logistics: Logistics::new(means, scales),
            center: ((expected + 8) >> 4).clamp(0, 255),
            step: 1 << (spread / 16).max(1).ilog2(),
            activities: [class(off[REGRESSION]), other],
            disagreement: disagreement(regressed - center, spread),
            residual_context: (channel * RESIDUALS + last) * SPREADS + spread_class,
            cache_hashes: cache_hashes(around, channel, values),
            distribution,
        }
    }
}
