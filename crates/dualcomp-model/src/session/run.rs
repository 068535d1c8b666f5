//! A graph of one operator with its state.

use std::sync::Arc;

use tract_core::internal::*;

use super::graph::Plan;
use crate::error::ModelError;
use crate::operator::exclusive;
use crate::trunk::shift::{PLACE, Place};

/// A graph of one operator with its state, and its inputs, which are written over from run to run.
pub(super) struct Run {
    state: TypedSimpleState,
    operator: usize,
    inputs: [Arc<Tensor>; 2],
}

impl Run {
    pub(super) fn new(plan: &Plan) -> TractResult<Self> {
        let mut state = plan.spawn()?;
        let operator = plan.model().output_outlets()?[0].node;
        state.turn_state.values.resize(plan.model().nodes().len(), None);
        Ok(Self { state, operator, inputs: Default::default() })
    }

    /// Input `i` with this shape, to be filled.
    pub(super) fn input<T: Datum>(
        &mut self,
        i: usize,
        shape: [usize; 2],
        fill: impl FnOnce(&mut [T]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        let tensor = exclusive::<T>(&mut self.inputs[i], shape).map_err(ModelError::graph)?;
        let mut view = tensor.try_as_plain_ram_mut().map_err(ModelError::graph)?;
        fill(view.as_slice_mut().map_err(ModelError::graph)?)
    }

    pub(super) fn places(
        &mut self,
        rows: usize,
        fill: impl FnOnce(&mut [Place]) -> Result<(), ModelError>,
    ) -> Result<(), ModelError> {
        self.input::<i32>(1, [rows, PLACE], |places| fill(places.as_chunks_mut().0))
    }

    /// Runs the operator on the inputs; `first` stands for the first one if there is one. It checks them itself: to
    /// match their shapes with the symbols of the graph first, as a run of the whole does, takes as long as a row.
    pub(super) fn run(&mut self, first: Option<&Arc<Tensor>>) -> Result<Arc<Tensor>, ModelError> {
        let first = first.unwrap_or(&self.inputs[0]).clone();
        let inputs = tvec![first.into_tvalue(), self.inputs[1].clone().into_tvalue()];
        self.state.compute_one_with_inputs(self.operator, inputs).map_err(ModelError::graph)?;
        let outputs = self.state.turn_state.values[self.operator].take();
        Ok(outputs.and_then(|mut outputs| outputs.pop()).ok_or(ModelError::Shape)?.into_arc_tensor())
    }
}
