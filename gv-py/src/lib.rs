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
mod checks;
mod cli;
mod columns;
mod config;
mod cross_campaign_learning;
mod cta_optimizer;
mod elevenlabs_voice;
mod errors;
mod face_weighted_analyzer;
mod ffmpeg;
mod hook_optimizer;
mod logging;
mod loser_kill_switch;
mod motion_energy;
mod motion_moment_sdk;
mod names;
mod numbers;
mod platform;
mod plugin;
mod precision_av_sync;
mod prediction_accuracy_tracker;
mod psychological_timing;
mod runtime;
mod runway_gen3;
mod scan;
mod session;
mod shots;
mod store;
mod tables;
mod to_python;
mod variation_generator;
mod voice;
mod winning_patterns_db;
mod yolo_face_detector;
mod yolo_object_detector;

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
    use crate::checks::{check_analysis, check_rules, check_video};
    #[pymodule_export]
    use crate::cli::cli;
    #[pymodule_export]
    use crate::config::{available_threads, current_settings, give_settings, read_settings};
    #[pymodule_export]
    use crate::cross_campaign_learning::CampaignLearner;
    #[pymodule_export]
    use crate::cta_optimizer::{
        analysis_cta, analysis_cta_timing, cta_for_goal, cta_sequence, cta_table, cta_variations,
        placements_table, sampled_cta_timing, video_cta,
    };
    #[pymodule_export]
    use crate::elevenlabs_voice::{
        ElevenLabs, MockElevenLabs, VoiceStream, captions, voice_tables,
    };
    #[pymodule_export]
    use crate::errors::error_table;
    #[pymodule_export]
    use crate::face_weighted_analyzer::{video_face_motion, weighted_motion};
    #[pymodule_export]
    use crate::hook_optimizer::{
        analysis_hook, best_hook_template, hook_table, video_hook, write_hook_script,
    };
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
    use crate::precision_av_sync::{
        cut_adjustments, listen, listen_samples, onset_strength, sync_points, sync_quality,
        visual_peaks,
    };
    #[pymodule_export]
    use crate::prediction_accuracy_tracker::AccuracyTracker;
    #[pymodule_export]
    use crate::psychological_timing::{trigger_plan, trigger_table, trigger_windows};
    #[pymodule_export]
    use crate::runway_gen3::{MockRunway, Runway};
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::shots::find_shots;
    #[pymodule_export]
    use crate::store::Store;
    #[pymodule_export]
    use crate::tables::{Table, analysis_table};
    #[pymodule_export]
    use crate::variation_generator::{LearnedModel, VariationGenerator, variation_features};
    #[pymodule_export]
    use crate::voice::Silero;
    #[pymodule_export]
    use crate::winning_patterns_db::{PatternsDB, pattern_of_analysis};
    #[pymodule_export]
    use crate::yolo_face_detector::FaceDetector;
    #[pymodule_export]
    use crate::yolo_object_detector::{ObjectDetector, object_tables};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        crate::logging::install(module.py())
    }
}
