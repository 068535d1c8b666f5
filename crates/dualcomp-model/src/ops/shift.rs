//! Token shift: each stream mixes the normalised vector of this site with that of its left neighbour and of a far
//! one, and becomes int8 for its matrix product (docs/numerics.md sections 9 and 10).

use fearless_simd::{Level, Simd, SimdBase as _, dispatch};
use tract_core::internal::*;

use super::rows::residual;
use super::{Kernel, values};
use crate::numerics::{Chunk, LANES, chunks, chunks_mut, gate, load, quantise, rms};

/// Vectors kept per slot: rows of an image run three columns apart.
pub(crate) const RING: u32 = 4;
/// Numbers per site in the `sites` input [B, 3]: where this vector is kept, where the left one is and where the far
/// one is, as slot * [`RING`] + place; -1 if there is none.
pub(crate) const SITE: usize = 3;

/// The weights of one stream for sixteen channels.
#[derive(Debug, Clone)]
pub(crate) struct Mix {
    pub(crate) left: Chunk,
    pub(crate) far: Chunk,
}

/// Shift with `N` streams: three in the time mix, whose first also makes the gate, one in the channel mix.
///
/// Inputs: x [B, D] f32, sites [B, 3] i32, and if there is a `delta` scale an addition to x, [B, D] i32.
/// Outputs: the streams, [B, D] i8 each; with three streams the gate, [B, D] f32; with an addition the new x.
#[derive(Debug)]
pub(crate) struct Shift<const N: usize> {
    pub(crate) delta: Option<Vec<f32>>,
    /// One for each sixteen channels.
    pub(crate) mix: Vec<[Mix; N]>,
    pub(crate) inverse: [f32; N],
}

/// Where the results go; `gate` is empty if there is none.
struct Out<'a, const N: usize> {
    streams: [&'a mut [Chunk<i8>]; N],
    gate: &'a mut [Chunk],
}

impl<const N: usize> Shift<N> {
    const GATED: bool = N == 3;

    /// Adds what is to be added to x and keeps the normalised vectors. All are kept before any is read: what a row
    /// reads must not depend on its place in the batch.
    #[inline(always)]
    fn keep<S: Simd>(&self, s: S, x: &mut [f32], delta: Option<&[i32]>, sites: &[[i32; SITE]], ring: &mut [Chunk]) {
        let width = self.mix.len();
        let mut sum: Vec<Chunk> = vec![[0.0; LANES]; width];
        for (row, (x, site)) in chunks_mut(x).chunks_exact_mut(width).zip(sites).enumerate() {
            if let (Some(delta), Some(scale)) = (delta, &self.delta) {
                residual(s, x, &chunks(delta)[row * width..][..width], chunks(scale), &mut sum);
                x.copy_from_slice(&sum);
            }
            rms(s, x, &mut ring[site[0] as usize * width..][..width]);
        }
    }

    #[inline(always)]
    fn mix<S: Simd>(&self, s: S, sites: &[[i32; SITE]], ring: &[Chunk], out: &mut Out<'_, N>) {
        let zeros = vec![[0.0; LANES]; self.mix.len()];
        for (row, &[here, left, far]) in sites.iter().enumerate() {
            let here = kept(ring, &zeros, here);
            let left = kept(ring, &zeros, left);
            let far = kept(ring, &zeros, far);
            let at = row * zeros.len();
            for i in 0..zeros.len() {
                let here = load(s, &here[i]);
                let (left, far) = (load(s, &left[i]) - here, load(s, &far[i]) - here);
                for n in 0..N {
                    let mix = &self.mix[i][n];
                    let x = here + left * load(s, &mix.left) + far * load(s, &mix.far);
                    quantise(s, x, self.inverse[n], &mut out.streams[n][at + i]);
                    if Self::GATED && n == 0 {
                        gate(s, x).store_array(&mut out.gate[at + i]);
                    }
                }
            }
        }
    }
}

/// The kept vector at `place`, or zeros.
#[inline(always)]
fn kept<'a>(ring: &'a [Chunk], zeros: &'a [Chunk], place: i32) -> &'a [Chunk] {
    usize::try_from(place).map_or(zeros, |at| &ring[at * zeros.len()..][..zeros.len()])
}

impl<const N: usize> Kernel for Shift<N> {
    type State = Vec<Chunk>;
    const NAME: &'static str = "Shift";

    fn outputs(&self) -> TVec<(DatumType, usize)> {
        let width = self.mix.len() * LANES;
        let mut outputs: TVec<_> = tvec![(DatumType::I8, width); N];
        if Self::GATED {
            outputs.push((DatumType::F32, width));
        }
        if self.delta.is_some() {
            outputs.push((DatumType::F32, width));
        }
        outputs
    }

    fn run(&self, level: Level, ring: &mut Vec<Chunk>, mut inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let delta = self.delta.is_some().then(|| inputs.remove(2));
        let delta = delta.as_deref().map(values::<i32>).transpose()?;
        let input = inputs.swap_remove(0);
        let sites = values::<i32>(&inputs[0])?.as_chunks::<SITE>().0;
        let (batch, width) = (sites.len(), self.mix.len());
        let shape = [batch, width * LANES];
        ensure!(input.shape() == shape, "{:?} is no input for {batch} sites", input.shape());
        ensure!(delta.is_none_or(|d| d.len() == batch * width * LANES), "an addition of another shape");
        let last = sites.as_flattened().iter().copied().max().unwrap_or(0);
        ensure!(sites.iter().all(|site| site[0] >= 0), "a site without a place");
        // Places come in slots; a whole slot exists or none of it.
        let places = (last as u32 / RING + 1) as usize * RING as usize;
        if ring.len() < places * width {
            ring.resize(places * width, [0.0; LANES]);
        }

        let mut x = input.into_tensor();
        let mut view = x.try_as_plain_ram_mut()?;
        let values = view.as_slice_mut::<f32>()?;
        dispatch!(level, s => self.keep(s, values, delta, sites, ring));

        let mut outs: TVec<Tensor> = self.outputs()[..N + usize::from(Self::GATED)]
            .iter()
            .map(|o| Tensor::zero_dt(o.0, &shape))
            .collect::<TractResult<_>>()?;
        {
            let (streams, gates) = outs.split_at_mut(N);
            let mut views = streams.iter_mut().map(Tensor::try_as_plain_ram_mut).collect::<TractResult<Vec<_>>>()?;
            let mut streams = Vec::with_capacity(N);
            for view in &mut views {
                streams.push(chunks_mut(view.as_slice_mut::<i8>()?));
            }
            let streams = streams.try_into().map_err(|_| format_err!("one view for each stream"))?;
            let mut view = gates.first_mut().map(Tensor::try_as_plain_ram_mut).transpose()?;
            let gate = view.as_mut().map_or(Ok(&mut [][..]), |v| v.as_slice_mut::<f32>())?;
            let mut out = Out { streams, gate: chunks_mut(gate) };
            dispatch!(level, s => self.mix(s, sites, ring, &mut out));
        }
        let mut outs: TVec<TValue> = outs.into_iter().map(IntoTValue::into_tvalue).collect();
        if self.delta.is_some() {
            outs.push(x.into_tvalue());
        }
        Ok(outs)
    }
}
