//! What samples are predicted from (docs/spec/fast.md, section 5).

use fearless_simd::prelude::*;
use fearless_simd::{Simd, f32x16};

use crate::codec::v1::image::fast::lanes::{Offset, Ring};

/// Planes of a group at most.
pub(crate) const PLANES: usize = 3;
/// Regressors of a stage at most.
pub(crate) const MAX_REGRESSORS: usize = 30;
/// What the regressor that never changes is.
const CONSTANT: f32 = 4.0;

/// The rings of a group of planes.
pub(crate) struct Rings {
    /// Samples.
    pub(crate) samples: [Ring; PLANES],
    /// How far samples were from what was predicted.
    pub(crate) errors: [Ring; PLANES],
    /// What samples were above what the slow stage predicted.
    pub(crate) residuals: [Ring; PLANES],
}

/// A regressor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Regressor {
    /// A sample of this plane, less the reference of the plane.
    Sample(usize, Offset),
    /// A residual of this plane.
    Residual(usize, Offset),
    Constant,
}

use Regressor::{Constant, Residual, Sample};

const HERE: Offset = Offset(0, 0);
const W: Offset = Offset(0, -1);
const WW: Offset = Offset(0, -2);
const WWW: Offset = Offset(0, -3);
const N: Offset = Offset(1, 0);
const NW: Offset = Offset(1, -1);
const NE: Offset = Offset(1, 1);
const NWW: Offset = Offset(1, -2);
const NEE: Offset = Offset(1, 2);
const NN: Offset = Offset(2, 0);
const NNW: Offset = Offset(2, -1);
const NNE: Offset = Offset(2, 1);
const NNEE: Offset = Offset(2, 2);
const NNWW: Offset = Offset(2, -2);

/// How a plane of a group is predicted: which regressors it has.
pub(crate) trait Channel {
    /// Its place in the group.
    const PLANE: usize;
    const SLOW: &'static [Regressor];
    const LOCAL: &'static [Regressor];
    /// Weights of the slow stage before anything is known: medians over photographs (docs/experiments/0026).
    const PRIOR: &'static [f32];
    /// Weights of the errors left, above, above left, above right, two left, two above, then of the errors of the planes
    /// before at the same pixel, the nearest first, in the expected error.
    const ENERGY: [f32; 8];
}

/// The only plane of a group.
pub(crate) struct Alone;
/// The planes of a group of three.
pub(crate) struct First;
pub(crate) struct Second;
pub(crate) struct Third;

impl Channel for Alone {
    const PLANE: usize = 0;
    const SLOW: &'static [Regressor] = &[
        Sample(0, W),
        Sample(0, NE),
        Sample(0, NW),
        Sample(0, WW),
        Sample(0, NN),
        Sample(0, NNE),
        Sample(0, NEE),
        Sample(0, NNW),
        Sample(0, NWW),
        Sample(0, WWW),
        Sample(0, NNEE),
        Sample(0, NNWW),
        Constant,
    ];
    const LOCAL: &'static [Regressor] = First::LOCAL;
    const PRIOR: &'static [f32] =
        &[0.186, 0.126, -0.338, -0.204, -0.126, -0.023, 0.050, 0.057, 0.031, 0.088, -0.009, -0.020, 0.0];
    const ENERGY: [f32; 8] = First::ENERGY;
}

impl Channel for First {
    const PLANE: usize = 0;
    const SLOW: &'static [Regressor] = &[
        Sample(0, W),
        Sample(0, NE),
        Sample(0, NW),
        Sample(0, WW),
        Sample(0, NN),
        Sample(0, NNE),
        Sample(0, NEE),
        Sample(0, NNW),
        Sample(0, NWW),
        Sample(0, WWW),
        Sample(0, NNEE),
        Sample(0, NNWW),
        Sample(1, W),
        Sample(1, NE),
        Sample(2, W),
        Sample(2, NE),
        Constant,
    ];
    const LOCAL: &'static [Regressor] = &[
        Sample(0, W),
        Sample(0, NE),
        Sample(0, NW),
        Sample(0, WW),
        Sample(0, NN),
        Sample(0, NNE),
        Sample(0, NEE),
        Residual(0, W),
        Residual(0, N),
        Residual(0, NW),
        Residual(0, NE),
        Residual(0, WW),
        Residual(0, NN),
    ];
    const PRIOR: &'static [f32] = &[
        0.186, 0.126, -0.338, -0.204, -0.126, -0.023, 0.050, 0.057, 0.031, 0.088, -0.009, -0.020, -0.009, 0.003, 0.000,
        0.002, -0.003,
    ];
    const ENERGY: [f32; 8] = [0.225, 0.193, 0.158, 0.202, 0.157, 0.135, 0.0, 0.0];
}

impl Channel for Second {
    const PLANE: usize = 1;
    const SLOW: &'static [Regressor] = &[
        Sample(1, W),
        Sample(1, NE),
        Sample(1, NW),
        Sample(1, WW),
        Sample(1, NN),
        Sample(1, NNE),
        Sample(1, NEE),
        Sample(1, NNW),
        Sample(1, NWW),
        Sample(1, WWW),
        Sample(1, NNEE),
        Sample(0, HERE),
        Sample(0, W),
        Sample(0, NE),
        Sample(0, NW),
        Sample(0, WW),
        Sample(0, NN),
        Sample(0, NNE),
        Sample(0, NEE),
        Sample(0, NNW),
        Sample(2, W),
        Sample(2, NE),
        Sample(2, NW),
        Sample(2, NN),
        Constant,
    ];
    const LOCAL: &'static [Regressor] = &[
        Sample(1, W),
        Residual(0, HERE),
        Sample(0, HERE),
        Residual(1, W),
        Residual(1, N),
        Sample(0, W),
        Residual(1, NW),
    ];
    const PRIOR: &'static [f32] = &[
        0.169, 0.139, -0.331, -0.113, -0.097, -0.039, 0.039, 0.067, 0.000, 0.012, 0.000, 0.884, -0.150, -0.114, 0.291,
        0.079, 0.087, 0.033, -0.026, -0.054, 0.000, 0.000, -0.013, -0.005, 0.000,
    ];
    const ENERGY: [f32; 8] = [0.20, 0.148, 0.122, 0.155, 0.161, 0.144, 0.027, 0.0];
}

impl Channel for Third {
    const PLANE: usize = 2;
    const SLOW: &'static [Regressor] = &[
        Sample(2, W),
        Sample(2, NE),
        Sample(2, NW),
        Sample(2, WW),
        Sample(2, NN),
        Sample(2, NNE),
        Sample(2, NEE),
        Sample(2, NNW),
        Sample(2, NWW),
        Sample(2, WWW),
        Sample(2, NNEE),
        Sample(1, HERE),
        Sample(1, W),
        Sample(1, NE),
        Sample(1, NW),
        Sample(1, WW),
        Sample(1, NN),
        Sample(1, NNE),
        Sample(1, NEE),
        Sample(1, NNW),
        Sample(0, HERE),
        Sample(0, W),
        Sample(0, NE),
        Sample(0, NW),
        Sample(0, WW),
        Sample(0, NN),
        Sample(0, NNE),
        Sample(0, NEE),
        Sample(0, NNW),
        Constant,
    ];
    const LOCAL: &'static [Regressor] = &[
        Sample(2, W),
        Residual(0, HERE),
        Sample(0, HERE),
        Residual(2, W),
        Residual(2, N),
        Residual(1, HERE),
        Sample(1, HERE),
        Residual(2, NW),
    ];
    const PRIOR: &'static [f32] = &[
        0.141, 0.129, -0.219, -0.065, -0.084, -0.026, 0.048, 0.047, 0.001, 0.004, 0.000, 0.467, -0.038, -0.049, 0.081,
        0.023, 0.036, 0.008, -0.020, -0.021, 0.504, -0.063, -0.059, 0.106, 0.023, 0.037, 0.011, -0.021, -0.021, 0.000,
    ];
    const ENERGY: [f32; 8] = [0.17, 0.126, 0.108, 0.122, 0.146, 0.137, 0.135, 0.02];
}

impl Rings {
    /// The mean of the left and the upper sample of a plane: samples are taken relative to it.
    #[inline(always)]
    pub(crate) fn reference<S: Simd>(&self, simd: S, plane: usize, step: usize) -> f32x16<S> {
        let samples = &self.samples[plane];
        (samples.get(simd, step, W) + samples.get(simd, step, N)) * 0.5
    }

    /// A regressor of all lanes.
    #[inline(always)]
    pub(crate) fn regressor<S: Simd>(
        &self,
        simd: S,
        regressor: Regressor,
        step: usize,
        references: &[f32x16<S>; PLANES],
    ) -> f32x16<S> {
        match regressor {
            Sample(plane, offset) => self.samples[plane].get(simd, step, offset) - references[plane],
            Residual(plane, offset) => self.residuals[plane].get(simd, step, offset),
            Constant => f32x16::splat(simd, CONSTANT),
        }
    }
}
