//! A pixel of a wavefront.

use dualcomp_tokens::Neighbourhood;

use crate::codec::v1::image::context::pixel_history::{HistoryStates, TEMPLATES};
use crate::codec::v1::image::matching::pixel_match::PixelContext;
use crate::codec::v1::image::predict::least_squares::Place;
use crate::codec::v1::image::predict::sub_predictors::SubPredictors;

/// A pixel while it is coded.
#[derive(Clone, Copy)]
pub(super) struct Pixel {
    pub(super) place: Place,
    pub(super) around: Neighbourhood,
    /// Hashes of the templates, and their states.
    pub(super) templates: [u32; TEMPLATES],
    pub(super) states: HistoryStates,
    /// In contexts-only tiles.
    pub(super) pixel_context: Option<PixelContext>,
    /// The candidate that it is, if it was coded as one.
    pub(super) matched: Option<usize>,
    pub(super) med: [u8; 3],
    pub(super) values: [u8; 3],
    /// The least squares' value of the first sample, in network tiles.
    pub(super) first: Option<i32>,
    /// Values less MED, so far.
    pub(super) residuals: [i32; 3],
    /// If its samples are coded one by one.
    pub(super) sub_predictors: SubPredictors,
}

impl Pixel {
    #[inline(always)]
    pub(super) fn new(place: Place, around: Neighbourhood, templates: [u32; TEMPLATES]) -> Self {
        Self {
            place,
            around,
            templates,
            states: HistoryStates::default(),
            pixel_context: None,
            matched: None,
            med: around.med(),
            values: [0; 3],
            first: None,
            residuals: [0; 3],
            sub_predictors: SubPredictors::NONE,
        }
    }
}
