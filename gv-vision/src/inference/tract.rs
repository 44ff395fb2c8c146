//! ONNX files run by tract, in Rust.

use super::onnx_file::{ModelLimits, OnnxFile, guarded};
use super::{InferenceModel, Port, Tensor, strips};
use crate::{Error, Result};
use std::path::Path;
use std::sync::Arc;
use tract_onnx::pb;
use tract_onnx::prelude::*;

/// An ONNX model with one picture as input, run by tract.
#[derive(Debug)]
pub struct TractModel {
    name: String,
    shape: [usize; 4],
    outputs: Vec<Port>,
    plan: Arc<TypedRunnableModel>,
}

impl TractModel {
    /// Reads and prepares a model.
    ///
    /// Size, operator set, shapes and weights are checked before memory is taken for them. Weights
    /// in other files are refused.
    ///
    /// # Errors
    ///
    /// [`Error::ModelFile`] where the file cannot be read, [`Error::Model`] where it is too large,
    /// no ONNX, or not a model with one picture as input.
    pub fn open(path: &Path, limits: ModelLimits) -> Result<Self> {
        let refused = |message: String| Error::Model { path: path.to_owned(), message };
        let file = OnnxFile::read(path, limits)?;
        guarded(|| prepare(file))
            .unwrap_or_else(|| Err(TractError::msg("the model is malformed")))
            .map_err(|error| refused(format!("{error:#}")))
    }
}

/// The plan by which tract runs a model.
fn prepare(file: OnnxFile) -> TractResult<TractModel> {
    let OnnxFile { name, mut proto, input, shape, outputs, .. } = file;
    forget_shapes(&mut proto);
    let mut model = onnx().model_for_proto_model(&proto)?;
    model.set_input_names([input])?;
    model.set_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), shape))?;
    let mut model = model.into_typed()?;
    strips::fuse(&mut model)?;
    let model = model.into_decluttered()?.into_optimized()?;
    let outputs = outputs.into_iter().enumerate().map(|(at, name)| {
        let size = |dim: &TDim| dim.to_i64().ok().and_then(|size| usize::try_from(size).ok());
        Ok(Port { name, shape: model.output_fact(at)?.shape.iter().map(size).collect() })
    });
    let outputs = outputs.collect::<TractResult<_>>()?;
    Ok(TractModel { name, shape, outputs, plan: model.into_runnable()? })
}

/// Shapes past the input follow from the input; those that the file states may be open where the input's are not.
fn forget_shapes(proto: &mut pb::ModelProto) {
    let Some(graph) = proto.graph.as_mut() else { return };
    graph.value_info.clear();
    for output in &mut graph.output {
        let value = output.r#type.as_mut().and_then(|kind| kind.value.as_mut());
        if let Some(pb::type_proto::Value::TensorType(tensor)) = value {
            tensor.shape = None;
        }
    }
}

impl InferenceModel for TractModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> (usize, usize) {
        let [_, _, height, width] = self.shape;
        (width, height)
    }

    fn channels(&self) -> usize {
        self.shape[1]
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let failed = |message: String| Error::ModelRun { message };
        let shape = self.shape;
        input.check_picture(shape)?;
        let run = || -> TractResult<Vec<(Vec<usize>, Vec<f32>)>> {
            let input = tract_onnx::prelude::Tensor::from_shape(&shape, input.data())?;
            let outputs = self.plan.run(tvec!(input.into()))?;
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
