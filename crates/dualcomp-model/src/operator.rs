//! Our own operators as nodes of a tract graph.

use std::fmt::Debug;
use std::sync::Arc;

use fearless_simd::Level;
use tract_core::internal::*;

/// What one of our operators does. Every input and the output has the batch as its first axis.
pub(crate) trait Kernel: Debug + Send + Sync + 'static {
    /// Kept from run to run in a session; starts as the default.
    type State: Debug + Default + Clone + Send;
    /// An element of the output.
    type Out: Datum;
    /// The operator's name in tract.
    const NAME: &'static str;
    /// Width of the output.
    fn width(&self) -> usize;
    /// Computes the output, which holds anything before.
    fn run(&self, level: Level, state: &mut Self::State, inputs: &[TValue], out: &mut [Self::Out]) -> TractResult<()>;
}

/// A [`Kernel`] as a tract operator.
#[derive(Debug)]
pub(crate) struct Fused<K> {
    kernel: Arc<K>,
    level: Level,
}

impl<K> Fused<K> {
    pub(crate) fn new(kernel: K, level: Level) -> Self {
        Self { kernel: Arc::new(kernel), level }
    }
}

impl<K> Clone for Fused<K> {
    fn clone(&self) -> Self {
        Self { kernel: self.kernel.clone(), level: self.level }
    }
}

/// Two operators are the same only if they share their parameters: states must not be merged.
impl<K> PartialEq for Fused<K> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.kernel, &other.kernel)
    }
}

impl<K> Eq for Fused<K> {}

impl<K: Kernel> Op for Fused<K> {
    fn name(&self) -> StaticName {
        K::NAME.into()
    }
    op_as_typed_op!();
}

impl<K: Kernel> EvalOp for Fused<K> {
    not_out_of_plan!();

    fn state(&self, _: &EvalContext<'_>) -> TractResult<Option<Box<dyn OpState>>> {
        let out = Arc::new(Tensor::zero_dt(K::Out::datum_type(), &[0, self.kernel.width()])?);
        Ok(Some(Box::new(Session { op: self.clone(), state: K::State::default(), out })))
    }
}

impl<K: Kernel> TypedOp for Fused<K> {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec![K::Out::datum_type().fact([inputs[0].shape[0].clone(), self.kernel.width().to_dim()])])
    }
    as_op!();
}

/// The state of one operator in one session.
#[derive(Debug)]
struct Session<K: Kernel> {
    op: Fused<K>,
    state: K::State,
    /// The last output, to be written over if it has the right size and the session does not hold it any more.
    out: Arc<Tensor>,
}

impl<K: Kernel> Clone for Session<K> {
    fn clone(&self) -> Self {
        Self { op: self.op.clone(), state: self.state.clone(), out: self.out.clone() }
    }
}

impl<K: Kernel> OpState for Session<K> {
    fn eval(&mut self, _: &EvalContext<'_>, _: &dyn Op, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let Fused { kernel, level } = &self.op;
        let out = exclusive::<K::Out>(&mut self.out, [inputs[0].shape()[0], kernel.width()])?;
        kernel.run(*level, &mut self.state, &inputs, out.try_as_plain_ram_mut()?.as_slice_mut()?)?;
        Ok(tvec![self.out.clone().into_tvalue()])
    }

    fn reset_lanes(&mut self, _: &[LaneId]) -> TractResult<()> {
        bail!("{} finds its lanes in the places it is given, not in tract's seating", K::NAME)
    }
}

/// The tensor to write to: a new one if the old one is in use or has another shape.
pub(crate) fn exclusive<T: Datum>(tensor: &mut Arc<Tensor>, shape: [usize; 2]) -> TractResult<&mut Tensor> {
    if tensor.shape() != shape || Arc::get_mut(tensor).is_none() {
        *tensor = Arc::new(Tensor::zero_dt(T::datum_type(), &shape)?);
    }
    Arc::get_mut(tensor).context("a tensor just made")
}

/// The elements of an input.
pub(crate) fn values<T: Datum>(tensor: &Tensor) -> TractResult<&[T]> {
    tensor.try_as_plain_ram()?.as_slice::<T>()
}
