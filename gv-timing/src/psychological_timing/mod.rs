//! When a viewer can take which message in (component 4).
//!
//! Little motion leaves room for a message, much motion draws the eye. A clip is cut into windows of one level,
//! and triggers are placed in them all together, in the order of an ad.
//!
//! # Examples
//!
//! ```
//! use gv_timing::psychological_timing::{MotionSample, TriggerType, optimize_trigger_placement};
//!
//! let sample = |i: i32| MotionSample {
//!     time: f64::from(i) * 0.5,
//!     energy: if i < 10 { 20.0 } else { 1.0 },
//!     has_face: Some(i < 10),
//! };
//! let plan = optimize_trigger_placement(&(0..40).map(sample).collect::<Vec<_>>())?;
//! assert_eq!(plan.windows.len(), 2);
//! assert_eq!(plan.recommended_structure[0].trigger, TriggerType::Hook);
//! # Ok::<(), gv_timing::Error>(())
//! ```

mod placement;
#[cfg(test)]
mod tests;
mod trigger;
mod window;

pub use placement::{PlacedTrigger, TriggerPlan, optimize_trigger_placement};
pub use trigger::{MotionLevel, Position, PsychologicalTrigger, TriggerFit, TriggerType};
pub use window::{Absorption, MotionSample, Thresholds, TriggerWindow, analyze_motion_windows};

use gv_vision::motion_energy::MotionAnalysis;

/// Takes a measured motion to samples; faces are unknown in it.
pub fn samples_of(motion: &MotionAnalysis) -> Vec<MotionSample> {
    motion
        .frames
        .iter()
        .map(|frame| MotionSample {
            time: frame.timestamp,
            energy: frame.motion.mean_energy,
            has_face: None,
        })
        .collect()
}
