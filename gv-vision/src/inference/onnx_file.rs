//! ONNX files: what is checked before a runtime sees one.

use super::Port;
use super::inputs::{ChooseInputs, Held, ModelLimits, held};
use crate::{Error, Result};
use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tract_onnx::pb;
use tract_onnx::prelude::Framework;

/// The operator sets that are understood.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=24;
/// `TensorProto.DataLocation.EXTERNAL`: the numbers are in another file.
const EXTERNAL: i32 = 1;

/// An ONNX model, checked, not yet prepared for running.
pub(super) struct OnnxFile {
    /// The file's name.
    pub(super) name: String,
    /// The file's bytes.
    #[cfg(feature = "onnxruntime")]
    pub(super) bytes: Vec<u8>,
    /// The file, parsed.
    pub(super) proto: pb::ModelProto,
    /// The inputs.
    pub(super) inputs: Held,
    /// Names of the outputs.
    pub(super) outputs: Vec<String>,
}

impl OnnxFile {
    /// Reads and checks a file.
    ///
    /// Size, operator set, shapes and weights are checked before memory is taken for them. Weights
    /// in other files are refused.
    ///
    /// # Errors
    ///
    /// [`Error::ModelFile`] where the file cannot be read, [`Error::Model`] where it is too large,
    /// no ONNX, or its inputs are none that `choose` takes.
    pub(super) fn read(path: &Path, limits: ModelLimits, choose: ChooseInputs<'_>) -> Result<Self> {
        let refused = |message: String| Error::Model { path: path.to_owned(), message };
        let bytes = read(path, limits.file_bytes)?;
        let proto = guarded(|| tract_onnx::onnx().proto_model_for_read(&mut bytes.as_slice()))
            .ok_or_else(|| refused("the model is malformed".to_owned()))?
            .map_err(|error| refused(format!("{error:#}")))?;
        let graph = check(&proto, bytes.len()).map_err(refused)?;
        let ports = ports(graph).map_err(refused)?;
        let inputs = held(ports, choose).map_err(refused)?;
        let outputs = graph.output.iter().map(|port| port.name.clone()).collect();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self {
            name: name.unwrap_or_default(),
            #[cfg(feature = "onnxruntime")]
            bytes,
            proto,
            inputs,
            outputs,
        })
    }
}

/// A malformed model may make the parser or tract panic; that is an error like others here.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
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
    check_weights(graph, file_bytes)?;
    Ok(graph)
}

/// Checks the numbers of a graph and of the graphs inside of it.
fn check_weights(graph: &pb::GraphProto, file_bytes: usize) -> Result<(), String> {
    let attributes = || graph.node.iter().flat_map(|node| &node.attribute);
    let constants = attributes().filter_map(|attribute| attribute.t.as_ref());
    for weights in graph.initializer.iter().chain(constants) {
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
    let inner = attributes().filter_map(|attribute| attribute.g.as_ref());
    inner.into_iter().try_for_each(|graph| check_weights(graph, file_bytes))
}

/// Names and shapes of the inputs that no weight fills.
fn ports(graph: &pb::GraphProto) -> Result<Vec<Port>, String> {
    use pb::tensor_shape_proto::dimension::Value;
    let is_weight = |name: &str| graph.initializer.iter().any(|weights| weights.name == name);
    let size = |dim: &pb::tensor_shape_proto::Dimension| match dim.value {
        Some(Value::DimValue(size)) if size > 0 => usize::try_from(size).ok(),
        _ => None,
    };
    let port = |input: &pb::ValueInfoProto| {
        let value = input.r#type.as_ref().and_then(|kind| kind.value.as_ref());
        let Some(pb::type_proto::Value::TensorType(tensor)) = value else {
            return Err(format!("the model's input {:?} is no tensor", input.name));
        };
        let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
        Ok(Port { name: input.name.clone(), shape: dims.map(size).collect() })
    };
    graph.input.iter().filter(|port| !is_weight(&port.name)).map(port).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pb::tensor_shape_proto::{Dimension, dimension::Value};

    fn port(name: &str, sides: &[i64]) -> pb::ValueInfoProto {
        let dim = sides.iter().map(|&side| {
            // A negative side stands for one that the file leaves open.
            let value = (side >= 0).then_some(Value::DimValue(side));
            Dimension { value, ..Dimension::default() }
        });
        let shape = Some(pb::TensorShapeProto { dim: dim.collect() });
        let tensor = pb::type_proto::Tensor { elem_type: 1, shape };
        let value = Some(pb::type_proto::Value::TensorType(tensor));
        let kind = Some(pb::TypeProto { value, ..pb::TypeProto::default() });
        pb::ValueInfoProto { name: name.to_owned(), r#type: kind, ..pb::ValueInfoProto::default() }
    }

    fn model(opset: i64, weights: pb::TensorProto) -> pb::ModelProto {
        let set = pb::OperatorSetIdProto { domain: String::new(), version: opset };
        let graph = pb::GraphProto {
            input: vec![port("picture", &[1, 3, 64, 48]), port(&weights.name, &[1])],
            initializer: vec![weights],
            ..pb::GraphProto::default()
        };
        pb::ModelProto { opset_import: vec![set], graph: Some(graph), ..pb::ModelProto::default() }
    }

    fn weights(dims: &[i64]) -> pb::TensorProto {
        let (name, dims) = ("w".to_owned(), dims.to_vec());
        pb::TensorProto { name, dims, ..pb::TensorProto::default() }
    }

    #[test]
    fn operator_sets_that_are_not_understood_are_named() {
        assert!(check(&model(13, weights(&[2])), 1000).is_ok());
        for opset in [0, 6, 25, 99, -1] {
            let error = check(&model(opset, weights(&[2])), 1000).unwrap_err();
            assert!(error.contains(&format!("is {opset}, allowed is 7 to 24")), "{error}");
        }
        assert!(check(&pb::ModelProto::default(), 0).unwrap_err().contains("no graph"));
    }

    #[test]
    fn weights_that_the_file_cannot_hold_are_refused_before_they_take_memory() {
        for dims in [&[1 << 40][..], &[1 << 40, 1 << 40], &[-3], &[i64::MAX, i64::MAX, 4]] {
            let error = check(&model(13, weights(dims)), 1000).unwrap_err();
            assert!(error.contains("more than the file holds"), "{error}");
        }
        let mut inside = model(13, weights(&[2]));
        let branch = pb::AttributeProto {
            g: model(13, weights(&[1 << 40])).graph,
            ..pb::AttributeProto::default()
        };
        let node = pb::NodeProto { attribute: vec![branch], ..pb::NodeProto::default() };
        inside.graph.as_mut().unwrap().node.push(node);
        assert!(check(&inside, 1000).unwrap_err().contains("more than the file holds"));
        let mut elsewhere = weights(&[2]);
        elsewhere.data_location = Some(EXTERNAL);
        let error = check(&model(13, elsewhere), 1000).unwrap_err();
        assert!(error.contains("in another file"), "{error}");
    }

    #[test]
    fn an_input_is_a_tensor_that_no_weight_fills() {
        let mut model = model(13, weights(&[2]));
        let graph = model.graph.as_mut().unwrap();
        graph.input.push(port("rest", &[-1, 8]));
        let shape = |sides: &[Option<usize>]| sides.to_vec();
        let picture = shape(&[Some(1), Some(3), Some(64), Some(48)]);
        let expected = [
            Port { name: "picture".to_owned(), shape: picture },
            Port { name: "rest".to_owned(), shape: shape(&[None, Some(8)]) },
        ];
        assert_eq!(ports(graph).unwrap(), expected);
        graph.input[0].r#type = None;
        assert!(ports(graph).unwrap_err().contains("\"picture\" is no tensor"));
    }
}
