//! ONNX files run by tract, in Rust.

use super::{InferenceModel, Port, Tensor};
use crate::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use tract_onnx::pb;
use tract_onnx::prelude::*;

/// What a model may ask for. A model's file is not trusted.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ModelLimits {
    /// Bytes of the file; 256 MiB by default.
    pub file_bytes: u64,
    /// Longest side of the input picture, in pixels; 2048 by default.
    pub input_side: usize,
    /// Width and height for a model that leaves them open; 640 x 640 by default.
    pub open_size: (usize, usize),
}

impl Default for ModelLimits {
    fn default() -> Self {
        Self { file_bytes: 256 << 20, input_side: 2048, open_size: (640, 640) }
    }
}

/// The operator sets that are understood.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=24;
/// `TensorProto.DataLocation.EXTERNAL`: the numbers are in another file.
const EXTERNAL: i32 = 1;

/// An ONNX model with one picture as input, run by tract.
#[derive(Debug)]
pub struct TractModel {
    name: String,
    size: (usize, usize),
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
        let bytes = read(path, limits.file_bytes)?;
        let failed = |error: TractError| refused(format!("{error:#}"));
        guarded(|| {
            let onnx = onnx();
            let mut reader = bytes.as_slice();
            let mut proto = onnx.proto_model_for_read(&mut reader).map_err(failed)?;
            let graph = check(&proto, bytes.len()).map_err(refused)?;
            let (input, shape) = picture_input(graph, limits).map_err(refused)?;
            let names: Vec<String> = graph.output.iter().map(|port| port.name.clone()).collect();
            forget_shapes(&mut proto);
            let mut model = onnx.model_for_proto_model(&proto).map_err(failed)?;
            model.set_input_names([input]).map_err(failed)?;
            let fact = InferenceFact::dt_shape(f32::datum_type(), shape);
            model.set_input_fact(0, fact).map_err(failed)?;
            let model = model.into_optimized().map_err(failed)?;
            let outputs = names.into_iter().enumerate().map(|(at, name)| {
                let fact = model.output_fact(at).map_err(failed)?;
                let shape = fact
                    .shape
                    .iter()
                    .map(|dim| dim.to_i64().ok().and_then(|size| usize::try_from(size).ok()))
                    .collect();
                Ok(Port { name, shape })
            });
            let outputs = outputs.collect::<Result<_>>()?;
            let plan = model.into_runnable().map_err(failed)?;
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            let [_, _, height, width] = shape;
            Ok(Self { name: name.unwrap_or_default(), size: (width, height), outputs, plan })
        })
        .unwrap_or_else(|| Err(refused("the model is malformed".to_owned())))
    }
}

impl InferenceModel for TractModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> (usize, usize) {
        self.size
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn run(&self, input: &Tensor) -> Result<Vec<Tensor>> {
        let failed = |message: String| Error::ModelRun { message };
        let shape = [1, 3, self.size.1, self.size.0];
        if input.shape() != shape {
            return Err(failed(format!("the input is {:?}, allowed is {shape:?}", input.shape())));
        }
        let run = || -> TractResult<Vec<(Vec<usize>, Vec<f32>)>> {
            let input = tract_onnx::prelude::Tensor::from_shape(&shape, input.data())?;
            let outputs = self.plan.run(tvec!(input.into()))?;
            let plain = |output: &TValue| {
                let numbers = output.cast_to::<f32>()?;
                let data = numbers.to_plain_array_view::<f32>()?.iter().copied().collect();
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

/// A malformed model may make tract panic; that is an error like others here.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::ModelFile { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > most {
        let message = format!("the file is larger than {most} bytes, the most allowed");
        return Err(Error::Model { path: path.to_owned(), message });
    }
    Ok(bytes)
}

/// The graph, where its operator set is understood and its weights are inside of the file.
fn check(proto: &pb::ModelProto, file_bytes: usize) -> Result<&pb::GraphProto, String> {
    let graph = proto.graph.as_ref().ok_or("the file is no ONNX model: it has no graph")?;
    let standard = |set: &&pb::OperatorSetIdProto| set.domain.is_empty() || set.domain == "ai.onnx";
    let opset = proto.opset_import.iter().find(standard).map_or(1, |set| set.version);
    if !OPSETS.contains(&opset) {
        let (first, last) = (OPSETS.start(), OPSETS.end());
        return Err(format!("the operator set is {opset}, allowed is {first} to {last}"));
    }
    for weights in &graph.initializer {
        if weights.data_location == Some(EXTERNAL) {
            return Err(format!("the weights {:?} are in another file", weights.name));
        }
        let count = weights.dims.iter().try_fold(1_usize, |product, &size| {
            usize::try_from(size).ok().and_then(|size| product.checked_mul(size))
        });
        if count.is_none_or(|count| count > file_bytes.saturating_mul(2)) {
            let (name, dims) = (&weights.name, &weights.dims);
            return Err(format!("the weights {name:?} claim {dims:?}, more than the file holds"));
        }
    }
    Ok(graph)
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

/// Name and shape of the one input that is a picture.
fn picture_input(
    graph: &pb::GraphProto,
    limits: ModelLimits,
) -> Result<(String, [usize; 4]), String> {
    use pb::tensor_shape_proto::dimension::Value;
    let is_weight = |name: &str| graph.initializer.iter().any(|weights| weights.name == name);
    let inputs: Vec<_> = graph.input.iter().filter(|port| !is_weight(&port.name)).collect();
    let [input] = inputs.as_slice() else {
        return Err(format!("the model has {} inputs, allowed is one picture", inputs.len()));
    };
    let value = input.r#type.as_ref().and_then(|kind| kind.value.as_ref());
    let Some(pb::type_proto::Value::TensorType(tensor)) = value else {
        return Err("the model's input is no tensor".to_owned());
    };
    let dims: Vec<Option<i64>> = tensor
        .shape
        .iter()
        .flat_map(|shape| &shape.dim)
        .map(|dim| match dim.value {
            Some(Value::DimValue(size)) if size > 0 => Some(size),
            _ => None,
        })
        .collect();
    let (width, height) = limits.open_size;
    let shape = match dims.as_slice() {
        &[batch, channels, down, across]
            if batch.unwrap_or(1) == 1 && channels.unwrap_or(3) == 3 =>
        {
            let side = |given: Option<i64>, open| {
                given.map_or(Some(open), |size| usize::try_from(size).ok())
            };
            side(down, height).zip(side(across, width)).map(|(down, across)| [1, 3, down, across])
        }
        _ => None,
    };
    let fits =
        |shape: &[usize; 4]| shape[2..].iter().all(|side| (1..=limits.input_side).contains(side));
    shape.filter(fits).map(|shape| (input.name.clone(), shape)).ok_or_else(|| {
        let most = limits.input_side;
        format!(
            "the input {:?} is {dims:?}, allowed is [1, 3, height, width] up to {most} a side",
            input.name
        )
    })
}
