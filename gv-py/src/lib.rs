//! The native half of the Python package `geminivideo`.
//!
//! What a notebook reads is Python (`python/geminivideo`); this module holds what is heavy. It takes
//! arrays and paths, calls the library with the interpreter lock released, and hands back plain Python
//! objects, of which the Python half makes its dataclasses.

use pyo3::prelude::*;

mod arrays;
mod call;
mod elevenlabs_voice;
mod errors;
mod logging;
mod motion_energy;
mod motion_moment_sdk;
mod runway_gen3;
mod session;
mod to_python;

use to_python::to_python;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::elevenlabs_voice::{
        ElevenLabs, MockElevenLabs, VoiceStream, captions, voice_tables,
    };
    #[pymodule_export]
    use crate::errors::error_table;
    #[pymodule_export]
    use crate::motion_energy::{classify_motion, flow_energy, motion_energy};
    #[pymodule_export]
    use crate::motion_moment_sdk::{check_fps, optimal_cut_points, temporal_window};
    #[pymodule_export]
    use crate::runway_gen3::{MockRunway, Runway};
    #[pymodule_export]
    use crate::session::Session;
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::logging::install(module.py())
    }
}
