//! The native half of the Python package `geminivideo`.
//!
//! What a notebook reads is Python (`python/geminivideo`); this module holds what is heavy. It takes
//! arrays and paths, calls the library with the interpreter lock released, and hands back plain Python
//! objects, of which the Python half makes its dataclasses.

use pyo3::prelude::*;

mod ads;
mod analysis;
mod arrays;
mod auto_retrain_pipeline;
mod budget_optimizer;
mod call;
mod capi_feedback_loop;
mod cli;
mod columns;
mod cross_campaign_learning;
mod elevenlabs_voice;
mod errors;
mod ffmpeg;
mod logging;
mod loser_kill_switch;
mod motion_energy;
mod motion_moment_sdk;
mod names;
mod numbers;
mod platform;
mod prediction_accuracy_tracker;
mod psychological_timing;
mod runway_gen3;
mod session;
mod store;
mod to_python;
mod variation_generator;
mod winning_patterns_db;

use to_python::to_python;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::analysis::{Analysis, analyze};
    #[pymodule_export]
    use crate::auto_retrain_pipeline::RetrainPipeline;
    #[pymodule_export]
    use crate::budget_optimizer::{BudgetOptimizer, budget_impact};
    #[pymodule_export]
    use crate::capi_feedback_loop::FeedbackLoop;
    #[pymodule_export]
    use crate::cli::cli;
    #[pymodule_export]
    use crate::cross_campaign_learning::CampaignLearner;
    #[pymodule_export]
    use crate::elevenlabs_voice::{
        ElevenLabs, MockElevenLabs, VoiceStream, captions, voice_tables,
    };
    #[pymodule_export]
    use crate::errors::error_table;
    #[pymodule_export]
    use crate::loser_kill_switch::{KillSwitch, kill_report};
    #[pymodule_export]
    use crate::motion_energy::{
        classify_motion, flow_energy, frame_diff_energy, frame_pair_motion, motion_energy,
        video_cut_points, video_motion,
    };
    #[pymodule_export]
    use crate::motion_moment_sdk::{
        check_fps, optimal_cut_points, temporal_window, video_attention, video_moments,
    };
    #[pymodule_export]
    use crate::platform::MetaPlatform;
    #[pymodule_export]
    use crate::prediction_accuracy_tracker::AccuracyTracker;
    #[pymodule_export]
    use crate::psychological_timing::{trigger_plan, trigger_table, trigger_windows};
    #[pymodule_export]
    use crate::runway_gen3::{MockRunway, Runway};
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::store::Store;
    #[pymodule_export]
    use crate::variation_generator::VariationGenerator;
    #[pymodule_export]
    use crate::winning_patterns_db::{PatternsDB, pattern_of_analysis};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::logging::install(module.py())
    }
}
