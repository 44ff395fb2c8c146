//! ONNX files run by ONNX Runtime, a library that is loaded when it is first needed.

mod library;

use super::inputs::{ChooseInputs, Held, ModelLimits};
use super::model::check_inputs;
use super::onnx_file::OnnxFile;
use super::{Device, InferenceModel, Port, Tensor};
use crate::parallel::Parallel;
use crate::{Error, Result};
use ort::ep::CUDA;
use ort::session::{Session, SessionInputValue};
use ort::value::{TensorRef, Value, ValueType};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// An ONNX model, run by ONNX Runtime.
///
/// It uses as many threads as `GV_NUM_THREADS` says, else as the process may use. It belongs to the process that
/// opened it.
#[derive(Debug)]
pub struct OnnxRuntimeModel {
    name: String,
    inputs: Held,
    outputs: Vec<Port>,
    process: u32,
    session: Mutex<Session>,
}

impl OnnxRuntimeModel {
    /// Reads and prepares a model with one picture as input. The file is checked as for tract before the library sees it.
    ///
    /// # Errors
    ///
    /// [`Error::ModelFile`] where the file cannot be read, [`Error::Model`] where it is too large, no ONNX, or not a
    /// model with one picture as input; [`Error::Runtime`] where the library is not there, is older than 1.17, or cannot
    /// use `device`; never the processor in place of a card.
    pub fn open(
        path: &Path,
        limits: ModelLimits,
        device: Device,
        library: Option<&Path>,
    ) -> Result<Self> {
        Self::open_with(path, limits, device, library, &|ports| limits.picture(ports))
    }

    /// Reads and prepares a model whose inputs are what `choose` says.
    ///
    /// # Errors
    ///
    /// Those of [`OnnxRuntimeModel::open`].
    pub fn open_with(
        path: &Path,
        limits: ModelLimits,
        device: Device,
        library: Option<&Path>,
        choose: ChooseInputs<'_>,
    ) -> Result<Self> {
        let file = OnnxFile::read(path, limits, choose)?;
        let environment = library::environment(library)?;
        let failed = |message: String| Error::Model { path: path.to_owned(), message };
        let threads = Parallel::new(None)?.num_threads();
        let mut builder = Session::builder(&environment)
            .and_then(|builder| Ok(builder.with_intra_threads(threads)?))
            .map_err(|error| Error::Runtime { message: error.to_string() })?;
        if let Device::Cuda(number) = device {
            let number = i32::try_from(number).unwrap_or(i32::MAX);
            let card = CUDA::default().with_device_id(number).build().error_on_failure();
            builder = builder.with_execution_providers([card]).map_err(|error| {
                let message = format!("ONNX Runtime cannot use card {number}: {error}");
                Error::Runtime { message }
            })?;
        }
        let session = builder
            .commit_from_memory(&file.bytes)
            .map_err(|error| failed(format!("ONNX Runtime: {error}")))?;
        let mut model = Self {
            name: file.name,
            inputs: file.inputs,
            outputs: session.outputs().iter().map(port).collect(),
            process: std::process::id(),
            session: Mutex::new(session),
        };
        model.settle()?;
        Ok(model)
    }

    /// Learns the shapes that the file leaves open from a run on nothing: a black picture, silence.
    fn settle(&mut self) -> Result<()> {
        if self.outputs.iter().all(|port| port.shape.iter().all(Option::is_some)) {
            return Ok(());
        }
        let nothing = self.inputs.tensors.iter().map(|port| {
            let shape: Vec<usize> = port.shape.iter().map(|size| size.unwrap_or(1)).collect();
            let count = shape.iter().product();
            Tensor::new(shape, vec![0.0; count])
        });
        let found = self.run(&nothing.collect::<Result<Vec<_>>>()?)?;
        for (port, found) in self.outputs.iter_mut().zip(found) {
            port.shape = found.shape().iter().map(|&size| Some(size)).collect();
        }
        Ok(())
    }
}

fn port(outlet: &ort::value::Outlet) -> Port {
    let shape = match outlet.dtype() {
        ValueType::Tensor { shape, .. } => {
            shape.iter().map(|&size| usize::try_from(size).ok()).collect()
        }
        _ => Vec::new(),
    };
    Port { name: outlet.name().to_owned(), shape }
}

impl InferenceModel for OnnxRuntimeModel {
    fn name(&self) -> &str {
        &self.name
    }

    fn inputs(&self) -> &[Port] {
        &self.inputs.tensors
    }

    fn outputs(&self) -> &[Port] {
        &self.outputs
    }

    fn run(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let failed = |message: String| Error::ModelRun { message };
        check_inputs(inputs, &self.inputs.tensors)?;
        if self.process != std::process::id() {
            let message = "a model of ONNX Runtime belongs to the process that opened it; open it \
                           again in this one"
                .to_owned();
            return Err(failed(message));
        }
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let mut run = || -> ort::Result<Vec<(Vec<i64>, Vec<f32>)>> {
            let mut given: Vec<(&str, SessionInputValue<'_>)> = Vec::new();
            for (port, input) in self.inputs.tensors.iter().zip(inputs) {
                let tensor = TensorRef::from_array_view((input.shape().to_vec(), input.data()))?;
                given.push((&port.name, tensor.into()));
            }
            for (name, value) in &self.inputs.numbers {
                let number = Value::from_array((Vec::<i64>::new(), vec![*value]))?;
                given.push((name, number.into()));
            }
            let outputs = session.run(given)?;
            let plain = |port: &Port| {
                let (shape, data) = outputs[port.name.as_str()].try_extract_tensor::<f32>()?;
                Ok((shape.to_vec(), data.to_vec()))
            };
            self.outputs.iter().map(plain).collect()
        };
        let outputs = run().map_err(|error| failed(error.to_string()))?;
        let tensor = |(shape, data): (Vec<i64>, Vec<f32>)| {
            Tensor::new(shape.into_iter().map(|size| size.max(0) as usize).collect(), data)
        };
        outputs.into_iter().map(tensor).collect()
    }
}
