//! Convolutions in tract, faster: chains of small layers that run row by row.
//!
//! Networks for processors are chains of convolutions with little arithmetic each, so that moving whole pictures between
//! memory and processor is most of the work. [`fuse`] replaces such chains in tract's graph by one operation that carries
//! each row through all layers before it takes the next. The rest of the graph stays tract's.

mod chain;
mod find;
mod kernel;
mod rows;
mod stage;

use chain::Chain;
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

/// Replaces the chains of layers that are understood here, in a graph as it comes from the file.
///
/// # Errors
///
/// Those of tract for a graph that does not hold together.
pub(super) fn fuse(model: &mut TypedModel) -> TractResult<()> {
    for found in find::chains(model)? {
        let (Some(first), Some(last)) = (found.nodes.first(), found.nodes.last()) else { continue };
        let mut patch = TypedModelPatch::default();
        let input = patch.tap_model(model, model.node(*first).inputs[0])?;
        let name = format!("{}.strips", model.node(*last).name);
        let output = patch.wire_node(name, Strips(Arc::new(found.chain)), &[input])?;
        patch.shunt_outside(model, OutletId::new(*last, 0), output[0])?;
        patch.apply(model)?;
    }
    Ok(())
}

/// A chain of layers as an operation of tract's.
#[derive(Debug, Clone)]
struct Strips(Arc<Chain>);

impl PartialEq for Strips {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Strips {}

impl Op for Strips {
    fn name(&self) -> StaticName {
        "Strips".into()
    }

    fn validation(&self) -> Validation {
        Validation::Rounding
    }

    op_as_typed_op!();
}

impl EvalOp for Strips {
    op_out_of_plan!();

    fn eval(&self, _: &EvalContext<'_>, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let shape = self.0.output();
        let shape = [1, shape.channels, shape.height, shape.width];
        #[allow(unsafe_code, reason = "zeros that are overwritten cost as much as a small layer")]
        // SAFETY: the numbers are plain, and the chain writes all of them.
        let mut output = unsafe { Tensor::uninitialized::<f32>(&shape)? };
        let view = inputs[0].to_plain_array_view::<f32>()?;
        let input = view.as_slice().context("the input's numbers do not lie in order")?;
        self.0.run(input, output.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Strips {
    fn output_facts(&self, _: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let shape = self.0.output();
        Ok(tvec!(f32::fact([1, shape.channels, shape.height, shape.width])))
    }

    as_op!();
}
