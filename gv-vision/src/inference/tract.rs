//! ONNX files run by tract, in Rust.

use super::inputs::{ChooseInputs, Held, ModelLimits};
use super::model::check_inputs;
use super::onnx_file::{OnnxFile, guarded};
use super::{InferenceModel, Port, Tensor, branch, strips};
use crate::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use tract_onnx::pb;
use tract_onnx::prelude::*;

/// An ONNX model, run by tract.
#[derive(Debug)]
pub struct TractModel {
    name: String,
    inputs: Vec<Port>,
    outputs: Vec<Port>,
    plan: Arc<TypedRunnableModel>,
}

impl TractModel {
    /// Reads and prepares a model with one picture as input.
    ///
    /// Size, operator set, shapes and weights are checked before memory is taken for them. Weights
    /// in other files are refused.
    ///
    /// # Errors
    ///
    /// [`Error::ModelFile`] where the file cannot be read, [`Error::Model`] where it is too large,
    /// no ONNX, or not a model with one picture as input.
    pub fn open(path: &Path, limits: ModelLimits) -> Result<Self> {
        Self::open_with(path, limits, &|ports| limits.picture(ports))
    }

    /// Reads and prepares a model whose inputs are what `choose` says.
    ///
    /// # Errors
    ///
    /// Those of [`TractModel::open`].
    pub fn open_with(path: &Path, limits: ModelLimits, choose: ChooseInputs<'_>) -> Result<Self> {
        let refused = |message: String| Error::Model { path: path.to_owned(), message };
        let file = OnnxFile::read(path, limits, choose)?;
        guarded(|| prepare(file))
            .unwrap_or_else(|| Err(TractError::msg("the model is malformed")))
            .map_err(|error| refused(format!("{error:#}")))
    }
}

/// The plan by which tract runs a model.
fn prepare(file: OnnxFile) -> TractResult<TractModel> {
    let OnnxFile { name, mut proto, inputs: Held { tensors: inputs, numbers }, outputs, .. } = file;
    if let Some(graph) = proto.graph.as_mut() {
        settle(graph);
        for (name, value) in numbers {
            graph.initializer.push(number(name, value));
        }
    }
    let mut onnx = onnx();
    onnx.op_register.insert("If", branch::branch);
    let mut model = onnx.model_for_proto_model(&proto)?;
    model.set_input_names(inputs.iter().map(|port| &port.name))?;
    for (at, port) in inputs.iter().enumerate() {
        let shape: TVec<usize> = port.shape.iter().map(|size| size.unwrap_or(1)).collect();
        model.set_input_fact(at, InferenceFact::dt_shape(f32::datum_type(), shape))?;
    }
    let mut model = model.into_typed()?;
    strips::fuse(&mut model)?;
    let model = model.into_decluttered()?.into_optimized()?;
    let outputs = outputs.into_iter().enumerate().map(|(at, name)| {
        let size = |dim: &TDim| dim.to_i64().ok().and_then(|size| usize::try_from(size).ok());
        Ok(Port { name, shape: model.output_fact(at)?.shape.iter().map(size).collect() })
    });
    let outputs = outputs.collect::<TractResult<_>>()?;
    Ok(TractModel { name, inputs, outputs, plan: model.into_runnable()? })
}

/// A whole number as weights of a file; a weight with an input's name is that input's value.
fn number(name: String, value: i64) -> pb::TensorProto {
    let data_type = pb::tensor_proto::DataType::Int64.into();
    pb::TensorProto { name, data_type, int64_data: vec![value], ..pb::TensorProto::default() }
}

/// Shapes past the input follow from the input; those that the file states may be open where the input's are not.
/// Nodes are called by what they give, which is unique where their own names need not be.
fn settle(graph: &mut pb::GraphProto) {
    graph.value_info.clear();
    for output in &mut graph.output {
        let value = output.r#type.as_mut().and_then(|kind| kind.value.as_mut());
        if let Some(pb::type_proto::Value::TensorType(tensor)) = value {
            tensor.shape = None;
        }
    }
    for node in &mut graph.node {
        node.name.clear();
        node.attribute.iter_mut().filter_map(|attribute| attribute.g.as_mut()).for_each(settle);
    }
}

impl InferenceModel for TractModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn inputs(&self) -> &[Port] {
        &self.inputs
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let failed = |message: String| Error::ModelRun { message };
        check_inputs(inputs, &self.inputs)?;
        let run = || -> TractResult<Vec<(Vec<usize>, Vec<f32>)>> {
            let value = |input: &Tensor| {
                Ok(tract_onnx::prelude::Tensor::from_shape(input.shape(), input.data())?.into())
            };
            let outputs = self.plan.run(inputs.iter().map(value).collect::<TractResult<_>>()?)?;
            let plain = |output: &TValue| {
                let numbers = output.cast_to::<f32>()?;
                let view = numbers.to_plain_array_view::<f32>()?;
                let data = match view.as_slice() {
                    Some(in_order) => in_order.to_vec(),
                    None => view.iter().copied().collect(),
                };
                Ok((output.shape().to_vec(), data))
            };
            outputs.iter().map(plain).collect()
        };
        let outputs = guarded(run)
            .ok_or_else(|| failed("the network failed while running".to_owned()))?
            .map_err(|error| failed(format!("{error:#}")))?;
        outputs.into_iter().map(|(shape, data)| Tensor::new(shape, data)).collect()
    }
}
