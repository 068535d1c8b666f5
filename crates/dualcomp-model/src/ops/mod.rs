//! The operators between the matrix products of the network, as nodes of a tract graph. Each does all the work
//! between two products, since a node costs about 100 ns however little it does.

pub(crate) mod activate;
pub(crate) mod embed;
pub(crate) mod linear;
pub(crate) mod recurrence;
pub(crate) mod rows;
pub(crate) mod shift;
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod vnni;

use std::fmt::Debug;
use std::sync::Arc;

use fearless_simd::Level;
use tract_core::internal::*;

/// What one of our operators does. Every input and output has the batch as its first axis.
pub(crate) trait Kernel: Debug + Send + Sync + 'static {
    /// Kept from run to run in a session; starts as the default.
    type State: Debug + Default + Clone + Send;
    /// The operator's name in tract.
    const NAME: &'static str;
    /// Type and width of each output.
    fn outputs(&self) -> TVec<(DatumType, usize)>;
    /// Computes the outputs.
    fn run(&self, level: Level, state: &mut Self::State, inputs: TVec<TValue>) -> TractResult<TVec<TValue>>;
}

/// A [`Kernel`] as a tract operator.
#[derive(Debug)]
pub(crate) struct Fused<K>(Arc<K>);

impl<K> Fused<K> {
    pub(crate) fn new(kernel: K) -> Self {
        Self(Arc::new(kernel))
    }
}

impl<K> Clone for Fused<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// Two operators are the same only if they share their parameters: states must not be merged.
impl<K> PartialEq for Fused<K> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
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
        Ok(Some(Box::new(Session { kernel: self.0.clone(), level: Level::new(), state: K::State::default() })))
    }
}

impl<K: Kernel> TypedOp for Fused<K> {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let batch = &inputs[0].shape[0];
        Ok(self.0.outputs().into_iter().map(|(dt, width)| dt.fact([batch.clone(), width.to_dim()])).collect())
    }
    as_op!();
}

/// The state of one operator in one session.
#[derive(Debug)]
struct Session<K: Kernel> {
    kernel: Arc<K>,
    level: Level,
    state: K::State,
}

impl<K: Kernel> Clone for Session<K> {
    fn clone(&self) -> Self {
        Self { kernel: self.kernel.clone(), level: self.level, state: self.state.clone() }
    }
}

impl<K: Kernel> OpState for Session<K> {
    fn eval(&mut self, _: &EvalContext<'_>, _: &dyn Op, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        self.kernel.run(self.level, &mut self.state, inputs)
    }

    fn reset_lanes(&mut self, _: &[LaneId]) -> TractResult<()> {
        bail!("{} finds its lanes in the sites it is given, not in tract's seating", K::NAME)
    }
}

/// The elements of an input.
pub(crate) fn values<T: Datum>(tensor: &Tensor) -> TractResult<&[T]> {
    tensor.try_as_plain_ram()?.as_slice::<T>()
}
