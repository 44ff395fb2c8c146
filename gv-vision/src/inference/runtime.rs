//! Which runtime runs a network, and on what.

use super::{ChooseInputs, InferenceModel, ModelLimits};
use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// What runs networks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Runtime {
    /// tract, in Rust, on the processor.
    #[default]
    Tract,
    /// ONNX Runtime, a library that is looked for when a model is opened (feature `onnxruntime`).
    OnnxRuntime {
        /// What it runs on.
        device: Device,
        /// The library. By default the one that `ORT_DYLIB_PATH` names, else the one inside of an `onnxruntime` or
        /// `onnxruntime-gpu` package of the active Python environment, else what the system finds under its name.
        library: Option<PathBuf>,
    },
}

/// What a network runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA card, by its number.
    Cuda(u32),
}

impl Runtime {
    /// The runtime of a name, `tract` or `onnxruntime`, and of a device, `cpu`, `cuda` or `cuda:N`.
    ///
    /// A card without a runtime means ONNX Runtime, which alone can use one; without both it is tract.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidParameter`] for other names, and for tract on a card.
    pub fn named(name: Option<&str>, device: Option<&str>) -> Result<Self> {
        let refused = |name, given: &str, allowed| {
            Err(Error::InvalidParameter { name, given: format!("{given:?}"), allowed })
        };
        let on = match device {
            None | Some("cpu") => Device::Cpu,
            Some("cuda") => Device::Cuda(0),
            Some(other) => match other.strip_prefix("cuda:").map(str::parse) {
                Some(Ok(number)) => Device::Cuda(number),
                _ => return refused("device", other, "cpu, cuda or cuda:N"),
            },
        };
        match (name, on) {
            (None | Some("tract"), Device::Cpu) => Ok(Self::Tract),
            (Some("tract"), Device::Cuda(_)) => {
                let device = device.unwrap_or_default();
                refused("device", device, "cpu with tract; a card needs onnxruntime")
            }
            (None | Some("onnxruntime"), device) => Ok(Self::OnnxRuntime { device, library: None }),
            (Some(other), _) => refused("runtime", other, "tract or onnxruntime"),
        }
    }

    /// Takes the library that `find` finds, where this is ONNX Runtime and neither this nor `ORT_DYLIB_PATH` names one.
    #[must_use]
    pub fn with_library(self, find: impl FnOnce() -> Option<PathBuf>) -> Self {
        let is_named = std::env::var_os("ORT_DYLIB_PATH").is_some_and(|path| !path.is_empty());
        match self {
            Self::OnnxRuntime { device, library: None } if !is_named => {
                Self::OnnxRuntime { device, library: find() }
            }
            other => other,
        }
    }
}

/// Opens an ONNX model with one picture as input in a runtime.
///
/// # Errors
///
/// Those of [`open_model_with`].
pub(crate) fn open_model(path: &Path, runtime: &Runtime) -> Result<Box<dyn InferenceModel>> {
    open_model_with(path, runtime, &|ports| ModelLimits::default().picture(ports))
}

/// Opens an ONNX model in a runtime, with the inputs that `choose` wants.
///
/// # Errors
///
/// [`Error::ModelFile`] where the file cannot be read, [`Error::Model`] where it is too large, no ONNX, or `choose` refuses
/// its inputs, [`Error::Runtime`] where the runtime is not there, [`Error::NoModel`] where this build has none.
#[cfg_attr(not(feature = "onnx"), allow(unused_variables, reason = "nothing opens a file"))]
pub fn open_model_with(
    path: &Path,
    runtime: &Runtime,
    choose: ChooseInputs<'_>,
) -> Result<Box<dyn InferenceModel>> {
    match runtime {
        #[cfg(feature = "onnx")]
        Runtime::Tract => {
            let limits = ModelLimits::default();
            Ok(Box::new(super::TractModel::open_with(path, limits, choose)?))
        }
        #[cfg(feature = "onnxruntime")]
        Runtime::OnnxRuntime { device, library } => {
            let (limits, library) = (ModelLimits::default(), library.as_deref());
            let model = super::OnnxRuntimeModel::open_with(path, limits, *device, library, choose);
            Ok(Box::new(model?))
        }
        #[allow(unreachable_patterns, reason = "reached in builds without some of the runtimes")]
        Runtime::Tract => Err(without(path, "onnx")),
        #[allow(unreachable_patterns, reason = "reached in builds without some of the runtimes")]
        Runtime::OnnxRuntime { .. } => Err(without(path, "onnxruntime")),
    }
}

#[allow(dead_code, reason = "needed in builds without some of the runtimes")]
fn without(path: &Path, feature: &str) -> Error {
    Error::NoModel { what: format!("{}: built without the feature {feature}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_means_onnx_runtime_and_nothing_means_tract() {
        assert_eq!(Runtime::named(None, None).unwrap(), Runtime::Tract);
        assert_eq!(Runtime::named(Some("tract"), Some("cpu")).unwrap(), Runtime::Tract);
        let on = |device| Runtime::OnnxRuntime { device, library: None };
        assert_eq!(Runtime::named(None, Some("cuda")).unwrap(), on(Device::Cuda(0)));
        assert_eq!(Runtime::named(Some("onnxruntime"), None).unwrap(), on(Device::Cpu));
        assert_eq!(Runtime::named(None, Some("cuda:3")).unwrap(), on(Device::Cuda(3)));
    }

    #[test]
    fn other_names_are_refused_with_what_is_allowed() {
        let error = Runtime::named(Some("torch"), None).unwrap_err().to_string();
        assert_eq!(error, r#"runtime is "torch", allowed is tract or onnxruntime"#);
        for device in ["tpu", "cuda:", "cuda:-1", ""] {
            assert!(Runtime::named(None, Some(device)).is_err(), "{device}");
        }
        assert!(Runtime::named(Some("tract"), Some("cuda")).is_err());
    }
}
